"""Which lines of the kernel no run of the collection reaches.

    python tests/original/coverage.py --runs 4000

Compiles ../../fortran with gcov's counters, makes the runs, and lists every executable line that
none of them reached. REASONS says why no run that the original could make reaches them; status 1 if
a routine that is not there has such a line.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from libraries import KERNEL, MissingError, release_sources, small, sources_with_lanes

HERE = Path(__file__).resolve().parent

# The routines that have such lines, and what the lines are for.
NOT_FINITE = "an evaluation that is not finite; the original has nothing for it"
GIVEN_PAIRS = "a start with given pairs, which the original has not"
FROM_PYTHON = "what Python calls; the comparison calls setulb itself, as the original's callers do"
REASONS = {
    "callers_setulb": FROM_PYTHON,
    "check_state": FROM_PYTHON,
    "within": FROM_PYTHON,
    "given_pairs": GIVEN_PAIRS,
    "iteration": GIVEN_PAIRS,
    "look_at_start": NOT_FINITE,
    "continue_search": NOT_FINITE,
    "note_not_finite": NOT_FINITE,
    "more_thuente": "a negative first trial, which no caller makes",
    "shorten": "a variable on its bound heads outside only by a rounding of the truncated step",
    # gcov gives no name to lines of a function that is only there inlined.
    "": "pairs that fill more than the caches are fetched ahead, and these problems are small",
    "team_wanted": "these runs share problems however small (tests/test_threads.py)",
    **dict.fromkeys(
        ("before_fork", "after_fork", "in_child", "is_called", "help"),
        "forks, and helpers that nobody wants any more: tests/test_threads.py",
    ),
    **dict.fromkeys(
        ("begin", "team_begin", "team_processors"),
        "a system that gives no thread, no memory or doesn't tell its processors",
    ),
    **dict.fromkeys(
        ("team_next", "team_take_over", "team_end"),
        "a thread alone doesn't ask",
    ),
}


def unreached(runs: int, seed: int, kernel: Path) -> tuple[dict[str, list[str]], int]:
    """The lines that were not reached, by routine, and how many were."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        library = directory / "kernel.so"
        subprocess.run(
            ["gfortran", "-O0", "-ffp-contract=off", "--coverage", "-fprofile-update=atomic",
             "-DHAS_THREADS", "-pthread", "-shared", "-fPIC", "-Wl,-Bsymbolic", "-o", library,
             *map(small, sources_with_lanes(kernel))],
            cwd=directory, check=True,
        )  # fmt: skip
        for way, some in (
            (["--threads", "1"], runs),
            (["--threads", "3"], max(1, runs // 40)),
            (["--lanes"], runs),
        ):
            subprocess.run(
                [sys.executable, HERE / "compare.py", "--library", library, "--runs", str(some),
                 "--seed", str(seed), "--jobs", "1", *way],
                check=True, stdout=subprocess.DEVNULL,
            )  # fmt: skip
        subprocess.run(
            ["gcov", "--json-format", *map(str, directory.glob("*.gcda"))],
            cwd=directory, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        counts: collections.Counter[tuple[str, int, str]] = collections.Counter()
        for report in directory.glob("*.gcov.json.gz"):
            for source in json.loads(gzip.decompress(report.read_bytes()))["files"]:
                for line in source["lines"]:
                    # Of a module's routine, __name_mod_MOD_routine; of one inside it, routine.3.
                    routine = line.get("function_name", "").rpartition("_MOD_")[2]
                    routine = routine.partition(".")[0].rstrip("_")
                    counts[Path(source["file"]).name, line["line_number"], routine] += line["count"]
    missed: dict[str, list[str]] = {}
    for (file, number, routine), count in sorted(counts.items()):
        # What a compiler makes of itself, such as the copy of a derived type, is nobody's line.
        if count == 0 and not routine.startswith("__copy_"):
            text = (kernel / file).read_text().splitlines()[number - 1].strip()
            missed.setdefault(routine, []).append(f"{file}:{number}: {text}")
    return missed, sum(count > 0 for count in counts.values())


def main() -> int:
    parser = argparse.ArgumentParser(description="Lines of the kernel that no run reaches.")
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kernel", type=Path, default=KERNEL)
    options = parser.parse_args()
    try:
        release_sources()
    except MissingError as missing:
        print(f"cannot measure: {missing}")
        return 2

    missed, reached = unreached(options.runs, options.seed, options.kernel)
    for routine, lines in missed.items():
        print(f"{routine}: {REASONS.get(routine, 'NO REASON KNOWN')}")
        for line in lines:
            print(f"    {line}")
    number = sum(map(len, missed.values()))
    print(f"{reached} lines reached, {number} not ({options.runs} runs)")
    return 1 if missed.keys() - REASONS.keys() else 0


if __name__ == "__main__":
    sys.exit(main())
