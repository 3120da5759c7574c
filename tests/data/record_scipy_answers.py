"""Record what SciPy's two interfaces return for tests/random_problems.py.

    pip install scipy==1.14.1
    python tests/data/record_scipy_answers.py > tests/data/scipy_answers.json

SciPy 1.14.1 is the last with the Fortran kernel. Its inner products are OpenBLAS's, which rounds
them in another order on every kind of processor, and long runs depend on that: so each problem is
solved with the routines of several processors. A problem is decided where all of them agree.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Any

PROBLEMS = 2000
PROCESSORS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX")


def solve_all() -> None:
    """Print a list of answers of both interfaces as JSON, for each problem."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from scipy.optimize import fmin_l_bfgs_b, minimize

    from random_problems import case, projections

    def solve(seed: int) -> list[list[Any]]:
        problem = case(seed)
        x, _, d = problem.solve(fmin_l_bfgs_b)
        by_fmin = [d["task"], d["nit"], d["funcalls"], d["warnflag"], *projections(x)]
        result = problem.minimize(minimize, method="L-BFGS-B")
        by_minimize = [result.message, result.nit, result.nfev, result.status]
        return [by_fmin, [*by_minimize, *projections(result.x)]]

    print(json.dumps([solve(seed) for seed in range(PROBLEMS)]))


def main() -> None:
    """Solve with each processor's routines, and print the answers with where they are from."""
    import numpy
    import scipy

    runs = []
    for processor in PROCESSORS:
        run = subprocess.run(
            [sys.executable, __file__, "--solve"],
            env={**os.environ, "OPENBLAS_CORETYPE": processor, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        # The Fortran kernel itself prints to the same stream.
        runs.append(json.loads(run.stdout.strip().splitlines()[-1]))
    provenance = {
        "command": "python tests/data/record_scipy_answers.py",
        "scipy": scipy.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "openblas_coretypes": list(PROCESSORS),
        "answers": "per problem, of fmin_l_bfgs_b and of minimize (null where it is the same): the "
        "[place in tasks, nit, funcalls, warnflag] that occurred, projections of x, and the "
        "largest difference between those in units of x",
    }
    tasks = sorted({answer[0] for run in runs for answers in run for answer in answers})
    print('{"provenance": ' + json.dumps(provenance) + ',\n"tasks": ' + json.dumps(tasks))
    print(',"answers": [')
    lines = []
    for of_one in zip(*runs, strict=True):
        by_fmin, by_minimize = (summary(tasks, answers) for answers in zip(*of_one, strict=True))
        lines.append(json.dumps([by_fmin, None if by_minimize == by_fmin else by_minimize]))
    print(",\n".join(lines).replace(" ", "") + "\n]}")


def summary(tasks: list[str], answers: tuple[list[Any], ...]) -> list[Any]:
    """The different ends among one problem's answers, and how far apart the points are."""
    ends = [list(end) for end in dict.fromkeys(tuple(answer[:4]) for answer in answers)]
    size, *first = answers[0][4:]
    spread = max(abs(p - q) for answer in answers for p, q in zip(answer[5:], first, strict=True))
    return [
        [[tasks.index(task), *counts] for task, *counts in ends],
        [size, *first],
        float(f"{spread / size:.1e}"),
    ]


if __name__ == "__main__":
    solve_all() if sys.argv[1:] == ["--solve"] else main()
