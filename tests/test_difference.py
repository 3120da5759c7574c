"""Forward differences: SciPy's steps, inside the bounds, every evaluation counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbfgsb77 import fmin_l_bfgs_b
from lbfgsb77._difference import ForwardDifferences

INF = np.inf


def evaluated_points(
    x: list[float], lower: list[float], upper: list[float], step: float | list[float] | None
) -> np.ndarray:
    """The points that one gradient is made of."""
    points: list[np.ndarray] = []

    def fun(z: np.ndarray) -> float:
        points.append(z)
        return 0.0

    box = np.array(lower, float), np.array(upper, float)
    ForwardDifferences(fun, *box, step).gradient(np.array(x, float), 0.0)
    return np.array(points)


def test_each_variable_goes_forward_by_the_absolute_step() -> None:
    points = evaluated_points([3.0, -5.0], [-INF, -INF], [INF, INF], 1e-8)
    np.testing.assert_array_equal(points, [[3.0 + 1e-8, -5.0], [3.0, -5.0 + 1e-8]])


def test_steps_can_differ_between_variables() -> None:
    points = evaluated_points([3.0, -5.0], [-INF, -INF], [INF, INF], [0.5, 0.25])
    np.testing.assert_array_equal(points, [[3.5, -5.0], [3.0, -4.75]])


def test_a_step_over_a_bound_goes_backwards() -> None:
    points = evaluated_points([1.0, 0.0], [0.0, 0.0], [1.0, 1.0], 0.25)
    np.testing.assert_array_equal(points, [[0.75, 0.0], [1.0, 0.25]])


def test_a_step_that_fits_neither_way_ends_at_the_farther_bound() -> None:
    points = evaluated_points([0.25, 0.75], [0.0, 0.0], [1.0, 1.0], 5.0)
    np.testing.assert_array_equal(points, [[1.0, 0.75], [0.25, 0.0]])


@pytest.mark.parametrize("x", [1e9, -1e9])
def test_a_step_that_rounds_away_becomes_relative_with_the_sign_of_x(x: float) -> None:
    # Half the spacing of doubles near 1e9 is 6e-8, so that 1e-8 rounds away; √ε·1e9 is 14.9.
    points = evaluated_points([x], [-INF], [INF], 1e-8)
    assert points[0, 0] == x + np.sign(x) * np.sqrt(2.0**-52) * 1e9


def test_no_step_given_is_the_relative_one() -> None:
    points = evaluated_points([0.5, -4.0], [-INF, -INF], [INF, INF], None)
    h = 2.0**-26  # √ε
    np.testing.assert_array_equal(points, [[0.5 + h, -4.0], [0.5, -4.0 - 4 * h]])


def test_a_fixed_variable_is_not_differenced_and_never_moves() -> None:
    points = []

    def func(x: np.ndarray) -> float:
        points.append(x)
        return float(((x - 1) ** 2).sum())

    x, _, d = fmin_l_bfgs_b(func, [2.0, 4.0], approx_grad=True, bounds=[(2, 2), (0, None)])
    assert (np.array(points)[:, 0] == 2.0).all()
    assert d["warnflag"] == 0
    assert d["grad"][0] == 0.0
    assert d["funcalls"] == len(points)
    np.testing.assert_allclose(x, [2.0, 1.0], atol=1e-5)  # pgtol over the curvature 2


def test_a_gradient_costs_one_evaluation_a_variable_and_all_are_counted() -> None:
    calls = 0

    def func(x: np.ndarray) -> float:
        nonlocal calls
        calls += 1
        return float(((x - 1) ** 2).sum())

    _, _, d = fmin_l_bfgs_b(func, np.zeros(7), approx_grad=True)
    assert d["funcalls"] == calls
    assert calls % 8 == 0


def test_the_limit_on_evaluations_counts_those_of_the_differences() -> None:
    def func(x: np.ndarray) -> float:
        return float(((x**2 - 1) ** 2).sum())

    _, _, d = fmin_l_bfgs_b(func, np.full(7, 3.0), approx_grad=True, maxfun=17)
    assert d["warnflag"] == 1
    # Looked at after an iteration, so a line search may go past it.
    assert d["funcalls"] > 17
    assert d["nit"] == 2


finite = st.floats(-1e6, 1e6)


@given(x=finite, widths=st.tuples(st.floats(0, 10), st.floats(0, 10)), step=st.floats(-5, 5))
def test_no_difference_leaves_the_bounds_and_none_is_zero(
    x: float, widths: tuple[float, float], step: float
) -> None:
    lower, upper = x - widths[0], x + widths[1]
    points = evaluated_points([x], [lower], [upper], step)
    if lower == upper:
        assert len(points) == 0
    else:
        assert lower <= points[0, 0] <= upper
        assert points[0, 0] != x


# SciPy 1.14.1: approx_derivative(f, x, method="2-point", abs_step=step, f0=f(x), bounds=(l, u)),
# f(x) = Σ (x³ + x) summed in order, in hexadecimal to the last bit.
@pytest.mark.parametrize(
    ("lower", "upper", "step", "expected"),
    [
        (
            [-INF, -INF, -INF],
            [INF, INF, INF],
            1e-8,
            ["0x1.3c28f5e150e52p+1", "0x1.847ae14e5b108p+2", "0x1.c75c2960183d6p+3"],
        ),
        (
            [0.7, -1.3, 2.0],
            [1.0, -1.3 + 2.0**-40, 2.1],
            1e-8,
            ["0x1.3c28f5e150e52p+1", "0x1.8480000000000p+2", "0x1.c75c2841fe0d5p+3"],
        ),
    ],
)
def test_a_gradient_has_scipys_bits(
    lower: list[float], upper: list[float], step: float, expected: list[str]
) -> None:
    def fun(x: np.ndarray) -> float:
        return float(np.cumsum(x * x * x + x)[-1])

    x = np.array([0.7, -1.3, 2.1])
    gradient = ForwardDifferences(fun, np.array(lower), np.array(upper), step).gradient(x, fun(x))
    assert [component.hex() for component in gradient.tolist()] == expected
