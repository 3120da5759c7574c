"""Who minimized what, and how it ended: the log of the switch, and its summary."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple, TextIO

_THEIRS: Final = ("scipy", "lbfgsb77", "functools", "contextlib")
_SHOWN: Final = 8  # reasons of failed runs in a summary


class Call(NamedTuple):
    """One minimization.

    Attributes
    ----------
    who : str
        Module, function and line outside of SciPy that asked for it.
    n : int
        Number of variables.
    nit, nfev : int
        Iterations and evaluations.
    status : int
        0 converged, 1 a limit, 2 another ending.
    message : str
        In the words of the installed SciPy.
    reason : str
        Why, a sentence with numbers.
    seconds : float
        What it took, with the objective.
    """

    who: str
    n: int
    nit: int
    nfev: int
    status: int
    message: str
    reason: str
    seconds: float

    @property
    def failed(self) -> bool:
        """Whether it neither converged nor was stopped, by a limit or its callback."""
        return self.status == 2 and not self.message.startswith("STOP")

    def __str__(self) -> str:
        return (
            f"{self.who}: n = {self.n}, {self.nit} iterations, {self.nfev} evaluations, "
            f"{self.seconds:.3g} s, {self.message.strip()}: {self.reason}"
        )


def caller() -> str:
    """The innermost frame outside of SciPy and this package."""
    frame = sys._getframe(1)
    while frame.f_back is not None:
        if frame.f_globals.get("__name__", "").partition(".")[0] not in _THEIRS:
            break
        frame = frame.f_back
    name = frame.f_globals.get("__name__", "?")
    return f"{name}:{frame.f_code.co_name}:{frame.f_lineno}"


class Log:
    """Keeps every call of one switch, and passes it on.

    Parameters
    ----------
    sink : text file, path, logging.Logger, callable or None
        Who gets each `Call`: a line of text in a stream or a logger, a line of JSON in a file, the
        object itself for a callable.
    """

    def __init__(self, sink: Any) -> None:
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self._write = _writer(sink)

    def add(self, call: Call) -> None:
        """Take in a call."""
        with self._lock:
            self._calls.append(call)
            self._write(call)

    @property
    def calls(self) -> list[Call]:
        """All so far."""
        with self._lock:
            return list(self._calls)


def _writer(sink: Any) -> Callable[[Call], Any]:
    if sink is None:
        return lambda call: None
    import logging  # this and json are slow to import, and seldom needed

    if isinstance(sink, logging.Logger):
        return lambda call: sink.info("%s", call)
    if isinstance(sink, (str, os.PathLike)):
        path = os.path.abspath(os.fspath(sink))
        append(path, "")  # a file that can't be written is told now
        return lambda call: append(path, _json(call) + "\n")
    if hasattr(sink, "write"):
        stream: TextIO = sink
        return lambda call: print(call, file=stream, flush=True)
    if callable(sink):
        write: Callable[[Call], Any] = sink
        return write
    raise TypeError(f"log: a stream, path, logger or callable is expected, got {sink!r}")


def _json(call: Call) -> str:
    import json

    return json.dumps(call._asdict())


def append(path: str, text: str) -> None:
    """Add to a file in one piece, which other processes may do too."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(file, text.encode())
    finally:
        os.close(file)


def read(path: str) -> list[Call]:
    """The calls that processes have written to a file."""
    import json

    with open(path, encoding="utf-8") as file:
        return [Call(**json.loads(line)) for line in file if line.endswith("\n")]


def summary(calls: Iterable[Call]) -> str:
    """How many minimizations from which modules, how they ended, and why those failed that did."""
    from collections import Counter

    calls = list(calls)
    if not calls:
        return "lbfgsb77: nothing was minimized by SciPy's L-BFGS-B"
    seconds = sum(call.seconds for call in calls)
    lines = [f"lbfgsb77: {_count(len(calls), 'minimization')} in the place of SciPy's L-BFGS-B, "
             f"{seconds:.3g} s with the objectives"]  # fmt: skip
    modules = Counter(call.who.partition(":")[0] for call in calls)
    lines += [f"{count:8d} from {module}" for module, count in modules.most_common()]
    endings = Counter(call.message.strip() for call in calls)
    lines += [f"{count:8d} ended with {ending}" for ending, count in endings.most_common()]
    failed = Counter((call.who, call.reason) for call in calls if call.failed)
    if failed:
        lines.append(f"{sum(failed.values()):8d} failed:")
        for (who, reason), count in failed.most_common(_SHOWN):
            lines.append(f"{count:12d} {who}: {reason}")
        if len(failed) > _SHOWN:
            lines.append(f"{'...':>12} {len(failed) - _SHOWN} more reasons")
    return "\n".join(lines)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
