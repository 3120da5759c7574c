"""Two `setulb`s stepped side by side through one run, compared at every return."""

from __future__ import annotations

import ctypes
import functools
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from libraries import MAXLS, Setulb, slots

Array = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int32]
Objective = Callable[[Array], tuple[float, Array]]

# The slots that callers read, whose numbers (from 1) are the original's too.
_SLOT = slots()
ALL_THE_WAY = 0  # state_layout.f
ISAVE = {
    _SLOT["i_all_segments"]: "segments in all",
    _SLOT["i_skipped"]: "skipped updates",
    _SLOT["i_head"]: "head",
    _SLOT["i_pairs"]: "pairs",
    _SLOT["i_iterations"]: "iterations",
    _SLOT["i_updates"]: "updates",
    _SLOT["i_segments"]: "segments",
    _SLOT["i_all_evaluations"]: "evaluations in all",
    _SLOT["i_evaluations"]: "evaluations",
    _SLOT["i_subspace_end"]: "subspace end",
    _SLOT["i_free"]: "free",
    _SLOT["i_active"]: "active",
    _SLOT["i_leaving"]: "leaving",
    _SLOT["i_entering"]: "entering",
}
DSAVE = {
    _SLOT["d_theta"]: "theta",
    _SLOT["d_f_old"]: "f of the previous iterate",
    _SLOT["d_factr_epsilon"]: "factr*eps",
    _SLOT["d_norm_d"]: "norm of d",
    _SLOT["d_epsilon"]: "eps",
    _SLOT["d_slope"]: "slope",
    _SLOT["d_largest_step"]: "largest step",
    _SLOT["d_gradient_norm"]: "projected gradient norm",
    _SLOT["d_step"]: "step",
    _SLOT["d_first_slope"]: "first slope",
    _SLOT["d_dtd"]: "d'd",
}
LSAVE = {
    _SLOT["l_projected"]: "projected",
    _SLOT["l_bounded"]: "some bound",
    _SLOT["l_boxed"]: "all boxed",
    _SLOT["l_updated"]: "memory updated",
}
_ISAVE = np.array(list(ISAVE)) - 1
_DSAVE = np.array(list(DSAVE)) - 1


@dataclass
class Case:
    """One run: the problem, and what its caller does besides evaluating."""

    name: str
    objective: Objective
    x: Array
    lower: Array
    upper: Array
    nbd: Integers
    m: int = 10
    factr: float = 1e7
    pgtol: float = 1e-5
    returns: int = 3000  # the run is left after so many
    # What the caller does instead of going on: return number -> what it writes into task, and
    # into x (None: nothing).
    interventions: dict[int, tuple[str, Array | None]] = field(default_factory=dict)
    # n as the kernel is told it, where it isn't the length of x (for the error returns).
    told_n: int | None = None
    first_gradient: Array | None = None  # what the objective answered first

    @property
    def is_possible(self) -> bool:
        """Whether n and m are such as f2py lets through."""
        return self.m >= 1 and self.told_n in (None, len(self.x))


class State:
    """The arguments of one `setulb` and, in `advance`, the call."""

    x: Array
    g: Array
    f: Array
    lower: Array
    upper: Array
    nbd: Integers
    isave: Integers
    lsave: Integers
    dsave: Array
    advance: Callable[[], object]
    _text: npt.NDArray[np.uint8]

    def _fill(self, case: Case) -> None:
        """Put the problem into arrays that are all zeros."""
        self.x[:] = case.x
        self.lower[:] = case.lower
        self.upper[:] = case.upper
        self.nbd[:] = case.nbd
        self._text[:] = ord(" ")
        self.task = b"START"
        self.point = [memoryview(part).cast("B") for part in (self.x, self.f, self.g)]
        self.told_n = len(case.x) if case.told_n is None else case.told_n

    @property
    def task(self) -> bytes:
        """The task string without the blanks, or the zeros of f2py, that fill it up."""
        return self._text[:60].tobytes().rstrip(b" \0")

    @task.setter
    def task(self, text: bytes) -> None:
        self._text[:60] = np.frombuffer(text.ljust(60), np.uint8)

    def slots(self) -> bytes:
        """The named slots as bytes."""
        return (
            self.dsave.take(_DSAVE).tobytes()
            + self.isave.take(_ISAVE).tobytes()
            + (self.lsave != 0).tobytes()
        )


class LibraryState(State):
    """For the Fortran symbol of a library, through ctypes."""

    def __init__(self, case: Case, setulb: Setulb, maxls: bool, threads: int = 1) -> None:
        n, m = len(case.x), max(case.m, 1)
        self.x, self.g, self.lower, self.upper = (np.zeros(n) for _ in range(4))
        self.f, self.dsave = np.zeros(1), np.zeros(29)
        self.nbd, self.isave, self.lsave = (np.zeros(k, np.int32) for k in (n, 44, 4))
        self._text = np.zeros(120, np.uint8)
        self._fill(case)
        wa = np.zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m)
        iwa = np.zeros(3 * n, np.int32)

        def at(array: npt.NDArray[Any]) -> Any:
            return array.ctypes.data_as(ctypes.c_void_p)

        told_n, told_m, quiet, most, sharing, stage = (
            ctypes.byref(ctypes.c_int(value))
            # Below 0: however small the problem.
            for value in (self.told_n, case.m, -1, MAXLS, -threads, ALL_THE_WAY)
        )
        factr, pgtol = (ctypes.byref(ctypes.c_double(v)) for v in (case.factr, case.pgtol))
        task, csave = at(self._text), at(self._text[60:])
        length = ctypes.c_size_t(60)
        setulb.restype = None
        self.advance = functools.partial(
            setulb, told_n, told_m, at(self.x), at(self.lower), at(self.upper), at(self.nbd),
            at(self.f), at(self.g), factr, pgtol, at(wa), at(iwa), task, quiet, csave,
            at(self.lsave), at(self.isave), at(self.dsave), *([most] if maxls else []),
            *([sharing, stage] if threads > 1 else []),
            length, length,
        )  # fmt: skip


class ModuleState(State):
    """For an extension module that f2py has made."""

    def __init__(self, case: Case, module: Any) -> None:
        n, m = len(case.x), max(case.m, 1)
        reals = np.zeros(_SLOT["r_x"] - 1 + 4 * n + 2 * m * n + 5 * n + 11 * m * m + 8 * m)
        integers = np.zeros(_SLOT["k_nbd"] - 1 + 4 * n, np.int32)
        numbers, vectors = np.split(reals, [_SLOT["r_x"] - 1])
        self.f, self.dsave = numbers[:1], numbers[-29:]
        self.x, self.lower, self.upper, self.g = vectors[: 4 * n].reshape(4, n)
        wa = vectors[4 * n :]
        first = _SLOT["k_isave"] - 1
        self.isave, self.lsave, self.nbd, iwa = np.split(integers[first:], [44, 48, 48 + n])
        text = np.array([b" " * 120])
        self._text = text.view(np.uint8)
        self._fill(case)
        if min(self.told_n, case.m) < 1:
            # f2py itself refuses these; the packed call hands them on.
            places = [_SLOT[name] - 1 for name in ("k_n", "k_m", "k_maxls")]
            integers[places] = self.told_n, case.m, MAXLS
            numbers[_SLOT["r_factr"] - 1] = case.factr
            self.advance = functools.partial(module.advance, reals, integers, text)
            return
        task, csave = text.view("S60").reshape(2, 1)
        self.advance = functools.partial(
            module.setulb, case.m, self.x, self.lower, self.upper, self.nbd, self.f.reshape(()),
            self.g, case.factr, case.pgtol, wa, iwa, task.reshape(()), -1, csave.reshape(()),
            self.lsave, self.isave, self.dsave, MAXLS,
        )  # fmt: skip


@dataclass
class Difference:
    """The first return at which two runs differ."""

    case: Case
    number: int
    task: str
    lines: list[str]

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{self.case.name}: return {self.number} after {self.task!r}",
                *("  " + line for line in self.lines),
            ]
        )


@dataclass
class Outcome:
    """How a run went that was the same on both sides."""

    returns: int
    end: str  # the last task, or why the run was left
    put_on_bounds: int = 0  # points of `a` that were outside


# The task and copies of isave, dsave and lsave at each return.
Returns = list[tuple[str, Integers, Array, Integers]]


def hexadecimal(value: float) -> str:
    return f"{struct.unpack('>Q', struct.pack('>d', value))[0]:016x} {value!r}"


def _same(a: Array, b: Array) -> npt.NDArray[np.bool_]:
    """Bit for bit, except that any NaN is like any other: which one is nobody's contract."""
    return (a.view(np.int64) == b.view(np.int64)) | (np.isnan(a) & np.isnan(b))


def _differences(a: State, b: State) -> list[str]:
    lines = []
    if a.task != b.task:
        lines.append(f"task: {a.task!r} | {b.task!r}")
    for name, p, q in (("f", a.f, b.f), ("x", a.x, b.x), ("g", a.g, b.g)):
        for i in np.flatnonzero(~_same(p, q)):
            lines.append(f"{name}[{i}]: {hexadecimal(p[i])} | {hexadecimal(q[i])}")
    for slot, name in ISAVE.items():
        p, q = a.isave[slot - 1], b.isave[slot - 1]
        if p != q:
            lines.append(f"isave({slot}) {name}: {p} | {q}")
    same = _same(a.dsave, b.dsave)
    for slot, name in DSAVE.items():
        if not same[slot - 1]:
            lines.append(
                f"dsave({slot}) {name}: {hexadecimal(a.dsave[slot - 1])} | "
                f"{hexadecimal(b.dsave[slot - 1])}"
            )
    for slot, name in LSAVE.items():
        p, q = bool(a.lsave[slot - 1]), bool(b.lsave[slot - 1])
        if p != q:
            lines.append(f"lsave({slot}) {name}: {p} | {q}")
    for name, r, s in (("l", a.lower, b.lower), ("u", a.upper, b.upper), ("nbd", a.nbd, b.nbd)):
        if r.tobytes() != s.tobytes():
            lines.append(f"{name} was changed")
    return lines


def _put_on_bounds(a: State, b: State) -> bool:
    """Whether `b`'s point is `a`'s put on the bounds; then `a`'s is put there too.

    That is what the authors' release does not do, and everything else does. A zero on a bound that
    is a zero of the other sign gets the bound's.
    """
    differs = ~_same(a.x, b.x)
    below = np.isin(a.nbd, (1, 2)) & (a.x <= a.lower) & _same(b.x, a.lower)
    above = np.isin(a.nbd, (2, 3)) & (a.x >= a.upper) & _same(b.x, a.upper)
    if not differs.any() or (differs & ~(below | above)).any():
        return False
    a.x[:] = b.x
    return True


def run(
    case: Case, a: State, b: State, returns: Returns | None = None, *, put_on_bounds: bool = False
) -> Difference | Outcome:
    """Step `a` and `b` through `case` until they differ or the run ends.

    With `put_on_bounds`, a point of `a` that is outside by rounding is put on the bounds, as `b`'s
    is; that is counted, and the run goes on.
    """
    started = "START"
    put = 0
    for number in range(case.returns):
        a.advance()
        b.advance()
        task = a.task
        if returns is not None:
            returns.append((task.decode(), a.isave.copy(), a.dsave.copy(), a.lsave.copy()))
        if task != b.task or a.point != b.point or a.slots() != b.slots():
            if put_on_bounds:
                put += _put_on_bounds(a, b)
            lines = _differences(a, b)
            if lines:
                return Difference(case, number, started, lines)
        started = task.decode()
        if case.interventions and number in case.interventions:
            started, moved = case.interventions[number]
            a.task = b.task = started.encode()
            if moved is not None:
                a.x[:] = b.x[:] = moved
        elif task.startswith(b"FG"):
            f, g = case.objective(a.x.copy())
            if case.first_gradient is None:
                case.first_gradient = g
            a.f[0] = b.f[0] = f
            a.g[:] = g
            b.g[:] = a.g
            # Beyond finite values the original's arithmetic has no meaning.
            if not (np.isfinite(a.f[0]) and np.isfinite(a.g).all()):
                return Outcome(number + 1, "not finite", put)
        elif not task.startswith(b"NEW_X"):
            return Outcome(number + 1, started, put)
    return Outcome(case.returns, "left", put)
