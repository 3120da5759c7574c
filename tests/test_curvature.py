"""curvature: the Hessian at a solution with its error, and the published standard errors."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

import first_fit
from lbfgsb77 import Curvature, OptimizeResult, SumOfParts, curvature, minimize
from lbfgsb77.reference import problems

Vector = np.ndarray

# NIST's certified standard deviations of the parameters, and the number of observations, from the
# pages of its Statistical Reference Datasets.
CERTIFIED: dict[str, tuple[int, list[float]]] = {
    "nist-misra1a": (14, [2.7070075241e00, 7.2668688436e-06]),
    "nist-misra1b": (14, [3.1643950207e00, 4.2547321834e-06]),
    "nist-danwood": (6, [1.8281973860e-02, 5.1726610913e-02]),
    "nist-chwirut2": (54, [3.8303286810e-02, 6.6621605126e-04, 1.5304234767e-03]),
    "nist-rat42": (9, [1.7340283401e00, 8.8295217536e-02, 3.4465663377e-03]),
    "nist-boxbod": (6, [1.2354515176e01, 1.0455993237e-01]),
    "nist-eckerle4": (35, [1.5408051163e-02, 4.6803020753e-02, 4.6800518816e-02]),
}


def residuals(problem: Any, x: Vector) -> tuple[Vector, np.ndarray]:
    """The residuals and their Jacobian."""
    rows = list(problem.objective.__wrapped__(x))
    jacobian = np.zeros((len(rows), x.size))
    for row, (_, derivatives) in zip(jacobian, rows, strict=True):
        for j, derivative in derivatives:
            row[j] = derivative
    return np.array([r for r, _ in rows]), jacobian


def second_order(problem: Any, x: Vector) -> np.ndarray:
    """2 Σ r ∇²r, by plain differences of the Jacobian."""
    r = residuals(problem, x)[0]
    columns = []
    for i in range(x.size):
        step = np.zeros(x.size)
        step[i] = 1e-5 * abs(x[i])
        change = residuals(problem, x + step)[1] - residuals(problem, x - step)[1]
        columns.append(2 * r @ change / (2 * step[i]))
    found = np.array(columns)
    return 0.5 * (found + found.T)


@pytest.mark.parametrize("name", CERTIFIED)
def test_standard_deviations_of_nist(name: str) -> None:
    (problem,) = (p for p in problems.select() if p.name == name)
    observations, certified = CERTIFIED[name]
    x = np.array(problem.solution.x)
    bend = curvature(problem, OptimizeResult(x=x, fun=problem(x)[0]))
    # NIST's are those of the linearized model: of the Hessian without this term.
    bend = Curvature(
        x, bend.free, bend.hessian - second_order(problem, x), bend.error, problem(x)[0], 0
    )
    found = bend.standard_errors(observations=observations)
    # 11 digits of the parameters, differences of steps 1e-5: their square is the error.
    np.testing.assert_allclose(found, certified, rtol=1e-7)


def test_the_whole_hessian_of_a_regression_has_the_second_derivatives_too() -> None:
    (problem,) = (p for p in problems.select() if p.name == "nist-chwirut2")
    x = np.array(problem.solution.x)
    jacobian = residuals(problem, x)[1]
    bend = curvature(problem, x)
    expected = 2 * jacobian.T @ jacobian + second_order(problem, x)
    np.testing.assert_allclose(bend.hessian, expected, rtol=1e-6)
    assert (bend.error <= 1e-9 * np.abs(bend.hessian)).all()


def test_the_o_rings() -> None:
    # Standard errors of the logistic fit in centred parameters, as in the published analyses.
    start = np.array([0.0, 0.0])
    result = minimize(first_fit.oring_log_likelihood, start, jac=True, ftol=1e-15, gtol=1e-9)
    distance = first_fit.TEMPERATURE - first_fit.TEMPERATURE.mean()
    chance = 1 / (1 + np.exp(-(result.x[0] + result.x[1] * distance)))
    design = np.column_stack([np.ones(distance.size), distance])
    information = design.T @ ((chance * (1 - chance))[:, None] * design)
    bend = curvature(first_fit.oring_log_likelihood, result)
    np.testing.assert_allclose(bend.hessian, information, rtol=1e-9)
    assert bend.standard_errors().round(3).tolist() == [0.580, 0.108]


T = np.linspace(0.0, 5.0, 40)
SIGMA = 0.05
DECAY = 2.0 * np.exp(-0.8 * T) + 0.3 + SIGMA * np.cos(37.0 * T)


def decay(p: Vector) -> tuple[float, Vector]:
    """The negative log-likelihood of a decay with a background, but for a constant."""
    e = np.exp(-p[1] * T)
    r = (p[0] * e + p[2] - DECAY) / SIGMA
    return 0.5 * float(r @ r), np.array([r @ e, -p[0] * (r @ (T * e)), r.sum()]) / SIGMA


def test_a_decay_fit_where_hess_inv_is_no_covariance() -> None:
    result = minimize(decay, [1.0, 1.0, 0.0], jac=True)
    e = np.exp(-result.x[1] * T)
    jacobian = np.column_stack([e, -result.x[0] * T * e, np.ones(T.size)]) / SIGMA
    r = (result.x[0] * e + result.x[2] - DECAY) / SIGMA
    # J'J and the residuals' own second derivatives.
    hessian = jacobian.T @ jacobian
    hessian[0, 1] += r @ (-T * e) / SIGMA
    hessian[1, 0] += r @ (-T * e) / SIGMA
    hessian[1, 1] += r @ (result.x[0] * T**2 * e) / SIGMA
    expected = np.sqrt(np.linalg.inv(hessian).diagonal())
    np.testing.assert_allclose(curvature(decay, result).standard_errors(), expected, rtol=1e-8)
    by_run = np.sqrt(result.hess_inv.todense().diagonal())
    assert (np.abs(np.log2(by_run / expected)) > 1).any()  # or the docs' warning were idle


def rosenbrock(x: Vector) -> tuple[float, Vector]:
    bend = x[1] - x[0] ** 2
    g = np.array([-400 * x[0] * bend - 2 * (1 - x[0]), 200 * bend])
    return 100 * bend**2 + (1 - x[0]) ** 2, g


@pytest.mark.parametrize("x", [[1.0, 1.0], [0.0, 0.0], [-1.2, 1.0], [1e-9, 3.0], [300.0, -7.0]])
def test_the_error_is_no_less_than_the_error(x: list[float]) -> None:
    exact = np.array([[1200 * x[0] ** 2 - 400 * x[1] + 2, -400 * x[0]], [-400 * x[0], 200]])
    bend = curvature(rosenbrock, x)
    assert (np.abs(bend.hessian - exact) <= bend.error + 1e-15 * np.abs(exact)).all()
    assert (bend.error <= 1e-7 * np.abs(exact).max()).all()
    assert (bend.hessian == bend.hessian.T).all()


def test_any_scale() -> None:
    def gradient(x: Vector) -> list[float]:
        return [1e-12 * math.sinh(1e-4 * x[0]), 1e19 * math.tanh(1e7 * x[1])]

    for x in ([0.0, 0.0], [3e3, 2e-8]):
        bend = curvature(gradient, x)
        exact = [1e-16 * math.cosh(1e-4 * x[0]), 1e26 / math.cosh(1e7 * x[1]) ** 2]
        np.testing.assert_allclose(bend.hessian.diagonal(), exact, rtol=1e-7)


# Bounds ----------------------------------------------------------------------------------------


def test_variables_on_a_bound_are_left_out() -> None:
    seen: list[Vector] = []

    def f(x: Vector) -> tuple[float, Vector]:
        seen.append(x.copy())
        return rosenbrock(x)

    bounds = [(None, 0.5), (None, None)]
    result = minimize(rosenbrock, [-1.2, 1.0], jac=True, bounds=bounds)
    bend = curvature(f, result, bounds)
    assert bend.free.tolist() == [False, True]
    assert np.isnan(bend.hessian[0]).all()
    assert np.isnan(bend.hessian[:, 0]).all()
    assert bend.hessian[1, 1] == pytest.approx(200.0, rel=1e-9)
    assert np.isnan(bend.standard_errors()[0])
    # σ² = 1/f''.
    assert bend.standard_errors()[1] == pytest.approx(200.0**-0.5, rel=1e-9)
    assert all(x[0] == 0.5 for x in seen)
    assert "on a bound" in repr(bend)


@pytest.mark.parametrize("distance", [1e-12, 1e-9, 1e-6, 1e-3, 0.04])
@pytest.mark.parametrize("side", [-1, 1])
def test_no_point_is_outside_of_the_bounds(distance: float, side: int) -> None:
    def gradient(x: Vector) -> Vector:
        assert lower <= x[0] <= upper
        return np.exp(x)

    lower, upper = (1.0, 9.0) if side > 0 else (-9.0, 1.0)
    x = 1.0 + side * distance
    bend = curvature(gradient, [x], [(lower, upper)])
    assert bend.hessian[0, 0] == pytest.approx(math.exp(x), rel=1e-7)
    assert abs(bend.hessian[0, 0] - math.exp(x)) <= bend.error[0, 0]


def test_all_on_bounds() -> None:
    bend = curvature(rosenbrock, [1.0, 2.0], [(1, None), (2, 2)])
    assert not bend.free.any()
    assert np.isnan(bend.covariance()).all()
    assert bend.evaluations == 1


# What can't be inverted --------------------------------------------------------------------------


def test_a_singular_hessian_is_said_to_be_so() -> None:
    bend = curvature(lambda x: [x[0] + x[1], x[0] + x[1], x[2]], [1.0, 2.0, 3.0])
    assert bend.definiteness == "singular"
    with pytest.raises(np.linalg.LinAlgError, match=r"singular within its error.*[+-]1 x\[\d\]"):
        bend.covariance()
    assert "singular" in repr(bend)


def test_an_indefinite_hessian_is_said_to_be_so() -> None:
    bend = curvature(lambda x: [2 * x[0], -3 * x[1]], [1.0, 2.0])
    assert bend.definiteness == "indefinite"
    with pytest.raises(np.linalg.LinAlgError, match=r"indefinite, so f falls.* [+-]1 x\[1\] "):
        bend.standard_errors()


def test_a_badly_scaled_one_is_not_singular() -> None:
    bend = curvature(lambda x: [1e-12 * x[0], 1e12 * x[1]], [1.0, 1.0])
    assert bend.definiteness == "positive definite"
    np.testing.assert_allclose(bend.standard_errors(), [1e6, 1e-6], rtol=1e-8)


def test_noise_makes_it_singular_not_wrong() -> None:
    noise = np.random.RandomState(0)

    def gradient(x: Vector) -> Vector:
        return 1e-9 * x + noise.uniform(-1e-3, 1e-3, 2)

    assert curvature(gradient, [1.0, 1.0]).definiteness != "positive definite"


# Calls -------------------------------------------------------------------------------------------


def scaled(x: Vector, weight: float) -> Vector:
    return weight * np.sinh(x)


def test_args_and_forms_of_the_gradient() -> None:
    exact = 3 * np.cosh(0.5)
    for jac, args in (
        (scaled, (3.0,)),
        (scaled, 3.0),
        (lambda x: (1.0, 3 * np.sinh(x)), ()),
        (lambda x: (1.0, [3 * math.sinh(x[0])]), ()),
    ):
        assert curvature(jac, [0.5], args=args).hessian[0, 0] == pytest.approx(exact, rel=1e-10)
    # Two numbers are the gradient of two variables.
    assert curvature(lambda x: (2 * x[0], 4 * x[1]), [1.0, 1.0]).hessian[1, 1] == pytest.approx(4)


@pytest.mark.parametrize("workers", [2, "threads"])
def test_workers_change_no_bit(workers: Any) -> None:
    expected = curvature(rosenbrock, [-1.2, 1.0])
    with ThreadPoolExecutor(2) as pool:
        found = curvature(
            rosenbrock, [-1.2, 1.0], workers=pool.map if workers == "threads" else workers
        )
    assert found.hessian.tobytes() == expected.hessian.tobytes()
    assert found.evaluations == expected.evaluations


def test_of_a_sum_of_parts() -> None:
    def part(x: Vector, data: float) -> Any:
        return data * np.cosh(x[0]), data * np.sinh(x)

    objective = SumOfParts(part, [1.0, 2.0])
    result = minimize(objective, [0.5], jac=True)
    assert curvature(objective, result).hessian[0, 0] == pytest.approx(3.0, rel=1e-9)


def test_scales() -> None:
    bend = curvature(decay, minimize(decay, [1.0, 1.0, 0.0], jac=True, ftol=1e-15))
    variance = 2 * bend._fun / (T.size - 3)
    by_observations = bend.covariance(observations=T.size)
    assert by_observations.tobytes() == bend.covariance(variance).tobytes()
    # Of all squares, not half of them, the same.
    twice = curvature(
        lambda p: (2 * decay(p)[0], 2 * decay(p)[1]),
        OptimizeResult(x=bend.x, fun=2 * bend._fun),
    )
    np.testing.assert_allclose(twice.covariance(observations=T.size), by_observations, rtol=1e-9)


BEND = curvature(decay, OptimizeResult(x=[2.5, 1.3, 0.5], fun=1.0))
BAD: list[tuple[Any, type[Exception], str]] = [
    (lambda: curvature(3, [1.0]), TypeError, r"^jac: a callable is expected, got 3$"),
    (lambda: curvature(np.sin, [np.nan]), ValueError, r"^result: finite numbers are expected"),
    (
        lambda: curvature(np.sin, [2.0], [(0, 1)]),
        ValueError,
        r"^result\.x\[0\]: a number in \[0\.0, 1\.0\]",
    ),
    (lambda: curvature(np.log, [-1.0]), ValueError, r"^result: a point with a finite gradient"),
    (lambda: curvature(lambda x: [1, 2], [1.0]), ValueError, r"^g: the gradient has 2 components"),
    (lambda: curvature(np.sin, [1.0], workers=0), ValueError, r"^workers: "),
    (lambda: BEND.covariance(0), ValueError, r"^scale: a positive number is expected, got 0\.0$"),
    (lambda: BEND.covariance(observations=3), ValueError, r"^observations: more than the 3 free"),
    (lambda: BEND.covariance(2.0, observations=9), ValueError, r"^scale: given or made of"),
    (
        lambda: curvature(decay, BEND.x).covariance(observations=9),
        ValueError,
        r"^observations: a result that has fun is needed, not x alone$",
    ),
]


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")  # of log, as is meant
@pytest.mark.parametrize("k", range(len(BAD)))
def test_bad_input_gets_a_sentence(k: int) -> None:
    call, kind, words = BAD[k]
    with pytest.raises(kind, match=words):
        call()


def test_the_text_is_a_table() -> None:
    lines = repr(BEND).splitlines()
    assert lines[0] == "Curvature at 3 variables: positive definite"
    assert len(lines) == 5
    many = repr(curvature(lambda x: x, np.ones(30)))
    assert many.splitlines()[-1] == "... and 10 more"
