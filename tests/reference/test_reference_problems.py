"""The collection: values, gradients, solutions and what "portable" promises."""

from __future__ import annotations

import ast
import inspect
import math
from pathlib import Path

import numpy as np
import pytest

from lbfgsb77 import fmin_l_bfgs_b
from lbfgsb77.reference import Problem, problems
from lbfgsb77.reference.problems import _elementary

ALL = problems.select()
WITH_SOLUTION = [p for p in ALL if p.solution is not None]
WRONG_GRADIENT = {p.name for p in problems.select(tags=["wrong-gradient"])}
# f is rounded to multiples of 2⁻¹⁹, so its derivative is 0 nearly everywhere.
WRONG_GRADIENT.add("rounded-quadratic")


class Dual:
    """A number and its derivative: differentiates an objective exactly, up to rounding."""

    def __init__(self, value, derivative=0.0):
        self.value, self.derivative = value, derivative

    @staticmethod
    def of(other):
        return other if isinstance(other, Dual) else Dual(float(other))

    def __add__(self, other):
        other = Dual.of(other)
        return Dual(self.value + other.value, self.derivative + other.derivative)

    def __mul__(self, other):
        other = Dual.of(other)
        return Dual(
            self.value * other.value,
            self.derivative * other.value + self.value * other.derivative,
        )

    def __truediv__(self, other):
        other = Dual.of(other)
        quotient = self.value / other.value
        return Dual(quotient, (self.derivative - quotient * other.derivative) / other.value)

    def __neg__(self):
        return Dual(-self.value, -self.derivative)

    def __abs__(self):
        return self if self.value >= 0.0 else -self

    def __sub__(self, other):
        return self + (-Dual.of(other))

    def __rsub__(self, other):
        return Dual.of(other) - self

    def __rtruediv__(self, other):
        return Dual.of(other) / self

    __radd__, __rmul__ = __add__, __mul__

    def __gt__(self, other):
        return self.value > Dual.of(other).value

    def __ge__(self, other):
        return self.value >= Dual.of(other).value

    def __lt__(self, other):
        return self.value < Dual.of(other).value

    def __eq__(self, other):
        return self.value == Dual.of(other).value

    __hash__ = None


def chain(function, derivative):
    def lifted(x):
        x = Dual.of(x)
        return Dual(function(x.value), derivative(x.value) * x.derivative)

    return lifted


def dual_power(x, exponent):
    # x^e = exp(e ln x), by which the derivative with respect to the exponent comes too.
    x, exponent = Dual.of(x), Dual.of(exponent)
    value = math.pow(x.value, exponent.value)
    slope = exponent.value * math.pow(x.value, exponent.value - 1.0) * x.derivative
    return Dual(value, slope + value * math.log(x.value) * exponent.derivative)


DUAL = {
    "exp": chain(math.exp, math.exp),
    "log": chain(math.log, lambda x: 1.0 / x),
    "sin": chain(math.sin, math.cos),
    "cos": chain(math.cos, lambda x: -math.sin(x)),
    "atan": chain(math.atan, lambda x: 1.0 / (1.0 + x * x)),
    "sqrt": chain(math.sqrt, lambda x: 0.5 / math.sqrt(x)),
    "power": dual_power,
}


def feasible_start(problem: Problem) -> np.ndarray:
    return np.clip(problem.start, *problem.bound_arrays())


def derivative(problem: Problem, x: np.ndarray, j: int) -> float:
    values = [Dual(value, float(i == j)) for i, value in enumerate(x.tolist())]
    return Dual.of(problem.objective(values)[0]).derivative


@pytest.mark.parametrize("problem", ALL, ids=lambda p: p.name)
def test_gradient_is_the_derivative_of_the_value(problem, monkeypatch):
    if problem.name in WRONG_GRADIENT:
        pytest.skip("its gradient is wrong on purpose")
    x = feasible_start(problem)
    # A point off the start as well: starts are full of zeros and ones.
    lower, upper = problem.bound_arrays()
    off = np.clip(x * 1.01 + 0.003 * np.cos(np.arange(problem.n)), lower, upper)
    points = [x] if problem.name in ("all-fixed", "overflowing-power") else [x, off]
    gradients = [problem(point)[1] for point in points]
    for name, function in DUAL.items():
        monkeypatch.setattr(_elementary, name, function)
    for point, g in zip(points, gradients, strict=True):
        exact = np.array([derivative(problem, point, j) for j in range(problem.n)])
        # Both are sums of rounded terms: as many ULPs of the largest as cancellation takes, which
        # in the NIST problems is five to eight digits.
        assert np.max(np.abs(g - exact)) <= 1e-9 * max(np.max(np.abs(exact)), 1e-3)


def test_the_wrong_gradients_are_wrong():
    # Otherwise the skips above would hide an error.
    for name in WRONG_GRADIENT:
        problem = problems.get(name)
        x = feasible_start(problem)
        exact = [derivative(problem, x, j) for j in range(problem.n)]
        assert not np.allclose(problem(x)[1], exact, rtol=1e-3) or name == "rounded-quadratic"


@pytest.mark.parametrize(
    "problem", [p for p in WITH_SOLUTION if p.solution.x is not None], ids=lambda p: p.name
)
def test_solution_has_the_published_value_and_is_stationary(problem):
    known = problem.solution
    f, g = problem(known.x)
    if known.f == 0.0:
        # Zero in exact arithmetic; Lanczos1's data have 14 digits, and their squares 1e-25.
        assert abs(f) <= 1e-20
    else:
        # Lanczos1's certified sum, 1.4e-25, is below the rounding of the residuals: (1e-16)² n.
        assert f == pytest.approx(known.f, rel=0.6 * 10.0 ** (1 - known.digits), abs=1e-20)
    lower, upper = problem.bound_arrays()
    assert np.all(lower <= known.x)
    assert np.all(known.x <= upper)
    if "nonsmooth" in problem.tags:
        return  # a kink has no gradient that vanishes
    # The certified parameters of NIST have 11 digits: the gradient vanishes to as many of its size
    # half a per mille beside them; the others are exact.
    x = np.array(known.x)
    scale = np.max(np.abs(problem(np.clip(x * 1.001 + 1e-3, lower, upper))[1])) + 1e-300
    assert problems.projected_gradient_norm(x, g, lower, upper) <= 1e-6 * scale + 1e-12


@pytest.mark.parametrize(
    "problem",
    [p for p in WITH_SOLUTION if p.solution.unique and p.finite],
    ids=lambda p: p.name,
)
def test_a_run_from_the_start_arrives_at_the_published_minimum(problem):
    _, f, _ = fmin_l_bfgs_b(
        problem, problem.start, bounds=problem.bounds, factr=10.0, pgtol=1e-12, maxiter=2000
    )
    known = problem.solution
    # A unit of the last published digit, for some are cut off; near 0, what factr = 10 leaves,
    # which for the singular Hessian of Powell's function is 1e-13.
    tolerance = 1.01 * 10.0 ** (math.floor(math.log10(abs(known.f))) + 1 - known.digits) \
        if known.f else 1e-12  # fmt: skip
    assert abs(f - known.f) <= max(tolerance, 1e-12)


def test_values_at_the_start_are_the_published_ones():
    # Known from the literature: 24.2 and 400.5 in Moré, Garbow, Hillstrom; HS 1, 2 and 38 in Hock
    # and Schittkowski; 3460 printed by the sample driver of L-BFGS-B (n = 25).
    for name, f in {
        "rosenbrock": 24.2,
        "freudenstein-roth": 400.5,
        "wood": 19192.0,
        "powell-singular": 215.0,
        "helical-valley": 2500.0,
        "hs1": 909.0,
        "hs38": 19192.0,
        "nonscomp": 3460.0,
    }.items():
        problem = problems.get(name)
        assert problem(problem.start)[0] == pytest.approx(f, rel=1e-14)


def test_gay_bounds_cut_off_the_unbounded_minimizer_or_touch_it():
    for problem in problems.select(tags=["gay"]):
        free = problems.get(problem.name.removesuffix("-gay"))
        if free.solution.x is None or problem.name == "beale-gay":
            continue  # Beale's minimizer (3, 1/2) lies on the bound x₂ ≥ 1/2
        lower, upper = problem.bound_arrays()
        x = np.array(free.solution.x)
        assert np.any((x < lower) | (x > upper)), problem.name
        assert np.all(lower < upper)


class PortableOnly(Dual):
    """A number that knows + - * / and comparisons; anything else raises."""

    def __float__(self):
        raise AssertionError("converted to a plain number, as by a function of `math`")

    def __pow__(self, other):
        raise AssertionError("a power, which the platform's pow computes")

    __rpow__ = __pow__


@pytest.mark.parametrize("problem", problems.select(portable=True), ids=lambda p: p.name)
def test_portable_objectives_use_only_arithmetic_and_roots(problem, monkeypatch):
    def forbidden(*arguments):
        raise AssertionError("not portable to the bit")

    for name in set(DUAL) - _elementary.PORTABLE:
        monkeypatch.setattr(_elementary, name, forbidden)
    monkeypatch.setattr(_elementary, "sqrt", DUAL["sqrt"])
    # Only at a point within the domain: that is where runs go.
    x = np.clip(problem.start + 0.015625, *problem.bound_arrays())
    f, g = problem.objective([PortableOnly(value) for value in x.tolist()])
    assert math.isfinite(Dual.of(f).value)
    assert len(g) == problem.n


def test_objectives_never_use_sums_or_powers_that_round_otherwise():
    # Python's `sum` is compensated from 3.12 on, math.fsum and NumPy's sums have orders of their
    # own, and x**2 calls the platform's pow.
    folder = Path(inspect.getfile(problems)).parent
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("sum", "pow"), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.FunctionDef) and path.name != "_elementary.py":
                for inner in ast.walk(node):
                    power = isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Pow)
                    assert not power, f"{path.name}:{node.lineno}"


def test_elementary_functions_return_what_ieee_says_outside_their_domain():
    assert math.isnan(_elementary.sqrt(-1.0))
    assert math.isnan(_elementary.log(-1.0))
    assert _elementary.log(0.0) == -math.inf
    assert _elementary.exp(1e4) == math.inf
    assert math.isnan(_elementary.sin(math.inf))
    assert math.isnan(_elementary.power(-1.0, 0.5))
    assert _elementary.power(0.0, -1.0) == math.inf


def test_a_division_by_zero_is_an_infinite_value():
    f, g = problems.get("bard-gay")([1.0, 0.0, 0.0])
    assert f == math.inf
    assert np.isnan(g).all()


def test_there_is_each_family():
    assert {p.source.partition("problem ")[2] for p in problems.select(tags=["mgh"])} >= {
        str(number) for number in range(1, 36)
    }
    assert len(problems.select(["nist-*"])) == 27  # the data sets of NIST's StRD
    assert len(problems.select(tags=["hs"])) == 9
    assert len(problems.select(tags=["nasty"])) >= 30
    assert all(p.description and p.source for p in ALL)


def test_bounds_have_scipys_spelling():
    assert problems.get("hs2").bounds == [(None, None), (1.5, None)]
    assert problems.get("wood").bounds is None


def test_further_starts_have_names_of_their_own():
    second = problems.get("rosenbrock@2")
    assert second.start.tolist() == [-12.0, 10.0]
    assert problems.get("watson@2").start.tolist() == [10.0] * 6
    assert problems.get("rosenbrock@1").name == "rosenbrock"
    assert problems.get("nist-misra1a@2").start.tolist() == [250.0, 0.0005]
    with pytest.raises(ValueError, match=r"rosenbrock@4: there are starts 1 to 3"):
        problems.get("rosenbrock@4")


def test_an_unknown_name_gets_near_ones():
    with pytest.raises(KeyError, match=r"no problem is called 'rosenbrok'; near it: rosenbrock"):
        problems.get("rosenbrok")
    with pytest.raises(KeyError, match=r"no problem has the tag 'nosuch'"):
        problems.select(tags=["nosuch"])


def test_selection_keeps_the_order_of_the_collection():
    chosen = [p.name for p in problems.select(["wood", "beale", "hs?", "beale", "wood@2"])]
    assert chosen == ["beale", "wood", "wood@2", "hs1", "hs2", "hs3", "hs4", "hs5"]
    assert all(p.portable for p in problems.select(portable=True))
    assert not any(p.portable for p in problems.select(portable=False))
