"""Minimize in the processes of MPI: the same bits.

    mpiexec -n 3 python -m mpi4py.futures tests/cluster/mpi_runs.py

One process runs this script, the other two are its workers.
"""

from __future__ import annotations

import numpy as np
from cluster_problems import BOX, START, TARGETS, chain, check, fit, parabolas, same
from mpi4py import MPI
from mpi4py.futures import MPIPoolExecutor

from lbfgsb77 import minimize, minimize_batch


def main() -> None:
    """Compare the workers' results with those of this process."""
    starts = np.zeros(TARGETS.shape)
    with MPIPoolExecutor() as pool:
        ranks = set(pool.map(rank, range(20)))
        check(f"there are workers: ranks {sorted(ranks)}", len(ranks) > 0 and 0 not in ranks)
        alone = minimize(chain, START, bounds=BOX)
        check(
            "gradients by differences have the local bits",
            same([minimize(chain, START, bounds=BOX, workers=pool.map)], [alone]),
        )
        batch = minimize_batch(parabolas, starts, BOX, args=(TARGETS,))
        groups = minimize_batch(
            parabolas, starts, BOX, args=(TARGETS,), workers=pool.map, group_size=3
        )
        check("a batch in groups has the local bits", same(groups, batch))
        numbers = range(len(TARGETS))
        check(
            "independent fits have the local bits",
            same(list(pool.map(fit, numbers)), [fit(k) for k in numbers]),
        )


def rank(_: int) -> int:
    """The number of the process that this is called in."""
    return int(MPI.COMM_WORLD.Get_rank())


if __name__ == "__main__":
    main()
