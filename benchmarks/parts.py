"""A sum of parts beside dask-glm, and beside a loop of mpi4py around SciPy; two workers beside one.

    python benchmarks/parts.py                   measure, in an environment made for it
    python benchmarks/parts.py --json FILE       ... and keep it

Logistic regression. Where a solver's own cost is measured, parts are so small (some 0.01 ms) that
an evaluation's time is what is spent outside of them; peers take turns, and each figure is the
median of the rounds. Where workers are compared, a part takes 50 ms or more.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / "build" / "bench" / "envs"
REQUIREMENTS = ("dask-glm", "distributed", "mpi4py", "openmpi", "scipy<1.18")
ITERATIONS = 15
ROUNDS = 7

Way = Callable[[], tuple[float, int]]  # seconds and evaluations


def log_loss(w: np.ndarray, data: Any) -> tuple[float, np.ndarray]:
    """The negative log-likelihood of some rows, as a pair."""
    x, y = data  # y is -1 or 1
    margin = y * (x @ w)
    return float(np.logaddexp(0.0, -margin).sum()), -(y / (1.0 + np.exp(margin))) @ x


def costly_log_loss(w: np.ndarray, data: Any) -> tuple[float, np.ndarray]:
    """The same, again and again, until a part takes its time."""
    for _ in range(200):
        answer = log_loss(w, data)
    return answer


def rows(parts: int, each: int, columns: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Data in parts."""
    random = np.random.RandomState(0)
    truth = random.uniform(-1, 1, columns) / np.sqrt(columns / 8)
    made = []
    for _ in range(parts):
        x = random.uniform(-1, 1, (each, columns))
        chance = 1 / (1 + np.exp(-(x @ truth)))
        made.append((x, np.where(random.uniform(size=each) < chance, 1.0, -1.0)))
    return made


def timed(minimizer: Callable[..., Any], objective: Any, columns: int) -> tuple[float, int]:
    """Seconds and evaluations of a run of so many iterations, whose workers know their work."""
    objective(np.zeros(columns))
    began = time.perf_counter()
    info = minimizer(objective, np.zeros(columns), maxiter=ITERATIONS, factr=0.0, pgtol=0.0)[2]
    return time.perf_counter() - began, info["funcalls"]


def in_turns(ways: dict[str, Way], rounds: int, against: str) -> list[dict[str, Any]]:
    """Milliseconds an evaluation of each way, and the times of one of them."""
    each: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for turn in range(rounds + 1):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            seconds, evaluations = ways[name]()
            if turn:  # the first warms up
                each[name].append(1e3 * seconds / evaluations)
    found = []
    for name in ways:
        ratios = [a / b for a, b in zip(each[name], each[against], strict=True)]
        found.append({
            "way": name, "ms": statistics.median(each[name]), "ratio": statistics.median(ratios),
            "least": min(ratios), "most": max(ratios),
        })  # fmt: skip
    return found


# Dask --------------------------------------------------------------------------------------------


@contextmanager
def dask_cluster(workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        client.wait_for_workers(workers)
        yield client


def beside_dask_glm(rounds: int) -> list[dict[str, Any]]:
    """Same cluster, same data, same number of iterations."""
    import dask.array
    import dask_glm.algorithms
    import scipy.optimize

    import lbfgsb77

    found = []
    columns, each = 64, 200
    with dask_cluster(2) as client:
        for count in (2, 8, 32):
            data = rows(count, each, columns)
            x, y = (np.concatenate(both) for both in zip(*data, strict=True))
            x_there = client.persist(dask.array.from_array(x, chunks=(each, columns)))
            y_there = client.persist(dask.array.from_array((y + 1) / 2, chunks=each))
            objective = lbfgsb77.SumOfParts(log_loss, data, client)

            def ours(objective: Any = objective) -> tuple[float, int]:
                return timed(lbfgsb77.fmin_l_bfgs_b, objective, columns)

            def theirs(x: Any = x_there, y: Any = y_there) -> tuple[float, int]:
                calls = 0

                def counting(f: Any, *args: Any, **kwargs: Any) -> Any:
                    def counted(*rest: Any) -> Any:
                        nonlocal calls
                        calls += 1
                        return f(*rest)

                    return scipy.optimize.fmin_l_bfgs_b(counted, *args, **kwargs)

                dask_glm.algorithms.fmin_l_bfgs_b = counting
                began = time.perf_counter()
                dask_glm.algorithms.lbfgs(x, y, max_iter=ITERATIONS, tol=0.0)
                return time.perf_counter() - began, calls

            ways = {"SumOfParts": ours, "dask-glm": theirs}
            found += [row | {"case": f"Dask, {count} parts"}
                      for row in in_turns(ways, rounds, "SumOfParts")]
    return found


# MPI ---------------------------------------------------------------------------------------------


def by_hand(comm: Any, data: list[Any], columns: int) -> tuple[float, int]:
    """A loop of mpi4py around SciPy, as one writes it: x goes out, a sum comes back."""
    import scipy.optimize

    mine = data[comm.rank :: comm.size]
    said, row, total = np.zeros(columns + 1), np.zeros(columns + 1), np.zeros(columns + 1)

    def evaluate() -> None:
        row[:] = 0.0
        for one in mine:
            f, g = log_loss(said[1:], one)
            row[0] += f
            row[1:] += g
        comm.Reduce(row, total, root=0)

    if comm.rank == 0:

        def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
            said[0], said[1:] = 1.0, x
            comm.Bcast(said, root=0)
            evaluate()
            return total[0], total[1:].copy()

        found = timed(scipy.optimize.fmin_l_bfgs_b, objective, columns)
        said[0] = 0.0
        comm.Bcast(said, root=0)
        return found
    while True:
        comm.Bcast(said, root=0)
        if said[0] == 0.0:
            return 1.0, 1
        evaluate()


def on_ranks(rounds: int) -> None:
    """What is measured on every rank; the first one prints it as JSON."""
    from mpi4py import MPI

    import lbfgsb77

    comm = MPI.COMM_WORLD
    found = []
    for count, columns in ((2, 64), (8, 64), (8, 1000), (64, 64)):
        data = rows(count, 200 if columns == 64 else 20, columns)

        def directed(data: Any = data, columns: int = columns) -> tuple[float, int]:
            with lbfgsb77.SumOfParts(log_loss, data, comm, director=0) as objective:
                if comm.rank == 0:
                    return timed(lbfgsb77.fmin_l_bfgs_b, objective, columns)
                objective.serve()
                return 1.0, 1

        def replicated(data: Any = data, columns: int = columns) -> tuple[float, int]:
            with lbfgsb77.SumOfParts(log_loss, data, comm) as objective:
                return timed(lbfgsb77.fmin_l_bfgs_b, objective, columns)

        def hand(data: Any = data, columns: int = columns) -> tuple[float, int]:
            return by_hand(comm, data, columns)

        ways = {"SumOfParts, director": directed, "SumOfParts, replicated": replicated,
                "mpi4py and SciPy by hand": hand}
        found += [row | {"case": f"MPI, {count} parts, n = {columns}"}
                  for row in in_turns(ways, 3 * rounds, "mpi4py and SciPy by hand")]
    if comm.rank == 0:
        print(json.dumps(found))


def mpiexec(ranks: int, *arguments: str) -> Any:
    """What this file prints on so many ranks."""
    command = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    settings = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    done = subprocess.run(
        [str(command), "-n", str(ranks), sys.executable, __file__, "--here", *arguments],
        env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


# Two workers beside one --------------------------------------------------------------------------


COSTLY = (8, 10_000, 64)


def costly(workers: Any) -> tuple[float, int]:
    """Seconds of an evaluation after the first, and the evaluations."""
    import lbfgsb77

    with lbfgsb77.SumOfParts(costly_log_loss, rows(*COSTLY), workers) as objective:
        objective(np.zeros(COSTLY[2]))
        began = time.perf_counter()
        for k in range(3):
            objective(np.full(COSTLY[2], 0.01 * k))
        return time.perf_counter() - began, 3


def two_beside_one(rounds: int) -> list[dict[str, Any]]:
    found = []
    ms = 1e3 * min(seconds / (3 * COSTLY[0]) for seconds, _ in (costly(None), costly(None)))
    print(f"a part takes {ms:.0f} ms", file=sys.stderr)

    def by_dask(workers: int) -> tuple[float, int]:
        with dask_cluster(workers) as client:
            return costly(client)

    def by_mpi(ranks: int) -> tuple[float, int]:
        seconds, evaluations = mpiexec(ranks, "--costly")
        return seconds, evaluations

    for name, way in (("processes", lambda count: costly(count)), ("Dask", by_dask),
                      ("MPI", by_mpi)):
        ways = {f"{count} of {name}": functools.partial(way, count) for count in (1, 2)}
        measured = in_turns(ways, rounds, f"2 of {name}")
        found += [row | {"case": f"a part of {ms:.0f} ms, {name}"} for row in measured]
    return found


def table(found: list[dict[str, Any]]) -> str:
    """As Markdown."""
    lines = ["| | | ms an evaluation | ratio |", "| --- | --- | ---: | ---: |"]
    for row in found:
        ratio = f"{row['ratio']:.2f} ({row['least']:.2f} to {row['most']:.2f})"
        lines.append(f"| {row['case']} | {row['way']} | {row['ms']:.3g} | {ratio} |")
    return "\n".join(lines)


def main() -> int:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--here", action="store_true", help="in this environment")
    parser.add_argument("--ranks", action="store_true", help="the part that runs under mpiexec")
    parser.add_argument("--costly", action="store_true", help="another one")
    options = parser.parse_args()
    if not options.here:
        import peers  # the documentation draws with other files of this directory alone

        arguments = sys.argv[1:]
        return peers.run_in_environment(ENVIRONMENTS, "parts", REQUIREMENTS, __file__, arguments)
    # Of dask-glm, whose settings have had other names for a while, and of SciPy's iprint.
    warnings.simplefilter("ignore")
    if options.ranks:
        on_ranks(options.rounds)
    elif options.costly:
        from mpi4py import MPI

        seconds = costly(MPI.COMM_WORLD)
        if MPI.COMM_WORLD.rank == 0:
            print(json.dumps(seconds))
    else:
        found = beside_dask_glm(options.rounds)
        found += mpiexec(2, "--ranks", "--rounds", str(options.rounds))
        found += two_beside_one(options.rounds)
        print(table(found))
        if options.json:
            options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
