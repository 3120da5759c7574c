"""The start of a run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77._arguments import LARGEST_INDEX, shown

Vector = NDArray[np.float64]


def read(x0: ArrayLike) -> tuple[NDArray[np.float64], bool]:
    """The start as a vector of at least one number, none of them NaN; and whether it is finite."""
    array = np.asarray(x0)
    if array.dtype != np.float64:
        array = _real(array)
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


def _real(array: NDArray[Any]) -> NDArray[np.float64]:
    if array.dtype.kind == "c":
        raise TypeError(f"x0: real numbers are expected, got {array.dtype}")
    if array.dtype.kind not in "biufO":
        raise ValueError(f"x0: real numbers are expected, got {shown(array.tolist())}")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise type(error)(f"x0: real numbers are expected, got {shown(array.tolist())}") from error


def require_finite(start: Vector, lower: Vector | float, upper: Vector | float) -> None:
    """Refuse a start that is infinite even after its projection into the bounds."""
    x = np.minimum(np.maximum(start, lower), upper)
    finite = np.isfinite(x)
    if not finite.all():
        index = int(finite.argmin())
        raise ValueError(f"x0[{index}]: a finite number is expected, got {x[index]}")
