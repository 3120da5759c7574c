"""Parts on the ranks of MPI: one rank directs, or every rank runs the same solver.

Each evaluation is a collective call or two. What a rank sends is numbers::

    digest of x (4), evaluation             the head: what must agree,
    state, seconds, whether all is finite   and what is told
    seconds                                 of each part of the rank
    what isn't finite                       of each part of the rank
    f, gradient (n)                         of each group of the rank
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from mpi4py import MPI
from numpy.typing import NDArray

from lbfgsb77._arguments import shown
from lbfgsb77._parts.engine import Engine
from lbfgsb77._parts.evaluation import Part, Records, evaluate_into, prepared
from lbfgsb77._parts.sums import Tree
from lbfgsb77._parts.watch import Watch
from lbfgsb77._spread.exceptions import sendable

Vector = NDArray[np.float64]
Rows = NDArray[np.float64]

_HEAD: Final = 8
_DIGEST: Final = slice(0, 4)
_EVALUATION: Final = 4
_AGREES: Final = 5  # numbers of the head that are the same on all ranks
_TOLD: Final = slice(5, 8)
_STATE: Final = 5

# States of a rank.
_FINE: Final = 0
_FAILED: Final = 1
_LEAVES: Final = 2

# In place of the number of variables, by a rank that ends before its first evaluation.
_LEFT: Final = -1

# What a director says, before x.
_EVALUATE: Final = 1
_RESIZE: Final = 2
_END: Final = 0


class Held:
    """Which rank has which parts, as all ranks have told each other.

    Parameters
    ----------
    comm : mpi4py.MPI.Comm
    parts : sequence, mapping or None
        All parts; or those of this rank by their numbers; or None where the director has them.
    director : int or None
    groups : object
        As `SumOfParts` takes it.

    Attributes
    ----------
    tree : Tree
    places : list of list of int
        The groups of each rank.
    members : dict
        Of each group of this rank numbers and data of its parts.
    """

    def __init__(self, comm: MPI.Comm, parts: Any, director: int | None, groups: Any) -> None:
        self.comm = comm
        told = comm.allgather(_described(parts))
        _require_agreement(told, director)
        count = sum(len(said) for said in told if isinstance(said, list)) or max(
            said for said in told if isinstance(said, int)
        )
        self.tree = Tree(count, groups)
        if isinstance(told[0], list):
            self.places = self._places_of_mappings(told)
        else:
            number, size = len(self.tree.groups), comm.size
            self.places = [
                list(range(r * number // size, (r + 1) * number // size)) for r in range(size)
            ]
        if 0 in told:
            parts = self._dealt(parts, director)
        self.members = {
            place: [(k, prepared(parts[k])) for k in self.tree.groups[place]]
            for place in self.places[comm.rank]
        }

    def _places_of_mappings(self, told: list[Any]) -> list[list[int]]:
        rank_of = {k: rank for rank, said in enumerate(told) for k in said}
        places: list[list[int]] = [[] for _ in told]
        for place, group in enumerate(self.tree.groups):
            ranks = sorted({rank_of[k] for k in group})
            if len(ranks) > 1:
                raise ValueError(
                    f"groups: the parts of a group are expected on one rank, but group {place}, "
                    f"parts {group.start} to {group.stop - 1}, is on ranks {ranks}"
                )
            places[ranks[0]].append(place)
        return places

    def _dealt(self, parts: Any, director: int | None) -> Any:
        """Each rank's own from the director, one at a time."""
        assert director is not None
        comm = self.comm
        if comm.rank != director:
            mine = [k for place in self.places[comm.rank] for k in self.tree.groups[place]]
            return {k: comm.recv(source=director, tag=0) for k in mine}
        for rank, places in enumerate(self.places):
            if rank != director:
                for place in places:
                    for k in self.tree.groups[place]:
                        comm.send(parts[k], dest=rank, tag=0)
        return parts


def _described(parts: Any) -> Any:
    """What a rank tells of its parts: how many there are, or the numbers of its own."""
    if parts is None:
        return 0
    return sorted(parts) if isinstance(parts, Mapping) else len(parts)


def _require_agreement(told: list[Any], director: int | None) -> None:
    if any(isinstance(said, list) for said in told):
        numbers = sorted(k for said in told if isinstance(said, list) for k in said)
        if (
            not numbers
            or not all(isinstance(said, list) for said in told)
            or (numbers != [*range(len(numbers))])
        ):
            raise ValueError(
                "parts: mappings of the ranks are expected to have each number from 0 once, "
                f"together, got {shown(told)}"
            )
        return
    full = {said for said in told if said != 0}
    alone = director is not None and told[director] != 0
    if len(full) != 1 or (0 in told and not alone):
        raise ValueError(
            "parts: as many on each rank are expected, or on the director alone and None on the "
            f"others, got by rank {told}"
        )


class _Ranks(Engine):
    """What both ways have in common: what a rank sends, and what is read from all of them."""

    def __init__(self, part: Part, held: Held) -> None:
        self.comm, self._held, self._part = held.comm, held, part
        self._n = -1
        self._open = True
        groups = held.tree.groups
        # How many parts each rank has, and which, rank after rank.
        self._counts = [sum(len(groups[place]) for place in mine) for mine in held.places]
        self._numbers = [k for mine in held.places for place in mine for k in groups[place]]
        in_order = self._numbers == [*range(len(self._numbers))]
        self._parts: Any = slice(None) if in_order else np.array(self._numbers)
        self._working = [rank for rank, count in enumerate(self._counts) if count]
        self._names = [f"rank {rank}" for rank in self._working]

    def _resize(self, n: int) -> None:
        """Make room for sums of n variables."""
        places, rank = self._held.places, self.comm.rank
        lengths = [
            _HEAD + 2 * count + len(mine) * (n + 1)
            for count, mine in zip(self._counts, places, strict=True)
        ]
        starts = [sum(lengths[:k]) for k in range(len(lengths))]
        self._n = n
        self._sent: Vector = np.zeros(lengths[rank])
        self._received: Vector = np.zeros(sum(lengths))
        self._receiving = [self._received, (lengths, starts), MPI.DOUBLE]
        self._head = self._sent[:_HEAD]
        self._sent_seconds = self._sent[_HEAD : _HEAD + self._counts[rank]]
        self._sent_not_finite = self._sent[_HEAD + self._counts[rank] :][: self._counts[rank]]
        self._sent_rows = list(self._sent[_HEAD + 2 * self._counts[rank] :].reshape(-1, n + 1))
        # Where in what is received the heads are, and of all parts the seconds, and behind.
        heads = np.add.outer(starts, np.arange(_HEAD))
        self._agreeing, self._told = heads[:, :_AGREES], heads[:, _TOLD].T
        self._seconds = np.concatenate(
            [
                start + _HEAD + np.arange(count)
                for start, count in zip(starts, self._counts, strict=True)
            ]
        )
        self._not_finite = self._seconds + np.repeat(self._counts, self._counts)
        self._rows: list[tuple[int, Rows]] = []
        for start, count, mine in zip(starts, self._counts, places, strict=True):
            rows = self._received[start + _HEAD + 2 * count :][: len(mine) * (n + 1)]
            self._rows += _neighbours(mine, rows.reshape(-1, n + 1))

    def _evaluate(self, x: Vector) -> BaseException | None:
        """Evaluate this rank's groups into what it sends; what went wrong."""
        count, name = self._held.tree.count, f"rank {self.comm.rank}"
        seconds: list[float] = []
        not_finite: list[int] = []
        try:
            for row, members in zip(self._sent_rows, self._held.members.values(), strict=True):
                evaluate_into(row, self._part, members, x, count, name, seconds, not_finite)
            self._sent_seconds[:] = seconds
            self._sent_not_finite[:] = not_finite
            self._head[_TOLD] = _FINE, sum(seconds), any(not_finite)
        except BaseException as error:
            self._head[_STATE] = _FAILED
            return error
        return None

    def _heads(self) -> list[list[float]]:
        """State, seconds, and whether something isn't finite, of all ranks."""
        told: list[list[float]] = self._received.take(self._told).tolist()
        return told

    def _sums(self, watch: Watch, busy: list[float], wrong: bool) -> list[tuple[int, Rows]]:
        """The sums that were received, by the first of their places."""
        seconds = self._received.take(self._seconds)
        if wrong or max(busy) > watch.grace:
            not_finite = self._received.take(self._not_finite).astype(int)
            first = 0
            for rank, name in zip(self._working, self._names, strict=True):
                its = slice(first, first + self._counts[rank])
                first = its.stop
                taken, kinds = seconds[its].tolist(), not_finite[its].tolist()
                watch.note(Records(self._numbers[its], taken, kinds, name))
        else:
            watch.note_all(self._parts, seconds, self._names, [busy[r] for r in self._working])
        watch.arrived(self._held.tree.count)
        return self._rows

    def _require_open(self) -> None:
        if not self._open:
            raise RuntimeError("workers: the ranks are not together any more; begin anew on all")


def _neighbours(places: list[int], rows: Rows) -> list[tuple[int, Rows]]:
    """Rows of places that follow each other, together."""
    if places and places == [*range(places[0], places[0] + len(places))]:
        return [(places[0], rows)]
    return [(place, rows[k : k + 1]) for k, place in enumerate(places)]


class Replicated(_Ranks):
    """Every rank evaluates its parts, gets all sums, and goes on by itself.

    So x is never sent: each rank's solver computes the same. A digest of x shows that it did.
    """

    def sums(self, x: Vector, watch: Watch) -> Iterator[tuple[int, Rows]]:
        """As `Engine`."""
        self._require_open()
        if x.size != self._n:
            self._agree_on_size(x.size)
        error = self._evaluate(x)
        self._head[_DIGEST] = np.frombuffer(hashlib.sha256(x.data).digest())
        self._head[_EVALUATION] = watch.evaluations
        self._gather()
        states, busy, wrong = self._heads()
        if any(states):
            self._require_all(error, states, watch.evaluations)
        heads = self._received.take(self._agreeing)
        if heads.tobytes() != self._head[:_AGREES].tobytes() * len(heads):
            self._tell_difference(x, watch.evaluations)
        yield from self._sums(watch, busy, any(wrong))

    def _gather(self) -> None:
        self.comm.Allgatherv([self._sent, MPI.DOUBLE], self._receiving)

    def _agree_on_size(self, n: int) -> None:
        sizes = self.comm.allgather(n)
        if _LEFT in sizes or len(set(sizes)) > 1:
            self._open = False
            if _LEFT in sizes:
                raise RuntimeError(
                    f"workers: rank {sizes.index(_LEFT)} has ended before its first evaluation"
                )
            raise RuntimeError(f"workers: x has {sizes} components on the ranks")
        self._resize(n)

    def _require_all(
        self, error: BaseException | None, states: list[float], evaluation: int
    ) -> None:
        """All ranks are there, and no part has failed: else the same exception on all."""
        if _LEAVES in states:
            self._open = False
            raise RuntimeError(
                f"workers: rank {states.index(_LEAVES)} has ended its run, and rank "
                f"{next(r for r, state in enumerate(states) if state != _LEAVES)} is at evaluation "
                f"{evaluation + 1}"
            )
        if _FAILED in states:
            where = f"a part of rank {self.comm.rank}"
            errors = self.comm.allgather(None if error is None else sendable(error, where))
            if error is not None and not isinstance(error, Exception):
                raise error
            raise next(one for one in errors if one is not None)

    def _tell_difference(self, x: Vector, evaluation: int) -> None:
        """Say where the ranks' runs part."""
        first = self.comm.bcast((x, evaluation))
        if evaluation != first[1]:
            mine: Any = f"it is at evaluation {evaluation + 1}, rank 0 at {first[1] + 1}"
        else:
            places = np.flatnonzero(x.view(np.int64) != first[0].view(np.int64))
            mine = None
            if places.size:
                i = int(places[0])
                mine = f"x[{i}] is {x[i]!s} there, {first[0][i]!s} on rank 0"
        said = self.comm.allgather(mine)
        rank = next(r for r, one in enumerate(said) if one is not None)
        raise RuntimeError(
            f"workers: the runs of the ranks differ in evaluation {evaluation + 1}, first on rank "
            f"{rank}: {said[rank]}"
        )

    def close(self) -> None:
        """Leave, together with all others."""
        if not self._open:
            return
        self._open = False
        if self._n < 0:
            left = [size != _LEFT for size in self.comm.allgather(_LEFT)]
        else:
            self._head[_STATE] = _LEAVES
            self._gather()
            left = [state != _LEAVES for state in self._heads()[0]]
        if any(left):
            raise RuntimeError(
                f"workers: rank {self.comm.rank} has ended its run, but rank {left.index(True)} "
                "goes on"
            )


class Director(_Ranks):
    """One rank runs the solver; it sends x to the others and adds what they return."""

    def __init__(self, part: Part, held: Held, director: int) -> None:
        super().__init__(part, held)
        self._director = director
        self._said: Vector = np.zeros(2)  # what is to be done, and x

    @property
    def directs(self) -> bool:
        """Whether this rank does."""
        return self.comm.rank == self._director

    def _resize(self, n: int) -> None:
        super()._resize(n)
        self._said = np.zeros(n + 1)

    def sums(self, x: Vector, watch: Watch) -> Iterator[tuple[int, Rows]]:
        """As `Engine`."""
        self._require_open()
        if not self.directs:
            raise RuntimeError(
                f"workers: rank {self._director} directs; rank {self.comm.rank} is expected to "
                "call serve()"
            )
        if x.size != self._n:
            self._say(_RESIZE, x.size)
            self._resize(x.size)
        self._say(_EVALUATE, x)
        error = self._evaluate(x)
        self._gather()
        states, busy, wrong = self._heads()
        if any(states):
            for rank, state in enumerate(states):
                if state == _FAILED and rank != self._director:
                    other = self.comm.recv(source=rank, tag=1)
                    error = other if error is None else error
        if error is not None:
            raise error
        yield from self._sums(watch, busy, any(wrong))

    def _say(self, what: int, rest: Any = 0.0) -> None:
        self._said[0] = what
        self._said[1:] = rest
        self.comm.Bcast([self._said, MPI.DOUBLE], root=self._director)

    def _gather(self) -> None:
        receiving = self._receiving if self.directs else None
        self.comm.Gatherv([self._sent, MPI.DOUBLE], receiving, root=self._director)

    def serve(self) -> None:
        """Do what the director says, until it ends."""
        self._require_open()
        if self.directs:
            raise RuntimeError(f"serve: rank {self.comm.rank} directs, and serves nobody")
        while True:
            self.comm.Bcast([self._said, MPI.DOUBLE], root=self._director)
            what = int(self._said[0])
            if what == _END:
                self._open = False
                return
            if what == _RESIZE:
                self._resize(int(self._said[1]))
                continue
            error = self._evaluate(self._said[1:])
            self._gather()
            if error is not None:
                where = f"a part of rank {self.comm.rank}"
                self.comm.send(sendable(error, where), dest=self._director, tag=1)

    def close(self) -> None:
        """Let the others end."""
        if self._open and self.directs:
            self._open = False
            self._say(_END)
