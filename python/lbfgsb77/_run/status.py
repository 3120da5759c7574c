"""Task strings of the kernel and of the driver, and what an ending means to a caller."""

from __future__ import annotations

from typing import Final

# First characters of the task, as bytes' values: enough to tell the kernel's answers apart.
EVALUATE: Final = ord("F")  # FG_START, FG_LNSRCH
NEW_ITERATE: Final = ord("N")  # NEW_X

GRADIENT_TEST: Final = "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL"
REDUCTION_TEST: Final = "CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH"
ITERATION_LIMIT: Final = "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"
EVALUATION_LIMIT: Final = "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT"
TIME_LIMIT: Final = "STOP: TIME EXCEEDS LIMIT"
TARGET_REACHED: Final = "STOP: F REACHED TARGET"
STEP_TOLERANCE: Final = "STOP: CHANGE OF X BELOW TOLERANCE"
ABNORMAL: Final = "ABNORMAL_TERMINATION_IN_LNSRCH"
NOISE: Final = "ABNORMAL: F IS NOT A FUNCTION OF X"
CALLBACK_HALT: Final = "STOP: CALLBACK REQUESTED HALT"
CALLER_HALT: Final = "STOP: CALLER REQUESTED HALT"

# A STOP task whose 7th to 9th characters are CPU makes the kernel put the last iterate back.
RESTORE_ITERATE: Final = "STOP: CPU"

ITERATION_ENDED: Final = "NEW_X"
TRIAL_WANTED: Final = "FG_LNSRCH"

# Between START and the first evaluation: the kernel takes the pairs that are in its store.
GIVEN_PAIRS: Final = "PAIRS"

CONVERGED: Final = 0
LIMIT_REACHED: Final = 1
STOPPED: Final = 2


# By the number that the kernel gives to the limit that is reached (fortran/state_layout.f).
LIMITS: Final = (
    "",
    ITERATION_LIMIT,
    EVALUATION_LIMIT,
    TIME_LIMIT,
    TARGET_REACHED,
    STEP_TOLERANCE,
)


def warnflag(task: str, limit: int) -> int:
    """0 if the run converged, 1 if a limit is reached, 2 for every other ending."""
    if task.startswith("CONV"):
        return CONVERGED
    return LIMIT_REACHED if limit else STOPPED
