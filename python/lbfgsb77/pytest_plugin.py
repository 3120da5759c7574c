"""A pytest plugin: run a solver's tests over the reference problems.

It does nothing until a test asks for the fixture `lbfgsb_reference`; that test then runs once for
each problem that the marker ``lbfgsb_problems`` selects::

    import pytest
    from mine import fmin_l_bfgs_b

    @pytest.mark.lbfgsb_problems(portable=True, level="bits")
    def test_follows_the_original(lbfgsb_reference):
        lbfgsb_reference.check(fmin_l_bfgs_b)

A port that is a program of its own is run by ``lbfgsb_problems(command="Rscript port.R")`` and
``lbfgsb_reference.check()``.

pytest finds the hooks in ``lbfgsb77_pytest``, which costs test runs that don't use them nothing.
"""

from __future__ import annotations

import atexit
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from lbfgsb77.reference import LEVELS, SETTINGS, Command, Comparison, Problem, Trace, problems
from lbfgsb77.reference import compare as compare_traces
from lbfgsb77.reference._check import reference_trace
from lbfgsb77.reference._comparison import Level
from lbfgsb77.reference._golden import NOT_FINITE
from lbfgsb77.reference._record import record_like
from lbfgsb77.reference._solvers import Solver

__all__ = ["ReferenceRun"]

_MARKER = "lbfgsb_problems"


class ReferenceRun:
    """One problem with its options, and the run of the original to follow.

    Parameters
    ----------
    problem : Problem
        The problem.
    setting : str
        The name of the options, see `lbfgsb77.reference.SETTINGS`.
    level : {"solution", "counts", "path", "bits"}
        The level to reach.
    path_tolerance, solution_tolerance : float
        As for `lbfgsb77.reference.compare`.
    command : Command, optional
        The port that `check` and `compare` run unless they are given another.
    """

    def __init__(
        self,
        problem: Problem,
        setting: str = "default",
        level: Level = "counts",
        path_tolerance: float = 1e-6,
        solution_tolerance: float = 1e-6,
        command: Command | None = None,
    ) -> None:
        self.problem = problem
        self.command = command
        self.setting = setting
        self.level: Level = level
        self.path_tolerance = path_tolerance
        self.solution_tolerance = solution_tolerance

    @property
    def trace(self) -> Trace:
        """The original's run."""
        return reference_trace(self.problem, self.setting)

    def compare(self, solver: Solver | None = None, **how: Any) -> Comparison:
        """Run a solver and compare, without a verdict.

        Parameters
        ----------
        solver : callable, str or Command, optional
            As for `lbfgsb77.reference.record`. By default the marker's command.
        **how
            Goes there too, such as ``interface``.

        Returns
        -------
        Comparison
            What was found.

        Raises
        ------
        TypeError
            If there is neither a solver nor a command.
        """
        solver = self.command if solver is None else solver
        if solver is None:
            raise TypeError(f"solver: a solver is expected here, or {_MARKER}(command=...)")
        reference = self.trace
        return compare_traces(
            reference,
            record_like(reference, solver, self.problem, **how),
            path_tolerance=self.path_tolerance,
            solution_tolerance=self.solution_tolerance,
        )

    def check(
        self, solver: Solver | None = None, level: Level | None = None, **how: Any
    ) -> Comparison:
        """Run a solver and fail the test, with the report, if it doesn't reach the level.

        Parameters
        ----------
        solver : callable, str or Command, optional
            As for `lbfgsb77.reference.record`. By default the marker's command.
        level : str, optional
            The level to reach, by default that of the marker.
        **how
            As for `compare`.

        Returns
        -------
        Comparison
            What was found, where the test goes on.
        """
        wanted = level or self.level
        comparison = self.compare(solver, **how)
        if not comparison.reaches(wanted):
            pytest.fail(f"level {wanted} is not reached\n{comparison}", pytrace=False)
        return comparison

    def __repr__(self) -> str:
        return f"<ReferenceRun {self.problem.name} ({self.setting}), level {self.level}>"


@functools.cache
def _port(command: str, timeout: float) -> Command:
    """One process for all tests of a command; it ends with the test run."""
    port = Command(command, timeout)
    atexit.register(port.close)
    return port


def selected(
    *patterns: str,
    portable: bool | None = None,
    tags: Sequence[str] = (),
    settings: Sequence[str] = ("default",),
    level: Level = "counts",
    path_tolerance: float = 1e-6,
    solution_tolerance: float = 1e-6,
    xfail: Mapping[str, str] | None = None,
    command: str | None = None,
    timeout: float = 60.0,
) -> list[Any]:
    """The runs that a marker with these arguments selects, as parameters of the fixture."""
    expected = dict(xfail or {})
    port = None if command is None else _port(command, timeout)
    try:
        # Where a value isn't finite there is no original to follow: such problems must be named.
        finite = None if patterns or tags else True
        selection = problems.select(patterns, portable=portable, finite=finite, tags=tags)
    except KeyError as error:
        raise pytest.UsageError(f"{_MARKER}: {error.args[0]}") from None
    for name, allowed, given in (
        ("level", LEVELS, [level]),
        ("settings", tuple(SETTINGS), settings),
        ("xfail", tuple(problem.name for problem in selection), expected),
    ):
        for value in given:
            if value not in allowed:
                some = ", ".join(allowed) if len(allowed) < 10 else "a selected problem"
                raise pytest.UsageError(f"{_MARKER}: {name}: {some} is expected, got {value!r}")
    parameters = []
    for problem in selection:
        for setting in settings:
            if (problem.name, setting) in NOT_FINITE:
                continue
            run = ReferenceRun(problem, setting, level, path_tolerance, solution_tolerance, port)
            name = problem.name if setting == "default" else f"{problem.name}-{setting}"
            marks = (
                [pytest.mark.xfail(reason=expected[problem.name])]
                if problem.name in expected
                else []
            )
            parameters.append(pytest.param(run, id=name, marks=marks))
    return parameters
