"""Random problems that every machine and every version of NumPy computes to the same bits.

Numbers come from RandomState, whose streams are frozen; objectives use + - * / and square roots
alone, and sum their terms in rising order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]


# fmin_l_bfgs_b's names of what minimize calls otherwise.
OPTIONS = {"m": "maxcor", "factr": "ftol", "pgtol": "gtol"}


class Case(NamedTuple):
    """One call of fmin_l_bfgs_b: an objective returning (f, gradient), and arguments."""

    seed: int
    objective: Objective
    x0: np.ndarray
    arguments: dict[str, Any]

    def solve(self, fmin_l_bfgs_b: Callable[..., Any]) -> Any:
        """Call ``fmin_l_bfgs_b`` on this case."""
        objective = self.objective
        if self.arguments.get("approx_grad"):
            return fmin_l_bfgs_b(lambda x: objective(x)[0], self.x0, **self.arguments)
        return fmin_l_bfgs_b(objective, self.x0, **self.arguments)

    def minimize(self, minimize: Callable[..., Any], **further: Any) -> Any:
        """Call ``minimize`` on this case, the gradient spelt in one of several ways."""
        objective = self.objective
        given = dict(self.arguments)
        approximate = given.pop("approx_grad", False)
        bounds = given.pop("bounds", None)
        if "factr" in given:
            given["factr"] *= 2.0**-52
        options = {OPTIONS.get(name, name): value for name, value in given.items()}
        spellings: tuple[Any, ...] = (True, lambda x: objective(x)[1])
        if approximate:
            spellings = (None, "2-point", "3-point")
        jac = spellings[self.seed % len(spellings)]
        return minimize(
            objective if jac is True else lambda x: objective(x)[0],
            self.x0,
            jac=jac,
            bounds=bounds,
            options=options,
            **further,
        )


def total(terms: np.ndarray) -> float:
    """The sum in rising order, which NumPy's own sum doesn't promise."""
    return float(np.cumsum(terms)[-1])


def quadratic(random: np.random.RandomState, n: int) -> Objective:
    """½ Σ c (x − a)² + (Σ b (x − a))² / 2, condition number up to 10⁴."""
    c = 10 ** random.uniform(-2, 2, n)
    a, b = random.uniform(-2, 2, n), random.uniform(-1, 1, n)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        z = x - a
        along = total(b * z)
        return 0.5 * total(c * z * z) + 0.5 * along * along, c * z + along * b

    return objective


def quartic(random: np.random.RandomState, n: int) -> Objective:
    """Σ c (x − a)⁴ + e (x − a)², with flat directions."""
    c, e = random.uniform(0.1, 1, n), random.uniform(0, 0.1, n)
    a = random.uniform(-2, 2, n)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        z = x - a
        return total(c * z * z * z * z + e * z * z), 4 * c * z * z * z + 2 * e * z

    return objective


def valley(random: np.random.RandomState, n: int) -> Objective:
    """Rosenbrock's chain with its steepness drawn."""
    k = 10 ** random.uniform(0, 2)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        bend, slope = x[1:] - x[:-1] * x[:-1], 1 - x[:-1]
        g = np.zeros(n)
        g[1:] += 2 * k * bend
        g[:-1] -= 4 * k * bend * x[:-1] + 2 * slope
        return total(k * bend * bend + slope * slope), g

    return objective


def double_wells(random: np.random.RandomState, n: int) -> Objective:
    """Σ (x² − a)² + b x: not convex."""
    a, b = random.uniform(0.5, 2, n), random.uniform(-0.5, 0.5, n)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        well = x * x - a
        return total(well * well + b * x), 4 * well * x + b

    return objective


def rational(random: np.random.RandomState, n: int) -> Objective:
    """Σ z² / (1 + z²) + c x²: not convex, and flat far away."""
    a, c = random.uniform(-2, 2, n), 10 ** random.uniform(-4, -1, n)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        z = x - a
        below = 1 + z * z
        return total(z * z / below + c * x * x), 2 * z / (below * below) + 2 * c * x

    return objective


def hyperbola(random: np.random.RandomState, n: int) -> Objective:
    """Σ √(1 + c z²) + b x: linear far away, perhaps unbounded below without bounds."""
    a, b = random.uniform(-2, 2, n), random.uniform(-0.5, 0.5, n)
    c = random.uniform(0.5, 20, n)

    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        z = x - a
        root = np.sqrt(1 + c * z * z)
        return total(root + b * x), c * z / root + b

    return objective


def projections(x: np.ndarray) -> list[float]:
    """The size of x, and two sums in which a change of any component shows."""
    i = np.arange(x.size)
    return [float(np.abs(x).max()), total((1 + i % 3) * x), total((3 - (i + 1) % 3) * x)]


FAMILIES = (quadratic, quartic, valley, double_wells, rational, hyperbola)


def case(seed: int) -> Case:
    """The problem number `seed`: its family, size, bounds, start and settings are drawn."""
    random = np.random.RandomState(seed)
    n = int(random.choice([2, 3, 5, 8, 13, 30]))
    objective = FAMILIES[seed % len(FAMILIES)](random, n)
    x0 = random.uniform(-3, 3, n)
    arguments: dict[str, Any] = {}
    kind = random.randint(4)
    if kind > 0:
        middle, width = random.uniform(-2, 2, n), random.uniform(0.1, 4, n)
        lower, upper = middle - width, middle + width
        if kind == 1:
            lower[random.uniform(size=n) < 0.5] = -np.inf
            upper[random.uniform(size=n) < 0.5] = np.inf
        arguments["bounds"] = [
            (None if low == -np.inf else low, None if high == np.inf else high)
            for low, high in zip(lower, upper, strict=True)
        ]
    if random.uniform() < 0.5:
        arguments["m"] = int(random.choice([1, 2, 3, 5, 17]))
    if random.uniform() < 0.3:
        arguments["factr"] = float(random.choice([0.0, 10.0, 1e12]))
    if random.uniform() < 0.3:
        arguments["pgtol"] = float(random.choice([0.0, 1e-8, 1e-2]))
    if random.uniform() < 0.2:
        arguments["maxiter"] = int(random.randint(1, 12))
    if random.uniform() < 0.2:
        arguments["maxfun"] = int(random.randint(1, 20))
    if random.uniform() < 0.1:
        arguments["maxls"] = 2
    if random.uniform() < 0.2:
        arguments["approx_grad"] = True
    return Case(seed, objective, x0, arguments)
