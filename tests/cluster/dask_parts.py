"""Minimize a sum of parts on a Dask cluster, lose workers on the way: the same bits.

python tests/cluster/dask_parts.py
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import dask
import numpy as np
from cluster_problems import Lines, check
from dask_runs import cluster
from distributed import Client
from parts_problem import BOX, COUNT, DATA, Deadly, N, alone, bits, fit, part, slow_part

import lbfgsb77._parts.watch
from lbfgsb77 import SumOfParts, fmin_l_bfgs_b, minimize


def made(k: int) -> np.ndarray:
    """Data that a worker makes, and can make again."""
    return DATA[k]


def late(x: np.ndarray, data: Any) -> Any:
    """One part comes late."""
    k, rows = data
    time.sleep(1.5 if k == 4 else 0.0)
    return part(x, rows)


def odd(x: np.ndarray, data: Any) -> Any:
    """One part fails."""
    k, rows = data
    if k == 5:
        raise ArithmeticError("an odd part")
    return part(x, rows)


def killing(x: np.ndarray, data: Any) -> Any:
    """Nobody survives it."""
    os.kill(os.getpid(), signal.SIGKILL)


def misaligned(x: np.ndarray, data: Any) -> Any:
    """How many of its arrays NumPy would have to copy, or add up in another order."""
    weights, rows = data
    return float(not weights.flags.aligned) + float(not rows.flags.aligned), x


def paired(x: np.ndarray, data: Any) -> Any:
    """The rows are one of two things."""
    rows, weight = data
    assert weight == 1.0
    return part(x, rows)


def large(x: np.ndarray, data: float) -> Any:
    """Of many variables, more than travel with a task."""
    return float(data * x[0] ** 2), np.where(np.arange(x.size) == 0, 2 * data * x[0], 0.0)


def in_peace(client: Client, log: Lines, directory: Path) -> None:
    """What ends well."""
    for k, rows in enumerate(DATA):
        np.save(directory / f"{k}.npy", rows)
    files = [directory / f"{k}.npy" for k in range(COUNT)]
    scattered = client.scatter(DATA, hash=False)
    ways: dict[str, Any] = {
        "arrays": DATA,
        "files": files,
        "scattered futures": scattered,
        "computed futures": client.map(made, range(COUNT)),
        "delayed": [dask.delayed(made)(k) for k in range(COUNT)],
    }
    for groups in (None, 3, (4, 2)):
        expected = alone(groups)
        for name, parts in ways.items():
            seen: list[int] = []
            objective = SumOfParts(
                part, parts, client, groups=groups, progress=lambda done, _, s=seen: s.append(done)
            )
            check(f"{name}, groups {groups}", fit(objective) == expected)
            check("progress", seen == [*range(1, COUNT + 1)] * objective.evaluations, quiet=True)
            check("two workers", len(objective.worker_seconds) == 2, quiet=True)
    # Larger than what Dask sends together with other things, and of an odd number of bytes before.
    heavy = [(np.ones(10_001), np.ones((10_000, 64))) for _ in range(4)]
    misses = [SumOfParts(misaligned, parts, client)(np.zeros(N))[0] for parts in (heavy, heavy)]
    check("arrays arrive aligned", misses == [0.0, 0.0])
    halves = [(future, 1.0) for future in client.map(made, range(COUNT))]
    delayed = [(dask.delayed(made)(k), 1.0) for k in range(COUNT)]
    for name, parts in {
        "futures": halves,
        "delayed": delayed,
        "arrays": [(d, 1.0) for d in DATA],
    }.items():
        objective = SumOfParts(paired, parts, client, groups=3)
        check(f"{name} in tuples", fit(objective) == alone(3))
    numbers = [0.5] * 8
    n = 10_000
    for groups in (None, 2):
        there = fmin_l_bfgs_b(SumOfParts(large, numbers, client, groups=groups), np.ones(n))
        here = fmin_l_bfgs_b(SumOfParts(large, numbers, groups=groups), np.ones(n))
        check(f"x of 80 kB, groups {groups}", there[0].tobytes() == here[0].tobytes())
    check("nothing was logged", log.lines == [])

    SumOfParts(late, list(enumerate(DATA)), client)(np.zeros(N))
    check("the one that is late is named", any("part 4 of 7" in line for line in log.lines))
    log.lines.clear()
    try:
        fit(SumOfParts(odd, list(enumerate(DATA)), client, groups=2))
    except ArithmeticError as error:
        check("the one that fails is named", "part 5 of 7" in error.__notes__[0])
    else:
        check("the one that fails is named", False)


def with_deaths(directory: Path, log: Lines) -> None:
    """Two workers are killed in mid-evaluation."""
    for groups in (None, 3):
        for name in ("arrays", "files", "computed futures"):
            with (
                tempfile.TemporaryDirectory(dir=directory) as marks,
                cluster(Path(marks), nannies=True) as (client, _),
            ):
                parts: Any = DATA
                if name == "files":
                    parts = [directory / f"{k}.npy" for k in range(COUNT)]
                elif name == "computed futures":
                    parts = client.map(made, range(COUNT))
                deadly = Deadly(Path(marks), (9, 20))
                got = fit(SumOfParts(deadly, parts, client, groups=groups))
                killed = len(list(Path(marks).glob("killed-*")))
                check(f"two deaths, {name}, groups {groups}", got == alone(groups))
                check("there were two", killed == 2, quiet=True)
    with (
        tempfile.TemporaryDirectory(dir=directory) as marks,
        cluster(Path(marks), nannies=True) as (client, _),
    ):
        for name, parts in {"arrays": DATA, "texts": [str(k) for k in range(COUNT)]}.items():
            try:
                SumOfParts(killing, parts, client, groups=3)(np.zeros(N))
            except Exception as error:
                said = [str(error), *getattr(error, "__notes__", ())]
                check(f"a part that kills is named, {name}", any("of 7" in text for text in said))
            else:
                check(f"a part that kills is named, {name}", False)
    check("deaths are logged", any("died" in line for line in log.lines))
    with tempfile.TemporaryDirectory(dir=directory) as marks, cluster(Path(marks)) as (client, ws):
        futures = client.scatter(DATA, hash=False)
        objective = SumOfParts(slow_part, futures, client)
        objective(np.zeros(N))
        ws[0].kill()
        ws[0].wait()
        try:
            objective(np.zeros(N))
        except RuntimeError as error:
            check("what was scattered by others is lost", "was lost with a worker" in str(error))
        else:
            check("what was scattered by others is lost", False)


def gone(directory: Path) -> None:
    """A cluster that is gone ends the call; what was computed is kept."""
    for what in ("scheduler", "workers"):
        with tempfile.TemporaryDirectory(dir=directory) as marks:
            path = Path(marks, "run.checkpoint")
            with cluster(Path(marks)) as (client, processes):
                objective = SumOfParts(slow_part, DATA, client, patience=1.0)

                def halfway(x: np.ndarray) -> None:
                    if objective.evaluations != 6:  # noqa: B023
                        return
                    for process in processes[2:] if what == "scheduler" else processes[:2]:  # noqa: B023
                        process.kill()
                        process.wait()

                try:
                    fit(objective, callback=halfway, checkpoint=path)
                except RuntimeError as error:
                    check(f"{what} gone: {error}", "Dask cluster" in str(error))
                else:
                    check(f"{what} gone", False)
            evaluations = 0

            def counted(x: np.ndarray) -> Any:
                nonlocal evaluations
                evaluations += 1
                return SumOfParts(part, DATA)(x)

            rest = minimize(counted, np.zeros(N), jac=True, checkpoint=path, bounds=BOX)
            check("it goes on from its checkpoint", bits(rest) == alone() and evaluations > 0)
            check("and not from the start", evaluations < rest.nfev, quiet=True)


def main() -> None:
    """Compare with this process."""
    lbfgsb77._parts.watch._GRACE = 0.2
    log = Lines()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        with cluster(directory) as (client, _):
            in_peace(client, log, directory)
        if sys.platform != "win32":
            with_deaths(directory, log)
            gone(directory)


if __name__ == "__main__":
    main()
