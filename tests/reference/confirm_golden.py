"""Run all packaged traces again on the genuine library and compare every bit.

    python tests/reference/confirm_golden.py

Exit status: 0 all the same, 1 some differ, 77 there is no library here to compare with.
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
    try:
        setulb = found.genuine()
    except found.MissingError as missing:
        print(missing)
        return 77
    solver = solver_on(setulb, takes_maxls=False)
    assert found.interposed(lambda: record(solver, "wood")), "the plain BLAS is not in use"
    runs = evaluations = different = 0
    for problem, setting in golden_runs():
        runs += 1
        packaged = golden(problem, setting)
        if packaged is None:
            print(f"{problem.name} ({setting}): no packaged trace")
            different += 1
            continue
        genuine = record(solver, problem, **packaged.options)
        evaluations += len(genuine.evaluations)
        comparison = compare(packaged, genuine)
        # Beyond what `compare` looks at: the task at the end, to the letter.
        same_end = packaged.outcome.message == genuine.outcome.message
        if comparison.level != "bits" or not same_end:
            different += 1
            print(
                f"({setting}) {comparison}\n{packaged.outcome.message}\n{genuine.outcome.message}\n"
            )
    print(f"{runs} runs, {evaluations} evaluations on {found.LIBRARY}: {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
