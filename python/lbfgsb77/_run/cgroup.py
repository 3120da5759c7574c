"""The memory that the control groups of this process leave it: of containers, batch systems."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

_PROCESS: Final = Path("/proc/self/cgroup")
_MOUNT: Final = Path("/sys/fs/cgroup")


class _Files(NamedTuple):
    """What a version of control groups calls the same numbers."""

    limit: str
    usage: str
    cache: str  # in memory.stat: pages of files, which the system gives back first
    # Of swap alone in version 2, of memory and swap together in version 1.
    swap_limit: str
    swap_usage: str


_V1: Final = _Files(
    "memory.limit_in_bytes",
    "memory.usage_in_bytes",
    "total_inactive_file",
    "memory.memsw.limit_in_bytes",
    "memory.memsw.usage_in_bytes",
)
_V2: Final = _Files(
    "memory.max", "memory.current", "inactive_file", "memory.swap.max", "memory.swap.current"
)


def room(free_swap: int, process: Path = _PROCESS, mount: Path = _MOUNT) -> int | None:
    """Bytes that can be allocated before a limit is met; None where there is no limit.

    Parameters
    ----------
    free_swap : int
        Bytes of swap that the machine has left.
    process : Path
        The file that names the groups of this process.
    mount : Path
        Where the tree of groups is.

    Notes
    -----
    A group's limit holds for all below it, so the smallest room counts. Inside of a container the
    tree may begin at the container's own group, under another name than the process file has:
    what isn't there is passed over.
    """
    rooms = []
    try:
        for directory, files in _groups(process.read_text(encoding="utf-8"), mount):
            limit = _number(directory / files.limit)
            usage = _number(directory / files.usage)
            if limit is not None and usage is not None:
                left = limit - usage
                swap = int(min(_swap(directory, files, left), free_swap))
                rooms.append(left + _cached(directory, files.cache) + swap)
    except (OSError, ValueError):
        return None
    return max(min(rooms), 0) if rooms else None


def _groups(lines: str, mount: Path) -> Iterator[tuple[Path, _Files]]:
    """The directory of each group that this process belongs to, and how its files are called."""
    for line in lines.splitlines():
        number, controllers, name = line.split(":", 2)
        if "memory" in controllers.split(","):
            root, files = mount / "memory", _V1
        elif number == "0":
            root, files = mount, _V2
        else:
            continue
        group = root / name.lstrip("/")
        for directory in (group, *group.parents):
            if directory.is_relative_to(root):
                yield directory, files


def _number(path: Path) -> int | None:
    """What a file says; None where it isn't there, or says "max"."""
    try:
        text = path.read_text(encoding="ascii").strip()
    except OSError:
        return None
    return None if text == "max" else int(text)


def _cached(directory: Path, key: str) -> int:
    try:
        text = (directory / "memory.stat").read_text(encoding="ascii")
    except OSError:
        return 0
    for line in text.splitlines():
        name, _, value = line.partition(" ")
        if name == key:
            return int(value)
    return 0


def _swap(directory: Path, files: _Files, memory: int) -> float:
    """Bytes of swap that the group may still take, infinite where nobody counts them."""
    limit, usage = _number(directory / files.swap_limit), _number(directory / files.swap_usage)
    if limit is None or usage is None:
        return math.inf
    return max(limit - usage - (memory if files is _V1 else 0), 0)
