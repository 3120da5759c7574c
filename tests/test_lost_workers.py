"""A worker process that dies ends the call at once, and the message says what was lost."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import minimize, minimize_batch
from lbfgsb77._spread.processes import Processes

Vector = np.ndarray
START = np.linspace(-2.0, 2.0, 6)
# What a test waits for at the most. Death is noticed in milliseconds; a process starts in more.
PATIENCE = 60

needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")


class TwoError(Exception):
    """Pickles, but can't be unpickled: its only argument there is the text."""

    def __init__(self, what: str, where: int) -> None:
        super().__init__(f"{what} at {where}")


class LockError(Exception):
    """Can't be pickled."""

    def __init__(self) -> None:
        super().__init__("with a lock")
        self.lock = threading.Lock()


def exits() -> None:
    os._exit(3)


def is_killed() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leaves() -> None:
    sys.exit("enough")


def is_interrupted() -> None:
    raise KeyboardInterrupt


def raises_two() -> None:
    raise TwoError("singular", 7)


def raises_lock() -> None:
    raise LockError


DEATHS: dict[Callable[[], None], str] = {
    exits: r"^workers: a process died; not evaluated of \d+ \w+s \(from 0\): [\d, to]+$",
    is_killed: r"^workers: a process died; not evaluated of \d+ \w+s \(from 0\): [\d, to]+$",
    leaves: r"^workers: \w+ \d of \d \(from 0\): raised SystemExit\(enough\)$",
    is_interrupted: r"^workers: \w+ \d of \d \(from 0\): raised KeyboardInterrupt",
    raises_two: r"(?s)raised TwoError, which can't be sent from one process to another:.*singular",
    raises_lock: r"(?s)raised LockError, which can't be sent from one process.*with a lock",
}


class Dying:
    """A sum of squares that dies in a process that isn't the first one."""

    def __init__(self, death: Callable[[], None], at: float) -> None:
        self.death = death
        self.at = at
        self.home = os.getpid()

    def __call__(self, x: Vector) -> float:
        if os.getpid() != self.home and x[3] > self.at:
            self.death()
        return float((x**2).sum())


class DyingBatch(Dying):
    def __call__(self, points: Vector, index: Vector) -> Any:  # type: ignore[override]
        if os.getpid() != self.home and 3 in index:
            self.death()
        return (points**2).sum(axis=1), 2 * points


@contextmanager
def nothing_left_running() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    with warnings.catch_warnings():
        # Python 3.12 and later warn of a fork beside threads, which here are those of libraries.
        warnings.filterwarnings("ignore", message=".*use of fork", category=DeprecationWarning)
        began = time.monotonic()
        yield
        assert time.monotonic() - began < PATIENCE
    assert set(multiprocessing.active_children()) <= before


@needs_signals
@pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.__name__)
@pytest.mark.parametrize("at", [-10.0, START[3]])
def test_of_differences(death: Callable[[], None], at: float) -> None:
    # In every evaluation; or in that of the point that is shifted in x[3] alone.
    with nothing_left_running(), pytest.raises(RuntimeError, match=DEATHS[death]):
        minimize(Dying(death, at), START, workers=2)


@needs_signals
@pytest.mark.parametrize("death", DEATHS, ids=lambda death: death.__name__)
def test_of_a_batch(death: Callable[[], None]) -> None:
    with nothing_left_running(), pytest.raises(RuntimeError, match=DEATHS[death]):
        minimize_batch(DyingBatch(death, 0), np.ones((6, 4)), workers=2, group_size=1)


@needs_signals
def test_the_message_names_the_points() -> None:
    with nothing_left_running(), pytest.raises(RuntimeError) as caught:
        minimize(Dying(leaves, START[3]), START, workers=2)
    assert str(caught.value) == "workers: point 3 of 6 (from 0): raised SystemExit(enough)"


WITH_DASK = """
import sys
sys.path.insert(0, sys.argv[1])
from test_lost_workers import Dying, START, minimize, raises_lock
import distributed  # whose libraries teach Python's pickle all exceptions that there are
if __name__ == "__main__":
    try:
        minimize(Dying(raises_lock, -10.0), START, workers=2)
    except RuntimeError as error:
        print(str(error).partition("\\n")[0])
"""


@needs_signals
def test_whatever_else_is_imported(tmp_path: Path) -> None:
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("no Dask")
    program = tmp_path / "program.py"
    program.write_text(WITH_DASK)
    run = subprocess.run(
        [sys.executable, program, str(Path(__file__).parent)],
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert "raised LockError, which can't be sent from one process to another" in run.stdout


def odd(x: Vector) -> float:
    raise LookupError("an odd value", 3)


def test_an_exception_that_can_be_sent_stays_what_it_is() -> None:
    with nothing_left_running(), pytest.raises(LookupError) as caught:
        minimize(odd, START, workers=2)
    assert caught.value.args == ("an odd value", 3)


def slow(x: Vector) -> float:
    if x[0] == START[0]:  # not the first variable's own point
        time.sleep(PATIENCE)
    raise LookupError("at once")


def home_is_quick(x: Vector) -> float:
    if multiprocessing.current_process().name == "MainProcess":
        return 0.0
    return slow(x)


def test_what_others_still_compute_is_not_waited_for() -> None:
    with nothing_left_running(), pytest.raises(LookupError, match="at once"):
        minimize(home_is_quick, START, workers=6)


def in_a_daemon() -> str:
    try:
        minimize(odd, START, workers=2)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def test_a_daemonic_process_is_told_that_it_can_have_no_workers(tmp_path: Path) -> None:
    # In a process of its own, where no library has threads.
    program = tmp_path / "daemon.py"
    program.write_text(
        """
import multiprocessing, sys
sys.path.insert(0, sys.argv[1])
from test_lost_workers import in_a_daemon
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.apply(in_a_daemon))
"""
    )

    run = subprocess.run(
        [sys.executable, program, str(Path(__file__).parent)],
        capture_output=True, text=True, timeout=PATIENCE, check=True,
    )  # fmt: skip
    assert "LookupError" not in run.stdout
    assert run.stdout.startswith("ValueError: workers: a daemonic process")


def test_what_was_lost_is_told_as_ranges_of_numbers_from_0() -> None:
    processes = Processes(abs, 1, "point")
    # Chunks of four of 9 points, named by their first.
    lost = "workers: a process died; not evaluated of 9 points (from 0): "
    assert processes._loss([0, 4], 4, 9) == f"{lost}0 to 3, 4 to 7"
    assert processes._loss([4, 8], 4, 9) == f"{lost}4 to 7, 8"
    assert processes._loss([3], 1, 9) == f"{lost}3"
