"""The order in which breakpoints come, equal ones too: breakpoint_heap.f."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import plain
import pytest
from hypothesis import given
from hypothesis import strategies as st


def taken(kernels: ModuleType, times: list[float]) -> list[tuple[float, int]]:
    """All breakpoints as the Cauchy point meets them; variables are numbered from 0."""
    t, order = np.array(times, float), np.arange(len(times), dtype=np.int32)
    found = []
    for left in range(len(times), 0, -1):
        t, order = kernels.next_breakpoint(left, t, order)
        found.append((t[left - 1], order[left - 1]))
    return found


@pytest.mark.parametrize("count", [1, 2, 3, 4, 7, 8, 100])
@pytest.mark.parametrize("kinds", [1, 2, 5, 10**6])
def test_breakpoints_rise_and_equal_ones_come_as_from_the_heap(
    kernels: ModuleType, count: int, kinds: int
) -> None:
    times = np.random.default_rng(count).integers(kinds, size=count).astype(float).tolist()
    found = taken(kernels, times)
    assert [time for time, _ in found] == sorted(times)
    assert sorted(owner for _, owner in found) == list(range(count))
    assert all(times[owner] == time for time, owner in found)
    assert found == plain.breakpoints_in_order(times, range(count))


@given(times=st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0]), max_size=12))
def test_no_list_of_equal_breakpoints_is_taken_in_another_order(
    kernels: ModuleType, times: list[float]
) -> None:
    assert taken(kernels, times) == plain.breakpoints_in_order(times, range(len(times)))


def test_the_first_of_equals_comes_first_and_the_last_takes_its_place(kernels: ModuleType) -> None:
    t, order = kernels.next_breakpoint(4, [2.0, 1.0, 1.0, 3.0], [10, 11, 12, 13])
    assert order.tolist() == [10, 13, 12, 11]
    assert t.tolist() == [2.0, 3.0, 1.0, 1.0]


def test_a_heap_is_built_by_inserting_one_after_the_other(kernels: ModuleType) -> None:
    # 3; 3 1 -> 1 3; 1 3 2; 1 3 2 1 -> 1 1 2 3; 1 1 2 3 0 -> 0 1 2 3 1
    t, order = kernels.build_heap([3.0, 1.0, 2.0, 1.0, 0.0], [0, 1, 2, 3, 4])
    assert t.tolist() == [0.0, 1.0, 2.0, 3.0, 1.0]
    assert order.tolist() == [4, 1, 2, 0, 3]


@pytest.mark.parametrize("n", range(1, 9))
def test_the_smallest_goes_to_the_end_and_a_heap_stays(kernels: ModuleType, n: int) -> None:
    times = np.random.default_rng(n).permutation(n).astype(float)
    t, order = kernels.build_heap(times, np.arange(n))
    t, order = kernels.take_smallest(t, order)
    assert t[-1] == 0
    assert all(t[(child - 1) // 2] <= t[child] for child in range(1, n - 1))
    assert plain.same(times[order], t)
