"""``curvature``: the Hessian at a solution, and the standard errors that follow from it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments, _html
from lbfgsb77._problem import bounds as _bounds
from lbfgsb77._problem import objective, start
from lbfgsb77._run import evaluation
from lbfgsb77._run.settings import EPSILON
from lbfgsb77._spread import workers as _workers

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Gradient = Callable[[Vector], Vector]

# The first step, in units of |x|, or 1 where x is 0; each further one is so many times shorter.
_FIRST_STEP: Final = 0.05
_RATIO: Final = 4.0
_MOST_STEPS: Final = 16
# So many times the least error that was found ends the search for a step.
_WORSE: Final = 4.0
# A column with a larger error than this, relative to its largest entry, is tried with longer steps.
_SHARP: Final = 1e-8
_LONGER: Final = 1000.0
# And one with a larger error than this is no reason to think that shorter steps were worse.
_ROUGH: Final = 1e-3
_SHOWN: Final = 20


class Curvature:
    """The Hessian at a solution, over the variables that are on no bound.

    Attributes
    ----------
    x : ndarray of shape (n,)
        Where.
    free : ndarray of shape (n,), bool
        Which variables are on no bound.
    hessian : ndarray of shape (n, n)
        The second derivatives, symmetric; NaN for variables on a bound.
    error : ndarray of shape (n, n)
        An estimate of how far they may be from the truth.
    definiteness : {"positive definite", "singular", "indefinite"}
        Of the free variables' part; singular if an eigenvalue is within its error of 0.
    evaluations : int
        How many gradients were evaluated.

    Examples
    --------
    >>> from lbfgsb77 import curvature
    >>> bend = curvature(lambda x: [2 * x[0] + x[1], x[0] + 4 * x[1]], [0.0, 0.0])
    >>> bend.hessian.round(6)
    array([[2., 1.],
           [1., 4.]])
    >>> bend.definiteness
    'positive definite'
    """

    __module__ = "lbfgsb77"

    def __init__(
        self,
        x: Vector,
        free: NDArray[np.bool_],
        hessian: Matrix,
        error: Matrix,
        fun: float | None,
        evaluations: int,
    ) -> None:
        self.x: Vector = x
        self.free: NDArray[np.bool_] = free
        self.hessian: Matrix = hessian
        self.error: Matrix = error
        self.evaluations: int = evaluations
        self._fun = fun
        self._eigenvalue, self._uncertainty, self._direction = self._least_eigenvalue()
        self.definiteness: str = "positive definite"
        if self._eigenvalue <= self._uncertainty:
            self.definiteness = "singular"
        if self._eigenvalue < -self._uncertainty:
            self.definiteness = "indefinite"

    def _scaled(self) -> tuple[Vector, Matrix]:
        """Scales of the free variables, and with them the Hessian, its diagonal of ones."""
        part = self.hessian[np.ix_(self.free, self.free)]
        scale = 1.0 / np.sqrt(np.maximum(np.abs(part.diagonal()), 5e-324))
        return scale, scale[:, None] * part * scale

    def _least_eigenvalue(self) -> tuple[float, float, Vector]:
        """Of the part scaled to a diagonal of ones; how wrong it may be, and its eigenvector."""
        if not self.free.any():
            return 1.0, 0.0, np.zeros(0)
        scale, scaled = self._scaled()
        with np.errstate(over="ignore", invalid="ignore"):
            uncertain = scale[:, None] * self.error[np.ix_(self.free, self.free)] * scale
        if not (np.isfinite(scaled).all() and np.isfinite(uncertain).all()):
            return 0.0, math.inf, scale
        values, vectors = np.linalg.eigh(scaled)
        # A symmetric change moves no eigenvalue by more than its norm; rounding does too.
        bound = float(np.linalg.norm(uncertain, 2)) + 10 * len(scaled) * EPSILON
        return float(values[0]), bound, scale * vectors[:, 0]

    def covariance(self, scale: float = 1.0, *, observations: int | None = None) -> Matrix:
        """The covariance of the parameters: scale times the inverse of the Hessian.

        Parameters
        ----------
        scale : float, optional
            1, the default, where f is a negative log-likelihood.
        observations : int, optional
            Where f is a sum of m squares, or half of it: m. The scale is then 2f/(m − p), with p
            free variables, which estimates the variance of an observation.

        Returns
        -------
        ndarray of shape (n, n)
            NaN for variables on a bound.

        Raises
        ------
        numpy.linalg.LinAlgError
            If the Hessian is singular within its error, or indefinite: a sentence that says which
            direction it is.
        ValueError
            If an argument isn't as described.
        """
        scale = self._scale(scale, observations)
        self._require_positive_definite()
        whole = np.full(self.hessian.shape, np.nan)
        if self.free.any():
            # Its condition is no worse than it must be.
            units, scaled = self._scaled()
            inverse = np.linalg.inv(scaled)
            inverse = 0.5 * (inverse + inverse.T)
            whole[np.ix_(self.free, self.free)] = scale * units[:, None] * inverse * units
        return whole

    def standard_errors(self, scale: float = 1.0, *, observations: int | None = None) -> Vector:
        """The standard errors of the parameters: roots of the covariance's diagonal.

        Parameters
        ----------
        scale, observations : optional
            As for `covariance`.

        Returns
        -------
        ndarray of shape (n,)
            NaN for variables on a bound.

        Raises
        ------
        numpy.linalg.LinAlgError, ValueError
            As for `covariance`.
        """
        return np.sqrt(self.covariance(scale, observations=observations).diagonal())

    def _scale(self, scale: float, observations: int | None) -> float:
        scale = _arguments.tolerance("scale", scale)
        if not 0 < scale < math.inf:
            raise ValueError(f"scale: a positive number is expected, got {scale}")
        if observations is None:
            return scale
        number, p = _arguments.positive_integer("observations", observations), int(self.free.sum())
        if scale != 1.0:
            raise ValueError("scale: given or made of observations, not both")
        if number <= p:
            raise ValueError(
                f"observations: more than the {p} free variables are expected, got {number}"
            )
        if self._fun is None:
            raise ValueError("observations: a result that has fun is needed, not x alone")
        return 2.0 * self._fun / (number - p)

    def _require_positive_definite(self) -> None:
        if self.definiteness == "positive definite":
            return
        direction = self._direction / np.abs(self._direction).max()
        names = np.flatnonzero(self.free)
        terms = [
            f"{direction[k]:+.2g} x[{names[k]}]"
            for k in np.argsort(-np.abs(direction), kind="stable")[:3].tolist()
            if abs(direction[k]) > 0.01
        ]
        what = (
            "is singular within its error, so f hardly changes along it"
            if self.definiteness == "singular"
            else "is indefinite, so f falls along it, and x is no minimum"
        )
        raise np.linalg.LinAlgError(
            f"the Hessian of the free variables {what}: {' '.join(terms)} (least eigenvalue "
            f"{self._eigenvalue:.2g} +/- {self._uncertainty:.1g}, with the diagonal scaled to 1)"
        )

    def _repr_html_(self) -> str:
        """In notebooks: the same, as a table."""
        head, *rows = self._rows()
        caption = f"<p>{self._heading()}</p>"
        return caption + _html.of_rows(head, rows[:_SHOWN], max(0, len(rows) - _SHOWN))

    def __repr__(self) -> str:
        lines = [self._heading()]
        lines += [f"{i!s:>8} {x!s:>14} {error!s:>15}" for i, x, error in self._rows()[: _SHOWN + 1]]
        if self.x.size > _SHOWN:
            lines.append(f"... and {self.x.size - _SHOWN} more")
        return "\n".join(lines)

    def _heading(self) -> str:
        count = int((~self.free).sum())
        on_bounds = f", {count} on a bound" if count else ""
        return f"Curvature at {self.x.size} variables{on_bounds}: {self.definiteness}"

    def _rows(self) -> list[tuple[Any, str, str]]:
        """Each variable with its standard error, below a head."""
        errors = np.full(self.x.size, np.nan)
        if self.definiteness == "positive definite":
            errors = self.standard_errors()
        return [("variable", "x", "standard error")] + [
            (i, f"{self.x[i]:.7g}", f"{errors[i]:.5g}" if self.free[i] else "on a bound")
            for i in range(self.x.size)
        ]


def curvature(
    jac: Any, result: Any, bounds: Any = None, *, args: Any = (), workers: Any = None
) -> Curvature:
    r"""Compute the Hessian at a solution from its gradient, and what follows: standard errors.

    Parameters
    ----------
    jac : callable
        ``jac(x, *args)``, the gradient, or f and the gradient as a pair.
    result : OptimizeResult or array_like of shape (n,)
        The result of a minimization, or where else.
    bounds : sequence, ndarray or object, optional
        Those of the minimization. Variables on one of them are left out, and no point outside is
        evaluated.
    args : tuple, optional
        Arguments to pass to `jac` after x; one that is no tuple is passed alone.
    workers : int or callable, optional
        A number of processes (-1: one per CPU), or a map-like callable, that evaluate the
        gradients, a variable each. Default: this process.

    Returns
    -------
    Curvature
        The Hessian with its error; `Curvature.standard_errors`, `Curvature.covariance`.

    Raises
    ------
    TypeError, ValueError
        If an argument, or what `jac` returns, isn't as described.

    See Also
    --------
    check_gradient : Whether the gradient is right.

    Notes
    -----
    Not to be had from ``hess_inv``, which approximates the inverse Hessian along the steps of the
    run alone, well enough to find the minimum and no better.

    Each column is a derivative of the gradient by central differences with a row of steps, each a
    quarter of the one before, extrapolated to step 0 by Ridders' method [1]_. The first is a
    twentieth of \|x\|. Next to a bound the differences are one-sided. How much the best two
    extrapolations differ is the error's estimate, together with half of the matrix's asymmetry. A
    column takes some 10 to 20 gradients.

    References
    ----------
    .. [1] C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Adv. Eng. Softw. 4
       (1982) 75-76.

    Examples
    --------
    The standard error of a mean, from a likelihood: σ/√n.

    >>> import numpy as np
    >>> from lbfgsb77 import curvature, minimize
    >>> y = np.array([1.0, 2.0, 3.0, 4.0])
    >>> def negative_log_likelihood(x):  # of a normal distribution of variance 1
    ...     return 0.5 * ((y - x[0]) ** 2).sum(), np.array([(x[0] - y).sum()])
    ...
    >>> result = minimize(negative_log_likelihood, [0.0], jac=True)
    >>> curvature(negative_log_likelihood, result).standard_errors()
    array([0.5])
    """
    args = args if isinstance(args, tuple) else (args,)
    gradient = _GradientOf(objective.of_x_alone("jac", jac, args))
    given = getattr(result, "x", result)
    x, finite = start.read(given)
    if not finite:
        raise ValueError(f"result: finite numbers are expected, got {_arguments.shown(x)}")
    n = x.size
    lower, upper = _bounds.read_around(bounds, x, "result.x")
    free = (lower < x) & (x < upper)
    fun = None if given is result else getattr(result, "fun", None)

    center = gradient(x)
    _require_finite(center, x)
    column = partial(_column, gradient, x, center, lower, upper)
    variables = np.flatnonzero(free).tolist()
    with _workers.values_of(column, _workers.checked(workers), "variable") as values:
        columns = values(variables)
    hessian, error = np.full((n, n), np.nan), np.full((n, n), np.nan)
    if variables:
        inside = np.ix_(free, free)
        raw = np.array([c.derivative[free] for c in columns])
        symmetric = 0.5 * (raw + raw.T)
        estimate = np.array([c.error[free] for c in columns])
        hessian[inside] = symmetric
        error[inside] = np.maximum(np.maximum(estimate, estimate.T), np.abs(raw - symmetric))
    evaluations = 1 + sum(c.evaluations for c in columns)
    return Curvature(x, free, hessian, error, None if fun is None else float(fun), evaluations)


class _GradientOf:
    """The gradient of a function that returns it, perhaps with f before it."""

    def __init__(self, func: Callable[[Vector], Any]) -> None:
        self._func = func

    def __call__(self, x: Vector) -> Vector:
        answer = self._func(x.copy())
        # A pair (f, gradient), unless it is two numbers: the gradient of two variables.
        if (
            isinstance(answer, tuple)
            and len(answer) == 2
            and not (x.size == 2 and all(map(_is_number, answer)))
        ):
            f, answer = answer
            evaluation.value(f)
        return evaluation.gradient(answer, x.size).copy()


def _is_number(item: Any) -> bool:
    try:
        return np.ndim(item) == 0
    except ValueError:  # of rows of different lengths
        return False


def _require_finite(gradient: Vector, x: Vector) -> None:
    if not np.isfinite(gradient).all():
        i = int((~np.isfinite(gradient)).argmax())
        raise ValueError(
            f"result: a point with a finite gradient is expected, component {i} is {gradient[i]}"
        )


class _Column(NamedTuple):
    derivative: Vector
    error: Vector
    evaluations: int


def _column(
    gradient: Gradient, x: Vector, center: Vector, lower: Vector, upper: Vector, i: int
) -> _Column:
    """The derivative of the gradient by variable i."""
    longest = _FIRST_STEP * max(1.0, abs(x[i]))
    step = _FIRST_STEP * (abs(x[i]) or 1.0)
    best = _by_ridders(gradient, x, center, lower, upper, i, step)
    # A variable that is small by chance, and not in its units, has longer steps.
    while not _is_sharp(best) and step < longest:
        step = min(_LONGER * step, longest)
        other = _by_ridders(gradient, x, center, lower, upper, i, step)
        evaluations = best.evaluations + other.evaluations
        best = (other if other.error.max() < best.error.max() else best)._replace(
            evaluations=evaluations
        )
    return best


def _is_sharp(column: _Column, tolerance: float = _SHARP) -> bool:
    with np.errstate(invalid="ignore"):
        return bool(column.error.max() <= tolerance * np.abs(column.derivative).max())


def _by_ridders(
    gradient: Gradient,
    x: Vector,
    center: Vector,
    lower: Vector,
    upper: Vector,
    i: int,
    step: float,
) -> _Column:
    """The same, from this step on to shorter ones."""
    below, above = x[i] - lower[i], upper[i] - x[i]
    # Shorter for a bound a little; beside it, on one side.
    central = min(below, above) >= 0.1 * step
    step = min(step, min(below, above) if central else max(below, above))
    side = 1.0 if above >= below else -1.0
    best = _Column(np.full(x.size, np.nan), np.full(x.size, np.inf), 0)
    row: list[Vector] = []
    evaluations = 0
    for _ in range(_MOST_STEPS):
        ends = (x[i] + step, x[i] - step) if central else (x[i] + side * step,)
        values = []
        for end in ends:
            point = x.copy()
            point[i] = min(max(end, lower[i]), upper[i])
            values.append((point[i], gradient(point)))
        evaluations += len(ends)
        if not central:
            values.append((x[i], center))
        (first, g_first), (second, g_second) = values
        step /= _RATIO
        if first == second:
            break  # the step rounds away
        with np.errstate(over="ignore", invalid="ignore"):
            quotient = (g_first - g_second) / (first - second)
            rounding = EPSILON * (np.abs(g_first) + np.abs(g_second)) / abs(first - second)
        if not np.isfinite(quotient).all():
            row = []  # too far; from here anew
            continue
        best, row, worse = _extrapolated(best, row, quotient, rounding, central)
        if worse and _is_sharp(best, _ROUGH):
            break
    return best._replace(evaluations=evaluations)


def _extrapolated(
    best: _Column, row: list[Vector], quotient: Vector, rounding: Vector, central: bool
) -> tuple[_Column, list[Vector], bool]:
    """The next row of the extrapolation, the best of all, and whether rows become worse."""
    new = [quotient]
    factor = power = _RATIO**2 if central else _RATIO
    with np.errstate(over="ignore", invalid="ignore"):
        for k, before in enumerate(row):
            after = (factor * new[k] - before) / (factor - 1.0)
            error = np.maximum(np.abs(after - new[k]), np.abs(after - before)) + rounding
            better = error < best.error
            best = _Column(
                np.where(better, after, best.derivative), np.where(better, error, best.error), 0
            )
            new.append(after)
            factor *= power
        worse = bool(row) and bool((np.abs(new[-1] - row[-1]) >= _WORSE * best.error).all())
    return best, new, worse
