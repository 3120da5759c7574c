"""L-BFGS-B in Fortran, with SciPy's interface and the original's results to the last bit.

Minimizes smooth functions of many variables, with bounds or without. Start with `fmin_l_bfgs_b`, or
with `LBFGSB` to keep the loop in your own hands.
"""

from __future__ import annotations

from lbfgsb77 import _build
from lbfgsb77._batch import BatchResult, minimize_batch
from lbfgsb77._check_gradient import GradientCheck, check_gradient
from lbfgsb77._curvature import Curvature, curvature
from lbfgsb77._fmin import fmin_l_bfgs_b
from lbfgsb77._minimize import minimize
from lbfgsb77._problem.options import OptimizeWarning
from lbfgsb77._run.backend import backend, build_info
from lbfgsb77._run.inverse_hessian import LbfgsInvHessProduct
from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._setulb import setulb, setulb_int
from lbfgsb77._solver import LBFGSB
from lbfgsb77._sum_of_parts import SumOfParts
from lbfgsb77._watch.history import History
from lbfgsb77._watch.progress import Progress
from lbfgsb77._watch.table import Table
from lbfgsb77.in_scipy import use_in_scipy

__version__ = _build.VERSION

__all__ = [
    "LBFGSB",
    "BatchResult",
    "Curvature",
    "GradientCheck",
    "History",
    "LbfgsInvHessProduct",
    "OptimizeResult",
    "OptimizeWarning",
    "Progress",
    "SumOfParts",
    "Table",
    "backend",
    "build_info",
    "check_gradient",
    "curvature",
    "fmin_l_bfgs_b",
    "minimize",
    "minimize_batch",
    "setulb",
    "setulb_int",
    "use_in_scipy",
]
