"""Whether the machine has the memory that a run needs, and may have it here."""

from __future__ import annotations

from typing import Final

# Below this many bytes an allocation is left to the operating system without further questions.
_LARGE: Final = 2**28


def require(size: int, n: int, m: int, m_word: str = "m", count: int = 1) -> None:
    """Refuse what the machine hasn't room for.

    Parameters
    ----------
    size : int
        Bytes of each state.
    n, m : int
        Variables, and pairs that can be kept.
    m_word : str
        What the caller calls m.
    count : int
        How many states.

    Raises
    ------
    MemoryError
        With both figures.
    """
    size *= count
    if size <= _LARGE:
        return
    # Linux grants memory that it hasn't and ends the process when it is touched, so ask first.
    available = available_memory()
    if available is not None and size > available:
        problems = "" if count == 1 else f"{count} problems of "
        raise MemoryError(
            f"{problems}n = {n} variables with {m_word} = {m} pairs need {size / 2**30:.1f} GiB, "
            f"{available / 2**30:.1f} GiB are available"
        )


def available_memory() -> int | None:
    """Bytes that new allocations can use; None where the system doesn't say (not Linux).

    A control group's limit counts as the machine's: where it is passed, the process is ended.
    """
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            kibibytes = {line.split(":")[0]: line.split()[1] for line in lines}
        free, swap = (1024 * int(kibibytes[key]) for key in ("MemAvailable", "SwapFree"))
    except (OSError, LookupError, ValueError):
        return None
    from lbfgsb77._run import cgroup  # whose pathlib is slow to import

    group = cgroup.room(swap)
    return free + swap if group is None else min(free + swap, group)
