"""A run that is interrupted at any moment goes on to the same bits."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

import lbfgsb77
from foreign_kernels import on_each
from lbfgsb77 import LBFGSB, backend, minimize
from objectives import chain, valley

RUN = str(Path(lbfgsb77.__file__).parent / "_run")
START = [-1.2, 1.0]


class Interrupt(BaseException):
    """What a Ctrl-C raises, and no handler expects."""


@contextmanager
def raising_at(line: int) -> Iterator[list[int]]:
    """Raise at the so many-th line of `_run` that is executed; counts them."""
    executed = [0]

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(RUN):
            return None
        if event == "line":
            executed[0] += 1
            if executed[0] == line:
                raise Interrupt
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield executed
    finally:
        sys.settrace(before)


def fingerprint(solver: LBFGSB) -> tuple[Any, ...]:
    result = solver.result
    return (
        result.x.tobytes(),
        result.fun,
        result.jac.tobytes(),
        result.nit,
        result.nfev,
        result.njev,
        result.message,
        result.reason,
        result.hess_inv.sk.tobytes(),
        result.hess_inv.yk.tobytes(),
    )


def simply(solver: LBFGSB) -> None:
    while not solver.done:
        solver.tell(*valley(solver.ask()))


def looking(solver: LBFGSB) -> None:
    """The same, looking in all ways between ask and tell."""
    while not solver.done:
        x = solver.ask()
        looks = solver.values(), solver.x, solver.iterate, solver.copy(), solver.reason
        assert len(looks) == 5
        solver.tell(*valley(x))


def stopping(solver: LBFGSB) -> None:
    """Stop in the middle of the second line search."""
    while not solver.done:
        x = solver.ask()
        if solver.nfev == 4:
            solver.stop("STOP: ENOUGH")
            return
        solver.tell(*valley(x))


def every_line(make: Callable[[], LBFGSB], go_on: Callable[[LBFGSB], None]) -> None:
    undisturbed = make()
    go_on(undisturbed)
    expected = fingerprint(undisturbed)
    line = 0
    while True:
        line += 1
        solver = make()
        try:
            with raising_at(line) as executed:
                go_on(solver)
            if executed[0] < line:
                break
        except Interrupt:
            # Usable at once, saveable, and the run is the same.
            solver.copy()
            go_on(solver)
        assert fingerprint(solver) == expected, f"interrupted at line {line}"
    assert line > 100


@pytest.mark.parametrize("go_on", [simply, looking, stopping])
@pytest.mark.parametrize("bounds", [None, [(None, 0.5), (None, None)]])
def test_an_exception_at_any_line_changes_no_bit(
    go_on: Callable[[LBFGSB], None], bounds: Any
) -> None:
    every_line(lambda: LBFGSB(START, bounds, maxiter=5), go_on)


@on_each
@pytest.mark.parametrize("go_on", [simply, stopping])
def test_an_exception_at_any_line_changes_no_bit_on_another_kernel(
    go_on: Callable[[LBFGSB], None], kernel: str
) -> None:
    def make() -> LBFGSB:
        with backend(kernel):
            return LBFGSB(START, maxiter=3)

    every_line(make, go_on)


class Alarm:
    """A signal whose handler raises, as Ctrl-C's does, after a random time."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        def handler(number: int, frame: FrameType | None) -> None:
            raise Interrupt

        before = signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, self.random.uniform(1e-6, seconds))
        try:
            try:
                yield
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        finally:
            signal.signal(signal.SIGALRM, before)


needs_signals = pytest.mark.skipif(
    not hasattr(signal, "setitimer"), reason="no interval timers on this system"
)
STARTS = {n: np.where(np.arange(n) % 2 == 0, -1.2, 1.0) for n in (40, 2000)}


@needs_signals
@pytest.mark.parametrize(("n", "runs"), [(40, 60), (2000, 20)])
def test_signals_at_random_moments_change_no_bit(n: int, runs: int) -> None:
    def go_on(solver: LBFGSB) -> None:
        while not solver.done:
            solver.tell(*chain(solver.ask()))

    def make() -> LBFGSB:
        return LBFGSB(STARTS[n], maxiter=25)

    undisturbed = make()
    began = time.perf_counter()
    go_on(undisturbed)
    seconds = time.perf_counter() - began
    expected = fingerprint(undisturbed)
    interrupted = 0
    alarm = Alarm(n)
    for _ in range(runs):
        solver = make()
        while not solver.done:
            try:
                with alarm.within(seconds / 2):
                    go_on(solver)
            except Interrupt:
                interrupted += 1
                solver.copy()
        assert fingerprint(solver) == expected
    assert interrupted > runs / 2


@needs_signals
# A signal between the opening of a file and its first use leaves it to Python to close.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("n", "runs"), [(40, 30), (2000, 15)])
def test_minimize_leaves_a_checkpoint_at_every_interrupt_after_the_first_evaluation(
    n: int, runs: int, tmp_path: Path
) -> None:
    evaluations = 0

    def counted(x: np.ndarray) -> Any:
        nonlocal evaluations
        evaluations += 1
        return chain(x)

    began = time.perf_counter()
    path = tmp_path / "undisturbed.checkpoint"
    expected = minimize(chain, STARTS[n], jac=True, checkpoint=path, options={"maxiter": 25})
    # Twice as long as a run with its save, so that half of them come to their end.
    seconds = 2 * (time.perf_counter() - began)
    alarm = Alarm(n + 1)
    interrupted = 0
    for number in range(runs):
        path = tmp_path / f"{number}.checkpoint"
        while True:
            evaluations = 0
            try:
                with alarm.within(seconds):
                    result = minimize(
                        counted, STARTS[n], jac=True, checkpoint=path, options={"maxiter": 25}
                    )
                break
            except Interrupt:
                interrupted += 1
                assert path.exists() or evaluations <= 1
        assert result.x.tobytes() == expected.x.tobytes()
        assert (result.nit, result.nfev) == (expected.nit, expected.nfev)
    assert interrupted > 0
