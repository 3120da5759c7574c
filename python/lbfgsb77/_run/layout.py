"""Where the numbers of a run stand in its three packed arrays.

The first part repeats names and numbers of ``fortran/state_layout.f``, which count from 1; the
division of ``wa`` is that of ``fortran/setulb.f``. A test compares both. Nothing else in the
package knows a length or a slot number.
"""

from __future__ import annotations

from typing import Final, NamedTuple

# isave, dsave
I_TOLD: Final = 1
I_JUMP: Final = 8
I_REPEATS: Final = 21
I_NOT_FINITE: Final = 23
I_NOT_FINITE_KIND: Final = 24
I_SKIPPED: Final = 26
I_HEAD: Final = 27
I_PAIRS: Final = 28
I_SEGMENTS: Final = 33
I_EVALUATIONS: Final = 36
I_SUBSPACE_END: Final = 37
I_FREE: Final = 38
I_ACTIVE: Final = 39
I_ENTERING: Final = 41
I_BRACKETED: Final = 43
I_STAGE: Final = 44
D_THETA: Final = 1
D_F_OLD: Final = 2
D_NORM_D: Final = 4
D_SLOPE: Final = 11
D_LARGEST_STEP: Final = 12
D_GRADIENT_NORM: Final = 13
D_STEP: Final = 14
D_FIRST_SLOPE: Final = 15
D_DTD: Final = 16
D_SEARCH: Final = 17

# The packed reals
R_F: Final = 1
R_FACTR: Final = 2
R_PGTOL: Final = 3
R_MAXFUN: Final = 4
R_MAXITER: Final = 5
R_MAXTIME: Final = 6
R_FTARGET: Final = 7
R_XTOL: Final = 8
R_TIME: Final = 9
R_COST: Final = 10
R_NFEV: Final = 11
R_LAST_STEP: Final = 12
R_DSAVE: Final = 13
R_X: Final = 42

# The packed integers
K_N: Final = 1
K_M: Final = 2
K_MAXLS: Final = 3
K_ANSWERED: Final = 4
K_NJEV: Final = 5
K_NIT: Final = 6
K_LIMIT: Final = 7
K_IN_SEARCH: Final = 8
K_ISAVE: Final = 9
K_LSAVE: Final = 53
K_NBD: Final = 57

# The same places as Python counts, under the names by which the package reads and writes them.
F: Final = R_F - 1
FACTR: Final = R_FACTR - 1
PGTOL: Final = R_PGTOL - 1
MAXFUN: Final = R_MAXFUN - 1
MAXITER: Final = R_MAXITER - 1
MAXTIME: Final = R_MAXTIME - 1
FTARGET: Final = R_FTARGET - 1
XTOL: Final = R_XTOL - 1
TIME: Final = R_TIME - 1
COST: Final = R_COST - 1
NFEV: Final = R_NFEV - 1
LAST_STEP: Final = R_LAST_STEP - 1
VECTORS: Final = R_X - 1
_DSAVE: Final = R_DSAVE - 2
F_OLD: Final = _DSAVE + D_F_OLD
LENGTH: Final = _DSAVE + D_NORM_D  # of the search direction
PROJECTED_GRADIENT_NORM: Final = _DSAVE + D_GRADIENT_NORM
STEP: Final = _DSAVE + D_STEP
FIRST_SLOPE: Final = _DSAVE + D_FIRST_SLOPE

# What may change between a run's parts.
LIMITS: Final = (MAXFUN, MAXITER, MAXTIME, FTARGET, XTOL)

N: Final = K_N - 1
M: Final = K_M - 1
MAXLS: Final = K_MAXLS - 1
ANSWERED: Final = K_ANSWERED - 1
NJEV: Final = K_NJEV - 1
NIT: Final = K_NIT - 1
LIMIT: Final = K_LIMIT - 1
IN_SEARCH: Final = K_IN_SEARCH - 1
BOUND_TYPES: Final = K_NBD - 1
_ISAVE: Final = K_ISAVE - 2
TRIAL: Final = slice(_ISAVE + I_TOLD, _ISAVE + I_TOLD + 6)  # three doubles: step, f, slope
JUMP: Final = slice(_ISAVE + I_JUMP, _ISAVE + I_JUMP + 12)  # six doubles, see jump.f
NOT_FINITE: Final = _ISAVE + I_NOT_FINITE  # 0: f, else the gradient's component, from 1
NOT_FINITE_KIND: Final = _ISAVE + I_NOT_FINITE_KIND  # 0: all was finite in this search
HEAD: Final = _ISAVE + I_HEAD
PAIRS: Final = _ISAVE + I_PAIRS
SEGMENTS: Final = _ISAVE + I_SEGMENTS
SUBSPACE_END: Final = _ISAVE + I_SUBSPACE_END
ACTIVE: Final = _ISAVE + I_ACTIVE
EVALUATIONS_IN_SEARCH: Final = _ISAVE + I_EVALUATIONS
COUNTS_OF_VARIABLES: Final = slice(_ISAVE + I_FREE, _ISAVE + I_ENTERING + 1)

TASK_LENGTH: Final = 60
TEXT_LENGTH: Final = 120  # task and csave


class Division(NamedTuple):
    """The first places, from 0, of the parts of ``wa``, and its length."""

    s: int
    y: int
    sy: int
    ss: int
    wt: int
    k_factor: int
    products: int
    z: int
    r: int
    d: int
    x_old: int
    g_old: int
    work: int
    length: int


def division(n: int, m: int) -> Division:
    """The parts of ``wa`` for n variables and m pairs."""
    # Python's integers: n·m may be past 2³¹ and, in an absurd request, past 2⁶³.
    sizes = (
        *(m * n, m * n),
        *(m * m, m * m, m * m, 4 * m * m, 4 * m * m),
        *(n, n, n, n, n),
        8 * m,
    )
    places = [0]
    for size in sizes:
        places.append(places[-1] + size)
    return Division(*places)


def lengths(n: int, m: int) -> tuple[int, int]:
    """How many numbers the real and the integer part of a state have."""
    return VECTORS + 4 * n + (2 * m * n + 5 * n + 11 * m * m + 8 * m), BOUND_TYPES + 4 * n
