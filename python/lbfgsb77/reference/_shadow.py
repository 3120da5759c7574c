"""The kernel in the steps of another run: what the original would ask for, given that run's past.

At each evaluation the kernel says which point it wants. Then it is given the other run's point, f
and gradient in its place, so that rounding doesn't accumulate: each single step of the other run is
seen beside the one that the original takes from the same past.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _lbfgsb
from lbfgsb77._problem import bounds
from lbfgsb77._run import layout, reason
from lbfgsb77.reference._trace import Evaluation, Trace

__all__ = ["FTOL", "GTOL", "XTOL", "Request", "Shadow", "State"]

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

#: The tolerances with which the search ends, as [MT] names them.
FTOL: Final = 1e-3
GTOL: Final = 0.9
XTOL: Final = 0.1


class State:
    """The arrays of `setulb`, and names for what is in them."""

    def __init__(self, trace: Trace, m: int) -> None:
        n = trace.n
        self.n, self.m = n, m
        self.lower = np.where(np.isfinite(trace.lower), trace.lower, 0.0)
        self.upper = np.where(np.isfinite(trace.upper), trace.upper, 0.0)
        self.nbd = np.full(n, bounds.types(trace.lower, trace.upper), np.int32)
        self.x, self.g, self.f = trace.x0.copy(), np.zeros(n), np.array(0.0)
        self._parts = layout.division(n, m)
        self.wa, self.iwa = np.zeros(self._parts.length), np.zeros(3 * n, np.int32)
        self.text, self.csave = np.array(b"START", "S60"), np.array(b"", "S60")
        self.lsave, self.isave = np.zeros(4, np.int32), np.zeros(44, np.int32)
        self.dsave = np.zeros(29)

    def call(self, options: Mapping[str, float]) -> str:
        """Go on to the next return of the kernel, and return its task."""
        _lbfgsb.setulb(
            self.m, self.x, self.lower, self.upper, self.nbd, self.f, self.g,
            float(options["factr"]), float(options["pgtol"]), self.wa, self.iwa, self.text, -1,
            self.csave, self.lsave, self.isave, self.dsave, int(options["maxls"]),
        )  # fmt: skip
        return self.task

    @property
    def task(self) -> str:
        """The task, without the blanks that fill it up."""
        text: bytes = self.text.item()
        return text.decode("ascii").rstrip(" \0")

    def copy(self) -> State:
        """The same in arrays of its own."""
        other = copy.copy(self)
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                setattr(other, name, value.copy())
        return other

    @property
    def theta(self) -> float:
        """The scale of the model."""
        return float(self.dsave[layout.D_THETA - 1])

    @property
    def step(self) -> float:
        """The step of the trial, in units of `d`."""
        return float(self.dsave[layout.D_STEP - 1])

    @property
    def largest_step(self) -> float:
        """How far the search may go."""
        return float(self.dsave[layout.D_LARGEST_STEP - 1])

    @property
    def projected_gradient_norm(self) -> float:
        """At the iterate."""
        return float(self.dsave[layout.D_GRADIENT_NORM - 1])

    @property
    def pairs(self) -> tuple[Matrix, Matrix]:
        """Steps and changes of the gradient in the memory, oldest first."""
        oldest, count = self.isave[layout.I_HEAD - 1] - 1, self.isave[layout.I_PAIRS - 1]
        order = [(oldest + k) % self.m for k in range(count)]
        size = self.m * self.n
        s, y = self.wa[:size], self.wa[self._parts.y : self._parts.y + size]
        return s.reshape(self.m, self.n)[order], y.reshape(self.m, self.n)[order]

    @property
    def skipped(self) -> int:
        """Pairs that were not taken, so far."""
        return int(self.isave[layout.I_SKIPPED - 1])

    @property
    def segments(self) -> int:
        """Segments of the path to this iteration's Cauchy point."""
        return int(self.isave[layout.I_SEGMENTS - 1])

    @property
    def free(self) -> list[int]:
        """Variables that are free at the Cauchy point, from 0, rising."""
        side = self.iwa[: self.iwa.size // 3]
        return np.flatnonzero(side % 2 == 0).tolist()

    @property
    def f_of_iterate(self) -> float:
        """The value where the search began."""
        return float(self.dsave[layout.D_F_OLD - 1])

    @property
    def search_is_rounding(self) -> bool:
        """Whether the trial changes f, as the slope predicts, by little more than rounding."""
        predicted = self.step * float(self.dsave[layout.D_FIRST_SLOPE - 1])
        return not reason.well_above_rounding(predicted, self.n, self.f_of_iterate)

    @property
    def iterate(self) -> tuple[Vector, Vector]:
        """Where the search began, and the gradient there."""
        parts, n = self._parts, self.n
        return self.wa[parts.x_old :][:n], self.wa[parts.g_old :][:n]

    @property
    def d(self) -> Vector:
        """The direction of the search."""
        return self.wa[self._parts.d :][: self.n]

    def turn_to(self, trial: Vector) -> None:
        """Have the search go along another direction: from the iterate to its first trial."""
        if np.array_equal(trial, self.x):
            return
        x, g = self.iterate
        d = (trial - x) / self.step
        self.d[:] = d
        slope = float(g @ d)
        self.dsave[layout.D_SLOPE - 1] = self.dsave[layout.D_FIRST_SLOPE - 1] = slope
        self.dsave[layout.D_DTD - 1] = d @ d
        self.dsave[layout.D_NORM_D - 1] = math.sqrt(d @ d)
        # Where rounding took the first step past the largest one, the search keeps its old state.
        if self.csave.item().startswith(b"FG"):
            self.search[:4] = slope, FTOL * slope, slope, slope

    @property
    def search(self) -> Vector:
        """The 13 numbers of fortran/more_thuente.f."""
        return self.dsave[layout.D_SEARCH - 1 :]

    @property
    def bracketed(self) -> bool:
        """Whether the search has enclosed a minimum."""
        return bool(self.isave[layout.I_BRACKETED - 1])

    @property
    def search_stage(self) -> int:
        """1 or 2, as in [MT]."""
        return int(self.isave[layout.I_STAGE - 1])


@dataclass(frozen=True)
class Request:
    """What the kernel wants after it was told of an evaluation.

    Parameters
    ----------
    task : str
        ``FG_START``, ``FG_LNSRCH``, or how the run ends.
    iteration, trial : int
        Where this is: the iteration from 1 (0: the start), and the trial of its search, from 1.
    ended : bool
        Whether an iteration has ended at the evaluation that was told.
    restarted : bool
        Whether the memory was dropped.
    before, after : State
        The arrays before the kernel was called and afterwards.
    """

    task: str
    iteration: int
    trial: int
    ended: bool
    restarted: bool
    before: State
    after: State

    @property
    def is_end(self) -> bool:
        """Whether the run ends."""
        return not self.task.startswith("FG")


class Shadow:
    """A run of the kernel on the evaluations of another run.

    Parameters
    ----------
    trace : Trace
        Whose start and bounds these are.
    options : mapping
        ``m``, ``factr``, ``pgtol``, ``maxls``, ``maxfun``, ``maxiter``.
    """

    def __init__(self, trace: Trace, options: Mapping[str, float]) -> None:
        self._options = options
        self._state = State(trace, int(options["m"]))
        self._iterations = self._evaluations = self._trial = 0

    def first(self) -> Request:
        """What is wanted first."""
        return self._next()

    def tell(self, evaluation: Evaluation) -> Request:
        """Give the kernel another run's evaluation for its own, and see what it wants next."""
        asked = self._state.x.copy()
        if self._trial == 1 and self._state.task == "FG_LNSRCH":
            self._state.turn_to(evaluation.x)
        self._answer(evaluation)
        request = self._next()
        before = request.before
        # A trial may be the point that has just been evaluated: nobody evaluates it again.
        while not request.is_end and np.array_equal(self._state.x, asked):
            self._answer(evaluation)
            earlier, request = request, self._next()
            request = replace(
                request,
                ended=request.ended or earlier.ended,
                restarted=request.restarted or earlier.restarted,
            )
        return replace(request, before=before)

    def _answer(self, evaluation: Evaluation) -> None:
        state = self._state
        state.x[:], state.g[:] = evaluation.x, evaluation.g
        state.f[...] = evaluation.f
        self._evaluations += 1

    def _next(self) -> Request:
        before = self._state.copy()
        state = self._state
        task = state.call(self._options)
        ended = task.startswith("NEW_X")
        if ended:
            self._iterations += 1
            if self._iterations >= self._options["maxiter"]:
                task = "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"
            elif self._evaluations > self._options["maxfun"]:
                task = "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT"
            else:
                task = state.call(self._options)
        restarted = len(before.pairs[0]) > 0 and len(state.pairs[0]) == 0
        first = ended or restarted or self._evaluations == 1
        self._trial = 1 if first else self._trial + 1
        iteration = self._iterations + 1 if self._evaluations else 0
        return Request(task, iteration, self._trial, ended, restarted, before, state.copy())
