"""Run all packaged traces again on the original and compare every bit.

    python tests/reference/confirm_golden.py          on the authors' release
    python tests/reference/confirm_golden.py system   on Debian's library

A trace that the release parts from, because it asks outside of the box where rounding takes a point
past a bound, says so: `Trace.parts_from_release` is the first such evaluation. The release is to
part from it there and nowhere else.

Exit status: 0 all as they are to be, 1 some differ, 77 there is nothing here to compare with.
In a process of its own, because the plain BLAS takes the place of any other that is loaded later.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from fortran_library import libraries, solver_on

from lbfgsb77.reference import compare, golden, golden_runs, record


def main() -> int:
    found = libraries()
    which = sys.argv[1] if len(sys.argv) > 1 else "release"
    try:
        setulb = found.release() if which == "release" else found.system()
    except found.MissingError as missing:
        print(missing)
        return 77
    solver = solver_on(setulb, takes_maxls=False)
    if which == "system":
        assert found.interposed(lambda: record(solver, "wood")), "the plain BLAS is not in use"
    runs = evaluations = parted = different = 0
    for problem, setting in golden_runs():
        runs += 1
        packaged = golden(problem, setting)
        if packaged is None:
            print(f"{problem.name} ({setting}): no packaged trace")
            different += 1
            continue
        original = record(solver, problem, **packaged.options)
        evaluations += len(original.evaluations)
        comparison = compare(packaged, original)
        first = comparison.first_difference
        marked = packaged.parts_from_release if which == "release" else None
        if marked is not None:
            parted += 1
            as_marked = first is not None and (first.what, first.evaluation) == ("x", marked)
        else:
            # Beyond what `compare` looks at: the task at the end, to the letter.
            same_end = packaged.outcome.message == original.outcome.message
            as_marked = comparison.level == "bits" and same_end
        if not as_marked:
            different += 1
            messages = packaged.outcome.message, original.outcome.message
            print(f"({setting}) {comparison}\n{messages}\n")
    print(
        f"{runs} runs, {evaluations} evaluations on the {which}: {parted} part as they are marked, "
        f"{different} differ"
    )
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
