"""Parts that are evaluated one after the other in this process, or by any map."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._parts.engine import Engine, OneByOne
from lbfgsb77._parts.evaluation import (
    Part,
    Records,
    Result,
    evaluate,
    evaluate_into,
    prepared,
    this_process,
)
from lbfgsb77._parts.sums import Tree
from lbfgsb77._parts.watch import Watch
from lbfgsb77._spread.workers import mapped

Vector = NDArray[np.float64]
Group = tuple[int, list[tuple[int, Any]]]


class Here(Engine):
    """One part after the other, in this process."""

    def __init__(self, part: Part, parts: Sequence[Any], tree: Tree) -> None:
        self._part, self._count = part, tree.count
        self._groups = groups_of(parts, tree)

    def sums(self, x: Vector, watch: Watch) -> Iterator[tuple[int, Vector]]:
        """As `Engine`."""
        # One row for all: they come in order, so each is added before the next one.
        rows = np.empty((1, x.size + 1))
        records = Records([], [], [], this_process())
        for place, members in self._groups:
            evaluate_into(
                rows[0], self._part, members, x, self._count, records.worker, records.seconds,
                records.not_finite,
            )  # fmt: skip
            watch.arrived(len(members))
            yield place, rows
        records.parts.extend(range(self._count))
        watch.note(records)


class Mapped(OneByOne):
    """A map-like callable, which gets the data with each evaluation."""

    def __init__(
        self, part: Part, parts: Sequence[Any], tree: Tree, workers: Callable[..., Any]
    ) -> None:
        self._part, self._count, self._workers = part, tree.count, workers
        self._groups = groups_of(parts, tree)

    def results(self, x: Vector, watch: Watch) -> Iterator[Result]:
        """As `OneByOne`."""
        function = _At(self._part, x, self._count)
        for result in mapped(self._workers, function, self._groups, "part"):
            watch.arrived(result.parts)
            yield result


class _At:
    """The evaluation of a group at a point, which can be sent to other processes."""

    def __init__(self, part: Part, x: Vector, count: int) -> None:
        self._part, self._x, self._count = part, x, count

    def __call__(self, group: Group) -> Result:
        return evaluate(self._part, *group, self._x, self._count)


def groups_of(parts: Sequence[Any], tree: Tree) -> list[Group]:
    """Each group's place, and the numbers and data of its parts."""
    return [
        (place, [(k, prepared(parts[k])) for k in group]) for place, group in enumerate(tree.groups)
    ]
