"""The values of a function at many points: one after the other, in processes, or by any map."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from lbfgsb77._arguments import LARGEST_INDEX, shown

Function = Callable[[Any], Any]
Values = Callable[[Iterable[Any]], list[Any]]


def checked(workers: Any) -> Any:
    """A map-like callable or a number of processes, at least 1; None counts as 1."""
    if workers is None:
        return 1
    if callable(workers):
        return workers
    try:
        count = -2 if isinstance(workers, bool) else operator.index(workers)
    except TypeError:
        count = -2
    if count == -1:
        return _processors()
    if not 1 <= count <= LARGEST_INDEX:
        raise ValueError(
            "workers: a positive integer, -1 or a map-like callable is expected, got "
            f"{shown(workers)}"
        )
    return count


@contextmanager
def values_of(function: Function, workers: Any, noun: str = "point") -> Iterator[Values]:
    """Values of `function` at points, in their order, by `workers` as `checked` returned them.

    Processes live as long as the context. A map-like callable is called once with all points of
    a gradient: ``workers(function, points)``; where it gives futures, their results are awaited.
    `noun` is what a message calls a point.
    """
    if callable(workers):
        yield lambda points: list(mapped(workers, function, points, noun))
    elif workers == 1:
        yield lambda points: [function(point) for point in points]
    else:
        from lbfgsb77._spread.processes import Processes  # slow to import, and seldom needed

        with Processes(function, workers, noun) as processes:
            yield processes.values


def mapped(
    workers: Callable[..., Any], function: Function, points: Iterable[Any], noun: str
) -> Iterator[Any]:
    """Values by a map-like callable, as they come; as many as there are points."""
    at_hand = list(points)
    count = 0
    for count, value in enumerate(_iterated(workers(function, at_hand)), 1):  # noqa: B007
        yield _awaited(value)
    if count != len(at_hand):
        raise ValueError(
            f"workers: {len(at_hand)} values are expected, one per {noun}, got {count}"
        )


def _iterated(values: Any) -> Iterator[Any]:
    try:
        iterator: Iterator[Any] = iter(values)
    except TypeError:
        raise TypeError(
            f"workers: an iterable is expected from a map-like callable, got {shown(values)}"
        ) from None
    return iterator


def _awaited(value: Any) -> Any:
    result = getattr(value, "result", None)
    return result() if callable(result) else value


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
