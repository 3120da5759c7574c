"""What an evaluation costs beyond the function: a batch beside a loop of separate solves.

    python benchmarks/batches.py [--problems 2000] [--repeats 5]

For thousands of small problems, CPU time by the number of evaluations, the best of several
interleaved repeats:

    total       everything, the objective too
    no f        without the time that is spent inside the objective
    kernel      of this, the kernel's own arithmetic, in the batch: a loop has the same to do

The overhead is what is left of "no f" without the kernel's arithmetic.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from lbfgsb77 import _lbfgsb, fmin_l_bfgs_b, minimize_batch

CASES = [(2, 10, False), (4, 10, False), (4, 5, True), (8, 10, True)]  # n, m, whether bounded

clock = time.process_time  # the time on the wall depends on what else the machine does


class Timed:
    """A function, and the seconds that its calls have taken."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.seconds = 0.0

    def __call__(self, *arguments: Any) -> Any:
        began = clock()
        answer = self.function(*arguments)
        self.seconds += clock() - began
        return answer


class Wells:
    """Of each problem: Σ c z² / 2 + z⁴ / 4, z = x − a, for one point or for rows of them."""

    def __init__(self, count: int, n: int) -> None:
        random = np.random.default_rng(0)
        self.c = 10 ** random.uniform(-1.5, 1.5, (count, n))
        self.a = random.uniform(-2, 2, (count, n))
        self.starts = random.uniform(-2, 2, (count, n))

    def __call__(self, points: np.ndarray, index: Any) -> Any:
        z = points - self.a[index]
        curved, squares = self.c[index] * z, z * z
        f = 0.5 * (curved * z).sum(-1) + 0.25 * (squares * squares).sum(-1)
        return f, curved + squares * z


class Cost(NamedTuple):
    """Microseconds per evaluation."""

    total: float
    no_f: float
    kernel: float


def in_a_batch(objective: Any, starts: np.ndarray, bounds: Any, m: int) -> Any:
    """Points and evaluations of all problems in lockstep."""
    results = minimize_batch(objective, starts, bounds, m=m)
    return results.x, int(results.nfev.sum())


def in_a_loop(objective: Any, starts: np.ndarray, bounds: Any, m: int) -> Any:
    """Points and evaluations of one problem after the other."""
    points, evaluations = [], 0
    for k, start in enumerate(starts):
        x, _, info = fmin_l_bfgs_b(objective, start, args=(k,), bounds=bounds, m=m)
        points.append(x)
        evaluations += info["funcalls"]
    return np.array(points), evaluations


def measured(solve: Callable[..., Any], wells: Wells, bounds: Any, m: int) -> tuple[Cost, Any]:
    """What a solver costs, and what it finds."""
    began = clock()
    _, evaluations = solve(wells, wells.starts, bounds, m)
    total = clock() - began
    # Asking the time takes time, so the parts are measured in runs of their own.
    objective = Timed(wells)
    began = clock()
    solve(objective, wells.starts, bounds, m)
    no_f = clock() - began - objective.seconds
    kernel, plain = Timed(_lbfgsb.tell_batch), _lbfgsb.tell_batch
    _lbfgsb.tell_batch = kernel
    try:
        found = solve(wells, wells.starts, bounds, m)
    finally:
        _lbfgsb.tell_batch = plain
    return Cost(*(1e6 * t / evaluations for t in (total, no_f, kernel.seconds))), found


def main() -> None:
    """Print a line for each case."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--problems", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print("microseconds per evaluation     batch                      loop         loop / batch")
    print(" n   m  bounds           total   no f  kernel       total   no f     total  overhead")
    for n, m, bounded in CASES:
        wells = Wells(arguments.problems, n)
        bounds = [(-1, 1)] * n if bounded else None
        batches, loops = [], []
        for _ in range(arguments.repeats):
            cost, found = measured(in_a_batch, wells, bounds, m)
            batches.append(cost)
            cost, expected = measured(in_a_loop, wells, bounds, m)
            loops.append(cost)
            assert np.array_equal(found[0], expected[0])
            assert found[1] == expected[1]
        batch, loop = Cost(*np.min(batches, axis=0)), Cost(*np.min(loops, axis=0))
        overhead = (loop.no_f - batch.kernel) / (batch.no_f - batch.kernel)
        print(
            f"{n:2} {m:3}  {'yes' if bounded else 'no ':6}       "
            f"{batch.total:9.2f}{batch.no_f:7.2f}{batch.kernel:8.2f}   "
            f"{loop.total:9.2f}{loop.no_f:7.2f}{loop.total / batch.total:10.1f}{overhead:10.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
