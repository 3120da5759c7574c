"""Checks of the arguments that are not bounds: a start and some numbers.

Each check returns the value to use, or raises with one sentence that names the argument, the rule
and the offending value.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_LARGEST_INDEX = 2**31 - 1  # of Fortran's default integer


def start(x0: ArrayLike) -> tuple[NDArray[np.float64], bool]:
    """The start as a vector of at least one number, none of them NaN; and whether it is finite."""
    array = np.asarray(x0)
    if array.dtype != np.float64:
        array = _real(array)
    if array.ndim != 1:
        array = array.ravel()
    if array.size == 0:
        raise ValueError("x0: at least one variable is expected, got an empty array")
    if array.size > _LARGEST_INDEX:
        raise ValueError(f"x0: at most {_LARGEST_INDEX} variables are possible, got {array.size}")
    finite = b"\0" not in np.isfinite(array).tobytes()  # .all() takes four times as long
    if not finite and np.isnan(array).any():
        index = int(np.isnan(array).argmax())
        raise ValueError(f"x0[{index}]: a number is expected, got nan")
    return array, finite


def _real(array: NDArray[Any]) -> NDArray[np.float64]:
    if array.dtype.kind == "c":
        raise TypeError(f"x0: real numbers are expected, got {array.dtype}")
    if array.dtype.kind not in "biufO":
        raise ValueError(f"x0: real numbers are expected, got {_shown(array.tolist())}")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise type(error)(f"x0: real numbers are expected, got {_shown(array.tolist())}") from error


def require_finite_start(x: NDArray[np.float64]) -> None:
    """Refuse a start that is infinite even after its projection into the bounds."""
    finite = np.isfinite(x)
    if not finite.all():
        index = int(finite.argmin())
        raise ValueError(f"x0[{index}]: a finite number is expected, got {x[index]}")


def positive_integer(name: str, value: Any) -> int:
    """An integer from 1 to the largest that the kernel counts with."""
    if type(value) is not int:
        value = _integer(name, value)
    if value < 1:
        raise ValueError(f"{name}: must be positive, got {value}")
    if value > _LARGEST_INDEX:
        raise ValueError(f"{name}: must be at most {_LARGEST_INDEX}, got {value}")
    return int(value)


def _integer(name: str, value: Any) -> int:
    if not isinstance(value, (bool, np.bool_)):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise TypeError(f"{name}: an integer is expected, got {_shown(value)}")


def tolerance(name: str, value: Any) -> float:
    """A real number that is not NaN."""
    if type(value) is not float:
        value = _number(name, value)
    if value != value:
        raise ValueError(f"{name}: a number is expected, got nan")
    return float(value)


def nonnegative_tolerance(name: str, value: Any) -> float:
    """A real number of at least 0."""
    number = tolerance(name, value)
    if number < 0:
        raise ValueError(f"{name}: must not be negative, got {value}")
    return number


def limit(name: str, value: Any) -> float:
    """A count to compare with: any real number, infinity too."""
    if type(value) is int:
        return int(value)
    return tolerance(name, value)


def _number(name: str, value: Any) -> float:
    if not isinstance(value, (str, bytes)):
        try:
            return float(value)
        except (TypeError, ValueError):
            pass
        except OverflowError:  # an integer of more than 300 digits
            return math.inf if value > 0 else -math.inf
    raise TypeError(f"{name}: a real number is expected, got {_shown(value)}")


def require_callable(name: str, value: Any) -> None:
    """Refuse what can't be called."""
    if not callable(value):
        raise TypeError(f"{name}: a callable is expected, got {_shown(value)}")


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
