"""What is measured: every case of the full run and of the quick one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """One measurement, taken of every peer in turn, `rounds` times.

    Kinds:
      "evaluation"  seconds per evaluation of a whole call, net of the objective
      "call"        seconds of a call that ends at its first evaluation
      "iteration"   seconds per iteration from `first` to `last`, net of the objective
    """

    kind: str
    problem: str
    n: int
    rounds: int
    m: int = 10
    active: float = 0.0  # part of the variables that end at a bound; 0 means no bounds
    free: bool = False  # the values of an earlier run instead of an objective
    first: int = 0
    last: int = 30
    threads: str = "single"  # or "default": each peer's own
    who: str = "all"  # takes part: see the groups in peers.py

    @property
    def key(self) -> str:
        """A name for tables, JSON and `--cases`."""
        parts = [self.kind, self.problem, f"n={self.n}", f"m={self.m}"]
        if self.free:
            parts.insert(2, "free")
        if self.problem == "modes":
            parts.insert(2, f"iterations {self.first + 1} to {self.last}")
        elif self.active and self.problem not in SOLVES:
            parts.append(f"active={self.active:.2f}")
        if self.threads != "single":
            parts.append("default threads")
        return " ".join(parts)

    def as_dict(self) -> dict[str, Any]:
        """For the worker, and for JSON."""
        return asdict(self) | {"key": self.key}

    @property
    def huge(self) -> bool:
        """Too long to warm up every peer, and for the slow ones to take part in every round."""
        return self.n >= 10**6

    @property
    def bytes_needed(self) -> float:
        """All of it: SciPy's workspace and copies of pairs, every peer's problem, W to be read."""
        return 8.0 * self.n * (7 * self.m + 40)


THIRD = 1.0 / 3.0
FEWEST_SHARED = 60_000  # variables; below, the second thread isn't asked

# Whole solves: problem, n, m, and the iterations after which little is left to gain.
SOLVES = {
    "obstacle": (300 * 300, (10,), 300),
    "deconvolution": (256 * 256, (10, 30), 60),
    "banded least squares": (200_000, (10,), 40),
    "logistic": (2000, (10,), 60),
}
FEW = "L-BFGS-B"


def iterations(n: int, m: int, active: float, rounds: int, window: int = 10, **more: Any) -> Case:
    """Iterations with a full memory: from m + 1 on."""
    return Case("iteration", "quadratic", n, rounds, m=m, active=active, first=m + 1,
                last=m + 1 + window, **more)


def first_iteration(n: int, rounds: int) -> Case:
    """From the first to the second evaluation: a Cauchy point past about n breakpoints.

    SciPy sets itself up within that time, so only bare loops and ours can be compared.
    """
    return Case("iteration", "modes", n, rounds, active=1.0, first=0, last=1, who="kernels")


def solves(rounds: int) -> list[Case]:
    """From the first evaluation to an x that changes little; the bounds are met on the way."""
    found = [Case("iteration", problem, n, rounds, m=m, active=1.0, last=last, who=FEW)
             for problem, (n, memories, last) in SOLVES.items() for m in memories]
    found.insert(-1, Case("iteration", "banded least squares", 1000, 3 * rounds, active=1.0,
                          last=35, who=FEW))
    return found


def every_third(n: int, rounds: int, window: int = 10) -> Case:
    """Every third variable has bounds, most of which are active; the others are free."""
    return Case("iteration", "every third", n, rounds, active=THIRD, first=11, last=11 + window,
                who=FEW)


def full() -> list[Case]:
    """Everything; the order keeps what is compared close together in time."""
    cases = []
    for n in (2, 10, 100, 1000):
        for free in (True, False):
            cases.append(Case("evaluation", "rosenbrock", n, rounds=25, free=free))
    cases.append(Case("evaluation", "rosenbrock", 100, rounds=25, active=1.0))
    for n in (2, 100):
        for active in (0.0, 1.0):
            cases.append(Case("call", "at minimum", n, rounds=25, active=active))
    cases.append(Case("call", "at minimum", 10**6, rounds=3, active=1.0))
    for n, window, usual, fewer in ((10**4, 10, 15, 15), (10**5, 10, 9, 7), (10**6, 5, 5, 3)):
        for m in (10, 5, 20):
            for active in (0.0, THIRD):
                cases.append(iterations(n, m, active, usual if m == 10 else fewer, window,
                                        who="all" if m == 10 else FEW))
        cases.append(every_third(n, usual, window))
    for m, active in ((10, 0.0), (5, 0.0), (20, 0.0), (10, THIRD)):
        cases.append(iterations(10**7, m, active, rounds=1, window=3, who="newest"))
    for active in (0.01, 0.9):
        cases.append(iterations(10**5, 10, active, rounds=7, who=FEW))
    for n in (10**4, 10**5):
        cases.append(Case("iteration", "modes", n, rounds=7, active=1.0, first=1, last=12, who=FEW))
    for n in (10**4, 10**5, 10**6):
        cases.append(first_iteration(n, rounds=7))
    cases += solves(rounds=5)
    for n in (20_000, 50_000, 200_000, 500_000):
        for active in (0.0, THIRD):
            cases.append(iterations(n, 10, active, rounds=5, who="own"))
    for n, rounds, window in ((10**4, 5, 10), (10**5, 3, 5), (10**6, 2, 3)):
        for active in (0.0, THIRD):
            cases.append(iterations(n, 10, active, rounds, window, threads="default"))
    return cases


def quick() -> list[Case]:
    """The targets' cases and the shortest look at the rest, in under a minute."""
    cases = []
    for n in (2, 100):
        for free in (True, False):
            cases.append(Case("evaluation", "rosenbrock", n, rounds=7, free=free))
    cases.append(Case("call", "at minimum", 2, rounds=7))
    for n, rounds, window in ((10**4, 7, 10), (10**5, 3, 5), (10**6, 1, 3)):
        for active in (0.0, THIRD):
            cases.append(iterations(n, 10, active, rounds, window, who=FEW))
    for m in (5, 20):
        cases.append(iterations(10**5, m, 0.0, rounds=3, window=5, who=FEW))
    cases.append(Case("iteration", "modes", 10**4, rounds=3, active=1.0, first=1, last=12, who=FEW))
    cases.append(first_iteration(10**5, rounds=3))
    cases.append(every_third(10**5, rounds=3, window=5))
    cases.append(Case("iteration", "deconvolution", 256 * 256, 1, active=1.0, last=30, who=FEW))
    cases.append(iterations(10**4, 10, 0.0, rounds=2, window=5, threads="default", who=FEW))
    return cases
