"""The start of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77._arguments import LARGEST_INDEX, real_array

Vector = NDArray[np.float64]


def read(x0: ArrayLike) -> tuple[NDArray[np.float64], bool]:
    """The start as a vector of at least one number; and whether all are finite."""
    array = real_array("x0", x0)
    if array.ndim != 1:
        array = array.ravel()
    if array.size == 0:
        raise ValueError("x0: at least one variable is expected, got an empty array")
    if array.size > LARGEST_INDEX:
        raise ValueError(f"x0: at most {LARGEST_INDEX} variables are possible, got {array.size}")
    finite = b"\0" not in np.isfinite(array).tobytes()  # .all() takes four times as long
    return array, finite


def is_finite_inside(start: Vector, lower: Vector | float, upper: Vector | float) -> bool:
    """Whether a start is finite after its projection into the bounds."""
    return bool(np.isfinite(np.minimum(np.maximum(start, lower), upper)).all())


def require_finite(start: Vector, lower: Vector | float, upper: Vector | float) -> None:
    """Refuse a start that isn't finite even after its projection into the bounds."""
    if np.isnan(start).any():
        index = int(np.isnan(start).argmax())
        raise ValueError(f"x0[{index}]: a number is expected, got nan")
    if not is_finite_inside(start, lower, upper):
        x = np.minimum(np.maximum(start, lower), upper)
        index = int(np.isfinite(x).argmin())
        raise ValueError(f"x0[{index}]: a finite number is expected, got {x[index]}")
