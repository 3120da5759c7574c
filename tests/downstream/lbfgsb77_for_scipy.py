"""A pytest plugin: SciPy's L-BFGS-B replaced by lbfgsb77, everywhere and before collection.

    python -m pytest -p lbfgsb77_for_scipy --minimizer lbfgsb77 --outcomes outcomes.json ...

``--minimizer scipy`` replaces nothing: the same tests as they are.  The outcomes are, a test,
what became of it and how often it called lbfgsb77.
"""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

# What SciPy's own driver finds in place of its kernel: a run that the replacement missed fails.
MISSED = ModuleType("scipy.optimize._lbfgsb", "SciPy's own L-BFGS-B was called.")


class Runs:
    """How often lbfgsb77 was called."""

    count = 0


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its calls counted."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        Runs.count += 1
        return function(*args, **kwargs)

    return call


def method_of(minimize: Callable[..., Any]) -> Callable[..., Any]:
    """`minimize` as scipy.optimize.minimize calls its method 'L-BFGS-B'."""
    from scipy.optimize import OptimizeResult, _optimize

    def minimize_lbfgsb(
        fun: Callable[..., Any],
        x0: Any,
        args: Any = (),
        jac: Any = None,
        bounds: Any = None,
        callback: Callable[..., Any] | None = None,
        **options: Any,
    ) -> Any:
        # SciPy has wrapped the user's callback: the wrapper takes one OptimizeResult, and is where
        # scipy.optimize.minimize looks for a StopIteration.
        def after_iteration(intermediate_result: Any) -> None:
            if _optimize._call_callback_maybe_halt(callback, OptimizeResult(intermediate_result)):
                raise StopIteration

        result = minimize(
            fun,
            x0,
            args,
            jac=jac,
            bounds=bounds,
            callback=None if callback is None else after_iteration,
            **options,
        )
        return OptimizeResult(result)

    return minimize_lbfgsb


def kernel_module() -> ModuleType:
    """lbfgsb77's kernel as SciPy 1.14 had its own: f2py told the size of integers beside it."""
    from lbfgsb77 import _lbfgsb

    module = ModuleType("scipy.optimize._lbfgsb")
    module.setulb = counted(_lbfgsb.setulb)  # type: ignore[attr-defined]
    module.types = SimpleNamespace(intvar=np.zeros((), np.int32))  # type: ignore[attr-defined]
    return module


def replace_everywhere(old: Any, new: Any) -> None:
    """Bind to `new` every name of a module that is bound to `old`."""
    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is old:
                setattr(module, name, new)


def replace_minimizer() -> None:
    """Put lbfgsb77 in the place of SciPy's L-BFGS-B."""
    from scipy.optimize import _lbfgsb, _lbfgsb_py

    import lbfgsb77

    kernel = kernel_module()
    replace_everywhere(_lbfgsb, kernel)
    sys.modules[kernel.__name__] = kernel
    if not hasattr(_lbfgsb_py, "_lbfgsb"):
        raise RuntimeError("this SciPy's own L-BFGS-B cannot be put out of the way")
    _lbfgsb_py._lbfgsb = MISSED
    replace_everywhere(_lbfgsb_py.LbfgsInvHessProduct, lbfgsb77.LbfgsInvHessProduct)
    replace_everywhere(_lbfgsb_py.fmin_l_bfgs_b, counted(lbfgsb77.fmin_l_bfgs_b))
    replace_everywhere(_lbfgsb_py._minimize_lbfgsb, counted(method_of(lbfgsb77.minimize)))


class Outcomes:
    """Collects what became of each test."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tests: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        before = Runs.count
        result = yield
        self.tests.setdefault(item.nodeid, {})["runs"] = Runs.count - before
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = self.tests.setdefault(report.nodeid, {"outcome": "passed"})
        if report.failed:
            test["outcome"] = "failed"
            test["text"] = report.longreprtext
        elif report.skipped and test["outcome"] != "failed":
            test["outcome"] = "xfailed" if hasattr(report, "wasxfail") else "skipped"

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.tests[report.nodeid] = {
                "outcome": "failed",
                "text": report.longreprtext,
                "runs": 0,
            }

    def pytest_sessionfinish(self) -> None:
        self.path.write_text(json.dumps(self.tests, indent=1))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the two options."""
    parser.addoption("--minimizer", choices=["lbfgsb77", "scipy"], required=True)
    parser.addoption("--outcomes", type=Path, required=True)


def pytest_configure(config: pytest.Config) -> None:
    """Replace before anything is collected."""
    if config.getoption("--minimizer") == "lbfgsb77":
        replace_minimizer()
    config.pluginmanager.register(Outcomes(config.getoption("--outcomes")))
