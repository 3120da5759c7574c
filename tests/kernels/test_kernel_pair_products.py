"""Passes over all pairs: panel_sums.f, pair_terms.f, avx2_panels.c, pair_products.f.

Whatever the tiles and blocks, each sum has the bits of its own loop over the variables.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest
from pairs import Box, random_box

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
    sums = kernels.panel_sums(y, s, *v, before)
    columns = [*y[:rows, :pairs].T, *s[:rows, :pairs].T]
    for j, column in enumerate(columns):
        for lane in range(lanes):
            terms = np.concatenate((before[lane, j : j + 1], column * v[lane]))
            assert sums[lane, j] == plain.total(terms)


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


class Pass:
    """One call of pair_products, and what it was given."""

    def __init__(
        self, kernels: SimpleNamespace, n: int, m: int, col: int, lanes: int, slot: int,
        *, arrived: bool = True, path: bool = True, kinds: tuple[int, ...]
    ) -> None:  # fmt: skip
        rng = np.random.default_rng(n + 100 * col)
        self.box: Box = random_box(rng, n, kinds=kinds)
        self.step = 0.7
        self.d, self.old = rng.standard_normal((2, n))
        self.s0, self.y0 = (np.full((n, m), np.nan, order="F") for _ in range(2))
        self.s0[:, :col], self.y0[:, :col] = rng.standard_normal((2, n, col))
        if arrived:
            self.s0[:, slot - 1] = self.y0[:, slot - 1] = np.nan
        box = self.box
        (
            self.status, self.d_after, self.z, self.s, self.y, breaks, t, order, free, open_,
            f1, self.rr, self.sums,
        ) = kernels.pair_products(
            col, slot, arrived, path, lanes, self.step, box.x, box.lower, box.upper, box.nbd,
            box.g, box.first_status, self.d, np.full(n, np.nan), self.old, self.s0, self.y0,
        )  # fmt: skip
        self.path = plain.Path(
            self.status, self.d_after, t[:breaks].tolist(), (order[:breaks] - 1).tolist(),
            bool(free), bool(open_), f1,
        )  # fmt: skip

    def products(self, col: int, vector: plain.Vector) -> list[float]:
        columns = [*self.y[:, :col].T, *self.s[:, :col].T]
        return [plain.total(column * vector) for column in columns]


@pytest.mark.parametrize("col", range(1, 13))
@pytest.mark.parametrize("n", SIZES)
def test_within_bounds_one_pass_takes_the_new_pair_and_the_path(
    kernels: SimpleNamespace, n: int, col: int
) -> None:
    slot = 1 + col // 2
    one = Pass(kernels, n, 12, col, 2, slot, kinds=(0, 1, 2, 3))
    box = one.box
    assert plain.same(one.s[:, slot - 1], one.step * one.d)
    assert plain.same(one.y[:, slot - 1], box.g - one.old)
    assert one.rr == plain.total(one.y[:, slot - 1] ** 2)
    expected = plain.steepest_path(box.x, box.lower, box.upper, box.nbd, box.g, box.first_status)
    for actual, wanted in zip(one.path, expected, strict=True):
        assert plain.same(actual, wanted)
    assert plain.same(one.z, box.x)
    assert plain.same(one.sums[0], one.products(col, one.s[:, slot - 1]))
    assert plain.same(one.sums[1], one.products(col, expected.d))


@pytest.mark.parametrize("col", range(1, 13))
@pytest.mark.parametrize("n", SIZES)
def test_without_bounds_it_takes_the_products_with_the_gradient_and_the_new_y_too(
    kernels: SimpleNamespace, n: int, col: int
) -> None:
    one = Pass(kernels, n, 13, col, 3, col, path=False, kinds=(0,))
    assert plain.same(one.s[:, col - 1], one.step * one.d)
    assert plain.same(one.y[:, col - 1], one.box.g - one.old)
    assert one.rr == plain.total(one.y[:, col - 1] ** 2)
    vectors = one.s[:, col - 1], -one.box.g, one.y[:, col - 1]
    for sums, vector in zip(one.sums, vectors, strict=True):
        assert plain.same(sums, one.products(col, vector))


@pytest.mark.parametrize("lanes", [2, 3])
def test_without_a_new_pair_the_store_stays(kernels: SimpleNamespace, lanes: int) -> None:
    one = Pass(
        kernels, 50, 5, 3, lanes, 3, arrived=False, path=lanes == 2,
        kinds=(0, 1, 2, 3) if lanes == 2 else (0,),
    )  # fmt: skip
    assert np.array_equal(one.s, one.s0, equal_nan=True)
    assert np.array_equal(one.y, one.y0, equal_nan=True)
    vector = one.path.d if lanes == 2 else -one.box.g
    assert plain.same(one.sums[1], one.products(3, vector))


@pytest.mark.parametrize("n", [1, 50, BLOCK + 3])
def test_at_a_stationary_point_there_is_the_new_pair_without_a_path(
    kernels: SimpleNamespace, n: int
) -> None:
    one = Pass(kernels, n, 5, 3, 2, 3, path=False, kinds=(0, 1, 2, 3))
    assert one.rr == plain.total(one.y[:, 2] ** 2)
    assert plain.same(one.sums[0], one.products(3, one.s[:, 2]))
    assert plain.same(one.d_after, one.d)


def test_with_no_pairs_there_is_the_path_alone(kernels: SimpleNamespace) -> None:
    one = Pass(kernels, 50, 5, 0, 2, 5, arrived=False, kinds=(0, 1, 2, 3))
    assert one.sums.shape == (2, 0)
    box = one.box
    expected = plain.steepest_path(box.x, box.lower, box.upper, box.nbd, box.g, box.first_status)
    for actual, wanted in zip(one.path, expected, strict=True):
        assert plain.same(actual, wanted)
