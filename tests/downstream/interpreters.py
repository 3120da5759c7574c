"""Find the Pythons of this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

OLDEST, NEWEST = 11, 14

TELL_VERSION = """\
import ensurepip, sys, sysconfig, venv
assert sys.implementation.name == "cpython" and not sysconfig.get_config_var("Py_GIL_DISABLED")
print(*sys.version_info[:2])
"""


class Interpreter(NamedTuple):
    """A Python and its version."""

    version: tuple[int, int]
    path: str


@cache
def interpreters() -> tuple[Interpreter, ...]:
    """Every CPython that runs and can make environments, of those on the path and in pyenv."""
    candidates = [sys.executable]
    for minor in range(NEWEST, OLDEST - 1, -1):
        candidates.append(shutil.which(f"python3.{minor}") or "")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates += map(str, sorted(pyenv.glob("versions/*/bin/python")))
    found = []
    for path in filter(None, candidates):
        done = subprocess.run([path, "-c", TELL_VERSION], capture_output=True, text=True)
        if not done.returncode:
            major, minor = map(int, done.stdout.split())
            found.append(Interpreter((major, minor), path))
    return tuple(found)


def newest(up_to: tuple[int, int]) -> Interpreter:
    """The newest Python that is not newer than `up_to`."""
    usable = [one for one in interpreters() if (3, OLDEST) <= one.version <= up_to]
    if not usable:
        raise SystemExit(f"no Python from 3.{OLDEST} to {up_to[0]}.{up_to[1]} was found")
    return max(usable, key=lambda one: one.version)
