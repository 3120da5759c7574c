"""The quadratic model of one iteration, by dense formulas: where its steps lead.

Nothing here has the original's bits. It serves to say which step of an iteration another
implementation takes otherwise, so its variants are as important as the right one.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Cauchy", "Minimum", "Model", "breakpoints", "factored_matrix"]

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Booleans = NDArray[np.bool_]


class Cauchy(NamedTuple):
    """A point on the projected path, and which variables are free there."""

    x: Vector
    free: Booleans


class Minimum(NamedTuple):
    """The minimum over the free variables, in its three forms, and which of them is taken."""

    unprojected: Vector
    projected: Vector
    truncated: Vector
    taken: Literal["unprojected", "projected", "truncated"]

    @property
    def x(self) -> Vector:
        """The form that is taken."""
        found: Vector = getattr(self, self.taken)
        return found


def breakpoints(x: Vector, g: Vector, lower: Vector, upper: Vector) -> Vector:
    """Where on the path x - t g each variable meets a bound ([BLNZ] (4.1))."""
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(g < 0.0, (x - upper) / g, np.where(g > 0.0, (x - lower) / g, np.inf))
    return np.where(np.isnan(t), np.inf, t)


def factored_matrix(theta: float, steps: Matrix, changes: Matrix) -> Matrix:
    """The matrix θSᵀS + LD⁻¹Lᵀ, of which M has the Cholesky factor ([BLNZ] (3.4))."""
    lower, diagonal = _lower_and_diagonal(steps, changes)
    found: Matrix = theta * (steps @ steps.T) + lower @ np.linalg.solve(diagonal, lower.T)
    return found


def _lower_and_diagonal(steps: Matrix, changes: Matrix) -> tuple[Matrix, Matrix]:
    """L and D of SᵀY = L + D + R."""
    sy = steps @ changes.T
    return np.tril(sy, -1), np.diag(np.diag(sy))


class Model:
    """m(d) = f + gᵀd + dᵀBd/2 with B = θI - WMWᵀ ([BLNZ] (3.2)).

    Parameters
    ----------
    theta : float
        The scale of B₀ = θI.
    steps, changes : ndarray, shape (k, n)
        The pairs, oldest first: steps and changes of the gradient.
    factored : ndarray, shape (k, k), optional
        Another `factored_matrix` than that of θ and the pairs, which is the default.
    """

    def __init__(
        self, theta: float, steps: Matrix, changes: Matrix, factored: Matrix | None = None
    ) -> None:
        self.theta = theta
        lower, diagonal = _lower_and_diagonal(steps, changes)
        block = theta * (steps @ steps.T)
        # The inverse of the middle matrix ([BLNZ] (3.4)); W has a pair's y and θs as its columns.
        # The original's K is made of the pairs themselves, its M of a factor.
        self.inverse_of_pairs = np.block([[-diagonal, lower.T], [lower, block]])
        self.inverse_middle = self.inverse_of_pairs
        if factored is not None:
            block = factored - lower @ np.linalg.solve(diagonal, lower.T)
            self.inverse_middle = np.block([[-diagonal, lower.T], [lower, block]])
        self.w = np.vstack([changes, theta * steps])

    def _middle(self, vector: Vector) -> Vector:
        if not len(vector):
            return vector
        found: Vector = np.linalg.solve(self.inverse_middle, vector)
        return found

    def product(self, d: Vector) -> Vector:
        """B d."""
        found: Vector = self.theta * d - self.w.T @ self._middle(self.w @ d)
        return found

    def cauchy_point(self, x: Vector, g: Vector, lower: Vector, upper: Vector) -> Cauchy:
        """The first local minimum along the projected path ([BLNZ] section 4)."""
        t = breakpoints(x, g, lower, upper)
        d = np.where(t > 0.0, -g, 0.0)
        at, previous = x.copy(), 0.0
        for b in [i for i in np.argsort(t, kind="stable") if 0.0 < t[i] < np.inf]:
            slope, curvature = self._along(at - x, d, g)
            minimum = -slope / curvature if curvature > 0.0 else np.inf
            if minimum < t[b] - previous or not d.any():
                break
            at = at + (t[b] - previous) * d
            at[b] = upper[b] if d[b] > 0.0 else lower[b]
            d[b], previous = 0.0, t[b]
        slope, curvature = self._along(at - x, d, g)
        if curvature > 0.0 and slope < 0.0:
            at = at - slope / curvature * d
        return Cauchy(at, (d != 0.0) | ((g == 0.0) & (lower < at) & (at < upper)))

    def _along(self, moved: Vector, d: Vector, g: Vector) -> tuple[float, float]:
        """Slope and curvature of the model along d where it has moved so far."""
        bd = self.product(d)
        return float(g @ d + moved @ bd), float(d @ bd)

    def minimum(self, x: Vector, g: Vector, start: Cauchy, lower: Vector, upper: Vector) -> Minimum:
        """The minimum over the free variables from a Cauchy point ([BLNZ] section 5, [MN])."""
        free = start.free
        z = start.x
        step = np.zeros_like(x)
        if free.any() and len(self.w):
            residual = (g + self.product(z - x))[free]
            w = self.w[:, free]
            # (θI - WᵀMW)⁻¹ by the formula of Sherman, Morrison and Woodbury.
            inner = self.inverse_of_pairs - w @ w.T / self.theta
            step[free] = -(residual + w.T @ np.linalg.solve(inner, w @ residual) / self.theta)
            step[free] /= self.theta
        unprojected = z + step
        projected = np.clip(unprojected, lower, upper)
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(step > 0.0, (upper - z) / step, (lower - z) / step)
        alpha = float(np.min(room, where=step != 0.0, initial=1.0))
        truncated = np.clip(z + alpha * step, lower, upper)
        if np.array_equal(unprojected, projected):
            return Minimum(unprojected, projected, truncated, "unprojected")
        descends = (projected - x) @ g <= 0.0
        return Minimum(unprojected, projected, truncated, "projected" if descends else "truncated")
