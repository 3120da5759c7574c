"""Pairs to begin with: steps and changes of the gradient of an earlier run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments

Vectors = NDArray[np.float64]

_EPS = float(np.finfo(np.float64).eps)


def read(pairs: Any, n: int, m: int) -> tuple[Vectors, Vectors]:
    """The newest m pairs as two arrays of shape (k, n), oldest first.

    Parameters
    ----------
    pairs : tuple of array_like, or object
        S and Y, each of shape (k, n); or an object with these as its attributes ``sk`` and ``yk``.
    n, m : int
        The number of variables, and of pairs that can be kept.

    Raises
    ------
    TypeError, ValueError
        If they are not two such arrays of finite numbers, or some yᵀs is not positive.
    """
    steps, changes = _two_sides(pairs, n)
    _require_curvature(steps, changes)
    first = max(len(steps) - m, 0)
    return steps[first:], changes[first:]


def of_some(pairs: Any, chosen: NDArray[np.bool_]) -> tuple[Vectors, Vectors]:
    """The pairs of some of the variables, of all of which these are."""
    steps, changes = _two_sides(pairs, chosen.size)
    return steps[:, chosen], changes[:, chosen]


def _two_sides(pairs: Any, n: int) -> tuple[Vectors, Vectors]:
    if hasattr(pairs, "sk") and hasattr(pairs, "yk"):
        steps, changes = pairs.sk, pairs.yk
    else:
        try:
            steps, changes = pairs
        except (TypeError, ValueError):
            raise TypeError(
                "pairs: two arrays (S, Y) or an inverse Hessian with sk and yk are expected, "
                f"got {type(pairs).__name__}"
            ) from None
    steps, changes = _side("S", steps, n), _side("Y", changes, n)
    if len(steps) != len(changes):
        raise ValueError(
            f"pairs: as many steps as changes are expected, got {len(steps)} and {len(changes)}"
        )
    return steps, changes


def _side(name: str, values: Any, n: int) -> Vectors:
    array = _arguments.real_array(f"pairs: {name}", values)
    if array.ndim != 2 or array.shape[1] != n:
        raise ValueError(f"pairs: {name} of shape (k, {n}) is expected, got {array.shape}")
    if not np.isfinite(array).all():
        row, column = np.argwhere(~np.isfinite(array))[0].tolist()
        raise ValueError(
            f"pairs: {name}[{row}, {column}] is {array[row, column]}, a finite number is expected"
        )
    return array


def _require_curvature(steps: Vectors, changes: Vectors) -> None:
    # The kernel's own condition for a pair of its own.
    curvatures = np.einsum("ij,ij->i", steps, changes)
    least = _EPS * np.einsum("ij,ij->i", changes, changes)
    flat = ~(curvatures > least)
    if flat.any():
        row = int(flat.argmax())
        raise ValueError(
            f"pairs: y's of pair {row} is {curvatures[row]}, more than eps*y'y = {least[row]} "
            "is expected"
        )
