"""The branches that the problem collection is to reach, each with how a run shows that it did.

A branch is a name and a predicate on one finished run: what the run was and, at every return,
the task and the slots that callers read.
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from lockstep import Case, Returns


@dataclass
class Observed:
    """One run; tasks[k], isave[k, slot - 1], … are those of return k."""

    case: Case
    tasks: list[str]
    isave: npt.NDArray[np.int32]
    dsave: npt.NDArray[np.float64]
    lsave: npt.NDArray[np.bool_]
    end: str

    @classmethod
    def of(cls, case: Case, returns: Returns, end: str) -> Observed:
        tasks, isave, dsave, lsave = zip(*returns, strict=True)
        return cls(case, list(tasks), np.array(isave), np.array(dsave), np.array(lsave) != 0, end)

    def i(self, slot: int) -> npt.NDArray[np.int32]:
        return self.isave[:, slot - 1]

    def d(self, slot: int) -> npt.NDArray[np.float64]:
        return self.dsave[:, slot - 1]

    @property
    def searching(self) -> npt.NDArray[np.bool_]:
        return np.array([task == "FG_LNSRCH" for task in self.tasks])

    @property
    def iterated(self) -> npt.NDArray[np.bool_]:
        return np.array([task == "NEW_X" for task in self.tasks])

    @property
    def bounded(self) -> bool:
        return bool(self.case.nbd.any())

    @property
    def wrote(self) -> list[str]:
        """What the caller wrote into task at a return that the run came to."""
        return [
            text
            for number, (text, _) in self.case.interventions.items()
            if number < len(self.tasks)
        ]

    @property
    def resets(self) -> bool:
        """Whether the memory was dropped and the run went on from the same iterate."""
        columns, iterations = self.i(28), self.i(30)
        return bool(
            np.any(
                (columns[1:] == 0)
                & (columns[:-1] > 0)
                & (iterations[1:] == iterations[:-1])
                & self.searching[1:]
            )
        )


def _all(kind: int) -> Callable[[Observed], bool]:
    return lambda run: bool((run.case.nbd == kind).all())


def _ends(text: str) -> Callable[[Observed], bool]:
    return lambda run: run.end.startswith(text)


def _ties(run: Observed) -> bool:
    """Two variables reach their bounds at the same place of the first path, bit for bit."""
    case = run.case
    x = case.x.copy()
    has_lower, has_upper = np.isin(case.nbd, (1, 2)), np.isin(case.nbd, (2, 3))
    x = np.where(has_lower & (x < case.lower), case.lower, x)
    x = np.where(has_upper & (x > case.upper), case.upper, x)
    g = run.case.first_gradient
    if g is None or run.i(33).max() < 3:
        return False
    with np.errstate(all="ignore"):
        t = np.where(
            has_lower & (g > 0),
            (x - case.lower) / g,
            np.where(has_upper & (g < 0), (case.upper - x) / -g, 0.0),
        )
    t = t[t > 0]
    return len(np.unique(t)) < len(t)


BRANCHES: dict[str, Callable[[Observed], bool]] = {
    # Bounds
    "no bounds": _all(0),
    "lower bounds alone": _all(1),
    "both bounds everywhere": _all(2),
    "upper bounds alone": _all(3),
    "all kinds of bounds mixed": lambda run: set(run.case.nbd.tolist()) == {0, 1, 2, 3},
    "some variables fixed": lambda run: bool(
        0 < ((run.case.nbd == 2) & (run.case.lower == run.case.upper)).sum() < len(run.case.x)),
    "all variables fixed": lambda run: bool(
        ((run.case.nbd == 2) & (run.case.lower == run.case.upper)).all()),
    "infinite bounds": lambda run: bool(np.isinf(run.case.lower).any()),
    "start outside": lambda run: bool(run.lsave[:, 0].any()),
    "start inside": lambda run: run.bounded and not run.lsave[:, 0].any(),
    "one variable": lambda run: len(run.case.x) == 1,
    "more variables than a block": lambda run: len(run.case.x) > 4096,
    # Cauchy point
    "one segment": lambda run: bool((run.i(33)[run.searching] == 1).any()),
    "two segments": lambda run: bool((run.i(33) == 2).any()),
    "three breakpoints or more": lambda run: bool((run.i(33) > 3).any()),
    "all variables reach a bound": lambda run: bool(
        ((run.i(33) >= len(run.case.x)) & (run.i(38) == 0) & run.searching).any()),
    "ties among breakpoints": _ties,
    "no Cauchy point without bounds": lambda run: bool(
        ((run.i(33) == 0) & (run.i(28) > 0) & run.searching).any()),
    "projected gradient zero, and on": lambda run: bool(
        ((run.d(13) == 0) & np.array([t.startswith("ABNORMAL") for t in run.tasks])).any()),
    # Free variables and the subspace
    "none free": lambda run: bool((run.searching & (run.i(38) == 0)).any()),
    "some free": lambda run: bool(
        (run.searching & (run.i(38) > 0) & (run.i(39) > 0)).any()),
    "all free, bounded": lambda run: run.bounded and bool(
        (run.searching & (run.i(39) == 0) & (run.i(28) > 0)).any()),
    "variables enter and leave at once": lambda run: bool(
        (run.searching & (run.i(41) > 0) & (run.i(40) <= len(run.case.x))).any()),
    "memory not updated, sets changed": lambda run: bool(
        (run.searching & ~run.lsave[:, 3] & (run.i(28) > 0)
         & ((run.i(41) > 0) | (run.i(40) <= len(run.case.x)))).any()),
    "memory not updated, sets kept": lambda run: bool(
        (run.searching & ~run.lsave[:, 3] & (run.i(28) > 0) & (run.i(41) == 0)
         & (run.i(40) == len(run.case.x) + 1)).any()),
    "subspace minimum inside": lambda run: run.bounded and bool((run.i(37) == 0)[2:].any()),
    "subspace minimum projected": lambda run: bool((run.i(37) == 1).any()),
    "no subspace minimization": lambda run: bool((run.i(37) == -1).any()),
    # Memory
    "update skipped": lambda run: bool((run.i(26) > 0).any()),
    "store full": lambda run: bool((run.i(28) == run.case.m).any()),
    "store wraps": lambda run: bool((run.i(27) > 1).any()),
    "store wraps twice": lambda run: bool((run.i(31) > 3 * run.case.m).any()),
    "reset, and on": lambda run: run.resets,
    "reset of a full store": lambda run: run.resets and bool((run.i(28) == run.case.m).any()),
    # Line search
    "first trial accepted": lambda run: bool((run.iterated & (run.i(36) == 1)).any()),
    "many trials": lambda run: bool((run.iterated & (run.i(36) >= 10)).any()),
    "step 1": lambda run: bool((run.iterated & (run.d(14) == 1)).any()),
    "step longer than 1": lambda run: bool((run.iterated & (run.d(14) > 1)).any()),
    "step shorter than 1": lambda run: bool((run.iterated & (run.d(14) < 1)).any()),
    "largest step taken": lambda run: bool((run.iterated & (run.d(14) == run.d(12))).any()),
    "largest step from a bound": lambda run: bool(
        (run.searching & (run.d(12) > 1) & (run.d(12) < 1e10)).any()),
    "largest step without a bound": lambda run: bool((run.d(12) == 1e10).any()),
    "step past the largest": lambda run: bool((run.searching & (run.d(14) > run.d(12))).any()),
    "step past the largest, and another trial": lambda run: bool(
        ((run.searching & (run.d(14) > run.d(12)))[:-1] & run.searching[1:]).any()),
    "direction of no length": lambda run: bool(
        ((run.d(4) == 0) & np.array([t.startswith("ABNORMAL") for t in run.tasks])).any()),
    # Endings
    "too many trials, empty memory": lambda run: (
        run.end.startswith("ABNORMAL") and run.i(36)[-1] == 20),
    "ascent, empty memory": lambda run: (
        run.end.startswith("ABNORMAL") and run.i(36)[-1] == 0),
    "ABNORMAL in the first iteration": lambda run: (
        run.end.startswith("ABNORMAL") and run.i(30)[-1] == 1),
    "ABNORMAL later": lambda run: run.end.startswith("ABNORMAL") and run.i(30)[-1] > 1,
    "start is the solution": lambda run: run.end.startswith("CONV") and len(run.tasks) == 2,
    "converged by the gradient": _ends("CONVERGENCE: NORM"),
    "converged by f": _ends("CONVERGENCE: REL"),
    "factr 0 to the end": lambda run: (
        run.case.factr == 0 and run.end.startswith("CONVERGENCE: REL")),
    "pgtol 0 to the end": lambda run: (
        run.case.pgtol == 0 and run.end.startswith("CONVERGENCE: NORM")),
    "pgtol negative to the end": lambda run: run.case.pgtol < 0 and run.end not in (
        "left", "not finite"),
    "unending": _ends("left"),
    "overflow inside, f and g finite": lambda run: bool(
        (~np.isfinite(run.dsave[:, :16])).any()),
    "square of d vanishes": lambda run: run.end.startswith("ABNORMAL") and bool(
        ((run.d(13) > 0) & (run.d(16) == 0))[-1]),
    # Input
    "ERROR: N": _ends("ERROR: N .LE. 0"),
    "ERROR: M": _ends("ERROR: M .LE. 0"),
    "ERROR: FACTR": _ends("ERROR: FACTR .LT. 0"),
    "ERROR: NBD": _ends("ERROR: INVALID NBD"),
    "ERROR: bounds cross": _ends("ERROR: NO FEASIBLE SOLUTION"),
    # The caller
    "STOP": lambda run: run.end.startswith("STOP") and "CPU" not in run.end,
    "STOP in the middle of a search": lambda run: run.end.startswith("STOP: CPU") and bool(
        run.searching[-2:-1].any()),
    "START again": lambda run: "START" in run.wrote,
    "a foreign task": lambda run: "GO ON" in run.wrote or "RESTART" in run.wrote,
    "x moved outside by the caller": lambda run: any(
        moved is not None and number < len(run.tasks) and run.bounded
        for number, (_, moved) in run.case.interventions.items()),
    **{f"m = {m}": (lambda run, m=m: run.case.m == m) for m in range(1, 26)},
}  # fmt: skip


class Tally:
    """How many runs reached each branch."""

    def __init__(self) -> None:
        self.runs = collections.Counter[str]()

    def add(self, run: Observed) -> None:
        for name, reached in BRANCHES.items():
            if reached(run):
                self.runs[name] += 1

    @property
    def unreached(self) -> list[str]:
        return [name for name in BRANCHES if not self.runs[name]]

    def __str__(self) -> str:
        return "\n".join(f"{self.runs[name]:7d}  {name}" for name in BRANCHES)
