"""Which lines of the kernel no run of the collection reaches.

    python tests/original/coverage.py --runs 4000

Compiles ../../fortran with gcov's counters, makes the runs, and lists every executable line that
none of them reached. Each must be listed below, with the reason why no run that the original could
make reaches it; status 1 if another one was not reached.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from libraries import KERNEL, MissingError, find_genuine

HERE = Path(__file__).resolve().parent

# What the original does not have, so that there is nothing to compare with.
NOT_FINITE = "an evaluation that is not finite: tests/test_nonfinite.py"
GIVEN_PAIRS = "a start with given pairs"
OTHER_FILES = {"given_pairs.f": GIVEN_PAIRS}
UNREACHED = {
    ("iteration.f", "task = 'ABNORMAL_TERMINATION_IN_LNSRCH'"): NOT_FINITE,
    ("iteration.f", "&      products(1, 1, 3), list, dsave(d_theta), work, ok)"): GIVEN_PAIRS,
    ("iteration.f", "isave(i_updates) = isave(i_pairs)"): GIVEN_PAIRS,
    ("iteration.f", "if (lsave(l_bounded)) isave(i_free) = 0"): GIVEN_PAIRS,
    ("iteration.f", "task = 'FG_START'"): GIVEN_PAIRS,
    ("iteration.f", "if (.not. ok) task = 'ERROR: PAIRS NOT POSITIVE DEFINITE'"): GIVEN_PAIRS,
    ("iteration.f", "return"): GIVEN_PAIRS,
    ("line_search.f", "best = 0"): NOT_FINITE,
    ("line_search.f", "if (csave(1:5) /= 'ERROR') best = dsave(d_best_end)"): NOT_FINITE,
    ("line_search.f", "dsave(d_step) = best + 0.5d0*(dsave(d_step) - best)"): NOT_FINITE,
    ("line_search.f", "&                   outcome)"): NOT_FINITE,
    ("line_search.f", "return"): NOT_FINITE,
    # Nothing can make the first trial negative; the search is complete without its callers.
    ("more_thuente.f", "csave = 'ERROR: STP .LT. STPMIN'"): "a negative first trial",
    ("more_thuente.f", "return"): "a negative first trial",
    # A variable on its bound doesn't head outside, but for the rounding of a truncated step.
    ("search_start.f", "largest = 0"): "a direction out of the box by a rounding",
}


def unreached(runs: int, seed: int, kernel: Path) -> tuple[list[tuple[str, int, str]], int]:
    """The lines that were not reached (file, number, text), and how many were."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        files = [path for path in sorted(kernel.glob("*.f")) if not path.name.startswith("packed_")]
        library = directory / "kernel.so"
        subprocess.run(
            ["gfortran", "-O0", "-ffp-contract=off", "--coverage", "-shared", "-fPIC",
             "-Wl,-Bsymbolic", f"-I{kernel}", "-o", library, *files],
            cwd=directory, check=True,
        )  # fmt: skip
        subprocess.run(
            [sys.executable, HERE / "compare.py", "--library", library, "--runs", str(runs),
             "--seed", str(seed), "--jobs", "1"],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        subprocess.run(
            ["gcov", "--json-format", *map(str, directory.glob("*.gcda"))],
            cwd=directory, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        counts: dict[tuple[str, int], int] = {}
        for report in directory.glob("*.gcov.json.gz"):
            for source in json.loads(gzip.decompress(report.read_bytes()))["files"]:
                for line in source["lines"]:
                    key = Path(source["file"]).name, line["line_number"]
                    counts[key] = counts.get(key, 0) + line["count"]
    texts = {path.name: path.read_text().splitlines() for path in files}
    missed = [(file, number, texts[file][number - 1].strip())
              for (file, number), count in sorted(counts.items())
              if count == 0 and file in texts]  # fmt: skip
    return missed, sum(count > 0 for count in counts.values())


def main() -> int:
    parser = argparse.ArgumentParser(description="Lines of the kernel that no run reaches.")
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kernel", type=Path, default=KERNEL)
    options = parser.parse_args()
    try:
        find_genuine()
    except MissingError as missing:
        print(f"cannot measure: {missing}")
        return 2

    missed, reached = unreached(options.runs, options.seed, options.kernel)
    status = 0
    for file, number, text in missed:
        reason = OTHER_FILES.get(file) or UNREACHED.get((file, text))
        if reason is None:
            status = 1
        print(f"{file}:{number}: {text}\n    {reason or 'NO REASON KNOWN'}")
    print(f"{reached} lines reached, {len(missed)} not ({options.runs} runs)")
    return status


if __name__ == "__main__":
    sys.exit(main())
