"""What an evaluation of a sum of parts costs on many machines, by simulation.

    python benchmarks/parts_model.py                     the table of docs/how-to/large-fits.md
    python benchmarks/parts_model.py --latency 1e-3 --bandwidth 1e8 --workers 50 --n 100000

Machines send each other messages over a network of one latency. A machine sends one message at a
time and receives one at a time, at its bandwidth, and has some work with each. x goes out along a
binomial tree; sums come back to the one that directs, or in groups first, or to all (allgather, by
doubling). Every worker has one part, whose time varies from worker to worker.
"""

from __future__ import annotations

import argparse
import heapq
import math
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Network:
    """What sending costs, in seconds and bytes."""

    latency: float
    bandwidth: float
    handling: float  # of a message by whoever receives it
    adding: float = 1e-9  # of one number to another, both read from memory


class Machines:
    """When each machine is free to send, and to receive."""

    def __init__(self, network: Network, count: int) -> None:
        self.network = network
        self.sends = [0.0] * count
        self.receives = [0.0] * count

    def send(self, source: int, target: int, numbers: float, ready: float) -> float:
        """Send when the source is ready; when the target has it."""
        network = self.network
        duration = 8.0 * numbers / network.bandwidth
        begun = max(ready, self.sends[source])
        self.sends[source] = begun + duration
        received = max(begun + network.latency, self.receives[target]) + duration
        self.receives[target] = received + network.handling
        return self.receives[target]

    def gather(self, come: list[tuple[float, int]], target: int, numbers: int) -> float:
        """All send to one, who adds; when it has the sum."""
        done = 0.0
        heapq.heapify(come)
        while come:
            ready, source = heapq.heappop(come)
            if source == target:
                done = max(done, ready)
                continue
            done = max(done, self.send(source, target, numbers, ready))
            done += numbers * self.network.adding
        return done


def times(workers: int, seconds: float, spread: float, seed: int) -> list[float]:
    """How long each worker's part takes: log-normal about a median."""
    chance = random.Random(seed)
    return [seconds * math.exp(chance.gauss(0.0, spread)) for _ in range(workers)]


def directed(network: Network, n: int, parts: list[float], groups: int | None) -> float:
    """Seconds of an evaluation with a director, who has number 0 and no part."""
    count = len(parts)
    machines = Machines(network, count + 1)
    have, at = 1, [0.0] * (count + 1)
    while have <= count:  # whoever has x sends it on
        for source in range(min(have, count + 1 - have)):
            at[have + source] = machines.send(source, have + source, n, at[source])
        have *= 2
    done = [(at[k + 1] + seconds, k + 1) for k, seconds in enumerate(parts)]
    if groups is not None:
        tops = []
        for j in range(groups):
            members = done[j * count // groups : (j + 1) * count // groups]
            top = members[0][1]
            tops.append((machines.gather(list(members), top, n), top))
        done = tops
    return machines.gather(done, 0, n)


def replicated(network: Network, n: int, parts: list[float]) -> float:
    """Seconds of an evaluation where every rank gets all sums: an allgather by doubling."""
    count = len(parts)
    at = list(parts)
    step = 1
    while step < count:
        numbers = min(step, count - step) * n
        duration = 8.0 * numbers / network.bandwidth + network.latency + network.handling
        at = [max(at[k], at[k ^ step] if k ^ step < count else at[k]) + duration
              for k in range(count)]
        step *= 2
    return max(at) + count * n * network.adding


def costs(network: Network, n: int, parts: list[float]) -> dict[str, float]:
    """Seconds of an evaluation in each way that aren't the slowest part's."""
    groups = round(math.sqrt(len(parts)))
    ways = {
        "all to one": directed(network, n, parts, None),
        "in √workers groups": directed(network, n, parts, groups),
        "to all": replicated(network, n, parts),
    }
    return {way: seconds - max(parts) for way, seconds in ways.items()}


def draw(data: dict[str, Any], file: Path, dark: bool = False) -> None:
    """Seconds outside the parts against the number of workers."""
    from matplotlib import rc_context, style
    from matplotlib.figure import Figure

    network = Network(data["latency"], data["bandwidth"], data["handling"])
    counts = [round(2 ** (k / 2)) for k in range(2, 2 * 10 + 1)]
    same = {"svg.hashsalt": "lbfgsb77"}
    with style.context("dark_background" if dark else "default"), rc_context(same):
        figure = Figure((8, 3.2), layout="constrained")
        both = figure.subplots(1, 2)
        for axes, n in zip(both, data["n"], strict=True):
            found = [costs(network, n, times(count, 1.0, 0.0, seed=0)) for count in counts]
            for way in found[0]:
                axes.loglog(counts, [cost[way] for cost in found], label=way)
            axes.set_title(f"n = {n:,}", fontsize=10)
            axes.set_xlabel("workers")
            axes.grid(alpha=0.3)
        both[0].set_ylabel("seconds an evaluation,\noutside the parts")
        figure.legend(*both[0].get_legend_handles_labels(), loc="outside right center", fontsize=8)
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def shown(taken: float) -> str:
    """A time for people."""
    if taken < 1e-3:
        return f"{taken * 1e6:.0f} µs"
    return f"{taken * 1e3:.2g} ms" if taken < 0.1 else f"{taken:.2g} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--workers", type=int, nargs="*", default=[10, 100, 1000])
    parser.add_argument("--n", type=int, nargs="*", default=[10**3, 10**6])
    parser.add_argument("--latency", type=float, default=50e-6, help="seconds")
    parser.add_argument("--bandwidth", type=float, default=1.25e9,
                        help="bytes a second, each machine")
    parser.add_argument("--handling", type=float, default=None,
                        help="seconds a message; by default 10 µs, as of MPI, and 1 ms, as of Dask")
    parser.add_argument("--part", type=float, default=1.0, help="median seconds of a part")
    parser.add_argument("--spread", type=float, default=0.0, help="standard deviation of its log")
    chosen = parser.parse_args()
    handlings = {"MPI": 10e-6, "Dask": 1e-3}
    if chosen.handling is not None:
        handlings = {"given": chosen.handling}
    print("| messages of | workers | n | all to one | in √workers groups | to all |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, handling in handlings.items():
        network = Network(chosen.latency, chosen.bandwidth, handling)
        for n in chosen.n:
            for workers in chosen.workers:
                parts = times(workers, chosen.part, chosen.spread, seed=0)
                cells = [shown(taken) for taken in costs(network, n, parts).values()]
                if name == "Dask":
                    cells[-1] = ""  # which has no such thing
                print(f"| {name} | {workers:,} | {n:,} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
