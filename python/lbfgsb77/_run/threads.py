"""How many threads share the iterations of a large problem."""

from __future__ import annotations

import os
from typing import Any, Final

from lbfgsb77 import _arguments

# For what has no argument for it, such as `fmin_l_bfgs_b`.
VARIABLE: Final = "LBFGSB77_THREADS"

# Fewer variables the kernel doesn't share (fortran/sharing.f), so nobody need be asked.
FEWEST_VARIABLES: Final = 60_000


def asked(threads: Any) -> int | None:
    """Check an argument `threads`, None where the environment is to say."""
    return None if threads is None else _arguments.positive_integer("threads", threads)


def used(threads: int | None) -> int:
    """Return a number that was asked for, or else that of the environment, or else 1."""
    if threads is not None:
        return threads
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return 1
    try:
        number = int(text)
    except ValueError:
        raise ValueError(f"{VARIABLE}: an integer is expected, got {text!r}") from None
    return _arguments.positive_integer(VARIABLE, number)


def for_run(threads: int | None, n: int) -> int:
    """Return the number for a run of n variables."""
    return 1 if n < FEWEST_VARIABLES else used(threads)
