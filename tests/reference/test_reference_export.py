"""Replay files: all of a run, in both forms of number, and enough for a port's own test."""

from __future__ import annotations

import hashlib
import json
import math
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

import lbfgsb77
from lbfgsb77.__main__ import main
from lbfgsb77.reference import SETTINGS, Trace, compare, golden, problems, record


@pytest.fixture(scope="module")
def directory(tmp_path_factory) -> Path:
    found = tmp_path_factory.mktemp("replay") / "runs"
    assert main(["reference", "export", str(found), "--setting", "all"]) == 0
    return found


@pytest.fixture(scope="module")
def files(directory) -> list[Path]:
    return sorted(path for path in directory.glob("*.json") if "schema" not in path.name)


def test_there_is_a_file_for_each_problem_and_setting(files):
    finite = problems.select(finite=True)
    names = {f"{problem.name}.{setting}.json" for problem in finite for setting in SETTINGS}
    # Without tests of convergence these two go on to values that aren't finite.
    names -= {"hs3.exhaustive.json", "tiny-quadratic.exhaustive.json"}
    assert {path.name for path in files} == names


def test_every_file_keeps_the_schema(directory, files):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((directory / "replay.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in files:
        validator.validate(json.loads(path.read_text()))
    run = json.loads(files[0].read_text())
    for damaged in (
        {**run, "n": 0}, {**run, "nbd": [7]}, {**run, "more": 1}, {**run, "x0_hex": ["1.5"]},
        {key: value for key, value in run.items() if key != "evaluations"},
    ):  # fmt: skip
        assert not validator.is_valid(damaged)


def test_the_checksums_are_those_of_the_files(directory, files):
    lines = (directory / "SHA256SUMS").read_text().splitlines()
    listed = dict(reversed(line.split("  ")) for line in lines)
    assert set(listed) == {path.name for path in directory.iterdir()} - {"SHA256SUMS"}
    for name, checksum in listed.items():
        assert hashlib.sha256((directory / name).read_bytes()).hexdigest() == checksum


def test_the_files_are_the_same_wherever_they_are_written(directory, tmp_path, files):
    again = tmp_path / "again"
    assert main(["reference", "export", str(again), "wood", "hs4"]) == 0
    for name in ("wood.default.json", "hs4.default.json"):
        assert (again / name).read_bytes() == (directory / name).read_bytes()


def test_decimals_and_hexadecimals_are_the_same_numbers(files):
    def numbers(values):
        return [math.nan if v is None else float(v) for v in values]

    for path in files:
        run = json.loads(path.read_text())
        for entry in (run, *run["evaluations"]):
            for key in [key for key in entry if key.endswith("_hex")]:
                decimals, hexes = entry[key.removesuffix("_hex")], entry[key]
                if not isinstance(hexes, list):
                    decimals, hexes = [decimals], [hexes]
                exact = [math.nan if v is None else float.fromhex(v) for v in hexes]
                assert np.array(numbers(decimals)).tobytes() == np.array(exact).tobytes()


def test_a_file_is_a_trace_with_the_bits_of_the_run(files, directory):
    for path in files:
        trace = Trace.load(path)
        setting = path.name.split(".")[1]
        packaged = golden(trace.problem, setting)
        if packaged is not None:
            assert compare(packaged, trace).level == "bits"
    # Whoever made it: what isn't there has its default.
    run = json.loads((directory / "wood.default.json").read_text())
    few = ("format", "problem", "n", "x0", "evaluations", "ending", "x", "f")
    least = {key: run[key] for key in few}
    least["evaluations"] = [{k: e[k] for k in "xfg"} for e in run["evaluations"]]
    trace = Trace.from_json(json.dumps(least))
    assert not trace.tells_iterations
    assert compare(golden("wood"), trace).level == "bits"


def test_exported_files_can_be_compared_and_checked_against(directory, tmp_path, capsys):
    again = tmp_path / "again"
    assert main(["reference", "export", str(again), "wood", "hs4", "--setting", "all"]) == 0
    capsys.readouterr()
    assert main(["reference", "compare", str(directory), str(again)]) == 0
    runs = len(list(directory.glob("*.json"))) - 1  # one is the schema
    told = f"4 runs in both, 4 with the same bits, 0 differ; {runs - 4} in one of them alone\n"
    assert capsys.readouterr().out == told
    against = ["reference", "check", "--against", str(again), "--level", "bits"]
    assert main([*against, "--solver", "lbfgsb77:LBFGSB"]) == 0
    assert "4 of 4 runs reach level bits" in capsys.readouterr().out


def test_a_problem_that_meets_other_than_finite_values_must_be_named(directory, tmp_path):
    assert not list(directory.glob("square-root-domain*"))
    named = tmp_path / "named"
    assert main(["reference", "export", str(named), "square-root-domain"]) == 0
    run = json.loads((named / "square-root-domain.default.json").read_text())
    assert "nan" in [e["f"] for e in run["evaluations"]]
    assert Trace.load(named / "square-root-domain.default.json").n == run["n"]


def test_two_files_are_compared_whatever_they_are_called(directory, tmp_path, capsys):
    # A port writes what it likes: decimals, and of the keys those that must be there.
    run = json.loads((directory / "wood.exhaustive.json").read_text())
    kept = ("format", "problem", "n", "x0", "m", "factr", "pgtol", "maxiter", "ending", "x", "f")
    mine = {key: run[key] for key in kept}
    mine["evaluations"] = [{k: e[k] for k in "xfg"} for e in run["evaluations"]]
    file = tmp_path / "what my port did.json"
    file.write_text(json.dumps(mine))
    command = ["reference", "compare", str(directory / "wood.exhaustive.json"), str(file)]
    assert main(command) == 0
    assert "1 runs in both, 1 with the same bits" in capsys.readouterr().out
    mine["evaluations"][6]["x"][2] += 1e-3
    file.write_text(json.dumps(mine))
    assert main(command) == 1
    out = capsys.readouterr().out
    assert "first differs at evaluation 7" in out
    assert "x[2]: " in out
    other = ["reference", "compare", str(directory / "hs4.default.json"), str(file)]
    assert main(other) == 2
    assert "they are of different problems (hs4, wood)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda run: run.pop("x0"), "x0"),
        (lambda run: run.pop("evaluations"), "'evaluations' is missing"),
        (lambda run: run["evaluations"][1].pop("f"), "'f' is missing"),
        (lambda run: run["evaluations"][1].update(x=[1.0]), "x: a list of 4 numbers is expected"),
        (lambda run: run["evaluations"][1].update(g=["a"] * 4), "could not convert"),
        (lambda run: run.update(x0=7), "x0: a list of 4 numbers is expected, got 7"),
        (lambda run: run.update(evaluations=7), "not a trace"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(tmp_path, damage, sentence):
    run = json.loads(record("lbfgsb77:LBFGSB", "wood").to_json())
    damage(run)
    file = tmp_path / "damaged.json"
    file.write_text(json.dumps(run))
    with pytest.raises(ValueError, match=re.escape(sentence)) as raised:
        Trace.load(file)
    assert "damaged.json" in str(raised.value)


class PartedError(Exception):
    pass


def replay(run, minimize):
    """The test of the README, in Python."""
    k = 0

    def ulps(a, b):
        def ordered(value):
            bits = int(np.float64(value).view(np.int64))
            return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)

        return abs(ordered(a) - ordered(b))

    def objective(x):
        nonlocal k
        if k == len(run["evaluations"]):
            raise PartedError(f"evaluation {k + 1} is one more than the original makes")
        e = run["evaluations"][k]
        k += 1
        size = max(map(abs, e["x"]))
        for i in range(run["n"]):
            if abs(x[i] - e["x"][i]) > 1e-9 * size:
                raise PartedError(f"evaluation {k} component {i} ULPs {ulps(x[i], e['x'][i])}")
        return e["f"], np.array(e["g"])

    x = minimize(objective, run)
    assert k == len(run["evaluations"])
    assert max(abs(x - np.array(run["x"]))) <= 1e-9 * max(map(abs, run["x"]))


def minimize(objective, run, **changed):
    options = {name: run[name] for name in ("m", "factr", "pgtol", "maxls", "maxiter")} | changed
    bounds = list(zip(run["l"], run["u"], strict=True))
    return lbfgsb77.fmin_l_bfgs_b(objective, run["x0"], bounds=bounds, **options)[0]


def test_the_readmes_test_passes_a_right_port_and_says_where_a_wrong_one_parts(files, directory):
    for path in files:
        run = json.loads(path.read_text())
        if run["ending"] != "exception" and all(
            isinstance(e["f"], float) for e in run["evaluations"]
        ):
            replay(run, minimize)
    run = json.loads((directory / "wood.default.json").read_text())
    # A memory of five pairs where ten are asked for: the sixth iteration misses the first.
    with pytest.raises(PartedError, match=r"evaluation 8 component \d ULPs \d{10}"):
        replay(run, lambda f, r: minimize(f, r, m=5))
    with pytest.raises(PartedError, match="evaluation 21 is one more than the original makes"):
        replay(run, lambda f, r: minimize(f, r, factr=0.0))


def test_the_readme_explains_the_test_in_thirty_lines(directory):
    text = (directory / "README.md").read_text()
    code = [line for line in text.splitlines() if line.startswith("    ") and line.strip()]
    assert len(code) <= 30
    for key in ("nbd", "factr", "evaluations", "iteration", "_hex", "SHA256SUMS"):
        assert key in text


def test_sha256sum_reads_the_list(directory):
    try:
        run = subprocess.run(
            ["sha256sum", "-c", "--quiet", "SHA256SUMS"], cwd=directory, check=False
        )
    except FileNotFoundError:
        pytest.skip("sha256sum is not installed")
    assert run.returncode == 0
