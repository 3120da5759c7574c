"""In what order the values of parts are added, whoever computes them and whenever they come."""

from __future__ import annotations

import operator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import shown

Vector = NDArray[np.float64]
Rows = NDArray[np.float64]

# Rows that are worth one call of NumPy, and numbers of which it may make as many.
_SOME_ROWS: Final = 8
_FEW_NUMBERS: Final = 2**15


class Tree:
    """Which parts, and which sums of parts, are added to which.

    Neighbouring parts are added in groups, neighbouring groups in groups of the next level, and so
    on; what is left is added in the end. Without groups each part is a group of its own.

    Parameters
    ----------
    count : int
        How many parts.
    groups : object
        As `SumOfParts` takes it.

    Attributes
    ----------
    levels : list of list of range
        Of each level the groups; a group is the places of what it adds, which on the first level
        are parts.
    """

    def __init__(self, count: int, groups: Any = None) -> None:
        self.count: Final = count
        self.levels: Final[list[list[range]]] = []
        below = count
        for number in _numbers(groups, count) or [count]:
            self.levels.append(
                [range(j * below // number, (j + 1) * below // number) for j in range(number)]
            )
            below = number

        self.groups: Final = self.levels[0]

    def targets_above(self, level: int) -> list[list[int]]:
        """The places to which sums of a level are added, and theirs, up to the total."""
        return [
            *([k for k, places in enumerate(groups) for _ in places]
              for groups in self.levels[level + 1 :]),
            [0] * len(self.levels[-1]),
        ]  # fmt: skip


def _numbers(groups: Any, count: int) -> list[int]:
    if groups is None:
        return []
    given = list(groups) if isinstance(groups, (tuple, list)) else [groups]
    numbers: list[int] = []
    for number in given:
        largest = numbers[-1] if numbers else count
        try:
            numbers.append(0 if isinstance(number, bool) else operator.index(number))
        except TypeError:
            raise TypeError(
                f"groups: an integer or a sequence of integers is expected, got {shown(groups)}"
            ) from None
        if not 1 <= numbers[-1] <= largest:
            raise ValueError(
                f"groups: from 1 to the number of what is grouped, here {largest}, is expected, "
                f"got {shown(groups)}"
            )
    return numbers


class Sum:
    """Terms that are added in the order of their places.

    A term is a row of n + 1 numbers, f and the gradient.
    """

    __slots__ = ("_next", "_row", "_stop", "_waiting")

    def __init__(self, places: range) -> None:
        self._next, self._stop = places.start, places.stop
        self._waiting: dict[int, Rows] = {}
        self._row: Vector | None = None

    def add(self, place: int, rows: Rows) -> bool:
        """Take in terms, of this place and those that follow; whether none is missing."""
        self._waiting[place] = rows
        while self._next in self._waiting:
            rows = self._waiting.pop(self._next)
            self._next += len(rows)
            if self._row is None:
                # Not np.sum, which adds in an order of its own.
                if len(rows) >= _SOME_ROWS and rows.size < _FEW_NUMBERS:
                    self._row = np.add.accumulate(rows)[-1]
                    continue
                self._row = rows[0].copy()
                rows = rows[1:]
            for row in rows:
                self._row += row
        return self._next == self._stop

    @property
    def row(self) -> Vector:
        """What the terms so far add up to."""
        assert self._row is not None
        return self._row


class Total:
    """The sum of all, from the sums of the groups of one level.

    Parameters
    ----------
    tree : Tree
    level : int, optional
        The level whose sums are given.
    """

    def __init__(self, tree: Tree, level: int = 0) -> None:
        self._last = Sum(range(len(tree.levels[-1])))
        self._sums: list[list[Sum]] = []
        if level + 1 < len(tree.levels):
            above = tree.levels[level + 1 :]
            self._sums = [*([Sum(places) for places in groups] for groups in above), [self._last]]
            self._targets = tree.targets_above(level)

    def add(self, place: int, rows: Rows) -> None:
        """Take in the sums of neighbouring groups, of this place and those that follow."""
        if not self._sums:
            self._last.add(place, rows)
            return
        for k in range(len(rows)):
            self._add(place + k, rows[k : k + 1])

    def _add(self, place: int, rows: Rows) -> None:
        for sums, targets in zip(self._sums, self._targets, strict=True):
            target = targets[place]
            if not sums[target].add(place, rows):
                return
            place, rows = target, sums[target].row[None, :]

    @property
    def row(self) -> Vector:
        """F and the gradient."""
        return self._last.row
