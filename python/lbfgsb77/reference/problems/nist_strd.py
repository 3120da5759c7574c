"""The non-linear regressions of NIST's Statistical Reference Datasets (StRD).

National Institute of Standards and Technology, Statistical Reference Datasets, Nonlinear Least
Squares Regression: 27 data sets, each with a model, two starts, certified parameters and the
certified residual sum of squares (11 digits, computed in 128-bit arithmetic). The objective is the
residual sum of squares, so the minimum is the certified one. Data: nist_strd.json, the work of an
agency of the United States, in the public domain.

Scaled as they are, many of these are hard for a first-order method: runs that stop far from the
certified minimum are what any faithful implementation gives.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from importlib import resources
from typing import Any

from . import _elementary as fn
from ._problem import Problem, Residual, Solution, sum_of_squares

__all__ = ["PROBLEMS"]

Vector = Sequence[float]
#: A model takes the parameters b and the predictor and returns the value and its derivatives by b.
Model = Callable[[Vector, Any], tuple[float, list[float]]]


def _misra1a(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ (1 − exp(−b₂ x))."""
    e = fn.exp(-b[1] * x)
    return b[0] * (1.0 - e), [1.0 - e, b[0] * x * e]


def _misra1b(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ (1 − (1 + b₂ x/2)⁻²)."""
    q = 1.0 + b[1] * x / 2.0
    s = 1.0 / (q * q)
    return b[0] * (1.0 - s), [1.0 - s, b[0] * x * (s / q)]


def _misra1c(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ (1 − (1 + 2 b₂ x)^(−1/2))."""
    q = 1.0 + 2.0 * b[1] * x
    s = 1.0 / fn.sqrt(q)
    return b[0] * (1.0 - s), [1.0 - s, b[0] * x * (s / q)]


def _misra1d(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ b₂ x / (1 + b₂ x)."""
    q = 1.0 + b[1] * x
    return b[0] * b[1] * x / q, [b[1] * x / q, b[0] * x / (q * q)]


def _chwirut(b: Vector, x: float) -> tuple[float, list[float]]:
    """exp(−b₁ x) / (b₂ + b₃ x)."""
    q = b[1] + b[2] * x
    y = fn.exp(-b[0] * x) / q
    return y, [-x * y, -y / q, -x * y / q]


def _exponentials(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ exp(−b₂ x) + b₃ exp(−b₄ x) + b₅ exp(−b₆ x)."""
    y = 0.0
    derivatives = []
    for k in (0, 2, 4):
        e = fn.exp(-b[k + 1] * x)
        y += b[k] * e
        derivatives += [e, -x * b[k] * e]
    return y, derivatives


def _gauss(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ exp(−b₂ x) + b₃ exp(−(x − b₄)²/b₅²) + b₆ exp(−(x − b₇)²/b₈²)."""
    e = fn.exp(-b[1] * x)
    y = b[0] * e
    derivatives = [e, -x * b[0] * e]
    for k in (2, 5):
        d = (x - b[k + 1]) / b[k + 2]
        p = fn.exp(-d * d)
        y += b[k] * p
        derivatives += [p, b[k] * p * (2.0 * d / b[k + 2]), b[k] * p * (2.0 * d * d / b[k + 2])]
    return y, derivatives


def _danwood(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ x^b₂."""
    p = fn.power(x, b[1])
    return b[0] * p, [p, b[0] * p * fn.log(x)]


def _rational(numerator: int, denominator: int) -> Model:
    def model(b: Vector, x: float) -> tuple[float, list[float]]:
        powers = [1.0]
        for _ in range(max(numerator, denominator)):
            powers.append(powers[-1] * x)
        p = fn.total(b[k] * powers[k] for k in range(numerator + 1))
        q = 1.0 + fn.total(b[numerator + k] * powers[k] for k in range(1, denominator + 1))
        y = p / q
        return y, [
            *(powers[k] / q for k in range(numerator + 1)),
            *(-y * powers[k] / q for k in range(1, denominator + 1)),
        ]

    model.__doc__ = f"A quotient of polynomials of degrees {numerator} and {denominator}."
    return model


def _nelson(b: Vector, x: Sequence[float]) -> tuple[float, list[float]]:
    """b₁ − b₂ x₁ exp(−b₃ x₂), fitted to log y."""
    e = x[0] * fn.exp(-b[2] * x[1])
    return b[0] - b[1] * e, [1.0, -e, b[1] * e * x[1]]


def _mgh17(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ + b₂ exp(−b₄ x) + b₃ exp(−b₅ x)."""
    p, q = fn.exp(-b[3] * x), fn.exp(-b[4] * x)
    return b[0] + b[1] * p + b[2] * q, [1.0, p, q, -x * b[1] * p, -x * b[2] * q]


def _roszman1(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ − b₂ x − arctan(b₃ / (x − b₄)) / π."""
    d = x - b[3]
    q = math.pi * (d * d + b[2] * b[2])
    return b[0] - b[1] * x - fn.atan(b[2] / d) / math.pi, [1.0, -x, -d / q, -b[2] / q]


def _enso(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ and three cosines and sines, of the periods 12, b₄ and b₇."""
    turn = 2.0 * math.pi * x
    c, s = fn.cos(turn / 12.0), fn.sin(turn / 12.0)
    y = b[0] + b[1] * c + b[2] * s
    derivatives = [1.0, c, s]
    for k in (3, 6):
        angle = turn / b[k]
        c, s = fn.cos(angle), fn.sin(angle)
        y += b[k + 1] * c + b[k + 2] * s
        derivatives += [(b[k + 1] * s - b[k + 2] * c) * (angle / b[k]), c, s]
    return y, derivatives


def _mgh09(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ (x² + b₂ x) / (x² + b₃ x + b₄)."""
    p = x * x + x * b[1]
    q = x * x + x * b[2] + b[3]
    y = b[0] * p / q
    return y, [p / q, b[0] * x / q, -y * x / q, -y / q]


def _thermistor(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ exp(b₂ / (x + b₃))."""
    q = x + b[2]
    e = fn.exp(b[1] / q)
    y = b[0] * e
    return y, [e, y / q, -y * b[1] / (q * q)]


def _rat42(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ / (1 + exp(b₂ − b₃ x))."""
    e = fn.exp(b[1] - b[2] * x)
    q = 1.0 + e
    return b[0] / q, [1.0 / q, -b[0] * e / (q * q), b[0] * e * x / (q * q)]


def _rat43(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ / (1 + exp(b₂ − b₃ x))^(1/b₄)."""
    e = fn.exp(b[1] - b[2] * x)
    q = 1.0 + e
    s = fn.exp(-fn.log(q) / b[3])
    y = b[0] * s
    slope = -y * e / (q * b[3])
    return y, [s, slope, -slope * x, y * fn.log(q) / (b[3] * b[3])]


def _eckerle4(b: Vector, x: float) -> tuple[float, list[float]]:
    """(b₁/b₂) exp(−((x − b₃)/b₂)²/2)."""
    d = (x - b[2]) / b[1]
    e = fn.exp(-0.5 * (d * d)) / b[1]
    y = b[0] * e
    return y, [e, y * (d * d - 1.0) / b[1], y * d / b[1]]


def _bennett5(b: Vector, x: float) -> tuple[float, list[float]]:
    """b₁ (b₂ + x)^(−1/b₃)."""
    q = b[1] + x
    logarithm = fn.log(q)
    p = fn.exp(-logarithm / b[2])
    y = b[0] * p
    return y, [p, -y / (b[2] * q), y * logarithm / (b[2] * b[2])]


_MODELS: dict[str, Model] = {
    "Bennett5": _bennett5,
    "BoxBOD": _misra1a,
    "Chwirut1": _chwirut,
    "Chwirut2": _chwirut,
    "DanWood": _danwood,
    "Eckerle4": _eckerle4,
    "ENSO": _enso,
    "Gauss1": _gauss,
    "Gauss2": _gauss,
    "Gauss3": _gauss,
    "Hahn1": _rational(3, 3),
    "Kirby2": _rational(2, 2),
    "Lanczos1": _exponentials,
    "Lanczos2": _exponentials,
    "Lanczos3": _exponentials,
    "MGH09": _mgh09,
    "MGH10": _thermistor,
    "MGH17": _mgh17,
    "Misra1a": _misra1a,
    "Misra1b": _misra1b,
    "Misra1c": _misra1c,
    "Misra1d": _misra1d,
    "Nelson": _nelson,
    "Rat42": _rat42,
    "Rat43": _rat43,
    "Roszman1": _roszman1,
    "Thurber": _rational(3, 3),
}
_PORTABLE = {"Hahn1", "Kirby2", "MGH09", "Misra1b", "Misra1c", "Misra1d", "Thurber"}


def _problem(name: str, data: dict[str, Any]) -> Problem:
    model = _MODELS[name]
    response = [math.log(y) for y in data["y"]] if name == "Nelson" else data["y"]
    observations = list(zip(data["x"], response, strict=True))

    def residuals(b: Vector) -> Iterator[Residual]:
        for x, y in observations:
            value, derivatives = model(b, x)
            yield value - y, list(enumerate(derivatives))

    residuals.__doc__ = f"NIST StRD {name}: {len(observations)} observations of {model.__doc__}"
    return Problem(
        name=f"nist-{name.lower()}",
        objective=sum_of_squares(residuals),
        starts=tuple(tuple(start) for start in data["starts"]),
        source=f"NIST StRD, {name} ({data['level']} level of difficulty)",
        portable=name in _PORTABLE,
        finite=name != "Gauss1",  # trial points where exp(−b₂ x) overflows
        solution=Solution(
            data["rss"], tuple(data["certified"]), "certified by NIST", digits=11, unique=False
        ),
        tags=frozenset({"nist", "unbounded", "least-squares", data["level"]}),
    )


def _load() -> tuple[Problem, ...]:
    text = resources.files(__package__).joinpath("nist_strd.json").read_text(encoding="utf-8")
    return tuple(_problem(name, data) for name, data in json.loads(text).items())


PROBLEMS: tuple[Problem, ...] = _load()
