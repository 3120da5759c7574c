"""Ports that are broken on purpose: each is caught where it is wrong, and nowhere else.

What is right is found without the tool: both runs' points are collected as bytes, and looked
through for the first that differs.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from fortran_library import libraries, solver_on

import lbfgsb77
from lbfgsb77.reference import check, problems
from lbfgsb77.reference._golden import run_options

PROBLEMS = problems.select(portable=True, finite=True)

# One changed constant each, by the name of what it is in Moré and Thuente or the contract.
CONSTANTS = {
    "ftol of the line search": ("more_thuente.f", "ftol = 1d-3", "ftol = 0.1d0"),
    "gtol of the line search": ("more_thuente.f", "gtol = 0.9d0", "gtol = 0.8d0"),
    "shrinking of the bracket": ("more_thuente.f", "0.66d0", "0.5d0"),
    "expansion of the step": ("more_thuente.f", "4*(stp", "3*(stp"),
    "cubic's factor": ("safeguarded_step.f", "3*(", "2.9999999999d0*("),
}


def raw_run(solver: Callable[..., Any], problem: Any, options: dict[str, Any]) -> list[Any]:
    """The run as a list: the bytes of each new point, and a mark where an iteration ends."""
    run: list[Any] = []
    last = [np.full(problem.n, np.nan)]

    def objective(x):
        if not np.array_equal(x, last[0]):
            run.append([x.tobytes(), False])
            last[0] = x.copy()
        return problem(x)

    def callback(xk):
        run[-1][1] = True

    result = solver(objective, problem.start, bounds=problem.bounds, callback=callback, **options)
    return [*run, [result[0].tobytes(), result[2]["task"]]]


def first_difference(a: list[Any], b: list[Any]) -> int | None:
    """The number of the first evaluation, from 1, at which two runs differ."""
    for number, (p, q) in enumerate(zip(a[:-1], b[:-1], strict=False), start=1):
        if p != q:
            return number
    if len(a) != len(b):
        return min(len(a), len(b))
    return None if a[-1] == b[-1] else len(a) - 1


_good_runs: dict[Any, list[Any]] = {}


def good_run(good: Callable[..., Any], problem: Any, options: dict[str, Any]) -> list[Any]:
    """The right run, made once for all ports."""
    key = good, problem.name
    if key not in _good_runs:
        _good_runs[key] = raw_run(good, problem, options)
    return _good_runs[key]


def assert_caught(good: Callable[..., Any], broken: Callable[..., Any], at_least: int) -> None:
    defaults = {"m": 10, "factr": 1e7, "pgtol": 1e-5, "maxls": 20, "maxiter": 15000}
    affected = 0
    for found in check(broken, PROBLEMS, level="bits", interface="fmin_l_bfgs_b"):
        problem = found.problem
        options = {**defaults, **run_options(problem, "default")}
        truth = first_difference(
            good_run(good, problem, options), raw_run(broken, problem, options)
        )
        first = found.comparison.first_difference
        assert (None if first is None else first.evaluation) == truth, problem.name
        assert found.passed == (truth is None), problem.name
        affected += truth is not None
    # A constant that matters nowhere would make an empty test.
    assert affected >= at_least


@pytest.fixture(scope="module")
def good() -> Callable[..., Any]:
    try:
        return solver_on(libraries().ours(), takes_maxls=True)
    except libraries().MissingError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("name", CONSTANTS)
def test_one_changed_constant_of_the_kernel_is_caught(good, name, tmp_path):
    file, old, new = CONSTANTS[name]
    sources = tmp_path / "fortran"
    sources.mkdir()
    for path in libraries().KERNEL.glob("*.[fch]"):
        shutil.copy(path, sources)
    text = (sources / file).read_text()
    assert old in text, f"{file} has no {old!r} any more"
    (sources / file).write_text(text.replace(old, new))
    broken = solver_on(libraries().ours(("-O1",), sources), takes_maxls=True)
    assert_caught(good, broken, at_least=5)


@pytest.mark.parametrize(
    ("name", "change", "at_least"),
    [
        ("a memory of nine pairs", {"m": 9}, 20),
        ("a line search of five evaluations", {"maxls": 5}, 5),
        ("factr ten times too large", {"factr": 1e8}, 10),
        ("pgtol ten times too small", {"pgtol": 1e-6}, 10),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_one_changed_default_is_caught(name, change, at_least):
    def broken(func, x0, fprime=None, **keywords):
        return lbfgsb77.fmin_l_bfgs_b(func, x0, **{**keywords, **change})

    assert_caught(lbfgsb77.fmin_l_bfgs_b, broken, at_least)


def test_a_start_that_is_not_projected_is_caught_at_the_first_evaluation():
    def broken(func, x0, fprime=None, **keywords):
        # It evaluates where the caller said, outside the bounds.
        first = [True]

        def objective(x):
            if first[0]:
                first[0] = False
                return func(np.array(x0))
            return func(x)

        return lbfgsb77.fmin_l_bfgs_b(objective, x0, **keywords)

    for found in check(broken, problems.select(tags=["start-outside"]), level="bits"):
        assert not found.passed
        assert found.comparison.first_difference.evaluation == 1


def test_a_sum_in_another_order_is_called_rounding():
    # Another last bit of the gradient, as a sum in another order leaves it.
    def broken(func, x0, fprime=None, **keywords):
        def objective(x):
            f, g = func(x)
            return f, np.nextafter(g, np.inf)

        return lbfgsb77.fmin_l_bfgs_b(objective, x0, **keywords)

    found = next(iter(check(broken, [problems.get("wood")], level="bits")))
    assert not found.passed
    assert found.comparison.level == "path"
    first = found.comparison.first_difference
    assert "rounding" in first.explanation
    assert found.comparison.growth > 1.0


def test_a_callback_that_is_never_called_is_caught():
    def broken(func, x0, fprime=None, callback=None, **keywords):
        return lbfgsb77.fmin_l_bfgs_b(func, x0, **keywords)

    found = next(iter(check(broken, [problems.get("wood")], level="bits")))
    assert not found.passed
    assert found.comparison.first_difference.what == "iteration"
