"""What the kernel is run with, and the words in which the caller said it."""

from __future__ import annotations

from typing import Final, NamedTuple

EPSILON: Final = 2.0**-52


class Words(NamedTuple):
    """What a caller calls the three settings that SciPy's two interfaces name differently."""

    m: str = "m"  # or maxcor
    factr: str = "factr"  # or ftol, which is factr * EPSILON
    pgtol: str = "pgtol"  # or gtol

    def shown_factr(self, factr: float) -> float:
        """The caller's number for factr."""
        return factr if self.factr == "factr" else factr * EPSILON


KERNELS_WORDS: Final = Words()


class Settings(NamedTuple):
    """Everything about a run but its problem."""

    m: int
    factr: float
    pgtol: float
    maxls: int
    maxfun: float
    maxiter: float
    words: Words = KERNELS_WORDS
