"""The state of one run: three packed arrays, and names for their parts.

The layout is the one of ``fortran/packed_state.f``::

    reals     f, factr, pgtol, dsave(29), x(n), lower(n), upper(n), g(n), wa
    integers  n, m, maxls, isave(44), lsave(4), nbd(n), iwa(3n)
    text      task(60), csave(60)

``wa`` holds 2mn + 5n + 11m² + 8m numbers, of which the first mn are the steps S and the next mn
the gradient changes Y of the last iterations, a vector a row, in a circular store.

Nothing else in the package knows a length or a slot number.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

# Zero-based places in `reals`.
F: Final = 0
FACTR: Final = 1
PGTOL: Final = 2
_DSAVE: Final = 3
_F_OLD: Final = _DSAVE + 1
_LENGTH: Final = _DSAVE + 3  # of the search direction
PROJECTED_GRADIENT_NORM: Final = _DSAVE + 12
STEP: Final = _DSAVE + 13
_FIRST_SLOPE: Final = _DSAVE + 14
_VECTORS: Final = _DSAVE + 29

# Zero-based places in `integers`.
_N: Final = 0
_M: Final = 1
MAXLS: Final = 2
_ISAVE: Final = 3
_TOLD: Final = slice(_ISAVE, _ISAVE + 6)  # three doubles: step, f, slope
REPEATS: Final = _ISAVE + 20  # 1: the trial is the point evaluated last
_NOT_FINITE: Final = _ISAVE + 22  # 0: f, else the gradient's component, from 1
_NOT_FINITE_KIND: Final = _ISAVE + 23  # of the search's last such evaluation; 0: there was none
_HEAD: Final = _ISAVE + 26
_COLUMNS: Final = _ISAVE + 27
EVALUATIONS_IN_SEARCH: Final = _ISAVE + 35
_LSAVE: Final = _ISAVE + 44
_NBD: Final = _LSAVE + 4

_TASK_LENGTH: Final = 60
_TEXT_LENGTH: Final = 120

_START: Final = np.array([b"START".ljust(_TEXT_LENGTH)])

# The kernel finds its way through the arrays by these, so a state from outside must have them in
# their ranges: the slots of isave that count variables, and the type of each variable's bounds.
_COUNTS_OF_VARIABLES: Final = slice(_ISAVE + 37, _ISAVE + 41)
_BOUND_TYPES: Final = range(4)
_LEAST_INDEX: Final = -3  # iwa also says of each variable whether it is free

# Below this many bytes an allocation is left to the operating system without further questions.
_LARGE: Final = 2**28


class Search(NamedTuple):
    """A line search: f and its slope where it began and at a trial.

    The trial is the last one at which f should have changed by far more than its rounding, or
    else the first. Steps are in units of the direction, whose length is `length`.
    """

    f: float
    slope: float
    length: float
    trial_step: float
    trial_f: float
    trial_slope: float


class Workspace:
    """Named views of a packed state.

    Parameters
    ----------
    reals, integers, text : ndarray
        The three arrays, of dtype float64, int32 and S120; `allocate` makes new ones.

    Attributes
    ----------
    n, m : int
        Number of variables, and of pairs that can be kept.
    x, lower, upper, gradient : ndarray of shape (n,)
        Live views: the kernel changes x and, after a failed search, the gradient.
    bound_types : ndarray of shape (n,), int32
        0 no bound, 1 lower, 2 both, 3 upper.
    real_slots, integer_slots, task_bytes : memoryview
        The same memory for single numbers and bytes, several times as fast as an ndarray there.
    """

    __slots__ = (
        "bound_types",
        "gradient",
        "integer_slots",
        "integers",
        "lower",
        "m",
        "n",
        "real_slots",
        "reals",
        "task_bytes",
        "text",
        "upper",
        "x",
    )

    def __init__(
        self,
        reals: NDArray[np.float64],
        integers: NDArray[np.int32],
        text: NDArray[np.bytes_],
    ) -> None:
        self.reals = reals
        self.integers = integers
        self.text = text
        self.real_slots = cast("memoryview[float]", memoryview(reals))
        self.integer_slots = memoryview(integers)
        self.task_bytes = memoryview(text.view(np.uint8))[:_TASK_LENGTH]
        n = self.n = self.integer_slots[_N]
        self.m = self.integer_slots[_M]
        self.x = reals[_VECTORS : _VECTORS + n]
        self.lower = reals[_VECTORS + n : _VECTORS + 2 * n]
        self.upper = reals[_VECTORS + 2 * n : _VECTORS + 3 * n]
        self.gradient = reals[_VECTORS + 3 * n : _VECTORS + 4 * n]
        self.bound_types = integers[_NBD : _NBD + n]

    def copy(self) -> Workspace:
        """The same state in arrays of its own."""
        return Workspace(self.reals.copy(), self.integers.copy(), self.text.copy())

    @property
    def f(self) -> float:
        """The objective's value at `x`."""
        return self.real_slots[F]

    @property
    def task(self) -> str:
        """The task string, without the blanks that fill it up."""
        return bytes(self.task_bytes).decode("ascii").rstrip(" \0")

    @task.setter
    def task(self, text: str) -> None:
        self.task_bytes[:] = text.encode("ascii").ljust(_TASK_LENGTH)

    @property
    def steps(self) -> NDArray[np.float64]:
        """S, a view of shape (m, n) in the order of the store."""
        start = _VECTORS + 4 * self.n
        return self.reals[start : start + self.m * self.n].reshape(self.m, self.n)

    @property
    def gradient_changes(self) -> NDArray[np.float64]:
        """Y, a view of shape (m, n) in the order of the store."""
        start = _VECTORS + 4 * self.n + self.m * self.n
        return self.reals[start : start + self.m * self.n].reshape(self.m, self.n)

    @property
    def pair_order(self) -> list[int]:
        """The rows of S and Y that are in use, oldest first."""
        oldest = self.integer_slots[_HEAD] - 1
        return [(oldest + k) % self.m for k in range(self.integer_slots[_COLUMNS])]

    @property
    def search(self) -> Search:
        """What the last line search began with, and its most telling trial."""
        at = self.real_slots
        step, f, slope = np.frombuffer(self.integers[_TOLD].tobytes()).tolist()
        return Search(
            f=at[_F_OLD],
            slope=at[_FIRST_SLOPE],
            length=at[_LENGTH],
            trial_step=step,
            trial_f=f,
            trial_slope=slope,
        )

    @property
    def not_finite(self) -> tuple[NDArray[np.float64], int, float] | None:
        """Of the last evaluation in this line search that wasn't finite: x, what, its value.

        What is 0 for f, else a component of the gradient, counted from 1.
        """
        kind = self.integer_slots[_NOT_FINITE_KIND]
        if not kind:
            return None
        # The kernel keeps the point in r, which is free during a search.
        m, n = self.m, self.n
        start = _VECTORS + 4 * n + 2 * m * n + 11 * m * m + n
        x = self.reals[start : start + n].copy()
        return x, self.integer_slots[_NOT_FINITE], (math.nan, math.inf, -math.inf)[kind - 1]

    def differences(self, other: Workspace) -> list[str]:
        """What the runs of two workspaces that aren't one problem solved one way differ in."""
        if self.n != other.n:
            return [f"n = {self.n} instead of {other.n} variables"]
        differences = [
            f"{name} = {mine[slot]} instead of {theirs[slot]}"
            for name, mine, theirs, slot in (
                ("m", self.integer_slots, other.integer_slots, _M),
                ("factr", self.real_slots, other.real_slots, FACTR),
                ("pgtol", self.real_slots, other.real_slots, PGTOL),
                ("maxls", self.integer_slots, other.integer_slots, MAXLS),
            )
            if mine[slot] != theirs[slot]
        ]
        for name in ("lower", "upper"):
            bound, expected = getattr(self, name), getattr(other, name)
            if (bound != expected).any():
                i = int((bound != expected).argmax())
                differences.append(f"bounds[{i}]: {name} {bound[i]} instead of {expected[i]}")
        return differences

    def put_pairs(self, steps: NDArray[np.float64], changes: NDArray[np.float64]) -> None:
        """Fill the store with at most m pairs, a row each, oldest first."""
        count = len(steps)
        self.steps[:count] = steps
        self.gradient_changes[:count] = changes
        self.integer_slots[_HEAD] = 1
        self.integer_slots[_COLUMNS] = count

    def small_state(self) -> tuple[bytes, bytes, bytes]:
        """Everything but the vectors and matrices, to be put back by `restore_small_state`."""
        return (
            self.reals[:_VECTORS].tobytes(),
            self.integers[:_NBD].tobytes(),
            self.text.tobytes(),
        )

    def restore_small_state(self, state: tuple[bytes, bytes, bytes]) -> None:
        """Put back what `small_state` returned."""
        self.reals[:_VECTORS] = np.frombuffer(state[0])
        self.integers[:_NBD] = np.frombuffer(state[1], np.int32)
        self.text.view(np.uint8)[:] = np.frombuffer(state[2], np.uint8)


class WorkspaceRows:
    """The packed states of many runs with the same n and m, a run a row.

    Parameters
    ----------
    count, n, m : int
        Number of runs, of variables, and of pairs that can be kept.

    Attributes
    ----------
    reals, integers, text : ndarray
        The states, flat, one after the other.
    reals_width, integers_width : int
        How many numbers of each kind a state has.
    f : ndarray of shape (count,)
        Live view of the objectives' values.
    x, lower, upper, gradient : ndarray of shape (count, n)
        Live views.
    bound_types : ndarray of shape (count, n), int32
        0 no bound, 1 lower, 2 both, 3 upper.

    Raises
    ------
    MemoryError
        If the machine hasn't the memory.
    """

    def __init__(self, count: int, n: int, m: int) -> None:
        self.reals_width, self.integers_width = lengths(n, m)
        size = 8 * self.reals_width + 4 * self.integers_width + _TEXT_LENGTH
        if count * size > _LARGE:
            _require_memory(count * size, n, m, count)
        reals = np.zeros((count, self.reals_width))
        integers = np.zeros((count, self.integers_width), np.int32)
        integers[:, _N] = n
        integers[:, _M] = m
        self._real_rows, self._integer_rows = reals, integers
        self.reals, self.integers = reals.ravel(), integers.ravel()
        self.text = np.repeat(_START, count)
        self.f = reals[:, F]
        self.x, self.lower, self.upper, self.gradient = (
            reals[:, _VECTORS + k * n : _VECTORS + (k + 1) * n] for k in range(4)
        )
        self.bound_types = integers[:, _NBD : _NBD + n]

    def real_slot(self, slot: int) -> NDArray[np.float64]:
        """A live view of one real number of every state."""
        return self._real_rows[:, slot]

    def integer_slot(self, slot: int) -> NDArray[np.int32]:
        """A live view of one integer of every state."""
        return self._integer_rows[:, slot]

    def row(self, number: int) -> Workspace:
        """The state of one run, as views."""
        return Workspace(
            self._real_rows[number], self._integer_rows[number], self.text[number : number + 1]
        )


def allocate(n: int, m: int) -> Workspace:
    """Make the state of a run that has not started.

    Raises
    ------
    MemoryError
        If the machine hasn't the memory for n variables and m pairs.
    """
    reals_length, integers_length = lengths(n, m)
    size = 8 * reals_length + 4 * integers_length + _TEXT_LENGTH
    if size > _LARGE:
        _require_memory(size, n, m)
    reals = np.zeros(reals_length)
    integers = np.zeros(integers_length, np.int32)
    integers[_N] = n
    integers[_M] = m
    return Workspace(reals, integers, _START.copy())


def lengths(n: int, m: int) -> tuple[int, int]:
    """How many numbers the real and the integer part of a state have."""
    # Python's integers: n·m may be past 2³¹ and, in an absurd request, past 2⁶³.
    return _VECTORS + 4 * n + (2 * m * n + 5 * n + 11 * m * m + 8 * m), _NBD + 4 * n


def adopt(
    reals: NDArray[np.float64], integers: NDArray[np.int32], text: NDArray[np.bytes_]
) -> Workspace:
    """Make a Workspace of a state that comes from outside, which is looked at first.

    Raises
    ------
    ValueError
        If the arrays are not the state of a run.
    """
    if reals.ndim != 1 or integers.ndim != 1 or integers.size < _NBD or text.shape != (1,):
        raise ValueError("the arrays have other shapes than a run's state")
    n, m = integers[[_N, _M]].tolist()
    if n < 1 or m < 1 or (reals.size, integers.size) != lengths(n, m):
        raise ValueError(
            f"{reals.size} real numbers and {integers.size} integers are no state of a run "
            f"with n = {n} variables and m = {m} pairs"
        )
    head, pairs = integers[[_HEAD, _COLUMNS]].tolist()
    if not (1 <= head <= m and 0 <= pairs <= m):
        raise ValueError(f"{pairs} pairs from place {head} are no store of m = {m}")
    for name, numbers, least, most in (
        ("a count of variables", integers[_COUNTS_OF_VARIABLES], 0, n + 1),
        ("a type of bounds", integers[_NBD : _NBD + n], _BOUND_TYPES[0], _BOUND_TYPES[-1]),
        ("an index", integers[_NBD + n :], _LEAST_INDEX, n + 1),
    ):
        if numbers.min() < least or numbers.max() > most:
            raise ValueError(f"{name} isn't between {least} and {most}")
    return Workspace(reals, integers, text)


def _require_memory(size: int, n: int, m: int, count: int = 1) -> None:
    # Linux grants memory that it hasn't and ends the process when it is touched, so ask first.
    available = _available_memory()
    if available is not None and size > available:
        problems = "" if count == 1 else f"{count} problems of "
        raise MemoryError(
            f"{problems}n = {n} variables with m = {m} pairs need {size / 2**30:.1f} GiB, "
            f"{available / 2**30:.1f} GiB are available"
        )


def _available_memory() -> int | None:
    """Bytes that new allocations can use; None where the system doesn't say (not Linux)."""
    try:
        with open("/proc/meminfo", encoding="ascii") as lines:
            kibibytes = {line.split(":")[0]: line.split()[1] for line in lines}
        return 1024 * (int(kibibytes["MemAvailable"]) + int(kibibytes["SwapFree"]))
    except (OSError, LookupError, ValueError):
        return None
