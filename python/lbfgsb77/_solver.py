"""The solver: the task-string loop, one evaluation at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from os import PathLike
from types import ModuleType
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import (
    _arguments,
    _backend,
    _bounds,
    _checkpoint,
    _evaluation,
    _lbfgsb,
    _pairs,
    _reason,
    _status,
)
from lbfgsb77._finite_iterates import FiniteIterates
from lbfgsb77._inverse_hessian import LbfgsInvHessProduct
from lbfgsb77._result import OptimizeResult
from lbfgsb77._status import EVALUATE, NEW_ITERATE
from lbfgsb77._workspace import (
    EVALUATIONS_IN_SEARCH,
    FACTR,
    MAXLS,
    PGTOL,
    PROJECTED_GRADIENT_NORM,
    REPEATS,
    STEP,
    F,
    Workspace,
    adopt,
    allocate,
)

# What the solver waits for.
_READY = 0  # the point to evaluate is there, and nobody has asked for it yet
_ASKED = 1  # its value and gradient
_ITERATED = 2  # an iteration has ended: limits and convergence are still to be looked at
_DONE = 3  # nothing more
_BUSY = 4  # the kernel's answer


def _count(text: str) -> float:
    """A limit from its repr: an integer of any size, or a float."""
    try:
        return int(text)
    except ValueError:
        return float(text)


# What memoryview raises for a source that isn't a vector of n native float64 numbers.
_OTHER_GRADIENT = (TypeError, ValueError, BufferError, NotImplementedError)


class LBFGSB:
    """One run of L-BFGS-B, driven by its caller: ask for a point, tell what was found there.

    Parameters
    ----------
    x0 : array_like
        The start, n real numbers; raveled, and projected into the bounds. Not modified.
    bounds : sequence, ndarray, object or None, optional
        n pairs (lower, upper) with None or an infinity where there is no bound; or an object with
        attributes ``lb`` and ``ub`` such as ``scipy.optimize.Bounds``. No bounds by default.
    m : int, optional
        The number of pairs (step, change of the gradient) that the approximation of the Hessian
        is made of. Default 10.
    factr : float, optional
        The run has converged when an iteration lowers f by at most
        ``factr * eps * max(|f_old|, |f|, 1)``, eps = 2**-52. Default 1e7.
    pgtol : float, optional
        The run has converged when no component of the projected gradient exceeds this. Default
        1e-5.
    maxfun, maxiter : int, optional
        The run stops after an iteration by which more than `maxfun` evaluations or at least
        `maxiter` iterations were made. Default 15000 each.
    maxls : int, optional
        The largest number of evaluations in one line search. Default 20.
    pairs : tuple of array_like, or LbfgsInvHessProduct, optional
        A warm start: steps S and changes of the gradient Y to begin with, of shape (k, n), oldest
        first, or the ``hess_inv`` of an earlier result. Of more than `m` pairs the newest are
        taken. None by default.

    Raises
    ------
    TypeError, ValueError
        If an argument isn't as described; the sentence names it and the offending value.
    MemoryError
        If there is no memory for the 2mn + 9n + 11m² numbers of the workspace.

    See Also
    --------
    fmin_l_bfgs_b : The same with the objective called for you.

    Notes
    -----
    The kernel is an independent implementation of Algorithm 778, version 3.0 [1]_ [2]_ [3]_. All
    state is in the object: any number of solvers can run side by side, nested or in threads, one
    thread a solver.

    References
    ----------
    .. [1] R. H. Byrd, P. Lu, J. Nocedal, C. Zhu, "A limited memory algorithm for bound
       constrained optimization", SIAM J. Sci. Comput. 16 (1995) 1190-1208.
    .. [2] C. Zhu, R. H. Byrd, P. Lu, J. Nocedal, "Algorithm 778: L-BFGS-B: Fortran subroutines
       for large-scale bound-constrained optimization", ACM Trans. Math. Softw. 23 (1997) 550-560.
    .. [3] J. L. Morales, J. Nocedal, "Remark on Algorithm 778", ACM Trans. Math. Softw. 38 (2011)
       7:1-7:4.

    Examples
    --------
    >>> from lbfgsb77 import LBFGSB
    >>> solver = LBFGSB([3.0, 4.0], bounds=[(2, None), (None, None)])
    >>> while not solver.done:
    ...     x = solver.ask()
    ...     f = (x[0] - 1) ** 2 + (x[1] - 1) ** 2
    ...     g = 2 * (x - 1)
    ...     _ = solver.tell(f, g)
    >>> solver.result.x
    array([2., 1.])
    """

    __slots__ = (
        "__weakref__",
        "_advance",
        "_copy_x",
        "_finite_iterates",
        "_gradient",
        "_integers",
        "_kernel",
        "_maxfun",
        "_maxiter",
        "_nfev",
        "_nit",
        "_njev",
        "_reals",
        "_state",
        "_step",
        "_task",
        "_told",
        "_workspace",
        "_x",
    )

    def __init__(
        self,
        x0: ArrayLike,
        bounds: Any = None,
        m: int = 10,
        factr: float = 1e7,
        pgtol: float = 1e-5,
        maxfun: float = 15000,
        maxiter: float = 15000,
        maxls: int = 20,
        pairs: Any = None,
    ) -> None:
        start, finite = _arguments.start(x0)
        box = _bounds.read(bounds, start.size)
        m = _arguments.positive_integer("m", m)
        factr = _arguments.nonnegative_tolerance("factr", factr)
        pgtol = _arguments.tolerance("pgtol", pgtol)
        maxls = _arguments.positive_integer("maxls", maxls)
        self._maxfun = _arguments.limit("maxfun", maxfun)
        self._maxiter = _arguments.limit("maxiter", maxiter)
        self._nit = 0
        self._nfev = 0
        self._njev = 0
        self._step = 0.0

        workspace = allocate(start.size, m)
        workspace.x[...] = start
        if box is None:
            workspace.lower.fill(-math.inf)
            workspace.upper.fill(math.inf)
        else:
            workspace.lower[...], workspace.upper[...] = box
            workspace.bound_types[...] = _bounds.types(*box)
        workspace.real_slots[FACTR] = factr
        workspace.real_slots[PGTOL] = pgtol
        workspace.integer_slots[MAXLS] = maxls
        self._attach(workspace, _backend.kernel(maxls))

        self._advance()  # projects the start into the bounds
        if not finite:
            _arguments.require_finite_start(workspace.x)
        if pairs is not None:
            self._begin_with(*_pairs.read(pairs, start.size, m))
        self._state = _READY

    def _attach(self, workspace: Workspace, kernel: ModuleType) -> None:
        """Prepare what every evaluation uses, once."""
        self._workspace = workspace
        self._kernel = kernel
        self._advance = partial(
            kernel.advance,
            workspace.reals,
            workspace.integers,
            workspace.text,
        )
        self._reals = workspace.real_slots
        self._integers = workspace.integer_slots
        self._task = workspace.task_bytes
        self._x = memoryview(workspace.x)
        self._gradient = memoryview(workspace.gradient)
        self._copy_x = workspace.x.copy
        # The last point that was told about: where an iteration has just ended, that is x. The
        # package's own kernel compares by itself, and goes back from values that aren't finite.
        self._told = None if kernel is _lbfgsb else memoryview(workspace.x.copy())
        if self._told is not None:
            self._finite_iterates = FiniteIterates(workspace)

    def _begin_with(self, steps: NDArray[np.float64], changes: NDArray[np.float64]) -> None:
        """Have the kernel build its matrices from given pairs, before the first evaluation."""
        if self._kernel is not _lbfgsb:
            raise ValueError("pairs: the original backend can't begin with given pairs")
        if len(steps) == 0:
            return
        self._workspace.put_pairs(steps, changes)
        self._workspace.task = _status.GIVEN_PAIRS
        self._advance()
        if self._task[0] != EVALUATE:
            raise ValueError(
                "pairs: the matrices that follow from them are not positive definite to rounding"
            )

    @classmethod
    def _at_the_end(
        cls, workspace: Workspace, nit: int, nfev: int, step: float, limits: tuple[float, float]
    ) -> Self:
        """A run of one evaluation a point that has ended on the package's own kernel."""
        solver = cls.__new__(cls)
        solver._nit, solver._nfev, solver._njev, solver._step = nit, nfev, nfev, step
        solver._maxfun, solver._maxiter = limits
        solver._attach(workspace, _lbfgsb)
        solver._state = _DONE
        return solver

    @property
    def done(self) -> bool:
        """Whether the run has ended: converged, at a limit, stopped or failed."""
        if self._state == _ITERATED:
            self._next_iteration()
        return self._state == _DONE

    def ask(self) -> NDArray[np.float64]:
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
        if self._state != _READY and self._state != _ASKED:
            if self.done:
                raise RuntimeError(f"ask: the run has ended: {self.task}")
            self._require_idle("ask")
        self._state = _ASKED
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
            If `f` is not a real scalar or `g` not a vector of n real numbers.

        Notes
        -----
        Where it raises, the solver is as it was before.
        """
        if self._state != _ASKED:
            raise RuntimeError(self._why_not_told())
        # From here on another thread's call is refused.
        self._state = _BUSY
        try:
            if not isinstance(f, float):
                f = _evaluation.value(f)
            try:
                self._gradient[:] = g  # type: ignore[assignment]  # any float64 vector's memory
            except _OTHER_GRADIENT:
                self._workspace.gradient[...] = _evaluation.gradient(g, self._workspace.n)
        except BaseException:
            self._state = _ASKED
            raise
        self._reals[F] = f
        if self._told is not None:
            self._told[:] = self._x
            self._finite_iterates.evaluated(self._njev == 0)
        self._nfev += nfev
        self._njev += 1
        return self._proceed(False)

    def _next_iteration(self) -> None:
        """Go on from the end of an iteration, unless a limit has been reached."""
        self._state = _BUSY
        if self._nit >= self._maxiter:
            self._end(_status.ITERATION_LIMIT)
        elif self._nfev > self._maxfun:
            self._end(_status.EVALUATION_LIMIT)
        else:
            self._proceed(True)

    def _proceed(self, from_iterate: bool) -> bool:
        """Let the kernel work up to the next point, or the end of the iteration or of the run.

        A line search that has come down to rounding asks again for the point that it was told
        about last. It is told the same, without an evaluation.
        """
        self._advance()
        answer = self._task[0]
        while answer == EVALUATE:
            if not (self._integers[REPEATS] if self._told is None else self._repeats(from_iterate)):
                self._state = _READY
                return False
            from_iterate = False
            self._advance()
            answer = self._task[0]
        if answer == NEW_ITERATE:
            self._nit += 1
            self._step = self._reals[STEP]
            if self._told is not None:
                self._finite_iterates.iterated()
            self._state = _ITERATED
            return True
        self._state = _DONE
        return False

    def _repeats(self, from_iterate: bool) -> bool:
        """Whether the original asks for the point that it was told about last.

        After a search that failed, f and g belong to the last iterate and not to the point told;
        the first trial of the next search, started anew from there, isn't taken for it.
        """
        return self._x == self._told and (
            from_iterate or self._njev == 1 or self._integers[EVALUATIONS_IN_SEARCH] > 1
        )

    def stop(self, task: str = _status.CALLER_HALT) -> None:
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
        if not (task.startswith("STOP") and task.isascii() and len(task) <= 60):
            raise ValueError(
                f"task: at most 60 ASCII characters beginning with STOP are expected, got {task!r}"
            )
        self._require_idle("stop")
        if self._state == _ITERATED and (self._nit >= self._maxiter or self._nfev > self._maxfun):
            self._next_iteration()
        elif self._state != _DONE:
            if self._state != _ITERATED and self._njev > 0:
                self._restore_iterate()
            self._end(task)

    def _end(self, task: str) -> None:
        self._workspace.task = task
        self._state = _DONE

    def _restore_iterate(self) -> None:
        """Put x, f and the gradient of the last iterate in place of those of a trial point."""
        self._workspace.task = _status.RESTORE_ITERATE
        self._advance()

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
        RuntimeError
            If the solver is at work in another thread.

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
        >>> again.ask() == solver.ask()
        array([ True,  True])
        """
        _checkpoint.write(path, self.__getstate__())

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
            If the file is not a checkpoint, of a newer format, truncated or altered.
        OSError
            If the file can't be read.
        RuntimeError
            If it was saved on the backend "original" and this build has none.

        Notes
        -----
        Nothing that a file holds is ever executed. `done` and `ask` tell how to go on; a point
        that was asked for and not told about is asked for again.
        """
        state = _checkpoint.read(path)
        solver = cls.__new__(cls)
        try:
            solver.__setstate__(state)
        except ValueError as error:
            raise ValueError(f"checkpoint {str(path)!r}: {error}") from None
        return solver

    def copy(self) -> Self:
        """Return a solver in the same state, which goes its own way from here."""
        fork = type(self).__new__(type(self))
        fork.__setstate__(self.__getstate__())
        return fork

    __copy__ = copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self.copy()

    def __getstate__(self) -> dict[str, Any]:
        """The complete state: the packed arrays, more for the original kernel, and numbers."""
        self._require_idle("save")
        arrays = self._workspace.copy()
        state: dict[str, Any] = {
            "kernel": _backend.name_of(self._kernel),
            "waiting": self._state,
            "nit": self._nit,
            "nfev": self._nfev,
            "njev": self._njev,
            # As text, because JSON has no infinities; a float's repr has all of its bits.
            "step": repr(self._step),
            "maxfun": repr(self._maxfun),
            "maxiter": repr(self._maxiter),
            "reals": arrays.reals,
            "integers": arrays.integers,
            "text": arrays.text,
        }
        if self._told is not None:
            state["told"] = np.array(self._told)
            state.update(self._finite_iterates.packed())
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        try:
            # A pickle of a machine with another byte order has that order.
            workspace = adopt(
                np.ascontiguousarray(state["reals"], np.float64),
                np.ascontiguousarray(state["integers"], np.int32),
                np.ascontiguousarray(state["text"], "S120"),
            )
            kernel = _backend.named(state["kernel"])
            self._nit, self._nfev, self._njev = (int(state[k]) for k in ("nit", "nfev", "njev"))
            self._step = float(state["step"])
            self._maxfun, self._maxiter = (_count(state[k]) for k in ("maxfun", "maxiter"))
            self._state = (_READY, _ASKED, _ITERATED, _DONE).index(state["waiting"])
            self._attach(workspace, kernel)
            if self._told is not None:
                told, best, not_finite = (
                    np.ascontiguousarray(state[k], np.float64)
                    for k in ("told", "best", "not_finite")
                )
                self._told[:] = memoryview(told)
                self._finite_iterates.unpack(best, not_finite)
        except (KeyError, TypeError, AttributeError) as error:
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
        solver = self.load(path)
        differences = solver._workspace.differences(self._workspace)
        if solver._kernel is not self._kernel:
            differences.append(f"the backend {_backend.name_of(solver._kernel)!r}")
        if differences:
            raise ValueError(
                f"checkpoint {str(path)!r}: its run is another, with {', '.join(differences)}"
            )
        solver._maxfun, solver._maxiter = self._maxfun, self._maxiter
        if solver._state == _DONE and solver.task in _status.LIMITS:
            # What _end left out is looked at again, with the limits of now.
            solver._workspace.task = _status.ITERATION_ENDED
            solver._state = _ITERATED
        return solver

    def values(self) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
        """Copies of x, f and the gradient of the last iterate, which has the lowest f so far."""
        self._require_idle("values")
        values = self._kernels_values()
        if self._told is not None and self._finite_iterates.spoilt(values):
            return self._finite_iterates.copy_of_best() or values
        return values

    def _kernels_values(self) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
        workspace = self._workspace
        if self._state in (_ITERATED, _DONE) and self._njev > 0:
            return workspace.x.copy(), workspace.f, workspace.gradient.copy()
        if self._njev == 0:
            return workspace.x.copy(), math.nan, np.full(workspace.n, math.nan)
        # In the middle of a line search the kernel alone knows where it keeps the iterate.
        trial, gradient = workspace.x.copy(), workspace.gradient.copy()
        small_state = workspace.small_state()
        self._restore_iterate()
        values = workspace.x.copy(), workspace.f, workspace.gradient.copy()
        workspace.x[...], workspace.gradient[...] = trial, gradient
        workspace.restore_small_state(small_state)
        return values

    @property
    def iterate(self) -> OptimizeResult:
        """The last iterate, which is the best point so far.

        Returns
        -------
        OptimizeResult
            ``x``, ``fun`` and ``jac`` (copies; NaN where nothing has been told yet), ``nit``,
            ``nfev``, the ``step`` of the line search that led here in units of its direction,
            ``projected_gradient_norm`` (the largest component's size) and ``active_bounds``, the
            number of variables that are on a bound.
        """
        x, fun, jac = self.values()
        return OptimizeResult(
            x=x,
            fun=fun,
            jac=jac,
            nit=self._nit,
            nfev=self._nfev,
            step=self._step,
            projected_gradient_norm=(
                self._reals[PROJECTED_GRADIENT_NORM] if self._njev else math.nan
            ),
            active_bounds=self._count_active(x),
        )

    def _count_active(self, x: NDArray[np.float64]) -> int:
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
        done = self.done
        x, fun, jac = self.values()
        status = self.status if done else _status.STOPPED
        workspace = self._workspace
        order = workspace.pair_order
        return OptimizeResult(
            fun=fun,
            jac=jac,
            nfev=self._nfev,
            njev=self._njev,
            nit=self._nit,
            status=status,
            message=self.task if done else "The run has not ended",
            x=x,
            success=status == _status.CONVERGED,
            reason=self.reason,
            hess_inv=LbfgsInvHessProduct(workspace.steps[order], workspace.gradient_changes[order]),
        )

    @property
    def x(self) -> NDArray[np.float64]:
        """A copy of the last iterate."""
        if self._state == _ITERATED:
            return self._copy_x()
        return self.values()[0]

    @property
    def bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lower and upper bounds, copies of shape (n,), infinite where there is none."""
        return self._workspace.lower.copy(), self._workspace.upper.copy()

    @property
    def task(self) -> str:
        """The kernel's task string: what it waits for, or why the run has ended."""
        return self._workspace.task

    @property
    def status(self) -> int:
        """0 if the run has converged, 1 if a limit was reached, 2 otherwise."""
        flag = _status.warnflag(self.task, self._nfev, self._maxfun, self._nit, self._maxiter)
        if flag == _status.CONVERGED and not self._converged_on_numbers():
            return _status.STOPPED
        return flag

    def _converged_on_numbers(self) -> bool:
        # The package's own kernel makes sure of all but what overflows in its last test.
        if self._told is not None:
            met = self._finite_iterates
            # The original's search comes to a halt beside such a value: f no longer falls then.
            halted = met.not_finite is not None and self.task == _status.REDUCTION_TEST
            if halted or met.spoilt(self._kernels_values()):
                return False
        return math.isfinite(self._reals[F]) and math.isfinite(self._reals[PROJECTED_GRADIENT_NORM])

    @property
    def reason(self) -> str:
        """Why the run ended, a sentence with the numbers that decided it; empty before the end.

        It is found from the evaluations that the run has made: where the last line search failed,
        from what that search has met.
        """
        if not self.done:
            return ""
        task = self.task
        not_finite = None if self._told is None else self._finite_iterates.not_finite
        if not_finite is not None and self.status == _status.STOPPED and task[:4] != "STOP":
            return _reason.of_value_not_finite(*not_finite)
        if task == _status.ITERATION_LIMIT:
            return f"limit reached: maxiter = {self._maxiter} iterations"
        if task == _status.EVALUATION_LIMIT:
            return f"limit reached: {self._nfev} evaluations, more than maxfun = {self._maxfun}"
        search = None if self._told is None else self._finite_iterates.search
        return _reason.of(self._workspace, search)

    @property
    def nit(self) -> int:
        """Number of iterations."""
        return self._nit

    @property
    def nfev(self) -> int:
        """Number of evaluations of the objective that were told."""
        return self._nfev

    @property
    def njev(self) -> int:
        """Number of gradients that were told."""
        return self._njev

    def __iter__(self) -> Iterator[NDArray[np.float64]]:
        """The points to evaluate, to the end of the run; tell about each before the next."""
        while not self.done:
            yield self.ask()
            if self._state == _ASKED:
                raise RuntimeError("next: the last point has not been told about")

    def __repr__(self) -> str:
        workspace = self._workspace
        return (
            f"<LBFGSB n={workspace.n} m={workspace.m} nit={self._nit} nfev={self._nfev}: "
            f"{self.task}>"
        )

    def _require_idle(self, action: str) -> None:
        if self._state == _BUSY:
            raise RuntimeError(f"{action}: the solver is at work in another thread")

    def _why_not_told(self) -> str:
        if self._state == _DONE:
            return f"tell: the run has ended: {self.task}"
        if self._state == _BUSY:
            return "tell: the solver is at work in another thread"
        return "tell: ask for the point first, one answer is taken a question"
