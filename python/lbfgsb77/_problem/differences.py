"""Gradients by finite differences that stay inside the bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments

Point = NDArray[Any]  # float64; complex128 for the complex step
Values = Callable[[Iterable[Point]], list[Any]]

FORWARD: Final = "2-point"
CENTRAL: Final = "3-point"
COMPLEX: Final = "cs"
SCHEMES: Final = (FORWARD, CENTRAL, COMPLEX)

# The error of the difference quotient, h for one side and h² for two, meets that of rounding, ε/h.
_POWER: Final = {FORWARD: 1 / 2, CENTRAL: 1 / 3, COMPLEX: 1 / 2}


class Differences:
    """The gradient of a function by differences of its values.

    Parameters
    ----------
    values : callable
        ``values(points)``: the function's values at points, each an array of its own, in order.
    lower, upper : ndarray of shape (n,)
        Bounds, infinite where there is none. No point is outside.
    scheme : {"2-point", "3-point", "cs"}
        One further point per variable; two, on both sides where the bounds allow it; or one at an
        imaginary step, which needs a function that is analytic and takes complex numbers.
    absolute_step : ndarray of shape (n,) or None
        The step of each variable.
    relative_step : ndarray of shape (n,) or None
        The step in units of |x|, away from 0; where `absolute_step` is given it isn't used.

    Attributes
    ----------
    evaluations : int
        Values that one gradient takes. A fixed variable (equal bounds) takes none.

    Notes
    -----
    Where no step is given, and where it rounds away in x + step, it is ε^p·max(1, |x|) with the
    sign of x; p is 1/3 for "3-point" and 1/2 else, ε belongs to the type of f where that is shorter
    than float64. A step that would leave the bounds is taken the other way, or, if it
    leaves them either way, shortened to the farther bound; for "3-point" both points then lie on
    the farther bound's side, unless a shorter step fits on both. Steps and quotients are rounded
    as SciPy's ``approx_derivative`` rounds them. The component of a fixed variable is 0.
    """

    __slots__ = (
        "_absolute_step",
        "_bounded",
        "_free",
        "_lower",
        "_relative_step",
        "_scheme",
        "_upper",
        "_values",
        "evaluations",
    )

    def __init__(
        self,
        values: Values,
        lower: NDArray[np.float64],
        upper: NDArray[np.float64],
        scheme: str = FORWARD,
        absolute_step: NDArray[np.float64] | None = None,
        relative_step: NDArray[np.float64] | None = None,
    ) -> None:
        self._values = values
        self._lower = lower
        self._upper = upper
        self._scheme = scheme
        self._absolute_step = absolute_step
        self._relative_step = relative_step
        self._bounded = bool(np.isfinite(lower).any() or np.isfinite(upper).any())
        self._free = np.flatnonzero(lower != upper).tolist()
        self.evaluations = len(self._free) * (2 if scheme == CENTRAL else 1)

    def gradient(self, x: NDArray[np.float64], f: Any) -> NDArray[np.float64]:
        """The gradient at x, where the function is f."""
        steps = self._steps(x, _epsilon(f))
        gradient = np.zeros(x.size)
        # The function runs before the arithmetic, and outside of its settings.
        if self._scheme == FORWARD:
            ends = self._inside(x + self._fitted(x, steps))
            values = self._values(self._shifted(x, ends))
            with np.errstate(over="ignore", invalid="ignore"):
                for i, value in zip(self._free, values, strict=True):
                    run = float(ends[i] - x[i])
                    # Between bounds that are next to each other there is no room for a step.
                    gradient[i] = float(value - f) / run if run else 0.0
        elif self._scheme == CENTRAL:
            firsts, seconds, one_sided = self._two_points(x, abs(steps))
            values = self._values(self._shifted(x, firsts, seconds))
            with np.errstate(over="ignore", invalid="ignore"):
                for i, first, second in zip(self._free, values[::2], values[1::2], strict=True):
                    if one_sided[i]:
                        rise, run = -3.0 * f + 4 * first - second, seconds[i] - x[i]
                    else:
                        rise, run = second - first, seconds[i] - firsts[i]
                    # Between bounds that are next to each other there is no room for a step.
                    gradient[i] = float(rise) / float(run) if run else 0.0
        else:
            values = self._values(self._shifted(x.astype(np.complex128), x + steps * 1j))
            for i, value in zip(self._free, values, strict=True):
                gradient[i] = value.imag / float(steps[i])
        return gradient

    def _shifted(self, x: Point, *ends: Point) -> Iterator[Point]:
        """For each free variable, x with that variable at each of its ends."""
        for i in self._free:
            for end in ends:
                point = x.copy()
                point[i] = end[i]
                yield point

    def _steps(self, x: NDArray[np.float64], epsilon: Any) -> NDArray[np.float64]:
        """One step per variable, before the bounds are looked at."""
        away_from_0 = np.where(x >= 0, 1.0, -1.0)
        usual = epsilon ** _POWER[self._scheme] * away_from_0 * np.maximum(1.0, abs(x))
        if self._absolute_step is not None:
            steps = self._absolute_step
        elif self._relative_step is not None:
            steps = self._relative_step * away_from_0 * abs(x)
        else:
            return np.asarray(usual)
        return np.where((x + steps) - x == 0, usual, steps)

    def _fitted(self, x: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """Steps to one side, turned round or shortened where they'd leave the bounds."""
        if not self._bounded:
            return steps
        below, above = x - self._lower, self._upper - x
        outside = (x + steps < self._lower) | (x + steps > self._upper)
        fits = abs(steps) <= np.maximum(below, above)
        steps = np.where(outside & fits, -steps, steps)
        return np.where(fits, steps, np.where(above >= below, above, -below))

    def _two_points(
        self, x: NDArray[np.float64], h: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
        """First and second points of each variable; whether both are on one side of x."""
        if not self._bounded:
            return x - h, x + h, np.zeros(x.size, np.bool_)
        below, above = x - self._lower, self._upper - x
        nearer, farther = np.minimum(below, above), np.maximum(below, above)
        crowded = h > nearer
        halved = np.where(crowded, np.minimum(h, 0.5 * farther), h)
        one_sided = crowded & (halved > nearer)
        h = np.where(crowded & ~one_sided, nearer, halved)
        signed = np.where(above >= below, h, -h)
        firsts = np.where(one_sided, x + signed, x - h)
        seconds = np.where(one_sided, x + 2 * signed, x + h)
        return self._inside(firsts), self._inside(seconds), one_sided

    def _inside(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        # x + (bound - x) can be rounded past the bound.
        return np.clip(points, self._lower, self._upper) if self._bounded else points


def _epsilon(f: Any) -> Any:
    """The relative precision of f's type, at most as fine as float64's."""
    kind = type(f) if isinstance(f, (np.float16, np.float32)) else np.float64
    return np.finfo(kind).eps


def step_array(name: str, step: Any, n: int) -> NDArray[np.float64] | None:
    """A step given as one number or n of them as an array; None if it is None."""
    if step is None:
        return None
    if isinstance(step, str):
        raise TypeError(f"{name}: real numbers are expected, got {_arguments.shown(step)}")
    array = _arguments.real_array(name, step)
    if array.ndim > 1 or array.size not in (1, n):
        raise ValueError(
            f"{name}: one number or {n} of them are expected, got an array of shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name}: finite numbers are expected, got {_arguments.shown(step)}")
    return np.broadcast_to(array, (n,))
