"""Processes of this machine, each with its own parts, which it is handed once.

Not an executor of the standard library: when one process of such a pool dies, all are lost, and
what a process is handed at its beginning is the same for all.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._parts.engine import OneByOne
from lbfgsb77._parts.evaluation import Part, Result, evaluate, named
from lbfgsb77._parts.here import Group, groups_of
from lbfgsb77._parts.sums import Tree
from lbfgsb77._parts.watch import INTERVAL, Watch
from lbfgsb77._spread.exceptions import sendable
from lbfgsb77._spread.processes import refuse_in_daemon

Vector = NDArray[np.float64]

# So many processes may die over one part of one evaluation.
_DEATHS: Final = 3


class InProcesses(OneByOne):
    """Processes of this machine.

    Parameters
    ----------
    part : callable
    parts : sequence
    tree : Tree
    count : int
        How many processes.
    """

    def __init__(self, part: Part, parts: Sequence[Any], tree: Tree, count: int) -> None:
        refuse_in_daemon()
        self._part, self._tree = part, tree
        groups = groups_of(parts, tree)
        # In turns, so that sums come about in the order in which they are added.
        self._shares = [share for k in range(count) if (share := groups[k::count])]
        self._workers: list[_Worker] = []
        self._x: Vector = np.empty(0)
        self._home = os.getpid()

    def results(self, x: Vector, watch: Watch) -> Iterator[Result]:
        """As `OneByOne`."""
        try:
            self._begin(x)
            yield from self._results(watch)
        except BaseException:
            self.close()  # nobody waits for what is still being computed
            raise

    def _begin(self, x: Vector) -> None:
        if self._workers and x.size != self._x.size:
            self.close()
        if not self._workers:
            shared = multiprocessing.get_context().RawArray("d", x.size)
            self._x = np.frombuffer(shared)
            for share in self._shares:
                self._workers.append(_Worker(self._part, share, shared, self._tree.count))
        self._x[:] = x
        for worker in self._workers:
            worker.ask()

    def _results(self, watch: Watch) -> Iterator[Result]:
        deaths: dict[int, int] = {}
        while busy := [worker for worker in self._workers if worker.waiting]:
            ready = wait([source for worker in busy for source in worker.sources], INTERVAL)
            if not ready:
                watch.waiting(self._missing)
            for worker in busy:
                if not any(source in ready for source in worker.sources):
                    continue
                result = worker.take()
                if result is not None:
                    watch.arrived(result.parts)
                    yield result
                    continue
                place = worker.waiting[0]
                deaths[place] = deaths.get(place, 0) + 1
                code = worker.exit_code()
                parts, name = worker.at
                which = named(parts, self._tree.count)
                if deaths[place] == _DEATHS:
                    raise RuntimeError(
                        f"workers: {_DEATHS} processes died over {which}, the last with exit code "
                        f"{code}"
                    )
                watch.died(f"{name} died with exit code {code} over {which}; another one goes on")
                worker.begin_again()

    def _missing(self) -> list[tuple[range, str]]:
        return [worker.at for worker in self._workers if worker.waiting]

    def close(self) -> None:
        """End the processes."""
        workers, self._workers = self._workers, []
        if os.getpid() != self._home:
            return  # forked, and they belong to the other one
        for worker in workers:
            worker.end()


class _Worker:
    """One process, as this one sees it."""

    def __init__(self, part: Part, share: list[Group], shared: Any, count: int) -> None:
        self._arguments = part, dict(share), shared, count
        self._places = [place for place, _ in share]
        self.waiting: list[int] = []  # places whose sums are to come
        self._start()

    def _start(self) -> None:
        context: Any = multiprocessing.get_context()
        self._connection, theirs = context.Pipe()
        self._process = context.Process(
            target=_serve, args=(theirs, self._connection, *self._arguments), daemon=True
        )
        self._process.start()
        theirs.close()  # so that its end is seen here

    @property
    def sources(self) -> tuple[Any, Any]:
        """What tells that there is something to `take`."""
        return self._connection, self._process.sentinel

    @property
    def at(self) -> tuple[range, str]:
        """The parts of the group that it is at, and its name."""
        members = self._arguments[1][self.waiting[0]]
        return range(members[0][0], members[-1][0] + 1), f"process {self._process.pid}"

    def ask(self) -> None:
        """Ask for the sums of all its groups."""
        self.waiting = list(self._places)
        self._send()

    def _send(self) -> None:
        with suppress(OSError):  # it has died, which `take` will find
            self._connection.send(self.waiting)

    def take(self) -> Result | None:
        """The next sum; None if the process has died."""
        try:
            # What it sent before it died counts.
            answer = self._connection.recv() if self._connection.poll() else None
        except (EOFError, OSError):
            return None
        if isinstance(answer, BaseException):
            raise answer
        if answer is not None:
            self.waiting.remove(answer.place)
        return answer

    def exit_code(self) -> int | None:
        """Of a process that has died."""
        self._process.join()
        code: int | None = self._process.exitcode
        return code

    def begin_again(self) -> None:
        """Start another process, and ask it for what is still to come."""
        self._connection.close()
        self._start()
        self._send()

    def end(self) -> None:
        """Kill the process."""
        self._process.kill()
        self._process.join()
        self._connection.close()


def _serve(
    connection: Connection,
    parents: Connection,
    part: Part,
    groups: dict[int, list[tuple[int, Any]]],
    shared: Any,
    count: int,
) -> None:
    """Evaluate what is asked for, until the one who asks is no more."""
    parents.close()  # a forked process has both ends, and would never see the other one close
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C is for the one who asks
    x = np.frombuffer(shared)
    with suppress(EOFError, OSError):
        while True:
            for place in connection.recv():
                answer: Any
                try:
                    answer = evaluate(part, place, groups[place], x, count)
                except BaseException as error:
                    answer = sendable(error, _where(error))
                connection.send(answer)


def _where(error: BaseException) -> str:
    """The part, as `evaluate` has noted it."""
    return next(iter(getattr(error, "__notes__", ())), "in a part").removeprefix("in ")
