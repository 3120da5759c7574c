"""Recording a run of any solver that has SciPy's interface to L-BFGS-B."""

from __future__ import annotations

import inspect
import re
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import shown
from lbfgsb77._solver import LBFGSB
from lbfgsb77.reference import problems
from lbfgsb77.reference._protocol import Command
from lbfgsb77.reference._solvers import Interface, Solver, interface_of, provenance_of, resolve
from lbfgsb77.reference._trace import DEFAULTS, Evaluation, Outcome, Trace
from lbfgsb77.reference.problems import Problem

__all__ = ["record", "record_like"]

_EPSILON = 2.0**-52
_TAKES_NO = "the solver takes no "
_NO_CALLBACK = f"{_TAKES_NO}callback"


class _EvaluationLimitError(Exception):
    """The solver goes on far beyond its own limit."""


class _Recorder:
    """The objective and the callback that a solver is given."""

    def __init__(self, problem: Problem, limit: int) -> None:
        self.problem = problem
        self.evaluations: list[Evaluation] = []
        self._limit = limit
        self._iterations = 0
        self._last: NDArray[np.float64] | None = None

    def evaluate(
        self,
        x: Any,
        step: float | None = None,
        task: str | None = None,
        stages: Mapping[str, Any] | None = None,
    ) -> tuple[float, NDArray[np.float64]]:
        if len(self.evaluations) >= self._limit:
            raise _EvaluationLimitError(f"more than {self._limit} evaluations")
        point = np.array(x, dtype=np.float64)
        f, g = self.problem(point)
        # By value, as the caches of solvers compare: −0 repeats 0.
        repeat = self._last is not None and np.array_equal(self._last, point)
        self._last = point
        self.evaluations.append(
            Evaluation(point, f, g.copy(), step, task, repeat=repeat, stages=stages)
        )
        return f, g

    def tells_iterations(self, kind: str, notes: list[str]) -> bool:
        """Whether the solver had a way to say that an iteration ends, and used it."""
        if _NO_CALLBACK in notes:
            return False
        return kind != "protocol" or self._iterations > 0 or len(self.evaluations) < 2

    def mark_iteration(self) -> None:
        """Note that an iteration ended at the point that was evaluated last."""
        if not self.evaluations:
            return
        self._iterations += 1
        self.evaluations[-1] = replace(self.evaluations[-1], iteration=self._iterations)


def record(
    solver: Solver,
    problem: str | Problem,
    *,
    interface: Interface | None = None,
    **options: float,
) -> Trace:
    """Run a solver on a problem and record every evaluation.

    Parameters
    ----------
    solver : callable, str or Command
        Anything with the interface of ``scipy.optimize.fmin_l_bfgs_b`` or of
        ``scipy.optimize.minimize`` (which is called with ``method="L-BFGS-B"`` if it takes a
        method), or a class with `LBFGSB`'s ``ask`` and ``tell``. A string is
        ``"module:attribute"``. Or a `Command`, a port that is a program of its own.
    problem : Problem or str
        A problem, or the name of one of `lbfgsb77.reference.problems`.
    interface : {"fmin_l_bfgs_b", "minimize", "ask-tell"}, optional
        How to call the solver. By default its parameters tell.
    **options : float
        ``m``, ``factr``, ``pgtol``, ``maxls``, ``maxfun``, ``maxiter``; by default those of
        the problem, else SciPy's defaults. For `minimize` they are translated (``maxcor``,
        ``ftol = factr * 2**-52``, ``gtol``).

    Returns
    -------
    Trace
        An exception of the solver doesn't pass through: it is the trace's outcome.

    Raises
    ------
    TypeError
        If an option is unknown, the solver's interface can't be told, or the solver takes no
        argument for an option that was asked for.
    KeyError
        If no problem is called so.
    ValueError
        If there is no solver of that name.

    Notes
    -----
    x and the gradient of every evaluation are kept, 16 n bytes an evaluation.

    Examples
    --------
    >>> from lbfgsb77.reference import record
    >>> trace = record("lbfgsb77:fmin_l_bfgs_b", "rosenbrock-gay")
    >>> trace.outcome.ending, trace.outcome.x
    ('gradient', array([0.5 , 0.25]))
    """
    return _recorded(solver, problem, interface, options, set(options))


def record_like(
    reference: Trace,
    solver: Solver,
    problem: Problem,
    interface: Interface | None = None,
    **options: float,
) -> Trace:
    """Run a solver with the options of a trace, those apart that it doesn't take: they are noted.

    Parameters and what it raises are those of `record`; `options` go before the trace's.
    """
    chosen = {**reference.options, **options}
    return _recorded(solver, problem, interface, chosen, set(options))


def _recorded(
    solver: Solver,
    problem: str | Problem,
    interface: Interface | None,
    options: Mapping[str, float],
    requested: set[str],
) -> Trace:
    unknown = sorted(set(options) - set(DEFAULTS))
    if unknown:
        raise TypeError(f"{unknown[0]}: no such option; options: {', '.join(DEFAULTS)}")
    if isinstance(problem, str):
        problem = problems.get(problem)
    if not isinstance(problem, Problem):
        raise TypeError(f"problem: a Problem or its name is expected, got {shown(problem)}")
    spelled = solver if isinstance(solver, str) else None
    solver = resolve(solver)
    kind = interface or interface_of(solver)
    if kind not in _RUNNERS:
        raise ValueError(f"interface: one of {', '.join(_RUNNERS)} is expected, got {kind!r}")
    chosen = {**DEFAULTS, **problem.options, **options}
    # A solver that obeys maxfun stops within one line search of it.
    recorder = _Recorder(problem, int(2 * chosen["maxfun"] + 10 * chosen["maxls"]))
    notes: list[str] = []
    try:
        # A port may warn about what it does; only what it does is of interest here.
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            outcome = _RUNNERS[kind](solver, recorder, chosen, requested, notes)
    except _UnusableSolverError as error:
        raise TypeError(str(error)) from None
    except (Exception, SystemExit) as error:  # a solver that leaves has no result either
        text = f"{type(error).__name__}: {error}"
        outcome = Outcome(None, float("nan"), None, None, "exception", text)
    lower, upper = problem.bound_arrays()
    return Trace(
        problem=problem.name,
        x0=problem.start,
        lower=lower,
        upper=upper,
        options=chosen,
        provenance=provenance_of(solver, spelled),
        evaluations=tuple(recorder.evaluations),
        outcome=outcome,
        notes=tuple(notes),
        tells_iterations=recorder.tells_iterations(kind, notes),
    )


class _UnusableSolverError(Exception):
    """The solver has no argument for what was asked for."""


def _accepted(
    solver: Callable[..., Any],
    arguments: dict[str, Any],
    requested: set[str],
    notes: list[str],
) -> dict[str, Any]:
    """Those of the arguments that the solver takes; the others are noted."""
    try:
        parameters = inspect.signature(solver).parameters
    except (TypeError, ValueError):
        return arguments
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values()):
        return arguments
    missing = [name for name in arguments if name not in parameters]
    for name in missing:
        if name in requested:
            raise _UnusableSolverError(f"{name}: the solver takes no such argument")
        notes.append(f"{_TAKES_NO}{name}")
    return {name: value for name, value in arguments.items() if name in parameters}


def _outcome(
    recorder: _Recorder,
    x: Any,
    f: Any,
    nit: Any,
    nfev: Any,
    status: Any,
    message: Any,
) -> Outcome:
    solution = np.array(x, dtype=np.float64).reshape(-1)
    text = message.decode() if isinstance(message, bytes) else str(message)
    return Outcome(
        x=solution,
        f=float(np.asarray(f).reshape(-1)[0]),
        nit=None if nit is None else int(nit),
        nfev=None if nfev is None else int(nfev),
        ending=_ending(text, status),
        message=text,
    )


# The wording of the original, of SciPy's translations of it, and of other ports.
_ENDINGS = (
    (r"PGTOL|PROJECTED.GRADIENT|PROJ.*GRAD", "gradient"),
    (r"REL\w*.REDUCTION|FACTR", "reduction"),
    (r"ABNORMAL", "abnormal"),
    (r"ITERATIONS?.*(LIMIT|EXCEED|MAX)|MAX\w*.*ITER", "iteration limit"),
    (r"EVALUATIONS?.*(LIMIT|EXCEED|MAX)|MAX\w*.*(EVAL|FUN)", "evaluation limit"),
    (r"CALLBACK", "callback"),
    (r"^ERROR", "error"),
    (r"CONVERGE", "converged"),
)


def _ending(message: str, status: Any) -> str:
    text = message.upper()
    for pattern, ending in _ENDINGS:
        if re.search(pattern, text):
            return ending
    return {0: "converged", 1: "limit"}.get(status, "other")


def _run_fmin(
    solver: Callable[..., Any],
    recorder: _Recorder,
    options: Mapping[str, float],
    requested: set[str],
    notes: list[str],
) -> Outcome:
    problem = recorder.problem
    arguments: dict[str, Any] = {
        "bounds": problem.bounds,
        "m": int(options["m"]),
        "factr": options["factr"],
        "pgtol": options["pgtol"],
        "maxls": int(options["maxls"]),
        "maxfun": int(options["maxfun"]),
        "maxiter": int(options["maxiter"]),
        "callback": lambda xk: recorder.mark_iteration(),
    }
    must = requested | ({"bounds"} if problem.bounded else set())
    arguments = _accepted(solver, arguments, must, notes)
    x, f, info = solver(lambda x: recorder.evaluate(x), problem.start, **arguments)
    return _outcome(
        recorder,
        x,
        f,
        info.get("nit"),
        info.get("funcalls"),
        info.get("warnflag"),
        info.get("task", ""),
    )


def _run_minimize(
    solver: Callable[..., Any],
    recorder: _Recorder,
    options: Mapping[str, float],
    requested: set[str],
    notes: list[str],
) -> Outcome:
    problem = recorder.problem
    arguments: dict[str, Any] = {
        "jac": True,
        "method": "L-BFGS-B",
        "bounds": problem.bounds,
        "callback": lambda xk: recorder.mark_iteration(),
        "options": {
            "maxcor": int(options["m"]),
            "ftol": options["factr"] * _EPSILON,
            "gtol": options["pgtol"],
            "maxls": int(options["maxls"]),
            "maxfun": int(options["maxfun"]),
            "maxiter": int(options["maxiter"]),
        },
    }
    must = {"jac"} | ({"options"} if requested else set())
    must |= {"bounds"} if problem.bounded else set()
    arguments = _accepted(solver, arguments, must, notes)
    result = solver(lambda x: recorder.evaluate(x), problem.start, **arguments)

    def item(name: str) -> Any:
        return result.get(name) if isinstance(result, dict) else getattr(result, name, None)

    return _outcome(
        recorder,
        item("x"),
        item("fun"),
        item("nit"),
        item("nfev"),
        item("status"),
        item("message"),
    )


def _run_ask_tell(
    solver: Callable[..., Any],
    recorder: _Recorder,
    options: Mapping[str, float],
    requested: set[str],
    notes: list[str],
) -> Outcome:
    problem = recorder.problem
    run = solver(
        problem.start,
        bounds=problem.bounds,
        m=int(options["m"]),
        factr=options["factr"],
        pgtol=options["pgtol"],
        maxls=int(options["maxls"]),
        maxfun=options["maxfun"],
        maxiter=options["maxiter"],
    )
    while not run.done:
        x = run.ask()
        task = run.task
        f, g = recorder.evaluate(x, _step(run, task), task)
        if run.tell(f, g):
            recorder.mark_iteration()
    result = run.result
    return _outcome(
        recorder, result.x, result.fun, result.nit, result.nfev, result.status, result.message
    )


def _run_protocol(
    solver: Command,
    recorder: _Recorder,
    options: Mapping[str, float],
    requested: set[str],
    notes: list[str],
) -> Outcome:
    def evaluate(x: Any, stages: Mapping[str, Any] | None) -> tuple[float, NDArray[np.float64]]:
        return recorder.evaluate(x, stages=stages)

    end = solver.run(recorder.problem, options, evaluate, recorder.mark_iteration)
    return _outcome(recorder, end.x, end.f, end.nit, end.nfev, None, end.message)


def _step(run: Any, task: str) -> float | None:
    """The step of the trial that this package's own solver asks for."""
    if isinstance(run, LBFGSB) and task.startswith("FG_LN"):
        return run.trial_step
    return None


_RUNNERS: Mapping[str, Callable[..., Outcome]] = {
    "fmin_l_bfgs_b": _run_fmin,
    "minimize": _run_minimize,
    "ask-tell": _run_ask_tell,
    "protocol": _run_protocol,
}
