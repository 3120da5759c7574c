"""What a task string means to a caller."""

from __future__ import annotations

import pytest

from lbfgsb77 import _status


@pytest.mark.parametrize(
    ("task", "funcalls", "nit", "warnflag"),
    [
        # Converged is converged, whatever the counts.
        ("CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL", 5, 3, 0),
        ("CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH", 500, 300, 0),
        (_status.ITERATION_LIMIT, 5, 10, 1),
        (_status.EVALUATION_LIMIT, 101, 3, 1),
        ("ABNORMAL_TERMINATION_IN_LNSRCH", 5, 3, 2),
        (_status.CALLBACK_HALT, 5, 3, 2),
        # The counts decide about every other task.
        ("ABNORMAL_TERMINATION_IN_LNSRCH", 101, 3, 1),
        ("ABNORMAL_TERMINATION_IN_LNSRCH", 100, 9, 2),
    ],
)
def test_warnflag(task: str, funcalls: int, nit: int, warnflag: int) -> None:
    assert _status.warnflag(task, funcalls, maxfun=100, nit=nit, maxiter=10) == warnflag


def test_the_texts_are_those_that_scripts_look_for() -> None:
    # As in SciPy ≤ 1.14.
    assert _status.ITERATION_LIMIT == "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"
    assert _status.EVALUATION_LIMIT == "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT"
    assert _status.CALLBACK_HALT == "STOP: CALLBACK REQUESTED HALT"
