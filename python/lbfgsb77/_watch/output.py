"""Where to show something. A stream may be closed or broken: whoever looks on ends no run."""

from __future__ import annotations

import sys
from typing import TextIO


def written(file: TextIO, line: str) -> bool:
    """Write a line, and tell whether that was possible."""
    try:
        print(line, file=file, flush=True)
    except (OSError, ValueError):  # a broken pipe, a full disk; a closed file
        return False
    return True


def is_terminal(file: TextIO) -> bool:
    """Whether somebody is likely to look at it."""
    try:
        return file.isatty()
    except (AttributeError, ValueError):  # no stream at all, as under pythonw; a closed file
        return False


def in_notebook() -> bool:
    """Whether this is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return shell is not None and "IPKernelApp" in shell.config
