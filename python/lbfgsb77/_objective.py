"""The objective's spellings, each made into one call: x in, f and gradient out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments, _evaluation
from lbfgsb77._difference import Differences

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
    return _WithArguments(func, args)


class _WithArguments:
    """A function of x alone that can be sent to other processes if ``func`` can."""

    __slots__ = ("args", "func")

    def __init__(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.func = func
        self.args = args

    def __call__(self, x: Any) -> Any:
        return self.func(x, *self.args)


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


def with_differences(scalar: Callable[[Point], Any], differences: Differences) -> Evaluate:
    """Of a function alone, as `Scalar` wraps it."""

    def evaluate(x: Point) -> tuple[Any, Point]:
        f = scalar(x.copy())
        return f, differences.gradient(x, f)

    return evaluate


class Scalar:
    """A function of x that returns one real number.

    Parameters
    ----------
    func : callable
        ``func(x)``.

    Notes
    -----
    It can be sent to other processes if `func` can.
    """

    __slots__ = ("func",)

    def __init__(self, func: Callable[[Any], Any]) -> None:
        self.func = func

    def __call__(self, x: Any) -> Any:
        f = self.func(x)
        # NumPy's shorter floats stay what they are: the step of differences depends on it.
        return f if isinstance(f, np.floating) else _evaluation.value(f)


class ComplexScalar(Scalar):
    """The same at complex points, where the value is to be complex."""

    __slots__ = ()

    def __call__(self, x: Any) -> complex:
        f = np.asarray(self.func(x))
        if f.size != 1:
            raise ValueError(f"f: a scalar is expected, got an array of shape {f.shape}")
        if f.dtype.kind != "c":
            raise TypeError(f"f: jac='cs' needs a complex value at complex x, got {f.item()!r}")
        return complex(f.item())


def require_callables(func: Any, fprime: Any) -> None:
    """Refuse an objective or a gradient that can't be called."""
    _arguments.require_callable("func", func)
    if fprime is not None:
        _arguments.require_callable("fprime", fprime)
