"""One group of parts at one point: what a worker does."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import shown
from lbfgsb77._run import evaluation

Vector = NDArray[np.float64]
Part = Callable[[Vector, Any], tuple[Any, Any]]

# What isn't finite of a part; the sum of two where both.
VALUE: Final = 1
GRADIENT: Final = 2


class Records(NamedTuple):
    """How the evaluations of some parts by one worker went.

    Attributes
    ----------
    parts : list of int
    seconds : list of float
    not_finite : list of int
        Of each `VALUE`, `GRADIENT`, their sum, or 0.
    worker : str
    """

    parts: list[int]
    seconds: list[float]
    not_finite: list[int]
    worker: str


class Result(NamedTuple):
    """The sum of a group.

    Attributes
    ----------
    place : int
        The group's, on its level.
    row : ndarray of shape (n + 1,)
        f and the gradient.
    records : tuple of Records
    """

    place: int
    row: Vector
    records: tuple[Records, ...]

    @property
    def parts(self) -> int:
        """How many parts it is made of."""
        return sum(len(records.parts) for records in self.records)


def evaluate(
    part: Part, place: int, members: Iterable[tuple[int, Any]], x: Vector, count: int
) -> Result:
    """Evaluate the parts of a group and add them in their order.

    Parameters
    ----------
    part : callable
    place : int
        The group's.
    members : iterable of tuple
        Number and data of each part.
    x : ndarray of shape (n,)
    count : int
        How many parts there are in all, for messages.
    """
    row = np.empty(x.size + 1)
    worker = f"{platform.node()}:{os.getpid()}"
    return Result(place, row, (evaluate_into(row, part, members, x, count, worker),))


def evaluate_into(
    row: Vector,
    part: Part,
    members: Iterable[tuple[int, Any]],
    x: Vector,
    count: int,
    worker: str,
) -> Records:
    """Evaluate the parts of a group and write their sum into a row of n + 1 numbers."""
    records = Records([], [], [], worker)
    for k, data in members:
        began = time.perf_counter()
        f, g = _evaluate(part, k, data, x, count, worker)
        records.seconds.append(time.perf_counter() - began)
        records.not_finite.append(_not_finite(f, g))
        if records.parts:
            row[0] += f
            row[1:] += g
        else:
            row[0] = f
            row[1:] = g
        records.parts.append(k)
    return records


def _not_finite(f: float, g: Vector) -> int:
    # The product first: it is quick, and not finite wherever a component isn't.
    in_gradient = not math.isfinite(g @ g) and not np.isfinite(g).all()
    return VALUE * (not math.isfinite(f)) + GRADIENT * in_gradient


def _evaluate(
    part: Part, k: int, data: Any, x: Vector, count: int, worker: str
) -> tuple[float, Vector]:
    try:
        # A copy, so that nothing that a part does to it reaches another part.
        answer = part(x.copy(), opened(data))
    except BaseException as error:
        error.add_note(f"in {named(k, count)}, on {worker}")
        raise
    try:
        f, g = _pair(answer)
        return evaluation.value(f), evaluation.gradient(g, x.size)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{named(k, count)}: {error}") from None


def _pair(answer: Any) -> tuple[Any, Any]:
    try:
        f, g = answer
    except (TypeError, ValueError):
        raise TypeError(f"a pair (f, gradient) is expected, got {shown(answer)}") from None
    return f, g


def named(parts: int | range, count: int) -> str:
    """How messages call a part, or neighbouring ones."""
    if isinstance(parts, range) and len(parts) > 1:
        return f"parts {parts.start} to {parts.stop - 1} of {count} (from 0)"
    return f"part {parts.start if isinstance(parts, range) else parts} of {count} (from 0)"


def opened(data: Any) -> Any:
    """The data itself, where names of files of NumPy stand for it.

    Files are mapped anew at each evaluation: so no process holds more of them in memory than the
    part that it is at.
    """
    if type(data) is tuple:
        return tuple(opened(item) for item in data)
    return np.load(data, mmap_mode="r") if is_file(data) else data


def is_file(data: Any) -> bool:
    """Whether data is the name of a file that is mapped."""
    return isinstance(data, (str, os.PathLike)) and os.fspath(data).endswith(".npy")
