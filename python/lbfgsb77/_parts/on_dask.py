"""Parts on a Dask cluster: data stays where it is, and only sums of parts come back."""

from __future__ import annotations

import os
import queue
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from functools import partial
from typing import Any, Final

import numpy as np
from dask import is_dask_collection
from distributed import Client, Future
from numpy.typing import NDArray

from lbfgsb77._parts.engine import OneByOne
from lbfgsb77._parts.evaluation import Part, Result, evaluate, named, prepared
from lbfgsb77._parts.sums import Sum, Tree
from lbfgsb77._parts.watch import INTERVAL, Watch

Vector = NDArray[np.float64]

# Up to so many bytes x travels with each task. To broadcast it takes 6 ms, whatever its size.
_SMALL: Final = 2**14

# So many times a part may be lost in one evaluation. Dask counts itself where a task is lost, but
# not where its data was scattered and is lost with it.
_LOSSES: Final = 3


class OnDask(OneByOne):
    """The workers of a Dask cluster.

    Parameters
    ----------
    part : callable
    parts : sequence
        Data; or futures, or what Dask computes, also in tuples.
    tree : Tree
    client : distributed.Client
    patience : float
        Seconds to wait for a worker when the cluster has none.
    """

    def __init__(
        self, part: Part, parts: Sequence[Any], tree: Tree, client: Client, patience: float
    ) -> None:
        self._tree, self._client, self._patience = tree, client, patience
        self._evaluate = partial(_evaluate_one, part, tree.count)
        self.level = len(tree.levels) - 1
        self._place = {k: place for place, group in enumerate(tree.groups) for k in group}
        self._given = [self._of_cluster(data) for data in parts]
        self._there: dict[int, Future] = {}  # what was scattered, by part

    def _of_cluster(self, data: Any) -> Any:
        """Futures in place of collections of Dask's."""
        if type(data) is tuple:
            return tuple(self._of_cluster(item) for item in data)
        return self._client.compute(data) if is_dask_collection(data) else data

    def results(self, x: Vector, watch: Watch) -> Iterator[Result]:
        """As `OneByOne`."""
        tasks: dict[int, Future] = {}  # by part
        told: set[int] = set()  # parts that have arrived
        losses: Counter[int] = Counter()
        try:
            while True:
                self._scatter()
                sums = self._submit(x, tasks)
                if not self._lost(tasks, told, losses, watch):
                    with suppress(CancelledError):  # of what was lost on its way
                        yield from self._client.gather(sums)
                        return
                    self._lost(tasks, told, losses, watch)
        except BaseException as error:
            if isinstance(error, (CancelledError, OSError, TimeoutError)):
                self._require_connection(error)
            with suppress(Exception):
                self._client.cancel(list(tasks.values()), force=True)  # nobody waits for them
            raise

    def _scatter(self) -> None:
        """Send to the workers what isn't there, groups together."""
        missing = [
            k for k, data in enumerate(self._given) if k not in self._there and _is_data(data)
        ]
        if not missing:
            return
        addresses = list(self._workers())
        for number, address in enumerate(addresses):
            mine = [k for k in missing if self._place[k] % len(addresses) == number]
            if mine:
                data = [self._given[k] for k in mine]
                futures = self._client.scatter(data, workers=[address], hash=False)
                self._there.update(zip(mine, futures, strict=True))

    def _workers(self) -> dict[str, int]:
        """Addresses and threads of the workers; waits for one where there is none."""
        began = time.monotonic()
        while not (workers := dict(self._client.nthreads())):
            if time.monotonic() - began > self._patience:
                raise RuntimeError(
                    f"workers: the Dask cluster has had no worker for {self._patience:g} s"
                )
            time.sleep(INTERVAL / 5)
        return workers

    def _submit(self, x: Vector, tasks: dict[int, Future]) -> list[Future]:
        """Ask for all parts that `tasks` lacks, and for the sums of the last level."""
        at: Any = x
        if x.nbytes > _SMALL:
            self._workers()
            at = self._client.scatter(x, broadcast=True, hash=False)
        # All in one message: the scheduler takes a millisecond or two for each.
        missing = [k for k in range(len(self._given)) if k not in tasks]
        futures = self._client.map(
            self._evaluate,
            [self._place[k] for k in missing],
            missing,
            [self._there.get(k, self._given[k]) for k in missing],
            [at] * len(missing),
            pure=False,
        )
        tasks.update(zip(missing, futures, strict=True))
        sums = [tasks[k] for k in range(len(tasks))]
        for groups in self._tree.levels:
            if len(groups) < len(sums):  # else each is a group of its own
                terms = [sums[group.start : group.stop] for group in groups]
                sums = self._client.map(_added, range(len(groups)), terms, pure=False)
        return sums

    def _lost(
        self, tasks: dict[int, Future], told: set[int], losses: Counter[int], watch: Watch
    ) -> bool:
        """Wait for all parts; whether some were lost, which `tasks` then lacks."""
        done: queue.SimpleQueue[Future] = queue.SimpleQueue()
        waiting = {}
        for k, future in tasks.items():
            waiting[future.key] = k
            future.add_done_callback(done.put)
        lost, quiet = [], 0.0
        while waiting:
            try:
                future = done.get(timeout=INTERVAL)
            except queue.Empty:
                self._require_connection()
                watch.waiting(lambda: self._missing(waiting))
                quiet += INTERVAL
                if quiet > self._patience:
                    self._workers()
                    quiet = 0.0
                continue
            quiet = 0.0
            k = waiting.pop(future.key)
            if future.status == "error":
                raise self._failure(future, k)
            if future.status != "finished":
                lost.append(k)
            elif k not in told:
                told.add(k)
                watch.arrived(1)
        for k in lost:
            self._require_connection()
            losses[k] += 1
            if losses[k] == _LOSSES:
                raise RuntimeError(
                    f"workers: {_LOSSES} workers of the Dask cluster died over "
                    f"{named(k, self._tree.count)}"
                )
            del tasks[k]
            self._forget(k)
        if lost:
            watch.died(
                f"a worker of the Dask cluster died; computed again: {len(lost)} parts, the first "
                f"is {named(min(lost), self._tree.count)}"
            )
        return bool(lost)

    def _missing(self, waiting: dict[Any, int]) -> list[tuple[int, str]]:
        """Parts that are to come, and where they are."""
        where = {key: worker for worker, keys in self._client.processing().items() for key in keys}
        return [(k, where.get(key, "no worker of the Dask cluster")) for key, k in waiting.items()]

    def _failure(self, future: Future, k: int) -> BaseException:
        error: BaseException = future.exception()
        if not hasattr(error, "__notes__"):  # of Dask itself, such as KilledWorker
            error.add_note(f"in {named(k, self._tree.count)}")
        return error

    def _forget(self, k: int) -> None:
        """The data of a part may be lost too."""
        if self._there.pop(k, None) is None and _has_lost(self._given[k]):
            raise RuntimeError(
                f"parts: the data of {named(k, self._tree.count)} was lost with a worker, and Dask "
                "can't make it again: it was scattered, not computed"
            )

    def _require_connection(self, error: BaseException | None = None) -> None:
        if self._client.status != "running":
            raise RuntimeError(
                f"workers: the Dask cluster is gone (the client is {self._client.status})"
            ) from error

    def close(self) -> None:
        """Let go of what was scattered."""
        self._there.clear()


def _evaluate_one(part: Part, count: int, place: int, k: int, data: Any, x: Vector) -> Result:
    """One part, in a task."""
    return evaluate(part, place, [(k, prepared(data))], x, count)


def _added(place: int, results: list[Result]) -> Result:
    """The sum of a group, in a task."""
    total = Sum(range(len(results)))
    for k, result in enumerate(results):
        total.add(k, result.row[None, :])
    return Result(place, total.row, tuple(one for result in results for one in result.records))


def _is_data(data: Any) -> bool:
    """Whether it is large enough to be scattered, and not on the cluster yet."""
    if type(data) is tuple:
        return any(map(_is_data, data)) and not any(isinstance(item, Future) for item in data)
    return not isinstance(data, (Future, str, os.PathLike, int, float, type(None)))


def _has_lost(data: Any) -> bool:
    if type(data) is tuple:
        return any(map(_has_lost, data))
    return isinstance(data, Future) and data.status in ("cancelled", "lost")
