"""``SumOfParts``: an objective that is a sum, whose parts are computed where their data is."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments
from lbfgsb77._parts.sums import Total, Tree
from lbfgsb77._parts.watch import Watch
from lbfgsb77._spread import workers as _workers

if TYPE_CHECKING:
    from lbfgsb77._parts.engine import Engine

Vector = NDArray[np.float64]


class SumOfParts:
    r"""The objective f(x) = Σ_k f_k(x; data_k), each part computed where its data is.

    For everything that takes a function returning f and its gradient: `fmin_l_bfgs_b`, `minimize`
    with ``jac=True``, `LBFGSB`, and SciPy's own. The sum is taken in the order of k, whoever
    computes the parts and whenever they come; so f and the gradient have the same bits for any
    workers that compute a part alike, for any number of them, and after any death.

    Parameters
    ----------
    part : callable
        ``part(x, data)`` returns f_k and its gradient, of shape (n,). x is an ndarray of shape
        (n,), float64, which `part` may keep or change. To be sent to other processes it must be
        picklable: defined in a module.
    parts : sequence
        data_0, data_1, ...: anything, most often arrays. A text or path that ends in ``.npy``
        stands for that file, which whoever computes maps into memory anew at each evaluation; so
        do those in a tuple. On Dask futures and what Dask computes (delayed), also in tuples, stand
        for data that is on the cluster. On MPI also a mapping {k: data_k} of what this rank has;
        or None, where the director has all.
    workers : int, callable, distributed.Client or mpi4py.MPI.Comm, optional
        Who computes: None (default) or 1, this process; a number of processes of this machine (-1:
        one per CPU), each of which is handed its parts once; a map-like callable, called as
        ``workers(function, groups)`` once an evaluation, such as the ``map`` of an executor; a
        client of Dask; a communicator of MPI, see the notes.
    groups : int or sequence of int, optional
        The number of groups of neighbouring parts that are added where they are computed before
        what is left is added here; of several numbers, the further ones are those of groups of
        groups. It saves sending, where n is large, and gives other bits than another number.
        Default None: no groups.
    director : int, optional
        On MPI, the rank that runs the solver; default None: all ranks do.
    progress : callable, optional
        ``progress(done, count)``, called whenever parts have been evaluated.
    patience : float, optional
        Seconds to wait for a worker when a cluster has none. Default 60.

    Attributes
    ----------
    count : int
        How many parts there are.
    evaluations : int
        How many evaluations have ended.
    part_seconds : ndarray of shape (count,)
        Seconds that each part has taken, in all evaluations.
    worker_seconds : dict
        Seconds that each worker has spent in parts, by its name: ``host:process`` or ``rank 0``.
    seconds, seconds_outside : float
        Seconds that evaluations have taken; and what of these was more than the time that the
        busiest worker spent in its parts.

    Raises
    ------
    TypeError, ValueError
        If an argument isn't as described. An evaluation raises them where what `part` returns isn't
        as described; any exception of `part` passes through, with a note that names the part and
        the worker.
    RuntimeError
        By an evaluation, if three processes have died over one part, a cluster is gone or has had
        no worker for `patience` seconds, or ranks of MPI have come apart. With a checkpoint
        nothing is lost.

    Warns
    -----
    The logger ``lbfgsb77`` gets a warning of what dies and is replaced, of a part that is waited
    for long after the others, and of one whose value or gradient isn't finite (which the minimizers
    retreat from).

    See Also
    --------
    minimize_batch : Many small problems.

    Notes
    -----
    On MPI every rank makes the object, with the same arguments but for `parts`. By default all
    ranks call the same minimizer: each evaluates its parts, one collective call gives all ranks
    all values, and each goes on by itself, so that x is never sent. A digest of x rides along:
    ranks whose runs part stop, with the first rank, evaluation and component. Let counts end such
    a run, not `maxtime`, since clocks differ. With ``director=0`` rank 0 alone calls the minimizer
    and the others call `serve`.

    Use it in a ``with`` statement, or `close` it, so that processes end and ranks part in peace.

    Examples
    --------
    A sum of squares over data in four parts, in this process and in two others:

    >>> import numpy as np
    >>> from lbfgsb77 import SumOfParts, minimize
    >>> def squares(x, data):
    ...     rows, y = data[:, :-1], data[:, -1]
    ...     residual = rows @ x - y
    ...     return residual @ residual, 2 * residual @ rows
    ...
    >>> data = np.column_stack([np.ones(20), np.arange(20.0), 2 + 3 * np.arange(20.0)])
    >>> objective = SumOfParts(squares, np.split(data, 4))
    >>> result = minimize(objective, [0.0, 0.0], jac=True, bounds=[(0, None)] * 2)
    >>> result.x.round(6)
    array([2., 3.])
    """

    __module__ = "lbfgsb77"

    def __init__(
        self,
        part: Callable[[Vector, Any], tuple[Any, Any]],
        parts: Sequence[Any] | Mapping[int, Any] | None,
        workers: Any = None,
        *,
        groups: int | Sequence[int] | None = None,
        director: int | None = None,
        progress: Callable[[int, int], Any] | None = None,
        patience: float = 60.0,
    ) -> None:
        _arguments.require_callable("part", part)
        if progress is not None:
            _arguments.require_callable("progress", progress)
        patience = _arguments.nonnegative_tolerance("patience", patience)
        self._given: dict[str, Any] = {
            "part": part, "parts": parts, "workers": workers, "groups": groups,
            "director": director, "progress": progress, "patience": patience,
        }  # fmt: skip
        self._lock = threading.Lock()
        tree, engine = _engine(part, parts, workers, groups, director, patience)
        self._engine: Engine = engine
        self._tree = tree
        self._watch = Watch(tree.count, progress)
        self._process = os.getpid()
        if not hasattr(engine, "comm"):  # ranks can't part where nobody knows when
            weakref.finalize(self, engine.close)

    def __call__(self, x: Any) -> tuple[float, Vector]:
        """Evaluate f and its gradient.

        Parameters
        ----------
        x : array_like of shape (n,)

        Returns
        -------
        f : float
        g : ndarray of shape (n,)
        """
        point = np.ascontiguousarray(_arguments.real_array("x", x)).ravel()
        if self._process != os.getpid():
            # In a process that was forked, which has no right to the workers of the other.
            self.__setstate__(self.__getstate__())
        with self._lock:
            total = Total(self._tree, self._engine.level)
            self._watch.begin()
            for place, rows in self._engine.sums(point, self._watch):
                total.add(place, rows)
            self._watch.end()
        row = total.row
        return float(row[0]), row[1:]

    @property
    def count(self) -> int:
        """How many parts there are."""
        return self._tree.count

    @property
    def evaluations(self) -> int:
        """How many evaluations have ended."""
        return self._watch.evaluations

    @property
    def part_seconds(self) -> Vector:
        """Seconds that each part has taken."""
        return self._watch.part_seconds.copy()

    @property
    def worker_seconds(self) -> dict[str, float]:
        """Seconds that each worker has spent in parts."""
        return dict(self._watch.worker_seconds)

    @property
    def seconds(self) -> float:
        """Seconds that evaluations have taken."""
        return self._watch.seconds

    @property
    def seconds_outside(self) -> float:
        """Seconds of evaluations that were more than the busiest worker's in its parts."""
        return self._watch.seconds_outside

    def summary(self) -> str:
        """A table of the evaluations so far: each worker's time, and the slowest part."""
        return self._watch.summary()

    def checkpoint(self, path: str | os.PathLike[str]) -> str:
        """Prepare the checkpoint of a run with this objective, and name the file.

        Where every rank of MPI runs the solver, each needs a file of its own, and all must go on
        from the same state. So the others get a copy of what rank 0 has, if it has something.

        Parameters
        ----------
        path : str or path-like
            The file, of rank 0 where there are ranks.

        Returns
        -------
        str
            What this process is to give to ``minimize(checkpoint=)``: `path`, or on further ranks
            a name made of it.

        Raises
        ------
        OSError
            If a file can't be read or written.
        """
        name = os.fsdecode(_arguments.path("path", path))
        comm = getattr(self._engine, "comm", None)
        if comm is None or self._given["director"] is not None:
            return name
        mine = name if comm.rank == 0 else f"{name}.rank-{comm.rank}"
        held = None
        if comm.rank == 0 and os.path.exists(name):
            with open(name, "rb") as file:
                held = file.read()
        held = comm.bcast(held)
        if comm.rank > 0:
            if held is not None:
                with open(mine, "wb") as file:
                    file.write(held)
            elif os.path.exists(mine):
                os.remove(mine)
        return mine

    def serve(self) -> None:
        """Evaluate this rank's parts for the director of MPI, until it closes its object."""
        serve = getattr(self._engine, "serve", None)
        if serve is None:
            raise RuntimeError("serve: only for ranks of MPI, where director= says who directs")
        serve()

    def close(self) -> None:
        """Let go of the workers: end processes, leave the ranks of MPI.

        Another evaluation would begin new processes; ranks stay apart.
        """
        if self._process == os.getpid():
            self._engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self.close()
        except RuntimeError as failure:
            if error is None:
                raise
            error.add_note(str(failure))

    def __repr__(self) -> str:
        workers = self._given["workers"]
        return f"<SumOfParts: {self.count} parts, workers {workers!r}>"

    def __getstate__(self) -> Any:
        return self._given

    def __setstate__(self, given: dict[str, Any]) -> None:
        self.__init__(**given)  # type: ignore[misc]


def _engine(
    part: Any, parts: Any, workers: Any, groups: Any, director: Any, patience: float
) -> tuple[Tree, Engine]:
    """Who computes, as `workers` says."""
    on_mpi = hasattr(workers, "Allgatherv")
    if director is not None and not on_mpi:
        raise ValueError(
            f"director: for an MPI communicator as workers alone, got {_arguments.shown(director)}"
        )
    parts = _checked(parts, on_mpi, director)
    if on_mpi:
        from lbfgsb77._parts import by_mpi

        if director is not None:
            director = _arguments.count("director", director)
            if director >= workers.size:
                raise ValueError(
                    f"director: one of {workers.size} ranks (from 0) is expected, got {director}"
                )
        held = by_mpi.Held(workers, parts, director, groups)
        if director is None:
            return held.tree, by_mpi.Replicated(part, held)
        return held.tree, by_mpi.Director(part, held, director)
    tree = Tree(len(parts), groups)
    if hasattr(workers, "scatter") and hasattr(workers, "submit"):
        from lbfgsb77._parts.on_dask import OnDask

        return tree, OnDask(part, parts, tree, workers, patience)
    if hasattr(workers, "get_client"):
        raise TypeError(
            "workers: a client of the Dask cluster is expected, distributed.Client(cluster), got "
            f"{_arguments.shown(workers)}"
        )
    workers = _workers.checked(workers)
    if callable(workers):
        from lbfgsb77._parts.here import Mapped

        return tree, Mapped(part, parts, tree, workers)
    if workers == 1:
        from lbfgsb77._parts.here import Here

        return tree, Here(part, parts, tree)
    from lbfgsb77._parts.in_processes import InProcesses

    return tree, InProcesses(part, parts, tree, workers)


def _checked(parts: Any, on_mpi: bool, director: int | None) -> Any:
    """The data of the parts, as a list; on MPI also a mapping or None."""
    if on_mpi and (isinstance(parts, Mapping) or (parts is None and director is not None)):
        return parts
    if isinstance(parts, (str, bytes, os.PathLike, Mapping)):
        raise TypeError(
            f"parts: a sequence, one item a part, is expected, got {_arguments.shown(parts)}"
        )
    try:
        found = list(parts)
    except TypeError:
        raise TypeError(
            f"parts: a sequence, one item a part, is expected, got {_arguments.shown(parts)}"
        ) from None
    if not found:
        raise ValueError("parts: at least one is expected, got none")
    return found
