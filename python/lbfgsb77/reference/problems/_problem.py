"""What a test problem is: objective, start, bounds, known solution, and where they come from."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Objective",
    "Problem",
    "Residual",
    "Solution",
    "projected_gradient_norm",
    "sum_of_squares",
]

#: An objective takes the variables as Python floats and returns f and the gradient.
Objective = Callable[[Sequence[float]], tuple[float, list[float]]]

#: A residual and its derivatives, as pairs of variable index (from 0) and derivative.
Residual = tuple[float, Iterable[tuple[int, float]]]


def projected_gradient_norm(
    x: ArrayLike, g: ArrayLike, lower: ArrayLike, upper: ArrayLike
) -> float:
    """Largest component of the projected gradient, ‖P(x − g) − x‖∞, at x.

    Parameters
    ----------
    x, g : array_like of shape (n,)
        The point, and the gradient there.
    lower, upper : array_like of shape (n,)
        Bounds, infinite where there is none.

    Returns
    -------
    float
        0 at a stationary point.
    """
    point, gradient, low, high = (np.asarray(a, dtype=np.float64) for a in (x, g, lower, upper))
    with np.errstate(invalid="ignore"):
        p = np.where(
            gradient < 0.0,
            np.maximum(point - high, gradient),
            np.minimum(point - low, gradient),
        )
    return float(np.max(np.abs(p)))


def sum_of_squares(residuals: Callable[[Sequence[float]], Iterable[Residual]]) -> Objective:
    """Make the objective f(x) = Σ r_i(x)² of a function that yields residuals.

    Terms are added in the order in which the residuals come, so an objective made of portable
    residuals is portable.

    Parameters
    ----------
    residuals : callable
        ``residuals(x)`` yields pairs ``(r, ((j, dr/dx_j), ...))``.

    Returns
    -------
    callable
        ``objective(x)`` returning f and the gradient.
    """

    def objective(x: Sequence[float]) -> tuple[float, list[float]]:
        f = 0.0
        g = [0.0] * len(x)
        for r, derivatives in residuals(x):
            f += r * r
            twice = 2.0 * r
            for j, derivative in derivatives:
                g[j] += twice * derivative
        return f, g

    objective.__doc__ = residuals.__doc__
    objective.__name__ = residuals.__name__
    objective.__wrapped__ = residuals  # type: ignore[attr-defined]
    return objective


@dataclass(frozen=True)
class Solution:
    """A published or closed-form minimum.

    Parameters
    ----------
    f : float
        The minimum.
    x : tuple of float, optional
        A minimizer, where one is known.
    source : str
        Who gives it, or "closed form".
    digits : int, default 6
        Significant digits to which `f` is given by the source.
    unique : bool, default True
        Whether a run from the standard start that converges must arrive at this minimum.
    """

    f: float
    x: tuple[float, ...] | None = None
    source: str = "closed form"
    digits: int = 6
    unique: bool = True


@dataclass(frozen=True)
class Problem:
    """A named test problem, minimize f(x) subject to lower ≤ x ≤ upper.

    Calling it evaluates the objective: ``f, g = problem(x)``.

    Parameters
    ----------
    name : str
        Its name in the collection.
    objective : callable
        ``objective(list of float) -> (f, list of g)``.
    starts : tuple of tuple of float
        The standard start, and further ones that the source gives.
    source : str
        Where the problem comes from.
    lower, upper : tuple of float, optional
        Bounds; None is no bound at all, ±inf none for a variable.
    portable : bool, default False
        The objective uses only + − × ÷ and √ in a fixed order, so f and g have the same bits
        on every IEEE 754 platform.
    finite : bool, default True
        No sensible run meets a value that is not finite.
    solution : Solution, optional
        A known minimum.
    tags : frozenset of str
        Families and properties to select by.
    options : mapping of str to number
        Options of `record` that differ from the default for this problem, such as ``maxiter``
        where the objective has no minimum.
    description : str
        What it is; by default the docstring of the objective.
    """

    name: str
    objective: Objective
    starts: tuple[tuple[float, ...], ...]
    source: str
    lower: tuple[float, ...] | None = None
    upper: tuple[float, ...] | None = None
    portable: bool = False
    finite: bool = True
    solution: Solution | None = None
    tags: frozenset[str] = frozenset()
    options: Mapping[str, float] = field(default_factory=dict)
    description: str = ""

    def __post_init__(self) -> None:
        if not self.description:
            text = inspect.cleandoc(self.objective.__doc__ or "")
            object.__setattr__(self, "description", text)
        for name in ("lower", "upper"):
            bound = getattr(self, name)
            if bound is not None and len(bound) != self.n:
                raise ValueError(f"{self.name}: {name} has {len(bound)} entries, expected {self.n}")

    @property
    def n(self) -> int:
        """Number of variables."""
        return len(self.starts[0])

    @property
    def start(self) -> NDArray[np.float64]:
        """The standard start, shape (n,), as the source gives it (it can be outside the bounds)."""
        return np.array(self.starts[0], dtype=np.float64)

    @property
    def bounded(self) -> bool:
        """Whether some variable has a bound."""
        return any(map(math.isfinite, (*(self.lower or ()), *(self.upper or ()))))

    @property
    def bounds(self) -> list[tuple[float | None, float | None]] | None:
        """The bounds as SciPy takes them: pairs with None for no bound, or None without any."""
        if not self.bounded:
            return None
        lower, upper = self.bound_arrays()
        return [
            (low if math.isfinite(low) else None, high if math.isfinite(high) else None)
            for low, high in zip(lower.tolist(), upper.tolist(), strict=True)
        ]

    def bound_arrays(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bounds as two arrays of shape (n,), ∓inf where there is none."""
        lower = self.lower if self.lower is not None else (-math.inf,) * self.n
        upper = self.upper if self.upper is not None else (math.inf,) * self.n
        return np.array(lower, dtype=np.float64), np.array(upper, dtype=np.float64)

    def __call__(self, x: ArrayLike) -> tuple[float, NDArray[np.float64]]:
        """Evaluate the objective.

        Parameters
        ----------
        x : array_like of float, shape (n,)
            The variables.

        Returns
        -------
        f : float
            The value; infinity where a division by zero or an overflow stops its evaluation.
        g : ndarray of float, shape (n,)
            The gradient; NaN in that case.
        """
        values = np.asarray(x, dtype=np.float64).tolist()
        try:
            f, g = self.objective(values)
        except (ZeroDivisionError, OverflowError):
            return math.inf, np.full(self.n, math.nan)
        return f, np.array(g, dtype=np.float64)

    def from_start(self, number: int) -> Problem:
        """The same problem from another start; named ``NAME@number``.

        Parameters
        ----------
        number : int
            The start's, counted from 1.
        """
        if not 1 <= number <= len(self.starts):
            raise ValueError(
                f"{self.name}@{number}: there are starts 1 to {len(self.starts)} of {self.name}"
            )
        if number == 1:
            return self
        # What is known of the run from the standard start doesn't hold from another.
        solution = replace(self.solution, unique=False) if self.solution else None
        return replace(
            self,
            name=f"{self.name}@{number}",
            starts=(self.starts[number - 1],),
            solution=solution,
        )
