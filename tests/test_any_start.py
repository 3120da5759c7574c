"""A start that isn't finite, where it may not be an error: the run ends at once, and says why."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lbfgsb77 import backend, build_info
from lbfgsb77._problem import differences, problem, settings
from lbfgsb77._problem.objective import ByDifferences
from objectives import chain

HOW = settings.read(m=10, factr=1e7, pgtol=1e-5, maxfun=None, maxiter=None, maxls=20)


def by_differences(func: Any) -> ByDifferences:
    return ByDifferences(lambda x: func(x)[0], differences.FORWARD, 1e-8, "eps")


def flat(x: np.ndarray) -> tuple[float, np.ndarray]:
    return 1.0, np.zeros(x.size)


@pytest.mark.parametrize("name", build_info()["backends"])
@pytest.mark.parametrize("func", [chain, flat])
@pytest.mark.parametrize("kind", [lambda func: func, by_differences], ids=["pair", "differences"])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_it_ends_without_success_and_with_a_reason(
    number: float, kind: Any, func: Any, name: str
) -> None:
    points: list[np.ndarray] = []

    def counted(x: np.ndarray) -> Any:
        points.append(x.copy())
        return func(x)

    start = [1.0, number, 3.0]
    with backend(name), np.errstate(all="ignore"):
        run = problem.read(start, None, HOW, kind(counted), any_start=True).solve()
    result = run.result
    assert (result.status, result.success, result.nit) == (2, False, 0)
    assert result.reason == f"the start is not finite: x0[1] is {number}"
    np.testing.assert_array_equal(result.x, start)
    # Like SciPy it asks there. The original does not know what NaN means, and asks again.
    np.testing.assert_array_equal(points[0], start)
    assert len(points) == 1 or name != "lbfgsb77"


def test_an_infinite_start_inside_of_bounds_is_their_corner() -> None:
    asked = problem.read([np.inf, -np.inf], [(0, 2), (-1, 2)], HOW, chain, any_start=True)
    result = asked.solve().result
    assert result.success
    expected = problem.read([2.0, -1.0], [(0, 2), (-1, 2)], HOW, chain).solve().result
    np.testing.assert_array_equal(result.x, expected.x)


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_it_is_an_error_elsewhere(number: float) -> None:
    with pytest.raises(ValueError, match=r"^x0\[1\]: a (finite )?number is expected, got "):
        problem.read([1.0, number], None, HOW, chain)
