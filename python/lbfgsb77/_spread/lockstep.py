"""Many runs in lockstep: one call of the objective for all points that wait."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _lbfgsb
from lbfgsb77._run import backend, layout
from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._run.run import Run
from lbfgsb77._run.settings import Settings
from lbfgsb77._run.threads import used
from lbfgsb77._run.workspace import WorkspaceRows

Vectors = NDArray[np.float64]
Objective = Callable[..., tuple[ArrayLike, ArrayLike]]


class Problems(NamedTuple):
    """Problems of the same size that are solved together, one row each.

    Attributes
    ----------
    numbers : ndarray of shape (K,)
        Theirs among all.
    start, lower, upper : ndarray of shape (K, n)
        Bounds are infinite where there is none.
    bound_types : ndarray of shape (K, n), int32
        The kernel's code of each variable.
    args : tuple of ndarray
        Arrays of K items or rows, for the objective.
    """

    numbers: NDArray[np.intp]
    start: Vectors
    lower: Vectors
    upper: Vectors
    bound_types: NDArray[np.int32]
    args: tuple[NDArray[Any], ...]

    def part(self, places: Any) -> Problems:
        """Some of them."""
        return Problems(
            self.numbers[places],
            self.start[places],
            self.lower[places],
            self.upper[places],
            self.bound_types[places],
            tuple(array[places] for array in self.args),
        )


class Arrays(NamedTuple):
    """What all results of a batch have, one row or item per problem."""

    x: Vectors
    fun: Vectors
    jac: Vectors
    nit: NDArray[np.int64]
    nfev: NDArray[np.int64]


def solve(
    fun: Objective, settings: Settings, began: float, problems: Problems
) -> tuple[Arrays, Sequence[OptimizeResult]]:
    """Solve problems in lockstep; `began` is when `time.time()` started to count for maxtime."""
    rows = _begin(problems, settings)
    count, n = problems.start.shape
    elapsed = rows.real_slot(layout.TIME)
    tell = partial(
        _lbfgsb.tell_batch,
        rows.reals,
        rows.integers,
        rows.text,
        rows.reals_width,
        rows.integers_width,
        used(settings.threads),
    )
    waiting, points = np.arange(count, dtype=np.int32), np.empty((count, n))
    left = tell(waiting, None, None, points)  # projects the starts into the bounds
    while left:
        waiting, points = waiting[:left], points[:left]
        values, gradients = _evaluate(fun, points, waiting, problems)
        if settings.maxtime < math.inf:
            elapsed[...] = time.time() - began
        points = np.empty((left, n))
        left = tell(waiting, values, gradients, points)
    for k in np.flatnonzero(rows.integer_slot(layout.IN_SEARCH)).tolist():
        # Ended by the clock: back to the iterate.
        rows.x[k], rows.f[k], rows.gradient[k] = rows.row(k).kept_values()
        rows.integer_slot(layout.IN_SEARCH)[k] = 0
    arrays = Arrays(
        rows.x.copy(),
        rows.f.copy(),
        rows.gradient.copy(),
        rows.integer_slot(layout.NIT).astype(np.int64),
        rows.real_slot(layout.NFEV).astype(np.int64),
    )
    return arrays, _Items(rows, count)


def solve_by_runs(
    fun: Objective, settings: Settings, kernel: str, problems: Problems
) -> tuple[Arrays, Sequence[OptimizeResult]]:
    """Solve problems in lockstep, a run each, on the kernel of this name.

    Another kernel than the package's has no call for many runs. Workers don't know which was
    chosen, so it is chosen here.
    """
    n = problems.start.shape[1]
    with backend.backend(kernel):
        runs = [
            Run(start, lower, upper, types, settings)
            for start, lower, upper, types in zip(
                problems.start, problems.lower, problems.upper, problems.bound_types, strict=True
            )
        ]
    waiting = np.array([k for k, run in enumerate(runs) if not run.done], np.int32)
    while waiting.size:
        points = np.array([runs[k].ask() for k in waiting])
        for k, f, g in zip(waiting, *_evaluate(fun, points, waiting, problems), strict=True):
            runs[k].tell(f, g)
        waiting = np.array([k for k in waiting if not runs[k].done], np.int32)
    results = [run.result for run in runs]
    arrays = Arrays(
        np.array([result.x for result in results]).reshape(-1, n),
        np.array([result.fun for result in results], np.float64),
        np.array([result.jac for result in results]).reshape(-1, n),
        np.array([result.nit for result in results], np.int64),
        np.array([result.nfev for result in results], np.int64),
    )
    return arrays, results


def _begin(problems: Problems, settings: Settings) -> WorkspaceRows:
    count, n = problems.start.shape
    rows = WorkspaceRows(count, n, settings.m, settings.words.m)
    rows.x[...] = problems.start
    rows.lower[...] = problems.lower
    rows.upper[...] = problems.upper
    rows.bound_types[...] = problems.bound_types
    for slot, number in settings.places():
        rows.real_slot(slot)[...] = number
    rows.integer_slot(layout.MAXLS)[...] = settings.maxls
    return rows


def _evaluate(
    fun: Objective, points: Vectors, waiting: NDArray[np.int32], problems: Problems
) -> tuple[Vectors, Vectors]:
    """Values and gradients of the problems that wait."""
    numbers = problems.numbers.take(waiting)
    answer = fun(points, numbers, *[array[waiting] for array in problems.args])
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
    return np.ascontiguousarray(array, np.float64)


class _Items(Sequence[OptimizeResult]):
    """The results of runs that have ended, each made when it is looked at."""

    def __init__(self, rows: WorkspaceRows, count: int) -> None:
        self._rows, self._count = rows, count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, k: Any) -> Any:
        return Run._ended(self._rows.row(k)).result
