"""use_in_scipy: everything that calls SciPy's L-BFGS-B runs here, as SciPy would have it."""

from __future__ import annotations

import io
import json
import logging
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy
from scipy.optimize import (
    LbfgsInvHessProduct,
    OptimizeResult,
    _lbfgsb,
    _lbfgsb_py,
    _minimize,
    basinhopping,
    differential_evolution,
    fmin_l_bfgs_b,
    minimize,
)

import lbfgsb77
from foreign_kernels import on_each
from lbfgsb77.in_scipy import Call, _log, _switch, _words
from objectives import chain

VERSION = tuple(map(int, scipy.__version__.split(".")[:2]))
START = np.array([-1.2, 1.0, 0.3])
BOX = [(-2, 0.8), (None, None), (0, None)]
SCIPYS = (_lbfgsb_py._minimize_lbfgsb, _lbfgsb_py.fmin_l_bfgs_b, _lbfgsb.setulb)


def value(x: np.ndarray) -> float:
    return chain(x)[0]


def gradient(x: np.ndarray) -> np.ndarray:
    return chain(x)[1]


def by_scipy(**arguments: Any) -> Any:
    return minimize(chain, START, jac=True, method="L-BFGS-B", **arguments)


class TestSwitching:
    def test_names_imported_before_are_reached(self) -> None:
        switch = lbfgsb77.use_in_scipy()
        result = by_scipy(bounds=BOX)
        x, f, d = fmin_l_bfgs_b(chain, START, bounds=BOX)
        own = lbfgsb77.minimize(chain, START, jac=True, bounds=BOX)
        for point in (result.x, x):
            np.testing.assert_array_equal(point, own.x)
        assert result.fun == f == own.fun
        assert result.nfev == d["funcalls"] == own.nfev
        assert result.reason == d["reason"] == own.reason
        assert len(switch.calls) == 2

    def test_a_method_that_scipy_chooses_itself_is_reached(self) -> None:
        with lbfgsb77.use_in_scipy() as switch:
            minimize(value, START, bounds=BOX)  # the default with bounds
            basinhopping(value, START, niter=2, minimizer_kwargs={"method": "L-BFGS-B"})
            differential_evolution(value, [(-2, 2)] * 3, maxiter=2)
        assert len(switch.calls) == 1 + 3 + 1

    def test_other_methods_are_not(self) -> None:
        with lbfgsb77.use_in_scipy() as switch:
            minimize(value, START, method="Nelder-Mead")
            minimize(chain, START, jac=True, method="BFGS")
        assert switch.calls == []

    def test_undo_restores(self) -> None:
        for _ in range(2):
            switch = lbfgsb77.use_in_scipy()
            assert "in use" in repr(switch)
            switch.undo()
            switch.undo()
            found = _lbfgsb_py._minimize_lbfgsb, _lbfgsb_py.fmin_l_bfgs_b, _lbfgsb.setulb
            assert found == SCIPYS
            assert _minimize._minimize_lbfgsb is SCIPYS[0]
            assert scipy.optimize.fmin_l_bfgs_b is SCIPYS[1]
            assert fmin_l_bfgs_b is SCIPYS[1]
            assert scipy.optimize._lbfgsb is _lbfgsb
            assert not hasattr(by_scipy(), "reason")
            assert "undone" in repr(switch)

    def test_a_with_statement_ends_with_an_exception_too(self) -> None:
        with pytest.raises(KeyError), lbfgsb77.use_in_scipy():
            raise KeyError
        assert _lbfgsb_py._minimize_lbfgsb is SCIPYS[0]

    def test_two_at_once_are_refused(self) -> None:
        with (
            lbfgsb77.use_in_scipy(),
            pytest.raises(RuntimeError, match=r"use_in_scipy: it is in use already"),
        ):
            lbfgsb77.use_in_scipy()
        assert _lbfgsb_py._minimize_lbfgsb is SCIPYS[0]

    @pytest.mark.parametrize("version", ["1.13.1", "1.19.0", "2.0.0.dev0"])
    def test_another_scipy_is_refused_unless_forced(
        self, version: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(scipy, "__version__", version)
        with pytest.raises(
            RuntimeError, match=rf"SciPy 1.14 to 1.18 are tested, this is {version}"
        ):
            lbfgsb77.use_in_scipy()
        with lbfgsb77.use_in_scipy(force=True) as switch:
            by_scipy()
        assert len(switch.calls) == 1

    @on_each
    def test_another_kernel(self, kernel: str) -> None:
        with lbfgsb77.use_in_scipy(backend=kernel):
            result = by_scipy()
        with lbfgsb77.backend(kernel):
            expected = lbfgsb77.minimize(chain, START, jac=True)
        np.testing.assert_array_equal(result.x, expected.x)
        assert result.nfev == expected.nfev

    def test_an_unknown_kernel_is_refused(self) -> None:
        with pytest.raises(ValueError, match=r"^backend: "):
            lbfgsb77.use_in_scipy(backend="fast")
        assert _lbfgsb_py._minimize_lbfgsb is SCIPYS[0]


class TestAsScipys:
    """What comes back has the installed SciPy's classes, words, numbers and warnings."""

    CASES = (
        {},
        {"options": {"ftol": 1e-2, "gtol": 0}},
        {"options": {"maxiter": 1}},
        {"options": {"maxfun": 1}},
        {"options": {"maxiter": 0}},
        {"options": {"maxcor": 0}},
        {"options": {"ftol": -1.0}},
        {"tol": 1e-3},
        {"bounds": BOX},
        {"hess": lambda x: 0},
        {"options": {"nonsense": 1}},
        {"constraints": {"type": "eq", "fun": lambda x: 0}},
    )

    @pytest.mark.parametrize("arguments", CASES, ids=str)
    def test_result(self, arguments: dict[str, Any]) -> None:
        with warnings.catch_warnings(record=True) as theirs:
            warnings.simplefilter("always")
            plain = by_scipy(**arguments)
        with warnings.catch_warnings(record=True) as ours, lbfgsb77.use_in_scipy():
            warnings.simplefilter("always")
            result = by_scipy(**arguments)
        assert [(w.category, str(w.message)) for w in ours] == [
            (w.category, str(w.message)) for w in theirs
        ]
        assert type(result) is type(plain) is OptimizeResult
        assert set(result) == {*plain, "reason"}
        for name in ("message", "status", "success", "nit", "nfev", "njev"):
            assert result[name] == plain[name], name
            assert type(result[name]) is type(plain[name]), name
        # The two round some sums differently, and a few steps grow that.
        np.testing.assert_allclose(result.x, plain.x, rtol=1e-6)
        assert type(result.hess_inv) is LbfgsInvHessProduct
        assert result.hess_inv.shape == plain.hess_inv.shape
        assert result.hess_inv.n_corrs == plain.hess_inv.n_corrs
        if result.nit <= 10:  # after more, SciPy's pairs are not in the order of time
            np.testing.assert_allclose(
                result.hess_inv.todense(), plain.hess_inv.todense(), rtol=1e-3, atol=1e-9
            )

    def test_a_failed_search(self) -> None:
        def uphill(x: np.ndarray) -> Any:
            return chain(x)[0], -chain(x)[1]

        plain = minimize(uphill, START, jac=True, method="L-BFGS-B")
        with lbfgsb77.use_in_scipy():
            result = minimize(uphill, START, jac=True, method="L-BFGS-B")
        assert (result.message, result.status) == (plain.message, plain.status)
        assert result.reason.startswith("the gradient disagrees with f")

    @pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
    def test_a_start_that_is_not_finite_ends_as_there(self, number: float) -> None:
        start = [1.0, number, 2.0]
        with np.errstate(all="ignore"):
            plain = minimize(chain, start, jac=True, method="L-BFGS-B")
            with lbfgsb77.use_in_scipy():
                result = minimize(chain, start, jac=True, method="L-BFGS-B")
        assert (result.message, result.status) == (plain.message, plain.status)
        assert result.reason == f"the start is not finite: x0[1] is {number}"

    def test_a_value_of_nan_is_no_success(self) -> None:
        with lbfgsb77.use_in_scipy():
            result = minimize(lambda x: (np.nan, x), START, jac=True, method="L-BFGS-B")
        assert (result.success, result.status) == (False, 2)

    @pytest.mark.parametrize("named", [False, True])
    def test_callbacks(self, named: bool) -> None:
        seen: list[Any] = []

        def old(xk: np.ndarray) -> None:
            seen.append(xk.copy())
            if len(seen) == 3:
                raise StopIteration

        def new(intermediate_result: OptimizeResult) -> None:
            assert type(intermediate_result) is OptimizeResult
            assert intermediate_result.fun == value(intermediate_result.x)
            old(intermediate_result.x)

        results = []
        for arguments in ({}, {"callback": new if named else old}):
            del seen[:]
            with lbfgsb77.use_in_scipy():
                results.append(by_scipy(**arguments))
        assert results[1].nit == len(seen) == 3
        np.testing.assert_array_equal(results[1].x, seen[-1])
        assert results[1].status == 99
        assert results[1].message == "`callback` raised `StopIteration`."

    @pytest.mark.parametrize("jac", [True, gradient, None, "2-point", "3-point", False])
    @pytest.mark.parametrize("bounds", [None, BOX, [(1, 1), (None, None), (0, None)]])
    def test_every_spelling_of_the_gradient(self, jac: Any, bounds: Any) -> None:
        func = chain if jac is True else value
        plain = minimize(func, START, jac=jac, bounds=bounds, method="L-BFGS-B")
        with lbfgsb77.use_in_scipy():
            result = minimize(func, START, jac=jac, bounds=bounds, method="L-BFGS-B")
        # Two sums in another order, and some evaluations more or less in fifty iterations.
        assert abs(result.nit - plain.nit) <= 1
        assert abs(result.njev - plain.njev) <= 2
        assert result.nfev * plain.njev == plain.nfev * result.njev
        np.testing.assert_allclose(result.x, plain.x, rtol=1e-5, atol=1e-5)

    @pytest.mark.parametrize("arguments", [{"iprint": 1}, {"disp": True}, {"disp": 0}])
    def test_iprint_and_disp(
        self, arguments: dict[str, Any], capfd: pytest.CaptureFixture[str]
    ) -> None:
        with warnings.catch_warnings(record=True) as theirs:
            warnings.simplefilter("always")
            by_scipy(options=arguments)
        prints = bool(capfd.readouterr().out)
        with warnings.catch_warnings(record=True) as ours, lbfgsb77.use_in_scipy():
            warnings.simplefilter("always")
            by_scipy(options=arguments)
        assert [(w.category, str(w.message)) for w in ours] == [
            (w.category, str(w.message)) for w in theirs
        ]
        assert (
            bool(capfd.readouterr().out)
            == prints
            == (VERSION < (1, 15) and arguments != {"disp": 0})
        )

    def test_no_variables(self) -> None:
        def outcome() -> Any:
            try:
                return minimize(lambda x: (0.0, x), [], jac=True, method="L-BFGS-B").message
            except ValueError as error:
                return str(error)

        plain = outcome()
        with lbfgsb77.use_in_scipy():
            assert outcome() == plain

    def test_an_option_of_a_newer_scipy_goes_to_scipy_with_one_warning(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        original = _lbfgsb_py._minimize_lbfgsb
        asked = []

        def newer(
            fun: Any, x0: Any, args: Any = (), jac: Any = None, bounds: Any = None,
            callback: Any = None, damping: Any = None, **options: Any,
        ) -> Any:  # fmt: skip
            asked.append(damping)
            return original(fun, x0, args, jac, bounds, callback=callback, **options)

        for module in (_lbfgsb_py, _minimize):
            monkeypatch.setattr(module, "_minimize_lbfgsb", newer)
        with lbfgsb77.use_in_scipy() as switch:
            with pytest.warns(RuntimeWarning, match="doesn't know damping: SciPy's own"):
                result = by_scipy(options={"damping": 0.5})
            by_scipy(options={"damping": 0.6})
        assert asked == [0.5, 0.6]
        assert not hasattr(result, "reason")
        assert switch.calls == []


class TestLog:
    def calls(self, log: Any = None) -> list[Call]:
        with lbfgsb77.use_in_scipy(log=log) as switch:
            by_scipy()
            minimize(lambda x: (np.nan, x), START, jac=True, method="L-BFGS-B")
        return switch.calls

    def test_each_call_says_who_and_what(self) -> None:
        first, second = self.calls()
        assert first.who.startswith(f"{__name__}:by_scipy:")
        assert (first.n, first.status) == (3, 0)
        assert first.nit > 5
        assert first.nfev > first.nit
        assert first.reason.startswith("the ")
        assert not first.failed
        assert second.failed
        assert second.reason.endswith("f was nan")

    def test_a_stream_gets_lines(self) -> None:
        stream = io.StringIO()
        calls = self.calls(stream)
        assert stream.getvalue() == "".join(f"{call}\n" for call in calls)

    def test_a_file_gets_json(self, tmp_path: Path) -> None:
        file = tmp_path / "calls.jsonl"
        calls = self.calls(file)
        assert [json.loads(line) for line in file.read_text().splitlines()] == [
            call._asdict() for call in calls
        ]
        assert _log.read(str(file)) == calls

    def test_a_logger_and_a_callable(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO, "fits"):
            calls = self.calls(logging.getLogger("fits"))
        assert [record.message for record in caplog.records] == list(map(str, calls))
        seen: list[Call] = []
        assert self.calls(seen.append) == seen
        assert len(seen) == 2

    def test_another_log_is_refused(self) -> None:
        with pytest.raises(TypeError, match=r"^log: a stream, path, logger or callable"):
            lbfgsb77.use_in_scipy(log=3)

    def test_summary(self) -> None:
        with lbfgsb77.use_in_scipy() as switch:
            assert "nothing was minimized" in switch.summary()
            for _ in range(3):
                by_scipy()
            minimize(lambda x: (np.nan, x), START, jac=True, method="L-BFGS-B")
        lines = switch.summary().splitlines()
        assert lines[0].startswith("lbfgsb77: 4 minimizations in the place of SciPy's L-BFGS-B, ")
        assert lines[1].split() == ["4", "from", __name__]
        assert lines[2].startswith("       3 ended with CONVERGENCE: ")
        assert lines[4] == "       1 failed:"
        assert lines[5].endswith("f was nan")


@pytest.mark.parametrize(
    ("task", "old", "new"),
    # As SciPy 1.14.1, and 1.15.3 to 1.18.1, say it.
    [
        (
            "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL",
            "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL",
            "CONVERGENCE: NORM OF PROJECTED GRADIENT <= PGTOL",
        ),
        (
            "CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH",
            "CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH",
            "CONVERGENCE: RELATIVE REDUCTION OF F <= FACTR*EPSMCH",
        ),
        (
            "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT",
            "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT",
            "STOP: TOTAL NO. OF ITERATIONS REACHED LIMIT",
        ),
        (
            "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT",
            "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT",
            "STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT",
        ),
        ("ABNORMAL_TERMINATION_IN_LNSRCH", "ABNORMAL_TERMINATION_IN_LNSRCH", "ABNORMAL: "),
        ("ABNORMAL: F IS NOT A FUNCTION OF X", "ABNORMAL_TERMINATION_IN_LNSRCH", "ABNORMAL: "),
        ("ERROR: M .LE. 0", "ERROR: M .LE. 0", "ERROR: M <= 0"),
    ],
)
def test_words(task: str, old: str, new: str) -> None:
    assert _words.message(task, (1, 14)) == old
    for minor in range(15, 19):
        assert _words.message(task, (1, minor)) == new


@pytest.mark.parametrize(
    ("disp", "iprint", "rows"),
    [
        (None, -1, None), (None, 1, 1), (None, 5, 5), (None, 99, 1), (None, 0, 10**9), (0, 1, None),
        (False, 1, None), (True, -1, 1), (7, -1, 7), (None, "x", None),
    ],
)  # fmt: skip
def test_how_often_scipy_1_14_prints(disp: Any, iprint: Any, rows: int | None) -> None:
    assert _words.rows_shown((1, 14), disp, iprint) == rows
    assert _words.rows_shown((1, 15), disp, iprint) is None


def test_it_is_none_of_a_process_that_never_asks() -> None:
    assert _switch._active == []
