"""The spellings of a callback, each made into one call with the solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lbfgsb77 import _arguments
from lbfgsb77._fixed import FixedVariables
from lbfgsb77._solver import LBFGSB

_RESULT_PARAMETER = "intermediate_result"


def adapted(
    callback: Any, variables: FixedVariables | None = None
) -> Callable[[LBFGSB], Any] | None:
    """A function of the solver that calls back as `callback` expects; None for None.

    A callable whose only parameter is named ``intermediate_result`` gets `LBFGSB.iterate`, every
    other one a copy of x; for all variables where the solver has only the free ones.
    """
    if callback is None:
        return None
    _arguments.require_callable("callback", callback)
    if _takes_result(callback):
        if variables is None:
            return lambda solver: callback(intermediate_result=solver.iterate)
        return lambda solver: callback(
            intermediate_result=variables.expanded_result(solver.iterate)
        )
    if variables is None:
        return lambda solver: callback(solver.x)
    return lambda solver: callback(variables.expanded(solver.x))


def _takes_result(callback: Callable[..., Any]) -> bool:
    import inspect  # slow to import, and seldom needed

    try:
        return list(inspect.signature(callback).parameters) == [_RESULT_PARAMETER]
    except (TypeError, ValueError):  # a builtin that doesn't tell
        return False
