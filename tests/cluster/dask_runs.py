"""Minimize on a Dask cluster of this machine and lose a worker on the way: the same bits.

    python tests/cluster/dask_runs.py

Starts a scheduler and two workers, each a process of its own, on the loopback interface.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from cluster_problems import BOX, START, TARGETS, chain, check, fit, parabolas, same
from distributed import Client, as_completed

from lbfgsb77 import minimize, minimize_batch


@contextmanager
def cluster(
    directory: Path, nannies: bool = False
) -> Iterator[tuple[Client, list[subprocess.Popen[bytes]]]]:
    """A scheduler and two workers; they end with the context.

    The processes are the two workers' and the scheduler's; with nannies a worker that dies is
    begun anew.
    """
    file = directory / "scheduler.json"
    path = [str(Path(__file__).parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    started: list[subprocess.Popen[bytes]] = []

    def launch(*arguments: str) -> subprocess.Popen[bytes]:
        common = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(file)]
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments, *common],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=directory,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        )
        started.append(process)
        return process

    try:
        scheduler = launch("distributed.cli.dask_scheduler", "--port", "0")
        while not file.exists():
            check("the scheduler is at work", scheduler.poll() is None, quiet=True)
            time.sleep(0.05)
        nanny = "--nanny" if nannies else "--no-nanny"
        worker = "distributed.cli.dask_worker", nanny, "--nthreads", "1"
        workers = [launch(*worker), launch(*worker)]
        with Client(scheduler_file=str(file), timeout="60s") as client:
            client.wait_for_workers(2, timeout=60)
            yield client, [*workers, scheduler]
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def main() -> None:
    """Compare the cluster's results with those of this process."""
    starts = np.zeros(TARGETS.shape)
    alone = minimize(chain, START, bounds=BOX)
    batch = minimize_batch(parabolas, starts, BOX, args=(TARGETS,))
    fits = [fit(k) for k in range(len(TARGETS))]

    with (
        tempfile.TemporaryDirectory() as directory,
        cluster(Path(directory)) as (client, workers),
    ):
        check(
            "gradients by differences have the local bits",
            same([minimize(chain, START, bounds=BOX, workers=client.map)], [alone]),
        )
        check(
            "a batch in groups has the local bits",
            same(
                minimize_batch(
                    parabolas, starts, BOX, args=(TARGETS,), workers=client.map, group_size=3
                ),
                batch,
            ),
        )
        futures = client.map(fit, range(len(TARGETS)))
        for done, _ in enumerate(as_completed(futures), 1):
            if done == 5:
                os.kill(workers[0].pid, signal.SIGKILL)
                workers[0].wait()
                break
        unfinished = sum(not future.done() for future in futures)
        check(f"a worker was killed when {unfinished} fits were to come", unfinished > 0)
        check("no fit is lost or different", same(client.gather(futures), fits))
        check("one worker is left", len(client.scheduler_info()["workers"]) == 1)
        check(
            "and it goes on alone",
            same([minimize(chain, START, bounds=BOX, workers=client.map)], [alone]),
        )


if __name__ == "__main__":
    main()
