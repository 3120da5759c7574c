"""Checks of single arguments: numbers and callables.

Each check returns the value to use, or raises with one sentence that names the argument, the rule
and the offending value.
"""

from __future__ import annotations

import math
import operator
import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

LARGEST_INDEX = 2**31 - 1  # of Fortran's default integer


def positive_integer(name: str, value: Any) -> int:
    """An integer from 1 to the largest that the kernel counts with."""
    number: int = value if type(value) is int else integer(name, value)
    if number < 1:
        raise ValueError(f"{name}: must be positive, got {shown(value)}")
    if number > LARGEST_INDEX:
        raise ValueError(f"{name}: must be at most {LARGEST_INDEX}, got {shown(value)}")
    return number


def integer(name: str, value: Any) -> int:
    """An integer, and no bool."""
    if not isinstance(value, (bool, np.bool_)):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise TypeError(f"{name}: an integer is expected, got {shown(value)}")


def count(name: str, value: Any) -> int:
    """An integer from 0."""
    value = integer(name, value)
    if value < 0:
        raise ValueError(f"{name}: must not be negative, got {shown(value)}")
    return int(value)


def limit(name: str, value: Any) -> float:
    """A count to compare with, None for no limit."""
    return math.inf if value is None else tolerance(name, value)


def tolerance(name: str, value: Any) -> float:
    """A real number that is not NaN."""
    number: float = value if type(value) is float else _number(name, value)
    if number != number:
        raise ValueError(f"{name}: a number is expected, got nan")
    return number


def nonnegative_tolerance(name: str, value: Any) -> float:
    """A real number of at least 0."""
    number = tolerance(name, value)
    if number < 0:
        raise ValueError(f"{name}: must not be negative, got {shown(value)}")
    return number


def _number(name: str, value: Any) -> float:
    if not isinstance(value, (str, bytes)):
        try:
            return float(value)
        except (TypeError, ValueError):
            pass
        except OverflowError:  # an integer of more than 300 digits
            return math.inf if value > 0 else -math.inf
    raise TypeError(f"{name}: a real number is expected, got {shown(value)}")


def real_array(name: str, values: Any) -> NDArray[np.float64]:
    """Real numbers as an array of float64."""
    try:
        array = np.asarray(values)
    except ValueError:  # of rows of different lengths
        raise ValueError(f"{name}: real numbers are expected, got {shown(values)}") from None
    if array.dtype == np.float64:
        return array
    if array.dtype.kind == "c":
        raise TypeError(f"{name}: real numbers are expected, got {array.dtype}")
    if array.dtype.kind not in "biufO":
        raise ValueError(f"{name}: real numbers are expected, got {shown(values)}")
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name}: real numbers are expected, got {shown(values)}") from error
    except OverflowError:
        raise ValueError(
            f"{name}: numbers of at most {sys.float_info.max_10_exp} digits are expected"
        ) from None


def truth(name: str, value: Any) -> bool:
    """Whether a value counts as true."""
    try:
        return bool(value)
    except ValueError:  # of an array of several numbers
        raise TypeError(f"{name}: True or False is expected, got {shown(value)}") from None


def path(name: str, value: Any) -> str | bytes:
    """The name of a file: a text or path-like, and no number, which would be an open file's."""
    try:
        found: str | bytes = os.fspath(value)
    except TypeError:
        raise TypeError(f"{name}: a path is expected, got {shown(value)}") from None
    if not found:
        raise ValueError(f"{name}: the name of a file is expected, got an empty one")
    if (b"\0" if isinstance(found, bytes) else "\0") in found:  # type: ignore[operator]
        raise ValueError(f"{name}: a path has no null character, got {shown(value)}")
    return found


def require_callable(name: str, value: Any) -> None:
    """Refuse what can't be called."""
    if not callable(value):
        raise TypeError(f"{name}: a callable is expected, got {shown(value)}")


def shown(value: Any) -> str:
    """A value's repr, at most 60 characters of it."""
    try:
        text = repr(value)
    except Exception as error:  # such as an integer of more than 4300 digits
        return f"{type(value).__name__} whose repr raises {type(error).__name__}"
    return text if len(text) <= 60 else text[:57] + "..."
