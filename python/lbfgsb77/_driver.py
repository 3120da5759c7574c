"""The loop: ask the solver for a point, evaluate there, tell the solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lbfgsb77 import _status
from lbfgsb77._checkpoint import Checkpoints
from lbfgsb77._objective import Evaluate
from lbfgsb77._solver import LBFGSB


def run(
    solver: LBFGSB,
    evaluate: Evaluate,
    nfev: int,
    callback: Callable[[LBFGSB], Any] | None,
    checkpoints: Checkpoints | None = None,
) -> None:
    """Run a solver to its end.

    Parameters
    ----------
    solver : LBFGSB
    evaluate : callable
        ``evaluate(x) -> (f, g)``.
    nfev : int
        Evaluations of the objective that one call of `evaluate` makes.
    callback : callable or None
        Called with the solver after each iteration; StopIteration from it ends the run.
    checkpoints : Checkpoints, optional
        Where to save the run now and then, and at its end, be it an exception.
    """
    if checkpoints is not None:
        with checkpoints.saved_at_the_end(solver):
            run(solver, checkpoints.saving(solver, evaluate), nfev, callback)
        return
    ask = solver.ask
    tell = solver.tell
    while not solver.done:
        f, g = evaluate(ask())
        if tell(f, g, nfev) and callback is not None:
            try:
                callback(solver)
            except StopIteration:
                solver.stop(_status.CALLBACK_HALT)
