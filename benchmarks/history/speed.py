"""The two regimes, set-up, imports and memory, taken exactly as `make bench` takes them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

BENCHMARKS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BENCHMARKS))

import cases  # noqa: E402
import measurements  # noqa: E402
import solvers  # noqa: E402
from cases import Case  # noqa: E402


def prepared(case: Case) -> Callable[[], dict[str, Any]]:
    return measurements.KINDS[case.kind](solvers.make("ours"), case.as_dict()).repeat


def middle(repeat: Callable[[], dict[str, Any]], rounds: int, unit: float) -> float:
    """Median seconds of so many repetitions, in units."""
    seconds: list[float] = [repeat()["seconds"] for _ in range(rounds)]
    return median(seconds) / unit


class Evaluation:
    """Whole calls on small problems, net of the objective."""

    params = ([2, 10, 100, 1000], ["free", "Rosenbrock"])
    param_names = ("n", "objective")
    unit = "µs"

    def setup(self, n: int, objective: str) -> None:
        self.repeat = prepared(Case("evaluation", "rosenbrock", n, 1, free=objective == "free"))

    def track_per_evaluation(self, n: int, objective: str) -> float:
        return middle(self.repeat, 15, 1e-6)


class Call:
    """A call that ends at its first evaluation."""

    params = ([2, 100, 10**6], ["no bounds", "bounds as pairs"])
    param_names = ("n", "bounds")
    unit = "µs"

    def setup(self, n: int, bounds: str) -> None:
        active = 0.0 if bounds == "no bounds" else 1.0
        self.repeat = prepared(Case("call", "at minimum", n, 1, active=active))

    def track_per_call(self, n: int, bounds: str) -> float:
        return middle(self.repeat, 5, 1e-6)


class Iteration:
    """Iterations with a full memory on large problems, net of the objective."""

    params = ([10**4, 10**5, 10**6], [5, 10, 20], ["no bounds", "a third active"])
    param_names = ("n", "m", "bounds")
    unit = "ms"
    timeout = 300

    def setup(self, n: int, m: int, bounds: str) -> None:
        active = 0.0 if bounds == "no bounds" else cases.THIRD
        self.repeat = prepared(cases.iterations(n, m, active, 1))

    def track_per_iteration(self, n: int, m: int, bounds: str) -> float:
        return middle(self.repeat, 3 if n >= 10**6 else 7, 1e-3)


class Breakpoints:
    """Cauchy points past many breakpoints, and past all of them in a first iteration."""

    params = (10**4, 10**5)
    param_names = ("n",)
    unit = "ms"

    def track_many(self, n: int) -> float:
        case = Case("iteration", "modes", n, 1, active=1.0, first=1, last=12)
        return middle(prepared(case), 3, 1e-3)

    def track_first_iteration(self, n: int) -> float:
        return middle(prepared(cases.first_iteration(n, 1)), 3, 1e-3)


class FreshProcess:
    """What needs a process of its own."""

    def answer(self, *arguments: str) -> dict[str, float]:
        command = [sys.executable, str(BENCHMARKS / "fresh_process.py"), *arguments]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        answer: dict[str, float] = json.loads(found.splitlines()[-1])
        return answer

    def track_import_beyond_numpy(self) -> float:
        return median(self.answer("import", "lbfgsb77")["seconds"] for _ in range(9)) * 1e3

    track_import_beyond_numpy.unit = "ms"  # type: ignore[attr-defined]

    def track_memory_beyond_workspace(self) -> float:
        case = cases.iterations(10**5, 10, cases.THIRD, 1)
        return self.answer("memory", "ours", json.dumps(case.as_dict()), "tracemalloc")["beyond"]

    track_memory_beyond_workspace.unit = "vectors of n"  # type: ignore[attr-defined]
