"""The same bits as the original, and as every other compiler's kernel.

The work is done by the programs of `original/` and `portable/`; each runs in a process of its own,
because the comparison puts another BLAS before the system's.
"""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lbfgsb77

TESTS = Path(__file__).parent
NOTHING_TO_COMPARE_WITH = 2  # compare.py's status


def run(program, *arguments):
    done = subprocess.run(
        [sys.executable, TESTS / program, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("original", ["release", "system"])
def test_every_return_is_the_originals_and_every_branch_is_reached(original):
    status, printed = run(
        "original/compare.py", "--installed", "--branches", "--original", original, "--runs", "1000"
    )
    if status == NOTHING_TO_COMPARE_WITH:
        pytest.skip(printed.strip())
    assert status == 0, printed
    assert "1000 runs on " in printed
    assert " 0 runs differ" in printed
    # The collection has points that the release leaves outside of the box.
    outside = re.search(r"(\d+) points of the release were outside", printed)
    assert (outside is not None and int(outside[1]) > 0) == (original == "release")


def test_the_release_of_this_build_is_the_release():
    # Compiled by the build and called through f2py, it gives its own returns.
    pytest.importorskip("lbfgsb77._lbfgsb_original", reason="this build has no release")
    status, printed = run("original/compare.py", "--installed", "_lbfgsb_original")
    assert status == 0, printed
    assert "0 points of the release were outside" in printed
    assert " 0 runs differ" in printed


def test_the_loops_for_any_processor_give_the_originals_bits_on_one_that_has_avx2():
    # Where the build chooses among loops, it has made the kernel once more with these alone.
    pytest.importorskip("lbfgsb77._lbfgsb_any", reason="there is one kind of loops here")
    status, printed = run("original/compare.py", "--installed", "_lbfgsb_any", "--runs", "1000")
    if status == NOTHING_TO_COMPARE_WITH:
        pytest.skip(printed.strip())
    assert status == 0, printed
    assert "1000 runs" in printed
    assert " 0 runs differ" in printed


@pytest.mark.parametrize("processor", ["any", "avx2", "avx512"])
def test_directions_that_are_found_together_give_the_originals_bits(processor):
    # As in a batch, each run in all lanes of a vector: two, four or eight.
    if processor != "any":
        needed = "avx2" if processor == "avx2" else "avx512dq"
        cpuinfo = Path("/proc/cpuinfo")
        if not cpuinfo.exists() or needed not in cpuinfo.read_text(encoding="utf-8"):
            pytest.skip(f"this processor has no {needed}, or doesn't tell")
    status, printed = run(
        "original/compare.py", "--lanes", "--processor", processor, "--runs", "400", "--jobs", "1"
    )
    if status == NOTHING_TO_COMPARE_WITH:
        pytest.skip(printed.strip())
    assert status == 0, printed
    assert "400 runs" in printed
    assert " 0 runs differ" in printed


def test_a_caller_who_ends_the_first_search_early_gets_the_originals_bits_too():
    # A foreign NEW_X before the first iteration has ended: there are pairs, and no last list.
    status, printed = run("original/compare.py", "--installed", "--seed", "32", "--run", "1587")
    if status == NOTHING_TO_COMPARE_WITH:
        pytest.skip(printed.strip())
    assert status == 0, printed
    assert "1 runs" in printed


def test_comparison_finds_a_kernel_that_adds_in_another_order():
    # The harness itself: the same sources, with sums that the compiler may reorder, must not pass.
    status, printed = run(
        "original/compare.py", "--runs", "20", "--jobs", "1", "--flags=-O3 -ffast-math"
    )
    if status == NOTHING_TO_COMPARE_WITH:
        pytest.skip(printed.strip())
    assert status == 1, printed
    assert " | " in printed  # the first values that differ, side by side


@pytest.mark.parametrize(
    "way", ["release", "system", "gfortran -O0", "gfortran -O3", "checks and traps"]
)
def test_standalone_program_prints_the_golden_bytes(way):
    status, printed = run("portable/check.py", way)
    if "skipped:" in printed:
        pytest.skip(printed.splitlines()[0])
    assert status == 0, printed
    assert "1 passed, 0 failed" in printed


# As many runs as take some seconds: with more threads than processors each pass is slow.
@pytest.mark.parametrize(("threads", "runs"), [(2, 300), (3, 60), (8, 40)])
def test_threads_that_share_an_iteration_give_the_originals_bits(threads, runs):
    status, printed = run(
        "original/compare.py", "--threads", str(threads), "--runs", str(runs), "--jobs", "1"
    )
    if status == NOTHING_TO_COMPARE_WITH:
        pytest.skip(printed.strip())
    assert status == 0, printed
    assert " 0 runs differ" in printed


def stiff_modes(n, modes, equal):
    """Modes that pull the variables of the unit box together, many of these alike if `equal`."""
    rng = np.random.default_rng(n)
    vectors = rng.standard_normal((modes, n))
    if equal:
        vectors = np.round(vectors)
    vectors /= np.sqrt(n)
    stiffness = np.logspace(0, 3, modes)
    wanted = rng.standard_normal(modes) * np.sqrt(n) * 0.2

    def objective(x):
        miss = vectors @ x - wanted
        pull = stiffness * miss
        return 0.5 * float(pull @ miss) + 5e-4 * float(x @ x), pull @ vectors + 1e-3 * x

    return objective, np.full(n, 0.5)


# Paths past many breakpoints: products formed together (up to 32 pairs), rows fetched ahead,
# buckets, and with equal breakpoints the heap of all. 4096 columns' places in the caches coincide.
@pytest.mark.parametrize(("n", "m"), [(1500, 3), (3001, 10), (4096, 10), (1200, 40)])
@pytest.mark.parametrize(("modes", "equal"), [(20, False), (3, True)], ids=["distinct", "equal"])
def test_long_paths_have_the_bits_of_the_original(n, m, modes, equal):
    objective, x0 = stiff_modes(n, modes, equal)
    segments = []
    runs = []
    for name in ("lbfgsb77", "original"):
        try:
            with lbfgsb77.backend(name):
                solver = lbfgsb77.LBFGSB(x0, bounds=[(0, 1)] * n, m=m, maxiter=60, pgtol=0, factr=0)
        except ValueError as error:
            pytest.skip(str(error))
        points = []
        while not solver.done:
            x = solver.ask()
            points.append(x.tobytes())
            if solver.tell(*objective(x)):
                segments.append(solver.iterate.segments)
        runs.append(points)
    assert runs[0] == runs[1]
    assert sum(count > 20 for count in segments) >= (2 if equal else 4)
