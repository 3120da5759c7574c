"""Checkpoints: a run that is saved, pickled or copied at any moment goes on with the same bits."""

from __future__ import annotations

import copy
import json
import os
import pickle
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from foreign_kernels import on_each
from lbfgsb77 import LBFGSB, backend
from lbfgsb77._run import checkpoint, layout
from objectives import valley
from random_problems import case

Objective = Any


START = [-1.2, 1.0]


def finish(solver: LBFGSB, objective: Objective = valley) -> LBFGSB:
    while not solver.done:
        solver.tell(*objective(solver.ask()))
    return solver


def part_way(evaluations: int, *, asked: bool = False, **arguments: Any) -> LBFGSB:
    solver = LBFGSB(START, **arguments)
    for _ in range(evaluations):
        solver.tell(*valley(solver.ask()))
    if asked:
        solver.ask()
    return solver


def state(solver: LBFGSB) -> list[Any]:
    """Every bit that the run depends on."""
    return [
        value.tobytes() if isinstance(value, np.ndarray) else value
        for value in solver.__getstate__().values()
    ]


def _swapped(array: np.ndarray) -> np.ndarray:
    return array.astype(array.dtype.newbyteorder())


def put(array: np.ndarray, place: int, number: int) -> np.ndarray:
    return np.where(np.arange(array.size) == place, number, array)


def through_file(solver: LBFGSB, directory: Path) -> LBFGSB:
    path = directory / "run.checkpoint"
    solver.save(path)
    return LBFGSB.load(path)


def through_pickle(solver: LBFGSB, _: Path) -> LBFGSB:
    result = pickle.loads(pickle.dumps(solver))
    assert isinstance(result, LBFGSB)
    return result


WAYS = [
    through_file,
    through_pickle,
    lambda solver, _: solver.copy(),
    lambda solver, _: copy.copy(solver),
    lambda solver, _: copy.deepcopy(solver),
]
NAMES = ["file", "pickle", "copy method", "copy module", "deepcopy"]


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
@pytest.mark.parametrize("seed", [0, 3, 11, 19, 42])
def test_a_run_goes_on_with_the_same_bits_from_every_evaluation(
    seed: int, way: Any, tmp_path: Path
) -> None:
    problem = case(seed)
    arguments = {k: v for k, v in problem.arguments.items() if k != "approx_grad"}
    undisturbed = LBFGSB(problem.x0, **arguments)
    # Every moment: a point to ask for, a point asked for, an iteration ended, the run ended.
    resumed = way(LBFGSB(problem.x0, **arguments), tmp_path)
    while not undisturbed.done:
        x = undisturbed.ask()
        np.testing.assert_array_equal(resumed.ask(), x)
        resumed = way(resumed, tmp_path)
        answer = problem.objective(x)
        undisturbed.tell(*answer)
        resumed.tell(*answer)
        resumed = way(resumed, tmp_path)
        assert state(resumed) == state(undisturbed)
    assert resumed.done
    assert state(way(resumed, tmp_path)) == state(undisturbed)
    assert repr(resumed.result) == repr(undisturbed.result)


def test_a_file_restores_the_middle_of_a_line_search(tmp_path: Path) -> None:
    solver = LBFGSB(START)
    in_search = 0
    while not solver.done:
        solver.tell(*valley(solver.ask()))
        if not solver.done and solver.task == "FG_LNSRCH":
            restored = through_file(solver, tmp_path)
            assert restored.iterate.fun == solver.iterate.fun
            in_search += restored._workspace.integers[layout.EVALUATIONS_IN_SEARCH] > 1
            assert state(finish(restored)) == state(finish(solver.copy()))
    assert in_search > 3


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_what_comes_back_shares_nothing_with_what_was_saved(way: Any, tmp_path: Path) -> None:
    solver = part_way(5)
    before = state(solver)
    fork = way(solver, tmp_path)
    finish(fork)
    assert state(solver) == before
    assert state(finish(solver)) == state(fork)


@pytest.mark.parametrize("limit", [15000, 10**400, np.inf, 7.5])
def test_limits_of_any_kind_are_kept(limit: Any, tmp_path: Path) -> None:
    solver = part_way(3, maxfun=limit, maxiter=limit)
    for way in WAYS:
        assert state(way(solver, tmp_path)) == state(solver)


def test_a_subclass_comes_back_as_one(tmp_path: Path) -> None:
    class Named(LBFGSB):
        pass

    path = tmp_path / "run.checkpoint"
    Named(START).save(path)
    assert type(Named.load(path)) is Named
    assert type(Named(START).copy()) is Named


@on_each
def test_a_run_on_another_kernel_goes_on_there(tmp_path: Path, kernel: str) -> None:
    with backend(kernel):
        undisturbed = LBFGSB(START)
    resumed = undisturbed.copy()
    while not undisturbed.done:
        resumed = through_pickle(through_file(resumed, tmp_path), tmp_path)
        answer = valley(undisturbed.ask())
        np.testing.assert_array_equal(resumed.ask(), undisturbed.ask())
        undisturbed.tell(*answer)
        resumed.tell(*answer)
    assert resumed.done
    # Not the whole state: the original keeps times of the clock there.
    result, expected = resumed.result, undisturbed.result
    assert (result.fun, result.nit, result.nfev) == (expected.fun, expected.nit, expected.nfev)
    np.testing.assert_array_equal(result.x, expected.x)
    np.testing.assert_array_equal(result.jac, expected.jac)


def test_pickles_of_shared_read_only_buffers_become_solvers_of_their_own() -> None:
    solver = part_way(4)
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(solver, protocol=5, buffer_callback=buffers.append)
    frozen = [bytes(buffer.raw()) for buffer in buffers]
    assert frozen  # the arrays travel outside of the pickle
    one, other = (pickle.loads(data, buffers=frozen) for _ in range(2))
    expected = state(finish(solver))
    assert state(finish(one)) == expected
    assert state(finish(other)) == expected


class TestFile:
    def test_it_is_little_endian_on_every_machine(self, tmp_path: Path) -> None:
        # The documented layout, read by hand: two lines, arrays, checksum.
        path = tmp_path / "run.checkpoint"
        solver = part_way(4)
        solver.save(path)
        first, second, rest = path.read_bytes().split(b"\n", 2)
        assert first == b"lbfgsb77 checkpoint 2"
        header = json.loads(second)
        assert [kind for _, kind, _ in header["arrays"]] == ["<f8", "<i4", "|S120"]
        reals = np.frombuffer(rest, "<f8", header["arrays"][0][2])
        np.testing.assert_array_equal(reals.astype(float), solver._workspace.reals)

    def test_a_state_of_the_other_byte_order_is_taken(self) -> None:
        solver = part_way(4)
        foreign = {
            key: _swapped(value) if isinstance(value, np.ndarray) else value
            for key, value in solver.__getstate__().items()
        }
        resumed = LBFGSB.__new__(LBFGSB)
        resumed.__setstate__(foreign)
        assert state(finish(resumed)) == state(finish(solver))

    def test_every_truncation_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "run.checkpoint"
        part_way(4, m=1).save(path)
        for length in reversed(range(path.stat().st_size)):
            os.truncate(path, length)
            with pytest.raises(ValueError, match=r"^checkpoint '.*run\.checkpoint': .*truncated"):
                LBFGSB.load(path)

    def test_every_altered_byte_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "run.checkpoint"
        part_way(4, m=1).save(path)
        whole = path.read_bytes()
        for place in range(len(whole)):
            altered = bytearray(whole)
            altered[place] ^= 1 << place % 8
            path.write_bytes(altered)
            with pytest.raises(ValueError, match=r"run\.checkpoint': "):
                LBFGSB.load(path)

    @pytest.mark.parametrize(
        ("contents", "sentence"),
        [
            (b"", "truncated after 0 bytes"),
            (b"PK\x03\x04 an archive", "not a checkpoint of lbfgsb77$"),
            (pickle.dumps({"kernel": "lbfgsb77"}), "not a checkpoint of lbfgsb77$"),
            (b"lbfgsb77 checkpoint 3\n{}\n", "its format 3 is newer than 2, the newest that"),
            (b"lbfgsb77 checkpoint 2\n" + 60000 * b"[" + b"\n", "its header is not"),
            (b"lbfgsb77 checkpoint 2\n7\n", "its header is not a header's JSON"),
            (b'lbfgsb77 checkpoint 2\n{"arrays": [["a", "|O", 1]]}\n', "tells of no array"),
            (b'lbfgsb77 checkpoint 2\n{"arrays": [["a", "<f8", 9999999999999]]}\n', "truncated"),
        ],
    )
    def test_what_is_no_checkpoint_is_refused(
        self, contents: bytes, sentence: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "file"
        path.write_bytes(contents)
        with pytest.raises(ValueError, match=sentence):
            LBFGSB.load(path)

    @pytest.mark.parametrize(
        ("key", "change", "sentence"),
        [
            ("integers", lambda a: a[:40], "have other shapes"),
            ("integers", lambda a: put(a, layout.N, 10**9), "no state of a run"),
            ("integers", lambda a: put(a, layout.HEAD, 99), "no store of m"),
            ("integers", lambda a: put(a, layout.LIMIT, 6), "the number of a limit"),
            ("integers", lambda a: put(a, layout.COUNTS_OF_VARIABLES.start + 1, -5), "a count of"),
            # One more than the n + 1 variables that can be left over.
            ("integers", lambda a: put(a, layout.COUNTS_OF_VARIABLES.start + 2, 4), "a count of"),
            ("integers", lambda a: put(a, layout.BOUND_TYPES, 4), "a type of bounds"),
            # Behind nbd: side, status and order, of n = 2 each.
            ("integers", lambda a: put(a, layout.BOUND_TYPES + 2, 8), "the side of a variable"),
            ("integers", lambda a: put(a, layout.BOUND_TYPES + 4, 4), "a status"),
            ("integers", lambda a: put(a, layout.BOUND_TYPES + 7, 3), "an index"),
            ("integers", lambda a: put(a, layout.BOUND_TYPES + 7, -1), "an index"),
            ("reals", lambda a: a[:-1], "no state of a run"),
            ("kernel", lambda _: "fast", "'original' or 'system' is expected, got 'fast'"),
            ("integers", lambda _: None, "not a solver's state"),
        ],
    )
    def test_a_sound_file_of_an_impossible_state_is_refused(
        self, key: str, change: Any, sentence: str, tmp_path: Path
    ) -> None:
        # The kernel finds its way through memory by these numbers.
        path = tmp_path / "run.checkpoint"
        impossible = part_way(4).__getstate__()
        impossible[key] = change(impossible[key])
        if impossible[key] is None:
            del impossible[key]
        elif isinstance(impossible[key], np.ndarray):
            impossible[key] = impossible[key].astype(part_way(0).__getstate__()[key].dtype)
        checkpoint.write(path, impossible)
        with pytest.raises(ValueError, match=sentence):
            LBFGSB.load(path)

    def test_no_altered_header_or_task_is_another_error(self, tmp_path: Path) -> None:
        path = tmp_path / "run.checkpoint"
        whole = part_way(4, m=1).__getstate__()
        for key, value in (("text", np.array([b"\xff" * 120])), ("kernel", ["lbfgsb77"])):
            checkpoint.write(path, {**whole, key: value})
            with pytest.raises(ValueError, match=r"run\.checkpoint': "):
                LBFGSB.load(path)
        checkpoint.write(path, whole)
        first, second, rest = path.read_bytes().split(b"\n", 2)
        for old, new in ((b"120", b"1e999"), (b'"asked"', b'"\xff"'), (b"[", b"Infinity, [")):
            path.write_bytes(b"\n".join([first, second.replace(old, new), rest]))
            with pytest.raises(ValueError, match=r"run\.checkpoint': "):
                LBFGSB.load(path)

    @pytest.mark.skipif(sys.platform == "win32", reason="its files are not sparse unasked")
    def test_a_huge_file_is_refused_with_little_memory(self, tmp_path: Path) -> None:
        path = tmp_path / "run.checkpoint"
        header = b'lbfgsb77 checkpoint 2\n{"arrays": [["reals", "<f8", 40000000]]}\n'
        path.write_bytes(header)
        os.truncate(path, len(header) + 8 * 40_000_000 + 32)  # 320 MB of holes
        tracemalloc.start()
        try:
            with pytest.raises(ValueError, match="its checksum is another"):
                LBFGSB.load(path)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 10_000_000

    def test_a_missing_file_is_the_systems_own_error(self, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            LBFGSB.load(tmp_path / "none")


class TestSaving:
    @pytest.mark.parametrize("call", ["fsync", "replace"])
    def test_a_failure_leaves_the_old_file_and_no_other(
        self, call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "run.checkpoint"
        solver = part_way(4)
        solver.save(path)
        saved = path.read_bytes()
        finish(solver)
        before = state(solver)

        def full(*_: Any) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, call, full)
        with pytest.raises(OSError, match="No space left"):
            solver.save(path)
        assert state(solver) == before
        assert path.read_bytes() == saved
        assert [entry.name for entry in tmp_path.iterdir()] == ["run.checkpoint"]

    def test_the_contents_reach_the_disk_before_the_name(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls = []
        for name in ("fsync", "replace"):
            function = getattr(os, name)
            monkeypatch.setattr(
                os, name, lambda *a, f=function, n=name: (calls.append(n), f(*a))[1]
            )
        part_way(4).save(tmp_path / "run.checkpoint")
        assert calls == ["fsync", "replace", "fsync"]  # file, rename, directory

    def test_leftovers_of_killed_processes_are_removed_and_nothing_else(
        self, tmp_path: Path
    ) -> None:
        kept = ["run", ".run.tmp", checkpoint._temporary(tmp_path / "other").name]
        kept.append(kept[-1].replace(".tmp", "1.tmp"))
        for name in [*kept, checkpoint._temporary(tmp_path / "run").name]:
            (tmp_path / name).touch()
        checkpoint.remove_leftovers(tmp_path / "run")
        assert sorted(entry.name for entry in tmp_path.iterdir()) == sorted(kept)

    @pytest.mark.skipif(sys.platform == "win32", reason="another meaning of modes and links")
    def test_a_file_keeps_its_mode_and_a_link_stays_one(self, tmp_path: Path) -> None:
        (tmp_path / "elsewhere").mkdir()
        target, link = tmp_path / "elsewhere" / "run.checkpoint", tmp_path / "link"
        part_way(1).save(target)
        target.chmod(0o600)
        link.symlink_to(target)
        solver = part_way(4)
        solver.save(link)
        assert link.is_symlink()
        assert target.stat().st_mode & 0o777 == 0o600
        assert state(LBFGSB.load(target)) == state(solver)
        assert [entry.name for entry in (tmp_path / "elsewhere").iterdir()] == ["run.checkpoint"]

    @pytest.mark.skipif(sys.platform == "win32", reason="another meaning of modes")
    def test_the_file_has_the_usual_mode(self, tmp_path: Path) -> None:
        part_way(1).save(tmp_path / "run.checkpoint")
        (tmp_path / "plain").touch()
        assert (tmp_path / "run.checkpoint").stat().st_mode == (tmp_path / "plain").stat().st_mode


class TestResumed:
    def test_a_run_goes_on_past_a_limit_that_was_raised(self, tmp_path: Path) -> None:
        path = tmp_path / "run.checkpoint"
        for low in ({"maxiter": 5}, {"maxfun": 9}):
            limited = finish(LBFGSB(START, **low))
            assert limited.status == 1
            limited.save(path)
            again = LBFGSB(START, **low).resumed(path)
            assert again.done
            assert state(again) == state(limited)
            further = finish(LBFGSB(START).resumed(path))
            assert state(further) == state(finish(LBFGSB(START)))

    @pytest.mark.parametrize(
        ("arguments", "difference"),
        [
            ({"m": 4}, "m = 10 instead of 4"),
            ({"factr": 1.0}, "factr = 10000000.0 instead of 1.0"),
            ({"pgtol": 0.0}, "pgtol = 1e-05 instead of 0.0"),
            ({"maxls": 9}, "maxls = 20 instead of 9"),
            ({"bounds": [(None, None), (None, 3)]}, r"bounds\[1\]: upper inf instead of 3.0"),
        ],
    )
    def test_another_problem_is_refused(
        self, arguments: Any, difference: str, tmp_path: Path
    ) -> None:
        path = tmp_path / "run.checkpoint"
        part_way(4).save(path)
        with pytest.raises(ValueError, match=f"its run is another, with {difference}$"):
            LBFGSB(START, **arguments).resumed(path)
        with pytest.raises(ValueError, match="n = 2 instead of 3 variables"):
            LBFGSB([1.0, 2.0, 3.0]).resumed(path)
