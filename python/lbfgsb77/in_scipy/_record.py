"""Every minimization of a program, evaluation by evaluation, in files.

A directory has a file for each minimization, ``00001.jsonl`` and so on in the order in which they
began; those of further processes are in ``process-1`` and so on. A file's first line is a header,
the last one how it ended; between them is a line for each evaluation, with x, f and the gradient as
hexadecimal numbers. Vectors of more than `WHOLE` numbers are digests of blocks of `BLOCK`.
``python -m lbfgsb77 reference compare`` compares two such directories.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

FORMAT: Final = "lbfgsb77 recording 1"
MARKER: Final = "recording"  # the file by which a directory is known as one
WHOLE: Final = 1000
BLOCK: Final = 256

Evaluate = Callable[[Any], tuple[Any, Any]]

# What of the environment changes how NumPy and a BLAS round.
_VARIABLES: Final = (
    *("NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES", "OPENBLAS_CORETYPE"),
    *("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "MKL_CBWR"),
)


class Recorder:
    """Writes the minimizations of this process into a directory."""

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self._root = Path(directory)
        self._pid: int | None = None
        self._count = 0
        self._lock = threading.Lock()

    @contextmanager
    def recording(self, who: str, solver: str, x0: Any, bounds: Any) -> Iterator[Recording]:
        """The recording of one minimization; an exception is its ending."""
        with self._lock:
            if self._pid != os.getpid():  # also where a process has been forked
                self._pid, self._count = os.getpid(), 0
                self._folder = _own_folder(self._root)
            self._count += 1
            file = self._folder / f"{self._count:05d}.jsonl"
        head = {
            "format": FORMAT,
            "who": who,
            "solver": solver,
            "n": int(np.size(x0)),
            "x0": packed(x0),
            "bounds": digest(_bounds_text(bounds)),
            "environment": environment(),
        }
        recording = Recording(file, head)
        try:
            yield recording
        except BaseException as error:
            recording.end({"ending": type(error).__name__, "message": str(error)})
            raise


class Recording:
    """One minimization's file."""

    def __init__(self, file: Path, head: dict[str, Any]) -> None:
        self._file = file
        self._lines = [json.dumps(head)]
        self._write()

    def observed(self, evaluate: Evaluate) -> Evaluate:
        """The same, with every evaluation kept."""

        def observe(x: Any) -> tuple[Any, Any]:
            before = packed(x)
            f, g = evaluate(x)
            self.add(before, f, g)
            return f, g

        return observe

    def add(self, x: Any, f: Any, g: Any) -> None:
        """An evaluation; a gradient of None where differences of it are the solver's own affair."""
        gradient = None if g is None else packed(g)
        line = {"x": x, "f": float(np.asarray(f).reshape(-1)[0]).hex(), "g": gradient}
        self._lines.append(json.dumps(line))
        if len(self._lines) >= 64:
            self._write()

    def end(self, result: dict[str, Any]) -> None:
        """How it ended."""
        self._lines.append(json.dumps(result))
        self._write()

    def _write(self) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write("\n".join(self._lines) + "\n" if self._lines else "")
        self._lines = []


def _own_folder(root: Path) -> Path:
    """The root for the first process, a folder below it for every further one."""
    root.mkdir(parents=True, exist_ok=True)
    marker = root / MARKER
    try:
        with marker.open("x", encoding="utf-8") as file:
            file.write(f"{FORMAT}\n")
        return root
    except FileExistsError:
        pass
    number = 1
    while True:
        try:
            folder = root / f"process-{number}"
            folder.mkdir()
            return folder
        except FileExistsError:
            number += 1


def packed(values: ArrayLike) -> list[str] | dict[str, list[str]]:
    """Numbers in hexadecimal, or the digests of their blocks."""
    vector = np.ravel(np.asarray(values, np.float64))
    if vector.size <= WHOLE:
        return [number.hex() for number in vector.tolist()]
    blocks = [vector[k : k + BLOCK] for k in range(0, vector.size, BLOCK)]
    return {"blocks": [digest(np.ascontiguousarray(b, "<f8").tobytes()) for b in blocks]}


def digest(data: bytes) -> str:
    """Sixteen hexadecimal digits that tell data apart."""
    return hashlib.blake2b(data, digest_size=8).hexdigest()


def _bounds_text(bounds: Any) -> bytes:
    if bounds is None:
        return b""
    if hasattr(bounds, "lb"):
        return repr((np.asarray(bounds.lb).tolist(), np.asarray(bounds.ub).tolist())).encode()
    return repr([tuple(None if b is None else float(b) for b in pair) for pair in bounds]).encode()


def environment() -> dict[str, str]:
    """What may make two machines round differently."""
    import scipy

    from lbfgsb77 import _build

    found = {
        "machine": f"{platform.system()} {platform.machine()}",
        "libc": " ".join(platform.libc_ver()),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "lbfgsb77": _build.VERSION,
    }
    try:
        features = sys.modules["numpy._core._multiarray_umath"].__cpu_features__
        found["processor features that NumPy uses"] = " ".join(
            name for name, there in features.items() if there
        )
        blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
        found["BLAS of NumPy"] = f"{blas['name']} {blas['version']}"
    except (AttributeError, KeyError, TypeError):
        pass
    found |= {name: os.environ[name] for name in _VARIABLES if name in os.environ}
    return found
