"""LBFGSB: the run in its caller's hands."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, _lbfgsb, fmin_l_bfgs_b
from objectives import valley
from random_problems import case

Vector = np.ndarray


START = [-1.2, 1.0]


def finish(solver: LBFGSB, objective: Any = valley) -> LBFGSB:
    while not solver.done:
        solver.tell(*objective(solver.ask()))
    return solver


def state(solver: LBFGSB) -> tuple[Any, ...]:
    """Every bit that the run depends on."""
    workspace = solver._workspace
    return (
        workspace.reals.tobytes(),
        workspace.integers.tobytes(),
        workspace.text.tobytes(),
        solver.nit,
        solver.nfev,
        solver.njev,
    )


def part_way(evaluations: int, **arguments: Any) -> LBFGSB:
    solver = LBFGSB(START, **arguments)
    for _ in range(evaluations):
        solver.tell(*valley(solver.ask()))
    return solver


# fmin_l_bfgs_b is made of ask and tell, so what could differ is what lies around them.
@pytest.mark.parametrize("seed", range(0, 60, 7))
def test_asking_and_telling_gives_the_bits_of_fmin(seed: int) -> None:
    problem = case(seed)
    arguments = {k: v for k, v in problem.arguments.items() if k != "approx_grad"}
    solver = finish(LBFGSB(problem.x0, **arguments), problem.objective)
    x, f, d = fmin_l_bfgs_b(problem.objective, problem.x0, **arguments)
    result = solver.result
    np.testing.assert_array_equal(result.x, x)
    np.testing.assert_array_equal(result.jac, d["grad"])
    assert result.fun == f
    assert (result.nit, result.nfev, result.status, result.message) == (
        d["nit"],
        d["funcalls"],
        d["warnflag"],
        d["task"],
    )


def test_asking_again_gives_the_same_point_and_a_copy_each_time() -> None:
    solver = part_way(3)
    first = solver.ask()
    expected = first.copy()
    first[:] = np.nan
    np.testing.assert_array_equal(solver.ask(), expected)


def test_tell_says_when_an_iteration_has_ended() -> None:
    solver = LBFGSB(START)
    ended = []
    while not solver.done:
        ended.append(solver.tell(*valley(solver.ask())))
    assert ended[0] is False  # the start
    assert ended[-1] is True
    assert sum(ended) == solver.nit
    assert len(ended) == solver.nfev


@pytest.mark.parametrize(
    "spelling",
    [
        lambda f, g: (np.float64(f), g, np.int64(1)),
        lambda f, g: (np.array([f]), g.tolist(), 1),
        lambda f, g: (f, np.repeat(g, 2)[::2], 1),
        lambda f, g: (f, g[:, None], 1),
        lambda f, g: (f, np.ma.array(g), 1),
        lambda f, g: (f, g.astype(">f8"), 1),
    ],
    ids=["NumPy's", "lists", "strided", "column", "masked", "big-endian"],
)
def test_however_the_same_numbers_are_told_the_state_is_the_same(spelling: Any) -> None:
    plain, other = LBFGSB(START), LBFGSB(START)
    while not plain.done:
        f, g = valley(plain.ask())
        assert np.array_equal(other.ask(), plain._workspace.x)
        assert plain.tell(f, g) == other.tell(*spelling(f, g))
        assert state(other) == state(plain)


def test_what_is_no_plain_answer_is_left_to_its_caller() -> None:
    solver = part_way(3)
    x = solver.ask()
    workspace, before = solver._workspace, state(solver)
    arrays = workspace.reals, workspace.integers, workspace.text
    for f, g, nfev in [
        (1, np.zeros(2), 1),
        (1.0, [0.0, 0.0], 1),
        (1.0, np.zeros(3), 1),
        (1.0, np.zeros((2, 1)), 1),
        (1.0, np.zeros(4)[::2], 1),
        (1.0, np.zeros(2, np.float32), 1),
        (1.0, np.ma.zeros(2), 1),
        (1.0, np.zeros(2), -1),
        (1.0, np.zeros(2), 2**70),
        (1.0, np.zeros(2), True),
    ]:
        assert _lbfgsb.tell(*arrays, 0, 1, f, g, nfev) is None
    assert state(solver) == before
    assert _lbfgsb.tell(*arrays, 0, 1, *valley(x), 1) is not None
    for wrong in [
        (),
        arrays,
        (*arrays[::-1], 0, 1, 1.0, x, 1),
        (np.zeros(8)[::2], *arrays[1:], 0, 1, 1.0, x, 1),
    ]:
        with pytest.raises(TypeError, match="tell: three arrays of a state"):
            _lbfgsb.tell(*wrong)


def test_nobody_answers_a_run_that_has_ended() -> None:
    solver = finish(LBFGSB(START))
    workspace, before = solver._workspace, state(solver)
    arrays = workspace.reals, workspace.integers, workspace.text
    assert _lbfgsb.tell(*arrays, 1, 1, 1.0, np.zeros(2), 1) is None
    assert state(solver) == before


def test_iterating_over_a_solver_gives_its_points() -> None:
    solver = LBFGSB(START)
    for x in solver:
        solver.tell(*valley(x))
    np.testing.assert_array_equal(solver.result.x, finish(LBFGSB(START)).result.x)


class TestMisuse:
    """It raises, and the run goes on as if nothing had been."""

    @pytest.mark.parametrize("evaluations", [0, 1, 2, 3, 6])
    def test_telling_what_was_not_asked(self, evaluations: int) -> None:
        solver = part_way(evaluations)
        before = state(solver)
        with pytest.raises(RuntimeError, match=r"^tell: call ask"):
            solver.tell(0.0, [0.0, 0.0])
        assert state(solver) == before

    def test_telling_twice(self) -> None:
        solver = LBFGSB(START)
        answer = valley(solver.ask())
        solver.tell(*answer)
        before = state(solver)
        with pytest.raises(RuntimeError, match=r"^tell: call ask"):
            solver.tell(*answer)
        assert state(solver) == before

    @pytest.mark.parametrize(
        ("f", "g", "kind"),
        [
            (1.0, [1.0], ValueError),
            (1.0, np.ones(3), ValueError),
            (1.0, np.ones(3, np.float32), ValueError),
            (1.0, None, ValueError),
            (1.0, [1.0, "a"], ValueError),
            ([1.0, 2.0], [1.0, 2.0], ValueError),
            (None, [1.0, 2.0], TypeError),
            (1j, [1.0, 2.0], TypeError),
        ],
    )
    def test_telling_what_is_no_value_or_no_gradient(self, f: Any, g: Any, kind: type) -> None:
        solver = part_way(3)
        point = solver.ask()
        before = state(solver)
        with pytest.raises(kind):
            solver.tell(f, g)
        assert state(solver) == before
        np.testing.assert_array_equal(solver.ask(), point)
        finish(solver)
        np.testing.assert_array_equal(solver.result.x, finish(LBFGSB(START)).result.x)

    def test_asking_and_telling_after_the_end(self) -> None:
        solver = finish(LBFGSB(START))
        before = state(solver)
        with pytest.raises(RuntimeError, match=r"^ask: the run has ended: CONVERGENCE"):
            solver.ask()
        with pytest.raises(RuntimeError, match=r"^tell: the run has ended: CONVERGENCE"):
            solver.tell(*valley(np.zeros(2)))
        assert state(solver) == before

    def test_iterating_without_telling(self) -> None:
        with pytest.raises(RuntimeError, match=r"^next: the last point has not been told about"):
            for _ in LBFGSB(START):
                pass

    def test_a_stop_that_says_something_else(self) -> None:
        solver = part_way(3)
        before = state(solver)
        for task in ("CONVERGENCE", "", "STOP: é", "STOP: " + 60 * "x"):
            with pytest.raises(ValueError, match=r"^task: at most 60 ASCII characters"):
                solver.stop(task)
        assert state(solver) == before


class TestIterate:
    """The last iterate can be looked at whenever one likes."""

    def test_it_is_the_best_point_at_every_moment_and_looking_changes_nothing(self) -> None:
        solver = LBFGSB(START)
        best = np.inf
        while not solver.done:
            x = solver.ask()
            f, g = valley(x)
            before = state(solver)
            iterate = solver.iterate
            _, _, _ = solver.result, solver.x, repr(solver)
            assert state(solver) == before
            if solver.nfev:
                assert iterate.fun == best
                assert valley(iterate.x)[0] == iterate.fun
                np.testing.assert_array_equal(valley(iterate.x)[1], iterate.jac)
            if solver.tell(f, g) or solver.nfev == 1:
                assert f <= best
                best = f
                np.testing.assert_array_equal(solver.iterate.x, x)
                np.testing.assert_array_equal(solver.x, x)
        np.testing.assert_array_equal(solver.result.x, finish(LBFGSB(START)).result.x)

    def test_before_the_first_evaluation_there_is_a_start_without_a_value(self) -> None:
        solver = LBFGSB([5.0, 0.5], bounds=[(0, 1), (0, 1)])
        iterate = solver.iterate
        np.testing.assert_array_equal(iterate.x, [1.0, 0.5])
        assert np.isnan(iterate.fun)
        assert np.isnan(iterate.jac).all()
        assert np.isnan(iterate.projected_gradient_norm)
        assert (iterate.nit, iterate.nfev, iterate.active_bounds) == (0, 0, 1)

    def test_it_tells_step_norm_and_active_bounds(self) -> None:
        # f = Σ (x − 3)² from 0 with the first variable bounded by 1: both hit their ends.
        solver = LBFGSB([0.0, 0.0], bounds=[(None, 1), (-9, 9)])
        steps = []
        while not solver.done:
            x = solver.ask()
            if solver.tell(float(((x - 3) ** 2).sum()), 2 * (x - 3)):
                iterate = solver.iterate
                steps.append(iterate.step)
                projected = np.clip(x - iterate.jac, [-np.inf, -9], [1, 9]) - x
                # Formed by two roundings here and by one in the kernel.
                assert iterate.projected_gradient_norm == pytest.approx(
                    abs(projected).max(), rel=1e-14, abs=1e-15
                )
                assert iterate.active_bounds == int(iterate.x[0] == 1)
        assert solver.iterate.active_bounds == 1
        assert all(0 < step <= 1 for step in steps)

    def test_changing_what_was_returned_changes_nothing(self) -> None:
        solver = part_way(4)
        solver.ask()
        before = state(solver)
        for array in (solver.iterate.x, solver.iterate.jac, solver.x, *solver.bounds):
            array[:] = np.nan
        result = solver.result
        for array in (result.x, result.jac, result.hess_inv.sk, result.hess_inv.yk):
            array[:] = np.nan
        assert state(solver) == before


class TestResult:
    def test_before_the_end_it_is_the_best_point_without_success(self) -> None:
        solver = part_way(6)
        result = solver.result
        assert not result.success
        assert result.status == 2
        assert result.message == "The run has not ended"
        assert result.fun == valley(result.x)[0] < valley(np.array(START))[0]

    def test_at_the_end_it_has_scipys_items(self) -> None:
        result = finish(LBFGSB(START)).result
        assert set(result) == {
            *("x", "fun", "jac", "hess_inv", "nfev", "njev", "nit"),
            *("status", "success", "message", "reason"),
        }
        assert result.success
        assert result.status == 0
        # The solution of Rosenbrock's function; pgtol 1e-5 over its least curvature, 0.4.
        np.testing.assert_allclose(result.x, [1.0, 1.0], atol=1e-4)

    def test_its_pairs_are_the_last_steps_oldest_first(self) -> None:
        solver = LBFGSB(START, m=3)
        iterates, gradients = [], []
        while not solver.done:
            x = solver.ask()
            f, g = valley(x)
            if solver.tell(f, g) or not iterates:
                iterates.append(x)
                gradients.append(g)
        hess_inv = solver.result.hess_inv
        assert solver.nit > 10  # so that the circular store has wrapped
        # The pair of the last iteration isn't formed when the run ends there. The kernel keeps a
        # step as stp·d, which rounds otherwise than the difference of two points.
        steps, changes = np.diff(iterates, axis=0)[-4:-1], np.diff(gradients, axis=0)[-4:-1]
        np.testing.assert_allclose(hess_inv.sk, steps, rtol=1e-9)
        np.testing.assert_array_equal(hess_inv.yk, changes)


class TestLimits:
    @pytest.mark.parametrize(
        ("arguments", "task"),
        [
            ({"maxiter": 4}, "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"),
            ({"maxfun": 4}, "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT"),
            ({"maxiter": 1, "maxfun": 1}, "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"),
            ({"maxiter": 0}, "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"),
            ({"maxfun": 0}, "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT"),
        ],
    )
    def test_they_end_a_run_after_an_iteration(self, arguments: Any, task: str) -> None:
        solver = finish(LBFGSB(START, **arguments))
        assert solver.task == task
        assert solver.status == 1
        assert not solver.result.success
        assert solver.nit >= 1
        assert valley(solver.result.x)[0] == solver.result.fun

    def test_evaluations_are_counted_as_they_are_told(self) -> None:
        solver = LBFGSB(START, maxfun=10)
        while not solver.done:
            solver.tell(*valley(solver.ask()), nfev=3)
        assert solver.nfev == 3 * solver.njev > 10


class TestStop:
    @pytest.mark.parametrize("evaluations", range(10))
    @pytest.mark.parametrize("asked", [False, True])
    def test_it_ends_the_run_at_the_last_iterate(self, evaluations: int, asked: bool) -> None:
        solver = part_way(evaluations)
        if asked:
            solver.ask()
        before = solver.iterate
        solver.stop("STOP: ENOUGH")
        assert solver.done
        assert solver.task == solver.result.message == "STOP: ENOUGH"
        assert solver.status == 2
        np.testing.assert_array_equal(solver.result.x, before.x)
        np.testing.assert_array_equal(solver.result.jac, before.jac)

    def test_a_limit_that_was_reached_is_what_ended_the_run(self) -> None:
        solver = LBFGSB(START, maxiter=1)
        while not solver.tell(*valley(solver.ask())):
            pass
        solver.stop()
        assert solver.task == "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"

    def test_it_changes_nothing_after_the_end(self) -> None:
        solver = finish(LBFGSB(START))
        before = state(solver)
        solver.stop()
        assert state(solver) == before


# A gradient that points uphill makes a search shrink until its trial rounds to where it began. The
# numbers of calls are SciPy 1.14.1's: fmin_l_bfgs_b(f, [start], factr=0, pgtol=0).
@pytest.mark.parametrize(("start", "scipy_calls"), [(1.0, 15), (1e6, 15), (1e8, 1)])
def test_a_point_is_not_asked_for_twice_in_a_row(start: float, scipy_calls: int) -> None:
    solver = LBFGSB([start], factr=0, pgtol=0)
    points = []
    for x in solver:
        points.append(x.copy())
        solver.tell(1 + x[0], [-1e-10])
    assert all(a != b for a, b in pairwise(points))
    assert len(points) == solver.nfev == scipy_calls
    assert solver.task == "ABNORMAL_TERMINATION_IN_LNSRCH"
    np.testing.assert_array_equal(solver.result.x, [start])


def test_flags_are_bools() -> None:
    solver = LBFGSB([3.0, 4.0])
    assert solver.done is False
    x = solver.ask()
    assert solver.tell(25.0, 2 * x) is False
    solver.stop()
    assert solver.done is True
