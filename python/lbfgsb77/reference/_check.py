"""Checking a solver on many problems: the table, and its forms for other programs."""

from __future__ import annotations

import fnmatch
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lbfgsb77.reference._compare import compare
from lbfgsb77.reference._comparison import LEVELS, Comparison, Level
from lbfgsb77.reference._golden import NOT_FINITE, SETTINGS, file_name, golden, run_options
from lbfgsb77.reference._record import record, record_like
from lbfgsb77.reference._solvers import Interface, Solver
from lbfgsb77.reference._trace import Trace
from lbfgsb77.reference.problems import Problem

__all__ = ["Check", "check", "reference_trace", "stored_traces", "to_json"]


@dataclass(frozen=True)
class Check:
    """One row of the table: a problem, its setting, and what was found.

    Parameters
    ----------
    problem : Problem
        The problem.
    setting : str
        The name of its options.
    wanted : str
        The level that is asked for.
    comparison : Comparison
        The comparison with the reference.
    seconds : float
        How long it took.
    """

    problem: Problem
    setting: str
    wanted: Level
    comparison: Comparison
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether the level asked for is reached."""
        return self.comparison.reaches(self.wanted)


def reference_trace(problem: Problem, setting: str) -> Trace:
    """The run to follow: the packaged trace, or else one of this package's kernel here and now.

    Objectives that aren't portable to the bit depend on the platform's mathematical library, so
    their reference must be run on the same machine.
    """
    packaged = golden(problem, setting)
    if packaged is not None:
        return packaged
    trace = record("lbfgsb77:LBFGSB", problem, **run_options(problem, setting))
    if trace.outcome.ending == "exception":
        raise RuntimeError(f"{problem.name}: no reference: {trace.outcome.message}")
    return trace


def check(
    solver: Solver,
    selection: Iterable[Problem],
    *,
    level: Level = "counts",
    settings: Sequence[str] = ("default",),
    interface: Interface | None = None,
    against: dict[tuple[str, str], Trace] | None = None,
    path_tolerance: float = 1e-6,
    solution_tolerance: float = 1e-6,
) -> Iterator[Check]:
    """Check a solver on problems, one after the other.

    Parameters
    ----------
    solver : callable, str or Command
        As for `record`.
    selection : iterable of Problem
        The problems, such as ``problems.select()``.
    level : {"none", "solution", "counts", "path", "bits"}, default "counts"
        The level to reach.
    settings : sequence of str, default ("default",)
        Names of `SETTINGS`.
    interface : str, optional
        As for `record`.
    against : dict, optional
        Traces to compare with instead, by problem's name and setting; runs without one are left
        out, and the others are made with the options of the trace.
    path_tolerance, solution_tolerance : float
        As for `compare`.

    Yields
    ------
    Check
        For each problem and setting, as soon as it is known.
    """
    if level not in LEVELS:
        raise ValueError(f"level: one of {', '.join(LEVELS)} is expected, got {level!r}")
    for problem in selection:
        for setting in settings:
            began = time.perf_counter()
            if against is None and (problem.name, setting) in NOT_FINITE:
                continue
            if against is None:
                reference = reference_trace(problem, setting)
            elif (problem.name, setting) in against:
                reference = against[problem.name, setting]
            else:
                continue
            candidate = record_like(reference, solver, problem, interface)
            comparison = compare(
                reference,
                candidate,
                path_tolerance=path_tolerance,
                solution_tolerance=solution_tolerance,
            )
            yield Check(problem, setting, level, comparison, time.perf_counter() - began)


def stored_traces(path: str | Path) -> dict[tuple[str, str], Trace]:
    """Read traces that `record` has stored: one file, or all of a directory.

    Parameters
    ----------
    path : str or Path
        A file, or a directory of files ``PROBLEM.SETTING.json``.

    Returns
    -------
    dict
        Traces by problem's name and setting.

    Raises
    ------
    ValueError
        If there is no trace, or a file is not one.
    """
    root = Path(path)
    # A directory that `export` wrote has a schema, too.
    found_files = (file for file in root.glob("*.json") if not file.name.endswith(".schema.json"))
    files = sorted(found_files) if root.is_dir() else [root]
    if not files:
        raise ValueError(f"{path}: no traces (*.json) are there")
    found = {}
    for file in files:
        trace = Trace.load(file)
        setting = next(
            (name for name in SETTINGS if fnmatch.fnmatch(file.name, file_name("*", name))),
            "default",
        )
        found[trace.problem, setting] = trace
    return found


def to_json(checks: Sequence[Check], wanted: Level) -> str:
    """All findings as JSON."""
    provenance: dict[str, Any] = {}
    if checks:
        comparison = checks[0].comparison
        provenance = {"candidate": dict(comparison.candidate.provenance)}
        provenance["references"] = sorted(
            {json.dumps(dict(c.comparison.reference.provenance)) for c in checks}
        )
        provenance["references"] = [json.loads(text) for text in provenance["references"]]
    document = {
        "wanted": wanted,
        "passed": all(c.passed for c in checks),
        "provenance": provenance,
        "checks": [
            {"setting": c.setting, "passed": c.passed, **c.comparison.to_dict()} for c in checks
        ],
    }
    return json.dumps(document, indent=1, allow_nan=True) + "\n"
