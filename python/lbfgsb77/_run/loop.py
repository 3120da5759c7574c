"""The loop: ask the solver for a point, evaluate there, tell the solver."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lbfgsb77._run import status
from lbfgsb77._run.checkpoint import Checkpoints
from lbfgsb77._run.run import Run


def drive(
    run: Run,
    evaluate: Callable[[Any], tuple[Any, Any]],
    nfev: int,
    callback: Callable[[Run], Any] | None,
    checkpoints: Checkpoints | None = None,
) -> None:
    """Take a run to its end.

    Parameters
    ----------
    run : Run
    evaluate : callable
        ``evaluate(x) -> (f, g)``.
    nfev : int
        Evaluations of the objective that one call of `evaluate` makes.
    callback : callable or None
        Called with the run after each iteration; StopIteration from it ends the run.
    checkpoints : Checkpoints, optional
        Where to save the run now and then, and at its end, be it an exception.
    """
    if checkpoints is not None:
        with checkpoints.saved_at_the_end(run):
            drive(run, checkpoints.saving(run, evaluate), nfev, callback)
        return
    if callback is None:
        run._skip_iterates()
    # Nobody else has this run, so it needs no turns.
    next_point, take = run._next_point, run._take
    while (x := next_point()) is not None:
        f, g = evaluate(x)
        if take(f, g, nfev) and callback is not None:
            try:
                callback(run)
            except StopIteration:
                run.stop(status.CALLBACK_HALT)
