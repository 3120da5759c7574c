r"""Checkpoint files: a run's complete state, written at once or not at all.

A file is four parts, one after the other::

    lbfgsb77 checkpoint 2\n       what it is, and the version of this format
    {"kernel": ...}\n             numbers and words, and the type and length of each array, in JSON
    arrays                       little-endian, in the order of the JSON
    checksum                     SHA-256 of all that precedes, 32 bytes

Nothing in it is ever executed. It means the same on every machine.
"""

from __future__ import annotations

import errno
import os
import stat
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments

# hashlib, json and pathlib are imported where a file is written or read: most runs have none, and
# to import these three takes longer than to import the rest of the package.
if TYPE_CHECKING:
    from pathlib import Path

_MAGIC: Final = b"lbfgsb77 checkpoint "
_FORMAT: Final = 2
_CHECKSUM_LENGTH: Final = 32  # SHA-256
_TYPES: Final = ("<f8", "<i4", "|S120")

# More than the first two lines of any file that this module writes.
_LONGEST_LINE: Final = 65536

# Bytes of a file that are looked at together.
_PART: Final = 2**20


def write(path: str | os.PathLike[str], state: dict[str, Any]) -> None:
    """Write a state to a file, which holds the old contents or the new ones at every moment.

    Parameters
    ----------
    path : str or path-like
        The file, which is replaced if it is there.
    state : dict
        Arrays of one dimension, numbers and strings.

    Raises
    ------
    OSError
        If the file can't be written; what was there is as it was.
    """
    _arguments.path("path", path)
    target = _target(path)
    temporary = _temporary(target)
    try:
        with open(temporary, "xb") as file:
            if target.exists():
                os.chmod(temporary, stat.S_IMODE(target.stat().st_mode))
            _write_parts(file, state)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _synchronize_directory(target.parent)


def _target(path: str | os.PathLike[str]) -> Path:
    """The file itself, where the path is a link to it."""
    from pathlib import Path

    return Path(os.path.realpath(path))


def _temporary(target: Path) -> Path:
    # In the same directory, because renaming is atomic only inside one file system.
    return target.with_name(f"{_leftover_prefix(target)}{os.urandom(8).hex()}.tmp")


def _leftover_prefix(target: Path) -> str:
    # Short, whatever the length of the name: a directory has names of 255 bytes at most.
    import hashlib

    return f".lbfgsb77-{hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16]}-"


def require_writable(path: str | os.PathLike[str]) -> None:
    """Find out, before anything is computed, whether `write` can write to this path.

    Raises
    ------
    OSError
        If it can't.
    """
    target = _target(path)
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    with suppress(FileNotFoundError):
        os.stat(target)  # finds a name that is too long
    temporary = _temporary(target)
    with open(temporary, "xb"):
        pass
    temporary.unlink()


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Remove the temporary files of processes that were killed while they wrote to this path."""
    target = _target(path)
    prefix = _leftover_prefix(target)
    for entry in target.parent.iterdir():
        middle = entry.name.removeprefix(prefix).removesuffix(".tmp")
        if entry.name == f"{prefix}{middle}.tmp" and len(middle) == 16:
            entry.unlink(missing_ok=True)


def _write_parts(file: BinaryIO, state: dict[str, Any]) -> None:
    import hashlib
    import json

    arrays = {key: _portable(value) for key, value in state.items() if _is_array(value)}
    header = {key: value for key, value in state.items() if not _is_array(value)}
    header["arrays"] = [[key, array.dtype.str, array.size] for key, array in arrays.items()]
    checksum = hashlib.sha256()
    parts: list[Any] = [_MAGIC + b"%d\n" % _FORMAT, json.dumps(header).encode("ascii") + b"\n"]
    parts += [array.view(np.uint8).data for array in arrays.values()]
    for part in parts:
        checksum.update(part)
        file.write(part)
    file.write(checksum.digest())


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray)


def _portable(array: NDArray[Any]) -> NDArray[Any]:
    """The array in memory that is contiguous and little-endian."""
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<"))


def _synchronize_directory(directory: Path) -> None:
    # So that the new name, too, outlives a loss of power. Windows has no such call and no need.
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read the state that `write` has written.

    Raises
    ------
    ValueError
        If the file is not a checkpoint, of a newer format, truncated or altered: one sentence.
    OSError
        If the file can't be read.
    """
    with open(_arguments.path("path", path), "rb") as file:
        try:
            return _read_parts(file)
        except ValueError as error:
            raise ValueError(f"checkpoint {os.fspath(path)!r}: {error}") from None


def _read_parts(file: BinaryIO) -> dict[str, Any]:
    first = file.readline(_LONGEST_LINE)
    if not first.startswith(_MAGIC):
        raise ValueError(
            "not a checkpoint of lbfgsb77"
            if not _MAGIC.startswith(first)
            else f"truncated after {len(first)} bytes"
        )
    version = first[len(_MAGIC) :].strip()
    if version.isdigit() and int(version) > _FORMAT:
        raise ValueError(
            f"its format {int(version)} is newer than {_FORMAT}, the newest that this version "
            "of lbfgsb77 reads"
        )
    second = file.readline(_LONGEST_LINE)
    size = os.fstat(file.fileno()).st_size
    if not (first.endswith(b"\n") and second.endswith(b"\n")):
        raise ValueError(f"truncated after {size} bytes, or altered")
    header, shapes = _read_header(second)
    # Before any memory is asked for, because an altered length could be anything.
    expected = len(first) + len(second) + _CHECKSUM_LENGTH
    expected += sum(np.dtype(kind).itemsize * length for _, kind, length in shapes)
    if size != expected:
        raise ValueError(f"{expected} bytes are expected, but it has {size}: truncated or altered")
    beginning = file.tell()
    _require_checksum(file, first + second, size)
    if version != b"%d" % _FORMAT:
        raise ValueError(f"its format is {version!r}, {_FORMAT} is expected")
    file.seek(beginning)
    arrays = {}
    for key, kind, length in shapes:
        array = np.empty(length, kind)
        file.readinto(array.view(np.uint8).data)  # type: ignore[attr-defined]
        arrays[key] = array.astype(array.dtype.newbyteorder("="), copy=False)
    return {**header, **arrays}


def _require_checksum(file: BinaryIO, beginning: bytes, size: int) -> None:
    """Compare the last bytes of a file with the checksum of all others, part by part."""
    import hashlib

    checksum = hashlib.sha256(beginning)
    left = size - len(beginning) - _CHECKSUM_LENGTH
    while left > 0:
        part = file.read(min(left, _PART))
        if not part:
            break
        checksum.update(part)
        left -= len(part)
    if file.read() != checksum.digest():
        raise ValueError("altered: its checksum is another")


def _read_header(line: bytes) -> tuple[dict[str, Any], list[tuple[str, str, int]]]:
    import json

    try:
        header = json.loads(line, parse_constant=_no_number)
        shapes = [(str(key), str(kind), int(length)) for key, kind, length in header.pop("arrays")]
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError, OverflowError):
        raise ValueError("altered: its header is not a header's JSON") from None
    if any(kind not in _TYPES or length < 0 for _, kind, length in shapes):
        raise ValueError("altered: its header tells of no array that a checkpoint has")
    return header, shapes


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number of a header")


class _Saving(Protocol):
    def save(self, path: str | os.PathLike[str]) -> None: ...
    def resumed(self, path: str | os.PathLike[str]) -> Self: ...


_Solver = TypeVar("_Solver", bound=_Saving)


def begin(
    solver: _Solver, path: str | os.PathLike[str] | None, every: Any
) -> tuple[_Solver, Checkpoints | None]:
    """The run that the file holds if it is there, else this one; and how it is to be saved.

    Parameters
    ----------
    solver : LBFGSB
        A run that has not begun.
    path : str, path-like or None
        The file; None for a run that isn't saved.
    every : float
        As for `Checkpoints`.
    """
    every = _arguments.nonnegative_tolerance("checkpoint_every", every)
    if path is None:
        return solver, None
    _arguments.path("checkpoint", path)
    # The objective may change the working directory.
    path = os.path.abspath(path)
    if os.path.exists(path):
        solver = solver.resumed(path)
    require_writable(path)
    remove_leftovers(path)
    return solver, Checkpoints(path, every)


class Checkpoints:
    """The checkpoint file of one run that is saved now and then.

    Parameters
    ----------
    path : str or path-like
        The file.
    every : float
        Seconds from the end of one save to the beginning of the next; 0 saves before each
        evaluation.
    """

    def __init__(self, path: str | os.PathLike[str], every: float) -> None:
        self.path = path
        self._failure: OSError | None = None  # of the last save, if it failed
        self._every = every
        self._due = time.monotonic() + every

    def saving(
        self, solver: _Saving, evaluate: Callable[[Any], tuple[Any, Any]]
    ) -> Callable[[Any], tuple[Any, Any]]:
        """``evaluate``, with a save before it whenever one is due."""

        def evaluate_after_saving(x: Any) -> tuple[Any, Any]:
            if time.monotonic() >= self._due:
                try:
                    self.save(solver)
                except OSError as error:
                    # A disk that is full is no reason to lose what has been computed.
                    self._warn(error, "the run goes on")
            return evaluate(x)

        return evaluate_after_saving

    @contextmanager
    def saved_at_the_end(self, solver: _Saving) -> Iterator[None]:
        """Save when the run has ended, or when an exception has ended it."""
        try:
            yield
            self.save(solver)
        except OSError as error:
            if error is not self._failure:
                self._save_after(error, solver)
                raise
            self._warn(error, "its result is returned")
        except BaseException as error:
            self._save_after(error, solver)
            raise

    def _save_after(self, error: BaseException, solver: _Saving) -> None:
        """Save; the exception that came before gets a note if that fails, or if it is a Ctrl-C."""
        try:
            self.save(solver)
        except OSError as failure:
            error.add_note(f"The checkpoint {self.path!r} could not be saved: {failure}")
        else:
            if isinstance(error, KeyboardInterrupt):
                error.add_note(
                    f"The run is saved in {self.path!r}; the same call goes on from there."
                )

    def _warn(self, failure: OSError, consequence: str) -> None:
        self._due = time.monotonic() + self._every
        text = f"the checkpoint {self.path!r} could not be saved, {consequence}: {failure}"
        warnings.warn(text, RuntimeWarning, stacklevel=2)

    def save(self, solver: _Saving) -> None:
        """Save now."""
        try:
            solver.save(self.path)
        except OSError as failure:
            self._failure = failure
            raise
        self._due = time.monotonic() + self._every
