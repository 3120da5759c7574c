"""The protocol: ports that are programs, and what is said of those that leave it."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pytest

from lbfgsb77.__main__ import main
from lbfgsb77.reference import Command, check, compare, golden, problems, record

PORT = Path(__file__).with_name("protocol_port.py")


def port(*arguments: str, timeout: float = 60.0) -> Command:
    return Command([sys.executable, str(PORT), *arguments], timeout)


def test_a_port_that_does_what_the_original_does_has_the_same_bits_on_every_problem():
    with port() as command:
        found = list(check(command, problems.select(portable=True, finite=True), level="bits"))
    assert len(found) > 90
    assert [row.problem.name for row in found if not row.passed] == []


def test_one_process_serves_all_problems():
    with port() as command:
        first = record(command, "wood")
        process = command._process
        record(command, "hs4")
        assert command._process is process
    assert first.provenance["solver"].endswith("protocol_port.py")
    assert first.provenance["package"] == "a port 1.2"
    assert first.provenance["compiler"] == "none"
    assert command._process is None


def test_a_port_need_not_tell_its_iterations():
    with port("tells no iterations") as command:
        trace = record(command, "wood")
    assert not trace.tells_iterations
    comparison = compare(golden("wood"), trace)
    assert comparison.level == "bits"
    assert "iterations 17 | not told" in str(comparison)


def test_the_dialogue_of_the_page_is_one_that_takes_place(tmp_path):
    page = PORT.parents[2] / "docs" / "reference" / "protocol.md"
    block = page.read_text(encoding="utf-8").split("## A run\n\n")[1].split("\n\n(Each")[0]
    said = [
        ("".join(text.split("\n")), who)
        for who, text in re.findall(
            r"^    (checker|port) +(\{.*?\}(?:, \.\.\.\})?)$(?=\n    \S|\Z)",
            re.sub(r"\n {14}", "\n", block),
            re.MULTILINE | re.DOTALL,
        )
    ]
    replies = [text for text, who in said if who == "port"]
    program = tmp_path / "page.py"
    program.write_text(
        "import sys\n"
        f"replies = {replies!r}\n"
        "heard = open('heard.txt', 'w')\n"
        "for line in sys.stdin:\n"
        "    heard.write(line); heard.flush()\n"
        "    while replies:\n"
        "        reply = replies.pop(0); print(reply, flush=True)\n"
        "        if 'evaluate' in reply: break\n"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        with Command([sys.executable, "page.py"]) as command:
            comparison = compare(golden("hs4"), record(command, "hs4"))
    assert comparison.level == "bits"
    heard = (tmp_path / "heard.txt").read_text().splitlines()
    told = [text for text, who in said if who == "checker"]
    assert len(heard) == len(told) == 3
    for real, shown in zip(heard, told, strict=True):
        assert real.startswith(shown.removesuffix(", ...}"))


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("crashes", r"the port has ended by signal SIGKILL in the middle of a run"),
        ("leaves", r"the port has ended with status 3 in the middle of a run"),
        ("hangs", r"the port has said nothing for 3 s \(does it flush its output\?\)"),
        ("rubbish", r"the port said 'Iteration 1: f = 3.5', which is no JSON"),
        ("a list", r"the port said '\[1, 2, 3\]': an object with one of hello, .* is expected"),
        ("another word", r"the port said '{\"minimize\": \[1.0\]}': an object with one of hello"),
        ("too few", r"evaluate: a list of 4 numbers is expected, got 1 of them"),
        ("no numbers", r"the port said something that isn't in the protocol: .*'one'"),
        ("no x", r"end: x is missing"),
        ("no stages", r"stages: an object is expected, got 7"),
    ],
)
def test_a_port_that_misbehaves_gets_a_sentence_and_the_next_problem_is_run(behaviour, sentence):
    selection = [problems.get("wood"), problems.get("hs4"), problems.get("beale")]
    with port(behaviour, "wood", timeout=3.0) as command:
        began = time.perf_counter()
        wood, hs4, beale = check(command, selection, level="bits")
        assert time.perf_counter() - began < 30.0
    outcome = wood.comparison.candidate.outcome
    assert outcome.ending == "exception"
    assert re.search(sentence, outcome.message), outcome.message
    assert outcome.message.endswith(
        "; on standard error: first line of trouble / the matrix is singular"
    )
    assert len(wood.comparison.candidate.evaluations) == 2
    assert not wood.passed
    assert hs4.passed
    assert beale.passed


@pytest.mark.parametrize(
    ("stages", "sentence"),
    [
        (7, "stages: an object is expected, got 7"),
        ({"tetha": 1.0}, "stages: no field is called 'tetha'; fields: projected_gradient, pair,"),
        ({"theta": "much"}, "stages: theta: could not convert string to float: 'much'"),
        ({"pair": 1}, "stages: pair: true or false is expected, got 1"),
        ({"cauchy": [1.0]}, "stages: cauchy: a list of 4 numbers is expected"),
        ({"free": [0, 4]}, "stages: free: indices from 0 to 3 are expected"),
    ],
)
def test_stages_that_are_none_are_told(tmp_path, stages, sentence):
    reporting = tmp_path / "reporting.py"
    reporting.write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        f"    print(json.dumps({{'stages': {stages!r}}}), flush=True)\n"
    )
    with Command([sys.executable, str(reporting)]) as command:
        outcome = record(command, "wood").outcome
    assert sentence in outcome.message


def test_stages_belong_to_the_evaluation_that_follows(tmp_path):
    reporting = tmp_path / "reporting.py"
    reporting.write_text(
        "import json, sys\n"
        "def say(**message):\n"
        "    print(json.dumps(message), flush=True)\n"
        "for line in sys.stdin:\n"
        "    say(evaluate=[1.0, 1.0, 1.0, 1.0]); sys.stdin.readline()\n"
        "    say(stages={'theta': '0x1.8p+0', 'free': [0, 2], 'cauchy': [1, 2, 3, '0x1p+2']})\n"
        "    say(evaluate=[1.0, 2.0, 1.0, 1.0]); sys.stdin.readline()\n"
        "    say(evaluate=[1.0, 3.0, 1.0, 1.0]); sys.stdin.readline()\n"
        "    say(end='CONVERGED', x=[1.0, 1.0, 1.0, 1.0], f=0.0)\n"
    )
    with Command([sys.executable, str(reporting)]) as command:
        first, second, third = record(command, "wood").evaluations
    assert (first.stages, third.stages) == (None, None)
    assert second.stages == {"theta": "0x1.8p+0", "free": [0, 2], "cauchy": [1, 2, 3, "0x1p+2"]}


def test_a_port_that_never_ends_is_stopped(tmp_path):
    endless = tmp_path / "endless.py"
    endless.write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    print(json.dumps({'evaluate': [0.0, 0.0, 0.0, 0.0]}), flush=True)\n"
    )
    with Command([sys.executable, str(endless)]) as command:
        outcome = record(command, "wood", maxfun=20).outcome
    assert outcome.ending == "exception"
    assert "more than 240 evaluations" in outcome.message


def test_a_program_that_is_not_there_is_told():
    with Command("no-such-program --fast") as command:
        outcome = record(command, "hs4").outcome
    assert outcome.message == (
        "PortError: no-such-program: can't be started: No such file or directory"
    )


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("",), "command: a program's name is expected, got ''"),
        (("a", 0.0), "timeout: a positive number is expected, got 0.0"),
    ],
)
def test_a_command_that_cannot_be_one_is_refused(arguments, sentence):
    with pytest.raises(ValueError, match=re.escape(sentence)):
        Command(*arguments)


def test_the_command_line_has_the_same_table_report_and_files(tmp_path, capsys):
    command = f"{sys.executable} {PORT}"
    report = tmp_path / "report.xml"
    status = main(
        ["reference", "check", "--command", command, "--level", "bits", "hs*", "wood",
         "--junit", str(report)]
    )  # fmt: skip
    out = capsys.readouterr().out
    assert status == 0
    assert "10 of 10 runs reach level bits (10 bits)" in out
    assert report.is_file()
    broken = f"{command} rubbish wood"
    assert main(["reference", "check", "--command", broken, "wood", "hs4"]) == 1
    assert "which is no JSON; on standard error" in capsys.readouterr().out
    recorder = ["reference", "record", "--command", command, "-o", str(tmp_path / "t"), "hs4"]
    assert main(recorder) == 0
    assert main(["reference", "compare", str(tmp_path / "t"), str(tmp_path / "t")]) == 0


def test_solver_and_command_exclude_each_other(capsys):
    with pytest.raises(SystemExit):
        main(["reference", "check", "--command", "a", "--solver", "b:c", "hs4"])
    assert "not allowed with argument" in capsys.readouterr().err
