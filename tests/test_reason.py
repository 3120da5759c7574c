"""Every ending has a reason, found from the evaluations that the run made anyway."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lbfgsb77
from lbfgsb77 import LBFGSB, fmin_l_bfgs_b, minimize
from lbfgsb77._run import reason
from lbfgsb77._run.workspace import Search
from objectives import chain

Vector = np.ndarray


def bowl(x: Vector) -> float:
    return float(((x - 1) ** 2).sum() + (x**4).sum())


def bowl_gradient(x: Vector) -> Vector:
    return 2 * (x - 1) + 4 * x**3


START = np.array([2.0, -1.0, 0.5])


def reason_of(func: Any, x0: Any, **arguments: Any) -> str:
    """The reason in fmin_l_bfgs_b's information, which is that of `minimize` too."""
    _, _, d = fmin_l_bfgs_b(func, x0, **arguments)
    assert isinstance(d["reason"], str)
    return str(d["reason"])


def number(pattern: str, text: str) -> float:
    found = re.search(pattern + r" ([-+.0-9einf]+)", text)
    assert found, text
    return float(found[1])


def test_converged_by_the_gradient() -> None:
    reason = reason_of(bowl, START, fprime=bowl_gradient)
    assert re.fullmatch(r"the projected gradient's norm, [-.0-9e]+, is at most 1e-05", reason), (
        reason
    )


def test_converged_by_the_reduction() -> None:
    reason = reason_of(bowl, START, fprime=bowl_gradient, factr=1e12, pgtol=0)
    assert reason.startswith("the last iteration lowered f by ")
    lowered = number("lowered f by", reason)
    # factr·ε·max(|f_old|, |f|, 1); f is near 2 at the minimum of this bowl.
    assert 0 < lowered <= number("at most", reason) < 1e12 * 2.0**-52 * 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"maxiter": 3}, "limit reached: maxiter = 3 iterations"),
        ({"maxfun": 3}, "limit reached: 4 evaluations, more than maxfun = 3"),
    ],
)
def test_limits_are_named_with_their_numbers(arguments: Any, reason: str) -> None:
    assert reason_of(chain, np.full(5, -1.2), **arguments) == reason


def test_the_limit_of_a_line_search_is_named() -> None:
    reason = reason_of(chain, np.full(10, -1.2), maxls=1)
    assert reason.startswith("limit reached: maxls = 1 evaluations in one line search")


def test_a_callback_that_ends_the_run_is_named() -> None:
    def callback(x: Vector) -> None:
        raise StopIteration

    reason = reason_of(chain, np.full(5, -1.2), callback=callback)
    assert reason == "the callback raised StopIteration"


def test_a_caller_that_ends_the_run_is_named() -> None:
    solver = LBFGSB([3.0])
    assert solver.reason == ""
    solver.ask()
    solver.stop()
    assert solver.reason == solver.result.reason == "the caller stopped the run"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: -bowl_gradient(x),
        lambda x: bowl_gradient(x) + 0.5,
        lambda x: bowl_gradient(x)[::-1],
    ],
    ids=["of the other sign", "shifted", "in reverse"],
)
def test_a_gradient_that_disagrees_with_f_is_found(wrong: Any) -> None:
    calls = 0

    def func(x: Vector) -> float:
        nonlocal calls
        calls += 1
        return bowl(x)

    _, _, d = fmin_l_bfgs_b(func, START, wrong)
    assert d["warnflag"] == 2
    assert d["reason"].startswith("the gradient disagrees with f along the search direction: ")
    changed, predicted = number("f changed by", d["reason"]), number("predicts", d["reason"])
    assert predicted < 0
    # The gradient predicts a descent that f doesn't follow.
    assert abs(changed - predicted) > 0.1 * abs(predicted)
    assert calls == d["funcalls"]


def test_the_numbers_are_those_of_evaluations_along_the_direction() -> None:
    points = []

    def func(x: Vector) -> float:
        points.append(x.copy())
        return bowl(x)

    _, _, d = fmin_l_bfgs_b(func, START, lambda x: -bowl_gradient(x))
    step, changed = number("over a step of", d["reason"]), number("f changed by", d["reason"])
    # One of the points is that far from the start, and f has changed by that much there; three
    # digits are shown.
    assert any(
        np.linalg.norm(x - START) == pytest.approx(step, rel=0.01)
        and bowl(x) - bowl(START) == pytest.approx(changed, rel=0.01)
        for x in points
    )


def test_a_run_down_to_rounding_says_so() -> None:
    _, _, d = fmin_l_bfgs_b(chain, np.full(20, -1.2), factr=0, pgtol=0)
    assert d["task"] == "ABNORMAL_TERMINATION_IN_LNSRCH"
    assert d["reason"].startswith("f no longer changes beyond rounding: over a step of ")


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("f", "f was nan"),
        ("-f", "f was -inf"),
        ("g", "component 1 of the gradient was inf"),
    ],
)
def test_values_that_are_not_finite_are_named_with_their_point(what: str, said: str) -> None:
    points = []

    def func(x: Vector) -> tuple[float, Vector]:
        f, g = bowl(x), bowl_gradient(x)
        points.append(x.copy())
        if len(points) >= 3:
            f = {"f": np.nan, "-f": -np.inf, "g": f}[what]
            if what == "g":
                g[1:] = np.inf, np.nan
        return f, g

    _, _, d = fmin_l_bfgs_b(func, START)
    assert d["warnflag"] == 2
    # All digits, so that the caller can look for himself.
    assert d["reason"] == f"f or its gradient was not finite at x = {points[-1].tolist()}: {said}"


def test_a_start_without_a_value_is_named_too() -> None:
    reason = reason_of(lambda x: (np.nan, x), [3.0, 4.0])
    assert reason == "f or its gradient was not finite at x = [3.0, 4.0]: f was nan"


def test_a_point_of_six_variables_is_shown_whole() -> None:
    reason = reason_of(lambda x: (np.nan, x), np.arange(6.0))
    assert "x = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]:" in reason


def test_a_long_point_is_shortened() -> None:
    reason = reason_of(lambda x: (np.nan, x), np.arange(100.0))
    assert "x = [0.0, 1.0, 2.0, ...] (n = 100):" in reason


def test_minimize_gives_the_same_reason() -> None:
    result = minimize(bowl, START, jac=lambda x: -bowl_gradient(x))
    assert not result.success
    assert result.message == "ABNORMAL_TERMINATION_IN_LNSRCH"
    assert result.reason == reason_of(bowl, START, fprime=lambda x: -bowl_gradient(x))


def test_values_not_finite_in_an_earlier_search_do_not_hide_a_later_reason() -> None:
    calls = 0

    def func(x: Vector) -> tuple[float, Vector]:
        nonlocal calls
        calls += 1
        f, g = chain(x)
        return (np.nan if calls == 3 else f), g

    _, _, d = fmin_l_bfgs_b(func, np.full(20, -1.2), factr=0, pgtol=0)
    assert d["task"] == "ABNORMAL_TERMINATION_IN_LNSRCH"
    assert d["reason"].startswith("f no longer changes beyond rounding")


# From f = 1 and slope -1 over a step of 0.1 to slope -0.5: f should change by -0.075, and by no
# more than the slopes' difference of 0.05 farther from it.
@pytest.mark.parametrize(
    ("off", "said"),
    [
        (0.049, "limit reached: maxls = 20"),
        (-0.049, "limit reached: maxls = 20"),
        (0.051, "the gradient disagrees with f"),
        (-0.051, "the gradient disagrees with f"),
    ],
)
def test_a_gradient_may_be_off_by_as_much_as_the_slopes_differ(off: float, said: str) -> None:
    workspace = LBFGSB([1.0])._workspace
    search = Search(1.0, -1.0, 1.0, 0.1, 1.0 - 0.075 + off, -0.5)
    assert reason.of_failed_search(workspace, search).startswith(said)


@pytest.mark.parametrize("n", [1, 500])
def test_the_trial_kept_is_the_last_whose_predicted_change_is_well_above_rounding(n: int) -> None:
    # f = 1 rises in its last bit where its gradient says that it falls: each trial comes nearer.
    # The documented limit is 1024 times the rounding of a sum of n terms, (1024 + n)*2**-52.
    limit = 1024 * (1024 + n) * 2.0**-52
    near_the_limit = 0
    for slope in np.geomspace(1e-9, 1e-6, 41):
        solver = LBFGSB(np.zeros(n), pgtol=0, maxls=9)
        trials: list[float] = []
        for x in solver:
            if x[0] > 0:
                trials.append(float(x[0]))
            rising = np.nextafter(1.0, 2.0) if x[0] > 0 else 1.0
            # One direction; the other variables stay where they are.
            solver.tell(rising, np.concatenate([[-slope], np.zeros(n - 1)]))
        assert solver.task == "ABNORMAL_TERMINATION_IN_LNSRCH"
        far = [step for step in trials if slope * step > limit]
        kept = far[-1] if far else trials[0]
        near_the_limit += any(0.5 * limit < slope * step <= limit for step in trials)
        search = solver._workspace.search
        assert search.trial_step * search.length == pytest.approx(kept, rel=1e-12)
        # Where the gradient is wrong throughout, the longest step shows it best.
        if far:
            assert number("over a step of", solver.reason) == pytest.approx(trials[0], rel=0.01)
    assert near_the_limit > 0


def test_differences_that_disagree_with_f_are_not_called_the_gradient() -> None:
    def ripples(x: Vector) -> float:
        """A bowl, with ripples that are narrower than the step of the differences, 6e-6 x."""
        return float((x**2).sum() + 0.1 * np.sin(1e7 * x.sum()))

    result = minimize(ripples, [1.3, 2.0], jac="3-point")
    assert result.status == 2
    assert result.reason.startswith(
        "the differences disagree with f along the search direction, as where f jumps or has noise "
        "or their steps (finite_diff_rel_step) don't fit: "
    )
    assert "the differences predict" in result.reason


def cliff(x: Vector) -> float:
    """A bowl around (-1, -1), 40 higher where x[0] < 2 and x[1] < 1.5; the start is outside."""
    return float(((x + 1) ** 2).sum()) + (40.0 if x[0] < 2 and x[1] < 1.5 else 0.0)


def cliff_gradient(x: Vector) -> Vector:
    return 2 * (x + 1)


@pytest.mark.parametrize("backend", lbfgsb77.build_info()["backends"])
@pytest.mark.parametrize("start", [(3.0, 2.0), (2.5, 1.5001), (2.0001, 1.50001)])
def test_a_jump_is_shown_between_the_nearest_steps(start: Any, backend: str) -> None:
    points: list[Vector] = []

    def func(x: Vector) -> float:
        points.append(x.copy())
        return cliff(x)

    with lbfgsb77.backend(backend):
        x, _, d = fmin_l_bfgs_b(func, start, cliff_gradient)
    assert d["warnflag"] == 2
    found = re.fullmatch(
        r"f jumps along the search direction: (?:over a step of|between steps of) ([-+.0-9e]+)"
        r"(?: and ([-+.0-9e]+))? f changed by 40, g'd predicts (-[.0-9e-]+)",
        d["reason"],
    )
    assert found, d["reason"]
    steps = [float(step) for step in found.groups()[:2] if step]
    # Each is the distance of an evaluation from the iterate, on either side of the cliff.
    distances = np.array([np.linalg.norm(p - x) for p in points])
    near, far = steps if len(steps) == 2 else [0.0, *steps]
    for step, above in ((near, False), (far, True)):
        assert any(
            abs(distance - step) <= 1e-2 * step and (cliff(p) >= 40) == above
            for distance, p in zip(distances, points, strict=True)
        )
    # The gradient's own prediction is far smaller than what f does.
    assert abs(float(found[3])) < 1


def test_the_one_iteration_that_is_always_made_is_said() -> None:
    assert reason_of(bowl, START, fprime=bowl_gradient, maxiter=0) == (
        "limit reached: maxiter = 0 iterations, and one is always made"
    )


def test_reasons_messages_and_sentences_are_ascii() -> None:
    """Of every literal but docstrings: a stream may show nothing else.

    The reference names people and formulas; its command replaces what a stream can't show. The
    history has the labels of a picture.
    """
    package = Path(lbfgsb77.__file__).parent
    for path in package.rglob("*.py"):
        if path.is_relative_to(package / "reference") or path.name == "history.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value.isascii() or id(node) in docstrings, (path, node.value)
