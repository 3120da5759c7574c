"""Comparing: the first difference, its size and growth, and the levels."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import lbfgsb77
from lbfgsb77.reference import Trace, compare, record
from lbfgsb77.reference._ulps import relative_gap, same_bits, ulps


@pytest.fixture(scope="module")
def trace() -> Trace:
    return record("lbfgsb77:LBFGSB", "hs38")


def changed(trace: Trace, number: int, **what: object) -> Trace:
    """The trace with something else at evaluation `number`, from 1."""
    evaluations = list(trace.evaluations)
    evaluations[number - 1] = replace(evaluations[number - 1], **what)
    return replace(trace, evaluations=tuple(evaluations))


def test_ulps_count_the_doubles_between():
    assert ulps(1.0, 1.0)[0] == 0
    assert ulps(1.0, 1.0 + 2.0**-52)[0] == 1
    assert ulps(1.0, 1.0 - 2.0**-53)[0] == 1
    assert ulps(-0.0, 0.0)[0] == 1
    assert ulps(-5e-324, 5e-324)[0] == 3  # −tiny, −0, 0, tiny
    assert ulps(math.nan, math.nan)[0] == 0
    assert ulps(math.nan, 1.0)[0] == 2**64 - 1
    assert ulps(-math.inf, math.inf)[0] > 2**62
    assert ulps(np.array([1.0, 2.0]), np.array([1.0, 2.0 + 2.0**-51])).tolist() == [0, 1]
    assert not same_bits(0.0, -0.0)


def test_relative_gap_is_to_the_largest_component():
    assert relative_gap(np.array([100.0, 1.0]), np.array([100.0, 2.0])) == 0.01
    assert relative_gap(np.array([0.0]), np.array([0.0])) == 0.0
    assert relative_gap(math.nan, 1.0) == math.inf
    assert relative_gap(1e308, -1e308) == 2.0  # the difference itself would overflow


def test_a_trace_agrees_with_itself_to_the_bit(trace):
    comparison = compare(trace, trace)
    assert comparison.level == "bits"
    assert comparison.first_difference is None
    assert comparison.gaps == ()
    assert "all bits agree" in str(comparison)


@pytest.mark.parametrize("number", [1, 2, 7, 20])
def test_one_bit_of_x_is_found_at_its_evaluation(trace, number):
    x = trace.evaluations[number - 1].x.copy()
    x[2] = np.nextafter(x[2], math.inf)
    comparison = compare(trace, changed(trace, number, x=x))
    first = comparison.first_difference
    assert (first.evaluation, first.what, first.component, first.ulps) == (number, "x", 2, 1)
    assert first.values == (trace.evaluations[number - 1].x[2], x[2])
    assert comparison.level == "path"
    assert comparison.gaps[0].evaluation == number


def test_one_bit_of_f_at_the_same_point_is_the_objective(trace):
    f = math.nextafter(trace.evaluations[4].f, math.inf)
    first = compare(trace, changed(trace, 5, f=f)).first_difference
    assert (first.evaluation, first.what, first.ulps) == (5, "objective", 1)
    assert "not the solver" in first.explanation


def test_another_gradient_at_the_same_point_is_found(trace):
    g = trace.evaluations[4].g.copy()
    g[3] = np.nextafter(g[3], math.inf)
    first = compare(trace, changed(trace, 5, g=g)).first_difference
    assert (first.evaluation, first.what) == (5, "objective")
    assert (first.component, first.ulps) == (3, 1)
    assert "\n               g[3]: " in str(compare(trace, changed(trace, 5, g=g)))
    assert first.explanation.startswith("the gradient has another value")


def test_a_missing_end_of_an_iteration_is_found(trace):
    number = next(k for k, e in enumerate(trace.evaluations, 1) if e.iteration == 4)
    without = changed(trace, number, iteration=None)
    comparison = compare(trace, without)
    first = comparison.first_difference
    assert (first.evaluation, first.what, first.iteration) == (number, "iteration", 4)
    assert first.explanation.startswith(
        "the reference ends an iteration at this point, the candidate doesn't: "
    )
    assert not comparison.counts_agree
    assert compare(without, trace).first_difference.explanation.startswith(
        "the candidate ends an iteration at this point, the reference doesn't: "
    )


@pytest.mark.parametrize("swap", [False, True])
def test_a_run_that_ends_early_differs_at_the_next_evaluation(trace, swap):
    short = record("lbfgsb77:LBFGSB", "hs38", factr=1e12)
    assert len(short.evaluations) < len(trace.evaluations)
    comparison = compare(short, trace) if swap else compare(trace, short)
    first = comparison.first_difference
    assert (first.evaluation, first.what) == (len(short.evaluations) + 1, "end")
    iterations = sum(evaluation.iteration is not None for evaluation in short.evaluations)
    assert (first.iteration, first.trial) == (iterations + 1, 1)
    assert first.explanation.startswith(f"the {'reference' if swap else 'candidate'} ends before")
    assert first.explanation.endswith("the tests of convergence or the limits")
    assert comparison.level in ("solution", "none")


def test_another_result_after_the_same_evaluations_is_found(trace):
    x = trace.outcome.x.copy()
    x[0] = np.nextafter(x[0], 2.0)
    comparison = compare(trace, replace(trace, outcome=replace(trace.outcome, x=x)))
    assert comparison.first_difference.what == "result"
    assert comparison.level == "path"
    other = replace(trace, outcome=replace(trace.outcome, ending="abnormal"))
    comparison = compare(trace, other)
    assert comparison.first_difference.what == "result"
    assert comparison.level == "counts"


def test_iteration_and_trial_are_those_of_the_reference():
    trace = record("lbfgsb77:LBFGSB", "rosenbrock")
    # The second trial of the first search that needs two.
    evaluations = trace.evaluations
    number = next(
        k for k in range(2, len(evaluations))
        if evaluations[k - 1].iteration is None and evaluations[k - 2].iteration is not None
    ) + 1  # fmt: skip
    x = evaluations[number - 1].x + 0.5
    first = compare(trace, changed(trace, number, x=x)).first_difference
    before = sum(e.iteration is not None for e in evaluations[: number - 1])
    assert (first.iteration, first.trial) == (before + 1, 2)


def test_explanations_tell_rounding_step_and_direction_apart(trace):
    evaluations = trace.evaluations
    number = next(k for k, e in enumerate(evaluations, 1) if e.iteration == 6) + 1
    iterate, x = evaluations[number - 2].x, evaluations[number - 1].x

    def explanation(point: np.ndarray) -> str:
        return compare(trace, changed(trace, number, x=point)).first_difference.explanation

    assert "rounding" in explanation(x * (1.0 + 2.0**-51))
    assert "with 0.5 times the step: the line search" in explanation(iterate + 0.5 * (x - iterate))
    aside = x + np.array([0.3, 0.0, -0.2, 0.1])
    assert "another direction" in explanation(aside)
    start = compare(trace, changed(trace, 1, x=x)).first_difference
    assert "another start" in start.explanation


@pytest.mark.parametrize(
    ("off", "said"), [(1e-7, "the same direction"), (1e-5, "another direction")]
)
def test_steps_on_one_line_are_told_from_those_a_little_beside_it(trace, off, said):
    # 1e-6 of the longer step is the limit.
    start = trace.evaluations[0].x
    step = trace.evaluations[1].x - start
    beside = np.zeros_like(step)
    beside[[0, 1]] = -step[1], step[0]  # at a right angle
    beside *= np.abs(step).max() / np.abs(beside).max()
    moved = changed(trace, 2, x=start + 2 * (step + off * beside))
    assert said in compare(trace, moved).first_difference.explanation


def test_growth_is_the_factor_between_evaluations(trace):
    # A gap made to grow threefold at each evaluation from the fourth on.
    evaluations = list(trace.evaluations)
    for k in range(3, len(evaluations)):
        e = evaluations[k]
        grown = e.x * (1.0 + 1e-13 * 3.0 ** (k - 3))
        evaluations[k] = replace(e, x=grown)
    comparison = compare(trace, replace(trace, evaluations=tuple(evaluations)))
    # 1 + 1e-13 has but three digits beyond the 1, which moves the fit by per cents.
    assert comparison.growth == pytest.approx(3.0, rel=0.05)
    assert comparison.first_difference.evaluation == 4
    assert comparison.exceeds(1e-9) == 4 + 9  # 3⁹ = 19683 > 10⁴ > 3⁸
    assert comparison.exceeds(1e3) is None


@pytest.mark.parametrize(("points", "growth"), [(2, None), (3, 10.0)])
def test_growth_takes_three_points(trace, points, growth):
    # Gaps of 1e-9, 1e-8, ...; from 1e-3 on they say nothing about growth any more.
    evaluations = list(trace.evaluations[: points + 1])
    cut = replace(trace, evaluations=tuple(evaluations))
    for k in range(1, points + 1):
        evaluations[k] = replace(evaluations[k], x=evaluations[k].x * (1 + 10.0 ** (k - 10)))
    comparison = compare(cut, replace(trace, evaluations=tuple(evaluations)))
    # 1 + 1e-9 keeps seven of its digits.
    assert comparison.growth == (growth and pytest.approx(growth, rel=1e-6))


def test_points_of_another_size_are_told_and_not_compared(trace):
    comparison = compare(trace, changed(trace, 3, x=trace.evaluations[2].x[:2]))
    assert comparison.first_difference.explanation == "points of 4 and 2 variables"
    assert comparison.gaps[0].relative == math.inf


@pytest.mark.parametrize(("tolerance", "level"), [(1e-6, "path"), (1e-9, "counts")])
def test_path_holds_within_its_tolerance(trace, tolerance, level):
    x = trace.evaluations[9].x * (1.0 + 1e-7)
    comparison = compare(trace, changed(trace, 10, x=x), path_tolerance=tolerance)
    assert comparison.level == level


@pytest.mark.parametrize(("shift", "level"), [(1e-8, "solution"), (1e-2, "none")])
def test_solution_holds_within_its_tolerance(trace, shift, level):
    outcome = replace(trace.outcome, f=trace.outcome.f + shift, nit=trace.outcome.nit + 1)
    assert compare(trace, replace(trace, outcome=outcome)).level == level


def test_active_sets_are_compared():
    trace = record("lbfgsb77:LBFGSB", "hs45")
    assert trace.at_upper == (0, 1, 2, 3, 4)
    x = trace.outcome.x.copy()
    x[4] -= 1.0
    other = replace(trace, outcome=replace(trace.outcome, x=x))
    comparison = compare(trace, other)
    assert not comparison.active_set_agrees
    assert "0 at lower, 5 at upper | 0 at lower, 4 at upper   DIFFERENT" in str(comparison)


def test_repeated_evaluations_are_no_difference(trace):
    evaluations = list(trace.evaluations)
    repeated = replace(evaluations[5], iteration=None, repeat=True)
    # The mark of an iteration that ends there comes after the repeat, as a callback would.
    marked = replace(evaluations[5], iteration=evaluations[5].iteration, repeat=True)
    first = replace(evaluations[5], iteration=None)
    for pair in ([evaluations[5], repeated], [first, marked]):
        outcome = replace(trace.outcome, nfev=trace.outcome.nfev + 1)
        other = replace(
            trace, evaluations=(*evaluations[:5], *pair, *evaluations[6:]), outcome=outcome
        )
        comparison = compare(trace, other)
        assert comparison.level == "bits"
        assert comparison.repeats == (0, 1)
        assert "repeated evaluations of a point: 0 | 1" in str(comparison)


def test_counts_that_a_solver_misreports_are_a_difference(trace):
    other = replace(trace, outcome=replace(trace.outcome, nfev=trace.outcome.nfev + 1))
    comparison = compare(trace, other)
    assert not comparison.counts_agree
    assert comparison.level == "solution"


def test_an_exception_reaches_no_level(trace):
    def port(func, x0, fprime=None, bounds=None):
        raise ArithmeticError("singular matrix")

    broken = record(port, "hs38")
    comparison = compare(trace, broken)
    assert comparison.level == "none"
    assert "ArithmeticError: singular matrix" in str(comparison)
    assert compare(broken, broken).level == "none"


def test_endings_are_compared_as_finely_as_they_are_known(trace):
    assert trace.outcome.ending == "reduction"
    for ending, level in (("converged", "bits"), ("gradient", "counts"), ("limit", "counts")):
        other = replace(trace, outcome=replace(trace.outcome, ending=ending))
        assert compare(trace, other).level == level


def test_traces_of_different_problems_are_refused(trace):
    with pytest.raises(ValueError, match="different problems"):
        compare(trace, record("lbfgsb77:LBFGSB", "wood"))
    for name in ("x0", "lower", "upper"):
        moved = replace(trace, **{name: np.zeros(4)})
        with pytest.raises(ValueError, match=f"different problems .{name}: "):
            compare(trace, moved)


def test_the_report_reads_from_the_first_difference_to_the_solution():
    reference = record("lbfgsb77:LBFGSB", "hs1")
    other = record(lbfgsb77.fmin_l_bfgs_b, "hs1", m=2)
    text = str(compare(reference, other))
    order = ["hs1 (n = 2): level", "reference", "candidate", "options", "candidate: m=2",
             "first differs at", "gap", "counts", "ending", "active set", "solution"]  # fmt: skip
    positions = [text.index(word) for word in [order[0], *(f"  {word}" for word in order[1:])]]
    assert positions == sorted(positions)


def test_the_report_as_a_person_sees_it():
    # wood in a port that keeps five pairs instead of ten: the same until the first is missed.
    reference = record("lbfgsb77:LBFGSB", "wood")
    text = str(compare(reference, record(lbfgsb77.fmin_l_bfgs_b, "wood", m=5)))
    lines = [line for line in text.splitlines() if "fmin_l_bfgs_b (" not in line]
    text = "\n".join(line for line in lines if "LBFGSB" not in line)
    assert text.startswith("""\
wood (n = 4): level none
  options      m=10, factr=1e+07, pgtol=1e-05, maxls=20, maxfun=15000, maxiter=15000
               candidate: m=5
  first differs at evaluation 8 (iteration 7, trial 1)
               x[3]: 0.3092283549212698 (0x1.3ca65b9d87eb9p-2)
                     0.3097912345130272 (0x1.3d39e9d3489edp-2)
               1.0e+13 ULPs, 2.1e-03 relative
               another direction: the Cauchy point, the subspace minimization or the matrices
  stage        pair, at evaluation 8 (iteration 7, trial 1); sure
               uses the newest 5 pairs of 6
  gap          evaluation          ULPs  relative      of f
                        8       1.0e+13   2.1e-03   1.0e-03
""")


def test_a_report_on_an_exception_has_its_message_and_others_have_none(trace):
    def port(func, x0, fprime=None, bounds=None):
        raise ArithmeticError("singular matrix")

    lines = str(compare(trace, record(port, "hs38"))).splitlines()
    ending = next(k for k, line in enumerate(lines) if line.startswith("  ending"))
    assert lines[ending].split() == ["ending", "reduction", "|", "exception", "DIFFERENT"]
    assert lines[ending + 1].strip() == "ArithmeticError: singular matrix"
    lines = str(compare(trace, trace)).splitlines()
    ending = next(k for k, line in enumerate(lines) if line.startswith("  ending"))
    assert lines[ending + 1].startswith("  active set")


def test_gaps_are_shown_ever_wider_apart():
    reference = record("lbfgsb77:LBFGSB", "rosenbrock", factr=0.0, pgtol=0.0)
    moved = replace(
        reference,
        evaluations=tuple(replace(e, x=e.x * (1 + 1e-9)) for e in reference.evaluations),
    )
    shown = [
        int(line.split()[0])
        for line in str(compare(reference, moved)).splitlines()
        if "e-09" in line and line.split()[0].isdigit()
    ]
    last = len(compare(reference, moved).gaps)
    assert 33 < last < 65
    # The start is the first that differs.
    assert shown == [1, 2, 3, 5, 9, 17, 33, last]


def test_findings_are_plain_data(trace):
    import json

    comparison = compare(trace, record("lbfgsb77:LBFGSB", "hs38", m=4))
    data = json.loads(json.dumps(comparison.to_dict()))
    assert data["level"] == comparison.level
    assert data["first_difference"]["evaluation"] == comparison.first_difference.evaluation
    assert len(data["gaps"]) == len(comparison.gaps)


def test_the_gap_of_f_is_relative_to_what_is_larger_of_f_and_1(trace):
    # Near 0 the size of f says nothing; 1 is the floor of the kernel's own test.
    assert abs(trace.evaluations[-1].f) < 0.5
    f = trace.evaluations[-1].f + 0.25
    number = len(trace.evaluations)
    assert compare(trace, changed(trace, number, f=f)).gaps[-1].f_relative == 0.25


def test_a_path_holds_at_its_very_tolerance(trace):
    x = trace.evaluations[9].x * (1.0 + 1e-7)
    other = changed(trace, 10, x=x)
    largest = max(gap.relative for gap in compare(trace, other).gaps)
    assert compare(trace, other, path_tolerance=largest).level == "path"
    assert compare(trace, other, path_tolerance=np.nextafter(largest, 0.0)).level == "counts"


def test_another_result_has_a_place_of_its_own(trace):
    other = replace(trace, outcome=replace(trace.outcome, x=trace.outcome.x + 1.0))
    comparison = compare(trace, other)
    difference = comparison.first_difference
    assert (difference.what, difference.trial) == ("result", 0)
    assert f"after evaluation {difference.evaluation}" in str(comparison)


def test_a_difference_at_the_start_is_said_to_be_there(trace):
    other = changed(trace, 1, x=trace.evaluations[0].x + 1.0)
    assert "first differs at evaluation 1 (the start)" in str(compare(trace, other))


def test_a_result_of_another_size_is_another_solution(trace):
    other = replace(trace, outcome=replace(trace.outcome, x=trace.outcome.x[:2]))
    comparison = compare(trace, other)
    assert not comparison.solution_agrees
    assert comparison.level == "none"
