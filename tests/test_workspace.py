"""The packed state: its size, its parts, and lengths beyond 32 bits."""

from __future__ import annotations

import numpy as np
import pytest

from lbfgsb77 import LBFGSB
from lbfgsb77._run import memory
from lbfgsb77._run import workspace as _workspace

GIBIBYTE = 2**30


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 10), (7, 3), (1000, 17)])
def test_the_parts_have_the_documented_lengths_and_do_not_overlap(n: int, m: int) -> None:
    workspace = _workspace.allocate(n, m)
    # 12 numbers, dsave(29), x, l, u, g, wa; 8 numbers, isave(44), lsave(4), nbd, iwa(3n).
    assert workspace.reals.size == 41 + 4 * n + (2 * m * n + 5 * n + 11 * m * m + 8 * m)
    assert workspace.integers.size == 56 + 4 * n
    assert workspace.text.dtype == "S120"
    for number, part in enumerate(
        (
            workspace.x,
            workspace.lower,
            workspace.upper,
            workspace.gradient,
            workspace.steps,
            workspace.gradient_changes,
        ),
        start=1,
    ):
        assert not part.any()
        part[...] = number
        assert np.shares_memory(part, workspace.reals)
    assert np.count_nonzero(workspace.reals) == 4 * n + 2 * m * n
    assert not workspace.reals[:37].any()


def test_a_task_is_written_with_blanks_to_its_end_and_read_without() -> None:
    workspace = _workspace.allocate(2, 3)
    assert workspace.task == "START"
    workspace.task = "STOP: SHORT"
    assert workspace.task == "STOP: SHORT"
    assert workspace.text[0] == b"STOP: SHORT".ljust(120)


def test_new_workspaces_share_nothing() -> None:
    one, other = _workspace.allocate(2, 3), _workspace.allocate(2, 3)
    one.task = "STOP"
    one.x[:] = 1
    assert other.task == "START"
    assert not other.x.any()


def test_memory_that_is_not_there_is_refused_with_both_figures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: GIBIBYTE)
    # 2·10·10⁷ + 9·10⁷ doubles and 4·10⁷ integers are 2.31 GiB.
    with pytest.raises(
        MemoryError,
        match=r"^n = 10000000 variables with m = 10 pairs need 2\.3 GiB, 1\.0 GiB are available$",
    ):
        _workspace.allocate(10**7, 10)


def test_a_system_that_does_not_tell_its_memory_is_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: None)
    # More than any 64-bit machine can address, which NumPy itself refuses.
    with pytest.raises(MemoryError):
        _workspace.allocate(2**20, 2**24)


def test_more_numbers_than_a_32_bit_index_reaches_change_no_bit() -> None:
    n, iterations = 2**19, 3
    many = 2**11 + 1  # 2·m·n is just beyond 2³¹: what lies behind S and Y needs 64 bits
    # The memory is reserved but hardly touched: three of the 2049 pairs are ever written.
    needed = 1.1 * 8 * 2 * many * n
    available = memory.available_memory()
    if available is None or available < needed:
        pytest.skip(f"{needed / GIBIBYTE:.0f} GiB of memory are not available")
    curvature = np.linspace(1.0, 100.0, n)
    results = []
    for m in (iterations, many):
        solver = LBFGSB(np.full(n, 2.0), m=m, maxiter=iterations, factr=0, pgtol=0)
        for x in solver:
            solver.tell(float(curvature @ (x * x)) / 2, curvature * x)
        results.append(solver.values())
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)
