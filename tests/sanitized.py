"""Run the tests that reach the kernel under the address and undefined-behaviour sanitizers.

    python tests/sanitized.py                        what `make test-sanitized` runs
    python tests/sanitized.py tests/test_solver.py   these tests

The package is built with gcc's sanitizers in build/sanitized, where it stays between runs; the
interpreter, which has none, gets their library before all others. An index out of range in C or
Fortran, an overflow of a signed integer, a misaligned pointer then ends the process. What the
interpreter never frees at its end is no leak of ours, so leaks aren't looked for.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "sanitized"
TESTS = (
    "tests/kernels",
    "tests/test_batch.py",
    "tests/test_bounds.py",
    "tests/test_checkpoint.py",
    "tests/test_first_fits.py",
    "tests/test_fmin.py",
    "tests/test_fuzz.py",
    "tests/test_isolation.py",
    "tests/test_known_minima.py",
    "tests/test_limits.py",
    "tests/test_noise.py",
    "tests/test_nonfinite.py",
    "tests/test_pairs.py",
    "tests/test_properties.py",
    "tests/test_reason.py",
    "tests/test_setulb.py",
    "tests/test_solver.py",
    "tests/test_status.py",
)


def main(tests: list[str]) -> int:
    """Build, install and run."""
    if not (BUILD / "build.ninja").exists():
        run(
            *("meson", "setup", BUILD, ROOT, f"--prefix={BUILD / 'prefix'}"),
            *("-Dkernel_tests=true", "-Dsystem=disabled", "-Db_sanitize=address,undefined"),
            # -O1: gcc's own advice for legible reports; the loops for AVX2 are there all the same.
            *("-Doptimization=1", "-Ddebug=true", "-Db_lundef=false"),
        )
    run("meson", "install", "-C", BUILD, "--quiet")
    (package,) = (BUILD / "prefix").rglob("lbfgsb77/__init__.py")
    environment = os.environ | {
        "LD_PRELOAD": " ".join(library(name) for name in ("libasan.so", "libubsan.so")),
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
        "PYTHONPATH": str(package.parents[1]),
        "PYTHONMALLOC": "malloc",  # so that each object has its own red zones
    }
    where = subprocess.run(
        [sys.executable, "-c", "import lbfgsb77; print(lbfgsb77.__path__[0])"],
        env=environment, cwd=BUILD, capture_output=True, text=True, check=True,
    )  # fmt: skip
    if Path(where.stdout.strip()) != package.parent:
        raise SystemExit(f"{where.stdout.strip()} was imported, not {package.parent}")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
    return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def library(name: str) -> str:
    """The path of one of the compiler's libraries."""
    shown = run(os.environ.get("CC", "gcc"), f"-print-file-name={name}")
    return str(Path(shown.strip()).resolve())


def run(*command: str | Path) -> str:
    """Run a command, or stop with what it said."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(TESTS)))
