"""The order in which breakpoints come, equal ones too: breakpoint_heap.f."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st

BUCKETS = 1024  # block_sizes.f: so many hold the breakpoints that are listed


class Path:
    """A path's breakpoints, asked for one after the other as by the Cauchy point."""

    def __init__(self, kernels: SimpleNamespace, times: list[float] | plain.Vector) -> None:
        self.kernels = kernels
        self.t, self.order = np.array(times, float), np.arange(len(times), dtype=np.int32)
        self.left = len(times)
        self.t_last = 0.0
        self.near = -np.finfo(float).max
        self.listed = 0
        self.foreseen = None  # who comes next
        self.ordered, self.bucket = 0, -1
        self.starts = np.zeros(BUCKETS, np.int32)
        self.near_t, self.near_order = np.zeros_like(self.t), np.zeros_like(self.order)

    def next(self, t_min: float) -> tuple[float, int] | None:
        """The next one, its variable numbered from 0; None where the path ends before it."""
        (
            self.t, self.order, self.near, self.listed, self.ordered, self.bucket, self.starts,
            self.near_t, self.near_order, here, owner,
        ) = self.kernels.next_breakpoint(
            self.left, self.t_last, t_min, self.t, self.order, self.near, self.listed,
            self.ordered, self.bucket, self.starts, self.near_t, self.near_order,
        )  # fmt: skip
        if t_min < here - self.t_last:
            return None
        if self.foreseen is not None and len(np.unique(self.t)) == len(self.t):
            assert owner == self.foreseen
        # The next one on the list is known already.
        self.foreseen = self.near_order[self.listed - 1] if self.listed > 0 else None
        self.left -= 1
        self.t_last = here
        return here, owner


def taken(kernels: SimpleNamespace, times: list[float]) -> list[tuple[float, int]]:
    """All breakpoints in the order of the heap."""
    t, order = np.array(times, float), np.arange(len(times), dtype=np.int32)
    found = []
    for left in range(len(times), 0, -1):
        t, order = kernels.next_of_all(left, t, order)
        found.append((t[left - 1], order[left - 1]))
    return found


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 100])
@pytest.mark.parametrize("kinds", [1, 2, 5, 10**6])
def test_breakpoints_rise_and_equal_ones_come_as_from_the_heap(
    kernels: SimpleNamespace, count: int, kinds: int
) -> None:
    times = np.random.default_rng(count).integers(kinds, size=count).astype(float).tolist()
    found = taken(kernels, times)
    assert [time for time, _ in found] == sorted(times)
    assert sorted(owner for _, owner in found) == list(range(count))
    assert all(times[owner] == time for time, owner in found)
    assert found == plain.breakpoints_in_order(times, range(count))


@given(times=st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0]), max_size=12))
def test_no_list_of_equal_breakpoints_is_taken_in_another_order(
    kernels: SimpleNamespace, times: list[float]
) -> None:
    assert taken(kernels, times) == plain.breakpoints_in_order(times, range(len(times)))


def test_the_first_of_equals_comes_first_and_the_last_takes_its_place(
    kernels: SimpleNamespace,
) -> None:
    t, order = kernels.next_of_all(4, [2.0, 1.0, 1.0, 3.0], [10, 11, 12, 13])
    assert order.tolist() == [10, 13, 12, 11]
    assert t.tolist() == [2.0, 3.0, 1.0, 1.0]


@given(
    times=st.lists(st.sampled_from([0.0, 0.5, 1.0, 2.0, 2.5, 3.0, np.inf]), max_size=12),
    reaches=st.lists(
        st.sampled_from([-1.0, 0.0, 0.25, 1.0, 3.0, 1e9, np.inf, np.nan]), min_size=1, max_size=12
    ),
)
def test_a_path_meets_breakpoints_in_that_order_however_far_it_looks(
    kernels: SimpleNamespace, times: list[float], reaches: list[float]
) -> None:
    path, t_last = Path(kernels, times), 0.0
    for k, (time, owner) in enumerate(plain.breakpoints_in_order(times, range(len(times)))):
        t_min = reaches[k % len(reaches)]
        wanted = None if t_min < time - t_last else (time, owner)
        found = path.next(t_min)
        assert found == wanted
        if found is None:
            return
        t_last = time


@pytest.mark.parametrize("count", [1, 200, BUCKETS + 7, 12 * BUCKETS])
@pytest.mark.parametrize("reach", [1e-4, 0.01, 0.4, 2.0])
@pytest.mark.parametrize("equal", [False, True])
def test_lists_of_every_length_are_taken_in_that_order(
    kernels: SimpleNamespace, count: int, reach: float, equal: bool
) -> None:
    times = np.random.default_rng(count).uniform(size=count)
    if equal:
        times = np.round(times, 3)
    path, t_last = Path(kernels, times), 0.0
    for time, owner in plain.breakpoints_in_order(times.tolist(), range(count)):
        t_min = reach - t_last  # the model's minimum stays where it is
        wanted = None if t_min < time - t_last else (time, owner)
        found = path.next(t_min)
        assert found == wanted
        if found is None:
            return
        t_last = time


def test_only_what_a_path_may_meet_is_put_in_order(kernels: SimpleNamespace) -> None:
    times = np.random.default_rng(0).permutation(100.0 * np.arange(1, 8 * BUCKETS))
    path = Path(kernels, times)
    assert path.next(250.0) == (100.0, np.argmin(times))
    assert path.next(120.0) is not None
    assert path.listed == 1
    assert path.next(40.0) is None
    assert plain.same(path.t, times)


def test_a_heap_is_built_by_inserting_one_after_the_other(kernels: SimpleNamespace) -> None:
    # 3; 3 1 -> 1 3; 1 3 2; 1 3 2 1 -> 1 1 2 3; 1 1 2 3 0 -> 0 1 2 3 1
    t, order = kernels.build_heap([3.0, 1.0, 2.0, 1.0, 0.0], [0, 1, 2, 3, 4])
    assert t.tolist() == [0.0, 1.0, 2.0, 3.0, 1.0]
    assert order.tolist() == [4, 1, 2, 0, 3]


@pytest.mark.parametrize("n", range(1, 9))
def test_the_smallest_goes_to_the_end_and_a_heap_stays(kernels: SimpleNamespace, n: int) -> None:
    times = np.random.default_rng(n).permutation(n).astype(float)
    t, order = kernels.build_heap(times, np.arange(n))
    t, order = kernels.take_smallest(t, order)
    assert t[-1] == 0
    assert all(t[(child - 1) // 2] <= t[child] for child in range(1, n - 1))
    assert plain.same(times[order], t)
