"""The self-test: the packaged runs again, on this build, bit for bit."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from lbfgsb77._solver import LBFGSB
from lbfgsb77.reference import golden, golden_runs, record
from lbfgsb77.reference._compare import compare
from lbfgsb77.reference._solvers import provenance_of
from lbfgsb77.reference._trace import Trace

__all__ = ["run"]


def run(stream: TextIO | None = None) -> bool:
    """Repeat every packaged run with this build and compare each return with the packaged trace.

    Compared are x, f, the projected gradient, the step and the task of every evaluation, the ends
    of iterations, and the result.

    Parameters
    ----------
    stream : text file, optional
        Where the findings go; standard output by default.

    Returns
    -------
    bool
        Whether all bits are the same.
    """
    out = stream or sys.stdout
    provenance = provenance_of(LBFGSB, "lbfgsb77:LBFGSB")
    print("; ".join(f"{key}: {value}" for key, value in provenance.items()), file=out)
    began = time.perf_counter()
    runs = evaluations = different = 0
    for problem, setting in golden_runs():
        runs += 1
        packaged = golden(problem, setting)
        if packaged is None:
            different += 1
            print(f"{problem.name} ({setting}): its packaged trace is missing", file=out)
            continue
        again = record("lbfgsb77:LBFGSB", problem, **dict(packaged.options))
        evaluations += len(again.evaluations)
        finding = _first_difference(packaged, again, setting)
        if finding:
            different += 1
            # The first in full; of the others, where they differ.
            print(finding if different == 1 else finding.partition("\n")[0], file=out)
    seconds = time.perf_counter() - began
    size = f"{runs} runs, {evaluations} evaluations, {seconds:.1f} s"
    if different:
        print(f"NOT bit-identical: {different} of {size}", file=out)
    else:
        print(f"bit-identical: {size}", file=out)
    return different == 0


def _first_difference(packaged: Trace, again: Trace, setting: str) -> str:
    """The first return that differs, as text; empty if none does."""
    title = f"{packaged.problem} ({setting})"
    if again.outcome.ending == "exception":
        return f"{title}: {again.outcome.message}"
    mine, theirs = _returns(packaged), _returns(again)
    for number, (expected, found) in enumerate(zip(mine, theirs, strict=False), start=1):
        if expected != found:
            comparison = compare(packaged, again)
            return (
                f"{title}: return {number} differs\n"
                f"  packaged    {expected}\n  this build  {found}\n{comparison}"
            )
    if len(mine) != len(theirs):
        return f"{title}: {len(mine)} returns are packaged, this build makes {len(theirs)}"
    return ""


def _returns(trace: Trace) -> list[str]:
    """One text a return: the evaluations, then the outcome."""
    lines = [line.strip().rstrip(",") for line in trace.to_json().splitlines()]
    first, last = lines.index('"evaluations": [') + 1, lines.index("]")
    return [*lines[first:last], " ".join(lines[last:])]
