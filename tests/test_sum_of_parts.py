"""A sum of parts has the same bits whoever computes it, and names the part that failed."""

from __future__ import annotations

import functools
import itertools
import logging
import multiprocessing
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lbfgsb77._parts.watch
from lbfgsb77 import LBFGSB, SumOfParts, fmin_l_bfgs_b, minimize

CLUSTER = Path(__file__).parent / "cluster"
sys.path.insert(0, str(CLUSTER))

from parts_problem import (  # noqa: E402
    BOX,
    COUNT,
    DATA,
    START,
    Deadly,
    N,
    alone,
    bits,
    fit,
    part,
    slow_part,
)  # fmt: skip

Vector = np.ndarray

pytestmark = pytest.mark.filterwarnings(
    # Python 3.12 and later warn of a fork beside threads, which here are those of libraries.
    "ignore:.*use of fork:DeprecationWarning"
)
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")

# What a test waits for at the most. Death is noticed in milliseconds; a process starts in more.
PATIENCE = 60

HERE_AND_ELSEWHERE = [None, 2]


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) <= before


def added(terms: list[tuple[float, Vector]]) -> tuple[float, Vector]:
    """One after the other."""
    f, g = terms[0]
    for other, gradient in terms[1:]:
        f, g = f + other, g + gradient
    return f, g


def terms(x: Vector) -> list[tuple[float, Vector]]:
    return [part(x.copy(), data) for data in DATA]


def same(a: tuple[float, Vector], b: tuple[float, Vector]) -> bool:
    return a[0] == b[0] and a[1].tobytes() == b[1].tobytes()


# Bits ------------------------------------------------------------------------------------------


def test_the_sum_is_taken_in_the_order_of_the_parts() -> None:
    assert same(SumOfParts(part, DATA)(START), added(terms(START)))


@pytest.mark.parametrize(
    ("groups", "order"),
    [
        (1, [range(7)]),
        (2, [range(3), range(3, 7)]),
        (3, [range(2), range(2, 4), range(4, 7)]),
        (7, [range(k, k + 1) for k in range(7)]),
    ],
)
def test_groups_are_neighbours(groups: int, order: list[range]) -> None:
    of_parts = terms(START)
    expected = added([added([of_parts[k] for k in group]) for group in order])
    assert same(SumOfParts(part, DATA, groups=groups)(START), expected)


def test_groups_of_groups() -> None:
    of_parts = terms(START)
    pairs = [added(of_parts[k:stop]) for k, stop in itertools.pairwise([0, 1, 3, 5, 7])]
    expected = added([added(pairs[:2]), added(pairs[2:])])
    assert same(SumOfParts(part, DATA, groups=(4, 2))(START), expected)
    assert same(SumOfParts(part, DATA, groups=[4, 2])(START), expected)


def test_another_grouping_can_give_other_bits() -> None:
    # Or the tests above could not fail.
    bits_of = set()
    for groups in (None, 2, 3, (4, 2)):
        objective = SumOfParts(part, DATA, groups=groups)
        bits_of.add(b"".join(objective(START * scale)[1].tobytes() for scale in (1, 2, 3)))
    assert len(bits_of) == 4


@pytest.mark.parametrize("groups", [None, 3, (4, 2)])
@pytest.mark.parametrize("workers", [1, 2, 3, 9, -1])
def test_processes_give_the_bits_of_this_one(workers: int, groups: Any) -> None:
    with SumOfParts(part, DATA, workers, groups=groups) as objective:
        assert fit(objective) == alone(groups)


@pytest.mark.parametrize("groups", [None, 3])
@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_so_do_maps(executor: Any, groups: Any) -> None:
    with executor(3) as pool:
        assert fit(SumOfParts(part, DATA, pool.map, groups=groups)) == alone(groups)


def test_whoever_comes_first() -> None:
    def reversed_map(function: Any, groups: Any) -> Any:
        values = [function(group) for group in reversed(list(groups))]
        return values  # in the wrong order, each with its place

    assert fit(SumOfParts(part, DATA, reversed_map)) == alone()


def test_in_every_minimizer() -> None:
    expected = pickle.loads(alone())
    with SumOfParts(part, DATA, 2) as objective:
        x, f, _ = fmin_l_bfgs_b(objective, START, bounds=BOX)
        # minimize's ftol is near factr, not equal to it.
        solver = LBFGSB(START, bounds=BOX)
        while not solver.done:
            solver.tell(*objective(solver.ask()))
        assert solver.x.tobytes() == x.tobytes()
        assert np.allclose(x, np.frombuffer(expected[0]), rtol=0, atol=1e-4)
        optimize = pytest.importorskip("scipy.optimize")
        by_scipy = optimize.minimize(objective, START, jac=True, bounds=BOX, method="L-BFGS-B")
        # Two solvers that both stop within their tolerances.
        assert abs(by_scipy.fun - f) <= 1e-6


def test_a_part_may_write_over_its_x_and_over_its_last_gradient() -> None:
    buffer = np.empty(N)

    def reusing(x: Vector, data: Vector) -> Any:
        f, buffer[:] = part(x, data)
        return f, buffer

    assert fit(SumOfParts(reusing, DATA)) == alone()


def test_what_is_returned_belongs_to_the_caller() -> None:
    with SumOfParts(part, DATA[:1]) as objective:
        first = objective(START)[1]
        kept = first.copy()
        first[:] = np.nan
        assert objective(START)[1].tobytes() == kept.tobytes()


def test_x_of_another_size() -> None:
    with SumOfParts(of_any_size, [1.0, 2.0], 2) as objective:
        assert objective(np.ones(3))[0] == 9.0
        assert objective(np.ones(5))[0] == 15.0
        assert objective(2)[0] == 12.0


def of_any_size(x: Vector, data: float) -> Any:
    return data * x @ x, 2 * data * x


# Data ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", HERE_AND_ELSEWHERE)
def test_files_are_mapped(tmp_path: Path, workers: Any) -> None:
    paths = [tmp_path / f"{k}.npy" for k in range(COUNT)]
    for path, data in zip(paths, DATA, strict=True):
        np.save(path, data)
    for parts in (paths, [str(path) for path in paths]):
        with SumOfParts(part, parts, workers) as objective:
            assert fit(objective) == alone()


def mapped_pair(x: Vector, data: Any) -> Any:
    rows, weight, word = data
    assert isinstance(rows, np.memmap)
    assert word == "rows.txt"  # no file of NumPy's by its name
    return part(x, rows * weight)


def test_names_in_a_tuple_stand_for_files_too(tmp_path: Path) -> None:
    for k, data in enumerate(DATA):
        np.save(tmp_path / f"{k}.npy", data)
    parts = [(str(tmp_path / f"{k}.npy"), 1.0, "rows.txt") for k in range(COUNT)]
    assert fit(SumOfParts(mapped_pair, parts)) == alone()


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's /proc")
def test_no_file_stays_mapped(tmp_path: Path) -> None:
    np.save(tmp_path / "rows.npy", DATA[0])
    SumOfParts(part, [tmp_path / "rows.npy"])(START)
    assert "rows.npy" not in Path("/proc/self/maps").read_text()


@pytest.mark.parametrize("workers", HERE_AND_ELSEWHERE)
def test_a_file_that_is_missing_is_named(tmp_path: Path, workers: Any) -> None:
    parts = [DATA[0], tmp_path / "missing.npy"]
    with (
        SumOfParts(part, parts, workers) as objective,
        pytest.raises(FileNotFoundError, match=r"missing\.npy") as caught,
    ):
        objective(START)
    assert caught.value.__notes__[0].startswith("in part 1 of 2 (from 0), on ")


def at_an_odd_address(array: Vector) -> Vector:
    memory = np.empty(array.nbytes + 8, np.uint8)
    start = (3 - memory.ctypes.data) % 8
    odd = memory[start : start + array.nbytes].view(np.float64).reshape(array.shape)
    odd[:] = array
    assert not odd.flags.aligned
    return odd


def product_part(x: Vector, data: Any) -> Any:
    rows = data if isinstance(data, np.ndarray) else data[0]
    assert rows.flags.aligned
    residual = rows @ x
    return residual @ residual, 2 * residual @ rows


def test_arrays_at_odd_addresses_give_the_same_bits() -> None:
    # As they come out of Dask's messages. NumPy gives such a product to no BLAS.
    arrays = [np.random.RandomState(k).uniform(-1, 1, (500, N)) for k in range(3)]
    odd = [at_an_odd_address(array) for array in arrays]
    expected = SumOfParts(product_part, arrays)(START)
    assert same(SumOfParts(product_part, odd)(START), expected)
    assert same(SumOfParts(product_part, [(array, 1) for array in odd])(START), expected)


def test_so_do_those_that_lie_beside_the_name_of_a_file(tmp_path: Path) -> None:
    np.save(tmp_path / "weights.npy", np.ones(3))
    array = np.random.RandomState(0).uniform(-1, 1, (500, N))
    pair = at_an_odd_address(array), tmp_path / "weights.npy"
    expected = SumOfParts(product_part, [array])(START)
    assert same(SumOfParts(product_part, [pair])(START), expected)


class Counted:
    """Data that counts how often it is sent."""

    def __init__(self, rows: Vector, directory: Path) -> None:
        self.rows, self.directory = rows, directory

    def __getstate__(self) -> Any:
        (self.directory / f"sent-{time.monotonic_ns()}").touch()
        return self.__dict__


def counted_part(x: Vector, data: Counted) -> Any:
    return part(x, data.rows)


def spawned_run(directory: str) -> None:
    parts = [Counted(data, Path(directory)) for data in DATA]
    with SumOfParts(counted_part, parts, 2) as objective:
        assert fit(objective) == alone()
        assert objective.evaluations > 5


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_each_part_is_sent_once(tmp_path: Path, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    program = tmp_path / "program.py"
    program.write_text(
        f"""
import multiprocessing, sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    from test_sum_of_parts import spawned_run
    spawned_run({str(tmp_path)!r})
"""
    )
    subprocess.run([sys.executable, program], timeout=PATIENCE, check=True)
    assert len(list(tmp_path.glob("sent-*"))) == COUNT


# What goes wrong -------------------------------------------------------------------------------


WRONG: dict[str, tuple[Any, type[Exception], str]] = {
    "no pair": (1.0, TypeError, r"a pair \(f, gradient\) is expected, got 1\.0"),
    "three": ((1.0, np.ones(N), 2), TypeError, r"a pair \(f, gradient\) is expected"),
    "f": ((np.ones(2), np.ones(N)), ValueError, r"f: a scalar is expected, got an array"),
    "g": ((1.0, np.ones(N + 1)), ValueError, f"g: the gradient has {N + 1} components, x has {N}"),
    "complex": ((1.0, np.ones(N) * 1j), TypeError, r"g: a vector of 6 real numbers"),
}


def wrong_part(x: Vector, data: Any) -> Any:
    name, k = data
    return WRONG[name][0] if k == 3 else (1.0, x)


@pytest.mark.parametrize("workers", HERE_AND_ELSEWHERE)
@pytest.mark.parametrize("name", WRONG)
def test_what_a_part_returns_is_checked(name: str, workers: Any) -> None:
    _, kind, words = WRONG[name]
    with (
        SumOfParts(wrong_part, [(name, k) for k in range(5)], workers) as objective,
        pytest.raises(kind, match=rf"^part 3 of 5 \(from 0\): {words}"),
    ):
        objective(START)


class TwoError(Exception):
    """Pickles, but can't be unpickled: its only argument there is the text."""

    def __init__(self, what: str, where: int) -> None:
        super().__init__(f"{what} at {where}")


def raising(x: Vector, data: int) -> Any:
    if data == 3:
        raise LookupError("an odd part", 3)
    if data == 13:
        raise TwoError("singular", 7)
    if data == 23:
        sys.exit("enough")
    return 1.0, x


@pytest.mark.parametrize("workers", HERE_AND_ELSEWHERE)
def test_an_exception_stays_what_it_is_and_names_the_part(workers: Any) -> None:
    with SumOfParts(raising, range(5), workers) as objective:
        with pytest.raises(LookupError) as caught:
            fit(objective)
        assert caught.value.args == ("an odd part", 3)
        assert caught.value.__notes__[0].startswith("in part 3 of 5 (from 0), on ")


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (10, r"raised TwoError, which can't be sent[^$]*singular at 7"),
        (20, r"raised SystemExit\(enough\)"),
    ],
)
def test_one_that_cannot_be_sent_is_told(first: int, said: str) -> None:
    with (
        SumOfParts(raising, range(first, first + 5), 2) as objective,
        pytest.raises(RuntimeError, match=r"^workers: part 3 of 5 \(from 0\), on .*: " + said),
    ):
        objective(START)


def waiting_or_raising(x: Vector, data: int) -> Any:
    if data == 1:
        raise LookupError("at once")
    time.sleep(PATIENCE)
    return 1.0, x


def test_what_others_still_compute_is_not_waited_for() -> None:
    began = time.monotonic()
    with (
        SumOfParts(waiting_or_raising, range(2), 2) as objective,
        pytest.raises(LookupError, match="at once"),
    ):
        objective(START)
    assert time.monotonic() - began < PATIENCE / 2


def overflowing(x: Vector, data: Any) -> Any:
    k, rows = data
    f, g = part(x.copy(), rows)
    far = np.abs(x).max() > 0.3
    return np.inf if k == 2 and far else f, g


@pytest.mark.parametrize("workers", HERE_AND_ELSEWHERE)
def test_what_is_not_finite_is_logged_and_retreated_from(
    workers: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with SumOfParts(overflowing, list(enumerate(DATA)), workers) as objective:
        result = minimize(objective, START, jac=True)
    lines = [record.getMessage() for record in caplog.records]
    assert "evaluation 2: part 2 of 7 (from 0): f is not finite" in lines
    assert np.isfinite(result.fun)
    assert result.nit > 1


def nan_gradient(x: Vector, data: int) -> Any:
    return (np.nan if data > 1 else 1.0), np.where(data > 0, np.nan, x)


def test_f_or_the_gradient_or_both(caplog: pytest.LogCaptureFixture) -> None:
    SumOfParts(nan_gradient, range(3))(START)
    assert [record.getMessage() for record in caplog.records] == [
        "evaluation 1: part 1 of 3 (from 0): the gradient is not finite; "
        "part 2 of 3 (from 0): f and the gradient are not finite"
    ]


def test_where_many_are_not_finite_the_first_ones_are_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    SumOfParts(nan_gradient, [1] * 100)(START)
    (record,) = caplog.records
    assert record.getMessage().endswith(
        "part 2 of 100 (from 0): the gradient is not finite and 97 more"
    )


# Deaths ----------------------------------------------------------------------------------------


@needs_signals
@pytest.mark.parametrize("groups", [None, 3])
def test_two_processes_killed_in_mid_evaluation_change_no_bit(
    tmp_path: Path, groups: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with SumOfParts(Deadly(tmp_path, (9, 20)), DATA, 2, groups=groups) as objective:
        assert fit(objective) == alone(groups)
    assert len(list(tmp_path.glob("killed-*"))) == 2
    for record in caplog.records:
        assert re.match(
            r"evaluation \d+: process \d+ died with exit code -9 over parts? \d( to \d)? of 7 "
            r"\(from 0\); another one goes on$",
            record.getMessage(),
        )
    assert len(caplog.records) == 2


@needs_signals
def test_one_that_dies_between_evaluations(caplog: pytest.LogCaptureFixture) -> None:
    with SumOfParts(slow_part, DATA, 2) as objective:
        objective(START)
        for process in multiprocessing.active_children():
            process.kill()
            process.join()
        assert fit(objective) == alone()
    assert len(caplog.records) == 2


def killing(x: Vector, data: int) -> Any:
    if data == 3:
        os._exit(3)
    return 1.0, x


def test_a_part_that_nobody_survives_is_named() -> None:
    with (
        SumOfParts(killing, range(5), 2) as objective,
        pytest.raises(
            RuntimeError,
            match=r"^workers: 3 processes died over part 3 of 5 \(from 0\), the last with exit "
            "code 3$",
        ),
    ):
        objective(START)


def test_an_interrupt_ends_the_processes_and_the_next_call_begins_anew() -> None:
    def interrupted(done: int, count: int) -> None:
        if objective.evaluations == 3 and done == 2 and not seen:
            seen.append(done)
            raise KeyboardInterrupt

    seen: list[int] = []
    objective = SumOfParts(slow_part, DATA, 2, progress=interrupted)
    with objective:
        with pytest.raises(KeyboardInterrupt):
            fit(objective)
        assert not multiprocessing.active_children()
        assert fit(objective) == alone()


ORPHANS = """
import os, signal, sys
sys.path[:0] = [{tests!r}, {cluster!r}]
from test_sum_of_parts import slow_part, DATA, START, SumOfParts
import multiprocessing
if __name__ == "__main__":
    multiprocessing.set_start_method({method!r})
    objective = SumOfParts(slow_part, DATA, 3)
    objective(START)
    # One of them begun anew, so that the oldest isn't the first any more.
    multiprocessing.active_children()[0].kill()
    objective(START)
    print(*(process.pid for process in multiprocessing.active_children()), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


@needs_signals
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_end_with_the_one_that_asks(tmp_path: Path, method: str) -> None:
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    program = tmp_path / "program.py"
    tests = str(Path(__file__).parent)
    program.write_text(ORPHANS.format(tests=tests, cluster=str(CLUSTER), method=method))
    # To a file: a pipe would be open as long as the processes that this is about.
    with open(tmp_path / "numbers", "w") as numbers:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", program], stdout=numbers, timeout=PATIENCE, check=False
        )
    assert done.returncode == -signal.SIGKILL
    left = [int(pid) for pid in (tmp_path / "numbers").read_text().split()]
    assert len(left) == 3
    until = time.monotonic() + PATIENCE
    while left and time.monotonic() < until:
        left = [pid for pid in left if is_running(pid)]
        time.sleep(0.02)
    assert not left


def is_running(pid: int) -> bool:
    try:
        # A zombie, which nobody has asked for, isn't running.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_daemonic_process_is_told_that_it_can_have_no_workers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(multiprocessing.current_process(), "_config", {"daemon": True})
    with pytest.raises(ValueError, match=r"^workers: a daemonic process"):
        SumOfParts(part, DATA, 2)


# What is seen ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("groups", "each"), [(None, 1), (2, 3)])
@pytest.mark.parametrize("workers", HERE_AND_ELSEWHERE)
def test_progress_by_parts(workers: Any, groups: Any, each: int) -> None:
    seen: list[tuple[int, int]] = []
    with SumOfParts(
        part, DATA[:6], workers, groups=groups, progress=lambda *now: seen.append(now)
    ) as objective:
        objective(START)
    assert seen == [(done, 6) for done in range(each, 7, each)]


def uneven(x: Vector, data: float) -> Any:
    time.sleep(data)
    return 1.0, x


def test_times_of_parts_and_workers() -> None:
    with SumOfParts(uneven, [0.0, 0.05, 0.0, 0.0], 2) as objective:
        for _ in range(3):
            objective(START)
        assert objective.evaluations == 3
        assert objective.part_seconds.argmax() == 1
        assert objective.part_seconds[1] >= 3 * 0.05
        slow, quick = sorted(objective.worker_seconds.values(), reverse=True)
        assert len(objective.worker_seconds) == 2
        assert slow >= 3 * 0.05 > quick
        assert objective.seconds >= slow
        assert objective.seconds_outside == pytest.approx(objective.seconds - slow)
        lines = objective.summary().splitlines()
    assert lines[0].startswith("3 evaluations of 4 parts, ")
    assert lines[1].split() == ["worker", "seconds", "in", "parts", "busy"]
    assert len(lines) == 5
    assert lines[-1].startswith("slowest: part 1, ")


def test_a_summary_before_the_first_evaluation() -> None:
    assert SumOfParts(part, DATA).summary() == "7 parts, not yet evaluated"


@pytest.mark.parametrize("way", ["processes", "map"])
def test_one_that_is_late_is_named(
    way: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lbfgsb77._parts.watch, "_GRACE", 0.2)
    times = [0.0, 0.0, 1.2, 0.0]
    with ThreadPoolExecutor(2) as pool:
        named = functools.partial(in_named_threads, pool.map)
        with SumOfParts(uneven, times, 2 if way == "processes" else named) as objective:
            objective(START)
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith("evaluation 1 has waited ")
    assert "part 2 of 4 (from 0)" in record.getMessage()


def in_named_threads(map_: Any, function: Any, groups: Any) -> Any:
    """A map whose threads are told apart, as processes are."""

    def call(group: Any) -> Any:
        result = function(group)
        worker = f"thread {group[0]}"
        return result._replace(records=tuple(r._replace(worker=worker) for r in result.records))

    return map_(call, groups)


def test_nobody_is_late_where_all_are_slow(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lbfgsb77._parts.watch, "_GRACE", 0.2)
    with SumOfParts(uneven, [0.3] * 4, 2) as objective:
        objective(START)
    assert not caplog.records


# The object ------------------------------------------------------------------------------------


def test_it_can_be_sent_to_another_process() -> None:
    with SumOfParts(part, DATA, 2, groups=3) as objective:
        objective(START)
        with pickle.loads(pickle.dumps(objective)) as other:
            assert fit(other) == alone(3)
            assert other.evaluations > 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")
def test_a_forked_process_has_workers_of_its_own() -> None:
    with SumOfParts(part, DATA, 2) as objective:
        objective(START)
        child = os.fork()
        if child == 0:
            try:
                with objective:
                    os._exit(0 if fit(objective) == alone() else 1)
            finally:
                os._exit(2)
        assert fit(objective) == alone()
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")
def test_a_forked_process_that_ends_takes_no_worker_of_the_other_with_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with SumOfParts(part, DATA, 2) as objective:
        objective(START)
        workers = {process.pid for process in multiprocessing.active_children()}
        child = os.fork()
        if child == 0:
            try:
                weakref.finalize._exitfunc()  # type: ignore[attr-defined]  # as at its end
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        assert fit(objective) == alone()
        assert {process.pid for process in multiprocessing.active_children()} == workers
    assert not caplog.records


def test_two_threads_can_share_it() -> None:
    got: list[bytes] = []
    with SumOfParts(part, DATA, 2) as objective:
        threads = [threading.Thread(target=lambda: got.append(fit(objective))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert got == [alone()] * 2


def test_processes_end_when_it_is_forgotten() -> None:
    SumOfParts(part, DATA, 2)(START)
    # By nothing_left_running.


def test_the_checkpoint_is_what_was_named(tmp_path: Path) -> None:
    objective = SumOfParts(part, DATA)
    path = objective.checkpoint(tmp_path / "run.checkpoint")
    assert path == str(tmp_path / "run.checkpoint")
    fit(objective, checkpoint=path, maxfun=5)
    rest = minimize(objective, START, jac=True, bounds=BOX, checkpoint=path)
    assert bits(rest) == alone()


BAD: list[tuple[Any, type[Exception], str]] = [
    (lambda: SumOfParts(3, DATA), TypeError, r"^part: a callable is expected, got 3$"),
    (lambda: SumOfParts(part, 3), TypeError, r"^parts: a sequence, one item a part, .* got 3$"),
    (lambda: SumOfParts(part, "x.npy"), TypeError, r"^parts: a sequence, one item a part"),
    (lambda: SumOfParts(part, {0: 1}), TypeError, r"^parts: a sequence, one item a part"),
    (lambda: SumOfParts(part, None), TypeError, r"^parts: a sequence, one item a part"),
    (lambda: SumOfParts(part, []), ValueError, r"^parts: at least one is expected, got none$"),
    (lambda: SumOfParts(part, DATA, 0), ValueError, r"^workers: a positive integer, -1 or"),
    (lambda: SumOfParts(part, DATA, "two"), ValueError, r"^workers: .* got 'two'$"),
    (lambda: SumOfParts(part, DATA, groups=0), ValueError, r"^groups: from 1 to .* 7, .* got 0$"),
    (lambda: SumOfParts(part, DATA, groups=8), ValueError, r"^groups: from 1 to .* 7, .* got 8$"),
    (lambda: SumOfParts(part, DATA, groups=(2, 3)), ValueError, r"here 2, .* got \(2, 3\)$"),
    (lambda: SumOfParts(part, DATA, groups=2.5), TypeError, r"^groups: an integer or a sequence"),
    (lambda: SumOfParts(part, DATA, groups=True), ValueError, r"^groups: .* got True$"),
    (lambda: SumOfParts(part, DATA, director=0), ValueError, r"^director: for an MPI"),
    (lambda: SumOfParts(part, DATA, progress=1), TypeError, r"^progress: a callable"),
    (lambda: SumOfParts(part, DATA, patience=-1), ValueError, r"^patience: must not be negative"),
    (lambda: SumOfParts(part, DATA)(["a"]), ValueError, r"^x: real numbers are expected"),
    (lambda: SumOfParts(part, DATA).serve(), RuntimeError, r"^serve: only for ranks of MPI"),
    (lambda: SumOfParts(part, DATA).checkpoint(3), TypeError, r"^path: a path is expected"),
    (lambda: SumOfParts(part, DATA, lambda f, g: 3)(START), TypeError, r"^workers: an iterable"),
    (lambda: SumOfParts(part, DATA, lambda f, g: [])(START), ValueError, r"^workers: 7 values"),
]


@pytest.mark.parametrize("k", range(len(BAD)))
def test_bad_input_gets_a_sentence(k: int) -> None:
    call, kind, words = BAD[k]
    with pytest.raises(kind, match=words):
        call()


def test_a_cluster_that_is_no_client_is_told_so() -> None:
    class LocalCluster:
        def get_client(self) -> None: ...

    with pytest.raises(TypeError, match=r"^workers: a client of the Dask cluster is expected"):
        SumOfParts(part, DATA, LocalCluster())
