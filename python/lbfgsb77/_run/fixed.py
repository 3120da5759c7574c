"""Variables with equal bounds, taken out of a problem and put back into its results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._run.inverse_hessian import LbfgsInvHessProduct
from lbfgsb77._run.result import OptimizeResult


class FixedVariables:
    """Variables that have one possible value each.

    Parameters
    ----------
    lower, upper : ndarray of shape (n,)
        Bounds; where they are equal, the variable is fixed.

    Attributes
    ----------
    free : ndarray of shape (n,), bool
        The other variables.
    """

    __slots__ = ("_values", "free")

    def __init__(self, lower: NDArray[np.float64], upper: NDArray[np.float64]) -> None:
        self.free = lower != upper
        self._values = np.array(lower)

    @staticmethod
    def some_of(lower: NDArray[np.float64], upper: NDArray[np.float64]) -> bool:
        """Whether some variables are fixed, and not all."""
        fixed = lower == upper
        return bool(fixed.any() and not fixed.all())

    def expanded(self, x: NDArray[Any]) -> NDArray[Any]:
        """The point of all variables, from that of the free ones."""
        point = self._values.astype(x.dtype)
        point[self.free] = x
        return point

    def expanded_function(self, func: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """The function of the free variables alone."""
        return _OfFree(func, self)

    def expanded_result(self, result: OptimizeResult) -> OptimizeResult:
        """The result for all variables: of the fixed ones no derivative is known, so it is NaN."""
        jac = np.full(self.free.size, np.nan)
        jac[self.free] = result["jac"]
        expanded = OptimizeResult(result, x=self.expanded(result["x"]), jac=jac)
        if "hess_inv" in result:
            pairs = result["hess_inv"].sk, result["hess_inv"].yk
            expanded["hess_inv"] = LbfgsInvHessProduct(*map(self._expanded_rows, pairs))
        if "active_bounds" in result:
            fixed = int(np.count_nonzero(~self.free))
            expanded["active_bounds"] += fixed
            expanded["active_variables"] += fixed
        return expanded

    def _expanded_rows(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        expanded = np.zeros((len(rows), self.free.size))
        expanded[:, self.free] = rows
        return expanded


class _OfFree:
    """A function of the free variables that can be sent to other processes if ``func`` can."""

    __slots__ = ("func", "variables")

    def __init__(self, func: Callable[[Any], Any], variables: FixedVariables) -> None:
        self.func = func
        self.variables = variables

    def __call__(self, x: NDArray[Any]) -> Any:
        return self.func(self.variables.expanded(x))
