"""minimize: SciPy's options, spellings of the gradient, and what it refuses."""

from __future__ import annotations

import inspect
import re
import warnings
from typing import Any

import numpy as np
import pytest

import lbfgsb77
from lbfgsb77 import OptimizeResult, OptimizeWarning, fmin_l_bfgs_b, minimize

Vector = np.ndarray

START = np.array([1.0, 2.0])


def fun(x: Vector) -> Any:
    """Real for real x, and analytic."""
    return ((x - 0.3) ** 2).sum() + (x**4).sum()


def gradient(x: Vector) -> Vector:
    return 2 * (x - 0.3) + 4 * x**3


def both(x: Vector) -> tuple[float, Vector]:
    return fun(x), gradient(x)


# SciPy 1.14.1's inspect.signature(_minimize_lbfgsb), without disp and iprint.
SCIPY_DEFAULTS = {
    "args": (),
    "jac": None,
    "bounds": None,
    "callback": None,
    "maxcor": 10,
    "ftol": 2.220446049250313e-09,
    "gtol": 1e-05,
    "eps": 1e-08,
    "maxfun": 15000,
    "maxiter": 15000,
    "maxls": 20,
    "finite_diff_rel_step": None,
}


def test_defaults_are_scipys() -> None:
    parameters = inspect.signature(minimize).parameters
    assert {name: parameters[name].default for name in SCIPY_DEFAULTS} == SCIPY_DEFAULTS
    assert list(parameters)[:6] == ["fun", "x0", "args", "jac", "bounds", "callback"]


# Counts and message of SciPy 1.14.1's minimize(fun, [1, 2], jac=..., method="L-BFGS-B").
@pytest.mark.parametrize(
    ("func", "jac", "nfev"),
    [
        (fun, gradient, 11),
        (both, True, 11),
        (fun, None, 33),
        (fun, False, 33),
        (fun, "2-point", 33),
        (fun, "3-point", 55),
        (fun, "cs", 33),
    ],
)
def test_every_spelling_of_the_gradient_converges_after_scipys_counts(
    func: Any, jac: Any, nfev: int
) -> None:
    calls = 0

    def counted(x: Vector) -> Any:
        nonlocal calls
        calls += 1
        return func(x)

    result = minimize(counted, START, jac=jac)
    assert (result.nit, result.nfev, result.njev) == (10, nfev, 11)
    assert calls == nfev
    assert result.message == "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL"
    assert (result.success, result.status) == (True, 0)
    assert max(abs(gradient(result.x))) < 2e-5  # gtol, and the error of forward differences


def test_the_result_has_scipys_items_and_a_reason() -> None:
    result = minimize(fun, START, jac=gradient)
    assert type(result) is OptimizeResult
    assert set(result) == {
        *("x", "fun", "jac", "nfev", "njev", "nit", "status", "success", "message", "hess_inv"),
        "reason",
    }
    np.testing.assert_array_equal(result.jac, gradient(result.x))
    assert result.hess_inv.shape == (2, 2)


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        ({"maxcor": 3}, {"m": 3}),
        ({"ftol": 1e-3}, {"factr": 1e-3 / 2.0**-52}),
        ({"gtol": 1e-1}, {"pgtol": 1e-1}),
        ({"maxiter": 3}, {"maxiter": 3}),
        ({"maxfun": 3}, {"maxfun": 3}),
        ({"maxls": 2}, {"maxls": 2}),
    ],
)
def test_options_are_those_of_fmin_l_bfgs_b_by_other_names(options: Any, arguments: Any) -> None:
    def valley(x: Vector) -> tuple[float, Vector]:
        bend = x[1] - x[0] ** 2
        g = [-400 * bend * x[0] - 2 * (1 - x[0]), 200 * bend]
        return 100 * bend**2 + (1 - x[0]) ** 2, np.array(g)

    x, f, d = fmin_l_bfgs_b(valley, [-1.2, 1.0], **arguments)
    for result in (
        minimize(valley, [-1.2, 1.0], jac=True, **options),
        minimize(valley, [-1.2, 1.0], jac=True, options=options),
    ):
        np.testing.assert_array_equal(result.x, x)
        assert (result.fun, result.nit, result.nfev) == (f, d["nit"], d["funcalls"])
        assert (result.message, result.reason) == (d["task"], d["reason"])


def test_eps_is_the_absolute_step_and_belongs_to_no_other_scheme() -> None:
    points: list[Vector] = []

    def func(x: Vector) -> float:
        points.append(x.copy())
        return float(fun(x))

    minimize(func, START, eps=0.25, maxiter=1)
    np.testing.assert_array_equal(points[1:3] - START, [[0.25, 0], [0, 0.25]])
    points.clear()
    minimize(func, START, eps=0.25, jac="2-point", maxiter=1)
    h = 2.0**-26  # √ε, times max(1, |x|)
    np.testing.assert_array_equal(points[1:3] - START, [[h, 0], [0, 2 * h]])


def test_finite_diff_rel_step_is_in_units_of_x() -> None:
    points: list[Vector] = []

    def func(x: Vector) -> float:
        points.append(x.copy())
        return float(fun(x))

    minimize(func, START, jac="2-point", finite_diff_rel_step=0.25, maxiter=1)
    np.testing.assert_array_equal(points[1:3] - START, [[0.25, 0], [0, 0.5]])
    points.clear()
    # As in SciPy, the absolute steps of jac=None come first.
    minimize(func, START, finite_diff_rel_step=0.25, eps=0.125, maxiter=1)
    np.testing.assert_array_equal(points[1:3] - START, [[0.125, 0], [0, 0.125]])


def test_tol_takes_the_place_of_both_tolerances_that_are_not_given() -> None:
    def same(a: OptimizeResult, b: OptimizeResult) -> bool:
        return bool(a.nit == b.nit and (a.x == b.x).all())

    loose = minimize(fun, START, jac=gradient, tol=1e-2)
    assert loose.nit < minimize(fun, START, jac=gradient).nit
    assert same(loose, minimize(fun, START, jac=gradient, ftol=1e-2, gtol=1e-2))
    kept = minimize(fun, START, jac=gradient, tol=1e-2, ftol=0.0)
    assert same(kept, minimize(fun, START, jac=gradient, ftol=0.0, gtol=1e-2))
    kept = minimize(fun, START, jac=gradient, options={"tol": 1e-2, "gtol": 1e-9})
    assert same(kept, minimize(fun, START, jac=gradient, ftol=1e-2, gtol=1e-9))


@pytest.mark.parametrize("args", [(2.0,), 2.0])
def test_args_reach_the_function_and_its_gradient(args: Any) -> None:
    def scaled(x: Vector, c: float) -> float:
        return float(c * fun(x))

    def scaled_gradient(x: Vector, c: float) -> Vector:
        return c * gradient(x)

    expected = minimize(lambda x: 2.0 * fun(x), START, jac=lambda x: 2.0 * gradient(x))
    np.testing.assert_array_equal(minimize(scaled, START, args, jac=scaled_gradient).x, expected.x)
    assert minimize(scaled, START, args).success


def test_unknown_options_are_named() -> None:
    text = r"^Unknown solver options: foo, max_iter \(did you mean maxiter\?\)$"
    with pytest.warns(OptimizeWarning, match=text) as record:
        minimize(fun, START, jac=gradient, options={"foo": 1, "max_iter": 2})
    assert record[0].filename == __file__


@pytest.mark.parametrize(
    ("keyword", "similar"),
    [
        *(("bound", "bounds"), ("fprime", "jac"), ("func", "fun"), ("callbacks", "callback")),
        *(("maxfev", "maxfun"), ("max_iter", "maxiter"), ("pgtoll", "pgtol"), ("epsilon", "eps")),
        ("qqq", None),
    ],
)
def test_an_unknown_keyword_is_refused_with_the_name_that_may_be_meant(
    keyword: str, similar: str | None
) -> None:
    hint = f" (did you mean {similar}?)" if similar else ""
    sentence = f"^{re.escape(f'{keyword}: no argument has this name{hint}')}$"
    with pytest.raises(TypeError, match=sentence):
        minimize(fun, START, jac=gradient, **{keyword: 1})


@pytest.mark.parametrize("name", ["hess", "hessp"])
def test_second_derivatives_are_not_used_and_scipys_warning_says_so(name: str) -> None:
    expected = minimize(fun, START, jac=gradient)
    text = rf"^Method L-BFGS-B does not use Hessian information \({name}\)\.$"
    with pytest.warns(RuntimeWarning, match=text) as record:
        result = minimize(fun, START, jac=gradient, **{name: gradient})
    assert record[0].filename == __file__
    np.testing.assert_array_equal(result.x, expected.x)


@pytest.mark.parametrize("given", [{"disp": True}, {"iprint": 1}, {"options": {"disp": 0}}])
def test_printing_is_deprecated(given: Any, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.warns(DeprecationWarning, match="nothing is printed") as record:
        minimize(fun, START, jac=gradient, **given)
    assert record[0].filename == __file__
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("given", "kind", "sentence"),
    [
        ({"method": "BFGS"}, ValueError, "^method: 'L-BFGS-B' is expected, got 'BFGS'$"),
        ({"constraints": np.array(1)}, ValueError, "^constraints: .*, got array"),
        ({"options": {1: 2}}, TypeError, "^options: names are expected, got 1$"),
        ({"eps": 10**400}, ValueError, "^eps: numbers of at most 308 digits are expected$"),
        (
            {"constraints": {"type": "eq", "fun": fun}},
            ValueError,
            "^constraints: L-BFGS-B knows none but bounds, got {",
        ),
        ({"jac": "4-point"}, ValueError, "^jac: one of '2-point', '3-point', 'cs', .* '4-point'$"),
        ({"jac": 1}, ValueError, "^jac: one of .*, got 1$"),
        ({"options": 3}, TypeError, "^options: a dict is expected, got 3$"),
        ({"maxcor": 0}, ValueError, "^maxcor: must be positive, got 0$"),
        ({"ftol": -1.0}, ValueError, "^ftol: must not be negative, got -1.0$"),
        ({"gtol": float("nan")}, ValueError, "^gtol: a number is expected, got nan$"),
        ({"tol": "small"}, TypeError, "^tol: a real number is expected, got 'small'$"),
        ({"eps": [1.0, 2.0, 3.0]}, ValueError, r"^eps: one number or 2 of them .* \(3,\)$"),
        (
            {"jac": "cs", "finite_diff_rel_step": "x"},
            TypeError,
            "^finite_diff_rel_step: real numbers are expected, got 'x'$",
        ),
        ({"workers": 0}, ValueError, "^workers: a positive integer, -1 or a .*, got 0$"),
        ({"workers": True}, ValueError, "^workers: .*, got True$"),
        ({"callback": 3}, TypeError, "^callback: a callable is expected, got 3$"),
        ({"fun": 3}, TypeError, "^fun: a callable is expected, got 3$"),
        ({"bounds": [(0, 1)]}, ValueError, "^bounds: 2 pairs are expected"),
    ],
)
def test_bad_input_gets_a_sentence(given: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(kind, match=sentence):
        minimize(**{"fun": fun, "x0": START, **given})


@pytest.mark.parametrize("constraints", [(), [], {}, None])
def test_no_constraints_may_be_given_in_any_way(constraints: Any) -> None:
    assert minimize(fun, START, constraints=constraints).success


def test_a_function_that_is_not_complex_has_no_complex_step() -> None:
    with pytest.raises(TypeError, match=r"^f: jac='cs' needs a complex value at complex x, got "):
        minimize(lambda x: abs(fun(x)), START, jac="cs")


def test_it_is_called_as_scipys_minimize_calls_a_method() -> None:
    # SciPy 1.14.1, 1.17.1 and 1.18.1: method(fun, x0, args=args, jac=jac, hess=hess, hessp=hessp,
    # bounds=bounds, constraints=constraints, callback=callback, **options), where tol is among
    # the options if it is given, and jac a callable or None.
    result = minimize(
        both,
        START,
        args=(),
        jac=True,
        hess=None,
        hessp=None,
        bounds=[(0.4, None), (None, None)],
        constraints=(),
        callback=None,
        maxiter=100,
        tol=1e-9,
    )
    assert result.success
    assert result.x[0] == 0.4


class TestFixedVariables:
    """Where differences are taken, a fixed variable is no variable of the run, as in SciPy."""

    def test_counts_are_scipys(self) -> None:
        # SciPy 1.14.1: nit 6, nfev 14, njev 7, x = [0.2634, 2], jac[1] NaN.
        points = []

        def func(x: Vector) -> float:
            points.append(x.copy())
            return float(fun(x))

        result = minimize(func, START, bounds=[(0, None), (2, 2)])
        assert (result.nit, result.nfev, result.njev) == (6, 14, 7)
        assert len(points) == 14
        assert (np.array(points)[:, 1] == 2.0).all()
        assert result.success
        assert result.x[0] == pytest.approx(0.2634, abs=1e-4)  # the digits shown above
        assert result.x[1] == 2.0
        assert abs(result.jac[0]) <= 1e-5
        assert np.isnan(result.jac[1])

    def test_the_inverse_hessian_is_of_all_variables(self) -> None:
        result = minimize(fun, START, bounds=[(0, None), (2, 2)])
        assert result.hess_inv.shape == (2, 2)
        dense = result.hess_inv.todense()
        # At the end of a run along one variable, one secant equation gives 1/f'' up to the error
        # of a secant.
        curvature = 2 + 12 * result.x[0] ** 2
        assert dense[0, 0] == pytest.approx(1 / curvature, rel=0.1)
        np.testing.assert_array_equal(dense[:, 1], [0, 1])

    def test_callbacks_get_all_variables(self) -> None:
        iterates, results = [], []

        def after(intermediate_result: OptimizeResult) -> None:
            results.append(intermediate_result)

        bounds = [(0, None), (2, 2)]
        minimize(fun, START, bounds=bounds, callback=iterates.append)
        minimize(fun, START, bounds=bounds, callback=after)
        assert [len(x) for x in iterates] == [2] * 6
        np.testing.assert_array_equal([result.x for result in results], iterates)
        on_bounds = [1 + (x[0] == 0) for x in iterates]
        assert [result.active_bounds for result in results] == on_bounds
        assert all(np.isnan(result.jac[1]) for result in results)

    def test_all_may_be_fixed(self) -> None:
        result = minimize(fun, START, bounds=[(1, 1), (2, 2)])
        assert (result.success, result.nit, result.nfev) == (True, 0, 1)
        np.testing.assert_array_equal(result.x, [1, 2])

    def test_steps_are_those_of_the_free_variables(self) -> None:
        points: list[Vector] = []

        def func(x: Vector) -> Any:
            points.append(x.copy())
            return fun(x)

        bounds = [(1, 1), (None, None)]
        minimize(func, START, bounds=bounds, eps=[0.5, 0.25], maxiter=1)
        np.testing.assert_array_equal(points[1] - START, [0, 0.25])
        minimize(func, START, bounds=bounds, jac="cs", finite_diff_rel_step=[0.5, 0.25], maxiter=1)
        assert any(point[1].imag == 0.5 for point in points)


def test_nothing_of_the_caller_is_changed() -> None:
    x0, bounds = START.copy(), np.array([[0.0, 3.0], [1.0, 4.0]])
    options = {"maxiter": 5}
    minimize(fun, x0, bounds=bounds, options=options)
    np.testing.assert_array_equal(x0, START)
    np.testing.assert_array_equal(bounds, [[0, 3], [1, 4]])
    assert options == {"maxiter": 5}


def test_the_callers_warnings_are_the_callers() -> None:
    def func(x: Vector) -> float:
        warnings.warn("mine", UserWarning, stacklevel=1)
        return float(fun(x))

    with pytest.warns(UserWarning, match="^mine$") as record:
        result = lbfgsb77.minimize(func, START)
    assert len(record) == result.nfev
