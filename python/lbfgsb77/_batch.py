"""Many problems in lockstep: one call of the objective for all points that wait."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _arguments, _backend, _bounds, _lbfgsb, _parallel, _status
from lbfgsb77._result import OptimizeResult
from lbfgsb77._solver import LBFGSB
from lbfgsb77._workspace import FACTR, MAXLS, PGTOL, STEP, WorkspaceRows

Vectors = NDArray[np.float64]
Objective = Callable[..., tuple[ArrayLike, ArrayLike]]
Advance = Callable[[NDArray[np.int32]], NDArray[np.uint8]]

# Below this many problems a thread costs more than it saves.
_FEWEST_PER_THREAD: Final = 64

# Groups for a map of which nobody knows how many workers it has.
_GROUPS: Final = 32


class BatchResult(Sequence[OptimizeResult]):
    """The results of a batch: a sequence of them, and arrays of what they have in common.

    Attributes
    ----------
    x, jac : ndarray of shape (K, n)
        The best points found, and the gradients there.
    fun : ndarray of shape (K,)
        The objective there.
    nit, nfev : ndarray of shape (K,), int
        Iterations and evaluations of each problem.

    Examples
    --------
    >>> import numpy as np
    >>> from lbfgsb77 import minimize_batch
    >>> def parabolas(X, index):
    ...     return ((X - 1) ** 2).sum(axis=1), 2 * (X - 1)
    >>> results = minimize_batch(parabolas, np.array([[0.0], [3.0]]))
    >>> len(results), results.fun, results[1].success
    (2, array([0., 0.]), True)
    """

    def __init__(self, arrays: _Arrays, items: Sequence[OptimizeResult]) -> None:
        self.x, self.fun, self.jac, self.nit, self.nfev = arrays
        self._items = items

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> OptimizeResult: ...
    @overload
    def __getitem__(self, index: slice) -> list[OptimizeResult]: ...
    def __getitem__(self, index: int | slice) -> OptimizeResult | list[OptimizeResult]:
        if isinstance(index, slice):
            return [self._items[k] for k in range(*index.indices(len(self)))]
        return self._items[range(len(self))[index]]

    @property
    def status(self) -> NDArray[np.int64]:
        """0 converged, 1 a limit was reached, 2 another ending; shape (K,)."""
        return np.array([item.status for item in self], np.int64)

    @property
    def success(self) -> NDArray[np.bool_]:
        """Whether each run converged; shape (K,)."""
        return np.array([item.success for item in self], np.bool_)

    @property
    def message(self) -> list[str]:
        """What ended each run, in the kernel's words."""
        return [item.message for item in self]

    def __repr__(self) -> str:
        return f"<BatchResult of {len(self)} problems, {int(self.success.sum())} converged>"


class _Arrays(NamedTuple):
    """What all results of a batch have, a row or an item a problem."""

    x: Vectors
    fun: Vectors
    jac: Vectors
    nit: NDArray[np.int64]
    nfev: NDArray[np.int64]


class _Options(NamedTuple):
    """What is the same for every problem of a batch."""

    m: int
    factr: float
    pgtol: float
    maxfun: float
    maxiter: float
    maxls: int


class _Problems(NamedTuple):
    """Problems that are solved together, a row each."""

    numbers: NDArray[np.intp]  # theirs among all
    start: Vectors
    lower: Vectors
    upper: Vectors
    args: tuple[NDArray[Any], ...]

    def part(self, places: Any) -> _Problems:
        """Some of them."""
        return _Problems(
            self.numbers[places],
            self.start[places],
            self.lower[places],
            self.upper[places],
            tuple(array[places] for array in self.args),
        )


def minimize_batch(
    fun: Objective,
    X0: ArrayLike,  # noqa: N803 (one x0 a row)
    bounds: Any = None,
    args: Sequence[ArrayLike] = (),
    *,
    m: int = 10,
    factr: float = 1e7,
    pgtol: float = 1e-5,
    maxfun: float = 15000,
    maxiter: float = 15000,
    maxls: int = 20,
    threads: int = 1,
    workers: Any = None,
    group_size: int | None = None,
) -> BatchResult:
    """Minimize K functions of n variables each, with one call for all points that wait.

    Parameters
    ----------
    fun : callable
        ``fun(X, index, *args)``: X of shape (k, n) has the points of the k problems that wait for
        an evaluation, `index` of shape (k,) their numbers from 0 to K - 1, in rising order.
        Returns F of shape (k,) and G of shape (k, n), the values and the gradients. Problems that
        have ended are left out.
    X0 : array_like of shape (K, n)
        The starts; projected into the bounds. Not modified.
    bounds : sequence, ndarray or object, optional
        As for `LBFGSB`, the same for all problems; or a sequence of K such, or an array of
        shape (K, n, 2), or an object with ``lb`` and ``ub`` of shape (K, n).
    args : sequence of array_like, optional
        Arrays of K items or rows, one a problem. `fun` gets those of the problems that wait.
    m, factr, pgtol, maxfun, maxiter, maxls : optional
        As for `LBFGSB`; the limits are those of each problem.
    threads : int, optional
        How many threads share the algorithm's own work, which needs no interpreter lock. `fun` is
        called in this thread alone. Default 1.
    workers : int or callable, optional
        Who solves groups of problems, each in lockstep: that many processes, -1 for one a
        processor; or a map-like callable, such as the ``map`` of an executor or of a Dask client.
        Default: all problems together, here.
    group_size : int, optional
        The number of problems of a group. By default there are four groups a process, or 32.

    Returns
    -------
    BatchResult
        A sequence of K `OptimizeResult`, and arrays: ``x`` and ``jac`` of shape (K, n), ``fun``,
        ``nit``, ``nfev``, ``status``, ``success`` of shape (K,), ``message``.

    Raises
    ------
    TypeError, ValueError
        If an argument, or what `fun` returns, isn't as described. Any exception of `fun` passes
        through unchanged.
    MemoryError
        If there is no memory for K workspaces; raised before `fun` is called.

    See Also
    --------
    LBFGSB : One run, driven by its caller.

    Notes
    -----
    Each result has the bits of its own separate run, however many threads, workers and groups
    there are, if what `fun` computes for a problem doesn't depend on which others are in X. Sums
    along the last axis of an array are such, products of matrices need not be.

    Examples
    --------
    Five parabolas Σ (x - c)², the last with a bound in its way:

    >>> import numpy as np
    >>> from lbfgsb77 import minimize_batch
    >>> centers = np.arange(5.0)
    >>> def parabolas(X, index, c):
    ...     return ((X - c[:, None]) ** 2).sum(axis=1), 2 * (X - c[:, None])
    >>> results = minimize_batch(parabolas, np.zeros((5, 2)), [(None, 3)] * 2, args=(centers,))
    >>> results.x[:, 0]
    array([0., 1., 2., 3., 3.])
    >>> results[4].fun
    2.0
    """
    _arguments.require_callable("fun", fun)
    options = _Options(
        _arguments.positive_integer("m", m),
        _arguments.nonnegative_tolerance("factr", factr),
        _arguments.tolerance("pgtol", pgtol),
        _arguments.limit("maxfun", maxfun),
        _arguments.limit("maxiter", maxiter),
        _arguments.positive_integer("maxls", maxls),
    )
    if _backend.kernel(options.maxls) is not _lbfgsb:
        raise ValueError("minimize_batch: the original backend solves one problem at a time")
    threads = _arguments.positive_integer("threads", threads)
    problems = _read_problems(X0, bounds, args)
    solve = partial(_solve, fun, options, threads)
    if workers is None:
        return BatchResult(*solve(problems))
    workers = _parallel.checked(workers)
    groups = _divided(problems, _group_size(group_size, len(problems.start), workers))
    with _parallel.values_of(partial(_solve_for_another, solve), workers) as values:
        return _joined(values(groups), problems.start.shape[1])


def _read_problems(starts: ArrayLike, bounds: Any, args: Sequence[ArrayLike]) -> _Problems:
    start = np.asarray(starts)
    if start.ndim != 2 or start.shape[1] == 0:
        raise ValueError(f"X0: an array of shape (K, n) is expected, got shape {start.shape}")
    if start.dtype.kind not in "biuf":
        raise TypeError(f"X0: real numbers are expected, got {start.dtype}")
    start = start.astype(np.float64)
    count, n = start.shape
    if np.isnan(start).any():
        row, column = np.argwhere(np.isnan(start))[0].tolist()
        raise ValueError(f"X0[{row}, {column}]: a number is expected, got nan")
    lower, upper = _bounds.read_each(bounds, count, n)
    # As the kernel projects; asked for here because an infinite start can come from any problem.
    projected = np.minimum(np.maximum(start, lower), upper)
    if not np.isfinite(projected).all():
        row, column = np.argwhere(~np.isfinite(projected))[0].tolist()
        raise ValueError(
            f"X0[{row}, {column}]: a finite number is expected, got {projected[row, column]}"
        )
    arrays = tuple(np.asarray(array) for array in args)
    for place, array in enumerate(arrays):
        if array.ndim == 0 or len(array) != count:
            raise ValueError(
                f"args[{place}]: {count} items are expected, one a problem, got shape {array.shape}"
            )
    return _Problems(np.arange(count), start, lower, upper, arrays)


def _solve(
    fun: Objective, options: _Options, threads: int, problems: _Problems
) -> tuple[_Arrays, Sequence[OptimizeResult]]:
    """Solve problems in lockstep."""
    rows = _begin(problems, options)
    count = len(problems.start)
    nit, nfev = np.zeros(count, np.int64), np.zeros(count, np.int64)
    step = np.zeros(count)
    with _advancing(rows, threads) as advance:
        waiting = np.arange(count, dtype=np.int32)
        if count > 0:
            advance(waiting)  # projects the starts into the bounds
        while waiting.size:
            values, gradients = _evaluate(fun, rows.x[waiting], waiting, problems)
            rows.f[waiting] = values
            rows.gradient[waiting] = gradients
            nfev[waiting] += 1
            still = []
            moving = waiting
            while moving.size:
                answers = advance(moving)
                still.append(moving[answers == _status.EVALUATE])
                moving = moving[answers == _status.NEW_ITERATE]
                nit[moving] += 1
                step[moving] = rows.real_slot(STEP)[moving]
                moving = _within_limits(moving, nit, nfev, rows, options)
            # In rising order, so that every group of problems meets the same order.
            waiting = still[0] if len(still) == 1 else np.sort(np.concatenate(still))
    arrays = _Arrays(rows.x.copy(), rows.f.copy(), rows.gradient.copy(), nit, nfev)
    return arrays, _Items(rows, nit, nfev, step, (options.maxfun, options.maxiter))


def _begin(problems: _Problems, options: _Options) -> WorkspaceRows:
    count, n = problems.start.shape
    rows = WorkspaceRows(count, n, options.m)
    rows.x[...] = problems.start
    rows.lower[...] = problems.lower
    rows.upper[...] = problems.upper
    rows.bound_types[...] = _bounds.types(problems.lower, problems.upper)
    rows.real_slot(FACTR)[...] = options.factr
    rows.real_slot(PGTOL)[...] = options.pgtol
    rows.integer_slot(MAXLS)[...] = options.maxls
    return rows


@contextmanager
def _advancing(rows: WorkspaceRows, threads: int) -> Iterator[Advance]:
    """The call of the kernel for some rows, which returns the first letters of their tasks."""

    def advance_part(part: NDArray[np.int32], letters: NDArray[np.bytes_]) -> None:
        _lbfgsb.advance_batch(
            part,
            rows.reals_width,
            rows.integers_width,
            rows.reals,
            rows.integers,
            rows.text,
            letters,
        )

    def advance(moving: NDArray[np.int32]) -> NDArray[np.uint8]:
        letters = np.zeros(moving.size, "S1")
        advance_part(moving, letters)
        return letters.view(np.uint8)

    if threads == 1:
        yield advance
        return

    from concurrent.futures import ThreadPoolExecutor  # slow to import

    with ThreadPoolExecutor(threads) as pool:

        def advance_in_threads(moving: NDArray[np.int32]) -> NDArray[np.uint8]:
            parts = min(threads, moving.size // _FEWEST_PER_THREAD)
            if parts < 2:
                return advance(moving)
            letters = np.zeros(moving.size, "S1")
            # The calling thread takes a part too.
            first, *others = zip(
                np.array_split(moving, parts), np.array_split(letters, parts), strict=True
            )
            futures = [pool.submit(advance_part, *part) for part in others]
            advance_part(*first)
            for future in futures:
                future.result()
            return letters.view(np.uint8)

        yield advance_in_threads


def _evaluate(
    fun: Objective, points: Vectors, waiting: NDArray[np.int32], problems: _Problems
) -> tuple[Vectors, Vectors]:
    """Values and gradients of the problems that wait."""
    answer = fun(points, problems.numbers[waiting], *(array[waiting] for array in problems.args))
    try:
        values, gradients = answer
    except (TypeError, ValueError) as error:
        raise TypeError(f"fun: a pair (F, G) is expected, got {type(answer).__name__}") from error
    count, n = len(waiting), problems.start.shape[1]
    return _array("F", values, (count,)), _array("G", gradients, (count, n))


def _array(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Vectors:
    array = np.asarray(values)
    if array.shape != shape:
        raise ValueError(f"fun: {name} of shape {shape} is expected, got {array.shape}")
    if array.dtype.kind not in "biuf":
        raise TypeError(f"fun: {name} of real numbers is expected, got {array.dtype}")
    return array


def _within_limits(
    moving: NDArray[np.int32],
    nit: NDArray[np.int64],
    nfev: NDArray[np.int64],
    rows: WorkspaceRows,
    options: _Options,
) -> NDArray[np.int32]:
    """End the runs that have reached a limit; return the others."""
    out_of_iterations = nit[moving] >= options.maxiter
    out_of_evaluations = nfev[moving] > options.maxfun
    ended = out_of_iterations | out_of_evaluations
    if not ended.any():
        return moving
    for k, iterations in zip(moving[ended], out_of_iterations[ended], strict=True):
        task = _status.ITERATION_LIMIT if iterations else _status.EVALUATION_LIMIT
        rows.row(int(k)).task = task
    return moving[~ended]


class _Items(Sequence[OptimizeResult]):
    """The results of runs that have ended, each made when it is looked at."""

    def __init__(
        self,
        rows: WorkspaceRows,
        nit: NDArray[np.int64],
        nfev: NDArray[np.int64],
        step: Vectors,
        limits: tuple[float, float],
    ) -> None:
        self._rows, self._limits = rows, limits
        self._nit, self._nfev, self._step = nit, nfev, step

    def __len__(self) -> int:
        return len(self._nit)

    def __getitem__(self, k: Any) -> Any:
        return LBFGSB._at_the_end(
            self._rows.row(k),
            int(self._nit[k]),
            int(self._nfev[k]),
            float(self._step[k]),
            self._limits,
        ).result


def _group_size(size: int | None, count: int, workers: Any) -> int:
    if size is not None:
        return _arguments.positive_integer("group_size", size)
    groups = _GROUPS if callable(workers) else 4 * workers
    return max(-(-count // groups), 1)


def _divided(problems: _Problems, size: int) -> list[_Problems]:
    firsts = range(0, len(problems.start), size)
    return [problems.part(slice(first, first + size)) for first in firsts]


def _solve_for_another(
    solve: Callable[[_Problems], tuple[_Arrays, Sequence[OptimizeResult]]], problems: _Problems
) -> tuple[_Arrays, list[OptimizeResult]]:
    """Solve, and make the results what another process can be sent without the whole state."""
    arrays, items = solve(problems)
    return arrays, list(items)


def _joined(parts: Iterable[tuple[_Arrays, list[OptimizeResult]]], n: int) -> BatchResult:
    parts = list(parts)
    if not parts:
        none = np.zeros(0, np.int64)
        return BatchResult(_Arrays(np.zeros((0, n)), np.zeros(0), np.zeros((0, n)), none, none), [])
    arrays = _Arrays(*map(np.concatenate, zip(*(arrays for arrays, _ in parts), strict=True)))
    return BatchResult(arrays, [item for _, items in parts for item in items])
