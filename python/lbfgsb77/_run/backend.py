"""The compiled kernels, which one new solvers run on, and how they were built."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, partial
from typing import Any, Final

import numpy as np

from lbfgsb77 import _build
from lbfgsb77._arguments import shown
from lbfgsb77._run.engine import OWN, Engine, OwnEngine
from lbfgsb77._run.original import ORIGINAL, SYSTEM, OriginalEngine
from lbfgsb77._run.threads import for_run
from lbfgsb77._run.workspace import Workspace

__all__ = ["backend", "build_info", "chosen", "engine_for", "engine_named"]

# Of the foreign kernels: their extension modules.
_MODULES: Final = {ORIGINAL: "lbfgsb77._lbfgsb_original", SYSTEM: "lbfgsb77._lbfgsb_system"}

# Why one may be missing, and what helps.
_MISSING: Final = {
    ORIGINAL: (
        "the authors' release, compiled from source: pip install --no-binary lbfgsb77 "
        "-Csetup-args=-Doriginal_sources=DIRECTORY lbfgsb77 finds its lbfgsb.f and timer.f there"
    ),
    SYSTEM: (
        "the system's library: install it (on Debian and Ubuntu apt-get install liblbfgsb-dev) and "
        "build lbfgsb77 from source, as with pip install --no-binary lbfgsb77 "
        "-Csetup-args=-Dsystem=enabled lbfgsb77"
    ),
}

# The release by the checksum of its lbfgsb.f.
_RELEASES: Final[dict[str, str]] = {
    "b528f595f6b0969ed7e58339d1be0f09f65bd52a62b449d9d0066c367676bdb9": "3.0",
}

Maker = Callable[[Workspace], Engine]

# A context variable: other threads and asynchronous tasks don't see what this one has chosen.
_chosen: ContextVar[str] = ContextVar("lbfgsb77_backend", default=OWN)


def chosen() -> str:
    """The name of the kernel that new runs get, here and now."""
    return _chosen.get()


def engine_for(workspace: Workspace, name: str | None = None, threads: int | None = None) -> Engine:
    """Return the engine of a run: of this name, or of a new one.

    Threads share the work of the package's own kernel alone.
    """
    name = _chosen.get() if name is None else name
    if name == OWN:
        return OwnEngine(workspace, for_run(threads, workspace.n))
    return engine_named(name)(workspace)


@contextmanager
def backend(name: str) -> Iterator[None]:
    """Run everything inside a ``with`` statement on another kernel.

    Parameters
    ----------
    name : {"lbfgsb77", "original", "system"}
        ``"lbfgsb77"`` is this package's kernel, which is in use outside of any ``with``.
        ``"original"`` is the L-BFGS-B 3.0 of its authors: their release, compiled unchanged, with
        sums in the order of their own BLAS and LINPACK. ``"system"`` is the system's library
        ``liblbfgsb``, with whatever BLAS and LAPACK that is linked to. `build_info` tells which of
        these there are.

    Raises
    ------
    ValueError
        If `name` is none of these; and inside of the latter two, from functions that are given a
        `maxls` other than 20, which the original has built in, `xtol` or `pairs`.
    RuntimeError
        If this build hasn't that kernel, or its library cannot be loaded.

    Notes
    -----
    The choice holds for the current thread or asynchronous task and for solvers that are made
    inside; a solver keeps the kernel that it was made on. A thread started inside begins with
    this package's kernel.

    ``"original"`` has the bits of this package's own kernel, but for one thing: where rounding
    takes a trial point past a bound it asks there, outside of the box, and goes its own way from
    that evaluation. ``"system"`` rounds as its BLAS does, so its last digits depend on the machine;
    Debian's puts such points on the bound too, and tells about ascent directions on the standard
    output. Neither gives an evaluation that isn't finite a meaning. They are made to be compared
    with, not to be used instead.

    Examples
    --------
    >>> import lbfgsb77
    >>> def f(x):
    ...     return (x[0] - 1) ** 2 + x[1] ** 2, [2 * (x[0] - 1), 2 * x[1]]
    ...
    >>> with lbfgsb77.backend("lbfgsb77"):
    ...     x, fun, info = lbfgsb77.fmin_l_bfgs_b(f, [3.0, 4.0], bounds=[(2, None), (None, None)])
    ...
    >>> info["nit"]
    2
    """
    engine_named(name)  # raises where there is none
    token = _chosen.set(name)
    try:
        yield
    finally:
        _chosen.reset(token)


def engine_named(name: str) -> Maker:
    """Return what makes the engine of a backend for a workspace."""
    if not isinstance(name, str):
        raise TypeError(f"backend: a name is expected, got {shown(name)}")
    if name == OWN:
        return OwnEngine
    if name not in _MODULES:
        raise ValueError(
            f"backend: '{OWN}', '{ORIGINAL}' or '{SYSTEM}' is expected, got {shown(name)}"
        )
    return _foreign(name)


@cache
def _foreign(name: str) -> Maker:
    if name not in _available():
        raise RuntimeError(f"backend: this build has no {name!r}, {_MISSING[name]}")
    try:
        kernel = importlib.import_module(_MODULES[name])
    except ImportError as error:
        raise RuntimeError(
            f"backend: {name!r} cannot be loaded (the library of 'system' comes, on Debian and "
            f"Ubuntu, from apt-get install liblbfgsb0): {error}"
        ) from error
    return partial(OriginalEngine, name, kernel)


def _available() -> list[str]:
    return [OWN, *([ORIGINAL] if _build.ORIGINAL else []), *([SYSTEM] if _build.SYSTEM else [])]


def build_info() -> dict[str, Any]:
    """Tell what this build is.

    Returns
    -------
    dict
        ``version`` of this package; ``compiler``, the Fortran compiler and its version, and
        ``flags``, a list, that the kernel was compiled with; ``backends``, the names that
        `backend` takes here; ``original``, the release's version ("unknown" if it is another) and
        the SHA-256 of its ``lbfgsb.f``; ``system``, the library's file and its SHA-256, None where
        the build has no such backend; ``numpy``, the version in use.

    Examples
    --------
    >>> import lbfgsb77
    >>> "lbfgsb77" in lbfgsb77.build_info()["backends"]
    True
    """
    return {
        "version": _build.VERSION,
        "compiler": _build.COMPILER,
        "flags": _build.FLAGS.split(),
        "backends": _available(),
        "original": _release(),
        "system": _library(),
        "numpy": np.__version__,
    }


def _release() -> dict[str, str] | None:
    checksum = _build.ORIGINAL
    if not checksum:
        return None
    return {"version": _RELEASES.get(checksum, "unknown"), "sha256": checksum}


def _library() -> dict[str, str] | None:
    """The system's library, as this process has it, where the system tells."""
    if not _build.SYSTEM:
        return None
    import hashlib
    from pathlib import Path

    try:
        importlib.import_module(_MODULES[SYSTEM])
        maps = Path("/proc/self/maps").read_text(encoding="utf-8")
        file = next(line.split()[-1] for line in maps.splitlines() if "/liblbfgsb" in line)
        checksum = hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except (ImportError, OSError, StopIteration):
        return {"file": "unknown", "sha256": "unknown"}
    return {"file": file, "sha256": checksum}
