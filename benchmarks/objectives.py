"""The objectives that the benchmarks minimize. NumPy only, since every peer's process uses them.

An objective takes ``x`` and returns ``(f, g)``. The large ones write ``g`` into one array of their
own, so that their cost stays small and the memory they use does not change during a run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Objective = Callable[[Vector], tuple[float, Vector]]


@dataclass(frozen=True)
class Problem:
    """An objective, where to start, and the box (None where no variable is bounded)."""

    objective: Objective
    x0: Vector
    lower: Vector | None = None
    upper: Vector | None = None


def rosenbrock(n: int, bounded: bool = False) -> Problem:
    """The chained Rosenbrock function from its usual start (-1.2, 1, -1.2, 1, ...).

    With ``bounded`` every variable has two bounds, and those of odd number end on one.
    """

    def objective(x: Vector) -> tuple[float, Vector]:
        head = x[:-1]
        away = x[1:] - head * head
        left = 1.0 - head
        gradient = np.zeros(n)
        gradient[1:] = 200.0 * away
        gradient[:-1] -= 400.0 * head * away + 2.0 * left
        return float(100.0 * away.dot(away) + left.dot(left)), gradient

    x0 = np.ones(n)
    x0[::2] = -1.2
    if bounded:
        upper = np.full(n, 10.0)
        upper[1::2] = 0.5
        return Problem(objective, np.minimum(x0, upper), np.full(n, -10.0), upper)
    return Problem(objective, x0)


def at_minimum(n: int, bounded: bool) -> Problem:
    """A start with zero gradient: a solver evaluates once, finds it converged, and returns."""
    gradient = np.zeros(n)

    def objective(x: Vector) -> tuple[float, Vector]:
        return 0.0, gradient

    if bounded:
        return Problem(objective, np.zeros(n), np.full(n, -1.0), np.full(n, 1.0))
    return Problem(objective, np.zeros(n))


def quadratic(n: int, active: float, seed: int = 0) -> Problem:
    """A sum of a_i (x_i - t_i)^2 / 2 with curvatures a_i log-uniform from 1 to 10^4.

    No run of the benchmarks gets near its minimum, so no iteration is special, and nearly every
    line search takes one evaluation. With ``active`` > 0 every variable has two bounds, and for
    that part of them the minimum t_i lies above the upper bound.
    """
    random = np.random.default_rng(seed)
    curvature = 1e4 ** random.random(n)
    target = random.standard_normal(n)
    distance = np.empty(n)
    gradient = np.empty(n)

    def objective(x: Vector) -> tuple[float, Vector]:
        np.subtract(x, target, out=distance)
        np.multiply(curvature, distance, out=gradient)
        return 0.5 * float(gradient.dot(distance)), gradient

    x0 = np.zeros(n)
    if not active:
        return Problem(objective, x0)
    upper = np.full(n, 10.0)
    blocked = random.random(n) < active
    upper[blocked] = target[blocked] - 0.5 * random.random(int(blocked.sum()))
    return Problem(objective, np.minimum(x0, upper), np.full(n, -10.0), upper)


def every_third(n: int, seed: int = 0) -> Problem:
    """The separable quadratic where every third variable has bounds, most of them active.

    As in many fits: some coefficients may not be negative, the others are free.
    """
    free = quadratic(n, 0.0, seed)
    random = np.random.default_rng(seed + 1)
    lower, upper = np.full(n, -np.inf), np.full(n, np.inf)
    lower[::3] = -0.05 * random.random(lower[::3].size)
    upper[::3] = 0.05 * random.random(lower[::3].size)
    return Problem(free.objective, free.x0, lower, upper)


def obstacle(n: int) -> Problem:
    """A membrane on a square grid over a bump: energy of its gradient, heights above the bump."""
    side = round(np.sqrt(n))
    place = np.linspace(0.0, 1.0, side + 2)[1:-1]
    across, along = np.meshgrid(place, place)
    bump = (np.sin(3.2 * np.pi * across) * np.sin(3.3 * np.pi * along)) ** 3
    framed = np.zeros((side + 2, side + 2))
    spacing = 1.0 / (side + 1)

    def objective(x: Vector) -> tuple[float, Vector]:
        framed[1:-1, 1:-1] = x.reshape(side, side)
        middle = framed[1:-1, 1:-1]
        pull = 4.0 * middle
        pull -= framed[:-2, 1:-1]
        pull -= framed[2:, 1:-1]
        pull -= framed[1:-1, :-2]
        pull -= framed[1:-1, 2:]
        pull -= spacing**2
        energy = 0.5 * float(np.vdot(pull, middle)) - 0.5 * spacing**2 * float(middle.sum())
        return energy, pull.ravel()

    upper = np.full(side * side, 2.0)
    lower = np.maximum(bump, 0.0).ravel()
    return Problem(objective, lower.copy(), lower, upper)


def deconvolution(n: int, seed: int = 0) -> Problem:
    """A blurred, noisy picture of stars on a dark sky, deblurred with no pixel below zero."""
    side = round(np.sqrt(n))
    random = np.random.default_rng(seed)
    sky = np.zeros((side, side))
    stars = n // 300
    sky[random.integers(0, side, stars), random.integers(0, side, stars)] = (
        10.0 * random.random(stars))
    distance = np.minimum(np.arange(side), side - np.arange(side))
    profile = np.exp(-0.5 * (distance / 2.0) ** 2)
    profile /= profile.sum()
    blur = np.fft.rfft2(np.outer(profile, profile))

    def blurred(picture: Vector) -> Vector:
        return np.fft.irfft2(np.fft.rfft2(picture) * blur, s=(side, side))

    seen = blurred(sky) + 0.01 * random.standard_normal((side, side))

    def objective(x: Vector) -> tuple[float, Vector]:
        miss = blurred(x.reshape(side, side)) - seen
        # The profile is symmetric: the blur is its own transpose.
        return 0.5 * float(np.vdot(miss, miss)), blurred(miss).ravel()

    zero = np.zeros(side * side)
    return Problem(objective, zero.copy(), zero, np.full(side * side, np.inf))


def banded_least_squares(n: int, seed: int = 0) -> Problem:
    """Least squares with a matrix of three bands and x >= 0."""
    random = np.random.default_rng(seed)
    below, middle, above = random.random(n - 1), 2.0 + random.random(n), random.random(n - 1)

    def product(x: Vector) -> Vector:
        value = middle * x
        value[1:] += below * x[:-1]
        value[:-1] += above * x[1:]
        return value

    def transposed(r: Vector) -> Vector:
        value = middle * r
        value[:-1] += below * r[1:]
        value[1:] += above * r[:-1]
        return value

    wanted = product(random.standard_normal(n)) + 0.1 * random.standard_normal(n)

    def objective(x: Vector) -> tuple[float, Vector]:
        miss = product(x) - wanted
        return 0.5 * float(miss.dot(miss)), transposed(miss)

    return Problem(objective, np.ones(n), np.zeros(n), np.full(n, np.inf))


def logistic(n: int, seed: int = 0) -> Problem:
    """Logistic regression of 500 rows on n columns, a small ridge, coefficients within [-1, 1]."""
    random = np.random.default_rng(seed)
    data = random.standard_normal((500, n)) / np.sqrt(n)
    truth = np.where(random.random(n) < 0.1, 5.0 * random.standard_normal(n), 0.0)
    signs = np.where(random.random(500) < 1.0 / (1.0 + np.exp(-data @ truth * 5.0)), 1.0, -1.0)

    def objective(x: Vector) -> tuple[float, Vector]:
        margin = signs * (data @ x)
        odds = np.exp(-np.abs(margin))
        loss = np.log1p(odds) + np.maximum(-margin, 0.0)
        slope = -signs * np.where(margin > 0.0, odds, 1.0) / (1.0 + odds)
        return float(loss.sum()) + 5e-4 * float(x.dot(x)), slope @ data + 1e-3 * x

    one = np.ones(n)
    return Problem(objective, np.zeros(n), -one, one)


def modes(n: int, count: int = 20, seed: int = 0) -> Problem:
    """A few stiff modes pull the unit box's variables together: many breakpoints an iteration.

    f = sum_k kappa_k (v_k . x - b_k)^2 / 2 + 5e-4 x . x with dense v_k and 0 <= x <= 1. A move
    along one mode changes the sign of many gradient components at once, so that Cauchy points pass
    hundreds of breakpoints with a full memory too, and many variables leave and enter.
    """
    random = np.random.default_rng(seed)
    vectors = random.standard_normal((count, n)) / np.sqrt(n)
    stiffness = np.logspace(0.0, 3.0, count)
    random.random(n)
    wanted = random.standard_normal(count) * np.sqrt(n) * 0.2
    gradient = np.empty(n)

    def objective(x: Vector) -> tuple[float, Vector]:
        miss = vectors @ x - wanted
        pull = stiffness * miss
        np.dot(pull, vectors, out=gradient)
        np.add(gradient, 1e-3 * x, out=gradient)
        return 0.5 * float(pull.dot(miss)) + 5e-4 * float(x.dot(x)), gradient

    return Problem(objective, np.full(n, 0.5), np.zeros(n), np.ones(n))


def replay(values: Sequence[tuple[float, Vector]]) -> Objective:
    """A free objective: the values of an earlier run, in its order, whatever x is.

    A solver is deterministic, so it takes the same path again, at the cost of one call of an
    iterator an evaluation.
    """
    following = iter(values).__next__

    def objective(x: Vector) -> tuple[float, Vector]:
        return following()

    return objective


def make(name: str, n: int, active: float) -> Problem:
    """The problem of a case."""
    if name == "rosenbrock":
        return rosenbrock(n, active > 0)
    if name == "quadratic":
        return quadratic(n, active)
    if name == "modes":
        return modes(n)
    if name == "at minimum":
        return at_minimum(n, active > 0)
    others: dict[str, Callable[[int], Problem]] = {
        "every third": every_third,
        "obstacle": obstacle,
        "deconvolution": deconvolution,
        "banded least squares": banded_least_squares,
        "logistic": logistic,
    }
    if name not in others:
        raise ValueError(f"problem {name!r} is not one of rosenbrock, quadratic, modes, at "
                         f"minimum, {', '.join(others)}")
    return others[name](n)
