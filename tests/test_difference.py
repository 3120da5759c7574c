"""Forward differences: SciPy's steps, inside the bounds, every evaluation counted."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from difference_problems import difference_problem, polynomial
from lbfgsb77 import fmin_l_bfgs_b, minimize
from lbfgsb77._problem.differences import Differences, step_array

INF = np.inf


def evaluated_points(
    x: list[float],
    lower: list[float],
    upper: list[float],
    step: float | list[float] | None,
    scheme: str = "2-point",
) -> np.ndarray:
    """The points that one gradient is made of."""
    points: list[np.ndarray] = []

    def values(at: Iterable[np.ndarray]) -> list[float]:
        points.extend(at)
        return [0.0] * len(points)

    box = np.array(lower, float), np.array(upper, float)
    Differences(values, *box, scheme, step_array("step", step, len(x))).gradient(
        np.array(x, float), 0.0
    )
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


@given(x=finite, widths=st.tuples(st.floats(0, 10), st.floats(0, 10)), step=st.floats(-5, 5))
def test_two_points_a_variable_stay_inside_the_bounds_too(
    x: float, widths: tuple[float, float], step: float
) -> None:
    lower, upper = x - widths[0], x + widths[1]
    points = evaluated_points([x], [lower], [upper], step, "3-point")
    assert len(points) == (0 if lower == upper else 2)
    if lower != upper:
        assert lower <= points.min() < points.max() <= upper


def test_two_points_lie_on_both_sides_of_x() -> None:
    points = evaluated_points([3.0], [-INF], [INF], 0.25, "3-point")
    np.testing.assert_array_equal(points, [[2.75], [3.25]])


def test_two_points_that_a_bound_is_near_to_lie_on_the_other_side_of_x() -> None:
    points = evaluated_points([1.0, 0.0], [0.0, 0.0], [1.0, 1.0], 0.25, "3-point")
    np.testing.assert_array_equal(points[:, 0], [0.75, 0.5, 1.0, 1.0])
    np.testing.assert_array_equal(points[:, 1], [0.0, 0.0, 0.25, 0.5])


def test_an_imaginary_step_leaves_the_real_part_of_x_alone() -> None:
    points = evaluated_points_of_complex_step([1.0], [0.0], [1.0])
    assert points[0, 0] == 1.0 + 1j * np.sqrt(2.0**-52)


def evaluated_points_of_complex_step(
    x: list[float], lower: list[float], upper: list[float]
) -> np.ndarray:
    points: list[np.ndarray] = []

    def values(at: Iterable[np.ndarray]) -> list[complex]:
        points.extend(at)
        return [0j] * len(points)

    Differences(values, np.array(lower), np.array(upper), "cs").gradient(np.array(x), 0.0)
    return np.array(points)


def test_a_value_of_a_shorter_type_makes_the_step_larger() -> None:
    points: list[np.ndarray] = []

    def values(at: Iterable[np.ndarray]) -> list[float]:
        points.extend(at)
        return [0.0]

    Differences(values, np.array([-INF]), np.array([INF])).gradient(
        np.array([2.0]), np.float32(1.0)
    )
    # SciPy takes the root in that type, too.
    assert points[0][0] == 2.0 + 2.0 * np.sqrt(np.finfo(np.float32).eps).astype(float)


# Recorded from SciPy by data/record_scipy_differences.py.
RECORD: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "scipy_differences.json").read_text(encoding="utf-8")
)


def test_gradients_have_scipys_bits() -> None:
    for seed, expected in enumerate(RECORD["gradients"]):
        problem = difference_problem(seed)
        gradient = Differences(
            lambda points: [polynomial(point) for point in points],
            problem.lower,
            problem.upper,
            problem.scheme,
            step_array("step", problem.absolute_step, problem.x.size),
            step_array("step", problem.relative_step, problem.x.size),
        ).gradient(problem.x, polynomial(problem.x))
        assert [number.hex() for number in gradient.tolist()] == expected, f"problem {seed}"


def test_the_record_has_every_scheme_and_spelling_of_steps() -> None:
    problems = [difference_problem(seed) for seed in range(len(RECORD["gradients"]))]
    assert {problem.scheme for problem in problems} == {"2-point", "3-point", "cs"}
    given_steps = {
        (problem.absolute_step is None, problem.relative_step is None) for problem in problems
    }
    assert given_steps == {(True, True), (True, False), (False, True)}


def test_central_points_lie_on_both_sides_where_half_of_the_farther_room_is_the_nearer() -> None:
    # Bounds at distances 1 and 2, and a step of 1.5, which fits on neither side: as SciPy's
    # approx_derivative does, one step to either side, and not two to one.
    points: list[float] = []

    def values(at: Iterable[np.ndarray]) -> list[float]:
        points.extend(float(x[0]) for x in at)
        return [x**2 for x in points]

    step = np.array([1.5])
    differences = Differences(values, np.array([2.0]), np.array([5.0]), "3-point", step)
    assert differences.gradient(np.array([3.0]), 9.0) == [6.0]
    assert points == [2.0, 4.0]


@pytest.mark.parametrize("x", [1.0, -1.0, 3.0])
def test_a_step_that_rounds_away_in_x_plus_step_is_replaced(x: float) -> None:
    # As in SciPy, whose test is (x + step) - x == 0, and not with x - step: beside 1, and below it
    # alone, numbers lie twice as close. 0.9 of half the distance above |x|:
    step = 0.9 * np.spacing(abs(x)) / 2
    (point,) = evaluated_points([x], [-INF], [INF], step if x > 0 else -step)
    usual = np.sqrt(2.0**-52) * max(1.0, abs(x))
    assert point[0] == x + np.copysign(usual, x)


@pytest.mark.parametrize("scheme", ["2-point", "3-point"])
@pytest.mark.parametrize("upper", [5e-324, 1e-323])
def test_bounds_too_near_for_a_step_end_in_a_result(scheme: str, upper: float) -> None:
    result = minimize(lambda x: float(x[0]), [0.0], jac=scheme, bounds=[(0, upper)])
    assert 0 <= result.x[0] <= upper


class ScalarOfAnotherLibrary:
    """As those of JAX: with a dtype, and NumPy can convert it."""

    dtype = np.dtype(np.float32)

    def __init__(self, value: float) -> None:
        self._value = value

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.array(self._value, dtype or self.dtype)


@pytest.mark.parametrize(
    "spelling",
    [np.float32, lambda f: np.array(f, np.float32), lambda f: np.array([f], np.float32),
     ScalarOfAnotherLibrary],
    ids=["scalar", "array", "array of one", "another library's scalar"],
)  # fmt: skip
def test_a_shorter_type_of_f_in_any_spelling_makes_the_step_larger(spelling: Any) -> None:
    points: list[float] = []

    def func(x: np.ndarray) -> Any:
        points.append(float(x[0]))
        return spelling((x[0] - 3.0) ** 2)

    result = minimize(func, [2.0], jac="2-point")
    assert points[1] == 2.0 + 2.0 * float(np.sqrt(np.finfo(np.float32).eps))
    # The differences of float32 values over that step are wrong by about its square root.
    assert abs(result.x[0] - 3.0) < 1e-2


def test_differences_that_are_all_0_are_told_with_the_name_of_the_step() -> None:
    """A step of 1e-8 changes no float32 near 4."""

    def func(x: np.ndarray) -> float:
        return float(np.float32((x[0] - 3.0) ** 2))

    _, _, d = fmin_l_bfgs_b(func, [1.0], approx_grad=True)
    assert (d["warnflag"], d["nit"]) == (0, 0)
    assert d["reason"] == (
        "the projected gradient's norm, 0, is at most 1e-05: every difference of f is exactly 0; "
        "if f is not flat there, the steps are too short (epsilon)"
    )
    assert minimize(func, [1.0]).reason.endswith("the steps are too short (eps)")
    told = minimize(func, [1.0], jac="2-point", finite_diff_rel_step=1e-9).reason
    assert told.endswith("the steps are too short (finite_diff_rel_step)")
    longer = minimize(func, [1.0], jac="2-point", finite_diff_rel_step=1e-3)
    assert "every difference" not in longer.reason
