"""What an objective returned, turned into the numbers that the kernel takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import shown


def value(f: Any) -> float:
    """The objective's value as a float: of a float, any real scalar, or an array of one number."""
    if isinstance(f, float):
        return f
    try:
        array = np.asarray(_unmasked(f))
    except ValueError as error:  # a sequence of things of different lengths, such as (f, g)
        raise ValueError(f"f: a scalar is expected, got {shown(f)}") from error
    if array.size != 1:
        raise ValueError(f"f: a scalar is expected, got an array of shape {array.shape}")
    if array.dtype.kind not in "biufO":
        raise TypeError(f"f: a real number is expected, got {shown(array.item())}")
    number = array.item()
    try:
        return float(number)
    except (TypeError, ValueError) as error:
        raise TypeError(f"f: a real number is expected, got {shown(number)}") from error
    except OverflowError:  # an integer of more than 300 digits
        return math.inf if number > 0 else -math.inf


def gradient(g: Any, n: int) -> NDArray[np.float64]:
    """The gradient as a vector of n floats: of any array-like of n real numbers."""
    try:
        array = np.asarray(_unmasked(g))
        _require_real(array)
        vector = array.astype(np.float64, copy=False).ravel()
    except ValueError as error:
        raise ValueError(f"g: a vector of {n} real numbers is expected ({error})") from error
    except TypeError as error:
        raise TypeError(f"g: a vector of {n} real numbers is expected ({error})") from error
    except OverflowError:
        raise ValueError(f"g: a vector of {n} numbers that float64 can hold is expected") from None
    if vector.size != n:
        raise ValueError(f"g: the gradient has {vector.size} components, x has {n}")
    return vector


def _unmasked(item: Any) -> Any:
    """The same with NaN for what is masked in one of NumPy's masked arrays."""
    if isinstance(item, np.ndarray) and hasattr(item, "mask"):
        return item.astype(np.float64).filled(np.nan)  # type: ignore[attr-defined]
    return item


def _require_real(array: NDArray[Any]) -> None:
    if array.dtype.kind == "c":
        raise TypeError(f"got dtype {array.dtype}")
    if array.dtype.kind not in "biufO":
        raise ValueError(f"got dtype {array.dtype}")
    # NumPy would turn None into NaN.
    if array.dtype.kind == "O" and np.equal(array, np.array(None)).any():
        raise ValueError("got None")
