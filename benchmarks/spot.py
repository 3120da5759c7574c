"""A look of a quarter of a minute at one environment: both regimes, and the genuine library beside.

    PYTHON benchmarks/spot.py             lbfgsb77 and whatever else this Python has
    PYTHON benchmarks/spot.py --small     µs per evaluation only (2 seconds)
    PYTHON benchmarks/spot.py --large     ms per iteration only
    PYTHON benchmarks/spot.py --m 20 --n 100000

Run it with the Python that has the build to look at (an editable build too). Solvers take turns in
this one process; BLAS has one thread. Figures for the record come from `make bench`.
"""

from __future__ import annotations

import os

for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import argparse  # noqa: E402 (NumPy's BLAS reads the variables when it is loaded)
from collections.abc import Callable  # noqa: E402
from statistics import median  # noqa: E402
from typing import Any  # noqa: E402

import cases  # noqa: E402
import measurements  # noqa: E402
import solvers  # noqa: E402
from cases import Case  # noqa: E402
from report import digits  # noqa: E402

Repeat = Callable[[], dict[str, Any]]


def compare(case: Case, found: dict[str, solvers.Solver], unit: float) -> None:
    """One line: the case, then each solver's median."""
    ready: dict[str, Repeat] = {}
    for name, solver in found.items():
        ready[name] = measurements.KINDS[case.kind](solver, case.as_dict()).repeat
    times: dict[str, list[float]] = {name: [] for name in ready}
    answers: dict[str, dict[str, Any]] = {}
    for _ in range(case.rounds):
        for name, repeat in ready.items():
            answers[name] = repeat()
            times[name].append(answers[name]["seconds"])
    cells = [digits(median(times[name]) / unit).rjust(20) for name in ready]
    if case.kind == "iteration":
        reading = median([measurements.bandwidth_case(case.as_dict()).repeat()["seconds"]
                          for _ in range(3)])
        cells.append(digits(median(next(iter(times.values()))) / reading).rjust(20))
    counts = {tuple(answer["outcome"][:2]) for answer in answers.values()}
    print(f"{case.key:<48}", *cells, "" if len(counts) == 1 else f"  COUNTS DIFFER {counts}",
          flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--small", action="store_true", help="µs per evaluation only")
    parser.add_argument("--large", action="store_true", help="ms per iteration only")
    parser.add_argument("--n", type=int, nargs="*", default=[10**4, 10**5, 10**6])
    parser.add_argument("--m", type=int, default=10)
    chosen = parser.parse_args()
    found: dict[str, solvers.Solver] = {}
    for name in ("ours", "ours, bare loop", "genuine, bare loop", "SciPy"):
        try:
            found[name] = solvers.make(name)
        except (ImportError, AttributeError) as reason:
            print(f"without {name}: {reason}")
    if not chosen.large:
        print("µs per evaluation, net".ljust(48), *(name.rjust(20) for name in found))
        for n, free in ((2, True), (100, True), (100, False)):
            compare(Case("evaluation", "rosenbrock", n, 15, free=free), found, 1e-6)
        print("µs per call that ends at its first evaluation")
        compare(Case("call", "at minimum", 2, 15), {k: v for k, v in found.items()
                                                   if "bare" not in k}, 1e-6)
    if not chosen.small:
        large = {name: solver for name, solver in found.items() if name != "ours, bare loop"}
        print("ms per iteration, net".ljust(48), *(name.rjust(20) for name in large),
              "passes over W".rjust(20))
        for n in chosen.n:
            for active in (0.0, cases.THIRD):
                rounds = 2 if n >= 10**6 else 7
                window = 4 if n >= 10**6 else 10
                compare(cases.iterations(n, chosen.m, active, rounds, window), large, 1e-3)


if __name__ == "__main__":
    main()
