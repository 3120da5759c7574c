"""The libraries that are compared, each behind one call of `setulb` by ctypes.

`release()` is the original L-BFGS-B 3.0 as its authors released it, compiled unchanged.
`system()` is Debian's liblbfgsb.so.0, which carries patches, with the BLAS of plain_blas.c put in
front of the system's.  `scipy()` is the extension module in the wheel of SciPy 1.14.1, the last
with the Fortran, with the same BLAS in front of its own.  `ours()` is the kernel of ../../fortran
compiled by gfortran.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
from kernel_sources import KERNEL, kernel_sources, slots  # noqa: E402, F401 (one floor up)

ORIGINALS = HERE.parents[1] / "fortran" / "original"
# Where `make test` puts the authors' sources.
RELEASE = Path(os.environ.get("LBFGSB77_ORIGINAL_SOURCES", Path(sys.prefix, "original-sources")))
LIBRARY = "liblbfgsb.so.0"
SCIPY = "1.14.1"
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
    headers = {header for source in sources for header in source.parent.glob("*.h")}
    for source in [*sources, *sorted(headers)]:
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
        [HERE / "plain_blas.c", ORIGINALS / "silence.c"],
        "blas",
    )
    return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)


def release_sources() -> list[Path]:
    """The authors' files, and ours in the place of those that a package leaves out."""
    files = [RELEASE / "lbfgsb.f", RELEASE / "timer.f"]
    if not all(file.is_file() for file in files):
        raise MissingError(
            f"the authors' sources are not in {RELEASE} (make original SOURCES=DIRECTORY)"
        )
    for name in ("linpack.f", "blas.f"):
        theirs = RELEASE / name
        files.append(theirs if theirs.is_file() else ORIGINALS / f"plain_{name}")
    return files


@functools.cache
def release() -> Setulb:
    """`setulb_` of the authors' release."""
    flags = ["-O2", "-w", "-std=legacy", "-ffp-contract=off", "-Wl,-Bsymbolic"]
    sources = [*release_sources(), ORIGINALS / "silence.c"]
    return load(_compile(["gfortran", *flags], sources, "release"))


def find_system() -> Path:
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
def system(copy: bool = False) -> Setulb:
    """`setulb_` of Debian's library; with `copy`, of one that shares nothing with the other."""
    path = find_system()
    plain_blas()
    if not copy:
        library = ctypes.CDLL(str(path), mode=ctypes.RTLD_LOCAL)
    else:
        with tempfile.TemporaryDirectory() as directory:
            other = shutil.copy(path, directory)
            library = ctypes.CDLL(str(other), mode=ctypes.RTLD_LOCAL)
    return library.setulb_


def interposed(run: Callable[[], object], blas: Callable[[], ctypes.CDLL] = plain_blas) -> bool:
    """Whether the plain loops were called while `run` was."""
    counter = ctypes.c_long.in_dll(blas(), "plain_calls")
    before = counter.value
    run()
    return counter.value > before


@functools.cache
def plain_blas_of_scipy() -> ctypes.CDLL:
    """The plain loops under the names by which SciPy's wheels call their BLAS."""
    routines = "ddot", "daxpy", "dcopy", "dscal", "dpotrf", "dtrtrs"
    renamed = [f"-D{routine}_=scipy_{routine}_" for routine in routines]
    path = _compile(
        ["gcc", "-O2", "-ffp-contract=off", "-Wall", *renamed],
        [HERE / "plain_blas.c"],
        "scipy-blas",
    )
    return ctypes.CDLL(str(path), mode=ctypes.RTLD_GLOBAL)


@functools.cache
def scipy() -> ModuleType:
    """SciPy 1.14.1's `_lbfgsb`, out of its wheel, without the rest of SciPy."""
    directory = _build_directory() / f"scipy-{SCIPY}-{sys.implementation.cache_tag}"
    if not directory.exists():
        with tempfile.TemporaryDirectory(dir=_build_directory()) as work:
            command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
            done = subprocess.run(
                [*command, "--only-binary=:all:", "--dest", work, f"scipy=={SCIPY}"],
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            if done.returncode:
                last = done.stderr.strip().splitlines()[-1:]
                raise MissingError(f"SciPy {SCIPY} could not be had: {' '.join(last)}")
            (wheel,) = Path(work).glob("*.whl")
            unpacked = Path(work, "unpacked")
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    if name.startswith(("scipy.libs/", "scipy/optimize/_lbfgsb.")):
                        archive.extract(name, unpacked)
            unpacked.rename(directory)
    plain_blas_of_scipy()
    (file,) = directory.glob("scipy/optimize/_lbfgsb.*")
    spec = importlib.util.spec_from_file_location("_lbfgsb", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PROCESSORS = {
    "any": (),
    "avx2": ("-mavx2",),
    "avx512": ("-mavx2", "-mavx512f", "-mavx512dq", "-mavx512vl", "-DEIGHT_LANES"),
}


def load(library: Path, entry: str = "setulb") -> Setulb:
    """`setulb_`, `setulb_in_threads_` or `setulb_in_lanes_` of a library that has been compiled."""
    opened = ctypes.CDLL(str(library), mode=ctypes.RTLD_LOCAL)
    return getattr(opened, f"{entry}_")


def sources_with_lanes(directory: Path) -> list[Path]:
    """The files of a kernel, with those of `setulb_in_lanes`."""
    own = Path(__file__).parent / "setulb_in_lanes.f"
    return [*kernel_sources(directory), directory / "problems.f", own]


def small(source: Path) -> Path:
    """The file; of block_sizes.f a copy in which blocks are of 128 variables and parts of 32."""
    if source.name != "block_sizes.f":
        return source
    text = source.read_text(encoding="utf-8")
    for name, size in (("block", 128), ("part_of_block", 32)):
        text, count = re.subn(rf"\b{name} = \d+", f"{name} = {size}", text)
        assert count == 1, name
    copy = _build_directory() / "small" / source.name
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_text(text, encoding="utf-8")
    return copy


def ours(
    flags: Sequence[str] = ("-O3",),
    sources: Path = KERNEL,
    *,
    processor: str = "any",
    entry: str = "setulb",
) -> Setulb:
    """`setulb_` of this project's kernel, for any processor, or for those with "avx2" or "avx512".

    With the entry "setulb_in_threads" in blocks so small that small problems have several.
    """
    if not any(sources.glob("*.f")):
        raise MissingError(f"no Fortran files in {sources}")
    files = sources_with_lanes(sources)
    if entry == "setulb_in_threads":
        files = [small(path) for path in files]
    flags = [*flags, *PROCESSORS[processor], "-DHAS_THREADS", "-pthread"]
    path = _compile(["gfortran", "-ffp-contract=off", "-Wl,-Bsymbolic", *flags], files, "kernel")
    return load(path, entry)
