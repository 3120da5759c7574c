"""The middle matrix of the compact representation: middle_matrix.f."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest
from pairs import RTOL, random_pairs

COLUMNS = [1, 2, 3, 5, 10]


@pytest.mark.parametrize("col", COLUMNS)
@pytest.mark.parametrize("m", [10, 11])
def test_factor_is_that_of_its_matrix(kernels: SimpleNamespace, col: int, m: int) -> None:
    pairs = random_pairs(np.random.default_rng(col), 30, m, col)
    ss = pairs.square(np.triu(pairs.ss))
    ss[:col, :col][np.tri(col, k=-1, dtype=bool)] = np.nan
    stored, positive = kernels.middle_factor(col, pairs.theta, pairs.mirrored, ss)
    assert positive
    factor = np.triu(stored[:col, :col])
    assert plain.same(factor, pairs.wt)
    assert plain.same(stored[:col, :col], pairs.factor[:col, :col])
    # T = theta S'S + L D^-1 L'  ([BLNZ] (3.4))
    lower = np.tril(pairs.sy, -1)
    t = pairs.theta * pairs.ss + lower @ np.diag(1 / np.diag(pairs.sy)) @ lower.T
    np.testing.assert_allclose(factor.T @ factor, t, rtol=RTOL, atol=RTOL * np.abs(t).max())


def test_steps_that_depend_on_each_other_are_a_failure(kernels: SimpleNamespace) -> None:
    # S'S = [[1, 2], [2, 4]] and L = 0: T is singular, in whole numbers.
    stored = kernels.middle_factor(2, 1.0, np.eye(2), np.array([[1.0, 2.0], [0.0, 4.0]]))
    assert not stored[1]


@pytest.mark.parametrize("col", COLUMNS)
@pytest.mark.parametrize("m", [10, 11])
def test_product_is_that_with_the_explicit_inverse(
    kernels: SimpleNamespace, col: int, m: int
) -> None:
    rng = np.random.default_rng(100 + col)
    pairs = random_pairs(rng, 30, m, col)
    w = rng.standard_normal(2 * col)
    v = kernels.middle_matrix(pairs.mirrored, pairs.factor, w)
    assert plain.same(v, plain.middle_matrix(pairs.sy, pairs.wt, w))
    scale = np.abs(pairs.middle).max()
    np.testing.assert_allclose(v, pairs.middle @ w, rtol=RTOL, atol=RTOL * scale)


@pytest.mark.parametrize("col", COLUMNS)
@pytest.mark.parametrize("m", [10, 11])
def test_products_that_are_formed_together_have_the_bits_of_each_alone(
    kernels: SimpleNamespace, col: int, m: int
) -> None:
    rng = np.random.default_rng(300 + col)
    pairs = random_pairs(rng, 30, m, col)
    rows = rng.standard_normal((4, 2 * col))
    together = kernels.middle_matrices(pairs.mirrored, pairs.factor, rows)
    for row, v in zip(rows, together, strict=True):
        assert plain.same(v, kernels.middle_matrix(pairs.mirrored, pairs.factor, row))


@pytest.mark.parametrize("col", COLUMNS)
def test_it_makes_the_bfgs_matrix(kernels: SimpleNamespace, col: int) -> None:
    # B = theta I - W M W' ([BLNZ] (3.2)) is what the BFGS formula gives, a pair at a time.
    pairs = random_pairs(np.random.default_rng(200 + col), 20, col, col)
    mw = [kernels.middle_matrix(pairs.mirrored, pairs.factor, row) for row in pairs.w]
    b = pairs.theta * np.eye(20) - pairs.w @ np.column_stack(mw)
    np.testing.assert_allclose(b, pairs.hessian, rtol=RTOL, atol=RTOL * pairs.theta)
