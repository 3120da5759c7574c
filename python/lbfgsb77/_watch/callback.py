"""The spellings of a callback, each made into one call with the run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lbfgsb77 import _arguments
from lbfgsb77._run.fixed import FixedVariables
from lbfgsb77._run.run import Run

_RESULT_PARAMETER = "intermediate_result"


def adapted(callback: Any, variables: FixedVariables | None = None) -> Callable[[Run], Any] | None:
    """A function of the run that calls back as `callback` expects; None for None or none.

    Of a list, all are called, in order, also where one raises StopIteration.
    """
    if callback is None:
        return None
    if not isinstance(callback, (list, tuple)):
        return _of_one("callback", callback, variables)
    if not callback:
        return None
    calls = [_of_one(f"callback[{k}]", one, variables) for k, one in enumerate(callback)]

    def call_all(run: Run) -> None:
        halts = False
        for call in calls:
            try:
                call(run)
            except StopIteration:
                halts = True
        if halts:
            raise StopIteration

    return call_all


def _of_one(name: str, callback: Any, variables: FixedVariables | None) -> Callable[[Run], Any]:
    """The same of one callable.

    A callable whose only parameter is named ``intermediate_result`` gets `LBFGSB.iterate`, every
    other one a copy of x; for all variables where the run has only the free ones.
    """
    _arguments.require_callable(name, callback)
    if _takes_result(callback):
        if variables is None:
            return lambda run: callback(intermediate_result=run.iterate)
        return lambda run: callback(intermediate_result=variables.expanded_result(run.iterate))
    if variables is None:
        return lambda run: callback(run.x)
    return lambda run: callback(variables.expanded(run.x))


def _takes_result(callback: Callable[..., Any]) -> bool:
    import inspect  # slow to import, and seldom needed

    try:
        return list(inspect.signature(callback).parameters) == [_RESULT_PARAMETER]
    except (TypeError, ValueError):  # a builtin that doesn't tell
        return False
