"""The options of `minimize` as keywords and as a dict, and what it warns of."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final

from lbfgsb77 import _arguments
from lbfgsb77._problem import words
from lbfgsb77._problem.words import Default, Said

DEFAULT_FTOL: Final = Default(2.220446049250313e-09)  # 1e7 · 2⁻⁵²
DEFAULT_GTOL: Final = Default(1e-05)


class OptimizeWarning(UserWarning):
    """An option was given that `minimize` doesn't know."""

    __module__ = "lbfgsb77"


def merged(keywords: dict[str, Any], options: Mapping[str, Any], stacklevel: int) -> dict[str, Any]:
    """Keywords with those of a dict in their place; of unknown ones it warns."""
    if not isinstance(options, Mapping):
        raise TypeError(f"options: a dict is expected, got {options!r}")
    given = words.translated(options, keywords)
    warn_of_unknown([name for name in given if name not in keywords], stacklevel + 1)
    return {name: given.get(name, value) for name, value in keywords.items()}


def tolerances(tol: Any, ftol: Any, gtol: Any) -> tuple[Said, Said]:
    """Of ftol and gtol, those that are given, and else `tol`, and else the defaults."""
    if tol is not None:
        tol = _arguments.nonnegative_tolerance("tol", tol)
        ftol = tol if isinstance(ftol, Default) else ftol
        gtol = tol if isinstance(gtol, Default) else gtol
    return words.said("ftol", ftol), words.said("gtol", gtol)


def warn_of_unknown(names: Iterable[str], stacklevel: int) -> None:
    """Name the options that no one knows."""
    unknown = ", ".join(names)
    if unknown:
        text = f"Unknown solver options: {unknown}"
        warnings.warn(text, OptimizeWarning, stacklevel=stacklevel + 1)


def warn_of_silence(stacklevel: int) -> None:
    """Say that nothing is printed."""
    warnings.warn(
        "iprint and disp are deprecated and have no effect: nothing is printed",
        DeprecationWarning,
        stacklevel=stacklevel + 1,
    )
