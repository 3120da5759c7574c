"""The spellings of bounds, and the one form that the kernel takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments
from lbfgsb77._arguments import shown
from lbfgsb77._problem import options

Bound = NDArray[np.float64]

_BOTH = 2
_BOUND_TYPE = np.array([[0, 3], [1, _BOTH]], np.int32)  # at [has a lower, has an upper]


def read(bounds: Any, n: int) -> tuple[Bound, Bound] | None:
    """Lower and upper bounds of n variables, infinite where there is none.

    Parameters
    ----------
    bounds : sequence, ndarray, object or None
        n pairs (lower, upper) with None or an infinity where there is no bound, as a sequence or an
        array of shape (n, 2); or an object with attributes ``lb`` and ``ub``, numbers or arrays
        that broadcast to shape (n,).
    n : int
        The number of variables.

    Returns
    -------
    tuple of ndarray of shape (n,), or None
        (lower, upper), perhaps views of `bounds`; None if `bounds` is None.

    Raises
    ------
    TypeError, ValueError
        One sentence that names the place, the rule and the value.
    """
    if bounds is None:
        return None
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        lower = _side("bounds.lb", bounds.lb, n)
        upper = _side("bounds.ub", bounds.ub, n)
    else:
        if not hasattr(bounds, "__getitem__") and hasattr(bounds, "__iter__"):
            bounds = list(bounds)  # such as zip(lower, upper), or the values of a dict
        lower, upper = _pairs(bounds, n)
    # A NaN, too, makes this false.
    if not _all(lower < upper):
        lower, upper = _with_infinities(bounds, lower, upper)
        if not _all(lower < upper):
            _check_each(lower, upper)
    return lower, upper


def read_around(bounds: Any, point: NDArray[np.float64], name: str) -> tuple[Bound, Bound]:
    """Bounds of a point that is to be inside of them, infinite where there is none.

    Parameters
    ----------
    bounds : sequence, ndarray, object or None
        As for `read`.
    point : ndarray of shape (n,)
    name : str
        What a message calls the point.

    Raises
    ------
    TypeError, ValueError
        As `read`; and if the point is outside.
    """
    n = point.size
    lower, upper = read(bounds, n) or (np.full(n, -np.inf), np.full(n, np.inf))
    outside = (point < lower) | (point > upper)
    if outside.any():
        i = int(outside.argmax())
        raise ValueError(
            f"{name}[{i}]: a number in [{lower[i]}, {upper[i]}] is expected, got {point[i]}"
        )
    return lower, upper


def types(lower: Bound, upper: Bound) -> NDArray[np.int32] | int:
    """The kernel's code of each variable, or of all: 0 no bound, 1 lower, 2 both, 3 upper."""
    has_lower, has_upper = np.isfinite(lower), np.isfinite(upper)
    if _all(has_lower) and _all(has_upper):
        return _BOTH
    codes: NDArray[np.int32] = _BOUND_TYPE[has_lower.view(np.int8), has_upper.view(np.int8)]
    return codes


def _all(flags: NDArray[np.bool_]) -> bool:
    """``flags.all()`` in a quarter of the time where they are few."""
    return b"\0" not in flags.tobytes()


def _side(name: str, values: Any, n: int) -> Bound:
    array = _arguments.real_array(name, values)  # None becomes NaN
    if array.ndim > 1 or array.size not in (1, n):
        raise ValueError(
            f"{name}: one number or {n} of them are expected, got an array of shape {array.shape}"
        )
    return array if array.shape == (n,) else np.broadcast_to(array, (n,))


def _pairs(bounds: Any, n: int) -> tuple[Bound, Bound]:
    try:
        count = len(bounds)
    except TypeError:
        raise TypeError(
            f"bounds: a sequence of {n} pairs (lower, upper) is expected, got {shown(bounds)}"
        ) from None
    if count != n:
        raise ValueError(
            f"bounds: {n} pairs are expected, one for each variable, got {count}"
            + (_ARRAYS if _are_two_arrays(bounds, n) else "")
        )
    if n == 2 and _are_two_arrays(bounds, n):
        options.warn(
            "bounds: two arrays are taken as the pairs (lower, upper) of two variables" + _ARRAYS,
            options.OptimizeWarning,
        )
    try:
        pairs = np.asarray(bounds)
        if pairs.dtype.kind == "c":
            raise TypeError
        pairs = pairs.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        kind = ValueError if isinstance(error, OverflowError) else type(error)
        raise _bad_pair(bounds, kind) from error
    if pairs.shape != (n, 2):
        raise _bad_pair(bounds, ValueError)
    return pairs[:, 0], pairs[:, 1]


_ARRAYS = (
    "; lower and upper arrays go in as numpy.column_stack((lower, upper)), or as an object with "
    "attributes lb and ub"
)


def _are_two_arrays(bounds: Any, n: int) -> bool:
    """Whether these look like an array of lower and one of upper bounds."""
    return (
        isinstance(bounds, tuple)
        and len(bounds) == 2
        and all(isinstance(side, np.ndarray) and side.shape == (n,) for side in bounds)
    )


def _with_infinities(bounds: Any, lower: Bound, upper: Bound) -> tuple[Bound, Bound]:
    """Infinities in place of the NaNs that NumPy has made of None."""
    given: Any
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        shape = lower.shape
        given = [np.broadcast_to(np.asarray(b, object), shape) for b in (bounds.lb, bounds.ub)]
    elif isinstance(bounds, np.ndarray) and bounds.dtype.kind != "O":
        return lower, upper
    else:
        rows = bounds if isinstance(bounds, (list, tuple)) else np.asarray(bounds, object)
        given = zip(*rows, strict=True)
    lowers, uppers = given
    return _filled(lower, lowers, -math.inf), _filled(upper, uppers, math.inf)


def _filled(numbers: Bound, given: Any, missing: float) -> Bound:
    absent = np.isnan(numbers)
    for i in absent.nonzero()[0].tolist():
        if given[i] is not None:
            absent[i] = False
    return np.where(absent, missing, numbers)


def _check_each(lower: Bound, upper: Bound) -> None:
    """Name the first pair that isn't an interval; equal finite bounds are one."""
    for side, bound in (("lower", lower), ("upper", upper)):
        if np.isnan(bound).any():
            index = int(np.isnan(bound).argmax())
            raise ValueError(f"bounds[{index}]: {side} is nan, a number or None is expected")
    if (lower > upper).any():
        index = int((lower > upper).argmax())
        raise ValueError(f"bounds[{index}]: lower {lower[index]} exceeds upper {upper[index]}")
    empty = (lower == math.inf) | (upper == -math.inf)
    if empty.any():
        index = int(empty.argmax())
        raise ValueError(
            f"bounds[{index}]: no number lies between lower {lower[index]} and upper {upper[index]}"
        )


def _bad_pair(bounds: Any, kind: type[Exception]) -> Exception:
    """What to raise for bounds that don't make an array of shape (n, 2)."""
    for index, pair in enumerate(bounds):
        try:
            length = len(pair)
        except TypeError:
            return TypeError(
                f"bounds[{index}]: a pair (lower, upper) is expected, got {shown(pair)}"
            )
        if length != 2 or isinstance(pair, (str, bytes)):
            return ValueError(
                f"bounds[{index}]: a pair (lower, upper) is expected, got {shown(pair)}"
            )
        for side, bound in zip(("lower", "upper"), pair, strict=True):
            if isinstance(bound, (complex, np.complexfloating)):
                return TypeError(f"bounds[{index}]: {side} {shown(bound)} is not a real number")
            try:
                np.float64(bound)
            except (TypeError, ValueError, OverflowError) as error:
                text = f"bounds[{index}]: {side} {shown(bound)} is not a real number"
                if isinstance(error, OverflowError):
                    return ValueError(f"{text} that float64 can hold")
                return type(error)(text)
    return kind("bounds: pairs (lower, upper) of real numbers are expected")
