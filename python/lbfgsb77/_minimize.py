"""``minimize``: SciPy's newer interface, as a function of its own and as a method for SciPy's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import ArrayLike

from lbfgsb77 import _arguments
from lbfgsb77._problem import objective, problem, settings, words
from lbfgsb77._problem import options as _options
from lbfgsb77._problem.options import DEFAULT_FTOL, DEFAULT_GTOL
from lbfgsb77._run.result import OptimizeResult


@words.takes_both
def minimize(
    fun: Callable[..., Any],
    x0: ArrayLike,
    args: Any = (),
    jac: Any = None,
    bounds: Any = None,
    callback: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
    *,
    tol: float | None = None,
    options: dict[str, Any] | None = None,
    maxcor: int = 10,
    ftol: float = DEFAULT_FTOL,
    gtol: float = DEFAULT_GTOL,
    eps: ArrayLike = 1e-8,
    maxfun: float | None = 15000,
    maxiter: float | None = 15000,
    maxls: int = 20,
    maxtime: float | None = None,
    ftarget: float | None = None,
    xtol: float | None = None,
    threads: int | None = None,
    finite_diff_rel_step: ArrayLike | None = None,
    workers: Any = None,
    disp: Any = None,
    iprint: int = -1,
    checkpoint: Any = None,
    checkpoint_every: float = 60.0,
    pairs: Any = None,
    hess: Any = None,
    hessp: Any = None,
    constraints: Any = (),
    method: str = "L-BFGS-B",
    **unknown: Any,
) -> OptimizeResult:
    r"""Minimize a function of many variables, with bounds or without, by L-BFGS-B.

    Parameters
    ----------
    fun : callable
        ``fun(x, *args)``, x an ndarray of shape (n,), float64, inside the bounds, which `fun` may
        keep or change. Returns f, a float or an array of one number; with ``jac=True`` f and the
        gradient.
    x0 : array_like
        The start, n real numbers; raveled, and projected into the bounds. Not modified.
    args : tuple, optional
        Arguments to pass to `fun` and `jac` after x; one that is no tuple is passed alone.
    jac : callable, bool or {"2-point", "3-point", "cs"}, optional
        ``jac(x, *args)``, the gradient; or True if `fun` returns it; or how to approximate it by
        differences of `fun`, which stay inside the bounds: with one further evaluation per
        variable, with two, or with one at a complex point, for a `fun` that is analytic and takes
        complex numbers. None (default) and False stand for "2-point" with the absolute step
        `eps`.
    bounds : sequence, ndarray or object, optional
        n pairs (lower, upper) with None or an infinity where there is no bound in that direction,
        as a sequence or an array of shape (n, 2); or an object with attributes ``lb`` and ``ub``,
        such as ``scipy.optimize.Bounds``. A variable with equal bounds is fixed.
    callback : callable or list of callable, optional
        Called after each iteration as ``callback(xk)`` with a copy of the iterate; or, if its only
        parameter is named ``intermediate_result``, with `LBFGSB.iterate`: x, fun and more. A
        StopIteration that it raises ends the run. Of a list, all are called, in order.
    tol : float, optional
        Takes the place of `ftol` and of `gtol` where these aren't given.
    options : dict, optional
        Any of the arguments that follow, as SciPy's ``minimize`` takes them.
    maxcor : int, optional
        The number of pairs (step, change of the gradient) that the approximation of the Hessian
        is made of. Default 10.
    ftol : float, optional
        The run has converged when an iteration lowers f by at most
        ``ftol * max(|f_old|, |f|, 1)``. Default 1e7 · 2**-52.
    gtol : float, optional
        The run has converged when no component of the projected gradient exceeds this in size.
        Default 1e-5.
    eps : float or array_like of shape (n,), optional
        Absolute step of the differences where `jac` is None or False. Where x + eps rounds to x,
        √ε·max(1, \|x\|) with the sign of x is taken. Default 1e-8.
    maxfun : int, optional
        The run stops after the iteration by which more evaluations than this were made. Those of
        the differences count. Default 15000; None for no limit.
    maxiter : int, optional
        The run stops after this many iterations, at least one. Default 15000; None for no limit.
    maxls : int, optional
        The largest number of evaluations in one line search. Default 20.
    maxtime : float, optional
        The run stops after the first evaluation that ends more than so many seconds after the call.
        Default None, no limit.
    ftarget : float, optional
        The run stops where f is at most this, at the start or after an iteration. Default None.
    xtol : float, optional
        The run stops after an iteration that changes no variable by more than
        ``xtol * max(1, |x|)``. Default None, as 0 is none.
    threads : int, optional
        How many threads share each iteration where there are 60,000 variables or more; the bits
        are the same for any number. Default None: the environment variable ``LBFGSB77_THREADS``,
        or 1.
    finite_diff_rel_step : float or array_like of shape (n,), optional
        Step in units of \|x\| where `jac` is "2-point", "3-point" or "cs"; by default, and where
        it rounds away, the step is ε^p·max(1, \|x\|), p = 1/3 for "3-point" and else 1/2.
    workers : int or callable, optional
        Number of processes that evaluate `fun` for differences (-1: one per CPU), or a map-like
        callable, called as ``workers(function, points)`` once for each gradient, such as
        the ``map`` of an executor or of a Dask client. The result is the same for all. Default 1,
        this process.
    disp, iprint : int, optional
        Deprecated, without effect: nothing is printed.
    checkpoint : str or path-like, optional
        A file to which the complete state of the run is saved now and then, at its end, and when
        an exception ends it. If the file is there at the beginning, the run in it goes on from
        where it was, with the same bits as if it had never stopped, and `x0` and `pairs` have no
        effect; the limits, `maxfun` to `xtol`, may have changed, and the seconds of `maxtime` count
        anew. A file that is damaged, or of another
        problem or other options, is refused. By default nothing is saved.
    checkpoint_every : float, optional
        Seconds between two saves; 0 saves before each evaluation. Default 60.
    pairs : tuple of array_like, or LbfgsInvHessProduct, optional
        A warm start: steps S and changes of the gradient Y to begin with, of shape (k, n), oldest
        first, or the ``hess_inv`` of an earlier result. Of more than `maxcor` pairs the newest
        are taken. None by default.
    hess, hessp : optional
        Without effect: the method uses no second derivatives. SciPy's RuntimeWarning says so.
    constraints : optional
        Refused if there are any: the method knows none but bounds.
    method : {"L-BFGS-B"}, optional
        Taken as SciPy's ``minimize`` takes it; any other is refused.
    **unknown
        `m`, `factr` and `pgtol`, see the notes; anything else is refused.

    Returns
    -------
    OptimizeResult
        ``x``, the best point found, ``fun`` and ``jac`` there, ``nfev``, ``njev``, ``nit``,
        ``status`` (0 converged, 1 a limit was reached, 2 another ending), ``success``,
        ``message`` (what ended the run, in the kernel's words), ``reason`` (why, a sentence with
        the numbers that decided it), ``hess_inv``.

    Raises
    ------
    TypeError, ValueError
        If an argument, or what `fun` or `jac` returns, isn't as described, or a keyword is no
        argument's: one sentence that names the argument, the rule and the offending value. Any
        exception of `fun`, `jac` or `callback` passes through unchanged.
    MemoryError
        If there is no memory for the workspace; raised before `fun` is called.
    OSError
        If the checkpoint can't be written or read.

    Warns
    -----
    OptimizeWarning
        If there are unknown names in `options`.

    See Also
    --------
    fmin_l_bfgs_b : The same by SciPy's older interface, with the algorithm's sources.
    LBFGSB : The same run, driven by its caller.

    Notes
    -----
    It can be given to SciPy, ``scipy.optimize.minimize(fun, x0, method=lbfgsb77.minimize)``, whose
    ``minimize`` however replaces "2-point", "3-point" and "cs" by None for any method that is a
    callable.

    `m`, `factr` and `pgtol`, the words of `fmin_l_bfgs_b`, are taken in place of `maxcor`, `ftol`
    and `gtol`, as keywords and in `options`.

    Where differences are taken and variables are fixed, the run is one of the other variables
    alone, as in SciPy; the components of ``jac`` that are not known are NaN.

    Examples
    --------
    The function of Rosenbrock, whose minimum is at (1, 1):

    >>> from lbfgsb77 import minimize
    >>> def rosenbrock(x):
    ...     return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    ...
    >>> result = minimize(rosenbrock, [-1.2, 1.0], jac="3-point")
    >>> result.x.round(4)
    array([1., 1.])
    >>> minimize(rosenbrock, [-1.2, 1.0], jac="3-point", maxiter=5).reason
    'limit reached: maxiter = 5 iterations'
    """
    _check_what_is_not_used(hess, hessp, constraints)
    given = {
        "tol": tol,
        "maxcor": maxcor,
        "ftol": ftol,
        "gtol": gtol,
        "eps": eps,
        "maxfun": maxfun,
        "maxiter": maxiter,
        "maxls": maxls,
        "maxtime": maxtime,
        "ftarget": ftarget,
        "xtol": xtol,
        "threads": threads,
        "finite_diff_rel_step": finite_diff_rel_step,
        "workers": workers,
        "disp": disp,
        "iprint": iprint,
        "checkpoint": checkpoint,
        "checkpoint_every": checkpoint_every,
        "pairs": pairs,
    }
    _options.refuse_unknown(unknown, _KEYWORDS)
    _options.require_method(method)
    if options is not None:
        given = _options.merged(given, options)
    _options.warn_of_silence(given["iprint"], given["disp"])
    ftol_, gtol_ = _options.tolerances(given["tol"], given["ftol"], given["gtol"])
    how = settings.read(
        m=words.said("maxcor", given["maxcor"]),
        factr=ftol_,
        pgtol=gtol_,
        maxfun=given["maxfun"],
        maxiter=given["maxiter"],
        maxls=given["maxls"],
        maxtime=given["maxtime"],
        ftarget=given["ftarget"],
        xtol=given["xtol"],
        threads=given["threads"],
    )
    evaluate = objective.by_jac(fun, jac, args if isinstance(args, tuple) else (args,), given)
    asked = problem.read(x0, bounds, how, evaluate, given["pairs"], without_fixed=True)
    run = asked.solve(callback, given["checkpoint"], given["checkpoint_every"])
    return asked.expanded(run.result)


# Everything by which an argument of `minimize` can be given.
_KEYWORDS = (*words.parameters_of(minimize), "m", "factr", "pgtol")


def _check_what_is_not_used(hess: Any, hessp: Any, constraints: Any) -> None:
    for name, given in (("hess", hess), ("hessp", hessp)):
        if given is not None:
            # As SciPy's minimize says it.
            text = f"Method L-BFGS-B does not use Hessian information ({name})."
            _options.warn(text, RuntimeWarning)
    if constraints is not None and not _is_empty(constraints):
        raise ValueError(
            f"constraints: L-BFGS-B knows none but bounds, got {_arguments.shown(constraints)}"
        )


def _is_empty(constraints: Any) -> bool:
    try:
        return len(constraints) == 0
    except TypeError:
        return False
