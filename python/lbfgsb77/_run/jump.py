"""Where along a line f jumps: jump.f once more, for a kernel that doesn't tell."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

from lbfgsb77._run.workspace import Jump

Trial = tuple[float, float, float]  # step, f, slope


class Line:
    """The evaluations of one line search.

    Parameters
    ----------
    start : tuple
        Step 0, f and its slope there.
    rounding : callable
        ``rounding(f1, f2)``, the rounding of two values of f.

    Attributes
    ----------
    jump : Jump or None
        Where f and its slopes disagree most, by more than a smooth f can.
    """

    __slots__ = ("_largest", "_rounding", "_trials", "jump")

    def __init__(self, start: Trial, rounding: Callable[[float, float], float]) -> None:
        self._rounding = rounding
        self._trials = [start]
        self._largest = 0.0
        self.jump: Jump | None = None

    def add(self, trial: Trial) -> None:
        """Take in a trial."""
        place = bisect_left(self._trials, trial)
        for neighbour in self._trials[max(place - 1, 0) : place + 1]:
            self._compare(*sorted((neighbour, trial)))
        self._trials.insert(place, trial)

    def _compare(self, first: Trial, second: Trial) -> None:
        width = second[0] - first[0]
        change = second[1] - first[1]
        predicted = 0.5 * (first[2] + second[2]) * width
        disagreement = (
            abs(change - predicted)
            - abs(second[2] - first[2]) * width
            - self._rounding(first[1], second[1])
        )
        if width == 0 or not disagreement > 0.5 * self._largest:
            return
        kept = self.jump
        if (
            kept is None
            or disagreement > 2 * self._largest
            or width < 0.25 * (kept.second_step - kept.first_step)
        ):
            first_width = width if kept is None else kept.first_width
            self.jump = Jump(first[0], second[0], change, predicted, first_width)
        self._largest = max(self._largest, disagreement)
