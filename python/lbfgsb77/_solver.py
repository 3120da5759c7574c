"""``LBFGSB``: the solver that asks for a point and is told what was found there."""

from __future__ import annotations

from typing import Any

from numpy.typing import ArrayLike

from lbfgsb77._problem import problem, settings, words
from lbfgsb77._run.run import Run


class LBFGSB(Run):
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
        `maxiter` iterations were made. Default 15000 each; None for no limit.
    maxls : int, optional
        The largest number of evaluations in one line search. Default 20.
    pairs : tuple of array_like, or LbfgsInvHessProduct, optional
        A warm start: steps S and changes of the gradient Y to begin with, of shape (k, n), oldest
        first, or the ``hess_inv`` of an earlier result. Of more than `m` pairs the newest are
        taken. None by default.
    maxtime : float, optional
        The run stops after the first evaluation that is told more than so many seconds after the
        solver was made or loaded. Default None, no limit.
    ftarget : float, optional
        The run stops where f is at most this, at the start or after an iteration. Default None.
    xtol : float, optional
        The run stops after an iteration that changes no variable by more than
        ``xtol * max(1, |x|)``. Default None, as 0 is none.
    threads : int, optional
        How many threads share each iteration where there are 60,000 variables or more. They sleep
        between calls of the kernel; the bits are the same for any number. Default None: the
        environment variable ``LBFGSB77_THREADS``, or 1.

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
    `maxcor`, `ftol` and `gtol`, the words of `minimize`, are taken in place of `m`, `factr` and
    `pgtol`.

    The kernel is an independent implementation of Algorithm 778, version 3.0 [1]_ [2]_ [3]_. All
    state is in the object: any number of solvers can run side by side, nested or in threads.
    Threads that use one solver come one after the other.

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
    ...
    >>> solver.result.x
    array([2., 1.])
    """

    __module__ = "lbfgsb77"
    __slots__ = ()

    @words.takes_both
    def __init__(
        self,
        x0: ArrayLike,
        bounds: Any = None,
        m: int = 10,
        factr: float = 1e7,
        pgtol: float = 1e-5,
        maxfun: float | None = 15000,
        maxiter: float | None = 15000,
        maxls: int = 20,
        pairs: Any = None,
        *,
        maxtime: float | None = None,
        ftarget: float | None = None,
        xtol: float | None = None,
        threads: int | None = None,
    ) -> None:
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
            threads=threads,
        )
        super().__init__(*problem.read(x0, bounds, how, pairs=pairs).for_run())
