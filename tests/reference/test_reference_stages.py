"""Stages: the kernel follows another run, and says which step isn't its own."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

import lbfgsb77
from lbfgsb77.reference import (
    STAGE_FIELDS,
    STAGES,
    Problem,
    Trace,
    compare,
    golden,
    golden_runs,
    problems,
    record,
)
from lbfgsb77.reference._model import Cauchy, Model
from lbfgsb77.reference._nearness import name_of
from lbfgsb77.reference._search import named_steps
from lbfgsb77.reference._shadow import Shadow
from lbfgsb77.reference._stages import _Follower, diagnose


def with_option(**changed):
    def port(func, x0, fprime=None, **keywords):
        return lbfgsb77.fmin_l_bfgs_b(func, x0, **{**keywords, **changed})

    return port


def test_the_kernel_follows_its_own_runs_to_the_last_bit():
    evaluations = 0
    for problem, setting in golden_runs():
        trace = golden(problem, setting)
        shadow = Shadow(trace, trace.options)
        request = shadow.first()
        for evaluation in trace.distinct_evaluations:
            assert request.task.startswith("FG")
            assert request.after.x.tobytes() == evaluation.x.tobytes()
            request = shadow.tell(evaluation)
            assert request.ended == (evaluation.iteration is not None) or request.is_end
            evaluations += 1
        assert request.task == trace.outcome.message
    assert evaluations > 7000


def test_rounding_does_not_accumulate_in_what_follows():
    # Another run, whose gradients are an ULP off: each step is the kernel's own within rounding,
    # although the runs part for good.
    def port(func, x0, fprime=None, **keywords):
        def objective(x):
            f, g = func(x)
            return f, np.nextafter(g, np.inf)

        return lbfgsb77.fmin_l_bfgs_b(objective, x0, **keywords)

    reference = golden("ladder-quadratic")
    run = record(port, "ladder-quadratic")
    comparison = compare(reference, run)
    assert max(gap.relative for gap in comparison.gaps) > 1e-3
    assert comparison.stage is None
    assert "stage        none: no step differs from the original's by more than" in str(comparison)


@pytest.mark.parametrize(
    "name", ["wood", "wood-gay", "hs1", "hs5", "hs38", "mixed-bounds", "torsion", "biggsb1"]
)
def test_the_model_leads_where_the_kernel_goes(name):
    trace = record("lbfgsb77:LBFGSB", name)
    shadow = Shadow(trace, trace.options)
    request = shadow.first()
    seen = 0
    for evaluation in trace.distinct_evaluations:
        if request.trial == 1 and request.iteration > 0:
            state = request.after
            x, g = state.iterate
            steps, changes = state.pairs
            model = Model(state.theta if len(steps) else 1.0, steps, changes)
            bounded = problems.get(name).bounded or not len(steps)
            cauchy = (
                model.cauchy_point(x, g, trace.lower, trace.upper)
                if bounded
                else Cauchy(x, np.ones(x.size, bool))
            )
            minimum = model.minimum(x, g, cauchy, trace.lower, trace.upper).x
            # Two ways of computing one point: they are apart by rounding times the condition.
            size = np.max(np.abs(state.d))
            assert np.max(np.abs(minimum - x - state.d)) <= 1e-6 * size
            seen += 1
        request = shadow.tell(evaluation)
    assert seen == trace.outcome.nit


@pytest.mark.parametrize(
    ("changed", "name", "stage", "words"),
    [
        ({"m": 5}, "wood", "pair", "uses the newest 5 pairs of 6"),
        ({"m": 12}, "chenhark", "pair", "uses 11 pairs, m = 10"),
        ({"factr": 1e9}, "wood", "reduction of f", "where f was lowered by"),
        ({"pgtol": 1e-3}, "hs1", "projected gradient", "more than pgtol = 1e-05"),
        ({"maxls": 5}, "largest-square", "limit", "gives the search up after 5 evaluations"),
        ({"maxiter": 5}, "wood", "limit", "where the original's driver goes on"),
    ],
)
def test_a_changed_option_is_named(changed, name, stage, words):
    found = compare(golden(name), record(with_option(**changed), name)).stage
    assert (found.name, found.certainty) == (stage, "sure")
    assert words in found.explanation


def test_a_start_that_is_not_projected_is_named():
    def port(func, x0, fprime=None, **keywords):
        func(np.asarray(x0))
        return lbfgsb77.fmin_l_bfgs_b(func, x0, **keywords)

    stage = compare(golden("start-outside"), record(port, "start-outside")).stage
    assert (stage.name, stage.evaluation, stage.iteration) == ("start", 1, 0)


def test_another_first_step_is_named():
    # The same direction, twice as far.
    reference = golden("wood")
    first, second, *rest = reference.evaluations
    moved = replace(second, x=first.x + 2.0 * (second.x - first.x))
    stage = compare(reference, replace(reference, evaluations=(first, moved, *rest))).stage
    assert (stage.name, stage.evaluation, stage.certainty) == ("first trial", 2, "sure")
    assert "with 2 times the step" in stage.explanation
    # Beyond the largest step that is allowed, it is that which is another.
    reference = golden("hs38")
    first, second, *rest = reference.evaluations
    moved = replace(second, x=first.x + 1.5 * (second.x - first.x))
    stage = compare(reference, replace(reference, evaluations=(first, moved, *rest))).stage
    assert (stage.name, stage.evaluation, stage.certainty) == ("largest step", 2, "sure")


@pytest.fixture(scope="module")
def reported() -> tuple[Trace, Trace, int, dict]:
    """A run with five pairs instead of ten, where it parts, and the kernel's stages there."""
    reference, run = golden("hs1"), record(with_option(m=2), "hs1")
    number = compare(reference, run).stage.evaluation
    follower = _Follower(reference, run, run.distinct_evaluations)
    request = follower.shadow.first()
    for evaluation in run.evaluations[: number - 1]:
        request = follower.shadow.tell(evaluation)
    return reference, run, number, follower._own_stages(request, follower.variants.trusted(request))


def with_stages(run: Trace, number: int, stages: dict) -> Trace:
    evaluations = list(run.evaluations)
    evaluations[number - 1] = replace(evaluations[number - 1], stages=stages)
    return replace(run, evaluations=tuple(evaluations))


@pytest.mark.parametrize("field", STAGE_FIELDS)
def test_the_first_reported_stage_that_differs_is_named(reported, field):
    reference, run, number, own = reported
    assert set(own) == set(STAGE_FIELDS)
    right = json.loads(json.dumps(own, default=lambda value: value.tolist()))
    wrong = right[field]
    if isinstance(wrong, bool):
        wrong = not wrong
    elif isinstance(wrong, list):
        wrong = [wrong[0] + 1, *wrong[1:]]
    else:
        wrong = 2 * wrong + 1
    # Those before it are right.
    names = list(STAGE_FIELDS)
    before = names[: names.index(field)]
    said = {**{name: right[name] for name in before}, field: wrong}
    stage = compare(reference, with_stages(run, number, said)).stage
    assert (stage.name, stage.evaluation) == (STAGE_FIELDS[field], number)
    assert stage.certainty == "sure"
    assert stage.explanation.startswith(f"reports {field} = ")


def test_right_reports_leave_the_checker_to_infer(reported):
    reference, run, number, own = reported
    right = json.loads(json.dumps(own, default=lambda value: value.tolist()))
    stage = compare(reference, with_stages(run, number, right)).stage
    assert stage.explanation.startswith("uses the newest 2 pairs")


def test_stages_are_kept_in_a_trace(reported):
    _, run, number, own = reported
    right = json.loads(json.dumps(own, default=lambda value: value.tolist()))
    trace = with_stages(run, number, right)
    again = Trace.from_json(trace.to_json())
    assert again.evaluations[number - 1].stages == right
    assert again.to_json() == trace.to_json()


def test_of_very_many_variables_the_place_is_told_and_the_stage_is_a_guess():
    n = 5001
    problem = Problem(
        name="long",
        objective=lambda x: (
            sum((1 + i % 7) * v * v for i, v in enumerate(x)),
            [2.0 * (1 + i % 7) * v for i, v in enumerate(x)],
        ),
        starts=((1.0,) * n,),
        source="this test",
    )
    reference = record("lbfgsb77:LBFGSB", problem)
    right = record("lbfgsb77:fmin_l_bfgs_b", problem)
    assert compare(reference, right).stage is None
    stage = compare(reference, record(with_option(m=1), problem)).stage
    # The first two iterations have no pair, and one.
    assert (stage.iteration, stage.trial, stage.certainty) == (3, 1, "possible")


def test_beside_a_run_that_is_not_the_originals_nothing_is_said():
    two, three = record(with_option(m=2), "hs1"), record(with_option(m=3), "hs1")
    # Their options say ten pairs.
    assert compare(two, three).stage is None
    assert diagnose(two, three) is not None


def test_each_step_of_the_originals_searches_has_a_name():
    named, steps = Counter(), 0
    for problem, setting in golden_runs():
        trace = golden(problem, setting)
        shadow = Shadow(trace, trace.options)
        request = shadow.first()
        for evaluation in trace.distinct_evaluations:
            earlier, request = request, shadow.tell(evaluation)
            if request.trial == earlier.trial + 1 and not request.is_end:
                slope = float(evaluation.g @ earlier.after.d)
                choices = dict(named_steps(request.before, evaluation.f, slope, request.after))
                named[name_of(choices, request.after.step)] += 1
                steps += 1
    # Without a name: cubics whose terms cancel, so that their formula's rounding shows.
    assert steps > 1000
    assert named[""] <= 0.02 * steps
    assert {
        "the cubic", "the secant", "the mean of cubic and quadratic", "the middle of the interval",
        "the upper end of the window before the step", "the cubic with the other end",
    } <= set(named)  # fmt: skip


@pytest.mark.parametrize("told", [True, False])
def test_a_search_that_ends_too_early_is_named(monkeypatch, told):
    import dense_port

    monkeypatch.setattr(dense_port, "GTOL", 5.0)

    def untold(func, x0, fprime=None, bounds=None, m=10, factr=1e7, pgtol=1e-5, maxiter=15000):
        return dense_port.solver()(
            func, x0, bounds=bounds, m=m, factr=factr, pgtol=pgtol, maxiter=maxiter
        )

    port = dense_port.solver() if told else untold
    named = []
    for name in ("rosenbrock", "wood", "hs1", "hs38", "chebyquad", "kowalik-osborne"):
        run = record(port, name, interface="fmin_l_bfgs_b")
        assert run.tells_iterations == told
        stage = compare(golden(name), run).stage
        if stage is not None:
            named.append((stage.name, stage.certainty))
            words = "takes the trial for" if told else "takes trial 1 for"
            assert words in stage.explanation
    assert set(named) == {("acceptance", "sure")}
    assert len(named) >= 2


def test_another_reason_at_the_same_end_is_named():
    reference = golden("hs1")
    assert reference.outcome.ending == "gradient"
    for ending, more in (("reduction", "; it looks at that first"), ("abnormal", "PGTOL")):
        outcome = replace(reference.outcome, ending=ending, message="its words")
        stage = compare(reference, replace(reference, outcome=outcome)).stage
        assert (stage.name, stage.certainty) == ("projected gradient", "sure")
        assert stage.explanation.startswith("ends (its words) where the original's reason is CONV")
        assert stage.explanation.endswith(more)


def test_every_stage_has_its_place_in_the_order():
    assert set(STAGE_FIELDS.values()) <= set(STAGES)
    assert len(set(STAGES)) == len(STAGES)


def test_scipy_takes_the_originals_steps():
    pytest.importorskip("scipy")
    stages = [
        compare(golden(problem, setting), run).stage
        for problem, setting in golden_runs()
        for run in [
            record(
                "scipy.optimize:fmin_l_bfgs_b", problem, **dict(golden(problem, setting).options)
            )
        ]
    ]
    # Where rounding decides, its BLAS may decide otherwise.
    assert [stage for stage in stages if stage is not None and stage.certainty == "sure"] == []
