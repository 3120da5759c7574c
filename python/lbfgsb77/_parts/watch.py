"""What is seen of evaluations by parts: progress, times, and the log of what is late or died."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._parts.evaluation import GRADIENT, VALUE, Records, named

LOGGER: Final = "lbfgsb77"

# Seconds after which an engine that still waits says so to `Watch.waiting`.
INTERVAL: Final = 0.5

# Late is what takes longer than a second, and than so many times what half of the parts took.
_GRACE: Final = 1.0
_TIMES: Final = 4

Progress = Callable[[int, int], Any]

_NOT_FINITE: Final = {
    VALUE: "f is not finite",
    GRADIENT: "the gradient is not finite",
    VALUE + GRADIENT: "f and the gradient are not finite",
}


class Watch:
    """Times, progress and log of an objective that is evaluated by parts.

    Parameters
    ----------
    count : int
        How many parts.
    progress : callable or None
        ``progress(done, count)``.

    Attributes
    ----------
    evaluations : int
        How many have ended.
    part_seconds : ndarray of shape (count,)
    worker_seconds : dict
        Seconds in parts of each worker, by its name.
    seconds : float
        From the beginnings of evaluations to their ends.
    seconds_outside : float
        What of this was more than the busiest worker's time in its parts.
    """

    def __init__(self, count: int, progress: Progress | None = None) -> None:
        self._count = count
        self._progress = progress
        self.evaluations = 0
        self.part_seconds: NDArray[np.float64] = np.zeros(count)
        self.worker_seconds: dict[str, float] = {}
        self.seconds = 0.0
        self.seconds_outside = 0.0
        self.begin()

    def begin(self) -> None:
        """Begin an evaluation."""
        self._began = time.perf_counter()
        self._half: float | None = None  # when half of the parts were there
        self._done = 0
        self._busy: dict[str, float] = {}
        self._notes: list[Records] = []
        self._wrong = False  # whether something isn't finite
        self._said = False

    def arrived(self, number: int) -> None:
        """So many more parts have been evaluated."""
        self._done += number
        if self._half is None and 2 * self._done >= self._count:
            self._half = time.perf_counter() - self._began
        if self._progress is not None:
            self._progress(self._done, self._count)

    def waiting(self, missing: Callable[[], Iterable[tuple[int | range, str]]]) -> None:
        """Nothing has arrived for a while; `missing` names the parts and who computes them."""
        elapsed = time.perf_counter() - self._began
        if self._said or self._half is None or elapsed < _GRACE + _TIMES * self._half:
            return
        self._said = True
        names = [f"{named(parts, self._count)}, on {worker}" for parts, worker in missing()]
        self.warn(
            f"{self._evaluation} has waited {elapsed:.1f} s for {_some(names)}; half of the parts "
            f"took {self._half:.1f} s"
        )

    def note(self, records: Records) -> None:
        """How the evaluations of some parts went."""
        self._notes.append(records)
        for part, taken in zip(records.parts, records.seconds, strict=True):
            self.part_seconds[part] += taken
        worker = records.worker
        self._busy[worker] = self._busy.get(worker, 0.0) + sum(records.seconds)
        self._wrong = self._wrong or any(records.not_finite)

    def note_all(
        self,
        parts: NDArray[np.intp] | slice,
        seconds: NDArray[np.float64],
        workers: list[str],
        busy: list[float],
    ) -> None:
        """How all evaluations went, where nobody was late and everything is finite.

        `note`, for each of many workers, says the same and takes longer.
        """
        self.part_seconds[parts] += seconds
        self._busy = dict(zip(workers, busy, strict=True))

    def end(self) -> None:
        """End an evaluation."""
        seconds = time.perf_counter() - self._began
        busiest = max(self._busy.values())
        if self._wrong:
            self._tell_not_finite()
        if busiest > _GRACE and len(self._busy) > 1 and not self._said:
            self._tell_late()
        for worker, taken in self._busy.items():
            self.worker_seconds[worker] = self.worker_seconds.get(worker, 0.0) + taken
        self.evaluations += 1
        self.seconds += seconds
        self.seconds_outside += max(0.0, seconds - busiest)

    def _tell_not_finite(self) -> None:
        names = [
            f"{named(part, self._count)}: {_NOT_FINITE[what]}"
            for records in self._notes
            for part, what in zip(records.parts, records.not_finite, strict=True)
            if what
        ]
        self.warn(f"{self._evaluation}: {_some(names)}")

    def _tell_late(self) -> None:
        """Name who was late, where that could not be seen before all had come."""
        busy = self._busy
        slowest = max(busy, key=lambda worker: busy[worker])
        import statistics  # which is slow to import

        others = statistics.median(busy[worker] for worker in busy if worker != slowest)
        if busy[slowest] < _GRACE + _TIMES * others:
            return
        longest, part = max(
            pair
            for records in self._notes
            if records.worker == slowest
            for pair in zip(records.seconds, records.parts, strict=True)
        )
        self.warn(
            f"{self._evaluation} has waited {busy[slowest]:.1f} s for {slowest}, of these "
            f"{longest:.1f} s for {named(part, self._count)}; others took {others:.1f} s"
        )

    @property
    def grace(self) -> float:
        """Seconds in which nobody is late."""
        return _GRACE

    @property
    def _evaluation(self) -> str:
        return f"evaluation {self.evaluations + 1}"

    def died(self, text: str) -> None:
        """Somebody died, and what was lost is computed again."""
        self.warn(f"{self._evaluation}: {text}")

    def warn(self, text: str) -> None:
        """Write a line to the log."""
        import logging  # slow to import, and seldom needed

        logging.getLogger(LOGGER).warning(text)

    def summary(self) -> str:
        """A table for people."""
        if not self.evaluations:
            return f"{self._count} parts, not yet evaluated"
        each = self.seconds / self.evaluations
        outside = self.seconds_outside / self.evaluations
        width = max(len(worker) for worker in [*self.worker_seconds, "worker"])
        slowest = int(self.part_seconds.argmax())
        times = self.part_seconds[slowest] / max(float(np.median(self.part_seconds)), 1e-9)
        return "\n".join(
            [
                f"{self.evaluations} evaluations of {self._count} parts, {_time(each)} each, of "
                f"which {_time(outside)} outside the parts",
                f"{'worker':{width}}  seconds in parts   busy",
                *(
                    f"{worker:{width}}  {taken:16.3f}  {taken / self.seconds:5.0%}"
                    for worker, taken in sorted(self.worker_seconds.items())
                ),
                f"slowest: part {slowest}, {_time(self.part_seconds[slowest] / self.evaluations)} "
                f"an evaluation, {times:.1f} times the median",
            ]
        )


def _some(names: list[str]) -> str:
    return "; ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _time(seconds: float) -> str:
    if seconds < 1e-3:
        return f"{seconds * 1e6:.0f} us"
    return f"{seconds * 1e3:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"
