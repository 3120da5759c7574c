"""Solves don't touch each other: nested, interleaved, in threads, or ended by an exception."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, fmin_l_bfgs_b
from objectives import chain
from random_problems import case

Vector = np.ndarray
SEEDS = range(0, 48, 2)


def fingerprint(solution: tuple[Vector, float, dict[str, Any]]) -> tuple[Any, ...]:
    x, f, d = solution
    return x.tobytes(), f, d["grad"].tobytes(), d["task"], d["nit"], d["funcalls"]


def alone(seed: int) -> tuple[Any, ...]:
    return fingerprint(case(seed).solve(fmin_l_bfgs_b))


ALONE = {seed: alone(seed) for seed in SEEDS}


def test_a_solve_inside_an_objective_changes_neither() -> None:
    outer, inner = case(4), case(6)
    inner_answers = set()

    def nesting(x: Vector) -> Any:
        inner_answers.add(fingerprint(inner.solve(fmin_l_bfgs_b)))
        return outer.objective(x)

    assert fingerprint(outer._replace(objective=nesting).solve(fmin_l_bfgs_b)) == ALONE[4]
    assert inner_answers == {ALONE[6]}


def test_a_solve_inside_a_callback_changes_neither() -> None:
    outer = case(4)
    answers = set()
    arguments = {**outer.arguments, "callback": lambda xk: answers.add(alone(6))}
    assert fingerprint(outer._replace(arguments=arguments).solve(fmin_l_bfgs_b)) == ALONE[4]
    assert answers == {ALONE[6]}


def test_interleaved_solvers_give_the_bits_of_separate_ones() -> None:
    seeds = [seed for seed in SEEDS if not case(seed).arguments.get("approx_grad")]
    problems = [case(seed) for seed in seeds]
    solvers = [LBFGSB(problem.x0, **problem.arguments) for problem in problems]
    while not all(solver.done for solver in solvers):
        for solver, problem in zip(solvers, problems, strict=True):
            if not solver.done:
                solver.tell(*problem.objective(solver.ask()))
    for seed, solver in zip(seeds, solvers, strict=True):
        assert solver.result.x.tobytes() == ALONE[seed][0]
        assert (solver.nit, solver.nfev) == ALONE[seed][4:]


def test_threads_give_the_bits_of_separate_solves() -> None:
    barrier = threading.Barrier(4)

    def work(first: int) -> dict[int, Any]:
        barrier.wait()
        seeds = list(SEEDS[first:]) + list(SEEDS[:first])
        return {seed: alone(seed) for seed in seeds}

    with ThreadPoolExecutor(4) as pool:
        assert all(answers == ALONE for answers in pool.map(work, [0, 6, 12, 18]))


@pytest.mark.parametrize("kind", [ZeroDivisionError, KeyboardInterrupt, SystemExit, StopIteration])
@pytest.mark.parametrize("way", ["func", "fprime", "differences"])
@pytest.mark.parametrize("evaluation", [1, 2, 5])
def test_an_exception_passes_through_unchanged_and_leaves_nothing_behind(
    kind: type[BaseException], way: str, evaluation: int
) -> None:
    objective = case(2).objective
    raised = kind("from the objective")
    calls = 0

    def failing(x: Vector) -> Any:
        nonlocal calls
        calls += 1
        if calls == evaluation:
            raise raised
        return objective(x)

    def func(x: Vector) -> Any:
        return failing(x) if way == "func" else failing(x)[0]

    arguments: dict[str, Any] = {"approx_grad": way == "differences"}
    if way == "fprime":
        arguments["fprime"] = lambda x: failing(x)[1]
    with pytest.raises(kind) as caught:
        fmin_l_bfgs_b(func, case(2).x0, **arguments)
    assert caught.value is raised
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    assert alone(4) == ALONE[4]


def test_a_solver_goes_on_after_an_exception_of_the_objective() -> None:
    problem = case(24)
    solver = LBFGSB(problem.x0, **problem.arguments)
    calls = 0
    while not solver.done:
        x = solver.ask()
        try:
            calls += 1
            if calls % 3 == 0:
                raise KeyboardInterrupt
            answer = problem.objective(x)
        except KeyboardInterrupt:
            continue
        solver.tell(*answer)
    assert solver.result.x.tobytes() == ALONE[24][0]


def test_a_second_thread_that_tells_the_same_solver_is_refused() -> None:
    solver = LBFGSB(np.full(200_000, 3.0), m=20)
    errors: list[Exception] = []

    def hurry(x: Vector) -> None:
        try:
            solver.tell(float(x @ x), 2 * x)
        except RuntimeError as error:
            errors.append(error)

    x = solver.ask()
    threads = [threading.Thread(target=hurry, args=(x,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert solver.njev == 1
    assert len(errors) == 3
    assert all(str(error).startswith("tell: ") for error in errors)


class Meanwhile:
    """A gradient whose conversion, inside tell, lets another thread act on the same solver.

    No interpreter lock is between the two, as in free-threaded Python: what keeps the other from
    acting on a solver that is half told is the solver's own turn.
    """

    def __init__(self, gradient: Vector, act: Callable[[], Any]) -> None:
        self.gradient = gradient
        self.act = act
        self.came_of_it: Any = None
        self.acted = threading.Event()
        self.acted_meanwhile = False
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.came_of_it = self.act()
        except RuntimeError as error:
            self.came_of_it = error
        self.acted.set()

    def __array__(self, dtype: Any = None, copy: Any = None) -> Vector:
        self.thread.start()
        self.acted_meanwhile = self.acted.wait(0.1)
        return self.gradient


def parabola(x: Vector) -> tuple[float, Vector]:
    return float(x @ x), 2 * x


@pytest.mark.parametrize(
    ("act", "came_of_it"),
    [
        (lambda solver: solver.tell(0.0, [0.0, 0.0]), "tell: call ask() first"),
        (lambda solver: solver.ask().tolist(), "[2.4, 3.2]"),
        (lambda solver: solver.values()[1], "25.0"),
        (lambda solver: solver.copy().njev, "1"),
        (lambda solver: solver.iterate.nfev, "1"),
        (lambda solver: solver.result.njev, "1"),
        (lambda solver: solver.status, "2"),
        (lambda solver: solver.stop(), "None"),
    ],
)
def test_what_another_thread_does_comes_after_the_tell_that_is_under_way(
    act: Callable[[LBFGSB], Any], came_of_it: str
) -> None:
    solver = LBFGSB([3.0, 4.0])
    f, g = parabola(solver.ask())
    other = Meanwhile(g, lambda: act(solver))
    solver.tell(f, other)
    other.thread.join()
    assert not other.acted_meanwhile
    assert str(other.came_of_it).startswith(came_of_it)
    assert solver.njev == 1


def test_threads_that_share_a_solver_each_tell_what_they_asked_for_or_are_refused() -> None:
    # A thread may tell about a point that another was given; that one then comes too late.
    shared = LBFGSB(np.full(50, 3.0), factr=0, pgtol=0, maxiter=30)
    told = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal told
        while not shared.done:
            try:
                x = shared.ask()
                shared.tell(*chain(x))
            except RuntimeError:
                continue
            with lock:
                told += 1

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert told == shared.njev == shared.nfev


def test_a_tell_from_inside_a_tell_is_one_too_many() -> None:
    solver = LBFGSB([3.0, 4.0])
    f, g = parabola(solver.ask())

    class Telling:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Vector:
            solver.tell(f, g)
            return g

    with pytest.raises(RuntimeError, match=r"^tell: call ask\(\) first"):
        solver.tell(f, Telling())
    assert solver.njev == 1
    undisturbed = LBFGSB([3.0, 4.0])
    undisturbed.tell(*parabola(undisturbed.ask()))
    np.testing.assert_array_equal(solver.ask(), undisturbed.ask())
