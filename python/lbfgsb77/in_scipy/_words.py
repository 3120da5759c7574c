"""Endings and warnings in the words of the SciPy that is installed."""

from __future__ import annotations

from typing import Final

from lbfgsb77._run import status

# SciPy up to 1.14 has the words of the Fortran, which are this package's; from 1.15 on these.
_FROM_1_15: Final = {
    status.GRADIENT_TEST: "CONVERGENCE: NORM OF PROJECTED GRADIENT <= PGTOL",
    status.REDUCTION_TEST: "CONVERGENCE: RELATIVE REDUCTION OF F <= FACTR*EPSMCH",
    status.ITERATION_LIMIT: "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT",
    status.EVALUATION_LIMIT: "STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT",
    status.ABNORMAL: "ABNORMAL: ",
    status.NOISE: "ABNORMAL: ",
    "ERROR: M .LE. 0": "ERROR: M <= 0",
    "ERROR: FACTR .LT. 0": "ERROR: FACTR < 0",
}
_UP_TO_1_14: Final = {status.NOISE: status.ABNORMAL}

Version = tuple[int, int]


def message(task: str, scipy: Version) -> str:
    """What this SciPy calls an ending."""
    return (_UP_TO_1_14 if scipy < (1, 15) else _FROM_1_15).get(task, task)


# As SciPy 1.16 and 1.17 say it.
SILENT: Final = (
    "scipy.optimize: The `disp` and `iprint` options of the L-BFGS-B solver are deprecated and "
    "will be removed in SciPy 1.18.0."
)


def rows_shown(scipy: Version, disp: object, iprint: object) -> int | None:
    """How many iterations apart this SciPy prints, by these options; None where it is silent.

    SciPy up to 1.14 prints for ``iprint >= 0``, in whose place `disp` is taken if it is given.
    """
    if scipy >= (1, 15):
        return None
    if disp is not None:
        iprint = -1 if disp == 0 else disp
    try:
        level = int(iprint)  # type: ignore[call-overload]
    except (TypeError, ValueError):
        return None
    if level < 0:
        return None
    return max(level, 1) if 0 < level < 99 else (1 if level else 10**9)
