"""Why a run ended, in one sentence, from the evaluations that it made anyway."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._run import status
from lbfgsb77._run.engine import Engine
from lbfgsb77._run.layout import (
    FACTR,
    FTARGET,
    MAXFUN,
    MAXITER,
    MAXLS,
    MAXTIME,
    PGTOL,
    PROJECTED_GRADIENT_NORM,
    STEP,
    TIME,
    XTOL,
)
from lbfgsb77._run.settings import EPSILON
from lbfgsb77._run.workspace import Jump, Search, Workspace

# Where the gradient is wrong, f and it disagree by less over a shorter interval; a jump stays what
# it is. So many times shorter than the first interval tells the two apart.
_NARROW: Final = 0.1

# How much larger than its rounding a change is that tells something.
_WELL_ABOVE: Final = 1024


def of(engine: Engine, task: str, flag: int, step_word: str = "") -> str:
    """Why a run ended on this engine with a task and its `status.warnflag`.

    Where its gradients are differences, `step_word` is what the caller calls their step.
    """
    workspace = engine.workspace
    if flag == status.CONVERGED:
        return of_convergence(workspace, task, step_word)
    if task == status.ITERATION_LIMIT:
        maxiter = _count(workspace, MAXITER)
        more = ", and one is always made" if workspace.nit > maxiter else ""
        return f"limit reached: maxiter = {maxiter} iterations{more}"
    if task == status.EVALUATION_LIMIT:
        maxfun = _count(workspace, MAXFUN)
        return f"limit reached: {workspace.nfev} evaluations, more than maxfun = {maxfun}"
    if task == status.TIME_LIMIT:
        time, maxtime = workspace.real_slots[TIME], workspace.real_slots[MAXTIME]
        return f"limit reached: {time:.4g} seconds, more than maxtime = {maxtime:g}"
    if task == status.TARGET_REACHED:
        f, ftarget = engine.values()[1], workspace.real_slots[FTARGET]
        return f"limit reached: f = {f!r} is at most ftarget = {ftarget!r}"
    if task == status.STEP_TOLERANCE:
        xtol = workspace.real_slots[XTOL]
        return f"limit reached: no variable changed by more than xtol = {xtol:g} times max(1, |x|)"
    if task == status.CALLBACK_HALT:
        return "the callback raised StopIteration"
    if task.startswith("STOP"):
        return "the caller stopped the run"
    if task.startswith("ERROR"):
        return f"the kernel refused its input: {task}"
    if task == status.NOISE:
        return of_noise(workspace, step_word)
    if engine.not_finite is not None:
        return of_value_not_finite(engine.values()[0], *engine.not_finite)
    if task.startswith("CONV"):
        return of_convergence(workspace, task, step_word)
    return of_failed_search(workspace, engine.search, step_word)


def _count(workspace: Workspace, slot: int) -> float:
    limit = workspace.real_slots[slot]
    return int(limit) if limit.is_integer() else limit


def of_convergence(workspace: Workspace, task: str, step_word: str) -> str:
    """Of a run that has met one of the kernel's tests."""
    if task == status.GRADIENT_TEST:
        return of_gradient_test(workspace, step_word)
    return of_reduction_test(workspace)


def of_gradient_test(workspace: Workspace, step_word: str) -> str:
    """Of a run that converged because its projected gradient is small."""
    norm, pgtol = workspace.real_slots[PROJECTED_GRADIENT_NORM], workspace.real_slots[PGTOL]
    test = f"the projected gradient's norm, {norm:.3g}, is at most {pgtol:.3g}"
    if step_word and not workspace.gradient.any():
        test += (
            ": every difference of f is exactly 0; if f is not flat there, the steps are too short "
            f"({step_word})"
        )
    return test


def of_reduction_test(workspace: Workspace) -> str:
    """Of a run that converged because an iteration hardly lowered f."""
    old, new = workspace.search.f, workspace.f
    limit = workspace.real_slots[FACTR] * EPSILON * max(abs(old), abs(new), 1.0)
    return f"the last iteration lowered f by {old - new:.3g}, which is at most {limit:.3g}"


def of_noise(workspace: Workspace, step_word: str) -> str:
    """Of a run whose line search came back to a point and found another value there."""
    # The kernel has left the lower one as f.
    lower, higher = sorted((workspace.f, workspace.search.f))
    relative = (higher - lower) / max(abs(lower), abs(higher))
    if workspace.real_slots[STEP] == 0:
        where = f"at the same point it was {lower!r} and {higher!r}"
    else:
        where = f"where it had been at most {lower!r}, it was {higher!r}"
    return (
        f"f is not a function of x: {where}, a relative difference of {relative:.2g}; averaging f "
        "or fixing its random seed helps"
        + (f", or longer steps ({step_word})" if step_word else "")
    )


def of_failed_search(workspace: Workspace, search: Search, step_word: str = "") -> str:
    """Of a run whose last line search, along the projected gradient, found no lower point."""
    if not search.slope < 0:
        return "x no longer changes beyond rounding along the projected gradient"
    jump = search.jump
    if jump and jump.second_step - jump.first_step < _NARROW * jump.first_width:
        return _disagreement("f jumps", _of_jump(search, jump, step_word), step_word)
    change = search.trial_f - search.f
    predicted = 0.5 * (search.slope + search.trial_slope) * search.trial_step
    changes = _changes(0.0, search.trial_step * search.length, change, predicted, step_word)
    rounded = rounding(workspace.n, search.f, search.trial_f)
    # The change of a smooth f is about what the mean slope predicts, and no farther from it than
    # the slopes differ.
    curvature = abs(search.trial_slope - search.slope) * search.trial_step
    if max(abs(change), abs(predicted)) <= rounded or _hardly_moves(workspace, search):
        return f"f no longer changes beyond rounding: {changes}"
    if abs(change - predicted) > curvature + rounded:
        if jump:
            changes = _of_jump(search, jump, step_word)
        return _disagreement("the gradient disagrees with f", changes, step_word)
    maxls = workspace.integer_slots[MAXLS]
    return f"limit reached: maxls = {maxls} evaluations in one line search; {changes}"


def _disagreement(what: str, changes: str, step_word: str) -> str:
    if step_word:
        return (
            "the differences disagree with f along the search direction, as where f jumps or has "
            f"noise or their steps ({step_word}) don't fit: {changes}"
        )
    return f"{what} along the search direction: {changes}"


def _of_jump(search: Search, jump: Jump, step_word: str) -> str:
    steps = jump.first_step * search.length, jump.second_step * search.length
    return _changes(*steps, jump.change, jump.predicted, step_word)


def _changes(first: float, second: float, change: float, predicted: float, step_word: str) -> str:
    where = (
        f"between steps of {first:.6g} and {second:.6g}"
        if first
        else f"over a step of {second:.3g}"
    )
    what = "the differences predict" if step_word else "g'd predicts"
    return f"{where} f changed by {change:.3g}, {what} {predicted:.3g}"


def relative_rounding(n: int) -> float:
    """The relative rounding of a sum of n terms, and of what else there is in an objective."""
    return (1024 + n) * EPSILON


def rounding(n: int, *values: float) -> float:
    """How far these values of f are rounded."""
    return relative_rounding(n) * max(map(abs, values))


def well_above_rounding(change: float, n: int, *values: float) -> bool:
    """Whether a change of f between these values is far larger than their rounding."""
    return abs(change) > _WELL_ABOVE * rounding(n, *values)


def _hardly_moves(workspace: Workspace, search: Search) -> bool:
    """Whether the trial is so near that x, and f computed from it, is of rounded numbers only."""
    size = float(np.abs(workspace.x).max())
    return search.trial_step * search.length <= relative_rounding(workspace.n) * size


def of_value_not_finite(
    iterate: NDArray[np.float64], x: NDArray[np.float64], component: int, value: float
) -> str:
    """Of a run that ended among evaluations which weren't finite, the last of them at x."""
    if not np.isfinite(iterate).all():
        index = int(np.isfinite(iterate).argmin())
        return f"the start is not finite: x0[{index}] is {iterate[index]}"
    if not np.isfinite(x).all():
        return "the search direction overflowed, so that no finite trial point was left"
    what = f"component {component - 1} of the gradient" if component else "f"
    return f"f or its gradient was not finite at x = {_point(x)}: {what} was {value}"


def _point(x: NDArray[np.float64]) -> str:
    if x.size <= 6:
        return f"[{', '.join(map(repr, x.tolist()))}]"
    return f"[{', '.join(map(repr, x[:3].tolist()))}, ...] (n = {x.size})"
