"""Kill workers, and the process that directs them; each run must end with the undisturbed bits.

    python tests/killed/parts.py --runs 50

Every run minimizes a sum of parts, in turns in two processes, on a Dask cluster of two workers, and
on two ranks of MPI in both ways. In each run two workers are killed (SIGKILL) in mid-evaluation,
and the process that directs is killed after a random part of the time that a run takes; then the
same call goes on from its checkpoint in another process. The ranks of MPI all die when one is
killed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CLUSTER = Path(__file__).parents[1] / "cluster"
sys.path.insert(0, str(CLUSTER))

from mpi_command import MPI_SETTINGS, mpiexec  # noqa: E402
from parts_problem import DATA, Deadly, alone, fit  # noqa: E402

from lbfgsb77 import LBFGSB, SumOfParts  # noqa: E402

# So early in a run that there are as many in every one; the second one's process may be new.
DEATHS = 5, 12

WAYS = ["processes", "Dask", "MPI, director", "MPI, replicated"]


def direct(directory: Path, way: str) -> None:
    """Begin or resume the run of this directory."""
    path = directory / "run.checkpoint"
    part = Deadly(directory, DEATHS)
    if way == "Dask":
        from distributed import Client

        with Client(scheduler_file=str(directory / "scheduler.json"), timeout="60s") as client:
            got = saved_fit(SumOfParts(part, DATA, client), path)
    elif way == "processes":
        with SumOfParts(part, DATA, 2) as objective:
            got = saved_fit(objective, path)
    else:
        from mpi4py import MPI

        part.home = -1  # every rank may be killed, the director's too
        comm = MPI.COMM_WORLD
        director = 0 if way == "MPI, director" else None
        with SumOfParts(part, DATA, comm, director=director) as objective:
            if director == 0 and comm.rank > 0:
                objective.serve()
                return
            got = saved_fit(objective, objective.checkpoint(path))
        if comm.rank > 0:
            return
    directory.joinpath("result.new").write_bytes(got)
    directory.joinpath("result.new").rename(directory / "result")


def saved_fit(objective: SumOfParts, path: Path | str) -> bytes:
    """Saved before each evaluation."""
    return fit(objective, checkpoint=path, checkpoint_every=0)


def begin(directory: Path, way: str) -> subprocess.Popen[bytes]:
    """In a process of its own, or in two of MPI's."""
    command = [sys.executable, __file__, "--direct", str(directory), "--way", way]
    environment = dict(os.environ)
    if way.startswith("MPI"):
        command = [*mpiexec(2), *command]
        environment |= MPI_SETTINGS
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def disturbed_run(directory: Path, way: str, moments: random.Random) -> int:
    """Run to the end; how often the one that directs was killed."""
    checkpoint = directory / "run.checkpoint"
    kills = 0
    while True:
        process = begin(directory, way)
        # The ranks of MPI die together, of the part's own doing.
        if kills == 0 and not way.startswith("MPI"):
            # Not before it has something to lose.
            while not checkpoint.exists() and process.poll() is None:
                time.sleep(0.001)
            time.sleep(moments.uniform(0, 0.05))
            process.kill()
        status = process.wait()
        if status == 0:
            return kills
        kills += 1
        if kills > len(DEATHS):
            sys.exit(f"FAILED: {way}: a run ended with status {status}")
        LBFGSB.load(checkpoint)


def main() -> None:
    """Run so many times."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)
    parser.add_argument("--direct", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--way", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.direct:
        direct(arguments.direct, arguments.way)
        return
    moments = random.Random(arguments.seed)
    undisturbed = alone()
    kills = deaths = 0
    with tempfile.TemporaryDirectory() as name:
        for run in range(arguments.runs):
            way = arguments.ways[run % len(arguments.ways)]
            directory = Path(name, f"run-{run}")
            directory.mkdir()
            if way == "Dask":
                from dask_runs import cluster

                with cluster(directory, nannies=True):
                    kills += disturbed_run(directory, way, moments)
            else:
                kills += disturbed_run(directory, way, moments)
            deaths += len(list(directory.glob("killed-*")))
            if directory.joinpath("result").read_bytes() != undisturbed:
                sys.exit(f"FAILED: {way}: run {run} ended with other bits")
    print(
        f"{arguments.runs} runs ({'; '.join(arguments.ways)}), {deaths} workers killed, {kills} "
        "resumed from checkpoints: every run ended with the bits of the undisturbed one"
    )


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
