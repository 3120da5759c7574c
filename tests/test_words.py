"""Settings have two names, those of SciPy's two interfaces, and every function takes either."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, fmin_l_bfgs_b, minimize, minimize_batch
from objectives import valley

EPSILON = 2.0**-52
PAIRS = [("m", "maxcor"), ("factr", "ftol"), ("pgtol", "gtol")]
START = np.array([-1.2, 1.0])


def by_fmin(**settings: Any) -> Any:
    x, f, d = fmin_l_bfgs_b(valley, START, **settings)
    return x.tobytes(), f, d["nit"], d["funcalls"], d["task"]


def by_minimize(**settings: Any) -> Any:
    return of_result(minimize(valley, START, jac=True, **settings))


def by_options(**settings: Any) -> Any:
    return of_result(minimize(valley, START, jac=True, options=settings))


def by_solver(**settings: Any) -> Any:
    solver = LBFGSB(START, **settings)
    for x in solver:
        solver.tell(*valley(x))
    return of_result(solver.result)


def by_batch(**settings: Any) -> Any:
    def valleys(points: np.ndarray, index: np.ndarray) -> Any:
        values = [valley(x) for x in points]
        return np.array([f for f, _ in values]), np.array([g for _, g in values])

    return of_result(minimize_batch(valleys, START[None, :], **settings)[0])


def of_result(result: Any) -> Any:
    return result.x.tobytes(), result.fun, result.nit, result.nfev, result.message


WAYS = [by_fmin, by_minimize, by_options, by_solver, by_batch]
Way = Callable[..., Any]


@pytest.mark.parametrize("way", WAYS)
def test_either_word_gives_the_same_run(way: Way) -> None:
    # A power of 2 times EPSILON, so that factr and ftol are exactly one another.
    kernels = way(m=3, factr=2.0**30, pgtol=1e-3)
    assert kernels == way(maxcor=3, ftol=2.0**30 * EPSILON, gtol=1e-3)
    assert kernels == way(m=3, ftol=2.0**30 * EPSILON, gtol=1e-3)
    # And they have an effect: the defaults take longer.
    assert kernels != way()


@pytest.mark.parametrize(("kernels", "scipys"), PAIRS)
@pytest.mark.parametrize("way", WAYS)
def test_both_words_for_one_setting_are_refused(way: Way, kernels: str, scipys: str) -> None:
    # Whatever they say: defaults too, and the same value twice.
    for value in (10, 3):
        with pytest.raises(TypeError, match="one is expected, they are the same setting"):
            way(**{kernels: value, scipys: value})


def test_a_setting_given_by_its_place_and_by_the_other_word_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^m and maxcor: one is expected"):
        LBFGSB(START, None, 10, maxcor=10)
    with pytest.raises(TypeError, match=r"^factr and ftol: one is expected"):
        fmin_l_bfgs_b(valley, START, None, (), 0, None, 10, 1e7, ftol=1e-9)
    # Places before that one are another matter.
    assert LBFGSB(START, None, 10, ftol=1e-9).task == "FG_START"


def test_a_keyword_and_an_option_for_one_setting_are_refused() -> None:
    with pytest.raises(TypeError, match=r"^m and maxcor: one is expected"):
        minimize(valley, START, jac=True, maxcor=3, options={"m": 3})
    with pytest.raises(TypeError, match=r"^factr and ftol: one is expected"):
        minimize(valley, START, jac=True, factr=3, options={"ftol": 3})


@pytest.mark.parametrize(
    ("word", "value", "rule"),
    [
        ("m", 0, "must be positive, got 0"),
        ("maxcor", 0, "must be positive, got 0"),
        ("maxcor", 2.5, "an integer is expected, got 2.5"),
        ("factr", -1, "must not be negative, got -1"),
        ("ftol", -1, "must not be negative, got -1"),
        ("pgtol", np.nan, "a number is expected, got nan"),
        ("gtol", "small", "a real number is expected, got 'small'"),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_messages_have_the_callers_word(way: Way, word: str, value: Any, rule: str) -> None:
    with pytest.raises((TypeError, ValueError), match=f"^{word}: {rule}$"):
        way(**{word: value})


def test_memory_that_is_not_there_is_told_in_the_callers_word(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from lbfgsb77._run import memory

    monkeypatch.setattr(memory, "available_memory", lambda: 2**20)
    with pytest.raises(MemoryError, match="n = 2 variables with maxcor = 10000 pairs need"):
        LBFGSB(START, maxcor=10_000)
    with pytest.raises(MemoryError, match="n = 2 variables with m = 10000 pairs need"):
        LBFGSB(START, m=10_000)


@pytest.mark.parametrize("given", [{}, {"ftol": 2.0**-30}, {"options": {"gtol": 1e-2}}])
def test_tol_stands_for_the_tolerances_that_are_not_given(given: dict[str, Any]) -> None:
    tol = 2.0**-20
    options = given.get("options", {})
    both = {"ftol": tol, "gtol": tol, **{k: v for k, v in given.items() if k != "options"}}
    expected = by_minimize(**{**both, **options})
    assert by_minimize(tol=tol, **given) == expected


def test_tol_leaves_a_tolerance_that_is_given_with_the_value_of_its_default() -> None:
    ftol = inspect.signature(minimize).parameters["ftol"].default
    assert by_minimize(tol=1.0, ftol=float(ftol), gtol=1e-5) == by_minimize()


@pytest.mark.parametrize("function", [fmin_l_bfgs_b, minimize, minimize_batch, LBFGSB])
def test_signatures_have_the_words_of_one_interface_and_types(function: Any) -> None:
    parameters = inspect.signature(function).parameters
    assert ("m" in parameters) != ("maxcor" in parameters)
    assert all(p.annotation is not p.empty for p in parameters.values())
