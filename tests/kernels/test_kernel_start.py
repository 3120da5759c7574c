"""A start within the bounds, measures of a gradient: feasible_start.f, gradient_measures.c."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest
from pairs import random_box


@pytest.mark.parametrize("seed", range(5))
def test_a_start_is_clipped_into_the_bounds(kernels: SimpleNamespace, seed: int) -> None:
    rng = np.random.default_rng(seed)
    box = random_box(rng, 50)
    outside = 3 * rng.standard_normal(50)
    x, status, projected, bounded, boxed = kernels.feasible_start(
        box.lower, box.upper, box.nbd, outside
    )
    assert plain.same(x, np.clip(outside, box.floor, box.ceiling))
    assert plain.same(status, box.first_status)
    assert projected
    assert bounded
    assert not boxed
    assert not kernels.feasible_start(box.lower, box.upper, box.nbd, x)[2]


@pytest.mark.parametrize(
    ("nbd", "bounded", "boxed"),
    [([0, 0], False, False), ([0, 1], True, False), ([2, 2], True, True), ([2, 3], True, False)],
)
def test_the_kinds_of_bounds_are_noted(
    kernels: SimpleNamespace, nbd: list[int], bounded: bool, boxed: bool
) -> None:
    noted = kernels.feasible_start([-1.0, -1.0], [1.0, 1.0], nbd, [0.0, 0.0])
    assert [bool(flag) for flag in noted[2:]] == [False, bounded, boxed]


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_a_zero_at_a_zero_bound_keeps_its_sign(kernels: SimpleNamespace, zero: float) -> None:
    x = kernels.feasible_start([-zero], [5.0], [2], [zero])[0]
    assert np.signbit(x[0]) == np.signbit(zero)
    x = kernels.feasible_start([-5.0], [-zero], [2], [zero])[0]
    assert np.signbit(x[0]) == np.signbit(zero)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_projected_gradient_norm_and_slope(kernels: SimpleNamespace, n: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    box = random_box(rng, n)
    d = rng.standard_normal(n)
    slope, norm = kernels.gradient_measures(True, box.x, box.lower, box.upper, box.nbd, box.g, d)
    assert slope == plain.total(box.g * d)
    projected = np.where(
        box.g < 0, np.maximum(box.x - box.ceiling, box.g), np.minimum(box.x - box.floor, box.g)
    )
    assert norm == np.abs(projected).max()
    # By definition, which rounds x - g: numbers of order one, two roundings.
    by_definition = np.clip(box.x - box.g, box.floor, box.ceiling) - box.x
    np.testing.assert_allclose(norm, np.abs(by_definition).max(), rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize("n", [1, 2, 7, 1000])
def test_without_bounds_the_norm_is_that_of_the_gradient(kernels: SimpleNamespace, n: int) -> None:
    rng = np.random.default_rng(n)
    x, g, d = rng.standard_normal((3, n))
    nothing = np.full(n, np.nan)
    slope, norm = kernels.gradient_measures(False, x, nothing, nothing, np.zeros(n), g, d)
    assert slope == plain.total(g * d)
    assert norm == np.abs(g).max()
