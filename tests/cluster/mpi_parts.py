"""Minimize a sum of parts on the ranks of MPI, in both ways: the same bits.

    mpiexec -n 3 python tests/cluster/mpi_parts.py DIRECTORY

Every rank runs this script.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import scipy.optimize
from cluster_problems import Lines
from mpi4py import MPI
from parts_problem import BOX, COUNT, DATA, START, N, alone, fit, part

import lbfgsb77._parts.watch
from lbfgsb77 import SumOfParts, minimize

COMM = MPI.COMM_WORLD
RANK, SIZE = COMM.rank, COMM.size


def check(what: str, holds: bool) -> None:
    """On all ranks; the first one speaks."""
    everywhere = COMM.allgather(holds)
    if not all(everywhere):
        print(f"FAILED: {what}: {everywhere}", flush=True)
        COMM.Abort(1)  # a rank alone would leave the others waiting
    if RANK == 0:
        print(f"ok: {what}", flush=True)


def message(call: Any) -> str:
    """What a call raises."""
    try:
        call()
    except Exception as error:
        return "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
    return ""


def odd(x: np.ndarray, data: Any) -> Any:
    """One part fails."""
    k, rows = data
    if k == 5:
        raise ArithmeticError("an odd part")
    return part(x, rows)


def replicated(directory: Path) -> None:
    """Every rank runs the solver."""
    mine = {k: DATA[k] for k in range(COUNT) if k % SIZE == (RANK + 1) % SIZE}
    files = [directory / f"{k}.npy" for k in range(COUNT)]
    for groups in (None, 3, (4, 2)):
        expected = alone(groups)
        with SumOfParts(part, DATA, COMM, groups=groups) as objective:
            check(f"replicated, arrays, groups {groups}", fit(objective) == expected)
            check("all parts are timed", bool((objective.part_seconds > 0).all()))
            check("all ranks work", len(objective.worker_seconds) == SIZE)
        with SumOfParts(part, files, COMM, groups=groups) as objective:
            check(f"replicated, files, groups {groups}", fit(objective) == expected)
    with SumOfParts(part, mine, COMM) as objective:
        check("replicated, each rank its own", fit(objective) == alone())
        x = scipy.optimize.fmin_l_bfgs_b(objective, START, bounds=BOX)[0]
        here = scipy.optimize.fmin_l_bfgs_b(SumOfParts(part, DATA), START, bounds=BOX)[0]
        check("replicated, SciPy's own", x.tobytes() == here.tobytes())
        # The same object, another size.
        short = SumOfParts(lambda x, data: (x @ x, 2 * x), [0, 1, 2], COMM)
        check("another size", short(np.ones(4))[0] == 12.0 and short(np.ones(2))[0] == 6.0)


def apart(directory: Path) -> None:
    """Ranks that part are told so, all of them."""

    def differing(call: int, component: int) -> Any:
        with SumOfParts(part, DATA, COMM) as objective:
            for k in range(5):
                x = START.copy()
                if k == call and RANK == SIZE - 1:
                    x[component] = np.nextafter(x[component], 1.0)
                objective(x)

    said = message(lambda: differing(3, 4))
    wanted = f"differ in evaluation 4, first on rank {SIZE - 1}: x[4] is 0.1"
    check("ranks that differ stop", wanted in said and said == COMM.bcast(said))

    def leaving() -> Any:
        with SumOfParts(part, DATA, COMM) as objective:
            for _ in range(3 if RANK == 0 else 5):
                objective(START)

    said = message(leaving)
    check(
        "a rank that ends before others is named",
        ("rank 0 has ended its run" in said) and (RANK == 0 or "evaluation 4" in said),
    )

    def leaving_at_once() -> Any:
        with SumOfParts(part, DATA, COMM) as objective:
            if RANK > 0:
                objective(START)

    check("even before the first evaluation", "rank 0 has ended" in message(leaving_at_once))

    def failing() -> Any:
        with SumOfParts(odd, list(enumerate(DATA)), COMM) as objective:
            fit(objective)

    said = message(failing)
    check("a part that fails is named on all ranks", "part 5 of 7" in said and "an odd" in said)
    check("and its kind stays", said.startswith("ArithmeticError"))

    def sizes() -> Any:
        with SumOfParts(part, DATA, COMM) as objective:
            objective(np.zeros(N + RANK))

    check("other sizes are refused", "components on the ranks" in message(sizes))
    said = message(lambda: SumOfParts(part, DATA[: COUNT - RANK], COMM))
    check("other numbers of parts are refused", said.startswith("ValueError: parts: as many"))
    said = message(lambda: SumOfParts(part, {}, COMM))
    check("no parts at all are refused", "each number from 0 once" in said)
    said = message(lambda: SumOfParts(part, {0: DATA[0]}, COMM))
    check("parts held twice are refused", "each number from 0 once" in said)
    mine = {k: DATA[k] for k in range(COUNT) if k % SIZE == RANK}
    said = message(lambda: SumOfParts(part, mine, COMM, groups=2))
    check("groups on two ranks are refused", "on one rank" in said)


def late(directory: Path) -> None:
    """A rank that all wait for is named."""

    def part_of(x: np.ndarray, data: int) -> Any:
        time.sleep(1.2 if data == COUNT - 1 else 0.0)
        return 1.0, x

    log = Lines()
    lbfgsb77._parts.watch._GRACE = 0.2
    with SumOfParts(part_of, range(COUNT), COMM) as objective:
        objective(START)
    named = f"s for rank {SIZE - 1}, of these 1.2 s for part {COUNT - 1} of {COUNT} (from 0)"
    check("who is late is named", any(named in line for line in log.lines))


def directed(directory: Path) -> None:
    """One rank runs the solver."""
    director = SIZE - 1
    for name, parts in {
        "arrays on all": DATA,
        "arrays on the director": DATA if director == RANK else None,
        "files": [directory / f"{k}.npy" for k in range(COUNT)],
    }.items():
        for groups in (None, 3):
            holds = True
            with SumOfParts(part, parts, COMM, groups=groups, director=director) as objective:
                if director == RANK:
                    holds = fit(objective) == alone(groups)
                    holds &= len(objective.worker_seconds) == SIZE
                else:
                    objective.serve()
            check(f"director, {name}, groups {groups}", holds)
    with SumOfParts(odd, list(enumerate(DATA)), COMM, director=0) as objective:
        said = "part 5 of 7, and an odd part"
        if RANK == 0:
            said = message(lambda: fit(objective)) + message(lambda: fit(objective))
        else:
            objective.serve()
    check("a part that fails is named", "part 5 of 7" in said and "an odd part" in said)
    objective = SumOfParts(part, DATA, COMM, director=0)
    said = message(objective.serve if RANK == 0 else lambda: objective(START))
    check("who does the other's work is told", "rank 0 directs" in said)
    if RANK > 0:
        objective.serve()
    objective.close()


def resumed(directory: Path) -> None:
    """A run that ended goes on, on all ranks from the same state."""
    path = directory / "run.checkpoint"
    with SumOfParts(part, DATA, COMM) as objective:
        fit(objective, checkpoint=objective.checkpoint(path), maxfun=5)
    if RANK > 0:  # as when the others were killed before they saved, or had no common disk
        Path(f"{path}.rank-{RANK}").write_bytes(b"")
    COMM.Barrier()
    with SumOfParts(part, DATA, COMM) as objective:
        got = fit(objective, checkpoint=objective.checkpoint(path))
        check("it goes on", got == alone() and objective.evaluations < minimize(
            SumOfParts(part, DATA), START, jac=True, bounds=BOX).nfev)  # fmt: skip


def main() -> None:
    """Compare with a single process."""
    directory = Path(sys.argv[1])
    if RANK == 0:
        for k, rows in enumerate(DATA):
            np.save(directory / f"{k}.npy", rows)
    COMM.Barrier()
    replicated(directory)
    if SIZE > 1:
        apart(directory)
        late(directory)
    directed(directory)
    resumed(directory)


if __name__ == "__main__":
    main()
