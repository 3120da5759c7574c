"""Change the source in many ways, one at a time, and see which changes no test notices.

    python tests/mutants/run.py                  the list of named changes, then a sample
    python tests/mutants/run.py --sample 200 --seed 1
    python tests/mutants/run.py --only _run/     changes of files whose path contains this

Each change runs the tests that fit it: those that execute its line, the quickest first (measured
once by coverage.py, and kept in build/mutants); for the kernel, which is compiled anew, the
comparison with the original, the tests of its inner routines, and those of endings. A change that
makes tests fail, or run for ever, is noticed.

Prints what survives, and ends with status 1 if there is a survivor that expected.toml doesn't
explain. There a survivor that changes no behaviour says why, and one that does says why it may.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from importlib import resources
from pathlib import Path
from queue import Queue

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kernel_sources import LOOPS
from mutants import (
    KERNEL,
    PACKAGE,
    ROOT,
    Mutant,
    named,
    of_c,
    of_fortran,
    of_python,
)

HERE = Path(__file__).resolve().parent
BUILD = ROOT / "build" / "mutants"
INSTALLED = Path(str(resources.files("lbfgsb77")))

# A share of the sample is the kernel's.
KERNELS_SHARE = 0.3
# Seconds: of tests that a change of Python runs at the most; and until they count as hanging.
MOST, PATIENCE = 60, 150
# Where a file is executed by other processes, or its text is read: coverage.py sees nothing there.
UNSEEN = {
    "pytest_plugin.py": "tests/reference/test_reference_plugin.py",
    "__main__.py": "tests/reference/test_reference_command.py",
    "_run/layout.py": "tests/test_layout.py",
}
# What a change of the kernel runs, in this order.
KERNELS_TESTS = (
    "tests/test_same_bits.py::test_every_return_is_the_originals_and_every_branch_is_reached",
    "tests/test_same_bits.py::test_the_loops_for_any_processor_give_the_originals_bits_on_one_that_"
    "has_avx2",
    "tests/test_same_bits.py::test_directions_that_are_found_together_give_the_originals_bits",
    "tests/test_same_bits.py::test_standalone_program_prints_the_golden_bytes",
    "tests/kernels",
    "tests/test_reason.py",
    "tests/test_noise.py",
    "tests/test_nonfinite.py",
    "tests/test_pairs.py",
    "tests/test_status.py",
    "tests/test_solver.py",
    "tests/test_limits.py",
    "tests/test_setulb.py",
    "tests/test_checkpoint.py",
    "tests/test_batch.py",
    "tests/test_known_minima.py",
    "tests/test_workspace.py",
)


def main() -> int:
    parser = argparse.ArgumentParser(description="See which changes no test notices.")
    parser.add_argument("--sample", type=int, default=200, help="changes besides the named ones")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="changes of files whose path contains this")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()

    expected = tomllib.loads((HERE / "expected.toml").read_text(encoding="utf-8"))
    chosen = [named(*change.values()) for change in expected["named"]]
    chosen += sample(options.sample, options.seed)
    chosen = [mutant for mutant in chosen if options.only in str(mutant.file)]
    covering = tests_by_line()
    places = Queue[Place]()
    for number in range(options.jobs):
        places.put(Place(BUILD / f"place{number}"))

    def survives(mutant: Mutant) -> bool:
        place = places.get()
        try:
            return place.passes(mutant, covering)
        finally:
            places.put(place)

    began = time.monotonic()
    reasons = {entry["change"]: entry["reason"] for entry in expected.get("survivor", [])}
    survivors, unexplained = [], 0
    with ThreadPoolExecutor(options.jobs) as pool:
        for mutant, alive in zip(chosen, pool.map(survives, chosen), strict=True):
            if alive:
                survivors.append(mutant)
                reason = reasons.get(mutant.name, "")
                unexplained += not reason
                print(f"survives: {mutant.name}\n    {reason or 'NO REASON KNOWN'}", flush=True)
    print(
        f"{len(chosen)} changes, {len(chosen) - len(survivors)} noticed, {len(survivors)} not, "
        f"{unexplained} of them without a reason ({time.monotonic() - began:.0f} s)"
    )
    return 1 if unexplained else 0


def sample(size: int, seed: int) -> list[Mutant]:
    """Some of all changes, the kernel's and the package's."""
    chooser = random.Random(seed)
    kernels = [m for file in sorted(KERNEL.glob("*.f")) for m in of_fortran(file)]
    kernels += [m for name in LOOPS for m in of_c(KERNEL / name)]
    packages = [m for file in sorted(PACKAGE.rglob("*.py")) for m in of_python(file)]
    # The problems are data: their tests compare them with published values.
    packages = [m for m in packages if "problems" not in m.file.parts]
    share = round(size * KERNELS_SHARE)
    return chooser.sample(packages, size - share) + chooser.sample(kernels, share)


# Which tests execute a line -----------------------------------------------------------------------


class Covering:
    """The tests, as pytest names them, that execute each line of the package; and their times."""

    def __init__(self, lines: dict[str, list[str]], seconds: dict[str, float]) -> None:
        self._lines, self._seconds = lines, seconds

    def of(self, mutant: Mutant) -> list[str]:
        """The quickest of those that execute a change, as many as there is time for."""
        file = mutant.file.relative_to(PACKAGE).as_posix()
        tests = set(self._lines.get(f"{file}:{mutant.line}", ()))
        if not tests:
            # What is executed at import has an effect on all that the file does.
            tests = {
                t for line in self._lines if line.startswith(f"{file}:") for t in self._lines[line]
            }
        chosen, total = [UNSEEN[file]] if file in UNSEEN else [], 0.0
        for test in sorted(tests, key=lambda test: (self._seconds.get(test, 1.0), test)):
            total += self._seconds.get(test, 1.0)
            if total > MOST:
                break
            chosen.append(test)
        return chosen


def tests_by_line() -> Covering:
    """What coverage.py has measured, now or when this source was measured last."""
    kept = BUILD / "tests_by_line.json"
    sources = [*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("test_*.py")]
    if kept.exists() and kept.stat().st_mtime > max(file.stat().st_mtime for file in sources):
        return Covering(**json.loads(kept.read_text(encoding="utf-8")))
    print("Measuring which tests execute which lines", flush=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    settings = BUILD / "coverage.ini"
    settings.write_text("[run]\ndynamic_context = test_function\n", encoding="utf-8")
    data, times = BUILD / "coverage.data", BUILD / "times.xml"
    coverage = [sys.executable, "-m", "coverage"]
    subprocess.run(
        [*coverage, "run", f"--rcfile={settings}", f"--data-file={data}", f"--source={INSTALLED}",
         # A signal inside of coverage.py's own lock would leave it locked.
         "-m", "pytest", "-q", "--ignore=tests/test_interruption.py",
         f"--junitxml={times}", "-o", "junit_family=xunit1"],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    from coverage import CoverageData

    seconds: dict[str, float] = defaultdict(float)
    for case in ElementTree.parse(times).iter("testcase"):
        file = case.get("file", "")
        scope = case.get("classname", "").rpartition(Path(file).stem)[2].strip(".")
        function = case.get("name", "").partition("[")[0]
        seconds["::".join(filter(None, (file, scope, function)))] += float(case.get("time", "1"))
    # coverage.py names a test by its module.
    by_module = {Path(test.partition("::")[0]).stem: test.partition("::")[0] for test in seconds}
    found = CoverageData(basename=str(data))
    found.read()
    lines: dict[str, list[str]] = {}
    for file in found.measured_files():
        name = Path(file).relative_to(INSTALLED).as_posix()
        for line, contexts in found.contexts_by_lineno(file).items():
            tests = []
            for context in filter(None, contexts):
                module, _, function = context.partition(".")
                if module in by_module:
                    tests.append(f"{by_module[module]}::{function.replace('.', '::')}")
            lines[f"{name}:{line}"] = [test for test in tests if test in seconds]
    kept.write_text(json.dumps({"lines": lines, "seconds": seconds}), encoding="utf-8")
    return Covering(lines, seconds)


# Where a changed package is tried -----------------------------------------------------------------


class Place:
    """A copy of the sources and of the installed package, for one change at a time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._package = directory / "lbfgsb77"
        shutil.rmtree(self._package, ignore_errors=True)
        shutil.copytree(INSTALLED, self._package)
        self._sources = directory / "sources"
        shutil.rmtree(self._sources, ignore_errors=True)
        self._sources.mkdir(parents=True)
        for name in (
            "fortran",
            "tests/kernels.pyf",
            "tests/kernel_passes.f",
            "meson.build",
            "meson.options",
            "python",
            "LICENSE",
        ):
            source, target = ROOT / name, self._sources / name
            target.parent.mkdir(exist_ok=True)
            shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
        self._build = directory / "build"

    def passes(self, mutant: Mutant, covering: Covering) -> bool:
        """Whether all fitting tests pass with a change."""
        if mutant.file.suffix == ".py":
            target = self._package / mutant.file.relative_to(PACKAGE)
            tests = covering.of(mutant)
            return self._changed(target, mutant, lambda: self._pass(tests))
        target = self._sources / mutant.file.relative_to(ROOT)
        alive = self._changed(
            target, mutant, lambda: self._compiles() and self._pass(KERNELS_TESTS)
        )
        return alive

    def _changed(self, target: Path, mutant: Mutant, passes) -> bool:
        before = target.read_text(encoding="utf-8")
        target.write_text(mutant.text(), encoding="utf-8")
        try:
            return passes()
        finally:
            target.write_text(before, encoding="utf-8")

    def _compiles(self) -> bool:
        if not self._build.exists():
            subprocess.run(
                ["meson", "setup", self._build, self._sources, "-Dkernel_tests=true",
                 "-Dsystem=disabled"],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        if subprocess.run(["ninja", "-C", self._build], capture_output=True).returncode:
            return False
        for library in (self._build / "fortran").glob("_*.so"):
            shutil.copy2(library, self._package)
        return True

    def _pass(self, tests: Iterable[str]) -> bool:
        # A line that no test executes: whatever is done to it, nothing fails.
        if not (tests := list(tests)):
            return True
        command = [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
        environment = os.environ | {
            "PYTHONPATH": str(self._directory),
            "LBFGSB77_TEST_KERNEL": str(self._sources / "fortran"),
        }
        try:
            done = subprocess.run(
                [*command, *tests], cwd=ROOT, env=environment, capture_output=True,
                timeout=PATIENCE, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
