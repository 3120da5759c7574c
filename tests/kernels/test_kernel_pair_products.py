"""Passes over all pairs: panels.c.

Whatever the tiles and blocks, each sum has the bits of its own loop over the variables.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest

BLOCK = 4096  # block_sizes.f
SIZES = [1, 2, 7, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 100]


@pytest.mark.parametrize("pairs", range(1, 13))
@pytest.mark.parametrize("lanes", [2, 3])
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 7, 8, 9, 64, BLOCK])
def test_panel_sums_have_the_bits_of_their_loops(
    kernels: SimpleNamespace, rows: int, lanes: int, pairs: int
) -> None:
    rng = np.random.default_rng(pairs)
    # More rows and columns than are asked for: what is beyond must not be read.
    y, s = np.full((2, pairs + 1, rows + 5), np.nan).swapaxes(1, 2)
    y[:rows, :pairs], s[:rows, :pairs] = rng.standard_normal((2, rows, pairs))
    v = np.full((3, rows), np.nan)
    v[:lanes] = rng.standard_normal((lanes, rows))
    before = np.asfortranarray(rng.standard_normal((lanes, 2 * pairs)))
    columns = [*y[:rows, :pairs].T, *s[:rows, :pairs].T]
    # All columns, or those from one third to the next.
    for first in (1, 1 + 2 * pairs // 3):
        last = min(2 * pairs, (1 if first > 1 else 3) * first + 2 * pairs // 3)
        sums = kernels.panel_sums(first, last, y, s, *v, before)
        for j, column in enumerate(columns):
            for lane in range(lanes):
                terms = np.concatenate((before[lane, j : j + 1], column * v[lane]))
                asked = first <= j + 1 <= last
                assert sums[lane, j] == (plain.total(terms) if asked else before[lane, j])


def test_a_sum_in_another_order_would_be_noticed() -> None:
    terms = np.random.default_rng(0).standard_normal(BLOCK)
    assert plain.total(terms) != plain.total(terms[::-1])
    assert plain.total(terms) != plain.total(terms[::2]) + plain.total(terms[1::2])


@pytest.mark.parametrize("col", range(13))
@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 7, 8, 9, 100])
def test_pairs_are_added_to_a_vector_one_by_one_in_order_of_age(
    kernels: SimpleNamespace, rows: int, col: int
) -> None:
    rng = np.random.default_rng(rows)
    m, head, theta = 12, 4, 1.7
    y, s = np.full((2, m, rows + 2), np.nan).swapaxes(1, 2)
    slots = [(head - 1 + age) % m for age in range(col)]
    y[:rows, slots], s[:rows, slots] = rng.standard_normal((2, rows, col))
    w, r = rng.standard_normal(2 * col), rng.standard_normal(rows)
    model = corrected = r
    for age, slot in enumerate(slots):
        y_j, s_j = y[:rows, slot], s[:rows, slot]
        model = (model + y_j * w[age]) + s_j * (theta * w[col + age])
        corrected = (corrected + (y_j * w[age]) / theta) + s_j * w[col + age]
    assert plain.same(kernels.add_pairs(head, y, s, w, 1.0, theta, r), model)
    assert plain.same(kernels.add_pairs(head, y, s, w, theta, 1.0, r), corrected)
