"""On paper: what more threads give, from the costs of one.

    python benchmarks/threads_model.py                        the table of docs/explanation/speed.md
    python benchmarks/threads_model.py --n 1000000 --bandwidth 200

An iteration is passes over the pairs, which a team shares, and what lies between them, which it
doesn't (fortran/README.md, "Threads"). In a pass, work on variables divides by the number of
threads; sums divide by columns, in groups of four, and a pass is never shorter than its longest
single sum, one addition after the other. The costs are of one thread of an AMD EPYC (Zen 4), pairs
in its third-level cache.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

# Nanoseconds a variable.
GROUP = {2: 0.75, 3: 0.95}  # sums of four columns with two or three vectors
PAIR = 0.3  # a pair added to a vector
ADDITION = 0.85  # one addition after the other: 3 cycles
WAKE = 80e-6  # seconds until a helper that sleeps is at work
MEETING = 2e-6  # seconds that members wait for each other, each time
STRETCH = 8192  # variables a member between two meetings (fortran/sharing.f)


@dataclass(frozen=True)
class Pass:
    """One pass: nanoseconds a variable, but for the lanes of its products."""

    work: float  # variable by variable, without pairs
    lanes: int  # of the products, 0: none
    added: bool  # whether all pairs are added to a vector
    alone: float  # of the sums that are no column's


@dataclass(frozen=True)
class Iteration:
    """What is done in an iteration, and read."""

    passes: tuple[Pass, ...]
    between: float  # not shared, nanoseconds a variable
    vectors: int  # numbers a variable that are read and written beside the pairs
    readings: int  # of the pairs


FREE = Iteration((Pass(0.6, 3, False, 0.0), Pass(1.0, 0, True, ADDITION)), ADDITION, 18, 2)
BOUNDED = Iteration((Pass(3.3, 2, False, ADDITION), Pass(2.5, 2, True, 0.0),
                     Pass(2.0, 0, True, ADDITION)), 2.5 + ADDITION, 45, 3)


def seconds(kind: Iteration, n: int, m: int, threads: int, bandwidth: float) -> float:
    """An iteration's time; `bandwidth` in bytes a second, of all threads together."""
    groups = -(-2 * m // 4)
    total = kind.between
    for one in kind.passes:
        shared = (one.work + (m * PAIR if one.added else 0.0)) / threads
        summed = groups / min(threads, groups) * GROUP[one.lanes] if one.lanes else 0.0
        total += max(shared + summed, one.alone)
    fixed = 0.0
    if threads > 1:
        fixed = WAKE + MEETING * len(kind.passes) * (n / (STRETCH * threads) + 2)
    numbers = kind.readings * 2 * m + kind.vectors
    return max(total * 1e-9 * n, 8.0 * numbers * n / bandwidth) + fixed


def speedup(kind: Iteration, n: int, m: int, threads: int, bandwidth: float = 0.0) -> float:
    """How many times as fast as one thread; by default as on a server.

    Of some hundred thousand variables the pairs are in its caches, of more in memory: 27 GB/s a
    core, and at most 300.
    """
    in_cache = n <= 3 * 10**5
    alone = 50e9 if in_cache else 27e9
    together = bandwidth or (alone * threads if in_cache else min(alone * threads, 300e9))
    if threads == 1:
        return 1.0
    return seconds(kind, n, m, 1, alone) / seconds(kind, n, m, threads, together)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, nargs="*", default=[10**5, 10**6])
    parser.add_argument("--bandwidth", type=float, default=0.0,
                        help="GB/s of the memory; by default 27 a core up to 300, as of a server")
    chosen = parser.parse_args()
    print("| n | m | bounds | 2 | 4 | 16 | 64 |")
    print("| ---: | ---: | --- | ---: | ---: | ---: | ---: |")
    for n in chosen.n:
        for m in (5, 10, 20):
            for name, kind in (("none", FREE), ("on all", BOUNDED)):
                cells = [f"{speedup(kind, n, m, threads, chosen.bandwidth * 1e9):.1f}"
                         for threads in (2, 4, 16, 64)]
                print(f"| {n:,} | {m} | {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
