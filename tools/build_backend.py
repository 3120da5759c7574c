"""meson-python, with editable installs that outlive pip's isolated environment.

An editable install rebuilds what has changed when the package is imported.  pip has by then removed
the environment that it built in, and Ninja with it, so Ninja is kept beside the build.  (NumPy's
headers are kept by fortran/meson.build for the same reason.)
"""

import os
import shutil
from pathlib import Path
from typing import Any

import mesonpy
from mesonpy import (
    build_sdist,
    build_wheel,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
)

__all__ = [
    "build_editable",
    "build_sdist",
    "build_wheel",
    "get_requires_for_build_editable",
    "get_requires_for_build_sdist",
    "get_requires_for_build_wheel",
]


def build_editable(
    wheel_directory: str,
    config_settings: dict[str, Any] | None = None,
    metadata_directory: str | None = None,
) -> str:
    """Build an editable wheel whose rebuilds use a Ninja that stays."""
    ninja = shutil.which("ninja")
    if ninja is not None and "NINJA" not in os.environ:
        kept = Path("build").absolute() / Path(ninja).name
        kept.parent.mkdir(exist_ok=True)
        shutil.copy2(ninja, kept)
        os.environ["NINJA"] = str(kept)
    return mesonpy.build_editable(wheel_directory, config_settings, metadata_directory)
