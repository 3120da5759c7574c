"""History: the numbers of every iteration, as arrays and as a picture."""

from __future__ import annotations

import io
import pickle
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, History, fmin_l_bfgs_b
from objectives import valley

START = [-1.2, 1.0]
BOUNDS = [(None, 0.5), (0.1, None)]


def kept(**arguments: Any) -> tuple[History, list[Any]]:
    """A history, and the iterates that it should have kept."""
    history = History(x=True)
    fmin_l_bfgs_b(valley, START, callback=history, **arguments)
    solver = LBFGSB(START, **arguments)
    iterates = []
    while not solver.done:
        if solver.tell(*valley(solver.ask())):
            iterates.append(solver.iterate)
    return history, iterates


@pytest.mark.parametrize("bounds", [None, BOUNDS])
def test_it_keeps_what_each_iterate_tells(bounds: Any) -> None:
    history, iterates = kept(bounds=bounds)
    arrays = history.arrays()
    assert len(history) == len(iterates) > 5
    for name in ("nit", "nfev", "fun", "projected_gradient_norm", "step", "active_bounds", "x"):
        np.testing.assert_array_equal(arrays[name], [iterate[name] for iterate in iterates])
    assert arrays["x"].shape == (len(history), 2)
    assert arrays["active_bounds"].max() == (0 if bounds is None else 1)


def test_x_is_kept_only_if_asked_for() -> None:
    history = History()
    fmin_l_bfgs_b(valley, START, callback=history)
    assert set(history.arrays()) == {
        *("nit", "nfev", "fun", "projected_gradient_norm", "step", "active_bounds")
    }


def test_arrays_can_be_saved(tmp_path: Any) -> None:
    history, _ = kept()
    np.savez(tmp_path / "history.npz", **history.arrays())
    with np.load(tmp_path / "history.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["fun"], history.arrays()["fun"])


def test_before_the_first_iteration_the_arrays_are_empty() -> None:
    for history in (History(), History(x=True)):
        assert all(len(array) == 0 for array in history.arrays().values())
        with pytest.raises(ValueError, match=r"^plot: there is no iteration to draw"):
            history.plot()


def test_a_pickled_history_goes_on() -> None:
    whole, _ = kept()
    solver = LBFGSB(START)
    history = History(x=True)
    while not solver.done:
        if solver.tell(*valley(solver.ask())):
            history(solver.iterate)
            solver, history = pickle.loads(pickle.dumps((solver, history)))
    for name, array in whole.arrays().items():
        np.testing.assert_array_equal(history.arrays()[name], array)


class TestPlot:
    @pytest.fixture(autouse=True)
    def _needs_matplotlib(self) -> None:
        matplotlib = pytest.importorskip(
            "matplotlib", reason="no matplotlib: pip install lbfgsb77[plot]"
        )
        matplotlib.use("Agg")

    def test_it_draws_against_evaluations_on_a_logarithmic_scale(self) -> None:
        from matplotlib import pyplot

        history, _ = kept(bounds=BOUNDS)
        arrays = history.arrays()
        figure = history.plot()
        upper, lower = figure.axes
        assert upper.get_yscale() == "log"
        f, norm = upper.get_lines()
        np.testing.assert_array_equal(f.get_xdata(), arrays["nfev"])
        above = arrays["fun"] - arrays["fun"].min()
        np.testing.assert_array_equal(f.get_ydata(), np.where(above > 0, above, np.nan))
        assert f.get_label() == "f − lowest f"
        shown = arrays["projected_gradient_norm"] > 0
        np.testing.assert_array_equal(
            norm.get_ydata()[shown], arrays["projected_gradient_norm"][shown]
        )
        (active,) = lower.get_lines()
        np.testing.assert_array_equal(active.get_ydata(), arrays["active_bounds"])
        assert lower.get_xlabel() == "evaluations"
        figure.savefig(io.BytesIO(), format="png")
        pyplot.close(figure)

    def test_it_draws_into_axes_that_it_is_given(self) -> None:
        from matplotlib.figure import Figure

        axes = Figure().subplots(1, 2)
        history, _ = kept()
        assert history.plot(ax=axes[1]) is axes[1].figure
        assert len(axes[1].get_lines()) == 2
        assert not axes[0].get_lines()
        assert axes[1].get_xlabel() == "evaluations"

    def test_several_runs_share_the_lowest_f(self) -> None:
        from matplotlib.figure import Figure

        first, _ = kept()
        second, _ = kept(bounds=BOUNDS)
        lowest = min(first.arrays()["fun"].min(), second.arrays()["fun"].min())
        figure = first.plot(Figure(), others={"in a box": second}, label="free")
        free, in_a_box = figure.axes[0].get_lines()
        assert [free.get_label(), in_a_box.get_label()] == ["free", "in a box"]
        above = second.arrays()["fun"] - lowest
        np.testing.assert_array_equal(in_a_box.get_ydata(), np.where(above > 0, above, np.nan))
        assert len(figure.axes[1].get_lines()) == 2
        names = [line.get_label() for line in first.plot(Figure(), others=[second]).axes[0].lines]
        assert names == ["run 1", "run 2"]

    def test_parameters(self) -> None:
        from matplotlib.figure import Figure

        history, _ = kept()
        x0, x1 = history.plot(Figure(), parameters=True).axes[1].get_lines()
        np.testing.assert_array_equal(x0.get_ydata(), history.arrays()["x"][:, 0])
        assert [x0.get_label(), x1.get_label()] == ["x[0]", "x[1]"]

    def test_bad_input_gets_a_sentence(self) -> None:
        history = History()
        fmin_l_bfgs_b(valley, START, callback=history)
        with pytest.raises(ValueError, match=r"^parameters: a history that keeps x is needed"):
            history.plot(parameters=True)
        with pytest.raises(TypeError, match=r"^others: histories are expected, got 3 as 'run 2'$"):
            history.plot(others=[3])  # type: ignore[list-item]
        with pytest.raises(ValueError, match=r"^plot: there is no iteration to draw"):
            history.plot(others=[History()])

    def test_a_notebook_draws_it_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from matplotlib import pyplot

        shell = SimpleNamespace(config={"IPKernelApp": {}})
        monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
        history, _ = kept(bounds=BOUNDS)
        before = pyplot.get_fignums()
        figure = history.plot()
        # At the end of a cell its backend draws whatever pyplot still has.
        assert pyplot.get_fignums() == before
        figure.savefig(io.BytesIO(), format="png")

    def test_an_f_below_zero_is_drawn_from_its_lowest_value(self) -> None:
        from matplotlib.figure import Figure

        history = History()
        fmin_l_bfgs_b(lambda x: (valley(x)[0] - 5, valley(x)[1]), START, callback=history)
        given = Figure()
        assert history.plot(given) is given
        line = given.axes[0].get_lines()[0]
        fun = history.arrays()["fun"]
        assert line.get_label() == "f − lowest f"
        above = fun > fun.min()
        np.testing.assert_array_equal(line.get_ydata()[above], (fun - fun.min())[above])
        assert np.isnan(line.get_ydata()[~above]).all()  # what no logarithmic axis can show


def test_without_matplotlib_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    history, _ = kept()
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install matplotlib installs it"):
        history.plot()
