"""What the kernel is run with, and the words in which the caller said it."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from lbfgsb77._run import layout

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
    """Everything about a run but its problem; `lbfgsb77._problem.settings` says what it means."""

    m: int
    factr: float
    pgtol: float
    maxls: int
    maxfun: float
    maxiter: float
    maxtime: float = math.inf
    ftarget: float = -math.inf
    xtol: float = 0.0
    threads: int | None = None  # None: as the environment says
    words: Words = KERNELS_WORDS

    def places(self) -> tuple[tuple[int, float], ...]:
        """The slots of the real numbers among a run's, and the numbers."""
        return (
            (layout.FACTR, self.factr),
            (layout.PGTOL, self.pgtol),
            (layout.MAXFUN, self.maxfun),
            (layout.MAXITER, self.maxiter),
            (layout.MAXTIME, self.maxtime),
            (layout.FTARGET, self.ftarget),
            (layout.XTOL, self.xtol),
        )
