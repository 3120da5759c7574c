"""Free and active variables, and their rows: free_sides.c, free_rows.f."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest

STATUSES = [-3, -1, 0, 1, 2, 3]
GATHERED = 32  # block_sizes.f


@pytest.mark.parametrize("n", [1, 2, 3, 50])
@pytest.mark.parametrize("seed", range(5))
def test_variables_are_free_or_active_and_those_that_changed_are_marked(
    kernels: SimpleNamespace, n: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    before, now = rng.choice(STATUSES, (2, n)).astype(np.int32)
    step = rng.integers(0, 2, n) * rng.standard_normal(n)
    garbage = np.full(n, -1)
    z, d = rng.standard_normal((2, n))
    at, sides, free, entering, leaving = kernels.find_sides(
        False, True, 0.5, before, 0 * step, d, z, garbage
    )
    assert plain.same(at, z)
    assert sides.tolist() == (before > 0).tolist()
    assert (free, entering, leaving) == ((before <= 0).sum(), 0, 0)

    # What changed before is forgotten.
    at, sides, free, entering, leaving = kernels.find_sides(
        True, False, 0.5, now, step, d, z, sides + 6
    )
    assert plain.same(at, z + 0.5 * d)
    entered, left = (before > 0) & (now <= 0), (before <= 0) & (now > 0)
    moved = (now > 0) & (step != 0)
    assert sides.tolist() == ((now > 0) + 2 * (entered | left) + 4 * moved).tolist()
    assert (free, entering, leaving) == ((now <= 0).sum(), entered.sum(), left.sum())


@pytest.mark.parametrize("first", [1, 2, 5])
@pytest.mark.parametrize("last", [5, 8, 99, 100])
@pytest.mark.parametrize(("mask", "value"), [(3, 2), (3, 3), (4, 4)])
def test_variables_that_changed_are_listed_in_order(
    kernels: SimpleNamespace, first: int, last: int, mask: int, value: int
) -> None:
    sides = np.random.default_rng(last).choice([0, 1, 2, 3, 5, 7], 100)
    listed, found = kernels.list_sides(first, last, sides, mask, value)
    expected = [i for i in range(first, last + 1) if sides[i - 1] & mask == value]
    assert listed[:found].tolist() == expected


@pytest.mark.parametrize("n", [1, 200])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 1.0])
def test_free_variables_are_listed_in_order(kernels: SimpleNamespace, n: int, share: float) -> None:
    free = np.random.default_rng(n).random(n) < share
    listed, found = kernels.list_sides(1, n, np.where(free, 2, 5), 1, 0)
    assert found == free.sum()
    assert listed[: free.sum()].tolist() == (np.flatnonzero(free) + 1).tolist()


def test_gather_and_scatter(kernels: SimpleNamespace) -> None:
    gathered = kernels.gather([3, 1], [10.0, 11.0, 12.0, 13.0])
    assert gathered.tolist() == [12.0, 10.0]
    assert kernels.scatter([3, 1], [7.0, 8.0], np.zeros(4)).tolist() == [8.0, 0.0, 7.0, 0.0]


@pytest.mark.parametrize("pairs", range(1, 13))
@pytest.mark.parametrize("rows", [1, 2, GATHERED])
def test_sums_over_gathered_rows_have_the_bits_of_their_loops(
    kernels: SimpleNamespace, rows: int, pairs: int
) -> None:
    rng = np.random.default_rng(pairs)
    n = 3000
    y, s = rng.standard_normal((2, pairs, n)).swapaxes(1, 2)
    variables = np.sort(rng.choice(n, rows, replace=False))
    v = rng.standard_normal((2, n))
    before = np.asfortranarray(rng.standard_normal((2, 2 * pairs)))
    columns = np.concatenate((y[variables], s[variables]), axis=1).T
    for first, last in ((1, 2 * pairs), (pairs, pairs + 1)):
        sums = kernels.gathered_sums(variables + 1, first, last, y, s, *v, before)
        for lane in range(2):
            for j, column in enumerate(columns):
                terms = np.concatenate((before[lane, j : j + 1], column * v[lane, variables]))
                asked = first <= j + 1 <= last
                assert sums[lane, j] == (plain.total(terms) if asked else before[lane, j])
