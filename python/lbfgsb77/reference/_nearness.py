"""When two points, or two numbers, are one: what rounding may make of a step."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["EPSILON", "SAME_NUMBER", "SAME_POINT", "along", "distance", "name_of", "near"]

Vector = NDArray[np.float64]

EPSILON: Final = 2.0**-52
#: Two points are one if they are no further apart than this part of the step to them: what rounding
#: makes of an ill-conditioned matrix is mostly less, and what a fault makes mostly much more.
SAME_POINT: Final = 1e-4
#: What is compared with a formula is held to this.
SAME_NUMBER: Final = 1e-6


def distance(a: Vector, b: Vector) -> float:
    """The largest difference of two points' components."""
    return float(np.max(np.abs(a - b)))


def near(a: Vector, b: Vector, base: Vector, part: float = SAME_POINT) -> bool:
    """Whether two points are the same, as seen from a third."""
    gap = distance(a, b)
    if gap == 0.0:
        return True
    step = distance(a, base)
    size = float(np.max(np.abs(a)))
    # A step's own rounding is larger the shorter the step is beside x.
    return gap <= part * step + 1e4 * EPSILON * size


def along(v: Vector, d: Vector, rounding: float = 0.0) -> float | None:
    """The multiple of d that v is, None if it is none."""
    dd = float(d @ d)
    if not dd > 0.0:
        return None
    ratio = float(v @ d) / dd
    rest = float(np.max(np.abs(v - ratio * d)))
    size = float(np.max(np.abs(v)))
    return ratio if rest <= SAME_NUMBER * size + rounding and ratio > 0.0 else None


def name_of(steps: Mapping[str, float], value: float) -> str:
    """The first name of a number, empty if it has none."""
    for text, step in steps.items():
        if isclose(step, value, rel_tol=SAME_NUMBER):
            return text
    return ""
