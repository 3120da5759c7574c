"""The fits of examples/first_fit.py give the published results."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import first_fit


def digits(found: float, certified: float) -> float:
    """Number of correct significant digits (NIST's log relative error)."""
    return -np.log10(abs(found - certified) / abs(certified))


class TestDocumentedRegression:
    """Example on the page of scipy.optimize.fmin_l_bfgs_b, whose figures are quoted here."""

    def test_without_bounds(self) -> None:
        fit = first_fit.fit_line()
        assert fit.info["warnflag"] == 0
        # The page prints eight decimals.
        np.testing.assert_allclose(fit.parameters, [1.99999999, 3.00000006], rtol=0, atol=5e-9)
        # The objective uses + - * alone, in a fixed order, so every digit is the page's.
        assert fit.value == 1.7746231151323805e-14

    def test_with_bounds_ends_where_the_page_says(self) -> None:
        fit = first_fit.fit_line(first_fit.LINE_BOUNDS)
        assert fit.info["task"] == "CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH"
        np.testing.assert_allclose(fit.parameters, [1.65990508, 5.31649385], rtol=0, atol=5e-9)
        assert fit.value == 15.721334516453945

    def test_a_second_start_from_there_finds_the_minimum(self) -> None:
        ended = first_fit.fit_line(first_fit.LINE_BOUNDS)
        fit = first_fit.fit_line(first_fit.LINE_BOUNDS, start=ended.parameters)
        # With b = 5 the normal equation is sum x (2 - m) x = 2 sum x: m = 32/19, f = 220/19.
        # Forward differences of step 1e-8 leave the slope uncertain by half of that.
        assert fit.parameters[1] == 5.0
        assert fit.parameters[0] == pytest.approx(32 / 19, abs=1e-8)
        assert fit.value == pytest.approx(220 / 19, rel=1e-12)


class TestShuttleORings:
    """Dalal, Fowlkes and Hoadley 1989: 23 flights, of which 7 with distress."""

    def test_data_are_those_of_the_paper(self) -> None:
        assert first_fit.TEMPERATURE.size == first_fit.DISTRESS.size == 23
        assert first_fit.DISTRESS.sum() == 7
        # Deviance without the temperature, as logistic regressions of these data report it.
        rate = first_fit.DISTRESS.mean()
        deviance = -2 * (7 * np.log(rate) + 16 * np.log(1 - rate))
        assert deviance == pytest.approx(28.267, abs=5e-4)

    def test_estimates_are_the_published_ones(self) -> None:
        fit = first_fit.fit_orings()
        assert fit.info["warnflag"] == 0
        # Published with four decimals, the deviance with three.
        np.testing.assert_allclose(fit.parameters, [15.0429, -0.2322], rtol=0, atol=5e-5)
        assert 2 * fit.value == pytest.approx(20.315, abs=5e-4)

    def test_estimates_solve_the_likelihood_equations(self) -> None:
        fit = first_fit.fit_orings()
        intercept, slope = fit.parameters
        p = 1 / (1 + np.exp(-(intercept + slope * first_fit.TEMPERATURE)))
        # Counts and degrees agree with the data to what pgtol and factr let the run leave.
        assert np.sum(p) == pytest.approx(7, abs=1e-6)
        assert first_fit.TEMPERATURE @ (p - first_fit.DISTRESS) == pytest.approx(0, abs=1e-4)

    def test_a_bound_on_the_slope_is_active(self) -> None:
        fit = first_fit.fit_orings((-0.1, None))
        assert fit.info["warnflag"] == 0
        assert fit.parameters[1] == -0.1
        d_level, d_slope = fit.info["grad"]
        # A minimum on a lower bound: stationary in the free variable, rising into the box.
        assert abs(d_level) <= 1e-8
        assert d_slope > 1
        assert fit.value > first_fit.fit_orings().value


class TestMisra1a:
    """NIST Statistical Reference Datasets, nonlinear regression, lower level of difficulty."""

    def test_data_have_the_certified_residuals(self) -> None:
        assert first_fit.PRESSURE.size == first_fit.VOLUME.size == 14
        b1, b2 = first_fit.MISRA1A_CERTIFIED
        residual = first_fit.VOLUME - b1 * (1 - np.exp(-b2 * first_fit.PRESSURE))
        # Certified residual sum of squares, 11 digits: at the minimum the parameters' own
        # rounding enters in second order only.
        assert residual @ residual == pytest.approx(1.2455138894e-01, rel=1e-10)

    @pytest.mark.parametrize("start", first_fit.MISRA1A_STARTS)
    def test_certified_values_from_both_starts(self, start: tuple[float, float]) -> None:
        fit = first_fit.fit_misra1a(start)
        assert fit.info["warnflag"] == 0
        for found, certified in zip(fit.parameters, first_fit.MISRA1A_CERTIFIED, strict=True):
            assert digits(found, certified) >= 6
        deviation = first_fit.residual_deviation(fit)
        assert digits(deviation, first_fit.MISRA1A_CERTIFIED_DEVIATION) >= 6


def test_the_demo_prints_the_published_figures() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", Path(first_fit.__file__)],
        check=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    rows = [line.split() for line in run.stdout.splitlines()]
    assert any(row[:4] == ["no", "bounds", "15.0429", "-0.2322"] for row in rows)
    assert any(row[:5] == ["slope", ">=", "-0.1", "6.0528", "-0.1000"] for row in rows)
    assert sum("2.3894212" in line for line in run.stdout.splitlines()) == 3


def test_the_example_of_the_readme_runs() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (program,) = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(program, names)
    # On x0 = 1/2 the minimum over x1 is at x0**2, where f = (1 - x0)**2; the run ends within
    # pgtol of a zero slope, 200 (x1 - x0**2).
    np.testing.assert_allclose(names["result"].x, [0.5, 0.25], rtol=0, atol=1e-7)
    assert names["result"].fun == pytest.approx(0.25, abs=1e-12)
