"""The same bits as the original, and as every other compiler's kernel.

The work is done by the programs of `original/` and `portable/`; each runs in a process of its own,
because the comparison puts another BLAS before the system's.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

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
