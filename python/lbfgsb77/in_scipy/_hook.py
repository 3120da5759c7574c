"""The switch for a process whose program hasn't imported SciPy yet, and may never do so."""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from lbfgsb77.in_scipy import VARIABLE, use_in_scipy

_PACKAGE: Final = "scipy.optimize"
STARTUP: Final = Path(__file__).with_name("_startup")


def environment(
    backend: str, log: str | None, record: str | None, solver: str, force: bool
) -> dict[str, str]:
    """What makes processes that are started from here do the same."""
    paths = [str(STARTUP), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {
        VARIABLE: "1",
        f"{VARIABLE}_BACKEND": backend,
        f"{VARIABLE}_LOG": log or "",
        f"{VARIABLE}_RECORD": record or "",
        f"{VARIABLE}_SOLVER": solver,
        f"{VARIABLE}_FORCE": "1" if force else "",
        "PYTHONPATH": os.pathsep.join(paths),
    }


def install(variables: Mapping[str, str] = os.environ) -> None:
    """Switch now if SciPy is there, else as soon as its ``optimize`` has been imported."""
    if variables.get(VARIABLE) != "1":
        return
    if _PACKAGE in sys.modules:
        _switch(variables)
    else:
        sys.meta_path.insert(0, _Finder(variables))


def _switch(variables: Mapping[str, str]) -> None:
    use_in_scipy(
        backend=variables.get(f"{VARIABLE}_BACKEND") or "lbfgsb77",
        log=variables.get(f"{VARIABLE}_LOG") or None,
        record=variables.get(f"{VARIABLE}_RECORD") or None,
        solver=variables.get(f"{VARIABLE}_SOLVER") or "lbfgsb77",
        force=bool(variables.get(f"{VARIABLE}_FORCE")),
    )


class _Finder(importlib.abc.MetaPathFinder):
    """Finds one package, once, and has its loader switch when it has loaded it."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """That of ``scipy.optimize``, with another loader; nothing else."""
        if name != _PACKAGE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self._variables)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, loader: Any, variables: Mapping[str, str]) -> None:
        self._loader = loader
        self._variables = variables

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        assert module.__spec__ is not None
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        _switch(self._variables)
