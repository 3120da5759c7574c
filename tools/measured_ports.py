"""Implementations in Python that have no interface of SciPy's, each behind `fmin_l_bfgs_b`'s.

Each gets the original's constants as far as it takes them. measure_ports.py calls them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

EPSILON = 2.0**-52


def arrays(bounds: Any, n: int) -> tuple[Any, Any]:
    """Bounds as two arrays, infinite where there is none."""
    pairs = bounds or [(None, None)] * n
    lower = np.array([-np.inf if low is None else low for low, _ in pairs])
    upper = np.array([np.inf if high is None else high for _, high in pairs])
    return lower, upper


def jaxopt_lbfgsb(
    func: Callable[..., Any], x0: Any, fprime: None = None, bounds: Any = None, m: int = 10,
    pgtol: float = 1e-5, maxls: int = 20, maxiter: int = 15000,
) -> tuple[Any, float, dict[str, Any]]:  # fmt: skip
    """``jaxopt.LBFGSB``, which knows no test of the reduction of f."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import jaxopt

    jax.clear_caches()  # what it has compiled for other problems fills the memory

    n = len(x0)
    shapes = jax.ShapeDtypeStruct((), np.float64), jax.ShapeDtypeStruct((n,), np.float64)

    def called(x: Any) -> tuple[Any, Any]:
        f, g = func(np.asarray(x))
        return np.float64(f), np.asarray(g, dtype=np.float64)

    def value_and_gradient(x: Any) -> Any:
        return jax.pure_callback(called, shapes, x)

    solver = jaxopt.LBFGSB(
        value_and_gradient, value_and_grad=True, history_size=m, tol=pgtol, maxls=maxls,
        maxiter=maxiter, implicit_diff=False,
    )  # fmt: skip
    x, state = solver.run(np.asarray(x0, dtype=np.float64), bounds=arrays(bounds, n))
    converged = float(state.error) <= pgtol
    return np.asarray(x), float(state.value), {
        "task": "CONVERGENCE" if converged else "OTHER", "warnflag": 0 if converged else 2,
        "nit": int(state.iter_num),
    }  # fmt: skip


def pure_python_lbfgsb(
    func: Callable[..., Any], x0: Any, fprime: None = None, bounds: Any = None, m: int = 10,
    factr: float = 1e7, pgtol: float = 1e-5, maxls: int = 20, maxfun: int = 15000,
    maxiter: int = 15000, callback: Callable[[Any], Any] | None = None,
) -> tuple[Any, float, dict[str, Any]]:  # fmt: skip
    """``minimize_lbfgsb`` of the package lbfgsb on PyPI."""
    from lbfgsb import minimize_lbfgsb

    def called(x: Any, state: Any) -> bool:
        if callback is not None:
            callback(x)
        return False

    result = minimize_lbfgsb(
        x0=np.asarray(x0, dtype=np.float64), fun=func, jac=True,
        bounds=np.column_stack(arrays(bounds, len(x0))), maxcor=m, ftol=factr * EPSILON,
        gtol=pgtol, maxls=maxls, maxfun=maxfun, maxiter=maxiter, callback=called,
        is_use_numba_jit=False,
    )  # fmt: skip
    return result.x, float(result.fun), {
        "task": str(result.message), "nit": result.nit, "warnflag": result.status,
    }  # fmt: skip


def optimparallel(
    func: Callable[..., Any], x0: Any, fprime: None = None, bounds: Any = None, m: int = 10,
    factr: float = 1e7, pgtol: float = 1e-5, maxls: int = 20, maxfun: int = 15000,
    maxiter: int = 15000, callback: Callable[[Any], Any] | None = None,
) -> tuple[Any, float, dict[str, Any]]:  # fmt: skip
    """``optimparallel.minimize_parallel``: SciPy's L-BFGS-B with evaluations in a pool."""
    from concurrent.futures import Executor, Future

    from optimparallel import minimize_parallel

    class Here(Executor):
        """A pool that computes at once, so that evaluations are seen, and in their order."""

        def submit(self, what: Callable[..., Any], /, *words: Any, **named: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_result(what(*words, **named))
            return future

        def map(self, what: Callable[..., Any], *lists: Any, **_: Any) -> Any:
            return map(what, *lists)

    last: dict[str, Any] = {}

    def both(x: Any) -> Any:
        if "x" not in last or not np.array_equal(last["x"], x):
            f, g = func(np.array(x))
            last.update(x=np.array(x), f=f, g=g)
        return last

    options = {
        "maxcor": m, "ftol": factr * EPSILON, "gtol": pgtol, "maxls": maxls, "maxfun": maxfun,
        "maxiter": maxiter,
    }  # fmt: skip
    result = minimize_parallel(
        lambda x: both(x)["f"], np.asarray(x0), jac=lambda x: both(x)["g"], bounds=bounds,
        options=options, callback=callback, parallel={"executor": Here()},
    )  # fmt: skip
    return result.x, float(np.asarray(result.fun)), {
        "task": str(result.message), "nit": result.nit, "warnflag": result.status,
    }  # fmt: skip


def nlopt_lbfgs(
    func: Callable[..., Any], x0: Any, fprime: None = None, bounds: Any = None, m: int = 10,
    factr: float = 1e7, maxfun: int = 15000,
) -> tuple[Any, float, dict[str, Any]]:  # fmt: skip
    """NLopt's ``LD_LBFGS``: another algorithm, by Lukšan. It has no test of the gradient."""
    import nlopt

    n = len(x0)
    lower, upper = arrays(bounds, n)

    def objective(x: Any, gradient: Any) -> float:
        f, g = func(x.copy())
        gradient[:] = g
        return float(f)

    solver = nlopt.opt(nlopt.LD_LBFGS, n)
    solver.set_min_objective(objective)
    solver.set_lower_bounds(lower)
    solver.set_upper_bounds(upper)
    solver.set_vector_storage(m)
    solver.set_maxeval(maxfun)
    solver.set_ftol_rel(factr * EPSILON)
    # It takes no start outside of the bounds.
    x = np.clip(np.asarray(x0, dtype=np.float64), lower, upper)
    try:
        x = solver.optimize(x)
        code = solver.last_optimize_result()
    except (RuntimeError, ValueError, nlopt.RoundoffLimited) as error:
        code, message = -1, f"ABNORMAL: {error}"
    else:
        message = {5: "EVALUATION LIMIT"}.get(code, "CONVERGENCE")
    value = solver.last_optimum_value()
    return x, value if math.isfinite(value) else func(x)[0], {
        "task": message, "warnflag": 0 if code > 0 else 2,
    }  # fmt: skip
