"""Who takes part, and an environment of its own for each of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
                    "NUMBA_NUM_THREADS")


@dataclass(frozen=True)
class Peer:
    """A package in an environment, and the adapter in solvers.py that calls it."""

    name: str
    adapter: str
    environment: str  # peers with the same one share it
    requirements: tuple[str, ...]  # nothing: the environment is given, not made
    module: str | None = None  # whose import is timed
    groups: tuple[str, ...] = ("all", "L-BFGS-B")  # the cases' `who` that it belongs to
    kinds: tuple[str, ...] = ("evaluation", "call", "iteration")
    quick: bool = True  # takes part in the quick run
    largest: int = 10**7  # n that it can be waited for
    note: str = ""


OURS = "lbfgsb77"

EVERY = ("all", "L-BFGS-B", "newest", "kernels", "own")
SLOW = ("all",)
NEWEST = ("all", "L-BFGS-B", "newest")

PEERS = (
    Peer(OURS, "ours", "ours", (), "lbfgsb77", EVERY),
    Peer("two threads", "ours, two threads", "ours", (), None, ("all", "L-BFGS-B", "own"),
         ("iteration",), note="lbfgsb77 with LBFGSB77_THREADS=2"),
    Peer("genuine", "genuine, bare loop", "ours", (), None, EVERY, ("evaluation", "iteration"),
         note="Debian's library of the original, its setulb in a bare loop: no check, no result"),
    Peer("SciPy 1.14", "SciPy", "scipy-1.14", ("scipy==1.14.1",), "scipy.optimize",
         note="Fortran and OpenBLAS"),
    Peer("SciPy 1.17", "SciPy", "scipy-1.17", ("scipy==1.17.1",), "scipy.optimize", quick=False,
         note="C and OpenBLAS"),
    Peer("SciPy newest", "SciPy", "scipy-newest", ("scipy",), "scipy.optimize", NEWEST,
         note="C and OpenBLAS"),
    Peer("PyPI lbfgsb", "PyPI lbfgsb", "pypi-lbfgsb", ("lbfgsb", "numba"), "lbfgsb", SLOW,
         quick=False, largest=10**5, note="Python, with Numba; not above n = 100,000"),
    Peer("NLopt", "NLopt", "nlopt", ("nlopt", "numpy"), "nlopt", SLOW,
         note="LD_LBFGS: another algorithm, loop in C++; its evaluations stand for iterations"),
    Peer("LBFGSpp", "LBFGSpp", "ours", (), None, SLOW, ("iteration",), quick=False,
         largest=10**6, note="C++ with Eigen, sums in another order; the system's headers"),
    Peer("our bare loop", "ours, bare loop", "ours", (), None, SLOW, ("evaluation",),
         note="our own setulb, called as the genuine one"),
)

PICTURE_REQUIREMENTS = ("matplotlib",)


class UnavailableError(Exception):
    """A peer that can't be had here, with the reason."""


def base_interpreter(python: Path) -> str:
    """The interpreter that a virtual environment was made from: all peers run on the same."""
    command = [str(python), "-c", "import sys; print(getattr(sys, '_base_executable', ''))"]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return found or sys.executable


def make_environment(root: Path, name: str, requirements: tuple[str, ...], base: str) -> Path:
    """The Python of an environment with these requirements, made unless it is there."""
    folder = root / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / "requirements-installed.txt"
    wanted = "\n".join((base, *requirements))
    if stamp.is_file() and stamp.read_text() == wanted:
        return python
    print(f"making the environment {name}: {', '.join(requirements)}", file=sys.stderr)
    for command in (
        [base, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:",
         "--disable-pip-version-check", *requirements],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            reason = (lines or done.stderr.splitlines() or ["no reason given"])[-1]
            raise UnavailableError(f"could not be installed: {reason}")
    stamp.write_text(wanted)
    return python


def run_in_environment(root: Path, name: str, requirements: tuple[str, ...], file: str,
                       arguments: list[str]) -> int:
    """Run a file once more with --here, where the requirements are, and this lbfgsb77."""
    import lbfgsb77

    python = make_environment(root, name, requirements, base_interpreter(Path(sys.executable)))
    settings = {**process_environment("single"),
                "PYTHONPATH": str(Path(lbfgsb77.__file__).parents[1])}
    return subprocess.run([python, file, "--here", *arguments], env=settings,
                          check=False).returncode


def process_environment(threads: str) -> Mapping[str, str]:
    """The variables a peer's process gets: BLAS on one thread, or whatever it chooses itself."""
    kept = {name: value for name, value in os.environ.items()
            if name not in THREAD_VARIABLES and not name.startswith("PYTHON")}
    if threads == "single":
        kept |= dict.fromkeys(THREAD_VARIABLES, "1")
    return kept
