"""The original kernel, with what it doesn't keep itself: the best finite iterate, and trials."""

from __future__ import annotations

import math
from functools import partial
from types import ModuleType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._run import layout, status
from lbfgsb77._run.engine import ends_on_numbers
from lbfgsb77._run.jump import Line
from lbfgsb77._run.reason import rounding, well_above_rounding
from lbfgsb77._run.workspace import NotFinite, Search, Values, Workspace

ORIGINAL: Final = "original"  # the authors' release
SYSTEM: Final = "system"  # the system's library
MAXLS: Final = 20  # the only number of evaluations in a line search that it knows

_NO_TRIAL: Final = Search(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


class OriginalEngine:
    """The original L-BFGS-B, which goes on to values that aren't finite.

    Parameters
    ----------
    name : str
        Whose: `ORIGINAL` or `SYSTEM`.
    kernel : module
        The extension module that has it.
    workspace : Workspace
        The run's state.

    Attributes
    ----------
    best : tuple or None
        x, f and the gradient of the iterate with the lowest f among those where all three are
        finite.
    not_finite : tuple or None
        The first evaluation that wasn't finite since the last search that began and ended with
        finite values.
    search : Search
        The trial since that iterate which tells most about why a search fails.
    """

    __slots__ = (
        "_call",
        "_kernel",
        "_last_point",
        "_line",
        "_search_ended",
        "_x",
        "best",
        "name",
        "not_finite",
        "search",
        "workspace",
    )

    def __init__(self, name: str, kernel: ModuleType, workspace: Workspace) -> None:
        self.name = name
        maxls = workspace.integer_slots[layout.MAXLS]
        if maxls != MAXLS:
            raise ValueError(f"maxls: the {name} backend knows only {MAXLS}, got {maxls}")
        if workspace.real_slots[layout.XTOL] > 0:
            raise ValueError(f"xtol: the {name} backend doesn't tell how far x has moved")
        self.workspace = workspace
        self._kernel = kernel
        self._call = partial(kernel.advance, workspace.reals, workspace.integers, workspace.text)
        self._x = memoryview(workspace.x)
        self._last_point = memoryview(workspace.x.copy())  # that was evaluated
        self._search_ended = False
        self.best: Values | None = None
        self.not_finite: NotFinite | None = None
        self.search = _NO_TRIAL
        self._line: Line | None = None

    def advance(self) -> None:
        """Go on to the next wanted evaluation, or the end of the iteration or of the run.

        A line search that has come down to rounding asks again for the point that it was told
        about last. It is told the same, without an evaluation.
        """
        workspace, task = self.workspace, self.workspace.task_bytes
        from_iterate = task[0] == status.NEW_ITERATE
        if workspace.integer_slots[layout.ANSWERED]:
            self._last_point[:] = self._x
            self._look_at_answer()
        self._call()
        while task[0] == status.EVALUATE and self._repeats(from_iterate):
            from_iterate = False
            self._call()
        if task[0] == status.NEW_ITERATE:
            self._look_at_iterate()

    def advance_to_point(self) -> None:
        """Go on to the next wanted evaluation, or the end of the run."""
        self.advance()
        while self.workspace.task_bytes[0] == status.NEW_ITERATE:
            self.advance()

    def tell(self, f: Any, g: Any, nfev: Any) -> bool | None:
        """Nothing: an answer is written to the workspace, and then the kernel advances."""
        return None

    tell_to_point = tell

    def _repeats(self, from_iterate: bool) -> bool:
        """Whether the point asked for is the one that was told about last.

        After a search that failed, f and g belong to the last iterate and not to the point told;
        the first trial of the next search, started anew from there, isn't taken for it.
        """
        return self._x == self._last_point and (
            from_iterate
            or self.workspace.njev == 1
            or self.workspace.integer_slots[layout.EVALUATIONS_IN_SEARCH] > 1
        )

    def _look_at_answer(self) -> None:
        """Remember what is worth it of f and the gradient at x."""
        if self._search_ended:
            self.not_finite = None
            self._search_ended = False
        workspace = self.workspace
        finite = np.isfinite(workspace.gradient)
        if math.isfinite(workspace.f) and finite.all():
            if workspace.njev == 0:  # the start, an iterate
                self._look_at_iterate()
            elif self.best is not None:
                self._note_trial(*self.best)
        elif self.not_finite is None:
            component = 0 if not math.isfinite(workspace.f) else int(finite.argmin()) + 1
            value = workspace.gradient[component - 1] if component else workspace.f
            self.not_finite = workspace.x.copy(), component, float(value)

    def _note_trial(self, x0: NDArray[np.float64], f0: float, g0: NDArray[np.float64]) -> None:
        # As note_trial in fortran/line_search.f does.
        workspace = self.workspace
        step = workspace.x - x0
        length = float(np.linalg.norm(step))
        if length == 0:
            return
        f, slope0 = workspace.f, float(g0 @ step) / length
        slope = float(workspace.gradient @ step) / length
        if self._line is None or workspace.integer_slots[layout.EVALUATIONS_IN_SEARCH] <= 1:
            self._line = Line((0.0, f0, slope0), partial(rounding, workspace.n))
        self._line.add((length, f, slope))
        if self.search is _NO_TRIAL or well_above_rounding(slope0 * length, workspace.n, f0, f):
            self.search = Search(f0, slope0, 1.0, length, f, slope)
        self.search = self.search._replace(jump=self._line.jump)

    def _look_at_iterate(self) -> None:
        """Take x, f and the gradient for those of an iterate."""
        values = self.workspace.x, self.workspace.f, self.workspace.gradient
        if not _finite(values):
            return
        self._search_ended = True
        self.search = _NO_TRIAL
        if self.best is None or values[1] <= self.best[1]:
            self.best = _copy(values)

    def halt(self, task: str) -> None:
        """End the run at its last iterate, with a task."""
        workspace = self.workspace
        arrays = workspace.reals, workspace.integers, workspace.text
        self._kernel.halt(*arrays, task.encode("ascii"))

    def begin_with(self, steps: NDArray[np.float64], changes: NDArray[np.float64]) -> None:
        """Refuse: the original has nothing for it."""
        raise ValueError(f"pairs: the {self.name} backend can't begin with given pairs")

    def values(self) -> Values:
        """Copies of x, f and the gradient of the best iterate; NaN before the first answer."""
        values = self._last_values()
        if self.best is not None and self._spoilt(values):
            return _copy(self.best)
        return values

    def _last_values(self) -> Values:
        workspace = self.workspace
        if not workspace.in_search:
            return workspace.evaluated_values()
        # In the middle of a line search the original alone knows where it keeps the iterate.
        # It is asked on a copy, so that looking changes nothing.
        restored = workspace.copy()
        restored.task = status.RESTORE_ITERATE
        self._kernel.advance(restored.reals, restored.integers, restored.text)
        return restored.x, restored.f, restored.gradient

    def _spoilt(self, values: Values) -> bool:
        """Whether these values aren't finite, or worse than the best."""
        return not _finite(values) or (self.best is not None and values[1] > self.best[1])

    def converged_on_numbers(self) -> bool:
        """Whether the last values are finite, the best, and not beside one that isn't finite."""
        # The original's search comes to a halt beside such a value: f no longer falls then.
        halted = self.not_finite is not None and self.workspace.task == status.REDUCTION_TEST
        if halted or self._spoilt(self._last_values()):
            return False
        return ends_on_numbers(self.workspace)

    def memory(self) -> dict[str, NDArray[np.float64]]:
        """What is remembered beside the workspace, as vectors, empty where there is nothing."""
        best, not_finite = self.best, self.not_finite
        return {
            "last_point": np.array(self._last_point),
            "best": np.array([] if best is None else [best[1], *best[0], *best[2]]),
            "not_finite": np.array(
                [] if not_finite is None else [not_finite[1], not_finite[2], *not_finite[0]]
            ),
        }

    def remember(self, state: dict[str, Any]) -> None:
        """Take back what `memory` returned."""
        n = self.workspace.n
        keys = "last_point", "best", "not_finite"
        point, best, not_finite = (np.ascontiguousarray(state[key], np.float64) for key in keys)
        if point.size != n or best.size not in (0, 1 + 2 * n) or not_finite.size not in (0, 2 + n):
            raise ValueError(f"the best iterate is not one of n = {n} variables")
        self._last_point[:] = memoryview(point)
        if best.size > 0:
            self.best = best[1 : n + 1].copy(), float(best[0]), best[n + 1 :].copy()
        if not_finite.size > 0:
            self.not_finite = not_finite[2:].copy(), int(not_finite[0]), float(not_finite[1])


def _finite(values: Values) -> bool:
    x, f, g = values
    return math.isfinite(f) and bool(np.isfinite(x).all()) and bool(np.isfinite(g).all())


def _copy(values: Values) -> Values:
    x, f, g = values
    return x.copy(), f, g.copy()
