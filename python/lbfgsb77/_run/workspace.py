"""The state of one run: three packed arrays, and names for their parts.

::

    reals     single numbers, dsave(29), x(n), lower(n), upper(n), g(n), wa
    integers  single numbers, isave(44), lsave(4), nbd(n), iwa(3n)
    text      task(60), csave(60)

``wa`` holds 2mn + 5n + 11m² + 8m numbers, of which the first mn are the steps S and the next mn
the gradient changes Y of the last iterations, one vector per row, in a circular store. `layout` has
all places.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import LARGEST_INDEX
from lbfgsb77._run import memory
from lbfgsb77._run.layout import (
    BOUND_TYPES,
    COUNTS_OF_VARIABLES,
    F_OLD,
    FIRST_SLOPE,
    HEAD,
    IN_SEARCH,
    JUMP,
    LENGTH,
    LIMIT,
    NFEV,
    NIT,
    NJEV,
    NOT_FINITE,
    NOT_FINITE_KIND,
    PAIRS,
    TASK_LENGTH,
    TEXT_LENGTH,
    TRIAL,
    VECTORS,
    F,
    M,
    N,
    division,
    lengths,
)
from lbfgsb77._run.status import EVALUATE, LIMITS, TRIAL_WANTED

_START: Final = np.array([b"START".ljust(TEXT_LENGTH)])

# The kernel finds its way through the arrays by these, so a state from outside must have them in
# their ranges: the slots of isave that count variables, the type of each variable's bounds, and in
# iwa lists of variables and whether each is free.
_BOUND_TYPES: Final = range(4)

Values = tuple[NDArray[np.float64], float, NDArray[np.float64]]
NotFinite = tuple[NDArray[np.float64], int, float]


class Jump(NamedTuple):
    """Where in a line search f and its slopes disagree most, by more than a smooth f can.

    Between the two steps f changes by `change`, and its slopes predict `predicted`. `first_width`
    is how far apart the first two steps with a disagreement were.
    """

    first_step: float
    second_step: float
    change: float
    predicted: float
    first_width: float


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
    jump: Jump | None = None


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
        self.task_bytes = memoryview(text.view(np.uint8))[:TASK_LENGTH]
        n = self.n = self.integer_slots[N]
        self.m = self.integer_slots[M]
        x = VECTORS
        self.x = reals[x : x + n]
        self.lower = reals[x + n : x + 2 * n]
        self.upper = reals[x + 2 * n : x + 3 * n]
        self.gradient = reals[x + 3 * n : x + 4 * n]
        self.bound_types = integers[BOUND_TYPES : BOUND_TYPES + n]

    def copy(self) -> Workspace:
        """The same state in arrays of its own."""
        return Workspace(self.reals.copy(), self.integers.copy(), self.text.copy())

    @property
    def f(self) -> float:
        """The objective's value at `x`."""
        return self.real_slots[F]

    @property
    def nit(self) -> int:
        """Iterations that have ended."""
        return self.integer_slots[NIT]

    @property
    def njev(self) -> int:
        """Answers that the kernel has taken."""
        return self.integer_slots[NJEV]

    @property
    def nfev(self) -> int:
        """Evaluations that they have cost."""
        return int(self.real_slots[NFEV])

    @property
    def task(self) -> str:
        """The task string, without the blanks that fill it up."""
        return bytes(self.task_bytes).decode("ascii").rstrip(" \0")

    @task.setter
    def task(self, text: str) -> None:
        self.task_bytes[:] = text.encode("ascii").ljust(TASK_LENGTH)

    def _wa(self, place: int, length: int) -> NDArray[np.float64]:
        start = VECTORS + 4 * self.n + place
        return self.reals[start : start + length]

    @property
    def in_search(self) -> bool:
        """Whether x is a trial, or what comes after the start, and not the last iterate."""
        if self.task_bytes[0] == EVALUATE:
            return self.njev > 0
        return self.integer_slots[IN_SEARCH] != 0

    def go_on_in_search(self) -> None:
        """Make a run that has ended in mid-search wait for its next trial again."""
        self.integer_slots[IN_SEARCH] = 0
        self.task = TRIAL_WANTED

    @property
    def steps(self) -> NDArray[np.float64]:
        """S, a view of shape (m, n) in the order of the store."""
        n, m = self.n, self.m
        return self._wa(division(n, m).s, m * n).reshape(m, n)

    @property
    def gradient_changes(self) -> NDArray[np.float64]:
        """Y, a view of shape (m, n) in the order of the store."""
        n, m = self.n, self.m
        return self._wa(division(n, m).y, m * n).reshape(m, n)

    @property
    def pair_order(self) -> list[int]:
        """The rows of S and Y that are in use, oldest first."""
        oldest = self.integer_slots[HEAD] - 1
        return [(oldest + k) % self.m for k in range(self.integer_slots[PAIRS])]

    def evaluated_values(self) -> Values:
        """Copies of x, f and the gradient as they are: those of the last iterate between searches.

        Before the first answer f and the gradient are NaN.
        """
        if self.njev == 0:
            return self.x.copy(), math.nan, np.full(self.n, math.nan)
        return self.x.copy(), self.f, self.gradient.copy()

    def kept_values(self) -> Values:
        """Copies of what this package's kernel keeps of the last iterate during a search."""
        n = self.n
        parts = division(n, self.m)
        x, gradient = self._wa(parts.x_old, n).copy(), self._wa(parts.g_old, n).copy()
        return x, self.real_slots[F_OLD], gradient

    @property
    def search(self) -> Search:
        """What the last line search began with, and its most telling trial."""
        at = self.real_slots
        step, f, slope = np.frombuffer(self.integers[TRIAL].tobytes()).tolist()
        return Search(
            f=at[F_OLD],
            slope=at[FIRST_SLOPE],
            length=at[LENGTH],
            trial_step=step,
            trial_f=f,
            trial_slope=slope,
            jump=self._jump,
        )

    @property
    def _jump(self) -> Jump | None:
        numbers = np.frombuffer(self.integers[JUMP].tobytes()).tolist()
        first, second, change, predicted, _, first_width = numbers
        return Jump(first, second, change, predicted, first_width) if first_width else None

    @property
    def not_finite(self) -> NotFinite | None:
        """Of the last evaluation in this line search that wasn't finite: x, what, its value.

        What is 0 for f, else a component of the gradient, counted from 1.
        """
        kind = self.integer_slots[NOT_FINITE_KIND]
        if not kind:
            return None
        # The kernel keeps the point in r, which is free during a search.
        x = self._wa(division(self.n, self.m).r, self.n).copy()
        value = (math.nan, math.inf, -math.inf)[kind - 1]
        return x, self.integer_slots[NOT_FINITE], value

    def put_pairs(self, steps: NDArray[np.float64], changes: NDArray[np.float64]) -> None:
        """Fill the store with at most m pairs, one per row, oldest first."""
        count = len(steps)
        self.steps[:count] = steps
        self.gradient_changes[:count] = changes
        self.integer_slots[HEAD] = 1
        self.integer_slots[PAIRS] = count


class WorkspaceRows:
    """The packed states of many runs with the same n and m, one run per row.

    Parameters
    ----------
    count, n, m : int
        Number of runs, of variables, and of pairs that can be kept.
    m_word : str
        What the caller calls m.

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

    def __init__(self, count: int, n: int, m: int, m_word: str = "m") -> None:
        self.reals_width, self.integers_width = lengths(n, m)
        if self.reals_width > LARGEST_INDEX:
            raise ValueError(
                f"{m_word}: with {n} variables per problem at most {LARGEST_INDEX} numbers per "
                f"problem are possible, {m_word} = {m} pairs need {self.reals_width}"
            )
        memory.require(_size(self.reals_width, self.integers_width), n, m, m_word, count)
        reals = np.zeros((count, self.reals_width))
        integers = np.zeros((count, self.integers_width), np.int32)
        integers[:, N] = n
        integers[:, M] = m
        self._real_rows, self._integer_rows = reals, integers
        self.reals, self.integers = reals.ravel(), integers.ravel()
        self.text = np.repeat(_START, count)
        self.f = reals[:, F]
        self.x, self.lower, self.upper, self.gradient = (
            reals[:, VECTORS + k * n : VECTORS + (k + 1) * n] for k in range(4)
        )
        self.bound_types = integers[:, BOUND_TYPES : BOUND_TYPES + n]

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


def _size(reals_length: int, integers_length: int) -> int:
    return 8 * reals_length + 4 * integers_length + TEXT_LENGTH


def allocate(n: int, m: int, m_word: str = "m") -> Workspace:
    """Make the state of a run that has not started.

    Raises
    ------
    MemoryError
        If the machine hasn't the memory for n variables and m pairs.
    """
    reals_length, integers_length = lengths(n, m)
    memory.require(_size(reals_length, integers_length), n, m, m_word)
    reals = np.zeros(reals_length)
    integers = np.zeros(integers_length, np.int32)
    integers[N] = n
    integers[M] = m
    return Workspace(reals, integers, _START.copy())


def adopt(
    reals: NDArray[np.float64], integers: NDArray[np.int32], text: NDArray[np.bytes_]
) -> Workspace:
    """Make a Workspace of a state that comes from outside, which is looked at first.

    Raises
    ------
    ValueError
        If the arrays are not the state of a run.
    """
    types = BOUND_TYPES
    if not text.tobytes().isascii():
        raise ValueError("its task is no text of the kernel's")
    if reals.ndim != 1 or integers.ndim != 1 or integers.size < types or text.shape != (1,):
        raise ValueError("the arrays have other shapes than a run's state")
    n, m = integers[[N, M]].tolist()
    if n < 1 or m < 1 or (reals.size, integers.size) != lengths(n, m):
        raise ValueError(
            f"{reals.size} real numbers and {integers.size} integers are no state of a run "
            f"with n = {n} variables and m = {m} pairs"
        )
    head, pairs = integers[[HEAD, PAIRS]].tolist()
    if not (1 <= head <= m and 0 <= pairs <= m):
        raise ValueError(f"{pairs} pairs from place {head} are no store of m = {m}")
    for name, numbers, least, largest in (
        ("the number of a limit", integers[[LIMIT]], 0, len(LIMITS) - 1),
        ("whether x is a trial", integers[[IN_SEARCH]], 0, 1),
        ("a count of variables", integers[COUNTS_OF_VARIABLES], 0, n + 1),
        ("a type of bounds", integers[types : types + n], _BOUND_TYPES[0], _BOUND_TYPES[-1]),
        ("the side of a variable", integers[types + n : types + 2 * n], 0, 7),
        ("a status", integers[types + 2 * n : types + 3 * n], -3, 3),
        ("an index", integers[types + 3 * n :], 0, n),
    ):
        if numbers.min() < least or numbers.max() > largest:
            raise ValueError(f"{name} isn't between {least} and {largest}")
    return Workspace(reals, integers, text)
