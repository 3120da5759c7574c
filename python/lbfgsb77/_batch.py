"""``minimize_batch``: many problems, with one call of the objective for all points that wait."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, Final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _arguments, _html
from lbfgsb77._problem import many, settings, words
from lbfgsb77._run import backend
from lbfgsb77._run.engine import OWN
from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._spread import lockstep
from lbfgsb77._spread import workers as _workers
from lbfgsb77._spread.lockstep import Arrays, Objective, Problems

# Of a batch, in a notebook.
_SHOWN: Final = 5

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
    ...
    >>> results = minimize_batch(parabolas, np.array([[0.0], [3.0]]))
    >>> len(results), results.fun, results[1].success
    (2, array([0., 0.]), True)
    """

    __module__ = "lbfgsb77"

    def __init__(self, arrays: Arrays, items: Sequence[OptimizeResult]) -> None:
        self.x: NDArray[np.float64] = arrays.x
        self.fun: NDArray[np.float64] = arrays.fun
        self.jac: NDArray[np.float64] = arrays.jac
        self.nit: NDArray[np.int64] = arrays.nit
        self.nfev: NDArray[np.int64] = arrays.nfev
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

    @property
    def best(self) -> OptimizeResult:
        """The result with the lowest objective, the first of those that share it.

        An objective of NaN is never the lowest. A batch of no problems has none: a ValueError.
        """
        if len(self) == 0:
            raise ValueError("best: a batch of at least one problem is expected, this has none")
        return self[int(np.where(np.isnan(self.fun), np.inf, self.fun).argmin())]

    def __repr__(self) -> str:
        return f"<BatchResult of {len(self)} problems, {int(self.success.sum())} converged>"

    def _repr_html_(self) -> str:
        """In notebooks: how they ended, and the lowest."""
        endings = Counter(self.message)
        lowest = np.argsort(self.fun, kind="stable")[:_SHOWN].tolist()
        return _html.of_rows(["ended with", "problems"], endings.most_common()) + _html.of_rows(
            ["problem", "f", "iterations", "evaluations", "x"],
            [
                (k, f"{self.fun[k]:.7g}", self.nit[k], self.nfev[k], _shortened(self.x[k]))
                for k in lowest
            ],
            len(self) - len(lowest),
        )


def _shortened(x: NDArray[np.float64]) -> str:
    return np.array2string(x, precision=4, threshold=6, edgeitems=2, separator=", ")


@words.takes_both
def minimize_batch(
    fun: Objective,
    X0: ArrayLike,  # noqa: N803 (one x0 per row)
    bounds: Any = None,
    args: Sequence[ArrayLike] = (),
    *,
    m: int = 10,
    factr: float = 1e7,
    pgtol: float = 1e-5,
    maxfun: float | None = 15000,
    maxiter: float | None = 15000,
    maxls: int = 20,
    ftarget: float | None = None,
    xtol: float | None = None,
    maxtime: float | None = None,
    threads: int | None = None,
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
        Arrays of K items or rows, one per problem. `fun` gets those of the problems that wait.
    m, factr, pgtol, maxfun, maxiter, maxls, ftarget, xtol : optional
        As for `LBFGSB`; the limits are those of each problem.
    maxtime : float, optional
        What is not done so many seconds after the call ends at its last iterate, each problem after
        the evaluation that it waits for. Default None, no limit.
    threads : int, optional
        How many threads share the algorithm's own work, which needs no interpreter lock. `fun` is
        called in this thread alone. Default None: the environment variable ``LBFGSB77_THREADS``,
        or 1.
    workers : int or callable, optional
        Number of processes that solve groups of problems, each group in lockstep (-1: one per
        CPU), or a map-like callable, such as the ``map`` of an executor or of a Dask client.
        Default: all problems together, in this process.
    group_size : int, optional
        The number of problems of a group. By default there are four groups per process, or 32.

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
    `maxcor`, `ftol` and `gtol`, the words of `minimize`, are taken in place of `m`, `factr` and
    `pgtol`.

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
    ...
    >>> results = minimize_batch(parabolas, np.zeros((5, 2)), [(None, 3)] * 2, args=(centers,))
    >>> results.x[:, 0]
    array([0., 1., 2., 3., 3.])
    >>> results[4].fun
    2.0
    """
    _arguments.require_callable("fun", fun)
    began = time.time()
    how = settings.read(
        m=m,
        factr=factr,
        pgtol=pgtol,
        maxfun=maxfun,
        maxiter=maxiter,
        maxls=maxls,
        maxtime=maxtime,
        ftarget=ftarget,
        xtol=xtol,
        threads=threads,
    )
    problems = many.read(X0, bounds, args)
    if backend.chosen() == OWN:
        solve = partial(lockstep.solve, fun, how, began)
    else:
        solve = partial(lockstep.solve_by_runs, fun, how, backend.chosen())
    if workers is None:
        return BatchResult(*solve(problems))
    workers = _workers.checked(workers)
    groups = _divided(problems, _group_size(group_size, len(problems.start), workers))
    with _workers.values_of(partial(_solve_for_another, solve), workers, "group") as values:
        return _joined(values(groups), problems.start.shape[1])


def _group_size(size: int | None, count: int, workers: Any) -> int:
    if size is not None:
        return _arguments.positive_integer("group_size", size)
    groups = _GROUPS if callable(workers) else 4 * workers
    return max(-(-count // groups), 1)


def _divided(problems: Problems, size: int) -> list[Problems]:
    firsts = range(0, len(problems.start), size)
    return [problems.part(slice(first, first + size)) for first in firsts]


def _solve_for_another(
    solve: Callable[[Problems], tuple[Arrays, Sequence[OptimizeResult]]], problems: Problems
) -> tuple[Arrays, list[OptimizeResult]]:
    """Solve, and make the results what another process can be sent without the whole state."""
    arrays, items = solve(problems)
    return arrays, list(items)


def _joined(parts: Iterable[tuple[Arrays, list[OptimizeResult]]], n: int) -> BatchResult:
    parts = list(parts)
    if not parts:
        none = np.zeros(0, np.int64)
        return BatchResult(Arrays(np.zeros((0, n)), np.zeros(0), np.zeros((0, n)), none, none), [])
    arrays = Arrays(*map(np.concatenate, zip(*(arrays for arrays, _ in parts), strict=True)))
    return BatchResult(arrays, [item for _, items in parts for item in items])
