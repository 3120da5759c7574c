"""Minima that are known from a formula are found, with bounds and without."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import fmin_l_bfgs_b
from objectives import chain

Vector = np.ndarray
TIGHT = {"factr": 10.0, "pgtol": 1e-9}


def beale(x: Vector) -> tuple[float, Vector]:
    """Moré, Garbow, Hillstrom, ACM TOMS 7 (1981), problem 5; minimum 0 at (3, ½)."""
    y = np.array([1.5, 2.25, 2.625])
    powers = np.arange(1, 4)
    r = y - x[0] * (1 - x[1] ** powers)
    g0 = -2 * r @ (1 - x[1] ** powers)
    g1 = 2 * r @ (x[0] * powers * x[1] ** (powers - 1))
    return float(r @ r), np.array([g0, g1])


def wood(x: Vector) -> tuple[float, Vector]:
    """Moré, Garbow, Hillstrom, problem 14; minimum 0 at (1, 1, 1, 1)."""
    a, b, c, d = x
    f = (
        100 * (b - a**2) ** 2
        + (1 - a) ** 2
        + 90 * (d - c**2) ** 2
        + (1 - c) ** 2
        + 10 * (b + d - 2) ** 2
        + 0.1 * (b - d) ** 2
    )
    g = [
        -400 * a * (b - a**2) - 2 * (1 - a),
        200 * (b - a**2) + 20 * (b + d - 2) + 0.2 * (b - d),
        -360 * c * (d - c**2) - 2 * (1 - c),
        180 * (d - c**2) + 20 * (b + d - 2) - 0.2 * (b - d),
    ]
    return float(f), np.array(g)


@pytest.mark.parametrize(
    ("objective", "start", "minimum"),
    [
        (chain, [-1.2, 1.0], [1.0, 1.0]),
        (chain, [-1.2, 1.0] * 10, [1.0] * 20),
        (beale, [1.0, 1.0], [3.0, 0.5]),
        (wood, [-3.0, -1.0, -3.0, -1.0], [1.0, 1.0, 1.0, 1.0]),
    ],
)
def test_published_minima_from_the_published_starts(
    objective: Callable[[Vector], Any], start: list[float], minimum: list[float]
) -> None:
    x, f, d = fmin_l_bfgs_b(objective, start, **TIGHT)
    assert d["warnflag"] == 0
    # A gradient of 1e-9 over the least curvature of these functions, at least 0.1.
    np.testing.assert_allclose(x, minimum, atol=1e-7)
    assert f == pytest.approx(0.0, abs=1e-15)


def test_rosenbrock_in_a_box_ends_on_the_bound() -> None:
    # With x₁ ≤ ½ the minimum over x₂ = x₁² is at x₁ = ½: f = ¼ at (½, ¼).
    x, f, d = fmin_l_bfgs_b(chain, [-1.2, 1.0], bounds=[(None, 0.5), (None, None)], **TIGHT)
    assert d["warnflag"] == 0
    assert x[0] == 0.5
    # A gradient of 1e-9 over the curvature 200.
    assert x[1] == pytest.approx(0.25, abs=1e-10)
    assert f == pytest.approx(0.25, abs=1e-15)


@pytest.mark.parametrize("n", [1, 2, 5, 50])
@pytest.mark.parametrize("m", [1, 5, 20])
def test_a_separable_quadratic_ends_at_the_projection_of_its_centre(n: int, m: int) -> None:
    random = np.random.RandomState(n)
    centre, curvature = random.uniform(-3, 3, n), random.uniform(1, 100, n)
    lower, upper = np.full(n, -1.0), np.full(n, 2.0)

    def objective(x: Vector) -> tuple[float, Vector]:
        z = x - centre
        return float(curvature @ (z * z)) / 2, curvature * z

    x, _, d = fmin_l_bfgs_b(
        objective, np.zeros(n), bounds=np.column_stack([lower, upper]), m=m, **TIGHT
    )
    assert d["warnflag"] == 0
    np.testing.assert_allclose(x, np.clip(centre, lower, upper), atol=1e-7)
    outside = (centre < lower) | (centre > upper)
    np.testing.assert_array_equal(x[outside], np.clip(centre, lower, upper)[outside])


@pytest.mark.parametrize("n", [3, 10, 40])
def test_a_convex_quadratic_ends_where_the_linear_system_says(n: int) -> None:
    random = np.random.RandomState(n)
    root = random.normal(size=(n, n))
    hessian = root @ root.T + np.eye(n)
    right = random.normal(size=n)

    def objective(x: Vector) -> tuple[float, Vector]:
        return float(x @ hessian @ x / 2 - right @ x), hessian @ x - right

    x, _, d = fmin_l_bfgs_b(objective, np.zeros(n), factr=0, pgtol=1e-8)
    # All eigenvalues are 1 or more, so the error is at most √n times the gradient's 1e-8; where f
    # no longer falls before that, rounding in f allows the square root of 10·ε of its size.
    assert d["warnflag"] in (0, 2)
    np.testing.assert_allclose(x, np.linalg.solve(hessian, right), atol=1e-6)


def test_a_start_at_the_minimum_ends_at_once() -> None:
    x, f, d = fmin_l_bfgs_b(chain, [1.0, 1.0])
    np.testing.assert_array_equal(x, [1.0, 1.0])
    assert (f, d["nit"], d["funcalls"], d["warnflag"]) == (0.0, 0, 1, 0)


def test_all_variables_fixed_ends_at_once() -> None:
    x, _, d = fmin_l_bfgs_b(chain, [9.0, 9.0], bounds=[(2, 2), (3, 3)])
    np.testing.assert_array_equal(x, [2.0, 3.0])
    assert (d["nit"], d["funcalls"], d["warnflag"]) == (0, 1, 0)
