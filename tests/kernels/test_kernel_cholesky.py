"""Cholesky factors and triangular solves: cholesky.c, triangular_solve.f."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest

SIZES = [1, 2, 3, 4, 5, 8, 20, 21, 47]

# The matrices below are A'A + I with A of at most 50 x 50 normal numbers: condition numbers below
# 1e3, times 50 roundings of 1e-16.
RTOL = 1e-11


def positive_definite(n: int, seed: int = 0) -> plain.Matrix:
    a = np.random.default_rng(seed).standard_normal((n, n))
    return a.T @ a + np.eye(n)


def with_garbage_above(a: plain.Matrix) -> plain.Matrix:
    """The kernel is given the lower triangle alone."""
    return np.asfortranarray(np.where(np.tri(len(a), dtype=bool), a, np.nan))


@pytest.mark.parametrize("n", SIZES)
def test_factor_is_the_dense_one_and_has_the_bits_of_the_columnwise_loop(
    kernels: SimpleNamespace, n: int
) -> None:
    a = positive_definite(n)
    factored, positive = kernels.cholesky(n, with_garbage_above(a))
    r = np.triu(factored)
    assert positive
    assert plain.same(r, plain.cholesky(a))
    np.testing.assert_allclose(r, np.linalg.cholesky(a).T, rtol=RTOL)


@pytest.mark.parametrize("n", SIZES)
def test_the_factor_is_mirrored_below(kernels: SimpleNamespace, n: int) -> None:
    factored, _ = kernels.cholesky(n, with_garbage_above(positive_definite(n)))
    assert plain.same(factored, factored.T)


@pytest.mark.parametrize(
    ("n", "pivots"), [(1, 0), (2, 1), (3, 1), (3, 2), (5, 4), (8, 4), (20, 7), (50, 25)]
)
def test_some_pivots_leave_what_the_other_rows_would_lose(
    kernels: SimpleNamespace, n: int, pivots: int
) -> None:
    a = positive_definite(n)
    factored, positive = kernels.cholesky(pivots, with_garbage_above(a))
    whole = plain.cholesky(a)
    assert whole is not None
    assert positive
    assert plain.same(np.triu(factored)[:pivots], whole[:pivots])
    assert plain.same(factored[:, :pivots], factored[:pivots].T)
    for j in range(pivots, n):
        for i in range(pivots, j + 1):
            lost = plain.total(whole[:pivots, i] * whole[:pivots, j])
            assert factored[j, i] == a[j, i] + lost
    # Nobody's: what is above the diagonal of the rest.
    rest = np.triu(np.ones((n, n), bool), 1)
    rest[:pivots] = False
    assert np.isnan(factored[rest]).all()


@pytest.mark.parametrize("n", [1, 2, 3, 4, 9])
def test_a_leading_part_is_factored_and_nothing_else_is_touched(
    kernels: SimpleNamespace, n: int
) -> None:
    larger = np.full((12, n), np.nan, order="F")
    a = positive_definite(n)
    larger[:n] = a
    factored, positive = kernels.cholesky(n, larger)
    assert positive
    assert plain.same(np.triu(factored[:n]), plain.cholesky(a))
    assert np.isnan(factored[n:]).all()


@pytest.mark.parametrize("bad", [0, 1, 4])
@pytest.mark.parametrize("pivot", [0.0, -1.0])
def test_a_pivot_that_is_not_positive_is_a_failure(
    kernels: SimpleNamespace, bad: int, pivot: float
) -> None:
    a = np.diag([4.0] * 5)
    a[bad, bad] = pivot
    assert not kernels.cholesky(5, a)[1]
    # It is not looked at where it is none of the pivots.
    assert kernels.cholesky(bad, a)[1]


def test_a_semidefinite_matrix_is_a_failure(kernels: SimpleNamespace) -> None:
    # Whole numbers: the second pivot is exactly 4 - 2 * 2.
    assert not kernels.cholesky(2, np.array([[1.0, 2.0], [2.0, 4.0]]))[1]


@pytest.mark.parametrize("n", SIZES)
def test_solves_are_the_dense_ones_and_have_the_bits_of_their_loops(
    kernels: SimpleNamespace, n: int
) -> None:
    a = positive_definite(n)
    b = np.random.default_rng(n).standard_normal(n)
    r = plain.cholesky(a)
    assert r is not None
    mirrored = np.asfortranarray(r + np.triu(r, 1).T)
    transposed = kernels.solve_transposed(mirrored, b)
    assert plain.same(transposed, plain.solve_transposed(r, b))
    np.testing.assert_allclose(r.T @ transposed, b, rtol=RTOL, atol=RTOL)
    straight = kernels.solve(mirrored, b)
    assert plain.same(straight, plain.solve(r, b))
    np.testing.assert_allclose(r @ straight, b, rtol=RTOL, atol=RTOL)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_solves_use_the_leading_part_of_a_larger_array(kernels: SimpleNamespace, n: int) -> None:
    larger = np.full((7, 7), np.nan, order="F")
    r = plain.cholesky(positive_definite(n))
    assert r is not None
    larger[:n, :n] = r + np.triu(r, 1).T
    b = np.arange(1.0, n + 1)
    assert plain.same(kernels.solve(larger, b), plain.solve(r, b))
    assert plain.same(kernels.solve_transposed(larger, b), plain.solve_transposed(r, b))


def test_a_plain_sum_is_a_loop() -> None:
    # The reference of all the other tests.
    terms = np.random.default_rng(0).standard_normal(1000) * 10.0 ** np.arange(-5, 5).repeat(100)
    result = 0.0
    for term in terms.tolist():
        result = result + term
    assert plain.total(terms) == result
    assert plain.total(terms) != np.sum(terms)
