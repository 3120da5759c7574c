"""Random points, bounds and steps for differences, the same bits everywhere."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np


class DifferenceProblem(NamedTuple):
    """What a gradient of `polynomial` by differences is made from."""

    x: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    scheme: str
    absolute_step: Any
    relative_step: Any


def polynomial(x: np.ndarray) -> Any:
    """Σ x³ + x, in real arithmetic alone: that of complex numbers may be fused."""
    a = x.real
    real = float(np.cumsum(a * a * a + a)[-1])
    if x.dtype.kind != "c":
        return real
    b = x.imag
    return complex(real, float(np.cumsum(3 * a * a * b - b * b * b + b)[-1]))


def difference_problem(seed: int) -> DifferenceProblem:
    """The problem number `seed`. Many of its points are near a bound, or on one."""
    random = np.random.RandomState(seed)
    n = int(random.randint(1, 6))
    x = random.uniform(-3, 3, n) * 10 ** random.randint(-2, 3)
    lower, upper = np.full(n, -np.inf), np.full(n, np.inf)
    if random.uniform() < 0.8:
        for i in range(n):
            below, above = 10.0 ** random.uniform(-12, 1, 2)
            if random.uniform() < 0.8:
                lower[i] = x[i] if random.uniform() < 0.2 else x[i] - below
            if random.uniform() < 0.8:
                upper[i] = x[i] if random.uniform() < 0.2 and lower[i] < x[i] else x[i] + above
    absolute = relative = None
    kind = random.randint(5)
    step = 10 ** random.uniform(-18, 0)
    if kind == 0:
        absolute = step
    elif kind == 1:
        absolute = (random.choice([-1, 1], n) * step * random.uniform(0.5, 2, n)).tolist()
    elif kind == 2:
        relative = step
    elif kind == 3:
        relative = (step * random.uniform(0.5, 2, n)).tolist()
    scheme = ("2-point", "3-point", "cs")[seed % 3]
    return DifferenceProblem(x, lower, upper, scheme, absolute, relative)
