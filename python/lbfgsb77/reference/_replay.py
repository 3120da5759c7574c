"""Replay files: recorded runs for the tests of a port that can't, or need not, run Python."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Final

from lbfgsb77.reference._check import reference_trace
from lbfgsb77.reference._golden import NOT_FINITE, file_name
from lbfgsb77.reference._trace import Trace
from lbfgsb77.reference.problems import Problem

__all__ = ["CHECKSUMS", "SCHEMA", "export"]

SCHEMA: Final = "replay.schema.json"
CHECKSUMS: Final = "SHA256SUMS"
_README: Final = "README.md"

# Where a run was made says nothing of it: it is the same on every machine.
_PROVENANCE: Final = {"solver": "lbfgsb77:LBFGSB"}


def export(
    directory: str | Path, selection: Iterable[Problem], settings: Iterable[str] = ("default",)
) -> Iterator[tuple[str, Trace]]:
    """Write a replay file for each problem and setting, a schema, checksums and a README.

    Parameters
    ----------
    directory : str or Path
        Where to; it is made if it isn't there.
    selection : iterable of Problem
        The problems, such as ``problems.select(portable=True)``.
    settings : iterable of str, default ("default",)
        Names of `SETTINGS`.

    Yields
    ------
    name : str
        The file's name.
    trace : Trace
        The run that it has.

    Examples
    --------
    >>> import tempfile
    >>> from lbfgsb77.reference import export, problems
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     for name, trace in export(directory, problems.select(["hs4", "wood"])):
    ...         print(name, len(trace.evaluations))
    ...
    wood.default.json 20
    hs4.default.json 2
    """
    root = Path(directory)
    root.mkdir(parents=True, exist_ok=True)
    written = []
    chosen = tuple(settings)
    for problem in selection:
        for setting in chosen:
            if (problem.name, setting) in NOT_FINITE:
                continue
            trace = reference_trace(problem, setting)
            if problem.portable:
                trace = replace(trace, provenance=_PROVENANCE)
            name = file_name(problem.name, setting)
            trace.save(root / name, decimals=True)
            written.append(name)
            yield name, trace
    for name in (SCHEMA, _README):
        text = resources.files("lbfgsb77.reference").joinpath("replay", name).read_text("utf-8")
        (root / name).write_text(text, encoding="utf-8", newline="\n")
        written.append(name)
    lines = [
        f"{hashlib.sha256((root / name).read_bytes()).hexdigest()}  {name}\n" for name in written
    ]
    (root / CHECKSUMS).write_text("".join(lines), encoding="utf-8", newline="\n")
