"""The kernels that this build can be compared with."""

from __future__ import annotations

import pytest

from lbfgsb77 import build_info

FOREIGN = [name for name in build_info()["backends"] if name != "lbfgsb77"]

# A test with an argument `kernel` runs once on each of them, and is skipped where there is none.
on_each = pytest.mark.parametrize(
    "kernel",
    FOREIGN
    or [pytest.param("", marks=pytest.mark.skip(reason="built without another kernel: make test"))],
)


def needs(name: str) -> pytest.MarkDecorator:
    """Skip a test where the build hasn't this kernel."""
    return pytest.mark.skipif(name not in FOREIGN, reason=f"built without {name!r}: make test")
