"""The options of `minimize` as keywords and as a dict, and what it warns of."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from lbfgsb77 import _arguments
from lbfgsb77._problem import words
from lbfgsb77._problem.words import Default, Said

METHOD: Final = "L-BFGS-B"
DEFAULT_FTOL: Final = Default(2.220446049250313e-09)  # 1e7 · 2⁻⁵²
DEFAULT_GTOL: Final = Default(1e-05)


class OptimizeWarning(UserWarning):
    """An option was given that `minimize` doesn't know."""

    __module__ = "lbfgsb77"


def warn(text: str, category: type[Warning]) -> None:
    """Warn at the line outside of this package that called it."""
    frame, level = sys._getframe(), 1
    while frame.f_back is not None and _is_ours(frame.f_globals.get("__name__", "")):
        frame, level = frame.f_back, level + 1
    warnings.warn(text, category, stacklevel=level)


def _is_ours(module: str) -> bool:
    return module.partition(".")[0] == "lbfgsb77"


def merged(keywords: dict[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Keywords with those of a dict in their place; of unknown ones it warns."""
    if not isinstance(options, Mapping):
        raise TypeError(f"options: a dict is expected, got {_arguments.shown(options)}")
    for name in options:
        if not isinstance(name, str):
            raise TypeError(f"options: names are expected, got {_arguments.shown(name)}")
    given = words.translated(options, keywords)
    warn_of_unknown([name for name in given if name not in keywords], keywords)
    return {name: given.get(name, value) for name, value in keywords.items()}


def tolerances(tol: Any, ftol: Any, gtol: Any) -> tuple[Said, Said]:
    """Of ftol and gtol, those that are given, and else `tol`, and else the defaults."""
    if tol is not None:
        tol = _arguments.nonnegative_tolerance("tol", tol)
        ftol = tol if isinstance(ftol, Default) else ftol
        gtol = tol if isinstance(gtol, Default) else gtol
    return words.said("ftol", ftol), words.said("gtol", gtol)


def require_method(method: Any) -> None:
    """Refuse another method than this one, which SciPy's minimize writes in any case."""
    if not (isinstance(method, str) and method.upper() == METHOD):
        raise ValueError(f"method: {METHOD!r} is expected, got {_arguments.shown(method)}")


def refuse_unknown(unknown: Iterable[str], known: Iterable[str]) -> None:
    """Refuse keywords that are no argument's."""
    for name in unknown:
        raise TypeError(f"{name}: no argument has this name{_did_you_mean(name, known)}")


def warn_of_unknown(names: Iterable[str], known: Iterable[str]) -> None:
    """Name the options that no one knows."""
    unknown = [f"{name}{_did_you_mean(name, known)}" for name in names]
    if unknown:
        warn(f"Unknown solver options: {', '.join(unknown)}", OptimizeWarning)


# What other functions call an argument of minimize.
_ELSEWHERE: Final = {
    "func": "fun",
    "fprime": "jac",
    "grad": "jac",
    "gradient": "jac",
    "approx_grad": "jac",
    "epsilon": "eps",
    "lb": "bounds",
    "ub": "bounds",
    "max_iter": "maxiter",
    "max_nfev": "maxfun",
    "maxfev": "maxfun",
}


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    import difflib  # slow to import, and seldom needed

    similar = [_ELSEWHERE[name]] if name in _ELSEWHERE else difflib.get_close_matches(name, known)
    return f" (did you mean {similar[0]}?)" if similar else ""


def warn_of_silence(iprint: Any, disp: Any) -> None:
    """Say that nothing is printed, where somebody asks for it."""
    if disp is None and isinstance(iprint, (int, np.integer)) and iprint == -1:
        return
    warn(
        "iprint and disp are deprecated and have no effect: nothing is printed; as a callback "
        "Progress() shows how a run goes, and Table() prints its columns",
        DeprecationWarning,
    )
