"""A pytest plugin: SciPy's L-BFGS-B switched to lbfgsb77 for the tests, and outcomes kept.

    python -m pytest -p lbfgsb77_for_scipy --minimizer lbfgsb77 --outcomes outcomes.json ...

``--minimizer scipy`` switches nothing: the same tests as they are. ``--late`` switches after the
test modules have been imported, with the names that they and their packages have bound. The
outcomes are, a test, what became of it and how often it called lbfgsb77.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest


class Runs:
    """How often lbfgsb77 was called."""

    count = 0

    @classmethod
    def add(cls, call: object) -> None:
        """Take in a call."""
        cls.count += 1


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, its calls counted."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        Runs.add(None)
        return function(*args, **kwargs)

    return call


def switch() -> None:
    """Put lbfgsb77 in the place of SciPy's L-BFGS-B."""
    import lbfgsb77
    from lbfgsb77 import _setulb

    # Those who call the kernel themselves are in no log.
    for name in ("setulb", "setulb_int"):
        setattr(_setulb, name, counted(getattr(_setulb, name)))
    lbfgsb77.use_in_scipy(log=Runs.add)


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
    """Add the options."""
    parser.addoption("--minimizer", choices=["lbfgsb77", "scipy"], required=True)
    parser.addoption("--outcomes", type=Path, required=True)
    parser.addoption("--late", action="store_true", help="switch after the imports")


def pytest_configure(config: pytest.Config) -> None:
    """Switch before anything is collected, if the names aren't to be bound by then."""
    if config.getoption("--minimizer") == "lbfgsb77" and not config.getoption("--late"):
        switch()
    config.pluginmanager.register(Outcomes(config.getoption("--outcomes")))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Switch when the modules of the tests have been imported, and what they import."""
    if session.config.getoption("--late"):
        switch()
