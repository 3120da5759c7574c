"""The kernel needs little of a thread's stack: musl gives one 128 KiB, Python as little as 32."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from kernel_sources import kernel_sources
from lbfgsb77 import LBFGSB

SMALLEST = 32 * 1024  # bytes; threading.stack_size refuses less
KERNELS = 24 * 1024  # of them; 8 KiB are left for the interpreter's own calls


@pytest.mark.skipif(shutil.which("gfortran") is None, reason="needs gfortran")
def test_deepest_chain_of_calls_fits(tmp_path: Path) -> None:
    # gcc tells each routine's frame and whom it calls. What a frame has beyond that, alloca and
    # arrays of a size known at run time, the kernel doesn't use: gcc would say "dynamic" alone.
    sources = kernel_sources(packed=True)
    command = ["gfortran", "-O2", "-fcallgraph-info=su", "-c"]
    subprocess.run([*command, *map(str, sources)], cwd=tmp_path, check=True, capture_output=True)
    frames: dict[str, int] = {}
    calls: dict[str, set[str]] = {}
    for graph in tmp_path.glob("*.ci"):
        text = graph.read_text(encoding="utf-8")
        for name, size, kind in re.findall(
            r'title: "(\w+(?:\.\d+)?)" label: "[^"]*\\n(\d+) bytes \(([\w,]+)\)"', text
        ):
            frames[name] = int(size)
            assert kind in ("static", "dynamic,bounded"), name
        for caller, called in re.findall(r'sourcename: "([^"]+)" targetname: "([^"]+)"', text):
            calls.setdefault(caller, set()).add(called)

    @cache
    def depth(name: str) -> int:
        below = max((depth(called) for called in calls.get(name, ())), default=0)
        return frames.get(name, 0) + 8 + below  # 8: the address to return to

    assert {"setulb_", "advance_", "halt_", "panel_sums_"} <= frames.keys()
    for entry in ("tell_batch_", "advance_", "halt_"):
        assert depth("setulb_") < depth(entry) <= KERNELS


# A stack that runs over ends its process, so the runs have one of their own. The small thread has
# the solver alone: what objectives need is not the kernel's.
RUNS = """
import importlib, queue, sys, threading
import numpy as np
import random_problems
from lbfgsb77 import LBFGSB
from lbfgsb77._run import engine

engine._lbfgsb = importlib.import_module(sys.argv[1])
asked, told = queue.SimpleQueue(), queue.SimpleQueue()


def drive(solver):
    while not solver.done:
        asked.put(solver.ask())
        solver.tell(*told.get())
    asked.put(None)


def solve(objective, x0, **arguments):
    solver = LBFGSB(x0, **arguments)
    thread = threading.Thread(target=drive, args=(solver,), daemon=True)
    thread.start()
    while (x := asked.get()) is not None:
        told.put(objective(x))
    thread.join()
    return solver


threading.stack_size(int(sys.argv[2]))
done = set()
for seed in range(240):
    case = random_problems.case(seed)
    arguments = {k: v for k, v in case.arguments.items() if k != "approx_grad"}
    done.add(solve(case.objective, case.x0, **arguments).task)

# Several blocks of variables: all free, some bounded, few free, all bounded with more breakpoints
# than are listed, and pairs from before.
n = 10_000
random = np.random.RandomState(0)
objective = random_problems.quadratic(random, n)
share = random.uniform(size=n)
pairs = None
for bounded in (0, 0.3, 0.95, 1):
    bounds = [(-0.1, 0.1) if where < bounded else (None, None) for where in share]
    for m in (3, 17):
        solver = solve(objective, np.zeros(n), bounds=bounds, m=m, maxiter=12, pairs=pairs)
        done.add(solver.task)
    pairs = solver.result.hess_inv
print(len(done))
"""

MODULES = [
    name
    for name in ("lbfgsb77._lbfgsb", "lbfgsb77._lbfgsb_any")
    if importlib.util.find_spec(name) is not None
]


@pytest.mark.parametrize("module", MODULES)
def test_kernel_works_on_the_smallest_stack(module: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUNS, module, str(SMALLEST)],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Both tests of convergence, both limits.
    assert int(done.stdout) >= 4


PORTABLE = Path(__file__).parent / "portable"
N = 25


def chained(x: np.ndarray) -> tuple[float, np.ndarray]:
    """As tests/portable/in_musl_thread.c has it, operation by operation."""
    f, g = 0.0, np.zeros(N)
    for i in range(N - 1):
        bend, slope = x[i + 1] - x[i] * x[i], 1.0 - x[i]
        f += 100.0 * bend * bend
        f += slope * slope
        g[i + 1] += 200.0 * bend
        g[i] -= 400.0 * bend * x[i]
        g[i] -= 2.0 * slope
    return float(f), g


@pytest.mark.skipif(
    shutil.which("gfortran") is None or shutil.which("musl-gcc") is None,
    reason="needs gfortran and musl-gcc (Debian's musl-tools)",
)
def test_a_thread_of_musls_default_stack_is_enough(tmp_path: Path) -> None:
    sources = kernel_sources()
    fortran = [str(path) for path in sources if path.suffix == ".f"]
    in_c = [str(path) for path in sources if path.suffix == ".c"]
    strict = "-O2", "-ffp-contract=off"

    def run(*command: str) -> str:
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("gfortran", *strict, "-c", *fortran)
    objects = sorted(path.name for path in tmp_path.glob("*.o"))
    program = str(PORTABLE / "in_musl_thread.c")
    # Nothing of gfortran's own library is linked: the kernel calls none of it.
    run("musl-gcc", *strict, "-static", "-DHAS_THREADS", "-o", "run", program, *in_c, *objects)
    *x, f, evaluations, task = run("./run").splitlines()

    solver = LBFGSB(
        np.where(np.arange(N) % 2, 1.0, -1.25),
        bounds=[(-1.5, 0.875) if i % 3 else (None, None) for i in range(N)],
        factr=10.0,
        pgtol=1e-9,
    )
    while not solver.done:
        solver.tell(*chained(solver.ask()))
    assert [float.fromhex(number) for number in x] == solver.x.tolist()
    assert float.fromhex(f) == solver.result.fun
    assert int(evaluations) == solver.nfev > 50
    assert solver.task.startswith(task.strip())
