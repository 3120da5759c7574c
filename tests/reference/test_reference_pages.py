"""The how-to pages about the reference say what is so."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lbfgsb77.__main__ import _parser
from lbfgsb77.reference import golden, problems

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to"


@pytest.fixture(scope="module")
def measure_ports():
    spec = importlib.util.spec_from_file_location("measure_ports", ROOT / "tools/measure_ports.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclass looks itself up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def measured(measure_ports):
    found = json.loads(measure_ports.MEASURED.read_text(encoding="utf-8"))
    return {one["name"]: one for one in found}


def test_the_page_on_implementations_is_what_the_measurement_renders_to(measure_ports, measured):
    assert measure_ports.PAGE.read_text(encoding="utf-8") == measure_ports.render(
        [*measured.values()]
    )


def test_the_measurement_has_its_provenance_and_all_problems(measure_ports, measured):
    assert list(measured) == [one.name for one in measure_ports.IMPLEMENTATIONS]
    for one in measured.values():
        assert re.search(r"\d", one["version"])
        assert "platform" in one["provenance"]
        names = {row["problem"] for row in one["rows"] if row["setting"] == "default"}
        assert names == {problem.name for problem in problems.select(finite=True)}


def test_the_table_agrees_with_runs_of_the_kernel_here(measured):
    for row in measured["lbfgsb77"]["rows"]:
        assert row["level"] == "bits"
        # Other objectives depend on the machine's exp and sin.
        packaged = golden(row["problem"], row["setting"])
        if packaged is not None:
            assert row["evaluations"][1] == len(packaged.distinct_evaluations)


def counts_of(measured, name: str) -> dict[str, int]:
    rows = measured[name]["rows"]
    return {r["problem"]: r["evaluations"][1] for r in rows if r["setting"] == "default"}


def test_the_table_agrees_with_a_program_of_r_alone(measured):
    """R's manual has it: ?optim, its example, and the counts that it prints."""
    if shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    # In the collection's own order of operations, so that rounding is the same.
    program = """
    fr <- function(x) (10 * (x[2] - x[1] * x[1]))^2 + (1 - x[1])^2
    gr <- function(x) {
      a <- 10 * (x[2] - x[1] * x[1]); b <- 1 - x[1]
      c(2 * a * (-20 * x[1]) + 2 * b * -1, 2 * a * 10)
    }
    run <- optim(c(-1.2, 1), fr, gr, method = "L-BFGS-B",
                 control = list(lmm = 10, factr = 1e7, pgtol = 1e-5, maxit = 15000))
    cat(run$counts["function"])
    """
    run = subprocess.run(["Rscript", "-e", program], capture_output=True, text=True, check=True)
    assert int(run.stdout) == counts_of(measured, "optim (R)")["rosenbrock"]


def test_the_table_agrees_with_scipy_itself(measured):
    scipy = pytest.importorskip("scipy")
    optimize = pytest.importorskip("scipy.optimize")
    name = f"SciPy {scipy.__version__}"
    if name not in measured:
        pytest.skip(f"{name} is not in the table")
    for problem, count in counts_of(measured, name).items():
        if problem in ("rosenbrock", "wood", "hs1", "hs38", "mixed-bounds", "beale"):
            one = problems.get(problem)
            run = optimize.minimize(one, one.start, jac=True, method="L-BFGS-B", bounds=one.bounds)
            assert run.nfev == count, problem


def test_the_commands_of_the_ci_page_are_commands():
    text = (HOW_TO / "ci-baseline.md").read_text(encoding="utf-8")
    joined = re.sub(r"\n +--", " --", text)  # the workflow's command goes on over lines
    commands = re.findall(r"python -m lbfgsb77 ([a-z][^`\n]*)", joined)
    assert len(commands) >= 7
    for command in commands:
        assert _parser().parse_args(shlex.split(command)).run
