"""``check_gradient``: whether a gradient is that of its function."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _arguments
from lbfgsb77._problem import bounds as _bounds
from lbfgsb77._problem import differences, objective, start
from lbfgsb77._run import evaluation
from lbfgsb77._run.settings import EPSILON

Vector = NDArray[np.float64]

# The second step is so many times the first: its truncation error is larger by the square, 16 to 1,
# and so their difference is 15 times the first one's.
_FACTOR: Final = 4
_TRUNCATION: Final = _FACTOR**2 - 1
# What estimates of errors are multiplied by before a component is called wrong.
_SAFETY: Final = 8
# Of f, in units of its last place; objectives with sums in them are rounded by more than one.
_ROUNDING: Final = 16
_SHOWN: Final = 5


class GradientCheck:
    """What `check_gradient` found; its text is a table of the worst components.

    Attributes
    ----------
    agrees : bool
        Whether no component disagrees with the differences by more than they may be wrong. True in
        a condition, too: ``assert check_gradient(...)``.
    gradient : ndarray of shape (n,)
        As the function under test gave it.
    differences : ndarray of shape (n,)
        By differences of f; NaN for variables with equal bounds.
    uncertainty : ndarray of shape (n,)
        How far the differences may be from the truth, by an estimate of their rounding and
        truncation.
    error : ndarray of shape (n,)
        The size of gradient - differences.
    worst : ndarray of shape (n,), int
        The variables, those that disagree most for their uncertainty first.

    Examples
    --------
    >>> from lbfgsb77 import check_gradient
    >>> check = check_gradient(lambda x: x[0] ** 2 + 3 * x[1], [1.0, 2.0], lambda x: [2 * x[0], 2])
    >>> check.agrees, check.worst.tolist()
    (False, [1, 0])
    """

    __module__ = "lbfgsb77"

    def __init__(
        self,
        gradient: Vector,
        differences: Vector,
        uncertainty: Vector,
        fixed: NDArray[np.bool_],
    ) -> None:
        self.gradient: Vector = gradient
        self.differences: Vector = differences
        self.uncertainty: Vector = uncertainty
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            self.error: Vector = np.abs(gradient - differences)
            excess = self.error / uncertainty
        excess[np.isnan(excess) & (self.error == 0)] = 0.0  # no error and no uncertainty
        excess[~np.isfinite(self.error)] = np.inf  # what isn't finite agrees with nothing
        excess[fixed] = -1.0
        self._wrong = excess > 1
        self.worst: NDArray[np.intp] = np.argsort(-excess, kind="stable")
        self.agrees: bool = not bool(self._wrong.any())

    def __bool__(self) -> bool:
        return self.agrees

    def __repr__(self) -> str:
        count, n = int(self._wrong.sum()), self.gradient.size
        head = (
            f"The gradient agrees with differences of f in all of {n} components."
            if self.agrees
            else f"The gradient disagrees with differences of f in {count} of {n} components."
        )
        lines = [head, "component       gradient    differences          error   uncertainty"]
        for i in self.worst[:_SHOWN].tolist():
            mark = "  wrong" if self._wrong[i] else ""
            lines.append(
                f"{i:9d} {self.gradient[i]:14.7g} {self.differences[i]:14.7g} "
                f"{self.error[i]:14.2g} {self.uncertainty[i]:13.2g}{mark}"
            )
        return "\n".join(lines)


def check_gradient(
    fun: Any, x: ArrayLike, jac: Any = True, bounds: Any = None, *, args: Any = ()
) -> GradientCheck:
    r"""Compare a gradient with differences of its function.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``, as for `minimize`: f, or with ``jac=True`` f and the gradient.
    x : array_like
        Where: n real numbers, in the bounds. Choose a point at which no component of the gradient
        is 0 by chance, such as a random one, and not the minimum.
    jac : callable or True, optional
        ``jac(x, *args)``, the gradient; or True (default), if `fun` returns it.
    bounds : sequence, ndarray or object, optional
        As for `minimize`. No point outside of them is evaluated.
    args : tuple, optional
        Arguments to pass to `fun` and `jac` after x; one that is no tuple is passed alone.

    Returns
    -------
    GradientCheck
        True or false in a condition; its text names the worst components.

    Raises
    ------
    TypeError, ValueError
        If an argument, or what `fun` or `jac` returns, isn't as described.

    Notes
    -----
    Central differences, or one-sided ones of second order next to a bound, are taken with two
    steps, ε^(1/3)·max(1, \|x\|) and four times that. How much the two differ tells the error of
    truncation, and the size of f that of rounding; a component is wrong if it is farther from the
    differences than eight times both. 4n + 1 evaluations of `fun` are made. An f that is computed
    in a shorter type than float64, or has noise, makes everything look wrong.

    Examples
    --------
    >>> from lbfgsb77 import check_gradient
    >>> def f(x):
    ...     return x[0] * x[0] * x[1] + 1 / x[2]
    ...
    >>> def gradient(x):
    ...     return [2 * x[0] * x[1], x[0] * x[0], 1 / (x[2] * x[2])]
    ...
    >>> check_gradient(f, [1.0, 2.0, 0.5], gradient)
    The gradient disagrees with differences of f in 1 of 3 components.
    component       gradient    differences          error   uncertainty
            2              4             -4              8       2.3e-08  wrong
            1              1              1        2.8e-11       9.4e-09
            0              4              4        3.7e-11       1.9e-08
    """
    args = args if isinstance(args, tuple) else (args,)
    f_of_x = objective.of_x_alone("fun", fun, args)
    point, finite = start.read(x)
    if not finite:
        raise ValueError(f"x: finite numbers are expected, got {_arguments.shown(x)}")
    n = point.size
    lower, upper = _bounds.read_around(bounds, point, "x")
    if isinstance(jac, (bool, np.bool_)) and jac:
        pair = objective.returning_pair(f_of_x, "fun")
        f, g = pair(point.copy())
        scalar = objective.Scalar(lambda x: pair(x)[0])
    elif callable(jac):
        f, g = objective.with_gradient(f_of_x, objective.of_x_alone("jac", jac, args))(point.copy())
        scalar = objective.Scalar(f_of_x)
    else:
        raise TypeError(f"jac: a callable or True is expected, got {_arguments.shown(jac)}")
    f, gradient = evaluation.value(f), np.array(evaluation.gradient(g, n))
    if not math.isfinite(f):
        raise ValueError(f"x: a point at which f is finite is expected, f is {f}")

    step = EPSILON ** (1 / 3) * np.maximum(1.0, np.abs(point))
    near, far = (
        differences.Differences(
            lambda points: [float(scalar(p)) for p in points],
            lower,
            upper,
            differences.CENTRAL,
            absolute_step=steps,
        ).gradient(point, f)
        for steps in (step, _FACTOR * step)
    )
    fixed = lower == upper
    near[fixed] = np.nan
    # A step that the bounds shorten is rounded by more.
    room = np.maximum(np.minimum(step, np.maximum(point - lower, upper - point)), 5e-324)
    with np.errstate(over="ignore", invalid="ignore"):
        change = np.abs(near - far)
        # Where the two have little in common, the steps are too long for any estimate.
        truncation = np.where(change > 0.1 * np.abs(near), change, change / _TRUNCATION)
        rounding = _ROUNDING * EPSILON * (np.abs(f) + np.abs(near * step)) / room
        uncertainty = _SAFETY * (truncation + rounding) + EPSILON * np.abs(near)
    return GradientCheck(gradient, near, uncertainty, fixed)
