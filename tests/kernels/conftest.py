"""What the tests of the kernel's inner routines share."""

from __future__ import annotations

from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def kernels() -> ModuleType:
    """The routines themselves, one by one: ../kernels.pyf."""
    return pytest.importorskip(
        "lbfgsb77._kernels",
        reason="this lbfgsb77 was built without the Meson option kernel_tests",
    )
