"""Record what SciPy's fmin_l_bfgs_b returns for tests/random_problems.py.

    pip install scipy==1.14.1
    python tests/data/record_scipy_counts.py > tests/data/scipy_counts.json

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

PROBLEMS = 400
PROCESSORS = ("Prescott", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX")


def solve_all() -> None:
    """Print [task, nit, funcalls, warnflag] of each problem as one JSON list."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from random_problems import case
    from scipy.optimize import fmin_l_bfgs_b

    answers = []
    for seed in range(PROBLEMS):
        _, _, d = case(seed).solve(fmin_l_bfgs_b)
        answers.append([d["task"], d["nit"], d["funcalls"], d["warnflag"]])
    print(json.dumps(answers))


def main() -> None:
    """Solve with each processor's routines, and print the answers with where they are from."""
    import numpy
    import scipy

    answers = []
    for processor in PROCESSORS:
        run = subprocess.run(
            [sys.executable, __file__, "--solve"],
            env={**os.environ, "OPENBLAS_CORETYPE": processor, "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        # The Fortran kernel itself prints to the same stream.
        answers.append(json.loads(run.stdout.strip().splitlines()[-1]))
    provenance = {
        "command": "python tests/data/record_scipy_counts.py",
        "scipy": scipy.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "openblas_coretypes": list(PROCESSORS),
        "answers": "per problem, each [task, nit, funcalls, warnflag] that occurred",
    }
    print('{"provenance": ' + json.dumps(provenance) + ',\n"answers": [')
    problems = zip(*answers, strict=True)
    lines = [
        json.dumps([list(answer) for answer in dict.fromkeys(map(tuple, of_one))])
        for of_one in problems
    ]
    print(",\n".join(lines))
    print("]}")


if __name__ == "__main__":
    solve_all() if sys.argv[1:] == ["--solve"] else main()
