"""Objectives that many tests use: f and the gradient."""

from __future__ import annotations

import numpy as np

Vector = np.ndarray


def valley(x: Vector) -> tuple[float, Vector]:
    """Rosenbrock's function of two variables: minimum 0 at (1, 1)."""
    bend, slope = x[1] - x[0] * x[0], 1 - x[0]
    return 100 * bend * bend + slope * slope, np.array([-400 * bend * x[0] - 2 * slope, 200 * bend])


def chain(x: Vector) -> tuple[float, Vector]:
    """Rosenbrock's function of n variables, in a chain: minimum 0 at (1, ..., 1)."""
    bend, slope = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    g = np.zeros_like(x)
    g[1:] += 200 * bend
    g[:-1] -= 400 * bend * x[:-1] + 2 * slope
    # Not by products of vectors, whose last digits depend on the BLAS.
    return float((100 * bend**2 + slope**2).sum()), g
