"""The traces that come with the package: which runs they are, and how to find them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any, Final

from lbfgsb77._arguments import shown
from lbfgsb77.reference import problems
from lbfgsb77.reference._trace import Trace
from lbfgsb77.reference.problems import Problem

__all__ = [
    "NOT_FINITE",
    "PARTS_FROM_RELEASE",
    "SETTINGS",
    "file_name",
    "golden",
    "golden_runs",
    "run_options",
]

#: Options of the recorded runs, by the name of the setting.
#: ``default``: SciPy's. ``exhaustive``: a memory that wraps soon, and no test of convergence, so
#: that line searches fail, the memory is reset and runs end abnormally or at a limit.
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "exhaustive": {"m": 5, "factr": 0.0, "pgtol": 0.0, "maxiter": 40},
}


def file_name(problem: str, setting: str) -> str:
    """The name of the file of a run's trace."""
    return f"{problem}.{setting}.json"


def run_options(problem: Problem, setting: str) -> dict[str, Any]:
    """The options of a run: those of the setting, and before them those of the problem."""
    return {**SETTINGS[setting], **problem.options}


def _directory() -> Traversable:
    return resources.files("lbfgsb77.reference").joinpath("golden_traces")


def golden(problem: str | Problem, setting: str = "default") -> Trace | None:
    """The packaged trace of a run of the original algorithm.

    Parameters
    ----------
    problem : Problem or str
        A problem of the collection, or its name.
    setting : {"default", "exhaustive"}
        The options of the run, see `SETTINGS`.

    Returns
    -------
    Trace or None
        None if there is none: only problems that are portable to the bit have one.

    Raises
    ------
    TypeError, ValueError
        If `problem` is no problem and no name, or there is no such setting.
    """
    if not isinstance(problem, (str, Problem)):
        raise TypeError(f"problem: a Problem or its name is expected, got {shown(problem)}")
    if not isinstance(setting, str):
        raise TypeError(f"setting: a text is expected, got {shown(setting)}")
    if setting not in SETTINGS:
        raise ValueError(f"setting: one of {', '.join(SETTINGS)} is expected, got {shown(setting)}")
    name = problem if isinstance(problem, str) else problem.name
    file = _directory().joinpath(file_name(name, setting))
    if not file.is_file():
        return None
    trace = Trace.from_json(file.read_text(encoding="utf-8"))
    return replace(trace, parts_from_release=PARTS_FROM_RELEASE.get((name, setting)))


#: Packaged runs from which the authors' release parts, and at which evaluation. Where rounding, or
#: a zero of the other sign, takes a trial point past a bound, the release leaves it there; the
#: packaged run has it on the bound, as Debian's library and SciPy's Fortran have.
PARTS_FROM_RELEASE: Final = {
    ("negative-zero", "default"): 2,
    ("negative-zero", "exhaustive"): 2,
}

#: Runs of problems marked `finite` that go on, without tests of convergence, to values that aren't.
NOT_FINITE = frozenset((name, "exhaustive") for name in ("hs3", "tiny-quadratic"))


def golden_runs() -> Iterator[tuple[Problem, str]]:
    """All runs that have a packaged trace, in the order of the collection.

    Those of the problems that are portable to the bit, as long as they meet finite values only:
    the original's arithmetic has no meaning for others.
    """
    for problem in problems.select(portable=True, finite=True):
        for setting in SETTINGS:
            if (problem.name, setting) not in NOT_FINITE:
                yield problem, setting
