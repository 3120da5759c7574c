"""Exceptions on their way from one process to another."""

from __future__ import annotations

import pickle
import traceback
from multiprocessing.reduction import ForkingPickler
from typing import Any


def can_be_sent(item: Any) -> bool:
    """Whether it arrives as what it is."""
    try:
        # By what sends it.
        pickle.loads(ForkingPickler.dumps(item))
    except Exception:
        return False
    return True


def told(error: BaseException) -> str:
    """Words for one that can't be sent, or that would end the process where it arrives."""
    if not isinstance(error, Exception):  # of sys.exit, or a Ctrl-C for one process alone
        return f"raised {type(error).__name__}({error})"
    where = "".join(traceback.format_exception(error))
    return (
        f"raised {type(error).__name__}, which can't be sent from one process to another:\n{where}"
    )


def sendable(error: BaseException, where: str) -> Exception:
    """The exception itself, or one that says what it was."""
    if isinstance(error, Exception) and can_be_sent(error):
        return error
    return RuntimeError(f"workers: {where}: {told(error)}")
