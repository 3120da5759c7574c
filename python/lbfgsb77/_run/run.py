"""One run: ask for a point, tell what was found there, to the end."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from os import PathLike
from typing import Any, Final, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _arguments
from lbfgsb77._run import backend, checkpoint, evaluation, layout, reason, status
from lbfgsb77._run.engine import Engine, OwnEngine
from lbfgsb77._run.inverse_hessian import LbfgsInvHessProduct
from lbfgsb77._run.layout import ANSWERED, COST, FACTR, IN_SEARCH, LIMIT, MAXLS, MAXTIME, PGTOL, F
from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._run.settings import KERNELS_WORDS, Settings, Words
from lbfgsb77._run.status import EVALUATE, NEW_ITERATE
from lbfgsb77._run.workspace import Values, Workspace, adopt, allocate

Vector = NDArray[np.float64]

# What memoryview raises for a source that isn't a vector of n native float64 numbers.
_OTHER_GRADIENT = (TypeError, ValueError, BufferError, NotImplementedError)


# How the minimization over the free variables ended, as the original says it; there may be none.
_SUBSPACE_ENDS: Final = {0: "con", 1: "bnd"}


class Run:
    """One run, driven by its caller: `LBFGSB` without its arguments.

    All that a run is lies in the arrays of its workspace, and what it waits for is read off their
    task: an evaluation (FG...), a look at the limits (NEW_X), or nothing. Each public method takes
    its turn, so that threads come one after the other.

    Parameters
    ----------
    start : ndarray of shape (n,)
        Where to begin; projected into the bounds.
    lower, upper : ndarray of shape (n,)
        Bounds, infinite where there is none.
    bound_types : ndarray of shape (n,), int or None
        The kernel's code of each variable, or of all; None where there are no bounds.
    settings : Settings
        Everything else.
    pairs : tuple of ndarray of shape (k, n), optional
        Steps and changes of the gradient to begin with, at most m of them, oldest first.
    """

    __slots__ = (
        "__weakref__",
        "_advance",
        "_asked",
        "_began",
        "_copy_x",
        "_engine",
        "_gradient",
        "_integers",
        "_reals",
        "_step_word",
        "_task",
        "_tell",
        "_threads",
        "_turn",
        "_words",
        "_workspace",
    )

    def __init__(
        self,
        start: Vector,
        lower: Vector | float,
        upper: Vector | float,
        bound_types: NDArray[np.int32] | int | None,
        settings: Settings,
        pairs: tuple[Vector, Vector] | None = None,
    ) -> None:
        workspace = allocate(start.size, settings.m, settings.words.m)
        workspace.x[:] = start
        workspace.lower[:] = lower
        workspace.upper[:] = upper
        if bound_types is not None:
            workspace.bound_types[:] = bound_types
        slots = workspace.real_slots
        for slot, number in settings.places():
            slots[slot] = number
        workspace.integer_slots[MAXLS] = settings.maxls
        self._threads = settings.threads
        self._attach(backend.engine_for(workspace, threads=settings.threads), settings.words)
        self._advance()  # projects the start into the bounds
        if pairs is not None:
            self._engine.begin_with(*pairs)

    def _attach(self, engine: Engine, words: Words = KERNELS_WORDS) -> None:
        """Prepare what every evaluation uses, once."""
        self._engine = engine
        self._words = words
        self._turn = threading.RLock()
        self._asked = False
        self._step_word = ""  # what the caller calls the step, where differences are taken
        workspace = self._workspace = engine.workspace
        self._advance = engine.advance
        self._tell = engine.tell
        self._reals = workspace.real_slots
        self._integers = workspace.integer_slots
        self._task = workspace.task_bytes
        self._gradient = memoryview(workspace.gradient)
        self._copy_x = workspace.x.copy
        self._start_clock()

    def _skip_iterates(self) -> None:
        """Go past the ends of iterations at once: nobody looks at them."""
        self._advance = self._engine.advance_to_point
        self._tell = self._engine.tell_to_point

    def _start_clock(self) -> None:
        """Count the seconds for `maxtime` from now, where there is one."""
        limited = self._reals[MAXTIME] < math.inf
        self._began = time.monotonic() if limited else None

    @classmethod
    def _ended(cls, workspace: Workspace) -> Self:
        """A run that has ended on the package's own kernel, from its state."""
        run = cls.__new__(cls)
        run._threads = None
        run._attach(OwnEngine(workspace))
        return run

    # The loop --------------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether the run has ended: converged, at a limit, stopped or failed."""
        if self._task[0] == EVALUATE:
            return False
        with self._turn:
            self._leave_iterate()
            return self._task[0] != EVALUATE

    def _leave_iterate(self) -> None:
        """Go on from the end of an iteration: to a point, or the end where a limit is reached."""
        while self._task[0] == NEW_ITERATE:
            self._advance()

    def ask(self) -> Vector:
        """Return the point to evaluate next.

        Returns
        -------
        ndarray of shape (n,), float64
            A copy, inside the bounds. The same point until something is told about it.

        Raises
        ------
        RuntimeError
            If the run has ended.
        """
        with self._turn:
            x = self._next_point()
        if x is None:
            raise RuntimeError(f"ask: the run has ended: {self.task}")
        return x

    def _next_point(self) -> Vector | None:
        """What `ask` returns, or None where the run has ended; without a turn."""
        if self._task[0] == NEW_ITERATE:
            self._leave_iterate()
        if self._task[0] != EVALUATE:
            return None
        self._asked = True
        return self._copy_x()

    def tell(self, f: Any, g: ArrayLike, nfev: int = 1) -> bool:
        """Take the objective's value and gradient at the point that `ask` returned.

        Parameters
        ----------
        f : float
            The value: a number, or an array of one. It and the gradient need not be finite: the
            line search then goes back towards the last iterate.
        g : array_like
            The gradient, n real numbers.
        nfev : int, optional
            How many evaluations of the objective were spent on them, for `maxfun`. Default 1.

        Returns
        -------
        bool
            Whether an iteration ended here: the point is the new `iterate`.

        Raises
        ------
        RuntimeError
            If no point was asked for since the last one was told, or the run has ended.
        TypeError, ValueError
            If `f` is not a real scalar, `g` not a vector of n real numbers or `nfev` not a
            non-negative integer.

        Notes
        -----
        Where it raises, the solver is as it was before.
        """
        with self._turn:
            return self._take(f, g, nfev)

    def _take(self, f: Any, g: ArrayLike, nfev: int) -> bool:
        """What `tell` does, without a turn."""
        if not self._asked:
            raise RuntimeError(self._why_not_asked())
        if self._began is None:
            self._asked = False
            ended = self._tell(f, g, nfev)
            if ended is not None:
                return ended
            self._asked = True
        return self._take_any(f, g, nfev)

    def _take_any(self, f: Any, g: ArrayLike, nfev: int) -> bool:
        """The same with a look at each argument, and at the clock."""
        if not isinstance(f, float):
            f = evaluation.value(f)
        try:
            if type(g) is not np.ndarray:  # a masked array is more than its memory
                raise TypeError
            self._gradient[:] = g
        except _OTHER_GRADIENT:
            vector = evaluation.gradient(g, self._workspace.n)
            if not self._asked:  # the conversion has told something itself
                raise RuntimeError(self._why_not_asked()) from None
            self._workspace.gradient[:] = vector
        if type(nfev) is not int or nfev < 0:
            nfev = _arguments.count("nfev", nfev)
        self._reals[F] = f
        self._reals[COST] = nfev
        if self._began is not None:
            self._reals[layout.TIME] = time.monotonic() - self._began
        self._integers[ANSWERED] = 1
        self._asked = False
        self._advance()
        return self._task[0] == NEW_ITERATE

    def _why_not_asked(self) -> str:
        if self._task[0] not in (EVALUATE, NEW_ITERATE):
            return f"tell: the run has ended: {self.task}"
        return "tell: call ask() first: each point takes one tell()"

    def stop(self, task: str = status.CALLER_HALT) -> None:
        """End the run at the last iterate.

        Parameters
        ----------
        task : str, optional
            What `task` and the result's message are to say: ASCII that begins with ``STOP``, at
            most 60 characters.

        Notes
        -----
        Where the iteration that has just ended has also reached a limit, the limit is what
        ended the run. Stopping a run that has ended changes nothing.
        """
        if not isinstance(task, str):
            raise TypeError(f"task: a text is expected, got {_arguments.shown(task)}")
        if not (task.startswith("STOP") and task.isascii() and len(task) <= layout.TASK_LENGTH):
            raise ValueError(
                "task: at most 60 ASCII characters beginning with STOP are expected, got "
                f"{_arguments.shown(task)}"
            )
        with self._turn:
            self._engine.halt(task)
            self._asked = False

    def __iter__(self) -> Iterator[Vector]:
        """The points to evaluate, to the end of the run; tell about each before the next."""
        while not self.done:
            yield self.ask()
            if self._asked:
                raise RuntimeError("next: the last point has not been told about")

    # What it has come to -----------------------------------------------------------------------

    def values(self) -> Values:
        """Copy x, f and the gradient of the last iterate, which has the lowest f so far."""
        with self._turn:
            return self._engine.values()

    @property
    def iterate(self) -> OptimizeResult:
        """The last iterate, which is the best point so far.

        Returns
        -------
        OptimizeResult
            ``x``, ``fun`` and ``jac`` (copies; NaN where nothing has been told yet), ``nit``,
            ``nfev``, the ``step`` of the line search that led here in units of its direction,
            ``projected_gradient_norm`` (the largest component's size) and ``active_bounds``, the
            number of variables that are on a bound; and of the iteration that led here, or of the
            one that is going on, what `Table` prints: ``segments``, pieces of the path to the
            Cauchy point, ``active_variables`` there, ``subspace_end``, ``trials`` of the line
            search and the ``step_length``.
        """
        with self._turn:
            x, fun, jac = self._engine.values()
            workspace = self._workspace
            reals, integers = self._reals, self._integers
            return OptimizeResult(
                x=x,
                fun=fun,
                jac=jac,
                nit=workspace.nit,
                nfev=workspace.nfev,
                step=reals[layout.LAST_STEP],
                projected_gradient_norm=(
                    reals[layout.PROJECTED_GRADIENT_NORM] if workspace.njev else math.nan
                ),
                active_bounds=self._count_active(x),
                segments=integers[layout.SEGMENTS],
                active_variables=integers[layout.ACTIVE],
                subspace_end=_SUBSPACE_ENDS.get(integers[layout.SUBSPACE_END], "---"),
                trials=integers[layout.EVALUATIONS_IN_SEARCH],
                step_length=reals[layout.STEP] * reals[layout.LENGTH],
            )

    def _count_active(self, x: Vector) -> int:
        workspace = self._workspace
        if not workspace.bound_types.any():
            return 0
        return int(np.count_nonzero((x == workspace.lower) | (x == workspace.upper)))

    @property
    def result(self) -> OptimizeResult:
        """The result; before the end, what stopping at the last iterate would give.

        Returns
        -------
        OptimizeResult
            ``x``, ``fun``, ``jac``, ``nfev``, ``njev``, ``nit``, ``status`` (0 converged, 1 a
            limit was reached, 2 another ending or none yet), ``success``, ``message``, ``reason``,
            ``hess_inv``. All copies.
        """
        with self._turn:
            done = self.done
            x, fun, jac = self._engine.values()
            task, flag, why = self._ending()
            if not done:
                task, flag = "The run has not ended", status.STOPPED
            workspace = self._workspace
            order = workspace.pair_order
            pairs = workspace.steps[order], workspace.gradient_changes[order]
            return OptimizeResult(
                fun=fun,
                jac=jac,
                nfev=workspace.nfev,
                njev=workspace.njev,
                nit=workspace.nit,
                status=flag,
                message=task,
                x=x,
                success=flag == status.CONVERGED,
                reason=why,
                hess_inv=LbfgsInvHessProduct(*pairs),
            )

    @property
    def x(self) -> Vector:
        """A copy of the last iterate."""
        with self._turn:
            if self._task[0] == NEW_ITERATE:
                return self._copy_x()
            return self._engine.values()[0]

    @property
    def trial_step(self) -> float:
        """The step to the point that `ask` returns, in units of the search direction."""
        return self._reals[layout.STEP]

    @property
    def bounds(self) -> tuple[Vector, Vector]:
        """Lower and upper bounds, copies of shape (n,), infinite where there is none."""
        return self._workspace.lower.copy(), self._workspace.upper.copy()

    @property
    def task(self) -> str:
        """The kernel's task string: what it waits for, or why the run has ended."""
        return self._workspace.task

    @property
    def status(self) -> int:
        """0 if the run has converged, 1 if a limit was reached, 2 otherwise."""
        with self._turn:
            return self._status_of(self._workspace.task)

    def _status_of(self, task: str) -> int:
        flag = status.warnflag(task, self._integers[LIMIT])
        if flag == status.CONVERGED and not self._engine.converged_on_numbers():
            return status.STOPPED
        return flag

    @property
    def reason(self) -> str:
        """Why the run ended, a sentence with the numbers that decided it; empty before the end.

        It is found from the evaluations that the run has made: where the last line search failed,
        from what that search has met.
        """
        return self._ending()[2]

    def _ending(self) -> tuple[str, int, str]:
        """`task`, `status` and `reason` together."""
        with self._turn:
            done = self.done
            task = self._workspace.task
            flag = self._status_of(task)
            why = reason.of(self._engine, task, flag, self._step_word) if done else ""
            return task, flag, why

    @property
    def nit(self) -> int:
        """Number of iterations."""
        return self._workspace.nit

    @property
    def nfev(self) -> int:
        """Number of evaluations of the objective that were told."""
        return self._workspace.nfev

    @property
    def njev(self) -> int:
        """Number of gradients that were told."""
        return self._workspace.njev

    def __repr__(self) -> str:
        workspace = self._workspace
        return (
            f"<{type(self).__name__} n={workspace.n} m={workspace.m} nit={workspace.nit} "
            f"nfev={workspace.nfev}: {self.task}>"
        )

    # Kept and taken up again --------------------------------------------------------------------

    def save(self, path: str | PathLike[str]) -> None:
        """Write the complete state to a file, from which `load` continues with the same bits.

        Parameters
        ----------
        path : str or path-like
            The file. It is replaced at once or not at all: a process that is killed meanwhile, or
            a disk that is full, leaves the old one.

        Raises
        ------
        OSError
            If the file can't be written.

        Notes
        -----
        The file holds arrays and JSON alone, and a checksum, and means the same on every machine.

        Examples
        --------
        >>> import os, tempfile
        >>> from lbfgsb77 import LBFGSB
        >>> solver = LBFGSB([3.0, 4.0])
        >>> _ = solver.tell(25.0, 2 * solver.ask())
        >>> with tempfile.TemporaryDirectory() as directory:
        ...     path = os.path.join(directory, "run.checkpoint")
        ...     solver.save(path)
        ...     again = LBFGSB.load(path)
        ...
        >>> again.ask() == solver.ask()
        array([ True,  True])
        """
        checkpoint.write(path, self.__getstate__())

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Self:
        """Return the solver that `save` wrote to a file.

        Parameters
        ----------
        path : str or path-like
            The file.

        Returns
        -------
        LBFGSB
            A solver that goes on exactly as the saved one would have.

        Raises
        ------
        ValueError
            If the file is not a checkpoint, of another format, truncated or altered.
        OSError
            If the file can't be read.
        RuntimeError
            If it was saved on a backend that this build hasn't.

        Notes
        -----
        Nothing that a file holds is ever executed. `done` and `ask` tell how to go on; a point
        that was asked for and not told about is asked for again.
        """
        return cls._loaded(path, None)

    @classmethod
    def _loaded(cls, path: str | PathLike[str], threads: int | None) -> Self:
        state = checkpoint.read(path)
        solver = cls.__new__(cls)
        try:
            solver._restore(state, threads)
        except ValueError as error:
            raise ValueError(f"checkpoint {str(path)!r}: {error}") from None
        return solver

    def copy(self) -> Self:
        """Return a solver in the same state, which goes its own way from here."""
        fork = type(self).__new__(type(self))
        fork._restore(self.__getstate__(), self._threads)
        return fork

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.copy()

    def __getstate__(self) -> dict[str, Any]:
        """The complete state: the packed arrays, and what the engine remembers."""
        with self._turn:
            arrays = self._workspace.copy()
            return {
                "kernel": self._engine.name,
                "asked": self._asked,
                "reals": arrays.reals,
                "integers": arrays.integers,
                "text": arrays.text,
                **self._engine.memory(),
            }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._restore(state, None)

    def _restore(self, state: dict[str, Any], threads: int | None) -> None:
        try:
            # Copies, because a pickle's buffers may be read-only or another solver's too; native,
            # because a machine with another byte order may have written them.
            workspace = adopt(
                np.array(state["reals"], np.float64, order="C"),
                np.array(state["integers"], np.int32, order="C"),
                np.array(state["text"], "S120", order="C"),
            )
            engine = backend.engine_for(workspace, state["kernel"], threads)
            engine.remember(state)
            self._threads = threads
            self._attach(engine)
            self._asked = state["asked"] is True
        except (KeyError, TypeError, AttributeError, OverflowError) as error:
            raise ValueError(f"not a solver's state ({error})") from error

    def resumed(self, path: str | PathLike[str]) -> Self:
        """Return the run of this problem that a file holds, with the limits of this solver.

        Parameters
        ----------
        path : str or path-like
            A file that `save` wrote.

        Returns
        -------
        LBFGSB
            As from `load`. A run that had ended at a limit goes on if that has been raised.

        Raises
        ------
        ValueError, OSError, RuntimeError
            As `load`; ValueError too if the saved run differs from this one in the number of
            variables, the bounds, `m`, `factr`, `pgtol`, `maxls` or the backend. Starts may
            differ.
        """
        solver = self._loaded(path, self._threads)
        differences = self._differences(solver)
        if differences:
            raise ValueError(
                f"checkpoint {str(path)!r}: its run is another, with {', '.join(differences)}"
            )
        solver._words = self._words
        for limit in layout.LIMITS:
            solver._reals[limit] = self._reals[limit]
        solver._reals[layout.TIME] = 0
        solver._start_clock()
        if solver._integers[IN_SEARCH]:
            solver._workspace.go_on_in_search()
        elif solver.task in status.LIMITS:
            # The limits of now are looked at.
            solver._workspace.task = status.ITERATION_ENDED
        return solver

    def _differences(self, other: Run) -> list[str]:
        """In what another run differs, unless it is this problem solved in this way."""
        mine, theirs, words = self._workspace, other._workspace, self._words
        if mine.n != theirs.n:
            return [f"n = {theirs.n} instead of {mine.n} variables"]
        differences = [
            f"{name} = {found} instead of {expected}"
            for name, found, expected in (
                (words.m, theirs.m, mine.m),
                (
                    words.factr,
                    words.shown_factr(theirs.real_slots[FACTR]),
                    words.shown_factr(mine.real_slots[FACTR]),
                ),
                (words.pgtol, theirs.real_slots[PGTOL], mine.real_slots[PGTOL]),
                ("maxls", theirs.integer_slots[MAXLS], mine.integer_slots[MAXLS]),
            )
            if found != expected
        ]
        for name in ("lower", "upper"):
            found, expected = getattr(theirs, name), getattr(mine, name)
            if (found != expected).any():
                i = int((found != expected).argmax())
                differences.append(f"bounds[{i}]: {name} {found[i]} instead of {expected[i]}")
        if other._engine.name != self._engine.name:
            differences.append(f"the backend {other._engine.name!r}")
        return differences
