"""Solvers that can be recorded: finding one by its name, telling its interface, its provenance."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import inspect
import platform
import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from lbfgsb77._arguments import shown
from lbfgsb77.reference._protocol import Command

__all__ = ["Interface", "Solver", "interface_of", "name_of", "provenance_of", "resolve"]

#: How a solver is called.
Interface = Literal["fmin_l_bfgs_b", "minimize", "ask-tell", "protocol"]

#: What can be recorded: by its name, itself, or a program of its own.
Solver = str | Callable[..., Any] | Command

# Parameters that only one of the two interfaces has.
_OF_FMIN = {"fprime", "approx_grad", "factr", "pgtol"}
_OF_MINIMIZE = {"jac", "method", "options"}


def resolve(solver: Solver) -> Callable[..., Any] | Command:
    """Find a solver by its name ``module:attribute``; anything else is returned as it is.

    Parameters
    ----------
    solver : str, callable or Command
        For example ``"scipy.optimize:fmin_l_bfgs_b"``.

    Returns
    -------
    callable or Command

    Raises
    ------
    ValueError
        If the name is not of that form, or there is no such module or attribute.
    TypeError
        If what it names can't be called.
    """
    if isinstance(solver, Command):
        return solver
    if not isinstance(solver, str):
        if not callable(solver):
            raise TypeError(f"solver: {shown(solver)} can't be called")
        return solver
    module_name, colon, attribute = solver.partition(":")
    if not (module_name and colon and attribute):
        raise ValueError(f"solver: {shown(solver)} is not of the form MODULE:FUNCTION")
    try:
        found: Any = importlib.import_module(module_name)
    except ImportError as error:
        raise ValueError(f"solver: can't import {module_name}: {error}") from error
    for part in attribute.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise ValueError(f"solver: {module_name} has no {attribute}") from None
    if not callable(found):
        raise TypeError(f"solver: {solver} can't be called")
    return found  # type: ignore[no-any-return]


def interface_of(solver: Callable[..., Any] | Command) -> Interface:
    """Tell a solver's interface by the names of its parameters.

    Raises
    ------
    TypeError
        If they tell nothing.
    """
    if isinstance(solver, Command):
        return "protocol"
    if inspect.isclass(solver) and hasattr(solver, "ask") and hasattr(solver, "tell"):
        return "ask-tell"
    try:
        parameters = set(inspect.signature(solver).parameters)
    except (TypeError, ValueError):
        parameters = set()
    if parameters & _OF_FMIN:
        return "fmin_l_bfgs_b"
    if parameters & _OF_MINIMIZE:
        return "minimize"
    raise TypeError(
        f"interface: can't tell it from the parameters of {name_of(solver)}; "
        "say interface='fmin_l_bfgs_b' or interface='minimize' (--interface on the command line)"
    )


def name_of(solver: Any) -> str:
    """The solver's name as ``module:attribute``, as far as it has one."""
    inner = getattr(solver, "func", solver)  # of a functools.partial
    name = getattr(inner, "__qualname__", type(inner).__name__)
    return f"{getattr(inner, '__module__', '?')}:{name}"


def provenance_of(solver: Any, spelled: str | None = None) -> dict[str, str]:
    """What is run on what, for the record.

    Parameters
    ----------
    solver : callable
        The solver.
    spelled : str, optional
        How its user called it.

    Returns
    -------
    dict of str to str
        ``solver``, ``package`` and its ``version``, ``build`` where it tells, ``python``,
        ``numpy`` and ``platform``.
    """
    if isinstance(solver, Command):
        return {"solver": solver.text, **_of_port(solver.hello), "platform": _platform()}
    name = spelled or name_of(solver)
    package = name.partition(":")[0].partition(".")[0]
    found = {"solver": name}
    module = sys.modules.get(package)
    version = _version(package, module)
    if version:
        found["package"] = f"{package} {version}"
    build = _build(module)
    if build:
        found["build"] = build
    found["python"] = f"{platform.python_implementation()} {platform.python_version()}"
    found["numpy"] = np.__version__
    found["platform"] = _platform()
    return found


def _of_port(hello: dict[str, str]) -> dict[str, str]:
    """What a port has said of itself: its name and version as the package, the rest as it is."""
    rest = {key: value for key, value in hello.items() if key not in ("hello", "version")}
    package = " ".join(hello[key] for key in ("hello", "version") if key in hello)
    return {"package": package, **rest} if package else rest


def _platform() -> str:
    libc = " ".join(part for part in platform.libc_ver() if part)
    return " ".join(part for part in (platform.system(), platform.machine(), libc) if part)


def _version(package: str, module: Any) -> str:
    with contextlib.suppress(importlib.metadata.PackageNotFoundError, ValueError):
        return importlib.metadata.version(package)
    return str(getattr(module, "__version__", ""))


def _flat(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def _build(module: Any) -> str:
    """How it was built, of packages that tell: `build_info()`, or `show_config(mode="dicts")`."""
    info = getattr(module, "build_info", None)
    if callable(info):
        with contextlib.suppress(Exception):
            return "; ".join(f"{key} {_flat(value)}" for key, value in dict(info()).items())
    show_config = getattr(module, "show_config", None)
    if callable(show_config):
        with contextlib.suppress(Exception):
            config = show_config(mode="dicts")
            blas = config["Build Dependencies"]["blas"]
            compilers = config["Compilers"]
            parts = [f"BLAS {blas['name']} {blas['version']}"]
            for language in ("c", "fortran"):
                if language in compilers:
                    compiler = compilers[language]
                    parts.append(f"{language} {compiler['name']} {compiler['version']}")
            return "; ".join(parts)
    return ""
