"""Recording: every evaluation, any solver with SciPy's interface, nothing lost in the file."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import lbfgsb77
from lbfgsb77 import LBFGSB, OptimizeResult
from lbfgsb77.reference import DEFAULTS, SETTINGS, Problem, Trace, check, problems, record


def counted(problem: Problem) -> tuple[Problem, list[np.ndarray]]:
    """A problem that keeps what its objective is called with."""
    calls: list[np.ndarray] = []

    def objective(x):
        calls.append(np.array(x))
        return problem.objective(x)

    return dataclasses.replace(problem, objective=objective), calls


def test_every_evaluation_is_recorded_in_order():
    problem, calls = counted(problems.get("hs38"))
    trace = record(lbfgsb77.fmin_l_bfgs_b, problem)
    assert len(trace.evaluations) == len(calls) > 20
    norms = trace.projected_gradient_norms
    for evaluation, x, recorded in zip(trace.evaluations, calls, norms, strict=True):
        assert evaluation.x.tobytes() == x.tobytes()
        f, g = problems.get("hs38")(x)
        assert evaluation.f == f
        assert evaluation.g.tobytes() == g.tobytes()
        norm = np.max(np.abs(np.clip(x - g, -10.0, 10.0) - x))  # the definition
        # The clip rounds once more: an ULP of x against a gradient that may be as small.
        assert recorded == pytest.approx(norm, rel=1e-9, abs=1e-14)


def test_iterations_are_marked_where_they_end():
    trace = record(lbfgsb77.fmin_l_bfgs_b, "wood")
    marks = [e.iteration for e in trace.evaluations if e.iteration is not None]
    assert marks == list(range(1, trace.outcome.nit + 1))
    assert trace.iterations == trace.outcome.nit
    # The last iterate is the solution.
    last = [e for e in trace.evaluations if e.iteration is not None][-1]
    assert np.array_equal(last.x, trace.outcome.x)
    assert trace.outcome.nfev == len(trace.evaluations)


def test_ask_and_tell_adds_steps_and_tasks():
    trace = record(LBFGSB, "rosenbrock")
    tasks = [e.task for e in trace.evaluations]
    assert tasks[0] == "FG_START"
    assert set(tasks[1:]) == {"FG_LNSRCH"}
    # The trial is x + step d, and d the same within a search: two trials of one search lie on a
    # line from its start, at distances that are as their steps.
    evaluations = trace.evaluations
    iterate = evaluations[0].x
    for before, after in itertools.pairwise(evaluations[1:]):
        if before.iteration is None:
            ratio = np.max(np.abs(after.x - iterate)) / np.max(np.abs(before.x - iterate))
            assert ratio == pytest.approx(after.step / before.step, rel=1e-6)
        else:
            iterate = before.x


def own_minimize(fun, x0, args=(), method=None, jac=None, bounds=None, callback=None, options=None):
    """A port with the interface of `minimize`, made of this package's solver."""
    assert method == "L-BFGS-B"
    assert jac is True
    seen = []
    x, f, info = lbfgsb77.fmin_l_bfgs_b(
        fun, x0, bounds=bounds, callback=callback, m=options["maxcor"],
        factr=options["ftol"] / 2.0**-52, pgtol=options["gtol"], maxls=options["maxls"],
        maxfun=options["maxfun"], maxiter=options["maxiter"],
    )  # fmt: skip
    del seen
    return OptimizeResult(
        x=x, fun=f, nit=info["nit"], nfev=info["funcalls"], status=info["warnflag"],
        message=info["task"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "solver",
    [
        "lbfgsb77:fmin_l_bfgs_b",
        "lbfgsb77:LBFGSB",
        lbfgsb77.LBFGSB,
        own_minimize,
        functools.partial(lbfgsb77.fmin_l_bfgs_b, maxls=20),
    ],
    ids=str,
)
def test_interface_is_told_by_the_parameters(solver):
    expected = record(lbfgsb77.fmin_l_bfgs_b, "hs4")
    trace = record(solver, "hs4")
    assert [e.key for e in trace.evaluations] == [e.key for e in expected.evaluations]
    assert trace.outcome.ending == expected.outcome.ending


def test_a_result_is_a_dict_or_any_object_with_attributes():
    def with_attributes(*arguments, **keywords):
        return SimpleNamespace(**own_minimize(*arguments, **keywords))

    with_attributes.__signature__ = inspect.signature(own_minimize)
    expected, outcome = (record(port, "hs4").outcome for port in (own_minimize, with_attributes))
    np.testing.assert_array_equal(outcome.x, expected.x)
    for name in ("f", "nit", "nfev", "message", "ending"):
        assert getattr(outcome, name) == getattr(expected, name)


def test_options_are_passed_on_and_recorded():
    seen = {}

    def port(func, x0, fprime=None, **keywords):
        seen.update(keywords)
        return lbfgsb77.fmin_l_bfgs_b(func, x0, **keywords)

    trace = record(port, "rosenbrock", m=3, factr=10.0, pgtol=1e-9, maxls=7, maxiter=5)
    assert {key: seen[key] for key in DEFAULTS} == {
        "m": 3, "factr": 10.0, "pgtol": 1e-9, "maxls": 7, "maxfun": 15000, "maxiter": 5,
    }  # fmt: skip
    assert dict(trace.options) == {key: seen[key] for key in DEFAULTS}
    assert trace.outcome.nit == 5
    assert trace.outcome.ending == "iteration limit"


def test_a_problem_brings_options_of_its_own():
    assert record("lbfgsb77:LBFGSB", "linear-unbounded").outcome.nit == 10
    assert record("lbfgsb77:LBFGSB", "linear-unbounded", maxiter=3).outcome.nit == 3


def test_a_port_without_an_option_is_recorded_with_a_note():
    def port(func, x0, fprime=None, bounds=None, callback=None):
        return lbfgsb77.fmin_l_bfgs_b(func, x0, bounds=bounds, callback=callback)

    trace = record(port, "hs1")
    assert "the solver takes no maxls" in trace.notes
    with pytest.raises(TypeError, match="m: the solver takes no such argument"):
        record(port, "hs1", m=5)


def test_a_port_without_bounds_is_refused_for_a_bounded_problem():
    def port(func, x0, fprime=None, m=10):
        return lbfgsb77.fmin_l_bfgs_b(func, x0, m=m)

    with pytest.raises(TypeError, match="bounds: the solver takes no such argument"):
        record(port, "hs1")
    assert record(port, "rosenbrock").outcome.ending == "reduction"


def test_an_exception_of_the_solver_is_its_outcome():
    def port(func, x0, fprime=None, bounds=None):
        func(x0)
        raise ArithmeticError("singular matrix")

    trace = record(port, "wood")
    assert trace.outcome.ending == "exception"
    assert trace.outcome.message == "ArithmeticError: singular matrix"
    assert len(trace.evaluations) == 1


def test_a_solver_that_never_ends_is_stopped():
    def port(func, x0, fprime=None, bounds=None, maxfun=15000):
        while True:
            func(x0)

    trace = record(port, "wood", maxfun=20)
    assert trace.outcome.ending == "exception"
    assert "more than 240 evaluations" in trace.outcome.message
    assert all(e.repeat for e in trace.evaluations[1:])


def test_what_cannot_be_recorded_is_refused_in_a_sentence():
    with pytest.raises(TypeError, match=r"ftol: no such option; options: m, factr, pgtol"):
        record("lbfgsb77:LBFGSB", "wood", ftol=1e-3)
    with pytest.raises(ValueError, match="solver: 'scipy' is not of the form MODULE:FUNCTION"):
        record("scipy", "wood")
    with pytest.raises(ValueError, match="solver: can't import no_such_module"):
        record("no_such_module:f", "wood")
    with pytest.raises(ValueError, match="solver: lbfgsb77 has no fmin"):
        record("lbfgsb77:fmin", "wood")
    with pytest.raises(TypeError, match="interface: can't tell it from the parameters of"):
        record(lambda a, b: None, "wood")


@pytest.mark.parametrize(
    ("message", "status", "ending"),
    [
        # The original, SciPy up to 1.14, SciPy from 1.15 on, and Nocedal's own words.
        ("CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL", 0, "gradient"),
        (b"CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH", 0, "reduction"),
        ("CONVERGENCE: NORM OF PROJECTED GRADIENT <= PGTOL", 0, "gradient"),
        ("CONVERGENCE: RELATIVE REDUCTION OF F <= FACTR*EPSMCH", 0, "reduction"),
        ("ABNORMAL_TERMINATION_IN_LNSRCH", 2, "abnormal"),
        ("ABNORMAL: ", 2, "abnormal"),
        ("STOP: TOTAL NO. of ITERATIONS REACHED LIMIT", 1, "iteration limit"),
        ("STOP: TOTAL NO. OF F,G EVALUATIONS EXCEEDS LIMIT", 1, "evaluation limit"),
        ("STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT", 1, "evaluation limit"),
        ("STOP: CALLBACK REQUESTED HALT", 2, "callback"),
        ("ERROR: NO FEASIBLE SOLUTION", 2, "error"),
        ("Fertig", 0, "converged"),
        ("Fertig", 1, "limit"),
        ("Fertig", 2, "other"),
    ],
)
def test_endings_are_told_by_the_message_or_the_status(message, status, ending):
    def port(func, x0, fprime=None, **keywords):
        return x0, func(x0)[0], {"task": message, "warnflag": status}

    assert record(port, "wood").outcome.ending == ending


def test_a_stored_trace_is_the_same_when_read(tmp_path):
    for name in ("hs2", "edensch", "square-root-domain", "negative-zero"):
        trace = record("lbfgsb77:LBFGSB", name)
        assert Trace.from_json(trace.to_json(decimals=True)).to_json() == trace.to_json()
        file = tmp_path / f"{name}.json"
        trace.save(file)
        again = Trace.load(file)
        assert again.to_json() == trace.to_json()
        assert [e.key for e in again.evaluations] == [e.key for e in trace.evaluations]


def test_floats_are_hexadecimal_and_exact(tmp_path):
    trace = record("lbfgsb77:LBFGSB", "rosenbrock")
    text = trace.to_json()
    # −1.2 by hand: 1.2 = 0x1.3333333333333 (rounded to even), without trailing zeros elsewhere.
    assert '"x":["-0x1.3333333333333p+0","0x1p+0"]' in text
    again = Trace.from_json(text)
    for mine, other in zip(trace.evaluations, again.evaluations, strict=True):
        assert mine.x.tobytes() == other.x.tobytes()
        assert mine.f.hex() == other.f.hex()


def test_a_repeated_evaluation_is_stored_as_one():
    trace = record("lbfgsb77:LBFGSB", "hs4")
    again = replace(trace.evaluations[0], repeat=True)
    stored = replace(trace, evaluations=(trace.evaluations[0], again))
    assert [e.repeat for e in Trace.from_json(stored.to_json()).evaluations] == [False, True]


def test_one_line_an_evaluation_and_no_date():
    trace = record("lbfgsb77:LBFGSB", "rosenbrock")
    lines = [line for line in trace.to_json().splitlines() if line.startswith('    {"x":')]
    assert len(lines) == len(trace.evaluations)
    # Recording again gives the same text, so that it is stable in git.
    assert record("lbfgsb77:LBFGSB", "rosenbrock").to_json() == trace.to_json()


def test_provenance_names_solver_version_and_platform():
    provenance = record("lbfgsb77:fmin_l_bfgs_b", "hs4").provenance
    assert provenance["solver"] == "lbfgsb77:fmin_l_bfgs_b"
    assert provenance["package"].startswith("lbfgsb77 ")
    assert provenance["numpy"] == np.__version__
    assert provenance["platform"]
    assert "compiler" in provenance["build"]


def test_a_file_that_is_no_trace_is_refused(tmp_path):
    file = tmp_path / "other.json"
    for text in ("{}", "[1]", "nothing", '{"format": "lbfgsb77 trace 2"}'):
        file.write_text(text)
        with pytest.raises(ValueError, match=r"other\.json"):
            Trace.load(file)


def test_a_value_that_is_not_finite_is_recorded():
    trace = record("lbfgsb77:LBFGSB", "square-root-domain")
    assert any(math.isnan(e.f) for e in trace.evaluations)
    assert any(math.isnan(e.f) for e in Trace.from_json(trace.to_json()).evaluations)


def test_options_are_scipys_defaults_unless_others_are_asked_for():
    parameters = inspect.signature(lbfgsb77.fmin_l_bfgs_b).parameters
    assert dict(DEFAULTS) == {name: parameters[name].default for name in DEFAULTS}


def without_m(
    func, x0, fprime=None, bounds=None, factr=1e7, pgtol=1e-5, maxiter=15000, callback=None
):
    return lbfgsb77.fmin_l_bfgs_b(
        func, x0, bounds=bounds, factr=factr, pgtol=pgtol, maxiter=maxiter, callback=callback
    )


def test_a_check_gives_a_solver_only_what_it_takes():
    # SciPy's defaults are this port's own; the exhaustive runs keep five pairs.
    found = {
        run.setting: run
        for run in check(without_m, [problems.get("wood")], level="bits", settings=SETTINGS)
    }
    assert found["default"].passed
    assert not found["exhaustive"].passed
    for run in found.values():
        assert "the solver takes no m" in run.comparison.candidate.notes
        assert "the solver takes no m" in str(run.comparison)


def test_a_solver_that_leaves_the_process_is_one_that_fails():
    def leaves(func, x0, fprime=None, bounds=None):
        raise SystemExit(0)

    (found,) = check(leaves, [problems.get("wood")])
    assert not found.passed
    assert found.comparison.candidate.outcome.message == "SystemExit: 0"
