"""``fmin_l_bfgs_b``: SciPy's older interface to L-BFGS-B."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _arguments
from lbfgsb77._problem import differences, objective, options, problem, settings, words
from lbfgsb77._problem.objective import ByDifferences


@words.takes_both
def fmin_l_bfgs_b(
    func: Callable[..., Any],
    x0: ArrayLike,
    fprime: Callable[..., Any] | None = None,
    args: Any = (),
    approx_grad: bool | int = 0,
    bounds: Any = None,
    m: int = 10,
    factr: float = 1e7,
    pgtol: float = 1e-5,
    epsilon: ArrayLike | None = 1e-8,
    iprint: int = -1,
    maxfun: float | None = 15000,
    maxiter: float | None = 15000,
    disp: Any = None,
    callback: Callable[..., Any] | Sequence[Callable[..., Any]] | None = None,
    maxls: int = 20,
    *,
    maxtime: float | None = None,
    ftarget: float | None = None,
    xtol: float | None = None,
) -> tuple[NDArray[np.float64], float, dict[str, Any]]:
    r"""Minimize a function of many variables, with bounds or without, by L-BFGS-B.

    Parameters
    ----------
    func : callable
        ``func(x, *args)``, x an ndarray of shape (n,), float64, inside the bounds, which `func`
        may keep or change. Returns f and the gradient, or f alone if `fprime` or `approx_grad` is
        given. f is a float or an array of one number; the gradient any array-like of n numbers.
    x0 : array_like
        The start, n real numbers; raveled, and projected into the bounds. Not modified.
    fprime : callable, optional
        ``fprime(x, *args)``, the gradient of `func`.
    args : sequence, optional
        Arguments to pass to `func` and `fprime` after x.
    approx_grad : bool, optional
        Whether to approximate the gradient by forward differences of `func`, taken backwards where
        they would leave the bounds. `fprime` is not used then.
    bounds : sequence, ndarray or object, optional
        n pairs (lower, upper) with None or an infinity where there is no bound in that direction,
        as a sequence or an array of shape (n, 2); or an object with attributes ``lb`` and ``ub``,
        such as ``scipy.optimize.Bounds``. A variable with equal bounds is fixed.
    m : int, optional
        The number of pairs (step, change of the gradient) that the approximation of the Hessian
        is made of. Default 10.
    factr : float, optional
        The run has converged when an iteration lowers f by at most
        ``factr * eps * max(|f_old|, |f|, 1)``, eps = 2**-52: 1e12 for low accuracy, 1e7 (default)
        for moderate accuracy, 10 for the highest.
    pgtol : float, optional
        The run has converged when no component of the projected gradient exceeds this in size.
        Default 1e-5.
    epsilon : float or array_like of shape (n,), optional
        Absolute step of the differences. Where x + epsilon rounds to x, √eps·max(1, \|x\|) with
        the sign of x is taken. Default 1e-8.
    iprint : int, optional
        Deprecated, without effect: nothing is printed.
    maxfun : int, optional
        The run stops after the iteration by which more evaluations than this were made. Those of
        the differences count. Default 15000; None for no limit.
    maxiter : int, optional
        The run stops after this many iterations, at least one. Default 15000; None for no limit.
    disp : int, optional
        Deprecated, without effect: nothing is printed.
    callback : callable or list of callable, optional
        Called after each iteration as ``callback(xk)`` with a copy of the iterate; or, if its only
        parameter is named ``intermediate_result``, with `LBFGSB.iterate`: x, fun and more. A
        StopIteration that it raises ends the run. Of a list, all are called, in order.
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

    Returns
    -------
    x : ndarray of shape (n,)
        The best point found.
    f : float
        The value of `func` there.
    d : dict
        ``d['warnflag']``: 0 if converged, 1 if a limit was reached, 2 for another ending;
        ``d['task']``: what ended the run, in the kernel's words;
        ``d['grad']``: the gradient at x;
        ``d['funcalls']``: the number of calls of `func`;
        ``d['nit']``: the number of iterations;
        ``d['reason']``: why the run ended, a sentence with the numbers that decided it.

    Raises
    ------
    TypeError, ValueError
        If an argument, or what `func` or `fprime` returns, isn't as described: one sentence that
        names the argument, the rule and the offending value. Any exception of `func`, `fprime` or
        `callback` passes through unchanged.
    MemoryError
        If there is no memory for the workspace; raised before `func` is called.

    See Also
    --------
    LBFGSB : The same run, driven by its caller.

    Notes
    -----
    `maxcor`, `ftol` and `gtol`, the words of `minimize`, are taken in place of `m`, `factr` and
    `pgtol`.

    The kernel is an independent implementation of Algorithm 778, version 3.0 [1]_ [2]_ [3]_.

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
    A line through ten points, first without bounds and then with both parameters bounded:

    >>> import numpy as np
    >>> from lbfgsb77 import fmin_l_bfgs_b
    >>> x = np.arange(10)
    >>> y = 2 * x + 3
    >>> def squares(parameters, x, y):
    ...     slope, intercept = parameters
    ...     return np.sum((y - (slope * x + intercept)) ** 2)
    ...
    >>> best, f, d = fmin_l_bfgs_b(squares, [0.0, 1.0], args=(x, y), approx_grad=True)
    >>> best.round(4)
    array([2., 3.])
    >>> best, f, d = fmin_l_bfgs_b(
    ...     squares, [0.0, 1.0], args=(x, y), approx_grad=True, bounds=[(0, 5), (5, 10)]
    ... )
    >>> best.round(4), round(f, 4)
    (array([1.6599, 5.3165]), 15.7213)
    >>> d["task"]
    'CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH'
    """
    options.warn_of_silence(iprint, disp)
    f_of_x = objective.of_x_alone("func", func, args)
    if _arguments.truth("approx_grad", approx_grad):
        evaluate: Any = ByDifferences(f_of_x, differences.FORWARD, epsilon, "epsilon")
    elif fprime is None:
        evaluate = objective.returning_pair(f_of_x, "func")
    else:
        gradient = objective.of_x_alone("fprime", fprime, args)
        evaluate = objective.with_gradient(f_of_x, gradient)
    how = settings.read(
        m=m,
        factr=factr,
        pgtol=pgtol,
        maxfun=maxfun,
        maxiter=maxiter,
        maxls=maxls,
        maxtime=maxtime,
        ftarget=ftarget,
        xtol=xtol,
    )
    run = problem.read(x0, bounds, how, evaluate).solve(callback)
    x, f, grad = run.values()
    task, warnflag, reason = run._ending()
    return (
        x,
        f,
        {
            "grad": grad,
            "task": task,
            "funcalls": run.nfev,
            "nit": run.nit,
            "warnflag": warnflag,
            "reason": reason,
        },
    )
