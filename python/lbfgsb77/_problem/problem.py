"""One problem, read once, for every interface; and the one way to run it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77._problem import bounds as _bounds
from lbfgsb77._problem import pairs as _pairs
from lbfgsb77._problem import start as _start
from lbfgsb77._problem.objective import ByDifferences, Evaluate, at_no_number
from lbfgsb77._run import checkpoint, loop
from lbfgsb77._run.fixed import FixedVariables
from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._run.run import Run
from lbfgsb77._run.settings import Settings
from lbfgsb77._watch import callback as _callback

Vector = NDArray[np.float64]


class Problem(NamedTuple):
    """What is asked, checked: `read` makes it.

    Attributes
    ----------
    start : ndarray of shape (n,)
        n is the number of the run's variables: where differences are taken and fixed variables
        are left out, that of the others.
    lower, upper : ndarray of shape (n,) or float
        Bounds, infinite where there is none.
    bound_types : ndarray of shape (n,), int or None
        The kernel's code of each variable, or of all; None where there are no bounds.
    settings : Settings
    pairs : tuple of ndarray or None
        A warm start.
    objective : callable, ByDifferences or None
        ``objective(x)``, which returns f and the gradient; None where the caller evaluates.
    variables : FixedVariables or None
        What puts the fixed variables back.
    """

    start: Vector
    lower: Vector | float
    upper: Vector | float
    bound_types: NDArray[np.int32] | int | None
    settings: Settings
    pairs: tuple[Vector, Vector] | None = None
    objective: Evaluate | ByDifferences | None = None
    variables: FixedVariables | None = None

    def begin(self) -> Run:
        """A run of this problem, at its start."""
        return Run(*self.for_run())

    def for_run(self) -> tuple[Any, ...]:
        """The arguments of `Run`."""
        return self.start, self.lower, self.upper, self.bound_types, self.settings, self.pairs

    def solve(
        self,
        callback: Any = None,
        path: Any = None,
        checkpoint_every: Any = math.inf,
        observed: Callable[[Evaluate], Evaluate] | None = None,
    ) -> Run:
        """Run to the end, from the start or from where a checkpoint file has the run.

        Parameters
        ----------
        callback : callable, optional
            As its user gave it.
        path : path-like, optional
            The checkpoint file.
        checkpoint_every : float, optional
            Seconds between two saves.
        observed : callable, optional
            What stands between the run and its objective: takes what evaluates f and the gradient,
            and returns the same, watched.
        """
        after_iteration = _callback.adapted(callback, self.variables)
        run, checkpoints = checkpoint.begin(self.begin(), path, checkpoint_every)
        objective = self.objective
        if isinstance(objective, ByDifferences):
            run._step_word = objective.step_word
            with objective.evaluating(*run.bounds) as (evaluate, cost):
                watched = observed(evaluate) if observed else evaluate
                loop.drive(run, watched, cost, after_iteration, checkpoints)
        else:
            assert objective is not None
            watched = observed(objective) if observed else objective
            loop.drive(run, watched, 1, after_iteration, checkpoints)
        return run

    def expanded(self, result: OptimizeResult) -> OptimizeResult:
        """A run's result for all variables."""
        return result if self.variables is None else self.variables.expanded_result(result)


def read(
    x0: ArrayLike,
    bounds: Any,
    settings: Settings,
    objective: Evaluate | ByDifferences | None = None,
    pairs: Any = None,
    *,
    without_fixed: bool = False,
    any_start: bool = False,
) -> Problem:
    """Check a problem's arguments, each once.

    Parameters
    ----------
    x0, bounds, pairs : object
        As their user gave them.
    settings : Settings
    objective : callable or ByDifferences, optional
    without_fixed : bool
        Whether variables with equal bounds are left out where differences are taken.
    any_start : bool
        Whether a start that isn't finite is no error: the run then ends at its first evaluation,
        with status 2 and a reason. Where this package stands in for SciPy, which returns a result
        there, it may not raise.

    Raises
    ------
    TypeError, ValueError
        One sentence that names the argument, the rule and the value.
    """
    start, finite = _start.read(x0)
    n = start.size
    box = _bounds.read(bounds, n)
    lower: Vector | float = -math.inf
    upper: Vector | float = math.inf
    variables = None
    if box is not None:
        lower, upper = box
    if not finite:
        if not any_start:
            _start.require_finite(start, lower, upper)
        elif objective is not None and not _start.is_finite_inside(start, lower, upper):
            objective = at_no_number(objective)
    if isinstance(objective, ByDifferences):
        objective = objective.of_size(n)
        if box is not None and without_fixed and FixedVariables.some_of(*box):
            variables = FixedVariables(*box)
            free = variables.free
            objective = objective.of_free(variables)
            start, box = start[free], (box[0][free], box[1][free])
            lower, upper = box
            if pairs is not None:
                pairs = _pairs.of_some(pairs, free)
    return Problem(
        start,
        lower,
        upper,
        None if box is None else _bounds.types(*box),
        settings,
        None if pairs is None else _pairs.read(pairs, start.size, settings.m),
        objective,
        variables,
    )
