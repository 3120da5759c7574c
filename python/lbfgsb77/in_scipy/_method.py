"""What takes the place of SciPy's own function behind ``method="L-BFGS-B"``."""

from __future__ import annotations

import inspect
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from lbfgsb77._problem import problem, settings, words
from lbfgsb77._problem.objective import ByDifferences, by_jac
from lbfgsb77._run import backend, status
from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._watch.table import Table
from lbfgsb77.in_scipy import _words
from lbfgsb77.in_scipy._log import Call, Log, caller
from lbfgsb77.in_scipy._record import Recorder, packed

# SciPy's options that are known here.
_OPTIONS: Final = {
    "disp": None, "maxcor": 10, "ftol": 2.220446049250313e-09, "gtol": 1e-05, "eps": 1e-8,
    "maxfun": 15000, "maxiter": 15000, "iprint": -1, "maxls": 20, "finite_diff_rel_step": None,
    "workers": None,
}  # fmt: skip


class _Last(threading.local):
    """The reason of the last run of each thread, for `fmin_l_bfgs_b`, whose result has no room."""

    reason = ""


last: Final = _Last()


class Method:
    """``scipy.optimize._lbfgsb_py._minimize_lbfgsb``, on this package.

    Parameters
    ----------
    original : callable
        SciPy's function.
    scipy : tuple of int
        Its version.
    kernel : str
        The backend to run on.
    log : Log
    recorder : Recorder or None
        Where every evaluation is kept.
    """

    def __init__(
        self,
        original: Callable[..., Any],
        scipy: _words.Version,
        kernel: str,
        log: Log,
        recorder: Recorder | None = None,
    ) -> None:
        self._original = original
        self._scipy = scipy
        self._kernel = kernel
        self._log = log
        self._recorder = recorder
        parameters = inspect.signature(original).parameters
        self._known = set(parameters)
        # Some options have a default that stands for none, and are passed on with it.
        self._defaults = {name: parameter.default for name, parameter in parameters.items()}
        self._warned: set[str] = set()

    def __call__(
        self,
        fun: Callable[..., Any],
        x0: Any,
        args: Any = (),
        jac: Any = None,
        bounds: Any = None,
        callback: Callable[..., Any] | None = None,
        **options: Any,
    ) -> Any:
        """Minimize; the result is SciPy's, and has a ``reason``."""
        newer = [name for name in options if name in self._known and name not in _OPTIONS]
        if newer:
            self._warn_of_newer(newer)
        if newer or np.size(x0) == 0:
            return self._original(fun, x0, args, jac, bounds, callback=callback, **options)
        who, began = caller(), time.perf_counter()
        given = self._checked(options)
        with backend.backend(self._kernel):
            result = self._solve(who, fun, x0, args, jac, bounds, callback, given)
        last.reason = result["reason"]
        self._log.add(
            Call(
                who,
                len(result["x"]),
                result["nit"],
                result["nfev"],
                result["status"],
                result["message"],
                result["reason"],
                time.perf_counter() - began,
            )
        )
        return result

    def _warn_of_newer(self, names: list[str]) -> None:
        fresh = [name for name in names if name not in self._warned]
        if fresh:
            self._warned.update(fresh)
            warnings.warn(
                f"lbfgsb77 doesn't know {', '.join(fresh)}: SciPy's own L-BFGS-B is called where "
                "it is given",
                RuntimeWarning,
                stacklevel=4,
            )

    def _checked(self, options: dict[str, Any]) -> dict[str, Any]:
        """The options with SciPy's defaults; what SciPy doesn't know, it warns of."""
        from scipy.optimize import _optimize

        unknown = {name: value for name, value in options.items() if name not in self._known}
        _optimize._check_unknown_options(unknown)
        given = {
            name: value
            for name, value in options.items()
            if name not in unknown and value is not self._defaults[name]
        }
        if self._scipy >= (1, 16) and {"disp", "iprint"} & given.keys():
            warnings.warn(_words.SILENT, DeprecationWarning, stacklevel=5)
        return _OPTIONS | given

    def _solve(
        self, who: str, fun: Any, x0: Any, args: Any, jac: Any, bounds: Any, callback: Any,
        given: dict[str, Any],
    ) -> Any:  # fmt: skip
        evaluate = by_jac(fun, jac, args if isinstance(args, tuple) else (args,), given)
        refused = self._refused(given)
        if refused:
            return self._without_a_run(refused, x0, bounds, evaluate)
        how = settings.read(
            m=words.said("maxcor", given["maxcor"]),
            factr=words.said("ftol", given["ftol"]),
            pgtol=words.said("gtol", given["gtol"]),
            maxfun=given["maxfun"],
            maxiter=given["maxiter"],
            maxls=given["maxls"],
        )
        asked = problem.read(x0, bounds, how, evaluate, without_fixed=True, any_start=True)
        callbacks = self._callbacks(callback, given)
        if self._recorder is None:
            run = asked.solve(callbacks)
        else:
            with self._recorder.recording(who, f"lbfgsb77, {self._kernel}", x0, bounds) as kept:
                run = asked.solve(callbacks, observed=kept.observed)
                x = asked.expanded(run.result).x
                kept.end({"ending": run.task, "nit": run.nit, "x": packed(x)})
        return self._scipys(asked.expanded(run.result))

    def _refused(self, given: dict[str, Any]) -> str:
        """The kernel's word for an option for which SciPy returns a result and doesn't raise."""
        if isinstance(given["maxcor"], (int, np.integer)) and given["maxcor"] <= 0:
            return "ERROR: M .LE. 0"
        if isinstance(given["ftol"], (int, float, np.number)) and given["ftol"] < 0:
            return "ERROR: FACTR .LT. 0"
        return ""

    def _without_a_run(self, task: str, x0: Any, bounds: Any, evaluate: Any) -> Any:
        how = settings.read(m=1, factr=0, pgtol=0, maxfun=None, maxiter=None, maxls=20)
        asked = problem.read(x0, bounds, how, evaluate, any_start=True)
        run = asked.begin()
        x = run.ask()
        objective = asked.objective
        if isinstance(objective, ByDifferences):
            with objective.evaluating(*run.bounds) as (values, cost):
                f, g = values(x.copy())
        else:
            assert objective is not None
            (f, g), cost = objective(x.copy()), 1
        run.tell(f, g, cost)
        run.stop()
        result = run.result
        result.update(message=task, status=status.STOPPED, success=False)
        result["reason"] = f"the kernel refused its input: {task}"
        return self._scipys(result)

    def _callbacks(self, callback: Any, given: dict[str, Any]) -> Any:
        """SciPy's wrapped callback, and the table where that SciPy prints."""
        from scipy.optimize import OptimizeResult as ScipysResult
        from scipy.optimize import _optimize

        calls: list[Callable[..., Any]] = []
        rows = _words.rows_shown(self._scipy, given["disp"], given["iprint"])
        if rows is not None:
            calls.append(Table(rows))
        if callback is not None:
            # SciPy has wrapped the user's: the wrapper takes one result, and is where
            # scipy.optimize.minimize looks for a StopIteration.
            def wrapped(intermediate_result: OptimizeResult) -> None:
                halt = _optimize._call_callback_maybe_halt
                if halt(callback, ScipysResult(intermediate_result)):
                    raise StopIteration

            calls.append(wrapped)
        return calls

    def _scipys(self, result: OptimizeResult) -> Any:
        """The same as SciPy's result, with a ``reason`` besides."""
        from scipy.optimize import LbfgsInvHessProduct
        from scipy.optimize import OptimizeResult as ScipysResult

        pairs = result["hess_inv"]
        return ScipysResult(
            fun=result["fun"],
            jac=result["jac"],
            nfev=result["nfev"],
            njev=result["njev"],
            nit=result["nit"],
            status=result["status"],
            message=_words.message(result["message"], self._scipy),
            x=result["x"],
            success=result["success"],
            reason=result["reason"],
            hess_inv=LbfgsInvHessProduct(pairs.sk, pairs.yk),
        )


class ScipysOwn:
    """SciPy's own function, with every evaluation recorded."""

    def __init__(self, original: Callable[..., Any], version: str, recorder: Recorder) -> None:
        self._original = original
        self._solver = f"SciPy {version}"
        self._recorder = recorder

    def __call__(
        self, fun: Any, x0: Any, args: Any = (), jac: Any = None, bounds: Any = None, **options: Any
    ) -> Any:
        """As SciPy calls it; where it takes differences, each of its calls is kept, and no g."""
        with self._recorder.recording(caller(), self._solver, x0, bounds) as kept:
            last: dict[str, Any] = {}

            def value(x: Any, *more: Any) -> Any:
                point = packed(x)
                f = fun(x, *more)
                if callable(jac):
                    last.update(x=point, f=f)
                else:
                    kept.add(point, f, None)
                return f

            def gradient(x: Any, *more: Any) -> Any:
                point = packed(x)
                g = jac(x, *more)
                f = last["f"] if last.get("x") == point else np.nan
                kept.add(point, f, g)
                return g

            slope = gradient if callable(jac) else jac
            result = self._original(value, x0, args, slope, bounds, **options)
            end = {"ending": result.message, "nit": result.nit, "x": packed(result.x)}
            kept.end(end)
        return result
