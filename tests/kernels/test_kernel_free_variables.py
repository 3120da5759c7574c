"""Free and active variables, and their rows in blocks: free_variables.f, free_rows.f."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest

STATUSES = [-3, -1, 0, 1, 2, 3]
BLOCK, GATHERED = 4096, 32  # block_sizes.f


def listed(free: np.ndarray) -> list[int]:
    """Free variables rising, then active ones falling, from 1."""
    return [*(np.flatnonzero(free) + 1), *(np.flatnonzero(~free) + 1)[::-1]]


@pytest.mark.parametrize("n", [1, 2, 3, 50])
@pytest.mark.parametrize("seed", range(5))
def test_free_variables_rise_and_active_ones_fall(
    kernels: SimpleNamespace, n: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    before, now = rng.choice(STATUSES, (2, n)).astype(np.int32)
    garbage = np.full(n, -1)
    lists, count, _, entering, leaving = kernels.free_variables(False, before, garbage, -1, garbage)
    assert lists.tolist() == listed(before <= 0)
    assert (count, entering, leaving) == ((before <= 0).sum(), 0, 0)

    lists, count, change, entering, leaving = kernels.free_variables(
        True, now, lists, count, garbage
    )
    assert lists.tolist() == listed(now <= 0)
    assert count == (now <= 0).sum()
    # What became free is at the beginning, what became active at the end, both falling.
    falling = np.arange(n, 0, -1)
    became_free = ((before > 0) & (now <= 0))[::-1]
    became_active = ((before <= 0) & (now > 0))[::-1]
    assert change[:entering].tolist() == falling[became_free].tolist()
    assert change[n - leaving :].tolist() == falling[became_active].tolist()


@pytest.mark.parametrize("n", [1, BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK + 5])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.125, 0.5, 1.0])
def test_blocks_divide_the_free_variables(kernels: SimpleNamespace, n: int, share: float) -> None:
    free = np.random.default_rng(n).random(n) < share
    variables = listed(free)
    last = 0
    seen: list[int] = []
    for first in range(1, n + 1, BLOCK):
        rows, begin, last, dense = kernels.free_range(free.sum(), variables, first, last)
        inside = np.flatnonzero(free[first - 1 : first - 1 + rows]) + first
        assert rows == min(BLOCK, n - first + 1)
        assert variables[begin - 1 : last] == inside.tolist()
        assert dense == (8 * len(inside) > rows)
        seen += variables[begin - 1 : last]
    assert seen == variables[: free.sum()]


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
    v = rng.standard_normal((2, rows))
    before = np.asfortranarray(rng.standard_normal((2, 2 * pairs)))
    sums = kernels.gathered_sums(variables + 1, y, s, *v, before)
    columns = np.concatenate((y[variables], s[variables]), axis=1).T
    for lane in range(2):
        for j, column in enumerate(columns):
            terms = np.concatenate((before[lane, j : j + 1], column * v[lane]))
            assert sums[lane, j] == plain.total(terms)
