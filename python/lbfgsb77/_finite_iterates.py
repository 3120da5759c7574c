"""The best finite iterate of a kernel that may go on to values that aren't finite."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._reason import relative_rounding
from lbfgsb77._workspace import Search, Workspace

Values = tuple[NDArray[np.float64], float, NDArray[np.float64]]

_NO_TRIAL: Final = Search(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


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
    search : Search
        The trial since that iterate which tells most about why a search fails, as
        `Workspace.search` has it.
    """

    __slots__ = ("_search_ended", "_workspace", "best", "not_finite", "search")

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._search_ended = False
        self.best: Values | None = None
        self.not_finite: tuple[NDArray[np.float64], int, float] | None = None
        self.search = _NO_TRIAL

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
            elif self.best is not None:
                self._note_trial(*self.best)
        elif self.not_finite is None:
            component = 0 if not math.isfinite(workspace.f) else int(finite.argmin()) + 1
            value = workspace.gradient[component - 1] if component else workspace.f
            self.not_finite = workspace.x.copy(), component, float(value)

    def _note_trial(self, x0: NDArray[np.float64], f0: float, g0: NDArray[np.float64]) -> None:
        # As note_trial in fortran/line_search.f does.
        workspace = self._workspace
        step = workspace.x - x0
        length = float(np.linalg.norm(step))
        if length == 0:
            return
        f, slope0 = workspace.f, float(g0 @ step) / length
        rounding = relative_rounding(workspace.n) * max(abs(f0), abs(f))
        if self.search is _NO_TRIAL or abs(slope0 * length) > 1024 * rounding:
            slope = float(workspace.gradient @ step) / length
            self.search = Search(f0, slope0, 1.0, length, f, slope)

    def iterated(self) -> None:
        """Take x, f and the gradient for those of an iterate."""
        x, f, g = self._workspace.x, self._workspace.f, self._workspace.gradient
        if not (math.isfinite(f) and np.isfinite(x).all() and np.isfinite(g).all()):
            return
        self._search_ended = True
        self.search = _NO_TRIAL
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
