"""The options of `minimize`: their defaults, their names and their rules."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from numpy.typing import ArrayLike

from lbfgsb77 import _arguments

# `tol` takes the place of these two where a caller hasn't given them, which is seen by their being
# these very objects.
DEFAULT_FTOL: Final = 2.220446049250313e-09
DEFAULT_GTOL: Final = 1e-05

_EPSILON: Final = 2.0**-52


class OptimizeWarning(UserWarning):
    """An option was given that `minimize` doesn't know."""


class Options(NamedTuple):
    """Everything about a run but the problem; described in `minimize`."""

    tol: float | None
    maxcor: int
    ftol: float
    gtol: float
    eps: ArrayLike
    maxfun: float
    maxiter: float
    maxls: int
    finite_diff_rel_step: ArrayLike | None
    workers: Any
    disp: Any
    iprint: int
    checkpoint: Any
    checkpoint_every: float
    pairs: Any

    def merged(self, options: dict[str, Any], stacklevel: int) -> Options:
        """These options with those of a dict in their place; of unknown ones it warns."""
        try:
            known = {name: value for name, value in options.items() if name in Options._fields}
        except AttributeError:
            raise TypeError(f"options: a dict is expected, got {options!r}") from None
        warn_of_unknown([name for name in options if name not in known], stacklevel + 1)
        return self._replace(**known)

    def for_solver(self) -> dict[str, Any]:
        """As `LBFGSB` takes them."""
        ftol, gtol = self.ftol, self.gtol
        if self.tol is not None:
            tol = _arguments.nonnegative_tolerance("tol", self.tol)
            ftol = tol if ftol is DEFAULT_FTOL else ftol
            gtol = tol if gtol is DEFAULT_GTOL else gtol
        return {
            "m": _arguments.positive_integer("maxcor", self.maxcor),
            "factr": _arguments.nonnegative_tolerance("ftol", ftol) / _EPSILON,
            "pgtol": _arguments.tolerance("gtol", gtol),
            "maxfun": self.maxfun,
            "maxiter": self.maxiter,
            "maxls": self.maxls,
            "pairs": self.pairs,
        }


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
