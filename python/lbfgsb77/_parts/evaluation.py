"""One group of parts at one point: what a worker does."""

from __future__ import annotations

import os
from collections.abc import Callable
from math import isfinite
from time import perf_counter
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import shown
from lbfgsb77._run import evaluation

Vector = NDArray[np.float64]
Part = Callable[[Vector, Any], tuple[Any, Any]]

_FLOAT64: Final = np.dtype(np.float64)

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
    part: Part, place: int, members: list[tuple[int, Any]], x: Vector, count: int
) -> Result:
    """Evaluate the parts of a group and add them in their order.

    Parameters
    ----------
    part : callable
    place : int
        The group's.
    members : list of tuple
        Number and data of each part.
    x : ndarray of shape (n,)
    count : int
        How many parts there are in all, for messages.
    """
    row = np.empty(x.size + 1)
    records = Records([k for k, _ in members], [], [], this_process())
    _, seconds, not_finite, worker = records
    evaluate_into(row, part, members, x, count, worker, seconds, not_finite)
    return Result(place, row, (records,))


def this_process() -> str:
    """Its name."""
    import platform  # which is slow to import

    return f"{platform.node()}:{os.getpid()}"


def evaluate_into(
    row: Vector,
    part: Part,
    members: list[tuple[int, Any]],
    x: Vector,
    count: int,
    worker: str,
    seconds: list[float],
    not_finite: list[int],
) -> None:
    """Evaluate the parts of a group and write their sum into a row of n + 1 numbers.

    Seconds of each part, and what isn't finite of it, are appended to the lists. Where parts are
    small this is what they cost beside themselves, hence its length.
    """
    total = row[1:]
    first = True
    for k, data in members:
        began = perf_counter()
        try:
            # A copy, so that nothing that a part does to it reaches another part.
            answer = part(x.copy(), data.opened() if type(data) is _Files else data)
        except BaseException as error:
            error.add_note(f"in {named(k, count)}, on {worker}")
            raise
        try:
            f, g = _pair(answer) if type(answer) is not tuple or len(answer) != 2 else answer
            if type(f) is not float:
                f = evaluation.value(f)
            if type(g) is not np.ndarray or g.dtype is not _FLOAT64 or g.shape != x.shape:
                g = evaluation.gradient(g, x.size)
        except (TypeError, ValueError) as error:
            raise type(error)(f"{named(k, count)}: {error}") from None
        seconds.append(perf_counter() - began)
        # The product first: it is quick, and not finite wherever a number isn't.
        finite = isfinite(f) and isfinite(g.dot(g))
        not_finite.append(0 if finite else _not_finite(f, g))
        if first:
            row[0] = f
            total[:] = g
            first = False
        else:
            row[0] += f
            total += g


def _pair(answer: Any) -> tuple[Any, Any]:
    try:
        f, g = answer
    except (TypeError, ValueError):
        raise TypeError(f"a pair (f, gradient) is expected, got {shown(answer)}") from None
    return f, g


def _not_finite(f: float, g: Vector) -> int:
    return VALUE * (not isfinite(f)) + GRADIENT * (not np.isfinite(g).all())


def named(parts: int | range, count: int) -> str:
    """How messages call a part, or neighbouring ones."""
    if isinstance(parts, range) and len(parts) > 1:
        return f"parts {parts.start} to {parts.stop - 1} of {count} (from 0)"
    return f"part {parts.start if isinstance(parts, range) else parts} of {count} (from 0)"


class _Files:
    """Data of which names of NumPy's files stand for some.

    They are mapped anew at each evaluation: so no process holds more of them in memory than the
    part that it is at.
    """

    __slots__ = ("_given",)

    def __init__(self, given: Any) -> None:
        self._given = given

    def opened(self) -> Any:
        """The data itself."""
        return _opened(self._given)


def prepared(data: Any) -> Any:
    """What `evaluate` takes for the data of a part as it was given, or as it has arrived."""
    return _Files(data) if _names_file(data) else _opened(data)


def _opened(data: Any) -> Any:
    if type(data) is tuple:
        return tuple(map(_opened, data))
    if _names_file(data):
        return np.load(data, mmap_mode="r")
    # What carries data from one process to another may put arrays at odd addresses. NumPy adds up
    # such ones in another order, and takes ten times as long.
    return data.copy() if isinstance(data, np.ndarray) and not data.flags.aligned else data


def _names_file(data: Any) -> bool:
    if type(data) is tuple:
        return any(map(_names_file, data))
    return isinstance(data, (str, os.PathLike)) and os.fspath(data).endswith(".npy")
