"""Stopping on time, on a value, on a small step: maxtime, ftarget, xtol, in every interface."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lbfgsb77
from foreign_kernels import on_each
from lbfgsb77 import LBFGSB, fmin_l_bfgs_b, minimize, minimize_batch
from objectives import valley

START = np.array([-1.2, 1.0])
BOX = [(-1.5, 0.5), (0.1, None)]
TIME = "STOP: TIME EXCEEDS LIMIT"
VALUE = "STOP: F REACHED TARGET"
STEP = "STOP: CHANGE OF X BELOW TOLERANCE"


class Clock:
    """One second passes with each evaluation of `objective`, and none else."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(time, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "time", lambda: self.now)

    def objective(self, x: np.ndarray) -> tuple[float, np.ndarray]:
        self.now += 1
        return valley(x)


def by_fmin(objective: Any, **limits: Any) -> Any:
    x, f, d = fmin_l_bfgs_b(objective, START, **limits)
    return x, f, d["task"], d["warnflag"], d["reason"], d["funcalls"]


def by_minimize(objective: Any, **limits: Any) -> Any:
    return of_result(minimize(objective, START, jac=True, options=limits))


def by_solver(objective: Any, **limits: Any) -> Any:
    solver = LBFGSB(START, **limits)
    for x in solver:
        solver.tell(*objective(x))
    return of_result(solver.result)


def by_batch(objective: Any, **limits: Any) -> Any:
    def one(points: np.ndarray, index: np.ndarray) -> Any:
        (f, g), *_ = [objective(x) for x in points]
        return np.array([f]), g[None, :]

    results = minimize_batch(one, START[None, :], **limits)
    # The batch's arrays say what its results say.
    np.testing.assert_array_equal(results.x[0], results[0].x)
    np.testing.assert_array_equal(results.jac[0], results[0].jac)
    assert results.fun[0] == results[0].fun
    return of_result(results[0])


def of_result(result: Any) -> Any:
    return result.x, result.fun, result.message, result.status, result.reason, result.nfev


WAYS = [by_fmin, by_minimize, by_solver, by_batch]


def iterates() -> list[tuple[int, np.ndarray, float]]:
    """Evaluations so far, x and f of the start and of every iterate of the undisturbed run."""
    solver, found = LBFGSB(START), []
    for x in solver:
        f, g = valley(x)
        if solver.tell(f, g) or not found:
            found.append((solver.nfev, x, f))
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("seconds", [0.5, 3.5, 10.5])
def test_maxtime_ends_a_run_at_the_last_iterate(
    way: Callable[..., Any], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    x, f, task, flag, reason, nfev = way(Clock(monkeypatch).objective, maxtime=seconds)
    assert nfev == np.ceil(seconds)  # the first evaluation past it is the last
    assert (task, flag) == (TIME, 1)
    assert reason == f"limit reached: {nfev} seconds, more than maxtime = {seconds}"
    _, best, lowest = [row for row in iterates() if row[0] <= nfev][-1]
    np.testing.assert_array_equal(x, best)
    assert f == lowest


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", [100.0, 5.0, 1e-3])
def test_ftarget_ends_a_run_at_the_first_iterate_that_reaches_it(
    way: Callable[..., Any], target: float
) -> None:
    x, f, task, flag, reason, nfev = way(valley, ftarget=target)
    evaluations, best, lowest = next(row for row in iterates() if row[2] <= target)
    np.testing.assert_array_equal(x, best)
    assert (f, nfev, task, flag) == (lowest, evaluations, VALUE, 1)
    assert reason == f"limit reached: f = {f!r} is at most ftarget = {target!r}"


@pytest.mark.parametrize("way", WAYS)
def test_xtol_ends_a_run_after_the_first_small_step(way: Callable[..., Any]) -> None:
    x, f, task, flag, reason, nfev = way(valley, xtol=0.02)
    found = iterates()
    small = [
        after
        for before, after in pairwise(found)
        if (abs(after[1] - before[1]) <= 0.02 * np.maximum(1, abs(after[1]))).all()
    ]
    evaluations, best, lowest = small[0]
    np.testing.assert_array_equal(x, best)
    assert (f, nfev, task, flag) == (lowest, evaluations, STEP, 1)
    assert reason == "limit reached: no variable changed by more than xtol = 0.02 times max(1, |x|)"


@pytest.mark.parametrize("way", WAYS)
def test_none_is_no_limit(way: Callable[..., Any]) -> None:
    run = way(valley, maxtime=None, ftarget=None, xtol=None)
    assert run[2].startswith("CONV")
    assert run[5] == way(valley)[5]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("limit", "kind", "sentence"),
    [
        ({"maxtime": -1}, ValueError, "maxtime: must not be negative, got -1"),
        ({"maxtime": float("nan")}, ValueError, "maxtime: a number is expected, got nan"),
        ({"ftarget": "low"}, TypeError, "ftarget: a real number is expected, got 'low'"),
        ({"xtol": -1e-9}, ValueError, "xtol: must not be negative, got -1e-09"),
    ],
)
def test_other_values_are_refused(
    way: Callable[..., Any], limit: dict[str, Any], kind: type[Exception], sentence: str
) -> None:
    with pytest.raises(kind) as raised:
        way(valley, **limit)
    assert str(raised.value) == sentence


@pytest.mark.parametrize("bounds", [None, BOX])
@pytest.mark.parametrize("evaluations", range(1, 14))
def test_a_run_ended_by_the_clock_goes_on_to_the_same_bits(
    evaluations: int, bounds: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "run.checkpoint"
    expected = minimize(valley, START, jac=True, bounds=bounds)
    clock = Clock(monkeypatch)
    parts = 0
    while True:
        result = minimize(
            clock.objective,
            START,
            jac=True,
            bounds=bounds,
            maxtime=evaluations - 0.5,
            checkpoint=file,
        )
        if result.message != TIME:
            break
        parts += 1
        assert result.nfev == parts * evaluations
    assert parts == expected.nfev // evaluations
    for name in ("fun", "nit", "nfev", "message", "reason"):
        assert result[name] == expected[name]
    np.testing.assert_array_equal(result.x, expected.x)


@on_each
class TestOnAnotherKernel:
    def test_time_and_value_end_a_run_there_too(
        self, kernel: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = Clock(monkeypatch)
        mine = [by_solver(clock.objective, maxtime=s) for s in (3.5, 10.5)]
        mine.append(by_solver(valley, ftarget=1e-3))
        with lbfgsb77.backend(kernel):
            clock.now = 0
            theirs = [by_solver(clock.objective, maxtime=s) for s in (3.5, 10.5)]
            theirs.append(by_solver(valley, ftarget=1e-3))
        for one, other in zip(mine, theirs, strict=True):
            assert (one[2], one[3], one[5]) == (other[2], other[3], other[5])
            # Its sums are the BLAS's: the paths are equal to its rounding.
            np.testing.assert_allclose(one[0], other[0], rtol=1e-6)

    def test_a_step_is_refused(self, kernel: str) -> None:
        with lbfgsb77.backend(kernel), pytest.raises(ValueError, match=f"^xtol: the {kernel} "):
            LBFGSB(START, xtol=0.1)
