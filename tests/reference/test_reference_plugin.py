"""The pytest plugin: off until used, one test per problem, failures that read like the report."""

from __future__ import annotations

import inspect
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from lbfgsb77.pytest_plugin import ReferenceRun
from lbfgsb77.reference import check

pytest_plugins = ["pytester"]

PORT = """
import lbfgsb77

def same(func, x0, fprime=None, **keywords):
    return lbfgsb77.fmin_l_bfgs_b(func, x0, **keywords)

def broken(func, x0, fprime=None, **keywords):
    return lbfgsb77.fmin_l_bfgs_b(func, x0, **{**keywords, "m": 2})
"""


@pytest.fixture
def project(pytester):
    pytester.makepyfile(port=PORT)
    return pytester


def test_the_plugin_is_an_entry_point():
    (entry,) = [e for e in entry_points(group="pytest11") if e.name == "lbfgsb77"]
    assert entry.value == "lbfgsb77_pytest"


def test_a_ports_test_takes_five_lines(project):
    project.makepyfile(
        """
        import pytest
        from port import same
        @pytest.mark.lbfgsb_problems("hs?", "wood", level="bits")
        def test_port(lbfgsb_reference):
            lbfgsb_reference.check(same)
        """
    )
    result = project.runpytest_subprocess("-v", "--strict-markers", "-W", "error")
    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["*test_port?wood? PASSED*"])


def test_a_failure_reads_like_the_report(project):
    project.makepyfile(
        """
        import pytest
        from port import broken
        @pytest.mark.lbfgsb_problems("wood", "hs4", level="bits")
        def test_port(lbfgsb_reference):
            lbfgsb_reference.check(broken)
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "level bits is not reached",
            "wood (n = 4): level *",
            "*first differs at evaluation * (iteration *",
            "*ULPs*",
        ]
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_without_a_marker_all_problems_with_finite_values_run(project):
    project.makepyfile("def test_it(lbfgsb_reference): pass")
    result = project.runpytest_subprocess("--collect-only", "-q")
    from lbfgsb77.reference import problems

    result.stdout.fnmatch_lines([f"*{len(problems.select(finite=True))} tests collected*"])


def test_settings_and_expected_failures(project):
    project.makepyfile(
        """
        import pytest
        from port import broken
        @pytest.mark.lbfgsb_problems(
            "wood", "hs4", settings=("default", "exhaustive"), level="bits",
            xfail={"wood": "known to differ"},
        )
        def test_port(lbfgsb_reference):
            lbfgsb_reference.check(broken)
        """
    )
    result = project.runpytest_subprocess("-v")
    result.assert_outcomes(passed=2, xfailed=2)
    result.stdout.fnmatch_lines(["*wood-exhaustive*XFAIL*"])


def test_the_fixture_gives_problem_trace_and_comparison(project):
    project.makepyfile(
        """
        import pytest
        from port import broken
        @pytest.mark.lbfgsb_problems("wood", level="bits")
        def test_port(lbfgsb_reference):
            assert lbfgsb_reference.problem.n == 4
            assert lbfgsb_reference.trace.outcome.nit > 10
            comparison = lbfgsb_reference.compare(broken)
            assert comparison.first_difference.evaluation > 4
            assert not comparison.reaches("bits")
            lbfgsb_reference.check(broken, level="none")
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ('"rosenbrok"', "*lbfgsb_problems: no problem is called 'rosenbrok'*"),
        ('"wood", level="bit"', "*lbfgsb_problems: level: *bits is expected, got 'bit'*"),
        ('"wood", xfail={"woods": ""}', "*lbfgsb_problems: xfail: *got 'woods'*"),
    ],
)
def test_a_wrong_marker_is_refused_in_a_sentence(project, arguments, sentence):
    project.makepyfile(
        f"""
        import pytest
        @pytest.mark.lbfgsb_problems({arguments})
        def test_port(lbfgsb_reference):
            pass
        """
    )
    result = project.runpytest_subprocess()
    assert result.ret != 0
    result.stdout.fnmatch_lines([sentence])


def test_it_is_off_until_used(project):
    project.makepyfile(
        """
        import sys
        def test_nothing_is_loaded():
            loaded = {name.partition(".")[0] for name in sys.modules}
            # Of this package its hooks alone, which import nothing; not NumPy, which is slow.
            assert "lbfgsb77_pytest" in loaded
            assert not loaded & {"lbfgsb77", "numpy"}
        """
    )
    # Other plugins of this environment may well load NumPy.
    only = "-p", "lbfgsb77_pytest"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        project.runpytest_subprocess(*only).assert_outcomes(passed=1)


def test_tolerances_are_a_millionth_unless_others_are_asked_for():
    # docs/reference/command-line.md; the command's own are these too.
    fixture = inspect.signature(ReferenceRun).parameters
    function = inspect.signature(check).parameters
    for name in ("path_tolerance", "solution_tolerance"):
        assert fixture[name].default == function[name].default == 1e-6


def test_a_markers_tolerances_are_those_of_the_comparison(project):
    project.makepyfile(
        """
        import pytest
        @pytest.mark.lbfgsb_problems("wood", path_tolerance=0.5, solution_tolerance=0.25)
        def test_port(lbfgsb_reference):
            assert lbfgsb_reference.path_tolerance == 0.5
            assert lbfgsb_reference.solution_tolerance == 0.25
        @pytest.mark.lbfgsb_problems("wood")
        def test_default(lbfgsb_reference):
            assert lbfgsb_reference.path_tolerance == 1e-6
            assert lbfgsb_reference.solution_tolerance == 1e-6
        """
    )
    project.runpytest_subprocess().assert_outcomes(passed=2)


def test_a_program_is_run_by_the_markers_command(project):
    program = Path(__file__).with_name("protocol_port.py")
    project.makepyfile(
        f"""
        import pytest
        @pytest.mark.lbfgsb_problems("hs?", level="bits", command="{sys.executable} {program}")
        def test_port(lbfgsb_reference):
            lbfgsb_reference.check()
        @pytest.mark.lbfgsb_problems("wood", command="{sys.executable} {program} rubbish")
        def test_broken(lbfgsb_reference):
            lbfgsb_reference.check()
        @pytest.mark.lbfgsb_problems("wood")
        def test_nothing_to_run(lbfgsb_reference):
            with pytest.raises(TypeError, match="lbfgsb_problems.command"):
                lbfgsb_reference.check()
        """
    )
    result = project.runpytest_subprocess()
    result.assert_outcomes(passed=6, failed=1)
    result.stdout.fnmatch_lines(["*which is no JSON; on standard error: first line of trouble*"])
