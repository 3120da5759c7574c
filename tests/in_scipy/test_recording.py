"""run --record, and reference compare: which minimization parts first, and whose doing it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from lbfgsb77 import use_in_scipy
from lbfgsb77.in_scipy import _record
from lbfgsb77.reference import _recordings
from objectives import chain

START = np.array([-1.2, 1.0, 0.3])


def program(objective: Any = chain, start: Any = START, **arguments: Any) -> None:
    """Two minimizations, the second of what may differ."""
    minimize(chain, START, jac=True, method="L-BFGS-B")
    minimize(objective, start, jac=True, method="L-BFGS-B", **arguments)


def recorded(directory: Path, *given: Any, solver: str = "lbfgsb77", **arguments: Any) -> Path:
    with use_in_scipy(record=directory, solver=solver):
        program(*given, **arguments)
    return directory


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return recorded(tmp_path / "first")


def compared(first: Path, second: Path) -> list[str]:
    same, text = _recordings.compare(first, second)
    assert same == text.startswith("the same bits: ")
    return text.splitlines()


def test_the_same_program_has_the_same_bits(first: Path, tmp_path: Path) -> None:
    lines = compared(first, recorded(tmp_path / "second"))
    runs = _recordings.read(first)
    count = sum(len(run.evaluations) for run in runs)
    assert lines == [
        f"the same bits: 2 minimizations, {count} evaluations",
        "the environments are the same in all that is known of them",
    ]
    # Every evaluation is there, whole.
    assert [run.name for run in runs] == ["00001.jsonl", "00002.jsonl"]
    for evaluation in runs[0].evaluations:
        x = np.array([float.fromhex(number) for number in evaluation["x"]])
        f, g = chain(x)
        assert float.fromhex(evaluation["f"]) == f
        assert [float.fromhex(number) for number in evaluation["g"]] == g.tolist()
    assert runs[0].end["ending"].startswith("CONVERGENCE")


def test_another_value_at_the_same_point_is_the_objectives(first: Path, tmp_path: Path) -> None:
    calls = 0

    def other(x: np.ndarray) -> Any:
        nonlocal calls
        calls += 1
        f, g = chain(x)
        return (np.nextafter(f, np.inf) if calls == 4 else f), g

    line, *_ = compared(first, recorded(tmp_path / "second", other))
    assert line.startswith(f"00002.jsonl ({__name__}:program:")
    assert "n = 3): the objective: at evaluation 4, at the same x, f differs, " in line
    assert line.endswith(", 1 ULPs")


def test_another_gradient_is_the_objectives_with_its_component(first: Path, tmp_path: Path) -> None:
    def other(x: np.ndarray) -> Any:
        f, g = chain(x)
        g[2] = np.nextafter(g[2], np.inf)
        return f, g

    line, *_ = compared(first, recorded(tmp_path / "second", other))
    assert "the objective: at evaluation 1, at the same x, the gradient differs" in line
    assert "in 1 of 3 components, first in 2: " in line


def test_another_point_after_the_same_is_the_solvers(first: Path, tmp_path: Path) -> None:
    second = recorded(tmp_path / "second", solver="scipy")
    line, *rest = compared(first, second)
    assert ": the solver: evaluation " in line
    assert "is at another point though all before are the same" in line
    assert rest[0] == "different in the environments:"
    assert rest[1].startswith("  solver: lbfgsb77, lbfgsb77 | SciPy ")


def test_another_start_or_other_bounds_are_the_programs(first: Path, tmp_path: Path) -> None:
    line, *_ = compared(first, recorded(tmp_path / "a", start=START + np.array([0, 1, 0])))
    assert "the program: another start, in 1 of 3 components, first in 1: 1.0 and 2.0" in line
    line, *_ = compared(first, recorded(tmp_path / "b", bounds=[(None, 5)] * 3))
    assert "the program: bounds: " in line


def test_scipys_own_stays_in_place_without_a_recording_too() -> None:
    with use_in_scipy(solver="scipy") as switch:
        result = minimize(lambda x: x @ x, [1.0], method="L-BFGS-B")
    assert "reason" not in result
    assert switch.calls == []


def test_differences_are_recorded_too(tmp_path: Path) -> None:
    for name in ("a", "b"):
        with use_in_scipy(record=tmp_path / name):
            minimize(lambda x: chain(x)[0], START, method="L-BFGS-B")
    assert compared(tmp_path / "a", tmp_path / "b")[0].startswith("the same bits: 1 minimization")
    with use_in_scipy(record=tmp_path / "c", solver="scipy"):
        result = minimize(lambda x: chain(x)[0], START, method="L-BFGS-B")
    (run,) = _recordings.read(tmp_path / "c")
    assert len(run.evaluations) == result.nfev
    assert all(evaluation["g"] is None for evaluation in run.evaluations)


def test_long_vectors_are_digests_of_blocks(tmp_path: Path) -> None:
    n = _record.WHOLE + 1

    def bowl(x: np.ndarray) -> Any:
        return float(np.cumsum(x * x)[-1]), 2 * x

    def other(x: np.ndarray) -> Any:
        f, g = bowl(x)
        g[700] = np.nextafter(g[700], np.inf)
        return f, g

    for name, objective in (("a", bowl), ("b", other)):
        with use_in_scipy(record=tmp_path / name):
            minimize(objective, np.ones(n), jac=True, method="L-BFGS-B")
    line, *_ = compared(tmp_path / "a", tmp_path / "b")
    assert "the gradient differs, in 1 of 4 blocks, first among components 512 to 767" in line


def test_what_an_exception_ended_is_kept(tmp_path: Path) -> None:
    def failing(x: np.ndarray) -> Any:
        raise KeyError("own")

    with use_in_scipy(record=tmp_path / "a"), pytest.raises(KeyError):
        minimize(failing, START, jac=True, method="L-BFGS-B")
    (run,) = _recordings.read(tmp_path / "a")
    assert run.end == {"ending": "KeyError", "message": "'own'"}


COMMAND = [sys.executable, "-m", "lbfgsb77"]
PROGRAM = """\
import multiprocessing
import numpy as np
from scipy.optimize import minimize

def work(k):
    return minimize(lambda x: (np.exp(x) - k * x).sum(), np.ones(5), method="L-BFGS-B").nit

if __name__ == "__main__":
    work(2)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pool.map(work, [3, 4])
"""


def command(*words: str | Path, **variables: str) -> tuple[int, str]:
    done = subprocess.run(
        [*COMMAND, *words], env={**os.environ, **variables}, capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_a_program_with_its_processes(tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    for name in ("a", "b"):
        status, text = command("run", "--quiet", "--record", tmp_path / name, file)
        assert (status, text) == (0, "")
    names = [run.name for run in _recordings.read(tmp_path / "a")]
    assert names == ["00001.jsonl", "process-1/00001.jsonl", "process-1/00002.jsonl"]
    status, text = command("reference", "compare", tmp_path / "a", tmp_path / "b")
    assert status == 0, text
    # A variable that changes how NumPy computes is named, whether it has changed a bit or not.
    status, text = command(
        "run", "--quiet", "--record", tmp_path / "c", file, OPENBLAS_CORETYPE="Prescott"
    )
    status, text = command("reference", "compare", tmp_path / "a", tmp_path / "c")
    assert "  OPENBLAS_CORETYPE: " in text


def test_a_recording_is_not_written_over(tmp_path: Path, first: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    status, text = command("run", "--record", first, file)
    assert status == 2
    assert "--record: a new or empty directory is expected" in text


def test_two_traces_and_two_directories_of_traces(tmp_path: Path) -> None:
    for name, options in (("a", []), ("b", []), ("c", ["--option", "m=3"])):
        status, text = command(
            "reference", "record", "beale", "wood", "--solver", "lbfgsb77:LBFGSB",
            "-o", tmp_path / name, *options,
        )  # fmt: skip
        assert status == 0, text
    status, text = command("reference", "compare", tmp_path / "a", tmp_path / "b")
    assert (status, text) == (0, "2 runs in both, 2 with the same bits, 0 differ\n")
    status, text = command("reference", "compare", tmp_path / "a", tmp_path / "c")
    assert status == 1
    assert text.endswith("2 runs in both, 0 with the same bits, 2 differ\n")
    one = sorted((tmp_path / "a").glob("*.json"))[0]
    status, text = command("reference", "compare", one, one)
    assert (status, text) == (0, "1 runs in both, 1 with the same bits, 0 differ\n")


def test_what_is_no_recording_is_told(tmp_path: Path, first: Path) -> None:
    status, text = command("reference", "compare", first, tmp_path)
    assert status == 2
    assert "a directory that `run --record` made is expected" in text
    (first / "00001.jsonl").write_text(json.dumps({"format": "other"}) + "\n")
    status, text = command("reference", "compare", first, first)
    assert status == 2
    assert "not a recording" in text
