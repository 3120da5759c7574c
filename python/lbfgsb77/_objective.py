"""The objective's spellings, each made into one call: x in, f and gradient out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments, _evaluation
from lbfgsb77._difference import ForwardDifferences

Point = NDArray[np.float64]
Evaluate = Callable[[Point], tuple[Any, Any]]


def with_arguments(func: Callable[..., Any], args: Any) -> Callable[[Point], Any]:
    """``func`` as a function of x alone."""
    try:
        args = tuple(args)
    except TypeError:
        raise TypeError(f"args: a sequence is expected, got {args!r}") from None
    if not args:
        return func
    return lambda x: func(x, *args)


def returning_pair(func: Callable[[Point], Any]) -> Evaluate:
    """Of a function that returns the value and the gradient together."""

    def evaluate(x: Point) -> tuple[Any, Any]:
        pair = func(x)
        try:
            f, g = pair
        except (TypeError, ValueError):
            f, g = _first_two(pair)
        return f, g

    return evaluate


def _first_two(pair: Any) -> tuple[Any, Any]:
    # As in SciPy, further items don't matter.
    try:
        return pair[0], pair[1]
    except (TypeError, LookupError) as error:
        kind = ValueError if hasattr(pair, "__len__") else TypeError
        raise kind(
            f"func: a pair (f, gradient) is expected where no gradient is given, got {pair!r}"
        ) from error


def with_gradient(func: Callable[[Point], Any], fprime: Callable[[Point], Any]) -> Evaluate:
    """Of a function and its gradient, each of which gets a point of its own."""

    def evaluate(x: Point) -> tuple[Any, Any]:
        second = x.copy()
        return func(x), fprime(second)

    return evaluate


def with_differences(
    func: Callable[[Point], Any], lower: Point, upper: Point, step: Any
) -> tuple[Evaluate, int]:
    """Of a function alone; and how often it is called for one point."""

    def scalar(x: Point) -> float:
        return _evaluation.value(func(x))

    differences = ForwardDifferences(scalar, lower, upper, step)

    def evaluate(x: Point) -> tuple[float, Point]:
        f = scalar(x.copy())
        return f, differences.gradient(x, f)

    return evaluate, 1 + differences.evaluations


def require_callables(func: Any, fprime: Any) -> None:
    """Refuse an objective or a gradient that can't be called."""
    _arguments.require_callable("func", func)
    if fprime is not None:
        _arguments.require_callable("fprime", fprime)
