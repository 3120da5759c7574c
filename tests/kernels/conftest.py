"""What the tests of the kernel's inner routines share."""

from __future__ import annotations

from types import SimpleNamespace

import pytest


@pytest.fixture(scope="session")
def kernels() -> SimpleNamespace:
    """The routines themselves, one by one: ../kernels.pyf."""
    extension = pytest.importorskip(
        "lbfgsb77._kernels",
        reason="this lbfgsb77 was built without the Meson option kernel_tests",
    )
    routines = dict(vars(extension))
    for name, item in vars(extension).items():
        if name.endswith("_mod"):  # a Fortran module
            routines |= {routine: getattr(item, routine) for routine in dir(item)}
    return SimpleNamespace(**routines)
