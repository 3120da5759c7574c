"""Processes that evaluate a function, and what is said when one of them is lost."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from types import TracebackType
from typing import Any, Self

from lbfgsb77._spread.exceptions import can_be_sent, told


class Processes:
    """Processes that are handed a function once, and then points to evaluate it at.

    Parameters
    ----------
    function : callable
    count : int
        How many processes.
    noun : str
        What a message calls a point.
    """

    def __init__(self, function: Callable[[Any], Any], count: int, noun: str) -> None:
        refuse_in_daemon()
        self._count = count
        self._noun = noun
        # Handed over once, not with each point; to forked processes as it is.
        self._executor = ProcessPoolExecutor(count, initializer=_receive, initargs=(function,))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            # Nothing waits for what is still being computed.
            for process in list((self._executor._processes or {}).values()):
                process.kill()
        self._executor.shutdown(wait=True, cancel_futures=True)

    def values(self, points: Iterable[Any]) -> list[Any]:
        """The function's values, in the order of the points.

        Raises
        ------
        RuntimeError
            If a process has died, or the function raised what can't be sent from one process to
            another: a sentence that says at which points. Any other exception of the function
            passes through.
        """
        at_hand = list(points)
        size = -(-len(at_hand) // self._count) or 1
        futures: dict[int, Future[list[Any]]] = {}
        values: list[Any] = []
        first = 0
        try:
            for first in range(0, len(at_hand), size):
                futures[first] = self._executor.submit(_evaluate, at_hand[first : first + size])
            for first in futures:
                values += futures[first].result()
        except BrokenProcessPool as error:
            lost = [k for k in futures if not _has_value(futures[k])] or [first]
            raise RuntimeError(self._loss(lost, size, len(at_hand))) from error
        except _CannotBeSentError as error:
            raise RuntimeError(
                f"workers: {self._noun} {first + error.place} of {len(at_hand)} (from 0): "
                f"{error.text}"
            ) from None
        return values

    def _loss(self, lost: list[int], size: int, count: int) -> str:
        parts = [
            str(k) if min(k + size, count) - k == 1 else f"{k} to {min(k + size, count) - 1}"
            for k in lost
        ]
        return (
            f"workers: a process died; not evaluated of {count} {self._noun}s (from 0): "
            f"{', '.join(parts)}"
        )


def refuse_in_daemon() -> None:
    """Refuse to begin processes where Python allows none."""
    if multiprocessing.current_process().daemon:
        raise ValueError(
            "workers: a daemonic process, such as those of multiprocessing.Pool, can't have "
            "processes of its own: 1 or a map-like callable is expected here"
        )


class _CannotBeSentError(Exception):
    """What came of a point can't be sent to another process: where, and what it was."""

    def __init__(self, place: int, text: str) -> None:
        super().__init__(place, text)
        self.place = place
        self.text = text


def _has_value(future: Future[Any]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


_received: Callable[[Any], Any]  # in a process


def _receive(function: Callable[[Any], Any]) -> None:
    global _received
    _received = function


def _evaluate(points: list[Any]) -> list[Any]:
    values: list[Any] = []
    for place, point in enumerate(points):
        try:
            values.append(_received(point))
            continue
        except BaseException as error:
            if isinstance(error, Exception) and can_be_sent(error):
                raise
            text = told(error)
        # Not where it was caught: an exception's context is sent with it by some.
        raise _CannotBeSentError(place, text)
    return values
