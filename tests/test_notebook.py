"""What a notebook shows, executed by Jupyter and looked at in a browser."""

from __future__ import annotations

import re
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import (
    History,
    OptimizeResult,
    curvature,
    fmin_l_bfgs_b,
    minimize,
    minimize_batch,
)
from lbfgsb77.reference import Trace, compare, problems, record
from objectives import valley

CELLS = [
    """
import numpy as np
import lbfgsb77
from lbfgsb77 import History, Progress, curvature, minimize, minimize_batch
from lbfgsb77.reference import compare, problems, record

def valley(x):
    bend = x[1] - x[0] ** 2
    return 100 * bend**2 + (1 - x[0]) ** 2, np.array(
        [-400 * x[0] * bend - 2 * (1 - x[0]), 200 * bend])
""",
    """
history = History(x=True)
result = minimize(valley, [-1.2, 1.0], jac=True, callback=[history, Progress()])
result
""",
    "history",
    "curvature(valley, result)",
    """
def parabolas(X, index):
    return ((X - 1) ** 2).sum(axis=1), 2 * (X - 1)
minimize_batch(parabolas, np.random.RandomState(0).uniform(-5, 5, (1000, 3)))
""",
    """
problem = next(iter(problems.select()))
compare(record(lbfgsb77.fmin_l_bfgs_b, problem), record(lbfgsb77.fmin_l_bfgs_b, problem, m=3))
""",
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The notebook, executed, as HTML."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Jupyter's own parts about each other
        for name in ("nbconvert", "nbformat", "ipykernel", "ipywidgets"):
            pytest.importorskip(name, reason=f"no {name}")
        import nbformat
        from nbconvert import HTMLExporter
        from nbconvert.preprocessors import ExecutePreprocessor

        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS]
        )
        folder = tmp_path_factory.mktemp("notebook")
        executor = ExecutePreprocessor(timeout=120, kernel_name="python3")
        executor.preprocess(notebook, {"metadata": {"path": str(folder)}})
        text, _ = HTMLExporter().from_notebook_node(notebook)
    path = folder / "notebook.html"
    path.write_text(text, encoding="utf-8")
    return path


def test_cells_show_tables_and_pictures(page: Path, browser: Any) -> None:
    browser.set_window_size(1000, 2400)
    browser.get(page.as_uri())
    outputs = browser.execute_script(
        "return [...document.querySelectorAll('.jp-OutputArea')].map(area => ["
        "area.querySelectorAll('table').length, area.querySelectorAll('svg').length,"
        "area.innerText, area.scrollWidth - area.clientWidth])"
    )
    result, history, bend, batch, comparison = outputs[-5:]
    assert result[0] == 1
    assert "CONVERGENCE" in result[2]
    assert history[:2] == [1, 1]
    assert "projected gradient" in history[2]
    assert bend[0] == 1
    assert "positive definite" in bend[2]
    assert batch[0] == 2
    assert "... and 995 more" in batch[2]
    assert comparison[:2] == [1, 1]
    assert "first difference" in comparison[2]
    # Nothing is wider than its place.
    assert all(excess <= 1 for *_, excess in outputs)


# Each by itself, without Jupyter ---------------------------------------------------------------


def cells(html: str) -> list[str]:
    return re.findall(r"<t[hd](?: [^>]*)?>(.*?)</t[hd]>", html)


def test_a_result_escapes_what_it_holds() -> None:
    html = OptimizeResult(message="a < b & c", x=np.arange(3.0))._repr_html_()
    assert cells(html) == ["message", "a &lt; b &amp; c", "x", "[ 0.000e+00  1.000e+00  2.000e+00]"]


def test_a_batch_shows_endings_and_its_lowest() -> None:
    def parabolas(X: np.ndarray, index: np.ndarray) -> Any:  # noqa: N803
        return ((X - 1) ** 2).sum(axis=1) + index, 2 * (X - 1)

    results = minimize_batch(parabolas, np.zeros((7, 2)))
    html = results._repr_html_()
    assert html.count("<table>") == 2
    rows = cells(html.split("</table>")[1])
    assert rows[:5] == ["problem", "f", "iterations", "evaluations", "x"]
    assert rows[5:7] == ["0", "0"]
    assert rows[-1] == "... and 2 more"
    assert "<table>" in minimize_batch(parabolas, np.zeros((0, 2)))._repr_html_()


def test_a_history_without_matplotlib_is_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History()
    assert history._repr_html_() == "<p>History of no iteration</p>"
    minimize(valley, [-1.2, 1.0], jac=True, callback=history)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    html = history._repr_html_()
    assert html.count("<tr>") == 6
    assert "<svg" not in html


def test_a_comparison_of_equal_runs_has_no_drawing() -> None:
    problem = next(iter(problems.select()))
    trace: Trace = record(fmin_l_bfgs_b, problem)
    html = compare(trace, trace)._repr_html_()
    assert "<svg" not in html
    assert cells(html)[3] == "bits"


def test_a_curvature_marks_what_is_on_a_bound() -> None:
    html = curvature(valley, [0.5, 0.25], [(None, 0.5), (None, None)])._repr_html_()
    assert "on a bound" in cells(html)
