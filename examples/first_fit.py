"""Four small fits of real and textbook data.  ``make demo`` runs this file.

Each fit is a function that returns what it found, so that the tests can hold the same fits
against the published values.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from lbfgsb77 import fmin_l_bfgs_b

Array = npt.NDArray[np.float64]
Bounds = list[tuple[float | None, float | None]]


class Fit(NamedTuple):
    """The estimates in the units of the data, the objective there and the solver's report."""

    parameters: Array
    value: float
    info: dict[str, Any]


# A straight line ---------------------------------------------------------------------------------

LINE_X = np.arange(10.0)
LINE_Y = 2.0 * LINE_X + 3.0
LINE_BOUNDS: Bounds = [(0.0, 5.0), (5.0, 10.0)]


def squared_error(parameters: Array, x: Array, y: Array) -> float:
    """Sum of the squared errors of the line m x + b."""
    m, b = parameters
    error = y - (m * x + b)
    return float(sum(error * error))


def fit_line(bounds: Bounds | None = None, start: npt.ArrayLike = (0.0, 1.0)) -> Fit:
    """Fit slope and intercept with default settings and gradients by finite differences.

    This is the example on the page of SciPy's ``fmin_l_bfgs_b``.
    """
    x, f, info = fmin_l_bfgs_b(
        squared_error, start, args=(LINE_X, LINE_Y), approx_grad=True, bounds=bounds
    )
    return Fit(x, f, info)


# Distress of the space shuttle's O-rings ---------------------------------------------------------

# The 23 flights before the Challenger accident: temperature of the joint at launch in °F, and
# whether an O-ring was in distress (thermal, in the field or nozzle joints).
# S. R. Dalal, E. B. Fowlkes, B. Hoadley, "Risk analysis of the space shuttle: pre-Challenger
# prediction of failure", J. Amer. Statist. Assoc. 84 (1989) 945-957, table 1.
# fmt: off
TEMPERATURE = np.array([
    66, 70, 69, 68, 67, 72, 73, 70, 57, 63, 70, 78, 67, 53, 67, 75, 70, 81, 76, 79, 75, 76, 58,
], dtype=np.float64)
DISTRESS = np.array([
    0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 1,
], dtype=np.float64)
# fmt: on


def oring_log_likelihood(parameters: Array) -> tuple[float, Array]:
    """Negative log-likelihood of the logistic model, and its gradient.

    ``parameters`` are the log-odds of distress at the mean temperature, and their slope per °F.
    Counting from the mean keeps the two nearly independent, which any optimizer likes.
    """
    level, slope = parameters
    distance = TEMPERATURE - TEMPERATURE.mean()
    log_odds = level + slope * distance
    value = np.sum(np.logaddexp(0.0, log_odds) - DISTRESS * log_odds)
    residual = 1.0 / (1.0 + np.exp(-log_odds)) - DISTRESS
    return float(value), np.array([residual.sum(), residual @ distance])


def fit_orings(slope_bounds: tuple[float | None, float | None] = (None, None)) -> Fit:
    """Fit intercept (log-odds at 0 °F) and slope (per °F)."""
    x, f, info = fmin_l_bfgs_b(
        oring_log_likelihood,
        [0.0, 0.0],
        bounds=[(None, None), slope_bounds],
        factr=10.0,
        pgtol=1e-8,
    )
    level, slope = x
    return Fit(np.array([level - slope * TEMPERATURE.mean(), slope]), f, info)


# Misra1a: adsorption in a dental material ---------------------------------------------------------

# National Institute of Standards and Technology, Statistical Reference Datasets, nonlinear
# regression, "Misra1a" (D. Misra, 1978): pressure x, volume y, model y = b1 (1 - exp(-b2 x)).
# fmt: off
PRESSURE = np.array([
    77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8,
    378.4, 434.8, 477.3, 536.8, 593.1, 689.1, 760.0,
])
VOLUME = np.array([
    10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02,
    44.82, 50.76, 55.05, 61.01, 66.40, 75.47, 81.78,
])
# fmt: on
MISRA1A_STARTS = ((500.0, 0.0001), (250.0, 0.0005))
MISRA1A_CERTIFIED = (2.3894212918e02, 5.5015643181e-04)
MISRA1A_CERTIFIED_DEVIATION = 1.0187876330e-01


def fit_misra1a(start: tuple[float, float]) -> Fit:
    """Fit b1 and b2 by least squares, in units of the start.

    b1 is about a million times b2.  Dividing each by its start gives the optimizer two variables
    of order one.
    """
    scale = np.array(start)

    def half_squared_error(scaled: Array) -> tuple[float, Array]:
        b1, b2 = scaled * scale
        decay = np.exp(-b2 * PRESSURE)
        residual = b1 * (1.0 - decay) - VOLUME
        gradient = np.array([residual @ (1.0 - decay), residual @ (b1 * PRESSURE * decay)])
        return float(0.5 * residual @ residual), gradient * scale

    x, f, info = fmin_l_bfgs_b(half_squared_error, np.ones(2), factr=10.0, pgtol=1e-10)
    return Fit(x * scale, f, info)


def residual_deviation(fit: Fit) -> float:
    """Residual standard deviation of a Misra1a fit, with 14 - 2 degrees of freedom."""
    return float(np.sqrt(2.0 * fit.value / (PRESSURE.size - 2)))


# The report --------------------------------------------------------------------------------------


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    """Print columns that are as wide as they need to be: names on the left, figures right."""
    widths = [max(len(row[k]) for row in [header, *rows]) for k in range(len(header))]
    for row in [header, *rows]:
        cells = [cell.rjust(width) for cell, width in zip(row, widths, strict=True)]
        cells[0] = row[0].ljust(widths[0])
        cells[-1] = row[-1]
        print("  " + "   ".join(cells).rstrip())
    print()


def effort(fit: Fit) -> tuple[str, str]:
    """Return the number of evaluations and what ended the run, as cells of a table."""
    return str(fit.info["funcalls"]), fit.info["task"]


def main() -> None:
    """Make the fits and print a table of each."""
    print("A straight line through ten points of y = 2 x + 3, gradients by finite differences\n")
    free = fit_line()
    bounded = fit_line(LINE_BOUNDS)
    again = fit_line(LINE_BOUNDS, start=bounded.parameters)
    table(
        ("", "m", "b", "squared error", "evaluations", "ended by"),
        [
            (
                name,
                f"{fit.parameters[0]:.8f}",
                f"{fit.parameters[1]:.8f}",
                f"{fit.value:.8g}",
                *effort(fit),
            )
            for name, fit in [
                ("no bounds", free),
                ("0 <= m <= 5 <= b <= 10", bounded),
                ("  started again there", again),
            ]
        ]
        + [
            ("documented, bounded", "1.65990508", "5.31649385", "15.721335", "", ""),
            ("exact, bounded", "32/19", "5", "220/19", "", ""),
        ],
    )
    print("  The bounded run ends early, as on SciPy's page: f hardly changed in its last step.")
    print("  Started again from where it ended, it finds the minimum, on the bound of b.\n")

    print("O-ring distress on 23 shuttle flights: log-odds = intercept + slope * temperature\n")
    free = fit_orings()
    bounded = fit_orings((-0.1, None))
    table(
        ("", "intercept", "slope", "deviance", "at 31 °F", "evaluations", "ended by"),
        [
            (
                name,
                f"{fit.parameters[0]:.4f}",
                f"{fit.parameters[1]:.4f}",
                f"{2.0 * fit.value:.4f}",
                f"{1.0 / (1.0 + np.exp(-(fit.parameters @ [1.0, 31.0]))):.4f}",
                *effort(fit),
            )
            for name, fit in [("no bounds", free), ("slope >= -0.1", bounded)]
        ]
        + [("published", "15.0429", "-0.2322", "20.315", "", "", "")],
    )

    print("NIST Misra1a: volume = b1 (1 - exp(-b2 pressure)), 14 observations\n")
    table(
        ("", "b1", "b2", "residual sd", "evaluations", "ended by"),
        [
            (
                f"from ({start[0]:g}, {start[1]:g})",
                f"{fit.parameters[0]:.10e}",
                f"{fit.parameters[1]:.10e}",
                f"{residual_deviation(fit):.10e}",
                *effort(fit),
            )
            for start in MISRA1A_STARTS
            for fit in [fit_misra1a(start)]
        ]
        + [
            (
                "certified",
                *(f"{value:.10e}" for value in MISRA1A_CERTIFIED),
                f"{MISRA1A_CERTIFIED_DEVIATION:.10e}",
                "",
                "",
            )
        ],
    )


if __name__ == "__main__":
    main()
