"""The command line: list, record, check, selftest, info; output, files, exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

import pytest

import lbfgsb77
from lbfgsb77.__main__ import main
from lbfgsb77.reference import Trace, problems

PORT = """
from lbfgsb77 import fmin_l_bfgs_b as right

def same(func, x0, fprime=None, **keywords):
    return right(func, x0, **keywords)

def broken(func, x0, fprime=None, **keywords):
    return right(func, x0, **{**keywords, "m": 2})
"""


@pytest.fixture
def port(tmp_path, monkeypatch):
    """A module with two ports, in the current directory."""
    (tmp_path / "someport.py").write_text(PORT)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "someport", raising=False)
    return tmp_path


def test_list_names_every_problem(capsys):
    assert main(["reference", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == problems.names()
    assert main(["reference", "list", "--long", "hs4"]) == 0
    out = capsys.readouterr().out
    assert "(x₁ + 1)³/3 + x₂" in out
    assert "minimum 2.66666666666667 ([HS])" in out


def test_a_stream_that_cannot_show_a_name_gets_a_question_mark():
    list_all = [sys.executable, "-m", "lbfgsb77", "reference", "list"]
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}
    shown = subprocess.run(list_all, env=ascii_only, capture_output=True, text=True, check=True)
    assert "Mor?, Garbow, Hillstrom" in shown.stdout


def test_list_as_a_person_sees_it(capsys):
    assert main(["reference", "list", "--long", "hs4", "wood"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "wood  n = 4            portable  Moré, Garbow, Hillstrom 1981, problem 14",
        "    Wood: two coupled Rosenbrock valleys.",
        "    minimum 0 (Moré, Garbow, Hillstrom 1981)",
        "    tags: least-squares, mgh, unbounded",
        "",
        "hs4   n = 2    bounds  portable  [HS] 4",
        "    (x₁ + 1)³/3 + x₂; the minimizer is a vertex.",
        "    minimum 2.66666666666667 ([HS])",
        "    tags: bounded, cute, hs",
        "",
    ]


def test_list_as_json_has_all_that_a_port_in_another_language_needs(capsys):
    assert main(["reference", "list", "--json", "--portable", "--tag", "hs"]) == 0
    entries = {entry["name"]: entry for entry in json.loads(capsys.readouterr().out)}
    assert entries["hs2"]["bounds"] == [[None, None], [1.5, None]]
    assert entries["hs2"]["starts"] == [[-2.0, 1.0]]
    assert "hs5" not in entries  # it has a sine
    # [HS], problem 2: f at its minimizer.
    assert entries["hs2"]["solution"]["f"] == pytest.approx(0.0504261879)


def test_list_as_json_has_null_where_no_solution_is_known(capsys):
    unknown = [problem.name for problem in problems.select() if problem.solution is None]
    assert main(["reference", "list", "--json"]) == 0
    entries = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in entries if entry["solution"] is None] == unknown
    assert 0 < len(unknown) < len(entries)


@pytest.mark.parametrize("option", ["--path-tolerance", "--solution-tolerance"])
def test_a_tolerance_is_a_number_that_is_not_negative(port, capsys, option):
    command = ["reference", "check", "--solver", "someport:same", "hs4", option]
    assert main([*command, "0"]) == 0
    for refused in ("-1e-9", "nan"):
        with pytest.raises(SystemExit):
            main([f"{part}={refused}" if part == option else part for part in command])
        assert "a number that isn't negative is expected" in capsys.readouterr().err


def test_check_passes_what_is_the_same(port, capsys):
    status = main(
        ["reference", "check", "--solver", "someport:same", "--level", "bits", "hs*", "wood"]
    )
    out = capsys.readouterr().out
    assert status == 0
    assert "10 of 10 runs reach level bits (10 bits)" in out
    assert out.startswith("solver: someport:same\n")
    assert "\x1b" not in out  # colour is for terminals


def test_check_fails_what_differs_and_shows_the_first(port, capsys):
    status = main(["reference", "check", "--solver", "someport:broken", "--level", "bits", "wood",
                   "hs4", "hs38", "--color", "always"])  # fmt: skip
    out = capsys.readouterr().out
    assert status == 1
    row = next(line for line in out.splitlines() if line.startswith("wood"))
    assert row.endswith("FAILED")
    assert "evaluation" in row
    assert "\x1b[32m" in out
    assert out.count("first differs at") == 1
    assert "(the first of 2 that fail; -v shows all)" in out
    assert "1 of 3 runs reach level bits" in out


def test_check_shows_all_failures_when_verbose_and_no_table_when_quiet(port, capsys):
    arguments = ["reference", "check", "--solver", "someport:broken", "--level", "bits"]
    assert main([*arguments, "wood", "hs38", "-v", "-q"]) == 1
    out = capsys.readouterr().out
    assert out.count("first differs at") == 2
    assert "first difference" not in out


def test_the_table_as_a_person_sees_it(port, capsys):
    main(["reference", "check", "--solver", "someport:broken", "--setting", "all", "hs4", "wood"])
    out = capsys.readouterr().out
    table = out.partition("\n\n")[2].partition("\n\n")[0]
    columns = "{:7}  {:10}  {:8}  {:24}  {:>8}  {:>8}  {:>13}  {:>11}  {:18}  {}"
    rows = [
        ("problem", "setting", "level", "first difference", "ULPs", "relative", "evaluations",
         "iterations", "stage", ""),
        ("wood", "default", "none", "evaluation 5: x", "4.9e+13", "1.7e-03", "20 | 184",
         "17 | 149", "pair", "FAILED"),
        ("wood", "exhaustive", "none", "evaluation 5: x", "4.9e+13", "1.7e-03", "53 | 51", "40",
         "pair", "FAILED"),
        ("hs4", "default", "bits", "-", "-", "-", "2", "1", "-", ""),
        ("hs4", "exhaustive", "bits", "-", "-", "-", "2", "1", "-", ""),
    ]  # fmt: skip
    assert table.splitlines() == [columns.format(*row).rstrip() for row in rows]


@pytest.mark.parametrize("level", ["solution", "counts", "path", "bits"])
def test_every_level_can_be_asked_for(port, capsys, level):
    command = ["reference", "check", "--solver", "someport:same", "hs4", "--level"]
    assert main([*command, level]) == 0
    assert f"1 of 1 runs reach level {level}" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main([*command, "none"])


def test_check_writes_junit(port, capsys):
    main(["reference", "check", "--solver", "someport:broken", "--level", "bits", "wood", "hs4",
          "--junit", "report.xml"])  # fmt: skip
    suite = ElementTree.parse(port / "report.xml").getroot().find("testsuite")
    assert suite.attrib["tests"] == "2"
    assert suite.attrib["failures"] == "1"
    cases = {case.attrib["name"]: case for case in suite.findall("testcase")}
    assert set(cases) == {"wood[default]", "hs4[default]"}
    failure = cases["wood[default]"].find("failure")
    assert failure.attrib["message"].startswith("level ")
    assert "first differs at evaluation" in failure.text
    assert cases["hs4[default]"].find("failure") is None
    properties = {entry.attrib["name"]: entry.attrib["value"] for entry in suite.iter("property")}
    assert properties["solver"] == "someport:broken"
    assert {"python", "numpy", "platform"} <= set(properties)


def test_check_writes_json(port, capsys):
    main(["reference", "check", "--solver", "someport:broken", "--level", "bits", "wood", "hs4",
          "--json", "report.json"])  # fmt: skip
    report = json.loads((port / "report.json").read_text())
    assert report["passed"] is False
    assert report["provenance"]["candidate"]["solver"] == "someport:broken"
    (reference,) = report["provenance"]["references"]
    assert "lbfgsb77" in reference["solver"]
    by_name = {entry["problem"]: entry for entry in report["checks"]}
    assert by_name["hs4"]["level"] == "bits"
    assert by_name["wood"]["first_difference"]["evaluation"] > 1


@pytest.mark.skipif(find_spec("matplotlib") is None, reason="Matplotlib is not installed")
def test_check_draws_the_divergence(port, capsys):
    main(["reference", "check", "--solver", "someport:broken", "hs*", "wood",
          "--plot", "divergence.png"])  # fmt: skip
    assert (port / "divergence.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_the_plot_is_refused_before_the_work(port, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert main(["reference", "check", "--solver", "someport:same", "--plot", "d.png"]) == 2
    captured = capsys.readouterr()
    assert "pip install matplotlib" in captured.err
    assert captured.out == ""


def test_record_stores_traces_that_check_can_compare_with(port, capsys):
    record = ["reference", "record", "-o", "traces", "hs4", "wood", "edensch"]
    assert main([*record, "--solver", "someport:broken", "--option", "factr=10"]) == 0
    assert sorted(path.name for path in (port / "traces").iterdir()) == [
        "edensch.default.json", "hs4.default.json", "wood.default.json",
    ]  # fmt: skip
    trace = Trace.load(port / "traces" / "wood.default.json")
    assert trace.options["factr"] == 10
    assert trace.provenance["solver"] == "someport:broken"
    assert "[2/3] hs4 (default): 2 evaluations" in capsys.readouterr().out
    against = ["reference", "check", "--against", "traces", "--level", "bits"]
    assert main([*against, "--solver", "someport:broken"]) == 0
    assert "3 of 3 runs" in capsys.readouterr().out
    assert main([*against, "--solver", "someport:same"]) == 1
    one = ["reference", "check", "--against", "traces/wood.default.json"]
    assert main([*one, "--solver", "someport:broken"]) == 0
    assert "1 of 1 runs" in capsys.readouterr().out


def test_record_fails_where_the_solver_does(port, capsys):
    (port / "raising.py").write_text(
        "def port(func, x0, fprime=None, bounds=None):\n    raise RuntimeError('no')\n"
    )
    sys.modules.pop("raising", None)
    assert main(["reference", "record", "--solver", "raising:port", "-o", "t", "hs4"]) == 1
    assert "RuntimeError: no" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["check", "--solver", "no_such:f"], "solver: can't import no_such"),
        (["check", "--solver", "nothing"], "is not of the form MODULE:FUNCTION"),
        (["check", "--solver", "lbfgsb77:LBFGSB", "rosenbrok"], "near it: rosenbrock"),
        (["check", "--solver", "lbfgsb77:LBFGSB", "--against", "nowhere"], "nowhere"),
        (["check", "--solver", "lbfgsb77:LBFGSB", "--tag", "nosuch"], "no problem has the tag"),
        (["record", "--solver", "lbfgsb77:LBFGSB", "-o", "t", "--option", "q=1"], "NAME=VALUE"),
        (["record", "--solver", "lbfgsb77:LBFGSB", "-o", "t", "--option", "m=x"], "m is to be a"),
    ],
)
def test_a_wrong_command_is_refused_in_a_sentence(port, capsys, arguments, sentence):
    assert main(["reference", *arguments]) == 2
    error = capsys.readouterr().err
    assert sentence in error
    assert "Traceback" not in error


def test_help_explains_the_levels(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["reference", "check", "--help"])
    assert stop.value.code == 0
    out = capsys.readouterr().out
    for word in ("bits", "path", "counts", "solution", "exit status", "--junit"):
        assert word in out


def test_info_tells_the_build(capsys):
    assert main(["info"]) == 0
    assert "numpy" in capsys.readouterr().out.lower()


def test_the_module_runs_as_a_program(port):
    run = subprocess.run(
        [sys.executable, "-m", "lbfgsb77", "reference", "check", "--solver", "someport:same",
         "--level", "bits", "beale"],
        cwd=port, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "1 of 1 runs reach level bits" in run.stdout
    selftest = subprocess.run(
        [sys.executable, "-m", "lbfgsb77", "selftest"], capture_output=True, text=True, check=False
    )
    assert selftest.returncode == 0, selftest.stdout
    assert "bit-identical" in selftest.stdout


def test_a_solver_must_be_named(capsys):
    with pytest.raises(SystemExit):
        main(["reference", "check", "hs4"])
    assert "one of the arguments --solver --command is required" in capsys.readouterr().err


@pytest.mark.parametrize("command", [[], ["reference"]])
def test_called_bare_it_shows_its_help(capsys, command):
    assert main(command) == 0
    shown = capsys.readouterr().out
    usage = "[-h] COMMAND ..." if command else "[-h] [--version] COMMAND ..."
    assert shown.startswith(f"usage: {' '.join(['python -m lbfgsb77', *command])} {usage}")
    assert "check" in shown


@pytest.mark.parametrize("option", ["--json", "--junit", "--plot"])
def test_a_file_in_a_missing_folder_is_refused_before_any_run(port, capsys, option):
    command = ["reference", "check", "--solver", "someport:same", "hs4", option, "missing/file.svg"]
    assert main(command) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.endswith(
        f"{option}: a file in an existing folder is expected, got 'missing/file.svg'\n"
    )


def test_an_interface_that_cannot_be_told_is_asked_for_by_the_name_of_the_option(port, capsys):
    (port / "untold.py").write_text("def solve(*arguments): ...\n")
    assert main(["reference", "check", "--solver", "untold:solve", "hs4"]) == 2
    assert "--interface" in capsys.readouterr().err


def test_ctrl_c_causes_no_traceback(port, capsys):
    (port / "slow.py").write_text(
        "def fmin_l_bfgs_b(func, x0, fprime=None, **keywords):\n    raise KeyboardInterrupt\n"
    )
    assert main(["reference", "check", "--solver", "slow:fmin_l_bfgs_b", "hs4"]) == 130
    assert capsys.readouterr().err == "python -m lbfgsb77: interrupted\n"


@pytest.mark.skipif(sys.platform == "win32", reason="a shell's way to close a stream")
def test_a_closed_output_causes_no_traceback():
    run = subprocess.run(
        f"{sys.executable} -m lbfgsb77 info >&-",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.stderr == ""


def test_a_reader_that_leaves_early_causes_no_traceback(port):
    run = subprocess.run(
        f"{sys.executable} -m lbfgsb77 reference list --long | head -1",
        shell=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.stderr == ""
    assert run.stdout.startswith("rosenbrock")
    # One that never reads is told by the status.
    with subprocess.Popen(
        [sys.executable, "-m", "lbfgsb77", "reference", "list", "--long"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as unread:  # fmt: skip
        unread.stdout.close()
        assert unread.stderr.read() == b""
    assert unread.returncode == 1


def test_the_console_script_is_the_same_command(port):
    script = Path(sysconfig.get_path("scripts"), "lbfgsb77")
    version = subprocess.run([script, "--version"], capture_output=True, text=True, check=True)
    assert version.stdout == f"lbfgsb77 {lbfgsb77.__version__}\n"
    # A solver is looked for here, as python -m does it.
    check = [script, "reference", "check", "--solver", "someport:same", "hs4", "-q"]
    run = subprocess.run(check, cwd=port, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    usage = subprocess.run([script, "nothing"], capture_output=True, text=True, check=False)
    assert usage.returncode == 2
    assert usage.stderr.startswith("usage: lbfgsb77 [-h] [--version] COMMAND ...")


def test_problems_that_meet_other_than_finite_values_are_left_out_unless_named(port, capsys):
    command = ["reference", "check", "--solver", "someport:same", "--level", "bits", "-q"]
    assert main([*command, "--portable"]) == 0
    runs = len(problems.select(portable=True, finite=True))
    assert f"{runs} of {runs} runs reach level bits" in capsys.readouterr().out
    assert main([*command, "square-root-domain"]) == 0
    assert "1 of 1 runs reach level bits" in capsys.readouterr().out
