"""Clusters of processes, real ones on this machine, give the bits of a single process."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CLUSTER = Path(__file__).parent / "cluster"

# What installs mpi4py from PyPI can put mpiexec beside the interpreter.
MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")


def run(*command: str | Path) -> list[str]:
    """What a command says, line by line; it must end well."""
    # Open MPI asks for these where the user is root, as in a container.
    root = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    done = subprocess.run(
        command, env={**os.environ, **root}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()


@pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="no Dask: pip install lbfgsb77[cluster]",
)
def test_dask_loses_a_worker_and_no_bit() -> None:
    lines = run(sys.executable, CLUSTER / "dask_runs.py")
    assert "ok: no fit is lost or different" in lines
    assert len(lines) == 6


@pytest.mark.skipif(
    importlib.util.find_spec("mpi4py") is None or MPIEXEC is None,
    reason="no MPI: pip install lbfgsb77[mpi]",
)
def test_mpi_changes_no_bit() -> None:
    assert MPIEXEC is not None
    # Only Open MPI minds that there are more processes than processors, and knows this option.
    version = subprocess.run([MPIEXEC, "--version"], capture_output=True, text=True, check=False)
    more = ["--oversubscribe"] if "Open MPI" in version.stdout + version.stderr else []
    script = "-m", "mpi4py.futures", CLUSTER / "mpi_runs.py"
    lines = run(MPIEXEC, *more, "-n", "3", sys.executable, *script)
    assert "ok: there are workers: ranks [1, 2]" in lines
    # The transport of Open MPI has its own remarks, as where there is no /sys.
    assert sum(line.startswith("ok: ") for line in lines) == 4
