"""What holds in every run: feasible points, falling values, first-order conditions at the end."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lbfgsb77 import LBFGSB, fmin_l_bfgs_b
from random_problems import Case, case

Vector = np.ndarray
problems = st.integers(0, 2**31 - 1).map(case)


def box(problem: Case) -> tuple[Vector, Vector]:
    n = problem.x0.size
    pairs = problem.arguments.get("bounds", [(None, None)] * n)
    lower = np.array([-np.inf if low is None else low for low, _ in pairs])
    upper = np.array([np.inf if high is None else high for _, high in pairs])
    return lower, upper


def projected_gradient(x: Vector, g: Vector, lower: Vector, upper: Vector) -> Vector:
    return x - np.clip(x - g, lower, upper)


@given(problems)
def test_every_point_passed_to_func_is_inside_the_bounds(problem: Case) -> None:
    lower, upper = box(problem)
    points: list[Vector] = []

    def watched(x: Vector) -> Any:
        points.append(x)
        return problem.objective(x)

    x, _, _ = problem._replace(objective=watched).solve(fmin_l_bfgs_b)
    for point in (*points, x):
        assert (lower <= point).all()
        assert (point <= upper).all()


@given(problems)
def test_the_value_never_rises_from_iterate_to_iterate(problem: Case) -> None:
    values: list[float] = []
    arguments = {**problem.arguments, "callback": lambda xk: values.append(objective(xk)[0])}
    objective = problem.objective
    _, f, _ = problem._replace(arguments=arguments).solve(fmin_l_bfgs_b)
    start = objective(np.clip(problem.x0, *box(problem)))[0]
    assert all(b <= a for a, b in zip([start, *values], [*values, f], strict=True))


@given(problems)
def test_what_is_returned_is_the_last_iterate_with_its_own_value_and_gradient(
    problem: Case,
) -> None:
    arguments = {k: v for k, v in problem.arguments.items() if k != "approx_grad"}
    iterates = [np.clip(problem.x0, *box(problem))]
    x, f, d = problem._replace(arguments={**arguments, "callback": iterates.append}).solve(
        fmin_l_bfgs_b
    )
    np.testing.assert_array_equal(x, iterates[-1])
    assert d["nit"] == len(iterates) - 1
    value, gradient = problem.objective(x)
    assert f == value
    np.testing.assert_array_equal(d["grad"], gradient)


@given(problems)
def test_a_run_that_converged_by_its_gradient_fulfils_the_first_order_conditions(
    problem: Case,
) -> None:
    arguments = {k: v for k, v in problem.arguments.items() if k != "approx_grad"}
    x, _, d = problem._replace(arguments=arguments).solve(fmin_l_bfgs_b)
    if d["task"] == "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL":
        lower, upper = box(problem)
        g = problem.objective(x)[1]
        pgtol = arguments.get("pgtol", 1e-5)
        # x − P(x − g) is formed here by two roundings of x, the kernel's norm by one.
        rounding = 4 * np.finfo(float).eps * abs(x).max()
        assert abs(projected_gradient(x, g, lower, upper)).max() <= pgtol + rounding
        # The signs that Karush, Kuhn and Tucker ask for.
        inside = (x - lower > pgtol) & (upper - x > pgtol)
        assert (abs(g[inside]) <= pgtol + rounding).all()
        assert (g[x == upper] <= pgtol).all()
        assert (g[(x == lower) & (x != upper)] >= -pgtol).all()


@given(problems)
def test_limits_are_kept_to_the_iteration(problem: Case) -> None:
    _, _, d = problem.solve(fmin_l_bfgs_b)
    maxiter, maxfun = (problem.arguments.get(name, 15000) for name in ("maxiter", "maxfun"))
    assert d["nit"] <= maxiter
    if d["warnflag"] == 1:
        assert d["nit"] == maxiter or d["funcalls"] > maxfun
    elif d["warnflag"] == 0:
        assert d["task"].startswith("CONV")


@given(problems, st.integers(0, 40))
def test_a_run_that_is_stopped_and_looked_at_anywhere_returns_its_best_point(
    problem: Case, evaluations: int
) -> None:
    arguments = {k: v for k, v in problem.arguments.items() if k != "approx_grad"}
    solver = LBFGSB(problem.x0, **arguments)
    best = np.inf
    for _ in range(evaluations):
        if solver.done:
            break
        f, g = problem.objective(solver.ask())
        if solver.tell(f, g) or solver.njev == 1:
            best = f
    looked_at = solver.result
    solver.stop()
    for result in (looked_at, solver.result):
        if solver.njev:
            assert result.fun == best
            assert problem.objective(result.x)[0] == result.fun
