"""How one peer's one repetition of a case is timed. Runs in that peer's own process."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import objectives
from objectives import Objective, Vector
from solvers import Outcome, Solver

Answer = dict[str, Any]
clock = time.perf_counter

class Prepared(NamedTuple):
    """A case that has been built and warmed up: how to repeat it, and what is known already."""

    repeat: Callable[[], Answer]
    facts: Answer


SHORTEST = 0.02  # seconds: a repetition of a small case is made of as many runs as fill this


class Stopwatch:
    """An objective that notes when it is entered and left.

    What passes between leaving one evaluation and entering the next is the solver's own time,
    net of the objective without subtracting anything.
    """

    def __init__(self, objective: Callable[..., Any]) -> None:
        self.objective = objective
        self.entered: list[float] = []
        self.left: list[float] = []

    def __call__(self, *args: Any) -> Any:
        self.entered.append(clock())
        value = self.objective(*args)
        self.left.append(clock())
        return value


def evaluation_case(solver: Solver, case: dict[str, Any]) -> Prepared:
    """Whole calls, everything a user calls, minus the objective's calls in a bare loop."""
    problem = objectives.make(case["problem"], case["n"], case["active"])
    bounds = solver.bounds(problem, pairs=False)
    points: list[Vector] = []
    values: list[tuple[float, Vector]] = []

    def recorded(x: Vector) -> tuple[float, Vector]:
        points.append(x.copy())
        values.append(problem.objective(x))
        return values[-1]

    def objective() -> Objective:
        return objectives.replay(values) if case["free"] else problem.objective

    def run(native: Callable[..., Any]) -> Outcome:
        return solver.solve(native, problem.x0, bounds, case["m"], case["last"])

    outcome = run(solver.native(recorded))
    buffer = np.empty(case["n"])
    # NLopt's objective has a second argument, the gradient's array.
    takes_gradient = solver.native(problem.objective) is not problem.objective

    def objective_time() -> float:
        native = solver.native(objective())
        start = clock()
        if takes_gradient:
            for x in points:
                native(x, buffer)
        else:
            for x in points:
                native(x)
        return clock() - start

    def solver_time() -> float:
        native = solver.native(objective())
        start = clock()
        run(native)
        return clock() - start

    solver_time()
    runs = max(1, round(SHORTEST / (solver_time() + 1e-9)))

    def repeat() -> Answer:
        objective_seconds = solver_seconds = 0.0
        for _ in range(runs):
            objective_seconds += objective_time()
            solver_seconds += solver_time()
        evaluations = runs * len(points)
        return {
            "seconds": (solver_seconds - objective_seconds) / evaluations,
            "objective_seconds": objective_seconds / evaluations,
            "outcome": outcome,
        }

    return Prepared(repeat, {})


def call_case(solver: Solver, case: dict[str, Any]) -> Prepared:
    """A call that converges at its first evaluation: set-up, bounds, and the result."""
    problem = objectives.make(case["problem"], case["n"], case["active"])
    bounds = solver.bounds(problem, pairs=True)
    native = solver.native(problem.objective)

    def run() -> Outcome:
        return solver.solve(native, problem.x0, bounds, case["m"], case["last"])

    start = clock()
    outcome = run()
    runs = max(1, round(SHORTEST / (clock() - start)))

    def repeat() -> Answer:
        start = clock()
        for _ in range(runs):
            run()
        return {"seconds": (clock() - start) / runs, "outcome": outcome}

    return Prepared(repeat, {})


def iteration_case(solver: Solver, case: dict[str, Any]) -> Prepared:
    """The solver's own time in iterations `first` + 1 to `last` of a run."""
    problem = objectives.make(case["problem"], case["n"], case["active"])
    objective = problem.objective
    if solver.keeps_gradients:
        def objective(x: Vector) -> tuple[float, Vector]:
            f, gradient = problem.objective(x)
            return f, gradient.copy()
    bounds = solver.bounds(problem, pairs=False)

    def run(last: int) -> tuple[Stopwatch, Outcome]:
        watch = Stopwatch(solver.native(objective))
        return watch, solver.solve(watch, problem.x0, bounds, case["m"], last)

    # Where a line search takes a second evaluation, counting must start later.
    evaluations_before = case.get("evaluations_before") or (
        len(run(case["first"])[0].entered) if case["first"] else 1)

    def repeat() -> Answer:
        gc.collect()
        start, cpu_start = clock(), time.process_time()
        watch, outcome = run(case["last"])
        total, cpu_total = clock() - start, time.process_time() - cpu_start
        entered, left = watch.entered, watch.left
        own = [entered[k] - left[k - 1] for k in range(evaluations_before, len(entered))]
        done = outcome.iterations
        # A solver that doesn't count iterations is asked for one evaluation per iteration.
        iterations = (len(own) if done is None else done - case["first"])
        return {
            "seconds": sum(own) / iterations,
            "wall_over_cpu": total / max(cpu_total, 1e-9),
            "outcome": outcome,
        }

    return Prepared(repeat, {"evaluations_before": evaluations_before})


def bandwidth_case(case: dict[str, Any]) -> Prepared:
    """Reading m vectors S and m vectors Y once: one dot product of the two, by NumPy's BLAS."""
    s = np.full(case["m"] * case["n"], 0.5)
    y = np.full(case["m"] * case["n"], 2.0)
    s.dot(y)
    start = clock()
    s.dot(y)
    runs = max(1, round(0.25 * SHORTEST / (clock() - start)))

    def repeat() -> Answer:
        start = clock()
        for _ in range(runs):
            s.dot(y)
        return {"seconds": (clock() - start) / runs, "bytes": s.nbytes + y.nbytes}

    return Prepared(repeat, {})


KINDS = {
    "evaluation": evaluation_case,
    "call": call_case,
    "iteration": iteration_case,
}
