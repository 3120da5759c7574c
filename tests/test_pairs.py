"""A warm start: a run that begins with another's pairs goes on as that one did."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from foreign_kernels import on_each
from lbfgsb77 import LBFGSB, LbfgsInvHessProduct, backend, minimize
from objectives import chain
from random_problems import case

N = 8
BOXES = {
    "no bounds": None,
    "lower bounds": [(-1.5, None)] * N,
    "upper bounds, some reached": [(None, 0.5), (None, None)] * (N // 2),
    "a box": [(-1.6, 0.6)] * N,
}


def start() -> np.ndarray:
    return np.where(np.arange(N) % 2 == 0, -1.2, 1.0)


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("m", [3, 10])
def test_the_next_trial_is_that_of_the_run_that_the_pairs_come_from(m: int, box: str) -> None:
    """From every iterate, so with one pair, with several, and after the store has wrapped."""
    bounds = BOXES[box]
    solver = LBFGSB(start(), bounds, m=m, factr=0, pgtol=1e-3)
    compared = 0
    while not solver.done:
        ended = solver.tell(*chain(solver.ask()))
        if not ended or solver.done:
            continue
        # The kernel has taken the newest pair in, and asks for the first trial from here.
        iterate, pairs = solver.iterate, solver.result.hess_inv
        warm = LBFGSB(iterate.x, bounds, m=m, factr=0, pgtol=1e-3, pairs=pairs)
        np.testing.assert_array_equal(warm.ask(), iterate.x)
        warm.tell(iterate.fun, iterate.jac)
        trial, expected = warm.ask(), solver.ask()
        # The given pairs' products are summed anew, so they differ from those carried along by
        # their rounding, which the matrices' condition numbers (below 1e6 here) multiply.
        scale = np.abs(expected - iterate.x).max()
        np.testing.assert_allclose(trial, expected, rtol=0, atol=1e-9 * scale)
        compared += 1
    assert compared > 2 * m


def test_two_arrays_do_as_well_as_an_inverse_hessian() -> None:
    solver = LBFGSB(start(), maxiter=6)
    while not solver.done:
        solver.tell(*chain(solver.ask()))
    result = solver.result
    asked = []
    for pairs in (
        result.hess_inv,
        (result.hess_inv.sk, result.hess_inv.yk),
        [result.hess_inv.sk.tolist(), result.hess_inv.yk.tolist()],
    ):
        warm = LBFGSB(result.x, pairs=pairs)
        warm.tell(*chain(warm.ask()))
        asked.append(warm.ask())
    np.testing.assert_array_equal(asked[0], asked[1])
    np.testing.assert_array_equal(asked[0], asked[2])


def test_of_more_than_m_pairs_the_newest_are_taken() -> None:
    solver = LBFGSB(start(), maxiter=8)
    while not solver.done:
        solver.tell(*chain(solver.ask()))
    pairs = solver.result.hess_inv
    assert pairs.n_corrs == 7
    warm = LBFGSB(solver.x, m=3, pairs=pairs)
    np.testing.assert_array_equal(warm.result.hess_inv.sk, pairs.sk[-3:])
    np.testing.assert_array_equal(warm.result.hess_inv.yk, pairs.yk[-3:])


@pytest.mark.parametrize("pairs", [None, (np.empty((0, N)), np.empty((0, N)))])
def test_no_pairs_are_a_cold_start(pairs: Any) -> None:
    cold, warm = LBFGSB(start()), LBFGSB(start(), pairs=pairs)
    for solver in (cold, warm):
        while not solver.done:
            solver.tell(*chain(solver.ask()))
    np.testing.assert_array_equal(cold.x, warm.x)
    assert cold.nfev == warm.nfev


def test_a_warm_start_of_a_quadratic_is_a_newton_step() -> None:
    # n pairs along the axes give H = diag(1, 2, 3)⁻¹ whole: one iteration lands on the minimum.
    curvatures = np.array([1.0, 2.0, 3.0])
    solver = LBFGSB([3.0, -1.0, 5.0], pairs=(np.eye(3), np.diag(curvatures)))
    for x in solver:
        solver.tell(float(curvatures @ (x * x)) / 2, curvatures * x)
    assert solver.nit == 1
    assert solver.nfev == 2
    # A few operations on numbers of the size of the start.
    np.testing.assert_allclose(solver.x, 0, atol=1e-14)


@pytest.mark.parametrize("seed", range(0, 60, 13))
def test_a_warm_run_stays_in_the_bounds_and_never_rises(seed: int) -> None:
    problem = case(seed)
    arguments = {k: v for k, v in problem.arguments.items() if k != "approx_grad"}
    cold = LBFGSB(problem.x0, **arguments)
    while not cold.done:
        cold.tell(*problem.objective(cold.ask()))
    warm = LBFGSB(problem.x0, **arguments, pairs=cold.result.hess_inv)
    while not warm.done:
        x = warm.ask()
        lower, upper = warm.bounds
        assert ((lower <= x) & (x <= upper)).all()
        warm.tell(*problem.objective(x))
    # Local minima may differ; but no run ends above its start.
    assert warm.result.fun <= problem.objective(LBFGSB(problem.x0, **arguments).ask())[0]


class TestRefusals:
    @pytest.mark.parametrize(
        ("pairs", "kind", "sentence"),
        [
            (3, TypeError, r"^pairs: two arrays \(S, Y\) or an inverse Hessian .* got int$"),
            ((1, 2, 3), TypeError, r"^pairs: two arrays"),
            ((np.eye(2), np.eye(3)), ValueError, r"S of shape \(k, 3\) is expected, got \(2, 2\)"),
            ((np.eye(3), np.eye(3)[:2]), ValueError, "as many steps as changes .* got 3 and 2"),
            ((np.eye(3), np.diag([1, np.nan, 1])), ValueError, r"Y\[1, 1\] is nan"),
            ((np.eye(3), np.diag([1, 1, -2])), ValueError, "y's of pair 2 is -2.0, more than"),
            ((np.eye(3), np.diag([1, 0, 1])), ValueError, "y's of pair 1 is 0.0"),
            ((np.eye(3), [["a"] * 3] * 3), ValueError, "pairs: Y: real numbers are expected, got"),
            (LbfgsInvHessProduct(np.eye(2), np.eye(2)), ValueError, r"S of shape \(k, 3\)"),
        ],
    )
    def test_it_is_one_sentence(self, pairs: Any, kind: type, sentence: str) -> None:
        with pytest.raises(kind, match=sentence):
            LBFGSB([1.0, 2.0, 3.0], pairs=pairs)

    def test_pairs_that_contradict_each_other(self) -> None:
        # The same step twice, with curvatures 1e-3 and 2⁵⁰: θ SᵀS is singular, and what L D⁻¹ Lᵀ
        # adds to it, 1e-3, is below the rounding of 2⁵⁰.
        steps, changes = [[1.0, 0.0], [1.0, 0.0]], [[1e-3, 0.0], [1.0, 2.0**25]]
        with pytest.raises(ValueError, match=r"^pairs: the matrices .* not positive definite"):
            LBFGSB([1.0, 2.0], pairs=(steps, changes))

    @on_each
    def test_other_kernels_have_no_way_in(self, kernel: str) -> None:
        with backend(kernel), pytest.raises(ValueError, match=f"^pairs: the {kernel} backend"):
            LBFGSB([1.0], pairs=([[1.0]], [[1.0]]))


def test_pairs_of_all_variables_go_with_fixed_ones() -> None:
    # Differences leave the fixed variable out, and the pairs' components with it.
    start = [-1.2, 1.0, 1.0, 3.0]
    bounds = [(None, None), (0.5, 0.5), (None, None), (None, None)]

    def value(x: np.ndarray) -> float:
        return chain(x)[0]

    first = minimize(value, start, bounds=bounds, maxiter=6)
    steps, changes = first.hess_inv.sk, first.hess_inv.yk
    assert steps.shape[1] == 4
    warm = minimize(value, first.x, bounds=bounds, pairs=(steps, changes), maxiter=1)
    cold = minimize(value, first.x, bounds=bounds, maxiter=1)
    assert not np.array_equal(warm.x, cold.x)
    # As the function of the other variables alone, with their components of the pairs.
    free = [0, 2, 3]

    def of_free(z: np.ndarray) -> float:
        return value(np.array([z[0], 0.5, z[1], z[2]]))

    inner = minimize(of_free, first.x[free], pairs=(steps[:, free], changes[:, free]), maxiter=1)
    np.testing.assert_array_equal(warm.x[free], inner.x)
    with pytest.raises(ValueError, match=r"^pairs: S of shape \(k, 4\) is expected"):
        minimize(value, first.x, bounds=bounds, pairs=(steps[:, :2], changes[:, :2]))
