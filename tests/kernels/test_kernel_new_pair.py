"""How pairs enter and leave, and a start with given ones: new_pair.f, given_pairs.f."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest
from pairs import Pairs, random_pairs

EPSILON = plain.EPSILON


def entered(
    kernels: SimpleNamespace, slope: float, first_slope: float, step: float
) -> tuple[bool, float, int]:
    """Whether the pair enters an empty store of three, its y's, and how many were skipped."""
    a = np.zeros((3, 3))
    result = kernels.new_pair(slope, first_slope, step, EPSILON, 1, 0, 0, 5, a, a)
    head, col, updates, skipped, updated, dr = result[:6]
    assert (head, col, updates) == (1, int(updated), int(updated))
    return bool(updated), dr, skipped


def test_curvature_beyond_rounding_makes_a_pair(kernels: SimpleNamespace) -> None:
    # y's = (g'd - g_old'd) step
    assert entered(kernels, -0.25, -1.0, 0.5) == (True, 0.375, 5)


@pytest.mark.parametrize("slope", [-1.0, -1.5])
def test_no_curvature_makes_none(kernels: SimpleNamespace, slope: float) -> None:
    updated, _, skipped = entered(kernels, slope, -1.0, 0.5)
    assert not updated
    assert skipped == 6


@pytest.mark.parametrize("step", [1.0, 0.125])
def test_the_limit_is_the_rounding_unit_times_the_descent(
    kernels: SimpleNamespace, step: float
) -> None:
    # Powers of two: y's = change * step and -g'd step * epsilon are exact, and equality is no pair.
    first = -1.0
    assert not entered(kernels, first + EPSILON, first, step)[0]
    assert entered(kernels, first + 2 * EPSILON, first, step)[0]


def test_pairs_are_appended_until_the_store_is_full(kernels: SimpleNamespace) -> None:
    a = np.arange(9.0).reshape(3, 3)
    head, col, updates, _, _, _, sy, ss = kernels.new_pair(
        0.0, -1.0, 1.0, EPSILON, 1, 2, 2, 0, a, -a
    )
    assert (head, col, updates) == (1, 3, 3)
    assert plain.same(sy, a)
    assert plain.same(ss, -a)


@pytest.mark.parametrize(("head", "following"), [(1, 2), (2, 3), (3, 1)])
def test_then_the_oldest_leaves(kernels: SimpleNamespace, head: int, following: int) -> None:
    a = np.arange(9.0).reshape(3, 3)
    result = kernels.new_pair(0.0, -1.0, 1.0, EPSILON, head, 3, 7, 0, a, -a)
    assert result[:3] == (following, 3, 8)
    sy, ss = result[6:]
    assert plain.same(sy[:2, :2], a[1:, 1:])
    assert plain.same(ss[:2, :2], -a[1:, 1:])


@pytest.mark.parametrize("head", [1, 2, 4])
@pytest.mark.parametrize("lanes", [2, 3])
def test_sums_by_slot_come_out_by_age(kernels: SimpleNamespace, head: int, lanes: int) -> None:
    slots = np.array([(head - 1 + j) % 4 for j in range(4)])
    sums = np.asfortranarray(np.random.default_rng(0).standard_normal((lanes, 8)))
    for lane in range(lanes):
        expected = np.concatenate((sums[lane, slots], sums[lane, 4 + slots]))
        assert plain.same(kernels.lane_by_age(4, head, lane + 1, sums), expected)


@pytest.mark.parametrize(("col", "head"), [(1, 1), (3, 1), (4, 1), (4, 3)])
def test_the_newest_row_and_column_are_the_products_with_the_new_step(
    kernels: SimpleNamespace, col: int, head: int
) -> None:
    slots = [(head - 1 + j) % 4 for j in range(col)]
    sums = np.asfortranarray(np.random.default_rng(0).standard_normal((2, 2 * col)))
    before = np.full((4, 4), np.nan)
    sy, ss = kernels.enter_products(head, sums, 3.0, 5.0, before, before)
    for j in range(col - 1):
        assert sy[col - 1, j] == sy[j, col - 1] == sums[0, slots[j]]
        assert ss[j, col - 1] == sums[0, col + slots[j]]
    assert sy[col - 1, col - 1] == 3.0
    assert ss[col - 1, col - 1] == 5.0
    assert np.isnan(sy[: col - 1, : col - 1]).all()


# A start with given pairs ------------------------------------------------------------------------


def begun(kernels: SimpleNamespace, pairs: Pairs, bounded: bool) -> dict[str, np.ndarray]:
    names = ["sy", "ss", "wt", "yy", "ss_active", "mixed", "side", "theta", "ok"]
    stored = kernels.given_pairs(pairs.col, bounded, pairs.stored(pairs.s), pairs.stored(pairs.y))
    return dict(zip(names, stored, strict=True))


@pytest.mark.parametrize("col", [1, 2, 5])
@pytest.mark.parametrize("bounded", [False, True])
def test_given_pairs_have_their_products_in_rising_order(
    kernels: SimpleNamespace, col: int, bounded: bool
) -> None:
    pairs = random_pairs(np.random.default_rng(col), 40, 5, col)
    state = begun(kernels, pairs, bounded)
    lower = np.tri(col, dtype=bool)
    in_order = [
        [plain.total(pairs.s[:, i] * pairs.y[:, j]) for j in range(col)] for i in range(col)
    ]
    sy = np.array(in_order)
    sy = np.where(lower, sy, sy.T)
    ss = np.array([[plain.total(a * b) for b in pairs.s.T] for a in pairs.s.T])
    theta = plain.total(pairs.y[:, -1] ** 2) / sy[-1, -1]
    assert state["ok"]
    assert plain.same(state["sy"][:col, :col], sy)
    assert plain.same(state["ss"][:col, :col][lower.T], ss[lower.T])
    assert state["theta"] == theta
    wt = plain.middle_factor(theta, sy, ss)
    assert plain.same(np.triu(state["wt"][:col, :col]), wt)
    assert (state["side"] == 1).all()


@pytest.mark.parametrize("col", [1, 2, 5])
@pytest.mark.parametrize("bounded", [False, True])
def test_given_pairs_begin_with_all_variables_active_where_there_are_bounds_else_free(
    kernels: SimpleNamespace, col: int, bounded: bool
) -> None:
    pairs = random_pairs(np.random.default_rng(10 + col), 40, 5, col)
    state = begun(kernels, pairs, bounded)
    everyone: list[int] = list(range(40))
    free, active = ([], everyone) if bounded else (everyone, [])
    expected = plain.subspace_products(pairs.s, pairs.y, free, active)
    lower = np.tri(col, dtype=bool)
    assert plain.same(state["yy"][:col, :col][lower], expected.yy[lower])
    assert plain.same(state["ss_active"][:col, :col][lower], expected.ss[lower])
    assert plain.same(state["mixed"][:col, :col], expected.mixed)


@pytest.mark.parametrize("bad", [0, 1, 2])
@pytest.mark.parametrize("factor", [-1.0, 0.0, np.nan])
def test_a_given_pair_without_positive_curvature_is_a_failure(
    kernels: SimpleNamespace, bad: int, factor: float
) -> None:
    rng = np.random.default_rng(0)
    s = np.asfortranarray(rng.standard_normal((6, 3)))
    y = s.copy(order="F")
    assert kernels.given_pairs(3, False, s, y)[-1]
    y[:, bad] *= factor
    assert not kernels.given_pairs(3, False, s, y)[-1]
