"""Many problems of the same size, read together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _arguments
from lbfgsb77._problem import bounds as _bounds
from lbfgsb77._spread.lockstep import Problems

Vectors = NDArray[np.float64]


def read(starts: ArrayLike, bounds: Any, args: Sequence[ArrayLike]) -> Problems:
    """Check the starts, bounds and arguments of K problems.

    Parameters
    ----------
    starts, bounds, args : object
        As `lbfgsb77.minimize_batch` takes them.

    Raises
    ------
    TypeError, ValueError
        One sentence that names the place, the rule and the value.
    """
    start = _array("X0", starts)
    if start.ndim != 2 or start.shape[1] == 0:
        raise ValueError(f"X0: an array of shape (K, n) is expected, got shape {start.shape}")
    if start.dtype.kind not in "biuf":
        raise TypeError(f"X0: real numbers are expected, got {start.dtype}")
    start = start.astype(np.float64)
    count, n = start.shape
    if np.isnan(start).any():
        row, column = np.argwhere(np.isnan(start))[0].tolist()
        raise ValueError(f"X0[{row}, {column}]: a number is expected, got nan")
    lower, upper = _bounds_of_each(bounds, count, n)
    # As the kernel projects; asked for here because an infinite start can come from any problem.
    projected = np.minimum(np.maximum(start, lower), upper)
    if not np.isfinite(projected).all():
        row, column = np.argwhere(~np.isfinite(projected))[0].tolist()
        raise ValueError(
            f"X0[{row}, {column}]: a finite number is expected, got {projected[row, column]}"
        )
    arrays = tuple(_array(f"args[{k}]", array) for k, array in enumerate(_items(args)))
    for place, array in enumerate(arrays):
        if array.ndim == 0 or len(array) != count:
            raise ValueError(
                f"args[{place}]: {count} items are expected, one per problem, "
                f"got shape {array.shape}"
            )
    types = np.broadcast_to(_bounds.types(lower, upper), (count, n))
    return Problems(np.arange(count), start, lower, upper, types, arrays)


def _items(args: Any) -> tuple[Any, ...]:
    try:
        return tuple(args)
    except TypeError:
        raise TypeError(
            f"args: a sequence of arrays is expected, got {_arguments.shown(args)}"
        ) from None


def _array(name: str, values: Any) -> NDArray[Any]:
    try:
        return np.asarray(values)
    except ValueError:  # of rows of different lengths
        raise ValueError(f"{name}: an array is expected, got {_arguments.shown(values)}") from None


def _bounds_of_each(bounds: Any, count: int, n: int) -> tuple[Vectors, Vectors]:
    """Lower and upper bounds of many problems, infinite where there is none.

    Parameters
    ----------
    bounds : sequence, ndarray, object or None
        Bounds of n variables as `read` takes them, the same for every problem; or `count` of them
        in a sequence or an array of shape (count, n, 2); or an object with attributes ``lb`` and
        ``ub`` of shape (count, n).
    count, n : int
        The number of problems, and of variables of each.

    Returns
    -------
    tuple of ndarray of shape (count, n)
        (lower, upper), perhaps read-only.

    Raises
    ------
    TypeError, ValueError
        One sentence that names the problem, the place, the rule and the value.
    """
    each = _of_each(bounds, count, n)
    if each is None:
        box = _bounds.read(bounds, n)
        lower, upper = (-math.inf, math.inf) if box is None else box
        return np.broadcast_to(lower, (count, n)), np.broadcast_to(upper, (count, n))
    if isinstance(each, np.ndarray) and each.shape == (count, n, 2):
        try:
            flat = _bounds.read(each.reshape(-1, 2), count * n)
        except (TypeError, ValueError):
            pass  # told again below, with the problem's number
        else:
            assert flat is not None
            return flat[0].reshape(count, n), flat[1].reshape(count, n)
    lower, upper = np.full((count, n), -math.inf), np.full((count, n), math.inf)
    for k, one in enumerate(each):
        try:
            box = _bounds.read(one, n)
        except (TypeError, ValueError) as error:
            raise type(error)(f"problem {k}: {error}") from error
        if box is not None:
            lower[k], upper[k] = box
    return lower, upper


def _of_each(bounds: Any, count: int, n: int) -> Any:
    """The problems' own bounds, one after the other; None where all have the same."""
    if hasattr(bounds, "lb") and hasattr(bounds, "ub"):
        if max(np.ndim(bounds.lb), np.ndim(bounds.ub)) < 2:
            return None
        try:
            lower, upper = (np.broadcast_to(side, (count, n)) for side in (bounds.lb, bounds.ub))
        except ValueError as error:
            raise ValueError(
                f"bounds: lb and ub of shape ({count}, {n}) are expected, one row per problem, "
                f"got {np.shape(bounds.lb)} and {np.shape(bounds.ub)}"
            ) from error
        return np.stack((lower, upper), axis=-1)
    if isinstance(bounds, np.ndarray):
        own = bounds.ndim == 3
    else:
        own = isinstance(bounds, (list, tuple)) and any(map(_is_box, bounds))
    if not own:
        return None
    if len(bounds) != count:
        raise ValueError(
            f"bounds: those of {count} problems, or one for all, are expected, got {len(bounds)}"
        )
    return bounds


def _is_box(item: Any) -> bool:
    """Whether an item is the bounds of several variables, not the pair of one."""
    if hasattr(item, "lb"):
        return True
    pairs = isinstance(item, (list, tuple, np.ndarray)) and len(item) > 0
    return pairs and np.ndim(item[0]) > 0
