"""Progress: a bar or lines on a terminal and in notebooks, nothing elsewhere."""

from __future__ import annotations

import inspect
import io
import re
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, Progress, fmin_l_bfgs_b
from objectives import valley

START = [-1.2, 1.0]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def no_tqdm(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is None there can't be imported.
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "tqdm.notebook", None)


def follow(progress: Progress, runs: int = 1) -> dict[str, Any]:
    for _ in range(runs):
        _, _, info = fmin_l_bfgs_b(valley, START, callback=progress)
    progress.close()
    return info


@pytest.mark.usefixtures("no_tqdm")
class TestLines:
    def test_there_is_one_for_each_iteration_and_it_has_the_numbers(self) -> None:
        terminal = Terminal()
        info = follow(Progress(interval=0, file=terminal))
        lines = terminal.getvalue().splitlines()
        assert len(lines) == info["nit"]
        solver = LBFGSB(START)
        while solver.nit < 3:
            solver.tell(*valley(solver.ask()))
        iterate = solver.iterate
        assert lines[2] == (
            f"iteration 3: f {iterate.fun:.6g}, |g| {iterate.projected_gradient_norm:.1e}, "
            f"0 bounds, {iterate.nfev} calls"
        )

    def test_within_the_interval_there_are_the_first_and_the_last(self) -> None:
        terminal = Terminal()
        info = follow(Progress(interval=1e6, file=terminal))
        lines = terminal.getvalue().splitlines()
        assert [line.split(":")[0] for line in lines] == ["iteration 1", f"iteration {info['nit']}"]

    def test_a_second_run_begins_anew(self) -> None:
        terminal = Terminal()
        info = follow(Progress(interval=1e6, file=terminal), runs=2)
        numbers = [line.split(":")[0] for line in terminal.getvalue().splitlines()]
        assert numbers == 2 * ["iteration 1", f"iteration {info['nit']}"]

    def test_the_last_line_comes_when_the_object_goes(self) -> None:
        terminal = Terminal()
        _, _, info = fmin_l_bfgs_b(valley, START, callback=Progress(interval=1e6, file=terminal))
        assert f"iteration {info['nit']}:" in terminal.getvalue()

    def test_the_last_line_comes_at_the_end_of_with(self) -> None:
        terminal = Terminal()
        with Progress(interval=1e6, file=terminal) as progress:
            _, _, info = fmin_l_bfgs_b(valley, START, callback=progress)
        assert f"iteration {info['nit']}:" in terminal.getvalue()

    def test_they_go_to_the_standard_error_of_now(self, monkeypatch: pytest.MonkeyPatch) -> None:
        progress = Progress()
        terminal = Terminal()
        monkeypatch.setattr(sys, "stderr", terminal)
        follow(progress)
        assert terminal.getvalue().startswith("iteration 1: f ")

    def test_force_writes_to_a_file(self) -> None:
        file = io.StringIO()
        follow(Progress(file=file, force=True))
        assert file.getvalue().startswith("iteration 1: f ")

    def test_a_notebook_gets_lines_though_it_is_no_terminal(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pretend_notebook(monkeypatch)
        file = io.StringIO()
        follow(Progress(file=file))
        assert file.getvalue().startswith("iteration 1: f ")


def pretend_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)


def test_it_is_silent_where_nobody_looks(capsys: pytest.CaptureFixture[str]) -> None:
    file = io.StringIO()
    follow(Progress(interval=0, file=file))
    follow(Progress(interval=0))
    assert file.getvalue() == ""
    assert capsys.readouterr() == ("", "")


def test_ipython_in_a_terminal_is_no_notebook(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = SimpleNamespace(config={})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    file = io.StringIO()
    follow(Progress(file=file))
    assert file.getvalue() == ""


class TestBar:
    @pytest.fixture(autouse=True)
    def _needs_tqdm(self) -> None:
        pytest.importorskip("tqdm", reason="no tqdm: pip install lbfgsb77[progress]")

    def test_it_ends_with_the_numbers_of_the_last_iteration(self) -> None:
        terminal = Terminal()
        info = follow(Progress(file=terminal))
        last = terminal.getvalue().split("\r")[-1]
        assert re.match(rf" *\d+%\|.*\| 00:\d\d, {info['nit']} it, f ", last)
        assert f"{info['funcalls']} calls" in last
        assert last.endswith("\n")

    def test_it_fills_by_the_powers_of_ten_that_the_gradient_has_fallen(self) -> None:
        terminal = Terminal()
        iterate = LBFGSB([3.0, 4.0]).iterate
        with Progress(interval=0, file=terminal, gtol=1e-4) as progress:
            for nit, norm in enumerate([1.0, 10.0, 1e-1, 1e-2, 0.5, 1e-3, 1e-4]):
                iterate.update(nit=nit + 1, projected_gradient_norm=norm)
                progress(iterate)
        shown = [int(n) for n in re.findall(r"(\d+)%\|", terminal.getvalue())]
        assert list(dict.fromkeys(shown)) == [0, 25, 50, 75, 100]

    @pytest.mark.parametrize("columns", [20, 40, 60, 80, 200])
    def test_no_line_is_cut(self, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
        import tqdm

        class Narrow(tqdm.tqdm):  # type: ignore[misc]
            def __init__(self, **settings: Any) -> None:
                super().__init__(**settings)
                self.dynamic_ncols = lambda _: (columns, 24)

        monkeypatch.setattr(tqdm, "tqdm", Narrow)
        terminal = Terminal()
        info = follow(Progress(file=terminal))
        last = terminal.getvalue().split("\r")[-1].rstrip("\n")
        assert len(last) <= columns
        words = last.split(", ")[1:]
        everything = [
            f"{info['nit']} it",
            "f ",
            "|g| ",
            "0 bounds",
            f"{info['funcalls']} c",
        ]
        assert all(word.startswith(start) for word, start in zip(words, everything, strict=False))
        assert len(words) == {20: 1, 40: 1, 60: 3, 80: 5, 200: 5}[columns]

    def test_each_run_has_its_own(self) -> None:
        terminal = Terminal()
        info = follow(Progress(file=terminal), runs=2)
        lines = terminal.getvalue().splitlines()
        ends = [line for line in lines if f", {info['nit']} it, f " in line]
        assert len([end for end in ends if "calls" in end]) >= 2

    def test_a_resumed_run_goes_on_counting(self) -> None:
        terminal = Terminal()
        iterate = LBFGSB([3.0, 4.0]).iterate
        with Progress(file=terminal) as progress:
            for nit in (7, 8):
                iterate.nit = nit
                progress(iterate)
        assert ", 8 it, f " in terminal.getvalue().split("\r")[-1]

    def test_a_notebook_without_widgets_gets_its_text(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pretend_notebook(monkeypatch)
        monkeypatch.setitem(sys.modules, "tqdm.notebook", None)
        file = io.StringIO()
        info = follow(Progress(file=file))
        assert f", {info['nit']} it, f " in file.getvalue()

    def test_a_notebook_with_widgets_gets_tqdms_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import tqdm

        made = []

        class Widget(tqdm.tqdm):  # type: ignore[misc]
            def __init__(self, **settings: Any) -> None:
                made.append(settings)
                super().__init__(file=io.StringIO(), **settings)

        pretend_notebook(monkeypatch)
        monkeypatch.setitem(sys.modules, "tqdm.notebook", SimpleNamespace(tqdm=Widget))
        follow(Progress())
        assert len(made) == 1


def test_a_line_fits_in_a_terminal_of_80_columns() -> None:
    iterate = LBFGSB([3.0, 4.0]).iterate
    iterate.update(nit=9999, nfev=99999, fun=-1.23457e10, projected_gradient_norm=1e-10)
    iterate.active_bounds = 9999
    terminal = Terminal()
    with Progress(file=terminal) as progress:
        progress(iterate)
    assert all(len(line) <= 80 for line in terminal.getvalue().replace("\r", "\n").splitlines())


def test_following_changes_no_bit() -> None:
    x, f, info = fmin_l_bfgs_b(valley, START)
    followed = fmin_l_bfgs_b(valley, START, callback=Progress(file=Terminal()))
    np.testing.assert_array_equal(followed[0], x)
    assert (followed[1], followed[2]["funcalls"]) == (f, info["funcalls"])


def test_it_writes_twice_a_second_by_default() -> None:
    assert inspect.signature(Progress).parameters["interval"].default == 0.5
