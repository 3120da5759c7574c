"""Driving a port in any language: one line of JSON a message, on its standard streams.

docs/reference/protocol.md is the protocol's page.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shlex
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lbfgsb77.reference._stage_fields import check_fields, number
from lbfgsb77.reference._trace import packed_problem, packed_values, scalar, vector
from lbfgsb77.reference.problems import Problem

__all__ = ["VERSION", "Command", "End", "PortError"]

VERSION: Final = 1

Vector = NDArray[np.float64]
Evaluate = Callable[[Vector, Mapping[str, Any] | None], tuple[float, Vector]]

_MESSAGES: Final = ("hello", "stages", "evaluate", "iteration", "end")
_SHOWN_OF_A_LINE: Final = 200
_SHOWN_OF_STDERR: Final = 5  # lines
_PATIENCE: Final = 2.0  # seconds that a port is given to leave by itself


class PortError(Exception):
    """The port left the protocol; the text says how, and what it said last on standard error."""


class End(NamedTuple):
    """What a port has said of a run's end."""

    message: str
    x: Vector
    f: float
    nit: int | None
    nfev: int | None


class Command:
    """A port that is a program of its own and speaks the checker's protocol.

    The process is started when it is needed, serves one problem after the other, and is started
    again where it has failed. Use it as a context manager, or call `close`.

    Parameters
    ----------
    command : str or sequence of str
        The program and its arguments, such as ``"Rscript port.R"``. A text is divided as a shell
        does it; no shell is run.
    timeout : float, default 60
        Seconds of silence after which a port is taken to hang.

    Raises
    ------
    ValueError
        If the command is empty or the timeout isn't positive.

    See Also
    --------
    lbfgsb77.reference.record : Takes it as a solver.

    Examples
    --------
    >>> from lbfgsb77.reference import Command
    >>> Command("Rscript port.R", timeout=10.0)
    Command('Rscript port.R', timeout=10.0)
    """

    __module__ = "lbfgsb77.reference"

    def __init__(self, command: str | Sequence[str], timeout: float = 60.0) -> None:
        self.words: list[str] = shlex.split(command) if isinstance(command, str) else list(command)
        if not self.words:
            raise ValueError(f"command: a program's name is expected, got {command!r}")
        if not timeout > 0.0:
            raise ValueError(f"timeout: a positive number is expected, got {timeout!r}")
        self.timeout = timeout
        #: What the port has said of itself.
        self.hello: dict[str, str] = {}
        self._process: _Process | None = None

    @property
    def text(self) -> str:
        """The command as one would type it."""
        return shlex.join(self.words)

    def __repr__(self) -> str:
        return f"Command({self.text!r}, timeout={self.timeout!r})"

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the port's standard input, and end it if it doesn't leave by itself."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def run(
        self,
        problem: Problem,
        options: Mapping[str, float],
        evaluate: Evaluate,
        mark_iteration: Callable[[], None],
    ) -> End:
        """Have the port minimize a problem.

        Parameters
        ----------
        problem : Problem
            The problem.
        options : mapping
            Those of `record`.
        evaluate : callable
            ``evaluate(x, stages)`` returns f and the gradient.
        mark_iteration : callable
            Called where the port says that an iteration has ended.

        Raises
        ------
        PortError
            If it leaves the protocol.
        """
        try:
            if self._process is None:
                self._process = _Process(self.words)
            return self._run(self._process, problem, options, evaluate, mark_iteration)
        except BaseException as error:
            # Whatever it was, the two may no longer agree on where they are.
            said = ""
            if self._process is not None:
                said = self._process.kill()
                self._process = None
            if isinstance(error, PortError):
                raise PortError(f"{error}{said}") from None
            raise

    def _run(
        self,
        process: _Process,
        problem: Problem,
        options: Mapping[str, float],
        evaluate: Evaluate,
        mark_iteration: Callable[[], None],
    ) -> End:
        lower, upper = problem.bound_arrays()
        process.send(
            {
                "do": "start",
                "version": VERSION,
                "problem": problem.name,
                **packed_problem(problem.start, lower, upper, options, decimals=True),
            }
        )
        stages: Mapping[str, Any] | None = None
        while True:
            kind, message = _message(process.receive(self.timeout))
            if kind == "hello":
                self.hello = {key: str(value) for key, value in message.items()}
            elif kind == "stages":
                stages = _stages(message["stages"], problem.n)
            elif kind == "iteration":
                mark_iteration()
            elif kind == "evaluate":
                f, g = evaluate(_numbers(message, "evaluate", problem.n), stages)
                stages = None
                process.send(packed_values({"f": f, "g": g}, decimals=True))
            else:
                return _end(message, problem.n)


class _Process:
    """The running port: lines to it, and lines from it with a limit of time."""

    def __init__(self, words: Sequence[str]) -> None:
        try:
            self._popen = subprocess.Popen(
                words,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                # An interpreter may be a script that starts another program.
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise PortError(f"{words[0]}: can't be started: {error.strerror}") from None
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._errors: deque[str] = deque(maxlen=_SHOWN_OF_STDERR)
        self._readers = [
            threading.Thread(target=read, daemon=True) for read in (self._read, self._read_errors)
        ]
        for reader in self._readers:
            reader.start()

    def _read(self) -> None:
        assert self._popen.stdout is not None
        for line in self._popen.stdout:
            if not line.isspace():
                self._lines.put(line)
        self._lines.put(None)

    def _read_errors(self) -> None:
        assert self._popen.stderr is not None
        for line in self._popen.stderr:
            self._errors.append(line.rstrip())

    def send(self, message: Mapping[str, Any]) -> None:
        assert self._popen.stdin is not None
        try:
            self._popen.stdin.write(json.dumps(message, separators=(",", ":")) + "\n")
            self._popen.stdin.flush()
        except OSError:
            raise PortError(f"the port has ended{self._status()}") from None

    def receive(self, timeout: float) -> str:
        try:
            line = self._lines.get(timeout=timeout)
        except queue.Empty:
            hint = "does it flush its output?"
            raise PortError(f"the port has said nothing for {timeout:g} s ({hint})") from None
        if line is None:
            raise PortError(f"the port has ended{self._status()} in the middle of a run")
        return line

    def _status(self) -> str:
        try:
            status = self._popen.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            return ""
        if status >= 0:
            return f" with status {status}"
        try:
            return f" by signal {signal.Signals(-status).name}"
        except ValueError:
            return f" by signal {-status}"

    def close(self) -> None:
        assert self._popen.stdin is not None
        with contextlib.suppress(OSError):
            self._popen.stdin.close()
        try:
            self._popen.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
        else:
            self._close_streams()

    def kill(self) -> str:
        """End the process at once, and return what it said last on standard error."""
        with contextlib.suppress(OSError):
            if os.name == "posix":
                os.killpg(self._popen.pid, signal.SIGKILL)
            else:
                self._popen.kill()
        self._popen.wait()
        self._close_streams()
        lines = [line for line in self._errors if line]
        return f"; on standard error: {' / '.join(lines)}" if lines else ""

    def _close_streams(self) -> None:
        for reader in self._readers:
            reader.join(_PATIENCE)
        for stream in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            assert stream is not None
            with contextlib.suppress(OSError):
                stream.close()


def _message(line: str) -> tuple[str, dict[str, Any]]:
    """What a line says, and its kind."""
    said = repr(line.rstrip("\n")[:_SHOWN_OF_A_LINE])
    try:
        # printf("%.17g") writes -0 without a point; it is a number all the same.
        message = json.loads(line, parse_int=lambda text: -0.0 if text == "-0" else int(text))
    except json.JSONDecodeError:
        raise PortError(f"the port said {said}, which is no JSON") from None
    kinds = [kind for kind in _MESSAGES if isinstance(message, dict) and kind in message]
    if not kinds:
        names = ", ".join(_MESSAGES)
        raise PortError(f"the port said {said}: an object with one of {names} is expected")
    return kinds[0], message


def _stages(reported: Any, n: int) -> Mapping[str, Any]:
    try:
        return check_fields(reported, n)
    except ValueError as error:
        raise PortError(str(error)) from None


def _numbers(message: dict[str, Any], name: str, n: int) -> Vector:
    try:
        return vector(message, name, n)
    except ValueError as error:
        raise PortError(f"the port said something that isn't in the protocol: {error}") from None


def _end(message: dict[str, Any], n: int) -> End:
    for name in ("x", "f"):
        if name not in message and f"{name}_hex" not in message:
            raise PortError(f"end: {name} is missing")
    counts = [message.get(name) for name in ("nit", "nfev")]
    try:
        nit, nfev = (None if count is None else int(number(count)) for count in counts)
        f = scalar(message, "f")
    except ValueError as error:
        raise PortError(f"end: {error}") from None
    return End(str(message["end"]), _numbers(message, "x", n), f, nit, nfev)
