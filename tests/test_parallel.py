"""Who evaluates the function changes nothing: processes, executors, any map."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import OptimizeResult, minimize

Vector = np.ndarray

START = np.linspace(-2.0, 2.0, 7)


def fun(x: Vector, k: float = 1.0) -> Any:
    return ((x - 0.3) ** 2).sum() + k * (x**4).sum()


def fail(x: Vector) -> float:
    if x[0] != START[0]:
        raise LookupError("far from the start")
    return 0.0


def same(a: OptimizeResult, b: OptimizeResult) -> bool:
    counts = ("nit", "nfev", "njev", "message", "fun")
    return all(a[name] == b[name] for name in counts) and bool((a.x == b.x).all())


def in_processes(workers: int, func: Callable[..., Any] = fun, **arguments: Any) -> Any:
    with warnings.catch_warnings():
        # Python 3.12 and later warn of a fork beside threads, which here are those of libraries.
        warnings.filterwarnings("ignore", message=".*use of fork", category=DeprecationWarning)
        return minimize(func, START, workers=workers, **arguments)


@pytest.mark.parametrize("jac", [None, "2-point", "3-point", "cs"])
def test_results_do_not_depend_on_the_number_of_processes(jac: Any) -> None:
    alone = minimize(fun, START, jac=jac)
    assert alone.success
    assert same(in_processes(2, jac=jac), alone)
    assert same(in_processes(3, jac=jac), alone)


def test_arguments_and_fixed_variables_reach_the_processes() -> None:
    bounds = [(-2, -2)] + [(-1, 1)] * 6
    alone = minimize(fun, START, args=(0.5,), bounds=bounds)
    assert same(in_processes(2, args=(0.5,), bounds=bounds), alone)


def test_an_exception_in_a_process_passes_through() -> None:
    with pytest.raises(LookupError, match="far from the start"):
        in_processes(2, fail)


class Map:
    """A map that records its calls."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def __call__(self, function: Callable[[Any], Any], points: Iterable[Any]) -> list[Any]:
        points = list(points)
        self.calls.append(len(points))
        return [function(point) for point in points]


@pytest.mark.parametrize(("jac", "points"), [(None, 7), ("2-point", 7), ("3-point", 14), ("cs", 7)])
def test_a_gradient_is_one_call_of_the_map(jac: Any, points: int) -> None:
    workers = Map()
    result = minimize(fun, START, jac=jac, workers=workers)
    assert same(result, minimize(fun, START, jac=jac))
    assert workers.calls == [points] * result.njev
    assert result.nfev == (1 + points) * result.njev


def test_the_map_of_an_executor_will_do() -> None:
    with ThreadPoolExecutor(3) as executor:
        result = minimize(fun, START, workers=executor.map)
    assert same(result, minimize(fun, START))


def test_a_map_that_gives_futures_will_do() -> None:
    # As a Dask client's does: map(function, list) returns a list of futures.
    with ThreadPoolExecutor(3) as executor:

        def map_to_futures(function: Any, points: Any) -> list[Future[Any]]:
            assert isinstance(points, list)
            return [executor.submit(function, point) for point in points]

        result = minimize(fun, START, workers=map_to_futures)
    assert same(result, minimize(fun, START))


def test_a_map_that_loses_values_is_found() -> None:
    with pytest.raises(ValueError, match="workers: 7 values are expected, one per point, got 6"):
        minimize(fun, START, workers=lambda f, points: [f(point) for point in points[1:]])


def test_a_gradient_that_is_given_needs_no_workers() -> None:
    workers = Map()
    result = minimize(fun, START, jac=lambda x: 2 * (x - 0.3) + 4 * x**3, workers=workers)
    assert result.success
    assert workers.calls == []
