"""What an objective may return as value and gradient, and what it may not."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, fmin_l_bfgs_b

Vector = np.ndarray


def value(x: Vector) -> float:
    return float(((x - 1) ** 2).sum())


def gradient(x: Vector) -> Vector:
    return 2 * (x - 1)


def solve(f: Callable[[Any], Any], g: Callable[[Any], Any]) -> tuple[Any, ...]:
    x, fun, d = fmin_l_bfgs_b(lambda x: (f(value(x)), g(gradient(x))), [3.0, 4.0])
    return x.tolist(), fun, d["nit"], d["funcalls"]


EXPECTED = solve(lambda f: f, lambda g: g)


@pytest.mark.parametrize(
    "spelling",
    [np.float64, np.longdouble, Decimal, np.array, lambda f: np.array([[f]]), lambda f: [f]],
    ids=["float64", "longdouble", "Decimal", "0-d", "1-element", "list"],
)
def test_a_value_is_any_scalar_or_one_element(spelling: Callable[[float], Any]) -> None:
    assert solve(spelling, lambda g: g) == EXPECTED


@pytest.mark.parametrize(
    "spelling",
    [
        list,
        tuple,
        lambda g: g[:, None],
        lambda g: g[None],
        lambda g: np.repeat(g, 2)[::2],
        lambda g: g.astype(">f8"),
        lambda g: g.astype(np.longdouble),
        lambda g: g.astype(object),
        lambda g: np.ma.masked_array(g),
        memoryview,
        lambda g: g.view(type("Subclass", (np.ndarray,), {})),
    ],
)
def test_a_gradient_is_any_array_like_of_n_numbers(spelling: Callable[[Vector], Any]) -> None:
    assert solve(lambda f: f, spelling) == EXPECTED


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int64])
def test_a_gradient_of_a_smaller_type_is_converted(dtype: type) -> None:
    # Small integers throughout, so that no type rounds: f = 4 x², g = 8 x from 2 to its end.
    points = []

    def func(x: Vector) -> tuple[float, Vector]:
        points.append(x)
        return float(x[0] ** 2), np.array([np.sign(x[0])]).astype(dtype)

    fmin_l_bfgs_b(func, [2.0], maxiter=1)
    assert points[1] == [1.0]  # the first trial: a step of length 1 against the gradient


def test_a_value_of_float32_is_converted() -> None:
    _, f, _ = fmin_l_bfgs_b(lambda x: (np.float32(0.5), [0.0]), [1.0])
    assert f == 0.5
    assert type(f) is float


@pytest.mark.parametrize(
    ("f", "kind", "sentence"),
    [
        (None, TypeError, "f: a real number is expected, got None"),
        ("a", TypeError, "f: a real number is expected, got 'a'"),
        (1j, TypeError, "f: a real number is expected, got 1j"),
        ([1.0, 2.0], ValueError, "f: a scalar is expected, got an array of shape (2,)"),
        ([], ValueError, "f: a scalar is expected, got an array of shape (0,)"),
        ([1.0, [2.0, 3.0]], ValueError, "f: a scalar is expected, got [1.0, [2.0, 3.0]]"),
    ],
)
def test_a_value_that_is_none_gets_a_sentence(f: Any, kind: type, sentence: str) -> None:
    # The types are SciPy 1.14.1's.
    with pytest.raises(kind, match="^" + re.escape(sentence)):
        fmin_l_bfgs_b(lambda x: (f, gradient(x)), [3.0, 4.0])


@pytest.mark.parametrize(
    ("g", "kind", "sentence"),
    [
        ([1.0], ValueError, "g: the gradient has 1 components, x has 2"),
        (np.ones(3), ValueError, "g: the gradient has 3 components, x has 2"),
        (1.0, ValueError, "g: the gradient has 1 components, x has 2"),
        ([], ValueError, "g: the gradient has 0 components, x has 2"),
        (None, ValueError, "g: a vector of 2 real numbers is expected (got None)"),
        ([1.0, None], ValueError, "g: a vector of 2 real numbers is expected (got None)"),
        (["a", "b"], ValueError, "g: a vector of 2 real numbers is expected"),
        ([1j, 0], TypeError, "g: a vector of 2 real numbers is expected (got dtype complex128)"),
        ([[1.0], [1.0, 2.0]], ValueError, "g: a vector of 2 real numbers is expected"),
        ((i for i in (1.0, 2.0)), TypeError, "g: a vector of 2 real numbers is expected"),
    ],
)
@pytest.mark.parametrize("separate", [False, True])
def test_a_gradient_that_is_none_gets_a_sentence(
    g: Any, kind: type, sentence: str, separate: bool
) -> None:
    # The types are SciPy 1.14.1's, but for the complex one, whose imaginary part SciPy drops.
    func, fprime = (value, lambda x: g) if separate else (lambda x: (value(x), g), None)
    with pytest.raises(kind, match="^" + re.escape(sentence)):
        fmin_l_bfgs_b(func, [3.0, 4.0], fprime=fprime)


@pytest.mark.parametrize("way", ["pair", "two functions", "differences", "tell"])
@pytest.mark.parametrize(
    "masked", [np.ma.masked, np.ma.array(0.0, mask=True), np.ma.array([0], mask=[True])]
)
def test_a_masked_value_is_no_number(way: str, masked: Any) -> None:
    if way == "tell":
        solver = LBFGSB([3.0, 4.0])
        solver.ask()
        solver.tell(masked, [1.0, 1.0])
        assert solver.result.status == 2
    else:
        func, arguments = {
            "pair": (lambda x: (masked, gradient(x)), {}),
            "two functions": (lambda x: masked, {"fprime": gradient}),
            "differences": (lambda x: masked, {"approx_grad": True}),
        }[way]
        _, f, d = fmin_l_bfgs_b(func, [3.0, 4.0], **arguments)
        assert np.isnan(f)
        assert d["warnflag"] == 2


def test_a_masked_component_of_a_gradient_is_no_number() -> None:
    solver = LBFGSB([3.0, 4.0])
    solver.ask()
    solver.tell(1.0, np.ma.array([1.0, 2.0], mask=[False, True]))
    assert solver.result.status == 2


@pytest.mark.parametrize("sign", [1, -1])
def test_an_integer_that_no_float_can_hold_is_infinite(sign: int) -> None:
    solver = LBFGSB([3.0, 4.0])
    solver.ask()
    solver.tell(sign * 10**400, [1.0, 1.0])
    assert solver.result.status == 2
    assert solver.result.fun == sign * np.inf


def test_a_gradient_of_integers_that_no_float_can_hold_gets_a_sentence() -> None:
    solver = LBFGSB([3.0, 4.0])
    solver.ask()
    with pytest.raises(ValueError, match=r"^g: a vector of 2 numbers that float64 can hold"):
        solver.tell(1.0, [10**400, 1])
