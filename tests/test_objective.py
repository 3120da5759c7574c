"""The spellings of an objective: one pair, two functions, or a value alone."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import fmin_l_bfgs_b, minimize

Vector = np.ndarray


def value(x: Vector, a: float = 1.0, b: float = 0.0) -> float:
    return float(((x - a) ** 2).sum()) + b


def gradient(x: Vector, a: float = 1.0, b: float = 0.0) -> Vector:
    return 2 * (x - a)


def test_a_pair_and_two_functions_give_the_same_run() -> None:
    pair = fmin_l_bfgs_b(lambda x: (value(x), gradient(x)), [3.0, 4.0])
    two = fmin_l_bfgs_b(value, [3.0, 4.0], fprime=gradient)
    np.testing.assert_array_equal(pair[0], two[0])
    assert pair[1] == two[1]
    assert {**pair[2], "grad": None} == {**two[2], "grad": None}


def test_further_arguments_go_to_both_functions() -> None:
    x, f, _ = fmin_l_bfgs_b(value, [3.0, 4.0], fprime=gradient, args=(2.0, 5.0))
    np.testing.assert_allclose(x, [2.0, 2.0], atol=1e-5)  # pgtol over the curvature 2
    assert f == pytest.approx(5.0)


@pytest.mark.parametrize("args", [(2.0,), [2.0], np.array([2.0]), iter([2.0])])
def test_arguments_are_any_iterable(args: Any) -> None:
    x, _, _ = fmin_l_bfgs_b(lambda x, a: (value(x, a), gradient(x, a)), [3.0, 4.0], args=args)
    np.testing.assert_allclose(x, [2.0, 2.0], atol=1e-5)  # pgtol over the curvature 2


def test_a_function_returning_a_pair_is_evaluated_once_a_point() -> None:
    points: list[bytes] = []

    def func(x: Vector) -> tuple[float, Vector]:
        points.append(x.tobytes())
        return value(x**2), gradient(x**2) * 2 * x

    _, _, d = fmin_l_bfgs_b(func, [3.0, 4.0])
    assert d["funcalls"] == len(points) == len(set(points))


def test_a_gradient_of_its_own_is_evaluated_once_a_point_and_not_counted() -> None:
    values, gradients = [], []

    def func(x: Vector) -> float:
        values.append(x.tobytes())
        return value(x**2)

    def fprime(x: Vector) -> Vector:
        gradients.append(x.tobytes())
        return gradient(x**2) * 2 * x

    _, _, d = fmin_l_bfgs_b(func, [3.0, 4.0], fprime=fprime)
    assert d["funcalls"] == len(values)
    assert values == gradients


@pytest.mark.parametrize("way", ["pair", "two functions", "differences"])
def test_what_func_does_to_its_argument_changes_nothing(way: str) -> None:
    def run(spoil: bool) -> tuple[Vector, Any, Any]:
        def func(x: Vector) -> Any:
            f, g = value(x**2), gradient(x**2) * 2 * x
            if spoil:
                x[:] = np.nan
            return (f, g) if way == "pair" else f

        def fprime(x: Vector) -> Vector:
            return gradient(x**2) * 2 * x

        return fmin_l_bfgs_b(
            func,
            [3.0, 4.0],
            fprime=fprime if way == "two functions" else None,
            approx_grad=way == "differences",
            bounds=[(0, 10), (-1, None)],
        )

    spoilt, clean = run(True), run(False)
    np.testing.assert_array_equal(spoilt[0], clean[0])
    assert spoilt[1] == clean[1]
    assert spoilt[2]["funcalls"] == clean[2]["funcalls"]


def test_what_func_does_to_a_gradient_that_it_returned_changes_nothing() -> None:
    def run(own: bool) -> tuple[Vector, Any, Any]:
        buffer = np.empty(2)

        def func(x: Vector) -> tuple[float, Vector]:
            buffer[:] = gradient(x**2) * 2 * x
            return value(x**2), buffer if own else buffer.copy()

        return fmin_l_bfgs_b(func, [3.0, 4.0])

    reused, fresh = run(True), run(False)
    np.testing.assert_array_equal(reused[0], fresh[0])
    assert reused[2]["nit"] == fresh[2]["nit"]
    assert not np.shares_memory(reused[2]["grad"], fresh[2]["grad"])


def test_func_may_keep_its_arguments() -> None:
    kept: list[Vector] = []
    copies: list[Vector] = []

    def func(x: Vector) -> tuple[float, Vector]:
        kept.append(x)
        copies.append(x.copy())
        return value(x**2), gradient(x**2) * 2 * x

    x, _, _ = fmin_l_bfgs_b(func, [3.0, 4.0])
    np.testing.assert_array_equal(kept, copies)
    assert not any(np.shares_memory(x, point) for point in kept)


def test_approx_grad_goes_before_fprime() -> None:
    def fprime(x: Vector) -> Vector:
        raise AssertionError("fprime was called")

    x, _, _ = fmin_l_bfgs_b(value, [3.0, 4.0], fprime=fprime, approx_grad=True)
    np.testing.assert_allclose(x, [1.0, 1.0], atol=1e-5)  # pgtol over the curvature 2


def test_items_after_the_pair_are_ignored_as_scipy_ignores_them() -> None:
    x, _, _ = fmin_l_bfgs_b(lambda x: (value(x), gradient(x), "more"), [3.0, 4.0])
    np.testing.assert_allclose(x, [1.0, 1.0], atol=1e-5)  # pgtol over the curvature 2


@pytest.mark.parametrize(
    ("returned", "kind"),
    [(1.0, TypeError), (None, TypeError), ((1.0,), ValueError), (np.float64(1), TypeError)],
)
def test_no_pair_where_no_gradient_is_given_gets_a_sentence(returned: Any, kind: type) -> None:
    sentence = (
        f"func: a pair (f, gradient) is expected where no gradient is given, got {returned!r}"
    )
    with pytest.raises(kind, match="^" + re.escape(sentence)):
        fmin_l_bfgs_b(lambda x: returned, [3.0, 4.0])


@pytest.mark.parametrize("arguments", [{"approx_grad": True}, {"fprime": gradient}])
def test_a_pair_where_a_value_is_expected_gets_a_sentence(arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^f: a scalar is expected, got "):
        fmin_l_bfgs_b(lambda x: (value(x), gradient(x)), [3.0, 4.0], **arguments)


@pytest.mark.parametrize(
    ("function", "arguments", "needs"),
    [(fmin_l_bfgs_b, {"approx_grad": True}, "no approx_grad"), (minimize, {}, "jac=True")],
)
def test_a_forgotten_word_for_a_pair_is_named(function: Any, arguments: Any, needs: str) -> None:
    sentence = rf"got .*; a function that returns its gradient too needs {needs}$"
    with pytest.raises(ValueError, match=sentence):
        function(lambda x: (value(x), gradient(x)), [3.0, 4.0], **arguments)


def test_a_value_is_read_before_the_gradient_overwrites_it() -> None:
    memory = np.empty(1)

    def func(x: Vector) -> Vector:
        memory[0] = value(x)
        return memory

    def fprime(x: Vector) -> Vector:
        memory[0] = -1.0
        return gradient(x)

    expected = fmin_l_bfgs_b(value, [3.0, 4.0], fprime=gradient)
    x, f, _ = fmin_l_bfgs_b(func, [3.0, 4.0], fprime=fprime)
    assert (x.tobytes(), f) == (expected[0].tobytes(), expected[1])
