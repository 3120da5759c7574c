"""The how-to pages about the reference say what is so."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from pathlib import Path

import pytest

from lbfgsb77.__main__ import _parser
from lbfgsb77.reference import problems

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to"


@pytest.fixture(scope="module")
def measure_scipy():
    spec = importlib.util.spec_from_file_location("measure_scipy", ROOT / "tools/measure_scipy.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_on_scipy_is_what_the_measurement_renders_to(measure_scipy):
    measured = json.loads(measure_scipy.MEASURED.read_text(encoding="utf-8"))
    assert measure_scipy.PAGE.read_text(encoding="utf-8") == measure_scipy.render(measured)


def test_the_measurement_has_its_provenance_and_all_problems(measure_scipy):
    measured = json.loads(measure_scipy.MEASURED.read_text(encoding="utf-8"))
    versions = [one["provenance"]["package"] for one in measured]
    assert versions[:2] == ["scipy 1.14.1", "scipy 1.17.1"]
    assert len(versions) >= 3
    for one in measured:
        assert {"solver", "build", "python", "numpy", "platform"} <= set(one["provenance"])
        names = {row["problem"] for row in one["rows"] if row["setting"] == "default"}
        assert names == {problem.name for problem in problems.select(finite=True)}


def test_the_commands_of_the_ci_page_are_commands():
    text = (HOW_TO / "ci-baseline.md").read_text(encoding="utf-8")
    joined = re.sub(r"\n +--", " --", text)  # the workflow's command goes on over lines
    commands = re.findall(r"python -m lbfgsb77 ([a-z][^`\n]*)", joined)
    assert len(commands) >= 7
    for command in commands:
        assert _parser().parse_args(shlex.split(command)).run
