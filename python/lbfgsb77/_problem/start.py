"""The start of a run."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77._arguments import LARGEST_INDEX, real_array

Vector = NDArray[np.float64]


def read(x0: ArrayLike) -> tuple[NDArray[np.float64], bool]:
    """The start as a vector of at least one number, none of them NaN; and whether it is finite."""
    array = real_array("x0", x0)
    if array.ndim != 1:
        array = array.ravel()
    if array.size == 0:
        raise ValueError("x0: at least one variable is expected, got an empty array")
    if array.size > LARGEST_INDEX:
        raise ValueError(f"x0: at most {LARGEST_INDEX} variables are possible, got {array.size}")
    finite = b"\0" not in np.isfinite(array).tobytes()  # .all() takes four times as long
    if not finite and np.isnan(array).any():
        index = int(np.isnan(array).argmax())
        raise ValueError(f"x0[{index}]: a number is expected, got nan")
    return array, finite


def require_finite(start: Vector, lower: Vector | float, upper: Vector | float) -> None:
    """Refuse a start that is infinite even after its projection into the bounds."""
    x = np.minimum(np.maximum(start, lower), upper)
    finite = np.isfinite(x)
    if not finite.all():
        index = int(finite.argmin())
        raise ValueError(f"x0[{index}]: a finite number is expected, got {x[index]}")
