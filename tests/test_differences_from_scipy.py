"""Each section of docs/explanation/differences-from-scipy.md is true of this package."""

from __future__ import annotations

import math
import multiprocessing
import re
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lbfgsb77
from lbfgsb77 import LBFGSB, _lbfgsb, fmin_l_bfgs_b, minimize
from objectives import chain

Vector = np.ndarray

PAGE = Path(__file__).parents[1] / "docs" / "explanation" / "differences-from-scipy.md"

TESTS: dict[str, Callable[..., None]] = {}


def shows(section: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Say which section a test is of."""

    def register(test: Callable[..., None]) -> Callable[..., None]:
        TESTS[section] = test
        return test

    return register


def test_every_section_has_a_test_and_every_test_a_section() -> None:
    sections = re.findall(r"^### (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sections == list(TESTS)


def quartic(x: Vector) -> tuple[float, Vector]:
    return float(((x - 1) ** 4).sum()), 4 * (x - 1) ** 3


def squares(x: Vector) -> Any:
    return (x**2).sum()


class Spoilt:
    """`quartic`, whose f is something else from the third evaluation on."""

    def __init__(self, f: float) -> None:
        self.f = f
        self.calls = 0

    def __call__(self, x: Vector) -> tuple[float, Vector]:
        self.calls += 1
        f, g = quartic(x)
        return (f if self.calls < 3 else self.f), g


@shows("Success means numbers")
@pytest.mark.parametrize("f", [math.nan, math.inf, -math.inf])
def test_success(f: float) -> None:
    result = minimize(Spoilt(f), [3.0, 4.0], jac=True)
    assert (result.success, result.status) == (False, 2)
    assert math.isfinite(result.fun)
    assert result.fun == quartic(result.x)[0] < quartic(np.array([3.0, 4.0]))[0]
    _, value, d = fmin_l_bfgs_b(Spoilt(f), [3.0, 4.0])
    assert (value, d["warnflag"]) == (result.fun, 2)


@shows("A trial without a value is no end")
@pytest.mark.parametrize("start", [5.0, 500.0])
def test_trials(start: float) -> None:
    def barrier(x: Vector) -> tuple[float, Vector]:
        with np.errstate(all="ignore"):
            return float((x - np.log(x)).sum()), 1 - 1 / x

    x, _, d = fmin_l_bfgs_b(barrier, [start], bounds=[(0, 1000)])
    assert d["warnflag"] == 0
    assert x == pytest.approx(1.0, abs=1e-4)  # pgtol 1e-5 over the curvature 1
    result = minimize(lambda x: (math.nan, x), [3.0], jac=True)
    assert (result.nfev, result.status) == (1, 2)


@shows("Never worse than an iterate")
@pytest.mark.parametrize("maxls", [1, 2, 3])
def test_never_worse(maxls: int) -> None:
    values = []

    def callback(intermediate_result: Any) -> None:
        values.append(intermediate_result.fun)

    result = minimize(chain, np.full(9, -1.2), jac=True, maxls=maxls, callback=callback)
    assert result.fun == min(values)


@shows("Every ending has a reason")
def test_reasons() -> None:
    result = minimize(quartic, [3.0, 4.0], jac=True, maxiter=2)
    assert result.reason == "limit reached: maxiter = 2 iterations"
    assert fmin_l_bfgs_b(quartic, [3.0, 4.0], maxiter=2)[2]["reason"] == result.reason


@shows("Messages are version 3.0's")
def test_messages() -> None:
    result = minimize(quartic, [3.0], jac=True)
    assert result.message == "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL"


@shows("A callback's StopIteration ends a run like any other ending")
def test_stop_iteration() -> None:
    def callback(x: Vector) -> None:
        raise StopIteration

    result = minimize(quartic, [3.0], jac=True, callback=callback)
    assert (result.status, result.message) == (2, "STOP: CALLBACK REQUESTED HALT")


@shows("The same bits everywhere")
def test_bits() -> None:
    # The same on every machine that this test has passed on; other tests compare with SciPy.
    result = minimize(chain, [-1.2, 1.0], jac=True)
    assert (result.nit, result.nfev) == (36, 44)
    assert [number.hex() for number in result.x.tolist()] == BITS


BITS = ["0x1.ffffdc9c9e884p-1", "0x1.ffffbd97b5a8cp-1"]


@shows("The inverse Hessian's pairs are in the order of time")
@pytest.mark.parametrize("maxiter", range(8, 18))
def test_pairs(maxiter: int) -> None:
    iterates = [np.full(6, -1.2)]
    result = minimize(
        chain, iterates[0], jac=True, callback=iterates.append, maxcor=5, maxiter=maxiter
    )
    s = iterates[-2] - iterates[-3]
    y = chain(iterates[-2])[1] - chain(iterates[-3])[1]
    # Differences of iterates are rounded once more than the kernel's own.
    np.testing.assert_allclose(result.hess_inv @ y, s, rtol=1e-8)


@shows("The inverse Hessian needs no SciPy")
def test_operator() -> None:
    result = minimize(quartic, [3.0, 4.0], jac=True)
    operator = result.hess_inv
    assert type(operator).__module__ == "lbfgsb77"
    assert type(result).__module__ == "lbfgsb77"
    for name in ("shape", "dtype", "matvec", "matmat", "rmatvec", "__matmul__", "todense"):
        assert hasattr(operator, name)


@shows("Callbacks learn more")
def test_callbacks() -> None:
    results = []

    def callback(intermediate_result: Any) -> None:
        results.append(dict(intermediate_result))
        intermediate_result.x[:] = intermediate_result.jac[:] = math.nan

    result = minimize(quartic, [3.0, 4.0], jac=True, callback=callback, bounds=[(2, None)] * 2)
    assert set(results[0]) == {
        *("x", "fun", "jac", "nit", "nfev"),
        *("projected_gradient_norm", "step", "active_bounds"),
        *("segments", "active_variables", "subspace_end", "trials", "step_length"),
    }
    untouched = minimize(quartic, [3.0, 4.0], jac=True, bounds=[(2, None)] * 2)
    np.testing.assert_array_equal(result.x, untouched.x)
    np.testing.assert_array_equal(result.jac, untouched.jac)


@shows("Fixed variables keep their place in the inverse Hessian")
def test_fixed() -> None:
    result = minimize(lambda x: quartic(x)[0], [3.0, 2.0], bounds=[(None, None), (2, 2)])
    assert np.isnan(result.jac[1])
    assert result.hess_inv.shape == (2, 2)
    assert not result.hess_inv.sk[:, 1].any()
    assert not result.hess_inv.yk[:, 1].any()
    assert result.hess_inv.sk[:, 0].all()


@shows("All variables fixed is a run too")
def test_all_fixed() -> None:
    result = minimize(squares, [1.0, 2.0], bounds=[(1, 1), (2, 2)])
    assert result.nfev == 1
    assert result.message == "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL"
    assert {"status", "nit", "jac", "hess_inv"} < set(result)


@shows("fmin_l_bfgs_b takes differences beside fixed variables")
def test_fmin_fixed() -> None:
    x, _, d = fmin_l_bfgs_b(squares, [1.0, 2.0], approx_grad=True, bounds=[(1, 1), (None, None)])
    assert d["warnflag"] == 0
    np.testing.assert_allclose(x, [1, 0], atol=1e-5)  # pgtol over the curvature 2
    assert d["grad"][0] == 0
    assert d["funcalls"] % 2 == 0


@shows("Points of differences are inside the bounds")
@pytest.mark.parametrize("jac", ["2-point", "3-point"])
def test_inside(jac: str) -> None:
    random = np.random.RandomState(0)
    for _ in range(100):
        x = random.uniform(-3, 3, 20)
        lower, upper = x - 10 ** random.uniform(-17, 1, 20), x + 10 ** random.uniform(-17, 1, 20)
        points = []

        def func(x: Vector, points: list[Vector] = points) -> Any:
            points.append(x)
            return squares(x)

        bounds = np.column_stack([lower, upper])
        minimize(func, x, jac=jac, bounds=bounds, finite_diff_rel_step=1.0, maxiter=1)
        assert ((points >= lower) & (points <= upper)).all()


@shows("What minimize takes")
def test_options() -> None:
    by_name = minimize(chain, [-1.2, 1.0], jac=True, maxiter=5, maxcor=3)
    by_dict = minimize(chain, [-1.2, 1.0], jac=True, options={"maxiter": 5, "maxcor": 3})
    np.testing.assert_array_equal(by_name.x, by_dict.x)
    minimize(chain, [-1.2, 1.0], jac=True, method="l-bfgs-b")
    with pytest.raises(ValueError, match=r"^method: 'L-BFGS-B' is expected, got 'Nelder-Mead'$"):
        minimize(chain, [-1.2, 1.0], jac=True, method="Nelder-Mead")


@shows("Three more limits")
def test_more_limits() -> None:
    assert "maxtime" in minimize(quartic, [3.0, 4.0], jac=True, maxtime=0).reason
    assert "ftarget" in minimize(quartic, [3.0, 4.0], jac=True, ftarget=1e9).reason
    assert "xtol" in minimize(quartic, [3.0, 4.0], jac=True, xtol=1e9).reason


@shows("Given to SciPy as a method")
def test_as_method() -> None:
    # What SciPy's minimize hands to a callable; measured with 1.14.1, 1.17.1 and 1.18.1.
    handed = {"args": (), "jac": None, "hess": None, "hessp": None, "bounds": None}
    result = minimize(squares, np.ones(2), **handed, constraints=(), callback=None, tol=1e-6)
    assert result.success
    assert minimize(squares, np.ones((2, 2))).x.shape == (4,)


@shows("Constraints are refused")
def test_constraints() -> None:
    with pytest.raises(ValueError, match=r"^constraints: L-BFGS-B "):
        minimize(quartic, [3.0], jac=True, constraints=squares)


@shows("An unknown spelling of jac is refused")
def test_unknown_jac() -> None:
    with pytest.raises(ValueError, match=r"^jac: .*'4-point'"):
        minimize(squares, [3.0], jac="4-point")


@shows("A complex step needs a complex value")
def test_complex_step() -> None:
    with pytest.raises(TypeError, match=r"^f: jac='cs' needs a complex value"):
        minimize(lambda x: float(abs(x[0])), [3.0], jac="cs")


@shows("Values are real")
def test_real() -> None:
    with pytest.raises(TypeError, match=r"^f: a real number is expected"):
        minimize(lambda x: squares(x) + 0j, [3.0])
    with pytest.raises(TypeError, match=r"^x0: real numbers are expected"):
        minimize(squares, [3j])


@shows("Bad input gets a sentence")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"x0": [1.0, math.nan]}, "x0[1]: a number is expected, got nan"),
        ({"bounds": [(0, 1), (math.nan, 1)]}, "bounds[1]: lower is nan, a number or None is "),
        ({"bounds": [(0, 1), (2, 1)]}, "bounds[1]: lower 2.0 exceeds upper 1.0"),
        ({"maxcor": 0}, "maxcor: must be positive, got 0"),
        ({"ftol": -1}, "ftol: must not be negative, got -1"),
        ({"jac": lambda x: np.ones(3)}, "g: the gradient has 3 components, x has 2"),
    ],
)
def test_sentences(arguments: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        minimize(**{"fun": squares, "x0": [0.5, 0.5], **arguments})


@shows("Unknown options warn with a class of our own, unknown keywords are refused")
def test_unknown_options() -> None:
    with pytest.warns(lbfgsb77.OptimizeWarning, match="^Unknown solver options: foo$"):
        minimize(squares, [3.0], options={"foo": 1})
    with pytest.raises(TypeError, match=r"^foo: no argument has this name$"):
        minimize(squares, [3.0], foo=1)


@shows("Nothing is printed")
def test_silence(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.warns(DeprecationWarning, match="nothing is printed"):
        fmin_l_bfgs_b(quartic, [3.0], iprint=101)
    with pytest.warns(DeprecationWarning, match="nothing is printed"):
        minimize(quartic, [3.0], jac=True, disp=True)
    assert capfd.readouterr() == ("", "")


@shows("Workers take any function, and futures")
def test_workers() -> None:
    alone = minimize(squares, np.ones(3))
    if multiprocessing.get_start_method() == "fork":
        with warnings.catch_warnings():
            # Python 3.12 and later warn of a fork beside threads, which are those of libraries.
            warnings.filterwarnings("ignore", ".*use of fork", DeprecationWarning)
            result = minimize(lambda x: squares(x), np.ones(3), workers=2)
        np.testing.assert_array_equal(result.x, alone.x)
    with ThreadPoolExecutor(2) as executor:
        result = minimize(
            squares, np.ones(3), workers=lambda f, points: [executor.submit(f, x) for x in points]
        )
    np.testing.assert_array_equal(result.x, alone.x)


@shows("The kernel's module is called as SciPy 1.14's was")
def test_setulb(capfd: pytest.CaptureFixture[str]) -> None:
    n, m = 2, 5
    x, lower, upper, g = np.array([3.0, 4.0]), np.zeros(n), np.zeros(n), np.zeros(n)
    nbd, f = np.zeros(n, np.int32), np.array(0.0)
    wa = np.zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m)
    iwa = np.zeros(3 * n, np.int32)
    task, csave = np.zeros(1, "S60"), np.zeros(1, "S60")
    lsave, isave, dsave = np.zeros(4, np.int32), np.zeros(44, np.int32), np.zeros(29)
    task[:] = b"START"
    for _ in range(1000):
        _lbfgsb.setulb(
            m, x, lower, upper, nbd, f, g, 1e7, 1e-5, wa, iwa, task, 1, csave, lsave, isave, dsave,
            20,
        )  # fmt: skip
        if task[0].startswith(b"FG"):
            f[()], g[:] = quartic(x)
        elif not task[0].startswith(b"NEW_X"):
            break
    assert task[0].strip() == b"CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL"
    by_fmin, _, d = fmin_l_bfgs_b(quartic, [3.0, 4.0], m=m)
    np.testing.assert_array_equal(x, by_fmin)
    assert isave[29] == d["nit"]
    assert isave[33] == d["funcalls"]
    assert not hasattr(_lbfgsb, "types")
    assert capfd.readouterr() == ("", "")


@shows("Memory is asked for first")
def test_memory() -> None:
    x0 = np.broadcast_to(1.0, 2**28)
    with pytest.raises(MemoryError, match="GiB"):
        LBFGSB(x0, m=100_000)
