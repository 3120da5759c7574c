"""Record the gradients that SciPy's differences give for tests/difference_problems.py.

pip install scipy==1.14.1
python tests/data/record_scipy_differences.py > tests/data/scipy_differences.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy
import scipy
from scipy.optimize._numdiff import approx_derivative

PROBLEMS = 300

sys.path.insert(0, str(Path(__file__).parents[1]))
from difference_problems import difference_problem, polynomial  # noqa: E402


def gradient(seed: int) -> list[str]:
    """SciPy's gradient, to the last bit in hexadecimal."""
    problem = difference_problem(seed)
    numbers = approx_derivative(
        polynomial,
        problem.x,
        method=problem.scheme,
        rel_step=problem.relative_step,
        abs_step=problem.absolute_step,
        f0=polynomial(problem.x),
        bounds=(problem.lower, problem.upper),
    )
    return [float(number).hex() for number in numbers]


provenance = {
    "command": "python tests/data/record_scipy_differences.py",
    "scipy": scipy.__version__,
    "numpy": numpy.__version__,
}
print('{"provenance": ' + json.dumps(provenance) + ',\n"gradients": [')
print(",\n".join(json.dumps(gradient(seed)) for seed in range(PROBLEMS)))
print("]}")
