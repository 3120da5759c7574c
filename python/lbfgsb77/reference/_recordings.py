"""Where two recordings of a program part, and whose doing it is."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

from lbfgsb77.in_scipy._record import BLOCK, FORMAT, MARKER
from lbfgsb77.reference._ulps import ulps


class Run(NamedTuple):
    """A recorded minimization as it was read."""

    name: str
    head: dict[str, Any]
    evaluations: list[dict[str, Any]]
    end: dict[str, Any]


def is_recording(path: str | os.PathLike[str]) -> bool:
    """Whether a directory is one that `Recorder` made."""
    return (Path(path) / MARKER).is_file()


def read(path: str | os.PathLike[str]) -> list[Run]:
    """The recorded minimizations, those of the first process first."""
    root = Path(path)
    if not is_recording(root):
        raise ValueError(f"{str(path)!r}: a directory that `run --record` made is expected")
    runs = []
    for file in sorted(root.rglob("*.jsonl"), key=lambda file: (len(file.parts), _natural(file))):
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
        if not lines or lines[0].get("format") != FORMAT:
            raise ValueError(f"{str(file)!r}: not a recording")
        ended = "ending" in lines[-1]
        end = lines[-1] if ended else {"ending": "cut off", "message": "the process has ended"}
        runs.append(
            Run(str(file.relative_to(root)), lines[0], lines[1 : -1 if ended else None], end)
        )
    return runs


def _natural(file: Path) -> tuple[Any, ...]:
    folder = file.parent.name
    return (int(folder.rpartition("-")[2]) if folder.startswith("process-") else 0, file.name)


def compare(first: str | os.PathLike[str], second: str | os.PathLike[str]) -> tuple[bool, str]:
    """Whether two recordings have the same bits, and a report of where they part first."""
    a, b = read(first), read(second)
    lines = []
    for one, other in zip(a, b, strict=False):
        difference = _first_difference(one, other)
        if difference:
            lines = [f"{one.name} ({one.head['who']}, n = {one.head['n']}): {difference}"]
            break
    else:
        if len(a) != len(b):
            lines = [f"{len(a)} minimizations in the one, {len(b)} in the other; the first "
                     f"{min(len(a), len(b))} are the same"]  # fmt: skip
    same = not lines
    evaluations = sum(len(run.evaluations) for run in a)
    if same:
        lines = [f"the same bits: {len(a)} minimizations, {evaluations} evaluations"]
    lines += _environments(a, b)
    return same, "\n".join(lines)


def _first_difference(a: Run, b: Run) -> str:
    """The first thing in which two minimizations differ, and whose doing it is."""
    for name, word in (("who", "asked for by"), ("n", "variables:"), ("bounds", "bounds:")):
        if name == "who":
            same = a.head[name].rpartition(":")[0] == b.head[name].rpartition(":")[0]
        else:
            same = a.head[name] == b.head[name]
        if not same:
            return f"the program: {word} {a.head[name]} in the one, {b.head[name]} in the other"
    if a.head["x0"] != b.head["x0"]:
        return f"the program: another start, {_vectors(a.head['x0'], b.head['x0'])}"
    for k, (p, q) in enumerate(zip(a.evaluations, b.evaluations, strict=False), start=1):
        if p["x"] != q["x"]:
            return (
                f"the solver: evaluation {k} is at another point though all before are the same, "
                f"{_vectors(p['x'], q['x'])}"
            )
        if p["f"] != q["f"]:
            return f"the objective: at evaluation {k}, at the same x, f differs, {_pair(p, q)}"
        if p["g"] != q["g"]:
            return (
                f"the objective: at evaluation {k}, at the same x, the gradient differs, "
                f"{_vectors(p['g'], q['g'])}"
            )
    if len(a.evaluations) != len(b.evaluations):
        return (
            f"the solver: {len(a.evaluations)} evaluations in the one, {len(b.evaluations)} in the "
            "other, the first of them the same"
        )
    if a.end != b.end:
        return f"the solver: {a.end} in the one, {b.end} in the other"
    return ""


def _pair(p: dict[str, Any], q: dict[str, Any]) -> str:
    return _numbers(float.fromhex(p["f"]), float.fromhex(q["f"]))


def _vectors(p: Any, q: Any) -> str:
    """The first component, or block, in which two vectors differ, and how many do."""
    if isinstance(p, dict) or isinstance(q, dict) or p is None or q is None:
        if isinstance(p, dict) and isinstance(q, dict):
            different = [k for k, (u, v) in enumerate(zip(p["blocks"], q["blocks"], strict=False))
                         if u != v]  # fmt: skip
            first = different[0] * BLOCK if different else 0
            return (
                f"in {len(different)} of {len(p['blocks'])} blocks, first among components {first} "
                f"to {first + BLOCK - 1}"
            )
        return "one is not there"
    different = [k for k, (u, v) in enumerate(zip(p, q, strict=True)) if u != v]
    k = different[0]
    numbers = _numbers(float.fromhex(p[k]), float.fromhex(q[k]))
    return f"in {len(different)} of {len(p)} components, first in {k}: {numbers}"


def _numbers(a: float, b: float) -> str:
    return f"{a!r} and {b!r}, {int(ulps(a, b)[0])} ULPs"


def _environments(a: list[Run], b: list[Run]) -> list[str]:
    """What is different between the two environments."""
    if not a or not b:
        return []
    one, other = a[0].head, b[0].head
    lines = []
    if one["solver"] != other["solver"]:
        lines.append(f"  solver: {one['solver']} | {other['solver']}")
    for name in dict.fromkeys([*one["environment"], *other["environment"]]):
        first, second = (head["environment"].get(name, "not set") for head in (one, other))
        if first != second:
            lines.append(f"  {name}: {_different_words(first, second)}")
    if not lines:
        return ["the environments are the same in all that is known of them"]
    return ["different in the environments:", *lines]


def _different_words(first: str, second: str) -> str:
    """Long lists are told by what only one of them has."""
    one, other = first.split(), second.split()
    if len(one) + len(other) < 20:
        return f"{first} | {second}"
    only = [
        " ".join(w for w in a if w not in b) or "nothing" for a, b in ((one, other), (other, one))
    ]
    return f"only in the first: {only[0]}; only in the second: {only[1]}"
