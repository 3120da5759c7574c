"""These tests need SciPy; the switch is never left in use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("scipy", reason="no SciPy")


@pytest.fixture(autouse=True)
def undone() -> Iterator[None]:
    """Undo whatever a test has left."""
    from lbfgsb77.in_scipy import _switch

    yield
    for switch in list(_switch._active):
        switch.undo()
