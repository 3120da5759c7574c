"""Clusters of processes, real ones on this machine, give the bits of a single process."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

CLUSTER = Path(__file__).parent / "cluster"
sys.path.insert(0, str(CLUSTER))

from mpi_command import MPI_SETTINGS, MPIEXEC, mpiexec  # noqa: E402

needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="no Dask: pip install lbfgsb77[cluster]",
)
needs_mpi = pytest.mark.skipif(
    importlib.util.find_spec("mpi4py") is None or MPIEXEC is None,
    reason="no MPI: pip install lbfgsb77[mpi]",
)


# What a test waits for at the most: ranks of MPI that have come apart wait for ever.
PATIENCE = 300


def run(*command: str | Path) -> list[str]:
    """What a command says, line by line; it must end well."""
    done = subprocess.run(
        command,
        env={**os.environ, **MPI_SETTINGS},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@needs_dask
def test_dask_loses_a_worker_and_no_bit() -> None:
    lines = run(sys.executable, CLUSTER / "dask_runs.py")
    assert "ok: no fit is lost or different" in lines
    assert len(lines) == 6


@needs_mpi
def test_mpi_changes_no_bit() -> None:
    script = "-m", "mpi4py.futures", CLUSTER / "mpi_runs.py"
    lines = run(*mpiexec(3), sys.executable, *script)
    assert "ok: there are workers: ranks [1, 2]" in lines
    # The transport of Open MPI has its own remarks, as where there is no /sys.
    assert sum(line.startswith("ok: ") for line in lines) == 4


@needs_dask
def test_a_sum_of_parts_on_dask() -> None:
    lines = run(sys.executable, CLUSTER / "dask_parts.py")
    assert "ok: arrays, groups (4, 2)" in lines
    assert "ok: two deaths, files, groups 3" in lines
    assert sum("it goes on from its checkpoint" in line for line in lines) == 2


@needs_mpi
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_a_sum_of_parts_by_mpi(ranks: int, tmp_path: Path) -> None:
    lines = run(*mpiexec(ranks), sys.executable, CLUSTER / "mpi_parts.py", tmp_path)
    assert "ok: replicated, arrays, groups (4, 2)" in lines
    assert "ok: director, files, groups 3" in lines
    assert ("ok: ranks that differ stop" in lines) == (ranks > 1)
    assert "ok: it goes on" in lines


@needs_dask
@needs_mpi
def test_killed_workers_and_directors_change_no_bit() -> None:
    """Eight runs; `make test-kill` has fifty."""
    (line,) = run(sys.executable, CLUSTER.parent / "killed" / "parts.py", "--runs", "8")
    assert line.endswith("every run ended with the bits of the undisturbed one")
