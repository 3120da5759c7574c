"""On the original kernels, which go on from values that aren't finite, endings are honest too."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from foreign_kernels import FOREIGN
from lbfgsb77 import LBFGSB, backend, fmin_l_bfgs_b, minimize

Vector = np.ndarray

pytestmark = pytest.mark.skipif(not FOREIGN, reason="built without another kernel: make test")


@pytest.fixture(autouse=True, params=FOREIGN)
def kernel(request: pytest.FixtureRequest) -> Iterator[None]:
    with backend(request.param):
        yield


def quartic(x: Vector) -> tuple[float, Vector]:
    return float(((x - 1) ** 4).sum()), 4 * (x - 1) ** 3


class Spoilt:
    """`quartic` with f or its gradient replaced from one evaluation on; it keeps what it gave."""

    def __init__(self, what: str, by: float, first: int) -> None:
        self.what, self.by, self.first = what, by, first
        self.points: list[Vector] = []

    def __call__(self, x: Vector) -> tuple[float, Vector]:
        self.points.append(x.copy())
        f, g = quartic(x)
        if len(self.points) >= self.first:
            f = self.by if self.what == "f" else f
            g = g * self.by if self.what == "g" else g
        return f, g


@pytest.mark.parametrize("what", ["f", "g"])
@pytest.mark.parametrize("by", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("first", [2, 3, 5])
def test_the_best_finite_iterate_is_returned_without_success(
    what: str, by: float, first: int
) -> None:
    func = Spoilt(what, by, first)
    with np.errstate(all="ignore"):
        result = minimize(func, [3.0, 4.0], jac=True)
    assert (result.success, result.status) == (False, 2)
    finite = func.points[: first - 1]
    assert any((result.x == x).all() for x in finite)
    assert result.fun == quartic(result.x)[0] == min(quartic(x)[0] for x in finite)
    np.testing.assert_array_equal(result.jac, quartic(result.x)[1])
    assert result.reason.startswith("f or its gradient was not finite at x = [")
    where = "f was" if what == "f" else "component 0 of the gradient was"
    assert f": {where} {by}" in result.reason


@pytest.mark.parametrize("by", [np.nan, np.inf, -np.inf])
def test_a_start_without_a_value_is_no_success(by: float) -> None:
    _, _, d = fmin_l_bfgs_b(Spoilt("f", by, 1), [3.0, 4.0])
    assert d["warnflag"] == 2


@pytest.mark.parametrize("start", [5.0, 500.0])
def test_a_search_that_halts_beside_the_edge_of_the_domain_is_no_success(start: float) -> None:
    def barrier(x: Vector) -> tuple[float, Vector]:
        with np.errstate(all="ignore"):
            return float((x - np.log(x)).sum()), 1 - 1 / x

    result = minimize(barrier, [start], jac=True, bounds=[(0, 1000)])
    assert result.message == "CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH"
    assert (result.success, result.status) == (False, 2)
    assert result.reason == "f or its gradient was not finite at x = [0.0]: f was inf"


def test_a_run_on_numbers_is_as_successful_as_ever() -> None:
    result = minimize(quartic, [3.0, 4.0], jac=True)
    assert (result.success, result.status) == (True, 0)
    assert result.reason.startswith("the projected gradient's norm")


def test_a_gradient_that_disagrees_with_f_is_found() -> None:
    result = minimize(lambda x: (quartic(x)[0], -quartic(x)[1]), [3.0, 4.0], jac=True)
    assert (result.message, result.status) == ("ABNORMAL_TERMINATION_IN_LNSRCH", 2)
    assert result.reason.startswith("the gradient disagrees with f along the search direction: ")


def test_a_run_down_to_rounding_says_so() -> None:
    def valley(x: Vector) -> tuple[float, Vector]:
        bend = x[1:] - x[:-1] ** 2
        g = np.zeros_like(x)
        g[1:] += 200 * bend
        g[:-1] -= 400 * bend * x[:-1] + 2 * (1 - x[:-1])
        return float((100 * bend**2 + (1 - x[:-1]) ** 2).sum()), g

    result = minimize(valley, np.full(20, -1.2), jac=True, ftol=0, gtol=0)
    if result.status == 2:  # the original's rounding depends on its BLAS
        assert result.reason.startswith(("f no longer changes", "x no longer changes"))


def test_the_best_iterate_is_a_copy_each_time() -> None:
    solver = LBFGSB([3.0, 4.0])
    func = Spoilt("f", np.nan, 3)
    for x in solver:
        solver.tell(*func(x))
    solver.result.x[:] = 0
    assert solver.result.x.all()
