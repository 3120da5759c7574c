"""The best finite iterate of a kernel that may go on to values that aren't finite."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._workspace import Workspace

Values = tuple[NDArray[np.float64], float, NDArray[np.float64]]


class FiniteIterates:
    """What a run on the original kernel remembers beside the kernel's own state.

    Parameters
    ----------
    workspace : Workspace
        The run's state.

    Attributes
    ----------
    best : tuple or None
        x, f and the gradient of the iterate with the lowest f among those where all
        three are finite.
    not_finite : tuple or None
        Of the first evaluation that wasn't finite since the last search that began and ended with
        finite values: x, what, its value; as `Workspace.not_finite` has it.
    """

    __slots__ = ("_search_ended", "_workspace", "best", "not_finite")

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._search_ended = False
        self.best: Values | None = None
        self.not_finite: tuple[NDArray[np.float64], int, float] | None = None

    def packed(self) -> dict[str, NDArray[np.float64]]:
        """What is remembered, as vectors, empty where there is nothing."""
        best, not_finite = self.best, self.not_finite
        return {
            "best": np.array([] if best is None else [best[1], *best[0], *best[2]]),
            "not_finite": np.array(
                [] if not_finite is None else [not_finite[1], not_finite[2], *not_finite[0]]
            ),
        }

    def unpack(self, best: NDArray[np.float64], not_finite: NDArray[np.float64]) -> None:
        """Remember what `packed` returned."""
        n = self._workspace.n
        if best.size not in (0, 1 + 2 * n) or not_finite.size not in (0, 2 + n):
            raise ValueError(f"the best iterate is not one of n = {n} variables")
        if best.size > 0:
            self.best = best[1 : n + 1].copy(), float(best[0]), best[n + 1 :].copy()
        if not_finite.size > 0:
            self.not_finite = not_finite[2:].copy(), int(not_finite[0]), float(not_finite[1])

    def evaluated(self, start: bool) -> None:
        """Look at f and the gradient at x; at the start they are those of an iterate."""
        if self._search_ended:
            self.not_finite = None
            self._search_ended = False
        workspace = self._workspace
        finite = np.isfinite(workspace.gradient)
        if math.isfinite(workspace.f) and finite.all():
            if start:
                self.iterated()
        elif self.not_finite is None:
            component = 0 if not math.isfinite(workspace.f) else int(finite.argmin()) + 1
            value = workspace.gradient[component - 1] if component else workspace.f
            self.not_finite = workspace.x.copy(), component, float(value)

    def iterated(self) -> None:
        """Take x, f and the gradient for those of an iterate."""
        x, f, g = self._workspace.x, self._workspace.f, self._workspace.gradient
        if not (math.isfinite(f) and np.isfinite(x).all() and np.isfinite(g).all()):
            return
        self._search_ended = True
        if self.best is None or f <= self.best[1]:
            self.best = x.copy(), f, g.copy()

    def copy_of_best(self) -> Values | None:
        """The best iterate's values again, for a caller who may change them; None without one."""
        if self.best is None:
            return None
        x, f, g = self.best
        return x.copy(), f, g.copy()

    def spoilt(self, values: Values) -> bool:
        """Whether these values aren't finite, or worse than the best."""
        x, f, g = values
        if not (math.isfinite(f) and np.isfinite(x).all() and np.isfinite(g).all()):
            return True
        return self.best is not None and f > self.best[1]
