"""Evaluations that aren't finite: the run retreats, and never ends on one as a success."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, fmin_l_bfgs_b

Vector = np.ndarray


def barrier(x: Vector) -> tuple[float, Vector]:
    """The function x − log x: its minimum is 1 at 1, and it has no value at 0 or below."""
    with np.errstate(all="ignore"):
        return float((x - np.log(x)).sum()), 1 - 1 / x


@pytest.mark.parametrize("start", [5.0, 500.0])
def test_a_trial_on_the_edge_of_the_domain_does_not_end_the_run(start: float) -> None:
    x, f, d = fmin_l_bfgs_b(barrier, [start], bounds=[(0, 1000)])
    assert d["warnflag"] == 0
    assert x == pytest.approx(1.0, abs=1e-4)  # pgtol 1e-5 over the curvature 1
    assert f == pytest.approx(1.0)


@pytest.mark.parametrize("spoilt", ["f", "g", "both"])
@pytest.mark.parametrize("by", [np.nan, np.inf, -np.inf])
def test_a_function_that_stays_without_a_value_ends_at_the_last_finite_iterate(
    spoilt: str, by: float
) -> None:
    calls = 0

    def func(x: Vector) -> Any:
        nonlocal calls
        calls += 1
        f, g = float(((x - 1) ** 4).sum()), 4 * (x - 1) ** 3
        if calls >= 3:
            f = by if spoilt in ("f", "both") else f
            g = g * by if spoilt in ("g", "both") else g
        return f, g

    x, f, d = fmin_l_bfgs_b(func, [3.0, 4.0])
    assert d["warnflag"] == 2
    assert np.isfinite(x).all()
    assert f == float(((x - 1) ** 4).sum())
    np.testing.assert_array_equal(d["grad"], 4 * (x - 1) ** 3)


@pytest.mark.parametrize("answer", [(np.nan, [1.0]), (1.0, [np.nan]), (np.inf, [1.0])])
def test_a_start_without_a_value_ends_at_once_without_success(answer: Any) -> None:
    calls = 0

    def func(x: Vector) -> Any:
        nonlocal calls
        calls += 1
        return answer

    x, _, d = fmin_l_bfgs_b(func, [3.0])
    assert (calls, d["funcalls"], d["nit"], d["warnflag"]) == (1, 1, 0, 2)
    np.testing.assert_array_equal(x, [3.0])

    solver = LBFGSB([3.0])
    solver.ask()
    solver.tell(*answer)
    assert solver.done
    assert not solver.result.success


def test_a_trial_that_overflowed_is_not_evaluated() -> None:
    """With both tests of convergence off, the numbers of the model shrink until they underflow."""
    points = []

    def objective(x: Vector) -> tuple[float, list[float]]:  # Hock and Schittkowski's problem 3
        points.append(x)
        apart = x[1] - x[0]
        return x[1] + 1e-5 * apart * apart, [-2e-5 * apart, 1 + 2e-5 * apart]

    bounds = [(None, None), (0, None)]
    x, f, d = fmin_l_bfgs_b(objective, [10.0, 1.0], bounds=bounds, factr=0, pgtol=0)
    assert np.isfinite(points).all()
    assert d["funcalls"] == len(points)
    assert f == 0  # the minimum, at the origin
    assert abs(x).max() < 1e-100


def in_a_ball(slope: float, start: float) -> tuple[Vector, Vector, float, dict[str, Any], int]:
    """Minimize −√(1 − ‖x‖²) + bᵀx, which has no value outside of the unit ball.

    The gradient vanishes at −b/√(1 + ‖b‖²), which for a steep b is near the surface, where the
    curvature has no limit. Returned with x, f and the information: this point, and how many
    evaluations were outside.
    """
    b = slope * np.array([0.6, -0.8])
    outside = 0

    def func(x: Vector) -> tuple[float, Vector]:
        nonlocal outside
        outside += x @ x > 1
        # Past the edge the root is NaN; on it, where x @ x comes to 1 on some processors, it is 0.
        with np.errstate(invalid="ignore", divide="ignore"):
            root = np.sqrt(1 - x @ x)
            return float(b @ x - root), b + x / root

    x, f, d = fmin_l_bfgs_b(func, [start, 0.1], pgtol=1e-4, factr=10)
    return -b / np.sqrt(1 + b @ b), x, f, d, outside


@pytest.mark.parametrize("slope", [1.0, 5.0, 10.0])
@pytest.mark.parametrize("start", [-0.9, -0.5, 0.0, 0.5, 0.9])
def test_a_domain_that_is_a_ball_is_not_left_for_good(slope: float, start: float) -> None:
    minimum, x, _, d, outside = in_a_ball(slope, start)
    assert d["warnflag"] == 0
    # Where the gradient is pgtol, x is as near as that, because the curvature is at least 1.
    np.testing.assert_allclose(x, minimum, atol=2e-4)
    if slope > 1:
        assert outside > 0


@pytest.mark.parametrize("slope", [20.0, 30.0])
@pytest.mark.parametrize("start", [-0.9, -0.5, 0.0, 0.5, 0.9])
def test_a_run_that_jams_at_the_edge_of_its_domain_is_no_success(
    slope: float, start: float
) -> None:
    minimum, x, f, d, _ = in_a_ball(slope, start)
    assert x @ x < 1
    assert np.isfinite(f)
    if d["warnflag"] == 0:
        np.testing.assert_allclose(x, minimum, atol=2e-4)
    else:
        assert d["warnflag"] == 2
        assert d["reason"].startswith("f or its gradient was not finite at x = [")
