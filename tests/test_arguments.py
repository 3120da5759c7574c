"""Arguments that can't be meant get one sentence, before func is called."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, fmin_l_bfgs_b


def bowl(x: np.ndarray) -> tuple[float, np.ndarray]:
    return float(((x - 1) ** 2).sum()), 2 * (x - 1)


def uncalled(x: np.ndarray) -> float:
    raise AssertionError("func was called")


# Where SciPy 1.14.1 raises for the same argument, the type is the same.
BAD = [
    ({"x0": []}, ValueError, "x0: at least one variable is expected, got an empty array"),
    ({"x0": [1, np.nan]}, ValueError, "x0[1]: a number is expected, got nan"),
    ({"x0": [None, 1]}, ValueError, "x0[0]: a number is expected, got nan"),
    ({"x0": [1, -np.inf]}, ValueError, "x0[1]: a finite number is expected, got -inf"),
    ({"x0": [1 + 2j]}, TypeError, "x0: real numbers are expected, got complex128"),
    ({"x0": ["a", "b"]}, ValueError, "x0: real numbers are expected, got ['a', 'b']"),
    ({"x0": [object()]}, TypeError, "x0: real numbers are expected, got [<object object"),
    ({"m": 0}, ValueError, "m: must be positive, got 0"),
    ({"m": -1}, ValueError, "m: must be positive, got -1"),
    ({"m": 2.0}, TypeError, "m: an integer is expected, got 2.0"),
    ({"m": "a"}, TypeError, "m: an integer is expected, got 'a'"),
    ({"m": True}, TypeError, "m: an integer is expected, got True"),
    ({"m": 2**31}, ValueError, "m: must be at most 2147483647, got 2147483648"),
    ({"maxls": 0}, ValueError, "maxls: must be positive, got 0"),
    ({"maxls": None}, TypeError, "maxls: an integer is expected, got None"),
    ({"factr": -1}, ValueError, "factr: must not be negative, got -1"),
    ({"factr": np.nan}, ValueError, "factr: a number is expected, got nan"),
    ({"factr": None}, TypeError, "factr: a real number is expected, got None"),
    ({"factr": "a"}, TypeError, "factr: a real number is expected, got 'a'"),
    ({"pgtol": np.nan}, ValueError, "pgtol: a number is expected, got nan"),
    ({"pgtol": 1j}, TypeError, "pgtol: a real number is expected, got 1j"),
    ({"x0": [10**400, 1]}, ValueError, "x0: numbers of at most 308 digits are expected"),
    ({"x0": [[1.0], [2.0, 3.0]]}, ValueError, "x0: real numbers are expected, got [[1.0], [2.0"),
    ({"m": 10**5000}, ValueError, "m: must be at most 2147483647, got int whose repr raises Val"),
    ({"maxfun": "a"}, TypeError, "maxfun: a real number is expected, got 'a'"),
    ({"maxiter": "a"}, TypeError, "maxiter: a real number is expected, got 'a'"),
]
BAD_CALLABLES = [
    ({"func": None}, TypeError, "func: a callable is expected, got None"),
    ({"func": 3}, TypeError, "func: a callable is expected, got 3"),
    ({"fprime": 3}, TypeError, "fprime: a callable is expected, got 3"),
    ({"callback": 3}, TypeError, "callback: a callable is expected, got 3"),
    ({"args": 5}, TypeError, "args: a sequence is expected, got 5"),
    ({"args": None}, TypeError, "args: a sequence is expected, got None"),
    ({"approx_grad": 1, "epsilon": np.nan}, ValueError, "epsilon: finite numbers are expected"),
    ({"approx_grad": 1, "epsilon": "a"}, TypeError, "epsilon: real numbers are expected, got 'a'"),
    ({"approx_grad": 1, "epsilon": 10**400}, ValueError, "epsilon: numbers of at most 308 digits"),
    ({"approx_grad": 1, "epsilon": [1, 2, 3]}, ValueError, "epsilon: one number or 2 of them"),
]


@pytest.mark.parametrize(("arguments", "kind", "sentence"), BAD + BAD_CALLABLES)
def test_fmin_refuses(arguments: dict[str, Any], kind: type[Exception], sentence: str) -> None:
    with pytest.raises(kind, match="^" + re.escape(sentence)):
        fmin_l_bfgs_b(**({"func": uncalled, "x0": [3.0, 4.0]} | arguments))


@pytest.mark.parametrize(("arguments", "kind", "sentence"), BAD)
def test_the_solver_refuses_the_same(
    arguments: dict[str, Any], kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind, match="^" + re.escape(sentence)):
        LBFGSB(**({"x0": [3.0, 4.0]} | arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        {"m": np.int64(3)},
        {"factr": 10},
        {"factr": np.float32(1e3)},
        {"factr": Fraction(1, 3)},
        {"pgtol": 0},
        {"pgtol": -1.0},  # never fulfilled: the run ends otherwise
        {"maxfun": 1e5},
        {"maxfun": np.inf},
        {"maxiter": np.int32(50)},
        {"maxfun": None, "maxiter": None},  # no limit
        {"maxls": np.uint8(5)},
    ],
)
def test_numbers_of_other_types_are_taken(arguments: dict[str, Any]) -> None:
    _, _, d = fmin_l_bfgs_b(bowl, [3.0, 4.0], **arguments)
    assert d["warnflag"] == 0


@pytest.mark.parametrize(
    "x0",
    [
        [3, 4],
        (3.0, 4.0),
        np.array([3, 4], np.int8),
        np.array([3, 4], np.float32),
        np.array([3, 4], ">f8"),
        np.array([3, 4], object),
        [Fraction(3), Fraction(4)],
        np.array([[3.0], [4.0]]),
        np.array([3.0, 0.0, 4.0, 0.0])[::2],
    ],
)
def test_every_spelling_of_the_start_gives_the_same_run(x0: Any) -> None:
    x, f, d = fmin_l_bfgs_b(bowl, x0)
    expected = fmin_l_bfgs_b(bowl, np.array([3.0, 4.0]))
    np.testing.assert_array_equal(x, expected[0])
    assert x.shape == (2,)
    assert x.dtype == np.float64
    assert (f, d["nit"], d["funcalls"]) == (
        expected[1],
        expected[2]["nit"],
        expected[2]["funcalls"],
    )


@pytest.mark.parametrize("x0", [3.0, 3, np.float64(3), np.array(3.0)])
def test_a_scalar_start_is_one_variable(x0: Any) -> None:
    x, _, _ = fmin_l_bfgs_b(bowl, x0)
    np.testing.assert_allclose(x, [1.0], atol=1e-5)  # pgtol over the curvature 2
    assert x.shape == (1,)


def test_the_start_is_not_modified() -> None:
    x0 = np.array([3.0, 4.0])
    fmin_l_bfgs_b(bowl, x0, bounds=[(0, 2), (0, 2)])
    LBFGSB(x0, bounds=[(0, 2), (0, 2)])
    np.testing.assert_array_equal(x0, [3.0, 4.0])


def test_a_start_outside_the_bounds_is_projected_even_from_infinity() -> None:
    solver = LBFGSB([-5.0, np.inf, 0.5], bounds=[(0, 1), (0, 2), (0, 1)])
    np.testing.assert_array_equal(solver.ask(), [0.0, 2.0, 0.5])


@pytest.mark.parametrize(
    ("nfev", "kind", "rule"),
    [
        (None, TypeError, "an integer is expected, got None"),
        ("x", TypeError, "an integer is expected, got 'x'"),
        (np.nan, TypeError, "an integer is expected, got nan"),
        (2.5, TypeError, r"an integer is expected, got 2\.5"),
        (-1, ValueError, "must not be negative, got -1"),
        (np.int64(-(10**9)), ValueError, "must not be negative, got -1000000000"),
    ],
)
def test_a_wrong_number_of_evaluations_is_refused_and_the_solver_goes_on(
    nfev: Any, kind: type, rule: str
) -> None:
    solver = LBFGSB([3.0, 4.0])
    x = solver.ask()
    with pytest.raises(kind, match=f"^nfev: {rule}$"):
        solver.tell(*bowl(x), nfev)
    assert (solver.nfev, solver.njev) == (0, 0)
    solver.tell(*bowl(x), np.int64(3))
    solver.ask()
    assert (solver.nfev, solver.njev) == (3, 1)


def test_long_values_are_shown_to_sixty_characters() -> None:
    for length, shown in ((58, repr("x" * 58)), (59, repr("x" * 59)[:57] + "...")):
        with pytest.raises(TypeError) as caught:
            LBFGSB([1.0], m="x" * length)
        assert str(caught.value) == f"m: an integer is expected, got {shown}"
