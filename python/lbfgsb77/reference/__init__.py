"""A reference for implementations of L-BFGS-B: problems, recorded runs, and their comparison.

`record` runs anything with the interface of ``scipy.optimize.fmin_l_bfgs_b`` or of
``scipy.optimize.minimize``, and by `Command` a program in any language, and records every
evaluation; `compare` finds where two recorded runs part, and which step of the iteration it is.
`problems` is a collection of test problems; `golden` gives the packaged run of a problem whose
objective is portable to the bit, and `export` writes such runs as files for tests that don't run
Python. On the command line: ``python -m lbfgsb77 reference``; in pytest: the fixture
``lbfgsb_reference``.

Examples
--------
Does this solver do what the original does?

>>> from lbfgsb77 import reference
>>> trace = reference.record("lbfgsb77:fmin_l_bfgs_b", "wood")
>>> reference.compare(reference.golden("wood"), trace).level
'bits'
"""

from __future__ import annotations

from lbfgsb77.reference import problems
from lbfgsb77.reference._check import Check, check
from lbfgsb77.reference._compare import compare
from lbfgsb77.reference._comparison import LEVELS, Comparison, Difference, Gap
from lbfgsb77.reference._faults import FAULTS, Fault
from lbfgsb77.reference._golden import PARTS_FROM_RELEASE, SETTINGS, golden, golden_runs
from lbfgsb77.reference._protocol import Command
from lbfgsb77.reference._record import record
from lbfgsb77.reference._replay import export
from lbfgsb77.reference._stages import STAGE_FIELDS, STAGES, Stage
from lbfgsb77.reference._trace import DEFAULTS, Evaluation, Outcome, Trace
from lbfgsb77.reference.problems import Problem, Solution

__all__ = [
    "DEFAULTS",
    "FAULTS",
    "LEVELS",
    "PARTS_FROM_RELEASE",
    "SETTINGS",
    "STAGES",
    "STAGE_FIELDS",
    "Check",
    "Command",
    "Comparison",
    "Difference",
    "Evaluation",
    "Fault",
    "Gap",
    "Outcome",
    "Problem",
    "Solution",
    "Stage",
    "Trace",
    "check",
    "compare",
    "export",
    "golden",
    "golden_runs",
    "problems",
    "record",
]
