"""One large fit in one process, in two, on Dask and on MPI: the same coefficients to the last bit.

    python examples/large_fit.py                        2 GB: 4,000,000 rows of 64 columns
    python examples/large_fit.py --rows 200000          less

Logistic regression with bounded coefficients. The rows lie in files, which whoever computes maps
into memory one after the other, so that no process ever holds more than some 50 MB of them.
"""

from __future__ import annotations

import os

# Before NumPy is imported: a product by several threads can have other bits than by one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import functools
import hashlib
import importlib.util
import json
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from lbfgsb77 import SumOfParts, minimize

COLUMNS = 64
BOUNDS = [(0.0, 0.3)] * COLUMNS
# Rows that are taken together: 2 MB, which stay in a cache from one product to the other.
BLOCK = 4096


# The objective ----------------------------------------------------------------------------------


def log_loss(w: np.ndarray, data: Any, scale: float) -> tuple[float, np.ndarray]:
    """The part of the negative log-likelihood that comes from the rows of one file."""
    rows, labels = data  # labels are -1 and 1
    f, g = 0.0, np.zeros(w.size)
    for first in range(0, len(rows), BLOCK):
        x, y = np.asarray(rows[first : first + BLOCK]), labels[first : first + BLOCK]
        margin = y * (x @ w)
        f += np.logaddexp(0.0, -margin).sum()
        g -= (y / (1.0 + np.exp(margin))) @ x
    return scale * f, scale * g


def fit(parts: list[Any], rows: int, workers: Any, bounds: Any = BOUNDS) -> dict[str, Any]:
    """Fit, and tell what it took."""
    part = functools.partial(log_loss, scale=1.0 / rows)
    began = time.perf_counter()
    with SumOfParts(part, parts, workers) as objective:
        start = np.full(COLUMNS, 0.1)
        result = minimize(objective, start, jac=True, bounds=bounds, ftol=0.0, gtol=1e-9)
    return {
        "x": result.x.tolist(),
        "fun": result.fun,
        "nfev": result.nfev,
        "seconds": time.perf_counter() - began,
        "outside": objective.seconds_outside / objective.evaluations,
        "active": int(((result.x == 0.0) | (result.x == 0.3)).sum()),
    }


# The data ---------------------------------------------------------------------------------------


def made(directory: Path, rows: int, parts: int) -> list[tuple[str, str]]:
    """Names of the files of each part, which are made unless they are there."""
    names = [(f"{directory}/rows-{k}.npy", f"{directory}/labels-{k}.npy") for k in range(parts)]
    stamp = directory / f"{rows}-rows-in-{parts}-parts"
    if stamp.exists():
        return names
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    truth = np.random.RandomState(12345).uniform(-0.2, 0.5, COLUMNS)
    for k, (name, labels) in enumerate(names):
        random = np.random.RandomState(k)
        x = random.uniform(-1.0, 1.0, ((k + 1) * rows // parts - k * rows // parts, COLUMNS))
        np.save(name, x)
        chance = 1.0 / (1.0 + np.exp(-(x @ truth)))
        np.save(labels, np.where(random.uniform(size=len(x)) < chance, 1, -1).astype(np.int8))
    stamp.touch()
    return names


# Who computes -----------------------------------------------------------------------------------


def peak() -> float:
    """The most memory that this process has had, in MB, with what it had mapped of files."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


@contextmanager
def workers_of(way: str) -> Iterator[tuple[Any, Any]]:
    """What SumOfParts takes, and what tells the memory of each worker afterwards."""
    if way == "dask":
        from distributed import Client, LocalCluster

        with (
            # More memory than this Dask would not let a worker have.
            LocalCluster(
                n_workers=2, threads_per_worker=1, memory_limit="500MB", dashboard_address=None
            ) as c,
            Client(c) as client,
        ):
            yield client, lambda: list(client.run(peak).values())
    elif way == "mpi":
        from mpi4py import MPI

        comm = MPI.COMM_WORLD
        yield comm, lambda: comm.allgather(peak())
    elif way == "processes":
        children = resource.RUSAGE_CHILDREN
        yield 2, lambda: [resource.getrusage(children).ru_maxrss / 1000]
    else:
        yield None, lambda: [peak()]


def one_way(way: str, names: list[Any], rows: int) -> None:
    """Fit in one way, and print what came out as JSON."""
    with workers_of(way) as (workers, memory):
        found = fit(names, rows, workers)
        found["memory"] = max(memory())
    if getattr(workers, "rank", 0) == 0:
        print(json.dumps(found), flush=True)


WAYS = {
    "this": "this process",
    "processes": "two processes",
    "dask": "Dask, two workers",
    "mpi": "MPI, two ranks",
}


def available(way: str) -> bool:
    """Whether it can be had here."""
    if way == "mpi":
        return importlib.util.find_spec("mpi4py") is not None and mpiexec() is not None
    return way != "dask" or importlib.util.find_spec("distributed") is not None


def mpiexec() -> str | None:
    """The command, which mpi4py's requirements can put beside the interpreter."""
    return shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def run(way: str, options: argparse.Namespace) -> dict[str, Any]:
    """Fit in a process of its own, or two."""
    command = [sys.executable, __file__, "--way", way, "--rows", str(options.rows)]
    command += ["--parts", str(options.parts), "--directory", str(options.directory)]
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1"}
    environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"  # as Open MPI asks for in a container
    if way == "mpi":
        command = [str(mpiexec()), "-n", "2", *command]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def beside_scikit_learn(names: list[Any], rows: int, parts: int) -> None:
    """On a few parts, and without bounds, which scikit-learn doesn't know: its answer beside."""
    if importlib.util.find_spec("sklearn") is None:
        print("\n(scikit-learn, whose answer would stand here beside ours, isn't installed.)")
        return
    from sklearn.linear_model import LogisticRegression

    few = names[: max(1, parts // 16)]
    x = np.concatenate([np.load(name) for name, _ in few])
    y = np.concatenate([np.load(labels) for _, labels in few])
    theirs = LogisticRegression(C=np.inf, fit_intercept=False, tol=1e-8).fit(x, y).coef_[0]
    ours = fit(few, len(x), None, bounds=None)
    print(
        f"\nWithout bounds, on the first {len(x):,} rows: scikit-learn's coefficients are within\n"
        f"{np.abs(theirs - ours['x']).max():.0e} of ours, whose standard errors are some "
        f"{1.0 / np.sqrt(0.25 * len(x) / 3.0):.0e}."
    )


def main() -> None:
    """Fit in every way that can be had here, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=4_000_000)
    parser.add_argument("--parts", type=int, default=64)
    parser.add_argument("--directory", type=Path, default=Path("build/large_fit"))
    parser.add_argument("--way", choices=WAYS, help="this one alone; under mpiexec for mpi")
    options = parser.parse_args()
    names = made(options.directory, options.rows, options.parts)
    if options.way:
        one_way(options.way, names, options.rows)
        return
    size = sum(path.stat().st_size for path in options.directory.glob("*.npy"))
    print(
        f"{options.rows:,} rows of {COLUMNS} columns in {options.parts} parts: {size / 1e9:.2f} GB"
    )
    print(f"{'':18} calls  seconds  MB each  {'f':19}  SHA-256 of x")
    for way, name in WAYS.items():
        if not available(way):
            print(f"{name:18} isn't installed")
            continue
        found = run(way, options)
        digest = hashlib.sha256(np.array(found["x"]).tobytes()).hexdigest()[:12]
        print(
            f"{name:18} {found['nfev']:5} {found['seconds']:8.1f} {found['memory']:8.0f}  "
            f"{found['fun']:<19.17g}  {digest}",
            flush=True,
        )
    print(f"{found['active']} of {COLUMNS} coefficients are on a bound.")
    beside_scikit_learn(names, options.rows, options.parts)


if __name__ == "__main__":
    main()
