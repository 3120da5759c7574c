"""The passes that threads share, with the same bits for any number of them.

shared_passes.f, sharing.f, team.c: each pass by itself, with more members than there may be
processors or columns.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import plain
import pytest
from pairs import Box, Pairs, random_box, random_pairs

THREADS = [2, 3, 8, 32]
# Not even one part of a stretch; several stretches, of which the last is not full.
SIZES = [5, 100, 70_001]


def problem(n: int, seed: int) -> tuple[Box, Pairs]:
    rng = np.random.default_rng(seed)
    return random_box(rng, n), random_pairs(rng, n, 6, min(6, n), 4 if n > 6 else 0)


def same(alone: tuple[Any, ...], shared: tuple[Any, ...]) -> bool:
    return all(plain.same(a, b) for a, b in zip(alone, shared, strict=True))


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("bounded", [False, True])
@pytest.mark.parametrize("arrived", [False, True])
def test_products(kernels: SimpleNamespace, n: int, bounded: bool, arrived: bool) -> None:
    box, pairs = problem(n, 1)
    rng = np.random.default_rng(2)
    d, g_old = rng.standard_normal((2, n))
    s, y = (np.nan_to_num(pairs.stored(a)) for a in (pairs.s, pairs.y))

    def products(threads: int) -> tuple[Any, ...]:
        status, d_, z, s_, y_, t, order, breaks, *rest = kernels.shared_products(
            threads, pairs.col, pairs.slot, arrived, bounded, 2 if bounded else 3, 0.7, box.x,
            box.lower, box.upper, box.nbd, box.g, box.first_status, d, g_old, s, y,
        )  # fmt: skip
        if not bounded:
            return (s_, y_, *rest)
        return status, d_, z, s_, y_, t[:breaks], order[:breaks], *rest

    alone = products(1)
    for threads in THREADS:
        assert same(alone, products(threads))


@pytest.mark.parametrize("threads", [1, *THREADS])
@pytest.mark.parametrize("n", [100, 9001, 70_001])
@pytest.mark.parametrize("arrived", [False, True])
@pytest.mark.parametrize("infinite", [False, True])
def test_products_where_few_variables_move(
    kernels: SimpleNamespace, n: int, threads: int, arrived: bool, infinite: bool
) -> None:
    # Most stay on their lower bound, in the second half of the variables all but one in twenty.
    _, pairs = problem(n, 5)
    rng = np.random.default_rng(6)
    moves = rng.random(n) < np.where(np.arange(n) > n // 2, 0.05, 0.4)
    stepped = moves ^ (rng.random(n) < 0.01)
    lower, upper = np.zeros(n), np.ones(n)
    x = np.where(moves, 0.5, 0.0)
    g, g_old = rng.standard_normal(n), rng.standard_normal(n)
    g[~moves] = np.abs(g[~moves])
    if infinite:  # y overflows where nothing moves
        still = np.flatnonzero(~moves & ~stepped)[-1]
        g[still], g_old[still] = 1.5e308, -1.5e308
    d = np.where(stepped, rng.standard_normal(n), 0.0)
    s, y = (np.nan_to_num(pairs.stored(a)) for a in (pairs.s, pairs.y))
    _, path, _, s_, y_, *rest = kernels.shared_products(
        threads, pairs.col, pairs.slot, arrived, True, 2, 0.7, x, lower, upper,
        np.full(n, 2), g, np.zeros(n), d, g_old, s, y,
    )  # fmt: skip
    assert plain.same(path, np.where(moves, -g, 0.0))
    sums = rest[-1].reshape(-1, 2)
    columns = [*y_[:, : pairs.col].T, *s_[:, : pairs.col].T]
    lanes = [path] if not arrived else [path, s_[:, pairs.slot - 1]]
    with np.errstate(invalid="ignore"):
        for column, products in zip(columns, sums, strict=False):
            for lane, product in zip(lanes, products[::-1], strict=False):
                expected = plain.total(column * lane)
                assert np.array_equal(product, expected, equal_nan=True)
    assert np.isnan(sums).any() == (infinite and arrived)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("share", [0.05, 0.6, 1.0])
def test_reduced_gradient_and_minimum(kernels: SimpleNamespace, n: int, share: float) -> None:
    box, pairs = problem(n, 3)
    rng = np.random.default_rng(4)
    # A half of the variables has another share of free ones than the other.
    free = (rng.random(n) < share * (np.arange(n) > n // 2) + 0.02) | (box.nbd == 0)
    status = np.where(free, np.where(box.nbd == 0, -1, 0), 1).astype(np.int32)
    side = rng.integers(0, 8, n)
    v = rng.standard_normal(2 * pairs.col)
    s, y = (np.nan_to_num(pairs.stored(a)) for a in (pairs.s, pairs.y))
    d, r = rng.standard_normal((2, n))
    lower, upper = (np.nan_to_num(a) for a in (box.lower, box.upper))

    def passes(threads: int) -> tuple[Any, ...]:
        sides, listed, z, reduced, *rest = kernels.shared_gradient(
            threads, pairs.head, True, False, 0.3, status, side, pairs.theta, box.x, box.x, box.g,
            s, y, pairs.slot, v, r, d,
        )  # fmt: skip
        bounded = kernels.shared_minimum(
            threads, pairs.head, True, status, listed, pairs.theta, v, s, y, lower, upper, box.nbd,
            z, reduced, box.x, box.g, 1e10,
        )  # fmt: skip
        unbounded = kernels.shared_minimum(
            threads, pairs.head, False, status, listed, pairs.theta, v, s, y, lower, upper,
            box.nbd, z, reduced, box.x, box.g, 0.0,
        )  # fmt: skip
        # Of an active variable r may be anything.
        of_free = [np.where(free, a, 0) for a in (reduced, bounded[0])]
        return (sides, z, *of_free, *rest, *bounded[1:], *unbounded[1:])

    alone = passes(1)
    for threads in THREADS:
        assert same(alone, passes(threads))
