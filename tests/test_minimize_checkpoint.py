"""minimize with a checkpoint: whatever stops it, the next call goes on to the same bits."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import lbfgsb77
from foreign_kernels import on_each
from lbfgsb77 import LBFGSB, OptimizeResult, minimize
from lbfgsb77._run.run import Run
from objectives import chain

N = 6


def value(x: np.ndarray) -> float:
    return chain(x)[0]


START = np.where(np.arange(N) % 2 == 0, -1.2, 1.0)
BOX = [(-1.5, 0.9), (None, None), (0.8, 0.8), (None, 2), (0, None), (None, None)]


class Interrupt(BaseException):
    """What a Ctrl-C raises, and no handler expects."""


class Counted:
    """An objective that counts its calls and stops at one of them."""

    def __init__(self, objective: Any, stop_at: int | None = None) -> None:
        self.objective, self.stop_at, self.calls = objective, stop_at, 0

    def __call__(self, x: np.ndarray) -> Any:
        if self.calls == self.stop_at:
            raise Interrupt
        self.calls += 1
        return self.objective(x)


def same(result: OptimizeResult, expected: OptimizeResult) -> None:
    assert set(result) == set(expected)
    for name in expected:
        if name == "hess_inv":
            np.testing.assert_array_equal(result.hess_inv.sk, expected.hess_inv.sk)
            np.testing.assert_array_equal(result.hess_inv.yk, expected.hess_inv.yk)
        else:
            np.testing.assert_array_equal(result[name], expected[name])


@pytest.mark.parametrize("every", [0, 1e6])
@pytest.mark.parametrize(
    ("objective", "arguments"),
    [
        (chain, {"jac": True}),
        (chain, {"jac": True, "bounds": BOX, "maxcor": 3}),
        (value, {"bounds": BOX}),
        (value, {"bounds": BOX, "jac": "3-point", "maxfun": 300}),
    ],
)
def test_an_exception_loses_nothing(
    objective: Any, arguments: Any, every: float, tmp_path: Path
) -> None:
    path = tmp_path / "run.checkpoint"
    undisturbed = Counted(objective)
    expected = minimize(undisturbed, START, **arguments)
    keywords = {**arguments, "checkpoint": path, "checkpoint_every": every}
    calls = 0
    for stop_after in (0, 1, 3, 6):
        interrupted = Counted(objective, stop_after)
        with pytest.raises(Interrupt):
            minimize(interrupted, START, **keywords)
        calls += interrupted.calls
    last = Counted(objective)
    same(minimize(last, START, **keywords), expected)
    # What was computed of the point at which the exception came is computed again.
    again = expected.nfev // expected.njev if "jac" not in arguments or objective is value else 0
    assert undisturbed.calls <= calls + last.calls <= undisturbed.calls + 4 * again


def test_a_finished_run_is_not_run_again(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    expected = minimize(chain, START, jac=True, checkpoint=path)
    same(minimize(Counted(chain, stop_at=0), START, jac=True, checkpoint=path), expected)


def test_a_limit_that_is_raised_lets_the_run_go_on(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    minimize(chain, START, jac=True, checkpoint=path, maxiter=7)
    result = minimize(chain, START, jac=True, checkpoint=path)
    same(result, minimize(chain, START, jac=True))


def test_saves_are_as_far_apart_as_one_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, times = [0.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(Run, "save", lambda run, path: times.append(now[0]))

    def slow(x: np.ndarray) -> Any:
        now[0] += 1
        return chain(x)

    path = tmp_path / "run.checkpoint"
    result = minimize(slow, START, jac=True, checkpoint=path, checkpoint_every=10)
    assert result.nfev > 40
    # One every ten evaluations of a second each, and one at the end.
    assert times == [*range(10, result.nfev, 10), result.nfev]


def test_by_default_nothing_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Run, "save", lambda run, path: pytest.fail("saved"))
    minimize(chain, START, jac=True, options={"checkpoint_every": 0})


def test_the_option_works_from_a_dict_too(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    minimize(chain, START, jac=True, options={"checkpoint": str(path)})
    assert LBFGSB.load(path).done


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        # The words are those of the call.
        ({"maxcor": 3}, ValueError, "its run is another, with maxcor = 10 instead of 3"),
        ({"m": 3}, ValueError, "its run is another, with m = 10 instead of 3"),
        ({"gtol": 1e-9}, ValueError, "its run is another, with gtol = 1e-05 instead of 1e-09"),
        ({"ftol": 2**-20}, ValueError, "another, with ftol = 2.22.*e-09 instead of 9.53.*e-07"),
        ({"factr": 1.0}, ValueError, "its run is another, with factr = 10000000.0 instead of 1.0"),
        ({"bounds": [(0, 1)] * N}, ValueError, r"with bounds\[0\]: lower -inf instead of 0.0"),
        ({"x0": START[1:]}, ValueError, "n = 6 instead of 5 variables"),
        ({"checkpoint_every": -1}, ValueError, "^checkpoint_every: must not be negative, got -1"),
        ({"checkpoint": 3}, TypeError, "^checkpoint: a path is expected, got 3"),
        ({"checkpoint": ""}, ValueError, "^checkpoint: the name of a file is expected"),
        ({"checkpoint": "."}, IsADirectoryError, "Is a directory"),
        ({"checkpoint": "x" * 256}, OSError, "name too long"),
        ({"checkpoint": "nowhere/run"}, FileNotFoundError, "No such file or directory"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_file_stays(
    arguments: Any, kind: type, sentence: str, tmp_path: Path
) -> None:
    path = tmp_path / "run.checkpoint"
    minimize(chain, START, jac=True, checkpoint=path, maxiter=3)
    saved = path.read_bytes()
    keywords = {"x0": START, "jac": True, "checkpoint": path, **arguments}
    with pytest.raises(kind, match=sentence):
        minimize(Counted(chain, stop_at=0), **keywords)
    assert path.read_bytes() == saved


def test_a_damaged_file_is_refused_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "run.checkpoint"
    path.write_bytes(b"the results of last week")
    with pytest.raises(ValueError, match="not a checkpoint of lbfgsb77"):
        minimize(chain, START, jac=True, checkpoint=path)
    assert path.read_bytes() == b"the results of last week"


def test_a_warm_start_goes_through_minimize() -> None:
    first = minimize(chain, START, jac=True, maxiter=12)
    warm = minimize(chain, first.x, jac=True, pairs=first.hess_inv)
    solver = LBFGSB(first.x, pairs=first.hess_inv, factr=2.220446049250313e-09 / 2.0**-52)
    for x in solver:
        solver.tell(*chain(x))
    np.testing.assert_array_equal(warm.x, solver.x)
    assert warm.nfev == solver.nfev


def test_pairs_of_all_variables_serve_those_that_are_not_fixed() -> None:
    first = minimize(value, START, bounds=BOX, maxiter=8)
    assert first.hess_inv.shape == (N, N)
    trials: list[np.ndarray] = []

    def watched(x: np.ndarray) -> float:
        trials.append(x.copy())
        return value(x)

    warm = minimize(watched, first.x, bounds=BOX, pairs=first.hess_inv)
    assert all(trial[2] == 0.8 for trial in trials)
    # It goes on from near the minimum, which pairs from there tell the way to.
    assert warm.fun < first.fun
    assert warm.nit < minimize(value, START, bounds=BOX).nit


@on_each
def test_another_kernel_resumes_with_what_is_kept_beside_it(tmp_path: Path, kernel: str) -> None:
    def hole(x: np.ndarray) -> tuple[float, np.ndarray]:
        # The original goes on to values that aren't finite; the best iterate is kept here.
        f, g = chain(x)
        return (np.nan, g) if f < 1 else (f, g)

    with lbfgsb77.backend(kernel):
        solver = LBFGSB(START, maxfun=60)
        resumed = solver.copy()
        path = tmp_path / "run.checkpoint"
        while not solver.done:
            answer = hole(solver.ask())
            np.testing.assert_array_equal(resumed.ask(), solver.ask())
            solver.tell(*answer)
            resumed.tell(*answer)
            resumed.save(path)
            resumed = LBFGSB.load(path)
    assert resumed.done
    assert np.isfinite(solver.result.fun)
    same(resumed.result, solver.result)


def failing_replace(monkeypatch: pytest.MonkeyPatch, after: int = 0) -> list[int]:
    """Have every save from one on fail, as on a disk that is full; counts them."""
    calls = [0]
    real = os.replace

    def replace(source: Any, target: Any) -> None:
        calls[0] += 1
        if calls[0] > after:
            raise OSError(28, "No space left on device")
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    return calls


def test_a_name_of_any_length_that_the_directory_takes_works(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    minimize(chain, START, jac=True, checkpoint=path, maxiter=3)
    assert LBFGSB.load(path).nit == 3


def test_the_objective_may_change_the_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)

    def moving(x: np.ndarray) -> Any:
        os.chdir(tmp_path / "elsewhere")
        return chain(x)

    minimize(moving, START, jac=True, checkpoint="run.checkpoint", checkpoint_every=0)
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["run.checkpoint"]
    assert not [*(tmp_path / "elsewhere").iterdir()]


def test_a_save_that_fails_on_the_way_is_told_and_the_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = failing_replace(monkeypatch, after=2)
    path = tmp_path / "run.checkpoint"
    with pytest.warns(RuntimeWarning) as warned:
        result = minimize(chain, START, jac=True, checkpoint=path, checkpoint_every=0)
    texts = {str(warning.message) for warning in warned}
    assert texts == {
        f"the checkpoint {str(path)!r} could not be saved, the run goes on: "
        "[Errno 28] No space left on device",
        f"the checkpoint {str(path)!r} could not be saved, its result is returned: "
        "[Errno 28] No space left on device",
    }
    expected = minimize(chain, START, jac=True)
    np.testing.assert_array_equal(result.x, expected.x)
    assert calls[0] == result.nfev + 1
    # The last save that succeeded is there, and nothing else.
    assert [entry.name for entry in tmp_path.iterdir()] == ["run.checkpoint"]
    monkeypatch.undo()
    resumed = minimize(chain, START, jac=True, checkpoint=path)
    np.testing.assert_array_equal(resumed.x, expected.x)


def test_a_ctrl_c_says_where_the_run_is_kept(tmp_path: Path) -> None:
    def interrupted(x: np.ndarray) -> Any:
        raise KeyboardInterrupt

    path = tmp_path / "run.checkpoint"
    with pytest.raises(KeyboardInterrupt) as caught:
        minimize(interrupted, START, jac=True, checkpoint=path)
    assert caught.value.__notes__ == [
        f"The run is saved in {str(path)!r}; the same call goes on from there."
    ]


@pytest.mark.parametrize("kind", [ZeroDivisionError, OSError, KeyboardInterrupt])
def test_the_objectives_exception_stays_what_it_is_where_the_save_fails_too(
    kind: type[BaseException], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_replace(monkeypatch)
    raised = kind("from the objective")
    calls = 0

    def failing(x: np.ndarray) -> Any:
        nonlocal calls
        calls += 1
        if calls == 5:
            raise raised
        return chain(x)

    path = tmp_path / "run.checkpoint"
    with pytest.raises(kind) as caught:
        minimize(failing, START, jac=True, checkpoint=path)
    assert caught.value is raised
    assert caught.value.__notes__ == [
        f"The checkpoint {str(path)!r} could not be saved: [Errno 28] No space left on device"
    ]
