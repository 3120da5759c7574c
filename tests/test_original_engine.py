"""What the package remembers beside the original kernel, which a scripted one stands in for."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest

from lbfgsb77._run import layout
from lbfgsb77._run.original import ORIGINAL, OriginalEngine
from lbfgsb77._run.workspace import allocate


class Answer(NamedTuple):
    """What a call of the kernel comes back with."""

    task: str
    x: float
    evaluations_in_search: int = 1


def engine(script: Sequence[Answer]) -> OriginalEngine:
    """An engine of one variable on a kernel that gives these answers, one per call."""
    workspace = allocate(1, 3)
    workspace.integer_slots[layout.MAXLS] = 20
    answers = iter(script)

    def advance(reals: np.ndarray, integers: np.ndarray, text: np.ndarray) -> None:
        answer = next(answers)
        workspace.task, workspace.x[0] = answer.task, answer.x
        workspace.integer_slots[layout.EVALUATIONS_IN_SEARCH] = answer.evaluations_in_search
        if workspace.integer_slots[layout.ANSWERED]:
            workspace.integer_slots[layout.ANSWERED] = 0
            workspace.integer_slots[layout.NJEV] += 1

    return OriginalEngine(ORIGINAL, SimpleNamespace(advance=advance), workspace)


def tell(run: OriginalEngine, f: float, g: float = 1.0) -> None:
    run.workspace.real_slots[layout.F] = f
    run.workspace.gradient[0] = g
    run.workspace.integer_slots[layout.ANSWERED] = 1
    run.advance()


def test_of_equal_iterates_the_later_is_the_best() -> None:
    run = engine(
        [
            Answer("FG_START", 0.0),
            Answer("FG_LNSRCH", 1.0),
            Answer("NEW_X", 1.0),
            Answer("FG_LNSRCH", 2.0),
            Answer("NEW_X", 2.0),
        ]
    )
    run.advance()
    tell(run, 5.0)
    tell(run, 5.0)
    assert run.best is not None
    assert run.best[0] == [1.0]
    run.advance()
    tell(run, 7.0)  # worse: the one before stays
    assert run.best[0] == [1.0]
    assert run.values()[:2] == ([1.0], 5.0)


def test_the_start_asked_for_again_is_answered_without_an_evaluation() -> None:
    # A first trial so near that rounding leaves it at the start.
    run = engine(
        [
            Answer("FG_START", 1.0),
            Answer("FG_LNSRCH", 1.0),
            Answer("FG_LNSRCH", 2.0, evaluations_in_search=2),
        ]
    )
    run.advance()
    tell(run, 5.0)
    assert run.workspace.x == [2.0]
    assert run.workspace.njev == 1


def test_a_new_search_from_the_point_told_last_asks_for_its_first_trial() -> None:
    # The search before it has failed: f and the gradient are the iterate's, not that point's.
    run = engine(
        [
            Answer("FG_START", 0.0),
            Answer("FG_LNSRCH", 1.0),
            Answer("FG_LNSRCH", 1.0, evaluations_in_search=1),
        ]
    )
    run.advance()
    tell(run, 5.0)
    tell(run, 6.0)
    assert run.workspace.x == [1.0]
    assert run.workspace.task == "FG_LNSRCH"


def test_a_trial_asked_for_twice_in_one_search_is_answered() -> None:
    run = engine(
        [
            Answer("FG_START", 0.0),
            Answer("FG_LNSRCH", 1.0),
            Answer("FG_LNSRCH", 1.0, evaluations_in_search=2),
            Answer("NEW_X", 1.0),
        ]
    )
    run.advance()
    tell(run, 5.0)
    tell(run, 4.0)
    assert run.workspace.task == "NEW_X"


def test_what_is_remembered_comes_back() -> None:
    run = engine([Answer("FG_START", 0.0), Answer("FG_LNSRCH", 1.0), Answer("NEW_X", 1.0)])
    run.advance()
    tell(run, 5.0)
    tell(run, 4.0, -2.0)
    other = engine([])
    other.remember(run.memory())
    assert other.best == run.best == ([1.0], 4.0, [-2.0])
    assert other.memory()["last_point"] == [1.0]


def test_a_failed_search_is_told_by_its_trial() -> None:
    # From f = 5 with slope -4 along x to f = 6 with slope 2, over a step of 3 in all.
    run = engine(
        [Answer("FG_START", 0.0), Answer("FG_LNSRCH", 3.0), Answer("ABNORMAL_TERMINATION", 0.0)]
    )
    run.advance()
    tell(run, 5.0, -4.0)
    tell(run, 6.0, 2.0)
    # A smooth f with these slopes changes by -3, or by 18 more or less: there is no jump.
    assert run.search == (5.0, -4.0, 1.0, 3.0, 6.0, 2.0, None)


@pytest.mark.parametrize(
    ("key", "size"), [("last_point", 2), ("best", 2), ("best", 4), ("not_finite", 2)]
)
def test_what_another_problem_remembered_is_refused(key: str, size: int) -> None:
    run = engine([])
    state = run.memory() | {key: np.ones(size)}
    with pytest.raises(ValueError, match="not one of n = 1 variables"):
        run.remember(state)
