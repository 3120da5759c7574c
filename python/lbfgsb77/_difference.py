"""Gradients by forward differences that stay inside the bounds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

_SQUARE_ROOT_OF_EPS = math.sqrt(np.finfo(np.float64).eps)


class ForwardDifferences:
    """The gradient of a function by differences with one further evaluation a variable.

    Parameters
    ----------
    fun : callable
        ``fun(x) -> float``. It gets an array of its own each time.
    lower, upper : ndarray of shape (n,)
        Bounds, infinite where there is none. No evaluation is made outside.
    step : array_like or None
        The absolute step, one number or n of them. Where x + step rounds to x, and everywhere if
        None, it is √ε·max(1, |x|) with the sign of x instead.

    Attributes
    ----------
    evaluations : int
        Evaluations made for one gradient: one for each variable that is not fixed.

    Notes
    -----
    A step that would leave the bounds is taken the other way, or, if it leaves them either way,
    shortened to the farther bound. Steps and quotients are rounded as SciPy's
    ``approx_derivative`` rounds them. The component of a fixed variable (equal bounds) is 0.
    """

    __slots__ = ("_bounded", "_free", "_fun", "_lower", "_step", "_upper", "evaluations")

    def __init__(
        self,
        fun: Callable[[NDArray[np.float64]], float],
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        step: ArrayLike | None,
    ) -> None:
        self._fun = fun
        self._lower = lower
        self._upper = upper
        self._step = absolute_step(step, lower.size)
        self._bounded = bool(np.isfinite(lower).any() or np.isfinite(upper).any())
        self._free = np.flatnonzero(lower != upper).tolist()
        self.evaluations = len(self._free)

    def gradient(self, x: NDArray[np.float64], f: float) -> NDArray[np.float64]:
        """The gradient at x, where the function is f."""
        shifted = x + self._steps(x)
        if self._bounded:
            # x + (bound - x) can be rounded past the bound.
            shifted = np.clip(shifted, self._lower, self._upper)
        widths = (shifted - x).tolist()
        ends = shifted.tolist()
        gradient = np.zeros(x.size)
        for i in self._free:
            point = x.copy()
            point[i] = ends[i]
            gradient[i] = (self._fun(point) - f) / widths[i]
        return gradient

    def _steps(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """One signed step a variable, x + step inside the bounds up to rounding."""
        relative = _SQUARE_ROOT_OF_EPS * np.where(x >= 0, 1.0, -1.0) * np.maximum(1.0, abs(x))
        steps = np.where((x + self._step) - x == 0, relative, self._step)
        if not self._bounded:
            return steps
        below, above = x - self._lower, self._upper - x
        outside = (x + steps < self._lower) | (x + steps > self._upper)
        fits = abs(steps) <= np.maximum(below, above)
        steps = np.where(outside & fits, -steps, steps)
        return np.where(fits, steps, np.where(above >= below, above, -below))


def absolute_step(step: Any, n: int) -> NDArray[np.float64]:
    """The step as an array of n numbers; 0, which rounds away everywhere, if it is None."""
    if step is None:
        return np.zeros(n)
    try:
        array = np.asarray(step, np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"epsilon: real numbers are expected, got {step!r}") from error
    if array.ndim > 1 or array.size not in (1, n):
        raise ValueError(
            f"epsilon: one number or {n} of them are expected, got an array of shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"epsilon: finite numbers are expected, got {step!r}")
    return np.broadcast_to(array, (n,))
