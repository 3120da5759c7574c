"""The compiled kernel that new solvers run on."""

from __future__ import annotations

from types import ModuleType

from lbfgsb77 import _lbfgsb

__all__ = ["kernel"]


def kernel(maxls: int) -> ModuleType:
    """Return the extension module for a new solver that may evaluate `maxls` times a search."""
    return _lbfgsb
