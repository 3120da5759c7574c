"""The compiled kernels, which one new solvers run on, and how they were built."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

import numpy as np

from lbfgsb77 import _build
from lbfgsb77._arguments import shown
from lbfgsb77._run.engine import OWN, Engine, OwnEngine
from lbfgsb77._run.original import ORIGINAL, OriginalEngine
from lbfgsb77._run.workspace import Workspace

__all__ = ["backend", "build_info", "engine_for", "engine_named", "own_is_chosen"]

_ORIGINAL_MODULE: Final = "lbfgsb77._lbfgsb_original"

Maker = Callable[[Workspace], Engine]

# A context variable: other threads and asynchronous tasks don't see what this one has chosen.
_chosen: ContextVar[Maker] = ContextVar("lbfgsb77_backend", default=OwnEngine)


def engine_for(workspace: Workspace) -> Engine:
    """Return the engine of a new run: the one that is in use here and now."""
    return _chosen.get()(workspace)


def own_is_chosen() -> bool:
    """Whether new runs get the package's own kernel."""
    return _chosen.get() is OwnEngine


@contextmanager
def backend(name: str) -> Iterator[None]:
    """Run everything inside a ``with`` statement on another kernel.

    Parameters
    ----------
    name : {"lbfgsb77", "original"}
        ``"lbfgsb77"`` is this package's kernel, which is in use outside of any ``with``.
        ``"original"`` is the L-BFGS-B 3.0 of its authors, as the system's library ``liblbfgsb``
        has it, with whatever BLAS and LAPACK that library is linked to.

    Raises
    ------
    ValueError
        If `name` is neither; and inside, from functions that are given a `maxls` other than 20,
        which the original has built in.
    RuntimeError
        If this build has no original, or its library cannot be loaded.

    Notes
    -----
    The choice holds for the current thread or asynchronous task and for solvers that are made
    inside; a solver keeps the kernel that it was made on. A thread started inside begins with
    this package's kernel.

    The original rounds as its BLAS does, so the last digits depend on the machine. It gives an
    evaluation that isn't finite no meaning, and tells about ascent directions on the standard
    output. It is made to be compared with, not to be used instead.

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
    token = _chosen.set(engine_named(name))
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
    if name != ORIGINAL:
        raise ValueError(f"backend: '{OWN}' or '{ORIGINAL}' is expected, got {shown(name)}")
    return _original()


@cache
def _original() -> Maker:
    if not _build.ORIGINAL:
        raise RuntimeError(
            "backend: this build has no 'original': install the library (on Debian and Ubuntu "
            "apt-get install liblbfgsb-dev) and build lbfgsb77 from source, as with "
            "pip install --no-binary lbfgsb77 -Csetup-args=-Doriginal=enabled lbfgsb77"
        )
    try:
        kernel = importlib.import_module(_ORIGINAL_MODULE)
    except ImportError as error:
        raise RuntimeError(
            "backend: the library of 'original' cannot be loaded (on Debian and Ubuntu "
            f"apt-get install liblbfgsb0): {error}"
        ) from error
    return lambda workspace: OriginalEngine(workspace, kernel)


def build_info() -> dict[str, Any]:
    """Tell what this build is.

    Returns
    -------
    dict
        ``version`` of this package; ``compiler``, the Fortran compiler and its version, and
        ``flags``, a list, that the kernel was compiled with; ``backends``, the names that
        `backend` takes here; ``numpy``, the version in use.

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
        "backends": [OWN, ORIGINAL] if _build.ORIGINAL else [OWN],
        "numpy": np.__version__,
    }
