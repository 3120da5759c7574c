"""check_gradient: right gradients agree with differences, wrong ones are named."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lbfgsb77 import check_gradient
from lbfgsb77.reference import problems
from objectives import chain

# Wrong on purpose, or computed from a rounded f.
WRONG = {
    "wrong-gradient-sign",
    "wrong-gradient-scale",
    "wrong-gradient-component",
    "wrong-gradient-component-in-box",
    "rounded-quadratic",
    "constant-with-slope",
}


def near_its_start(problem: Any) -> tuple[np.ndarray, list[tuple[float, float]]]:
    x = np.array(problem.starts[0])
    lower = np.full(x.size, -np.inf) if problem.lower is None else np.array(problem.lower)
    upper = np.full(x.size, np.inf) if problem.upper is None else np.array(problem.upper)
    away = np.random.RandomState(0).uniform(-0.01, 0.01, x.size) * np.maximum(np.abs(x), 0.1)
    return np.clip(x + away, lower, upper), list(zip(lower, upper, strict=True))


@pytest.mark.parametrize("problem", problems.select(), ids=lambda problem: problem.name)
def test_gradients_of_the_collection(problem: Any) -> None:
    x, bounds = near_its_start(problem)
    with np.errstate(all="ignore"):
        if not np.isfinite(problem(x)[0]):
            with pytest.raises(ValueError, match=r"^x: a point at which f is finite is expected"):
                check_gradient(problem, x, bounds=bounds)
            return
        check = check_gradient(problem, x, bounds=bounds)
    assert check.agrees is bool(check) is (problem.name not in WRONG), check


@pytest.mark.parametrize("component", [0, 3, 9])
@pytest.mark.parametrize("bounds", [None, [(-1.2, 2)] * 10, [(-2, -1.2)] * 10])
def test_a_component_off_by_a_thousandth_is_the_worst(component: int, bounds: Any) -> None:
    def gradient(x: np.ndarray) -> np.ndarray:
        g = chain(x)[1]
        g[component] *= 1.001
        return g

    x = np.full(10, -1.2)
    x[1::2] = -1.3 if bounds is None else x[1::2]
    check = check_gradient(lambda x: chain(x)[0], x, gradient, bounds)
    assert not check
    assert check.worst[0] == component
    # A thousandth of the true component; the differences' own error is 1e-9 of it.
    assert check.error[component] == pytest.approx(
        1e-3 * abs(check.differences[component]), rel=1e-3
    )
    first, _, worst, *others = repr(check).splitlines()
    assert first == "The gradient disagrees with differences of f in 1 of 10 components."
    assert worst.split()[0] == str(component)
    assert worst.endswith("wrong")
    assert not any(line.endswith("wrong") for line in others)


def test_no_evaluation_is_outside_of_the_bounds() -> None:
    box = np.array([[0.0, 1.0], [1.0, 1.0 + 1e-9], [-np.inf, 0.5], [2.0, 2.0]])
    points: list[np.ndarray] = []

    def bowl(x: np.ndarray) -> tuple[float, np.ndarray]:
        points.append(x)
        return float((x**2).sum()), 2 * x

    assert check_gradient(bowl, [0.0, 1.0, 0.5, 2.0], bounds=box)
    assert len(points) == 1 + 4 * 3  # the last variable is fixed
    assert all(((box[:, 0] <= x) & (x <= box[:, 1])).all() for x in points)


def test_a_component_that_is_not_finite_is_wrong() -> None:
    check = check_gradient(lambda x: (x @ x, [2.0, np.nan]), [1.0, 1.0])
    assert not check
    assert check.worst[0] == 1


def test_no_error_and_no_uncertainty_agree() -> None:
    assert check_gradient(lambda x: (0.0, [0.0, 0.0]), [1.0, 1.0])


def test_arguments_are_passed_on() -> None:
    def scaled(x: np.ndarray, a: float, b: float) -> float:
        return float(a * (x**2).sum() + b)

    def gradient(x: np.ndarray, a: float, b: float) -> np.ndarray:
        return 2 * a * x

    assert check_gradient(scaled, [1.0, 2.0], gradient, args=(3.0, 1.0))


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ((None, [1.0]), TypeError, "fun: a callable is expected, got None"),
        ((chain, [1.0, np.inf]), ValueError, "x: finite numbers are expected, got [1.0, inf]"),
        ((chain, [1.0, 2.0], "2-point"), TypeError, "jac: a callable or True is expected, got '2-"),
        ((chain, [1.0, 2.0], True, [(0, 1)] * 2), ValueError, "x[1]: a number in [0.0, 1.0] is"),
    ],
)
def test_bad_input_gets_a_sentence(arguments: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(kind) as raised:
        check_gradient(*arguments)
    assert str(raised.value).startswith(sentence)
