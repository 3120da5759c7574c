"""Threads that share an iteration: the same bits, and nothing left of them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

from kernel_sources import KERNEL
from lbfgsb77 import LBFGSB, fmin_l_bfgs_b, minimize, minimize_batch
from lbfgsb77._run import layout
from lbfgsb77._run import threads as _threads

# Enough that threads are used, and several stretches of the kernel's passes (fortran/sharing.f).
N = 70_000
assert N > _threads.FEWEST_VARIABLES
(_in_kernel,) = re.findall(r"enough_for_team = (\d+)", (KERNEL / "sharing.f").read_text("utf-8"))
assert int(_in_kernel) == _threads.FEWEST_VARIABLES
LINUX = sys.platform == "linux"

_random = np.random.default_rng(0)
CURVATURES = 1e3 ** _random.random(N)
TARGETS = _random.standard_normal(N)
SHARES = _random.random(N)


def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
    """Separable but for one term that ties all variables together."""
    away = x - TARGETS
    mean = float(np.add.reduce(x)) / N
    g = CURVATURES * away + mean
    return 0.5 * float((CURVATURES * away * away).sum()) + 0.5 * N * mean * mean, g


def box(bounded: float) -> np.ndarray | None:
    """Bounds for this share of the variables: most minima lie beyond them."""
    if bounded == 0:
        return None
    lower, upper = np.full(N, -np.inf), np.full(N, np.inf)
    chosen = bounded > SHARES
    lower[chosen], upper[chosen] = -0.1, 0.2
    return np.column_stack([lower, upper])


def run(threads: int | None, bounded: float, m: int = 10, maxiter: int = 25) -> LBFGSB:
    solver = LBFGSB(np.zeros(N), bounds=box(bounded), m=m, maxiter=maxiter, threads=threads)
    while not solver.done:
        solver.tell(*objective(solver.ask()))
    return solver


def left_by(solver: LBFGSB) -> list[Any]:
    """All that a run has come to, in bytes."""
    result = solver.result
    pairs = result.hess_inv
    arrays = (result.x, np.float64(result.fun), result.jac, pairs.sk, pairs.yk)
    numbers = solver._integers[: layout.BOUND_TYPES]
    return [*(a.tobytes() for a in arrays), list(numbers), solver.task]


# Without bounds; with few, most and all variables bounded, where blocks have many free variables
# and few; and with numbers of columns that threads don't divide evenly.
@pytest.mark.parametrize("bounded", [0, 0.3, 0.95, 1])
@pytest.mark.parametrize("m", [3, 10])
def test_any_number_of_threads_gives_the_same_bits(bounded: float, m: int) -> None:
    alone = run(1, bounded, m)
    assert alone.result.nit > m
    for threads in (2, 3):
        assert left_by(run(threads, bounded, m)) == left_by(alone)


def test_minimize_and_batches_take_threads() -> None:
    alone = minimize(objective, np.zeros(N), jac=True, bounds=box(0.3), maxiter=15)
    shared = minimize(objective, np.zeros(N), jac=True, bounds=box(0.3), maxiter=15, threads=2)
    by_option = minimize(
        objective, np.zeros(N), jac=True, bounds=box(0.3), options={"maxiter": 15, "threads": 2}
    )
    assert alone.x.tobytes() == shared.x.tobytes() == by_option.x.tobytes()


@pytest.mark.parametrize(
    ("threads", "error", "sentence"),
    [
        (0, ValueError, "threads: must be positive, got 0"),
        (1.5, TypeError, "threads: an integer is expected, got 1.5"),
        (True, TypeError, "threads: an integer is expected, got True"),
    ],
)
def test_another_number_of_threads_is_refused(
    threads: Any, error: type[Exception], sentence: str
) -> None:
    for call in (
        lambda: LBFGSB([0.0], threads=threads),
        lambda: minimize(objective, [0.0], jac=True, threads=threads),
        lambda: minimize_batch(lambda x, _: (x[:, 0], x), [[0.0]], threads=threads),
    ):
        with pytest.raises(error, match=f"^{sentence}"):
            call()


def test_the_environment_says_how_many_where_no_argument_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = fmin_l_bfgs_b(objective, np.zeros(N), bounds=box(0.3), maxiter=15)
    monkeypatch.setenv("LBFGSB77_THREADS", "2")
    assert _threads.for_run(None, N) == 2
    assert _threads.for_run(None, 100) == 1
    assert _threads.for_run(3, N) == 3
    shared = fmin_l_bfgs_b(objective, np.zeros(N), bounds=box(0.3), maxiter=15)
    assert shared[0].tobytes() == alone[0].tobytes()
    for text, sentence in (
        ("two", "LBFGSB77_THREADS: an integer is expected, got 'two'"),
        ("0", "LBFGSB77_THREADS: must be positive, got 0"),
    ):
        monkeypatch.setenv("LBFGSB77_THREADS", text)
        with pytest.raises(ValueError, match=f"^{sentence}"):
            fmin_l_bfgs_b(objective, np.zeros(N))


def test_a_copy_and_a_resumed_run_have_the_threads_of_their_solver(tmp_path: Any) -> None:
    solver = LBFGSB(np.zeros(N), maxiter=9, threads=2)
    solver.save(tmp_path / "begun")
    for other in (solver.copy(), solver.resumed(tmp_path / "begun")):
        assert other._threads == 2
        while not other.done:
            other.tell(*objective(other.ask()))
        assert other.result.x.tobytes() == run(1, 0, maxiter=9).result.x.tobytes()
    # A file doesn't know of them: another machine may have others.
    assert LBFGSB.load(tmp_path / "begun")._threads is None


def test_solvers_within_and_beside_each_other_share_no_threads() -> None:
    expected = run(1, 0.3).result.x.tobytes()
    found = []

    def outer(x: np.ndarray) -> tuple[float, np.ndarray]:
        if len(found) < 2:
            found.append(run(2, 0.3).result.x.tobytes())
        return objective(x)

    def work() -> None:
        solver = LBFGSB(np.zeros(N), bounds=box(0.3), maxiter=25, threads=2)
        while not solver.done:
            solver.tell(*outer(solver.ask()))
        found.append(solver.result.x.tobytes())

    others = [threading.Thread(target=work) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join(60)
    assert len(found) >= 5
    assert set(found) == {expected}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_fork_afterwards_has_threads_of_its_own() -> None:
    script = f"""
import os, sys
sys.path.insert(0, {os.path.dirname(__file__)!r})
from test_threads import run
expected = run(2, 0.3).result.x.tobytes()
child = os.fork()
same = run(2, 0.3).result.x.tobytes() == expected
if child == 0:
    os._exit(0 if same else 3)
status = os.waitpid(child, 0)[1]
assert same and os.waitstatus_to_exitcode(status) == 0, status
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", script], check=True, timeout=60)


@pytest.mark.skipif(not LINUX, reason="looks into /proc")
def test_helpers_sleep_while_the_objective_runs_and_end_when_nobody_wants_them() -> None:
    script = f"""
import os, sys, time
sys.path.insert(0, {os.path.dirname(__file__)!r})
os.environ["OPENBLAS_NUM_THREADS"] = "1"
from test_threads import run
before = len(os.listdir("/proc/self/task"))
run(2, 0.3)
helpers = len(os.listdir("/proc/self/task")) - before
used = time.process_time()
time.sleep(0.5)
used = time.process_time() - used
deadline = time.monotonic() + 20
while len(os.listdir("/proc/self/task")) > before and time.monotonic() < deadline:
    time.sleep(0.1)
print(helpers, used, len(os.listdir("/proc/self/task")) - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, timeout=60, capture_output=True, text=True
    )
    helpers, used, left = done.stdout.split()
    assert int(helpers) == min(1, len(os.sched_getaffinity(0)) - 1)
    # Of half a second; a thread that spins would use all of it.
    assert float(used) < 0.1
    assert int(left) == 0


@pytest.mark.skipif(not LINUX, reason="chooses a processor")
def test_threads_work_on_one_processor() -> None:
    script = f"""
import os, sys
os.sched_setaffinity(0, list(os.sched_getaffinity(0))[:1])
sys.path.insert(0, {os.path.dirname(__file__)!r})
from test_threads import run
assert run(2, 0.3).result.x.tobytes() == run(1, 0.3).result.x.tobytes()
assert len(os.listdir("/proc/self/task")) <= 1 + int(os.environ.get("OPENBLAS_NUM_THREADS", "64"))
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_signals_come_to_the_thread_that_runs_python() -> None:
    # Helpers block all signals, so a handler's exception is raised where it always was.
    interrupted = []

    def interrupt() -> None:
        time.sleep(0.05)
        interrupted.append(True)
        os.kill(os.getpid(), signal.SIGINT)

    # What a shell starts in the background ignores this signal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        other = threading.Thread(target=interrupt)
        other.start()
        with pytest.raises(KeyboardInterrupt):  # noqa: PT012 (it can come anywhere)
            while True:
                run(2, 0.3)
        other.join()
    finally:
        signal.signal(signal.SIGINT, before)
    assert interrupted
