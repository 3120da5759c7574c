"""Distance between floating-point numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["relative_gap", "same_bits", "ulps"]

_SIGN = np.uint64(1 << 63)


def _ordered(x: NDArray[np.float64]) -> NDArray[np.uint64]:
    """Integers in the order of the numbers, neighbours one apart; −0 is next to +0."""
    bits = np.ascontiguousarray(x, dtype=np.float64).view(np.uint64)
    ordered: NDArray[np.uint64] = np.where(bits & _SIGN, ~bits, bits | _SIGN)
    return ordered


def ulps(a: NDArray[np.float64] | float, b: NDArray[np.float64] | float) -> NDArray[np.uint64]:
    """How many doubles apart two numbers are (0 for the same bits), element by element.

    Any NaN is like any other; a NaN and a number are 2⁶⁴ − 1 apart.
    """
    first, second = np.atleast_1d(np.asarray(a, float)), np.atleast_1d(np.asarray(b, float))
    p, q = _ordered(first), _ordered(second)
    distance: NDArray[np.uint64] = np.maximum(p, q) - np.minimum(p, q)
    nan, other = np.isnan(first), np.isnan(second)
    distance[nan & other] = 0
    distance[nan ^ other] = np.iinfo(np.uint64).max
    return distance


def same_bits(a: NDArray[np.float64] | float, b: NDArray[np.float64] | float) -> bool:
    """Whether all bits agree; any NaN is like any other."""
    return not ulps(a, b).any()


def relative_gap(a: NDArray[np.float64] | float, b: NDArray[np.float64] | float) -> float:
    """Largest difference, relative to the largest number: ‖a − b‖∞ / max(‖a‖∞, ‖b‖∞)."""
    first, second = np.atleast_1d(np.asarray(a, float)), np.atleast_1d(np.asarray(b, float))
    with np.errstate(invalid="ignore", over="ignore"):
        different = ~((first == second) | (np.isnan(first) & np.isnan(second)))
        if not different.any():
            return 0.0
        scale = max(float(np.max(np.abs(first))), float(np.max(np.abs(second))))
        gap = float(np.max(np.abs(first - second)[different])) / scale
        if not np.isfinite(gap):  # the difference may overflow where the numbers don't
            gap = float(np.max(np.abs(first / scale - second / scale)[different]))
    return gap if np.isfinite(gap) else float("inf")
