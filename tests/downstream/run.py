"""Run the tests of those who call L-BFGS-B on lbfgsb77 in place of SciPy's.

    python tests/downstream/run.py                 every environment of environments.py
    python tests/downstream/run.py scipy-1.14.1    these alone
    python tests/downstream/run.py --record        all, and write RESULTS.md
    python tests/downstream/run.py --again         judge what the last runs left, without a run

Each environment is a virtual environment below build/downstream, made once; the package is built
as a wheel, once for each Python.  Every test runs on plain SciPy too, once.  One that passes there
and not on lbfgsb77 fails, unless accepted.toml gives the reason; one that accepted.toml lists and
that passes fails too.  The status is 1 if any does.
"""

from __future__ import annotations

import argparse
import datetime
import fnmatch
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tarfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from environments import ENVIRONMENTS, Environment
from interpreters import Interpreter, newest

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
PLACE = REPOSITORY / "build" / "downstream"
RESULTS = HERE / "RESULTS.md"
BUILD_TOOLS = ("meson>=1.5", "meson-python>=0.17", "ninja", "numpy>=2.1")
# How a threaded BLAS rounds depends on the threads.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")

Tests = dict[str, dict[str, Any]]
MISSING = {"outcome": "missing"}


# Environments and the wheel -----------------------------------------------------------------------


def execute(command: Sequence[str | Path], **more: Any) -> None:
    """Run a command that must succeed; what it prints is shown only if it doesn't."""
    done = subprocess.run(command, capture_output=True, text=True, **more)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        raise SystemExit(f"failed: {' '.join(map(str, command))}")


def virtual_environment(place: Path, interpreter: Interpreter, packages: Sequence[str]) -> Path:
    """The Python of an environment with these packages, made if it isn't there as wanted."""
    python = place / "bin" / "python"
    made = place / "made"
    wanted = "\n".join([interpreter.path, *packages])
    if not (made.exists() and made.read_text() == wanted):
        print(f"Making {place.relative_to(REPOSITORY)}", flush=True)
        execute([interpreter.path, "-m", "venv", "--clear", place])
        execute([python, "-m", "pip", "install", "-q", *packages])
        made.write_text(wanted)
    return python


def folder_of_tests(python: Path, environment: Environment) -> Path:
    """Where the files of the suites are."""
    place = python.parents[1]
    if any(name.startswith("uses/") for names in environment.suites.values() for name in names):
        return HERE
    if not environment.source:
        (site_packages,) = place.glob("lib/python*/site-packages")
        return site_packages
    source = place / "source"
    if not source.exists():
        package = environment.packages[0]
        code = f"from importlib.metadata import version; print(version({package!r}), end='')"
        version = subprocess.check_output([python, "-c", code], text=True)
        execute(
            [
                *(python, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", package),
                *("-d", place, f"{package}=={version}"),
            ]
        )
        (archive,) = place.glob("*.tar.gz")
        with tarfile.open(archive) as files:
            files.extractall(source, filter="data")
    (root,) = source.iterdir()
    # Not the package itself: the one that is installed is tested.
    for other in root.iterdir():
        if other.name not in environment.source:
            shutil.rmtree(other) if other.is_dir() else other.unlink()
    return root


@cache
def build_wheel(interpreter: Interpreter) -> Path:
    """The package built for a Python; what hasn't changed isn't compiled again."""
    version = ".".join(map(str, interpreter.version))
    place = PLACE / f"build-{version}"
    python = virtual_environment(place, interpreter, BUILD_TOOLS)
    for old in place.glob("*.whl"):
        old.unlink()
    print(f"Building lbfgsb77 for Python {version}", flush=True)
    execute(
        [
            *(python, "-m", "pip", "wheel", "-q", REPOSITORY, "-w", place),
            *("--no-build-isolation", "--no-deps", f"-Cbuild-dir={place / 'meson'}"),
            "-Csetup-args=-Dsystem=disabled",
        ],
        env=os.environ | {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
    )
    (wheel,) = place.glob("*.whl")
    return wheel


def versions(python: Path, environment: Environment) -> str:
    """What an environment holds, such as ``Python 3.13.0, lbfgsb77 0.1.0, scipy 1.14.1``."""
    names = dict.fromkeys(
        ["lbfgsb77", "numpy", "scipy", environment.packages[0].partition("==")[0]]
    )
    code = f"""\
from importlib.metadata import version
from platform import python_version
print("Python", python_version(), end="")
for name in {list(names)}:
    print(",", name, version(name), end="")
"""
    return subprocess.check_output([python, "-c", code], text=True)


# Runs ---------------------------------------------------------------------------------------------


def run_tests(python: Path, minimizer: str, environment: Environment, kept: bool) -> Tests:
    """What became of each test; pytest's own words go to a log in the environment.

    `kept`: that of the last run of the same tests, if there was one.
    """
    place = python.parents[1]
    tests = folder_of_tests(python, environment)
    outcomes, log, plan = (place / f"{minimizer}.{end}" for end in ("json", "log", "sh"))
    command: list[str | Path] = [
        *(python, "-m", "pytest", "-q", "-c", HERE / "pytest.ini", f"--rootdir={tests}"),
        *("-p", "no:cacheprovider", "-p", "lbfgsb77_for_scipy", "--timeout=600"),
        *(f"--minimizer={minimizer}", f"--outcomes={outcomes}", *environment.options),
        *(["--late"] if environment.late and minimizer == "lbfgsb77" else []),
        *(name for names in environment.suites.values() for name in names),
    ]
    line = shlex.join(map(str, command))
    if not (kept and outcomes.exists() and plan.read_text() == line):
        print(f"Testing {environment.name} on {minimizer}", flush=True)
        outcomes.unlink(missing_ok=True)
        plan.write_text(line)
        with log.open("w") as file:
            subprocess.run(
                command,
                cwd=tests,
                env=os.environ | ONE_THREAD | {"PYTHONPATH": str(HERE)},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
    if not outcomes.exists():
        sys.stderr.write(log.read_text())
        raise SystemExit(f"pytest did not finish: {line}")
    found: Tests = json.loads(outcomes.read_text())
    return found


@dataclass
class Accepted:
    """An entry of accepted.toml: tests that may fail in some environments, and why."""

    test: str
    environments: list[str]
    reason: str

    def covers(self, environment: Environment, test: str) -> bool:
        """Whether this entry is about that test there."""
        return environment.name in self.environments and fnmatch.fnmatchcase(test, self.test)


@dataclass
class Row:
    """A line of the table: what became of one suite in one environment."""

    environment: str
    suite: str
    plain_passed: int = 0
    passed: int = 0
    accepted: int = 0
    failed: list[str] = field(default_factory=list)
    minimizing: int = 0

    def cells(self) -> tuple[str, ...]:
        """The line's cells."""
        numbers = self.plain_passed, self.passed, self.minimizing, self.accepted, len(self.failed)
        return self.environment, self.suite, *map(str, numbers)


HEADINGS = (
    "environment",
    "suite",
    "passed on SciPy",
    "passed on lbfgsb77",
    "that minimized",
    "accepted",
    "failed",
)


def judge(
    environment: Environment, suite: str, ours: Tests, plain: Tests, accepted: list[Accepted]
) -> Row:
    """Compare a suite's outcomes on lbfgsb77 with those on plain SciPy."""
    row = Row(environment.name, suite)
    for test in sorted(ours.keys() | plain.keys()):
        if not test.startswith(environment.suites[suite]):
            continue
        here = ours.get(test, MISSING)
        there = plain.get(test, MISSING)
        row.plain_passed += there["outcome"] == "passed"
        if here["outcome"] == "passed":
            row.passed += 1
            row.minimizing += here["runs"] > 0
        elif here["outcome"] == "failed" and any(e.covers(environment, test) for e in accepted):
            row.accepted += 1
        elif there["outcome"] == "passed" or here["outcome"] == "failed" != there["outcome"]:
            row.failed.append(test)
    return row


def check(
    environment: Environment, accepted: list[Accepted], again: bool
) -> tuple[str, list[Row], list[str]]:
    """An environment's versions, its lines of the table, and what is wrong with it."""
    interpreter = newest(environment.newest_python)
    python = virtual_environment(PLACE / environment.name, interpreter, environment.packages)
    if not again:
        wheel = build_wheel(interpreter)
        execute([python, "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", wheel])
    ours = run_tests(python, "lbfgsb77", environment, kept=again)
    plain = run_tests(python, "scipy", environment, kept=True)
    rows = [judge(environment, suite, ours, plain, accepted) for suite in environment.suites]
    complaints = [f"{environment.name}: {test} fails" for row in rows for test in row.failed]
    for entry in accepted:
        if environment.name in entry.environments and not any(
            test["outcome"] == "failed" and entry.covers(environment, name)
            for name, test in ours.items()
        ):
            complaints.append(f"{environment.name}: {entry.test} is accepted but doesn't fail")
    for row in rows:
        if not row.minimizing:
            complaints.append(f"{environment.name}: no test of {row.suite} called lbfgsb77")
    return versions(python, environment), rows, complaints


# The command --------------------------------------------------------------------------------------


def table(rows: Sequence[Row]) -> str:
    """The lines, aligned, as Markdown reads them."""
    lines = [HEADINGS, *(row.cells() for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    text = [
        "| "
        + " | ".join(
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in lines
    ]
    rule = [("-" * width if i < 2 else "-" * (width - 1) + ":") for i, width in enumerate(widths)]
    return "\n".join([text[0], "| " + " | ".join(rule) + " |", *text[1:]])


def record(text: str, contents: dict[str, str]) -> None:
    """Write RESULTS.md."""
    today = datetime.datetime.now(datetime.UTC).date()
    held = "\n".join(f"- {name}: {what}" for name, what in contents.items())
    RESULTS.write_text(
        "# Downstream tests on lbfgsb77\n\n"
        f"{today}, {platform.system()} {platform.machine()}; written by "
        "`python tests/downstream/run.py --record`, explained in README.md.\n\n"
        f"{text}\n\n{held}\n"
    )


def main() -> int:
    """Run the environments asked for."""
    names = [environment.name for environment in ENVIRONMENTS]
    parser = argparse.ArgumentParser(description="Run the tests of lbfgsb77's users.")
    parser.add_argument("environments", nargs="*", metavar="ENVIRONMENT", help=", ".join(names))
    parser.add_argument("--record", action="store_true", help="write RESULTS.md")
    parser.add_argument("--again", action="store_true", help="judge the last runs again")
    options = parser.parse_args()
    if unknown := set(options.environments) - set(names):
        parser.error(f"no environment {', '.join(unknown)}; there are {', '.join(names)}")
    if options.record and options.environments:
        parser.error("--record is for all environments together")

    listed = tomllib.loads((HERE / "accepted.toml").read_text())
    accepted = [Accepted(**entry) for entry in listed.get("failure", [])]
    rows: list[Row] = []
    contents: dict[str, str] = {}
    complaints: list[str] = []
    for environment in ENVIRONMENTS:
        if environment.name in (options.environments or names):
            contents[environment.name], more, wrong = check(environment, accepted, options.again)
            rows += more
            complaints += wrong
    text = table(rows)
    print(f"\n{text}\n")
    for name, what in contents.items():
        print(f"{name}: {what}")
    print(*complaints, sep="\n")
    if options.record:
        record(text, contents)
    passed = sum(row.passed for row in rows)
    print(f"{passed} passed, {len(complaints)} failed")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
