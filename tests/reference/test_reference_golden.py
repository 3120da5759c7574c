"""The packaged traces: this build makes them, the original makes them, the tool sees."""

from __future__ import annotations

import io
import math
import subprocess
import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from lbfgsb77.reference import (
    DEFAULTS,
    PARTS_FROM_RELEASE,
    SETTINGS,
    _golden,
    _selftest,
    compare,
    golden,
    golden_runs,
    problems,
    record,
)

HERE = Path(__file__).resolve().parent


def test_every_portable_problem_has_its_traces_and_no_other_file_is_there():
    expected = {_golden.file_name(problem.name, setting) for problem, setting in golden_runs()}
    folder = resources.files("lbfgsb77.reference").joinpath("golden_traces")
    found = {file.name for file in folder.iterdir()}
    assert found == expected
    portable = problems.select(portable=True, finite=True)
    assert {problem.name for problem, _ in golden_runs()} == {p.name for p in portable}
    assert golden("helical-valley") is None  # it needs an arctangent


def test_the_problems_marked_finite_meet_finite_values_only():
    # Beyond them the original's arithmetic has no meaning, so there is nothing to compare with.
    for problem in problems.select():
        finite = [
            all(math.isfinite(e.f) and np.isfinite(e.g).all() for e in trace.evaluations)
            for setting in SETTINGS
            if (problem.name, setting) not in _golden.NOT_FINITE
            for trace in [
                record("lbfgsb77:LBFGSB", problem, **_golden.run_options(problem, setting))
            ]
        ]
        # Here the search direction overflows. The original then asks for a point that isn't finite,
        # LBFGSB answers the kernel itself.
        finite.append(problem.name != "overflowing-power")
        assert all(finite) == problem.finite, problem.name


def test_the_traces_are_of_the_problems_as_they_are():
    for problem, setting in golden_runs():
        trace = golden(problem, setting)
        assert trace.x0.tobytes() == problem.start.tobytes()
        for bound, recorded in zip(problem.bound_arrays(), (trace.lower, trace.upper), strict=True):
            np.testing.assert_array_equal(recorded, bound)
        # No more than its own arithmetic is needed to check it.
        for evaluation in trace.evaluations:
            f, g = problem(evaluation.x)
            assert (evaluation.f, evaluation.g.tobytes()) == (f, g.tobytes())
        assert dict(trace.options) == {**DEFAULTS, **_golden.run_options(problem, setting)}


def test_the_traces_reach_every_ending():
    endings = {golden(problem, setting).outcome.ending for problem, setting in golden_runs()}
    assert endings >= {"gradient", "reduction", "abnormal", "iteration limit"}
    assert set(SETTINGS) == {"default", "exhaustive"}


def test_this_build_repeats_them_bit_for_bit():
    out = io.StringIO()
    assert _selftest.run(out), out.getvalue()
    lines = out.getvalue().splitlines()
    assert "solver: lbfgsb77:LBFGSB" in lines[0]  # what ran, for whoever is sent the output
    assert lines[-1].startswith("bit-identical: ")


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        # The last bit of f at the third evaluation of Rosenbrock's function, the step there, and
        # the task at the end.
        ('"f":"0x1.', '"f":"-0x1.', "return 1"),
        ('"step":"0x1p+0"', '"step":"0x1.8p+0"', "return"),
        ("CONVERGENCE", "CONVERGENZ", "return"),
    ],
)
def test_the_self_test_shows_the_first_return_that_differs(monkeypatch, old, new, where):
    text = golden("rosenbrock").to_json()
    assert old in text
    damaged = text.replace(old, new, 1)
    real = _golden.golden

    def with_damage(problem, setting="default"):
        if (problem.name, setting) == ("rosenbrock", "default"):
            return _golden.Trace.from_json(damaged)
        return real(problem, setting)

    monkeypatch.setattr(_selftest, "golden", with_damage)
    out = io.StringIO()
    assert not _selftest.run(out)
    lines = out.getvalue().splitlines()
    expected = next(
        number
        for number, (a, b) in enumerate(
            zip(_selftest._returns(_golden.Trace.from_json(text)),
                _selftest._returns(_golden.Trace.from_json(damaged)), strict=True), start=1)
        if a != b
    )  # fmt: skip
    assert f"rosenbrock (default): return {expected} differs" in lines
    assert where in out.getvalue()
    assert lines[-1].startswith("NOT bit-identical: 1 of ")


def test_the_self_test_fails_where_a_trace_is_missing(monkeypatch):
    monkeypatch.setattr(_selftest, "golden", lambda problem, setting: None)
    out = io.StringIO()
    assert not _selftest.run(out)
    assert "packaged trace is missing" in out.getvalue()


@pytest.mark.parametrize(("original", "parted"), [("release", 2), ("system", 0)])
def test_the_original_makes_them_bit_for_bit(original: str, parted: int):
    command = [sys.executable, HERE / "confirm_golden.py", original]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode == 77:
        pytest.skip(run.stdout.strip())
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.strip().endswith(f": {parted} part as they are marked, 0 differ")


def test_a_run_of_the_release_is_told_where_it_parts():
    # -0.0 is the bound, and 0.0 is where the release leaves the trial point.
    packaged = golden("negative-zero")
    assert packaged.parts_from_release == PARTS_FROM_RELEASE["negative-zero", "default"] == 2
    second = packaged.evaluations[1]
    as_release = replace(second, x=np.where(second.x == 0, 0.0, second.x))
    run = replace(packaged, evaluations=(packaged.evaluations[0], as_release))
    first = compare(packaged, run).first_difference
    assert first.evaluation == 2
    assert first.explanation.startswith("the authors' release parts here too")
    assert golden("wood").parts_from_release is None
