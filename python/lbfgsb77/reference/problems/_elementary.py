"""The elementary functions that objectives may call, and one plain sum.

Objectives call them as ``fn.exp(x)`` and never through `math`, so that one place decides what is
portable to the bit: ``+ - * /`` on Python floats and `sqrt` are correctly rounded everywhere
(IEEE 754); the others come from the platform's mathematical library and differ between
platforms in the last place.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

__all__ = ["PORTABLE", "atan", "cos", "exp", "log", "power", "sin", "sqrt", "total"]

# What an objective that is marked portable may call besides + - * / and comparisons.
PORTABLE = frozenset({"sqrt", "total"})


def total(terms: Iterable[float]) -> float:
    """Sum from left to right, each partial sum rounded.

    Python's own `sum` is compensated from 3.12 on, and NumPy's adds in pairs: neither gives the
    same bits everywhere.
    """
    result = 0.0
    for term in terms:
        result += term
    return result


def sqrt(x: float) -> float:
    """Square root, correctly rounded; NaN left of zero."""
    return math.sqrt(x) if x >= 0.0 else math.nan


def exp(x: float) -> float:
    """Exponential; infinity where it overflows."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


def log(x: float) -> float:
    """Natural logarithm; minus infinity at zero and NaN left of it."""
    if x > 0.0:
        return math.log(x)
    return -math.inf if x == 0.0 else math.nan


def power(x: float, exponent: float) -> float:
    """``x`` to a real power for ``x`` ≥ 0; NaN left of zero, infinity where it overflows."""
    if not x >= 0.0:
        return math.nan
    try:
        return math.pow(x, exponent)
    except OverflowError:
        return math.inf
    except ValueError:  # 0 to a negative power
        return math.inf


def sin(x: float) -> float:
    """Sine; NaN where the argument is not finite."""
    return math.sin(x) if math.isfinite(x) else math.nan


def cos(x: float) -> float:
    """Cosine; NaN where the argument is not finite."""
    return math.cos(x) if math.isfinite(x) else math.nan


def atan(x: float) -> float:
    """Inverse tangent."""
    return math.atan(x)
