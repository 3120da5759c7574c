"""Checks of single arguments: numbers and callables.

Each check returns the value to use, or raises with one sentence that names the argument, the rule
and the offending value.
"""

from __future__ import annotations

import math
import operator
from typing import Any

import numpy as np

LARGEST_INDEX = 2**31 - 1  # of Fortran's default integer


def positive_integer(name: str, value: Any) -> int:
    """An integer from 1 to the largest that the kernel counts with."""
    if type(value) is not int:
        value = _integer(name, value)
    if value < 1:
        raise ValueError(f"{name}: must be positive, got {value}")
    if value > LARGEST_INDEX:
        raise ValueError(f"{name}: must be at most {LARGEST_INDEX}, got {value}")
    return int(value)


def _integer(name: str, value: Any) -> int:
    if not isinstance(value, (bool, np.bool_)):
        try:
            return operator.index(value)
        except TypeError:
            pass
    raise TypeError(f"{name}: an integer is expected, got {shown(value)}")


def count(name: str, value: Any) -> int:
    """An integer from 0."""
    value = _integer(name, value)
    if value < 0:
        raise ValueError(f"{name}: must not be negative, got {value}")
    return int(value)


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


def _number(name: str, value: Any) -> float:
    if not isinstance(value, (str, bytes)):
        try:
            return float(value)
        except (TypeError, ValueError):
            pass
        except OverflowError:  # an integer of more than 300 digits
            return math.inf if value > 0 else -math.inf
    raise TypeError(f"{name}: a real number is expected, got {shown(value)}")


def require_callable(name: str, value: Any) -> None:
    """Refuse what can't be called."""
    if not callable(value):
        raise TypeError(f"{name}: a callable is expected, got {shown(value)}")


def shown(value: Any) -> str:
    """A value's repr, at most 60 characters of it."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
