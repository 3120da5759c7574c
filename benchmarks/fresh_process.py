"""What needs a process of its own: import time and peak memory. One measurement, then the end.

python fresh_process.py import PACKAGE
python fresh_process.py memory PEER CASE-AS-JSON tracemalloc|rss
"""

from __future__ import annotations

import json
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Any


def import_time(package: str) -> dict[str, float]:
    """Seconds that `import PACKAGE` takes once NumPy has been imported, and NumPy's own."""
    start = time.perf_counter()
    import_module("numpy")
    numpy_there = time.perf_counter()
    import_module(package)
    package_there = time.perf_counter()
    return {"numpy_seconds": numpy_there - start, "seconds": package_there - numpy_there}


def process_status(field: str) -> int:
    """Bytes in a field of Linux's /proc/self/status."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) * 1024
    raise OSError(f"/proc/self/status has no {field}")


def memory(peer: str, case: dict[str, Any], method: str) -> dict[str, float]:
    """Vectors of length n that a call holds at its peak, the caller's own x0 and bounds apart.

    `beyond` is what is left after the workspace of L-BFGS-B (2mn + 5n + 11m^2 + 8m doubles and
    3n 32-bit integers) and x, g, lower, upper (n doubles each) and nbd (n 32-bit integers).
    tracemalloc sees every array of NumPy's, touched or not; the resident set sees what Fortran
    and C++ allocate too, but only the pages that were written.
    """
    import tracemalloc

    import objectives
    import solvers

    solver = solvers.make(peer)
    n, m = case["n"], case["m"]
    small = objectives.make(case["problem"], 10, case["active"])
    solver.solve(solver.native(small.objective), small.x0, solver.bounds(small, False), m, 3)
    problem = objectives.make(case["problem"], n, case["active"])
    native, bounds = solver.native(problem.objective), solver.bounds(problem, False)
    problem.objective(problem.x0)
    if method == "tracemalloc":
        tracemalloc.start()
        solver.solve(native, problem.x0, bounds, m, case["last"])
        peak = tracemalloc.get_traced_memory()[1]
    else:
        Path("/proc/self/clear_refs").write_text("5")  # VmHWM starts anew
        before = process_status("VmRSS")
        solver.solve(native, problem.x0, bounds, m, case["last"])
        peak = process_status("VmHWM") - before
    workspace = 8 * (2 * m * n + 5 * n + 11 * m * m + 8 * m) + 4 * 3 * n
    given = 4 * 8 * n + 4 * n
    return {"vectors": peak / (8 * n), "beyond": (peak - workspace - given) / (8 * n)}


if __name__ == "__main__":
    if sys.argv[1] == "import":
        answer = import_time(sys.argv[2])
    else:
        answer = memory(sys.argv[2], json.loads(sys.argv[3]), sys.argv[4])
    print(json.dumps(answer))
