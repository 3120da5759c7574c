"""The two libraries that are compared, each behind one call of `setulb` by ctypes.

`genuine()` is Debian's liblbfgsb.so.0, the original L-BFGS-B 3.0, with the BLAS of plain_blas.c
put in front of the system's.  `ours()` is the kernel of ../../fortran compiled by gfortran.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from kernel_sources import KERNEL, kernel_sources, slots  # noqa: E402, F401 (one floor up)

LIBRARY = "liblbfgsb.so.0"
MAXLS = 20  # fixed in the original

Setulb = Any  # a function of ctypes


class MissingError(Exception):
    """What the comparison needs is not on this machine; the text says how to get it."""


@functools.cache
def _build_directory() -> Path:
    """Where compiled libraries are kept from one run to the next."""
    path = HERE.parents[1] / "build" / "original"
    path.mkdir(parents=True, exist_ok=True)
    return path


def _compile(command: Sequence[str], sources: Sequence[Path], name: str) -> Path:
    """The shared library that `command` makes of `sources`, made only when they have changed."""
    if shutil.which(command[0]) is None:
        raise MissingError(f"{command[0]} is not installed")
    key = hashlib.sha256(" ".join(command).encode())
    for source in sources:
        key.update(source.name.encode() + source.read_bytes())
    target = _build_directory() / f"{name}-{key.hexdigest()[:16]}.so"
    if not target.exists():
        # Made under another name first: two processes may do this at once.
        with tempfile.TemporaryDirectory(dir=_build_directory()) as directory:
            made = Path(directory) / target.name
            subprocess.run(
                [*command, "-shared", "-fPIC", "-o", made, *sources], check=True, cwd=directory
            )
            made.replace(target)
    return target


@functools.cache
def plain_blas() -> ctypes.CDLL:
    """The plain loops, in front of every BLAS and LAPACK that is loaded from now on."""
    path = _compile(
        ["gcc", "-O2", "-ffp-contract=off", "-Wall"],
        [HERE / "plain_blas.c", HERE / "silence.c"],
        "blas",
    )
    return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)


def find_genuine() -> Path:
    """The file of Debian's library."""
    try:
        listing = subprocess.run(
            ["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        listing = ""
    for line in listing.splitlines():
        name, _, path = line.strip().partition(" ")
        if name == LIBRARY:
            return Path(path.rpartition("=> ")[2])
    raise MissingError(
        f"{LIBRARY} is not installed (Debian and Ubuntu: apt-get install liblbfgsb0)"
    )


@functools.cache
def genuine(copy: bool = False) -> Setulb:
    """`setulb_` of the original; with `copy`, of a second instance that shares nothing with it."""
    path = find_genuine()
    plain_blas()
    if not copy:
        library = ctypes.CDLL(str(path), mode=ctypes.RTLD_LOCAL)
    else:
        with tempfile.TemporaryDirectory() as directory:
            other = shutil.copy(path, directory)
            library = ctypes.CDLL(str(other), mode=ctypes.RTLD_LOCAL)
    return library.setulb_


def interposed(run: Callable[[], object]) -> bool:
    """Whether the plain loops were called while `run` was."""
    counter = ctypes.c_long.in_dll(plain_blas(), "plain_calls")
    before = counter.value
    run()
    return counter.value > before


def load(library: Path) -> Setulb:
    """`setulb_` of a library that was compiled elsewhere from this project's kernel."""
    return ctypes.CDLL(str(library), mode=ctypes.RTLD_LOCAL).setulb_


def ours(flags: Sequence[str] = ("-O3",), sources: Path = KERNEL, *, avx2: bool = False) -> Setulb:
    """`setulb_` of this project's kernel; with `avx2`, with the loops of avx2_panels.c."""
    files = kernel_sources(sources)
    if not files:
        raise MissingError(f"no Fortran files in {sources}")
    if avx2:
        routines = "panel_sums", "add_pairs"
        flags = [*flags, *(f"-D{routine}_avx2_={routine}_" for routine in routines)]
        files = [path for path in files if path.name not in ("panel_sums.f", "pair_terms.f")]
        files.append(sources / "avx2_panels.c")
    path = _compile(["gfortran", "-ffp-contract=off", "-Wl,-Bsymbolic", *flags], files, "kernel")
    return load(path)
