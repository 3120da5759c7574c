"""What a task string means to a caller."""

from __future__ import annotations

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, fmin_l_bfgs_b
from lbfgsb77._run import status


@pytest.mark.parametrize(
    ("task", "limit", "warnflag"),
    [
        # Converged is converged, whatever the counts.
        ("CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL", 0, 0),
        ("CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH", 1, 0),
        (status.ITERATION_LIMIT, 1, 1),
        (status.EVALUATION_LIMIT, 2, 1),
        ("ABNORMAL_TERMINATION_IN_LNSRCH", 0, 2),
        (status.CALLBACK_HALT, 0, 2),
        # The counts decide about every other task.
        ("ABNORMAL_TERMINATION_IN_LNSRCH", 2, 1),
    ],
)
def test_warnflag(task: str, limit: int, warnflag: int) -> None:
    assert status.warnflag(task, limit) == warnflag


START = np.ones(3)


def bowl(x: np.ndarray) -> tuple[float, np.ndarray]:
    """A quadratic on which each of the first ten iterations takes one evaluation."""
    gradient = np.array([1.0, 10.0, 100.0]) * x
    return float(x @ gradient) / 2, gradient


# SciPy stops after an iteration by which nit >= maxiter or nfev > maxfun; both: the first.
@pytest.mark.parametrize(
    ("maxiter", "maxfun", "nit", "nfev", "task"),
    [
        (3, 100, 3, 4, status.ITERATION_LIMIT),
        (0, 100, 1, 2, status.ITERATION_LIMIT),
        (100, 4, 4, 5, status.EVALUATION_LIMIT),
        (100, 5, 5, 6, status.EVALUATION_LIMIT),
        (100, 4.5, 4, 5, status.EVALUATION_LIMIT),
        (4, 4, 4, 5, status.ITERATION_LIMIT),
    ],
)
def test_a_limit_ends_the_run_after_the_iteration_that_reaches_it(
    maxiter: float, maxfun: float, nit: int, nfev: int, task: str
) -> None:
    _, _, d = fmin_l_bfgs_b(bowl, START, maxiter=maxiter, maxfun=maxfun)
    assert (d["nit"], d["funcalls"], d["task"], d["warnflag"]) == (nit, nfev, task, 1)


@pytest.mark.parametrize(("maxfun", "warnflag"), [(20, 1), (21, 2)])
def test_a_failure_by_which_more_than_maxfun_evaluations_were_made_has_reached_a_limit(
    maxfun: int, warnflag: int
) -> None:
    # A gradient that points uphill: the first search fails, and there is no iteration.
    _, _, d = fmin_l_bfgs_b(lambda x: (float(x[0]), [-1.0]), [0.0], maxfun=maxfun)
    assert (d["task"], d["funcalls"]) == ("ABNORMAL_TERMINATION_IN_LNSRCH", 21)
    assert d["warnflag"] == warnflag


@pytest.mark.parametrize(
    ("maxiter", "maxfun", "task", "warnflag"),
    [
        (100, 100, "STOP: ENOUGH", 2),
        (1, 100, status.ITERATION_LIMIT, 1),
        (100, 1, status.EVALUATION_LIMIT, 1),
        # The second evaluation was the last that may be made: no limit is passed.
        (100, 2, "STOP: ENOUGH", 2),
    ],
)
def test_a_limit_comes_before_a_callers_stop(
    maxiter: int, maxfun: int, task: str, warnflag: int
) -> None:
    solver = LBFGSB(START, maxiter=maxiter, maxfun=maxfun)
    while not solver.tell(*bowl(solver.ask())):
        pass
    solver.stop("STOP: ENOUGH")
    assert (solver.task, solver.status, solver.nfev) == (task, warnflag, 2)


def test_the_texts_are_those_that_scripts_look_for() -> None:
    # As in SciPy ≤ 1.14.
    assert status.ITERATION_LIMIT == "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"
    assert status.EVALUATION_LIMIT == "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT"
    assert status.CALLBACK_HALT == "STOP: CALLBACK REQUESTED HALT"
