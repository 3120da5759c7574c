"""An f that is not a function of x ends in a run that has not converged, at its lowest iterate."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, History, backend, build_info, fmin_l_bfgs_b, minimize, minimize_batch
from objectives import chain

START = np.array([-1.2, 1.0])
NOISE = "ABNORMAL: F IS NOT A FUNCTION OF X"
SCALES = [1e-6, 1e-4, 1e-2, 1.0]
SEEDS = range(20)


def noisy(scale: float, seed: int, relative: bool = False) -> Callable[[Any], tuple[float, Any]]:
    """Rosenbrock's function and normal noise, with the gradient of the function alone."""
    random = np.random.default_rng(seed)

    def fun(x: Any) -> tuple[float, Any]:
        f, g = chain(x)
        noise = random.normal(0.0, scale)
        return f + (noise * f if relative else noise), g

    return fun


@pytest.fixture(params=build_info()["backends"])
def engine(request: pytest.FixtureRequest) -> Any:
    with backend(request.param):
        yield request.param


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.usefixtures("engine")
def test_minimize_ends_without_success_at_its_lowest_iterate(scale: float) -> None:
    noticed = 0
    for seed in SEEDS:
        history = History()
        result = minimize(noisy(scale, seed), START, jac=True, callback=history)
        values = history.arrays()["fun"].tolist()
        assert values == sorted(values, reverse=True)
        assert all(result.fun <= value for value in values)
        # The gradient has no noise: where it vanishes, the run has converged.
        assert result.success == (np.abs(result.jac).max() <= 1e-5)
        noticed += result.message == NOISE
    assert noticed > len(SEEDS) / 2


@pytest.mark.usefixtures("engine")
def test_fmin_gives_flag_2_and_the_reason() -> None:
    _, f, d = fmin_l_bfgs_b(noisy(0.1, 1), START)
    assert d["warnflag"] == 2
    assert d["task"] == NOISE
    assert repr(f) in d["reason"]


def test_a_batch_has_the_bits_of_the_single_runs() -> None:
    def fun(points: Any, numbers: Any) -> tuple[Any, Any]:
        pairs = [objectives[k](x) for k, x in zip(numbers, points, strict=True)]
        return np.array([f for f, _ in pairs]), np.array([g for _, g in pairs])

    objectives = [noisy(0.01, seed) for seed in SEEDS]
    results = minimize_batch(fun, np.tile(START, (len(SEEDS), 1)), factr=1e7)
    for seed, result in zip(SEEDS, results, strict=True):
        x, f, d = fmin_l_bfgs_b(noisy(0.01, seed), START)
        assert (result.x.tobytes(), result.fun, result.status) == (x.tobytes(), f, d["warnflag"])
        assert (result.message, result.reason) == (d["task"], d["reason"])


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("again", [-1.0, 1.0], ids=["lower", "higher"])
def test_another_value_at_the_same_point_is_seen_and_both_are_told(again: float) -> None:
    """A search that meets nothing lower comes back to its start, which was 0."""
    solver = LBFGSB(np.zeros(1))
    solver.tell(0.0, solver.ask() + 1.0)
    evaluations = 0
    while not solver.done:
        x = solver.ask()
        solver.tell(100.0 if x[0] else again, [1.0])
        evaluations += 1
        assert evaluations < 20
    result = solver.result
    assert (result.message, result.status) == (NOISE, 2)
    assert result.fun == min(0.0, again)
    assert result.x.tolist() == [0.0]
    told = re.search(r"at the same point it was (\S+) and (\S+), a relative", result.reason)
    assert told
    assert sorted(map(float, told.groups())) == sorted([0.0, again])


def test_where_differences_are_taken_the_reason_names_their_step() -> None:
    random = np.random.default_rng(1)

    def func(x: Any) -> float:
        return chain(x)[0] + random.normal(0.0, 0.1)

    told = minimize(func, START, jac="3-point", finite_diff_rel_step=0.1).reason
    assert told.endswith("or longer steps (finite_diff_rel_step)")
    assert "longer steps" not in minimize(noisy(0.1, 1), START, jac=True).reason


@pytest.mark.usefixtures("engine")
def test_noise_below_the_rounding_of_f_changes_no_ending() -> None:
    """Such as that of sums whose order differs from one evaluation to the next."""
    for seed in SEEDS:
        # 1e-15 f is far below (1024 + n)·ε·f, which is taken for rounding.
        result = minimize(noisy(1e-15, seed, relative=True), START, jac=True, gtol=0.0)
        assert result.success, result.reason
        np.testing.assert_allclose(result.x, 1.0, rtol=1e-3)  # of f < 1e-9 in a valley
