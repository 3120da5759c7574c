"""How programs are begun on ranks of MPI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# What installs mpi4py from PyPI can put mpiexec beside the interpreter.
MPIEXEC = shutil.which("mpiexec", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")

# Open MPI asks for these where the user is root, as in a container.
MPI_SETTINGS = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def mpiexec(ranks: int) -> list[str]:
    """The beginning of a command that runs on so many ranks."""
    assert MPIEXEC is not None
    # Only Open MPI minds that there are more processes than processors, and knows this option.
    version = subprocess.run([MPIEXEC, "--version"], capture_output=True, text=True, check=False)
    more = ["--oversubscribe"] if "Open MPI" in version.stdout + version.stderr else []
    return [MPIEXEC, *more, "-n", str(ranks)]
