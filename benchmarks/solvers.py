"""One adapter a peer: its own call, wrapped no further than needed to be driven by the worker.

Every adapter makes the call that a user of that package would make, with both convergence tests
off (tolerance 0), so that a run ends at the iteration asked for.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from objectives import Objective, Problem, Vector


class Outcome(NamedTuple):
    """What a run did, to check that peers did the same work."""

    iterations: int | None  # None where the solver doesn't count them
    evaluations: int
    f: float


class Solver(Protocol):
    """What the worker needs of a peer."""

    keeps_gradients: bool  # holds on to the arrays that the objective returns

    def versions(self) -> dict[str, str]: ...

    def native(self, objective: Objective) -> Callable[..., Any]:
        """The objective in the form that this solver calls."""

    def bounds(self, problem: Problem, pairs: bool) -> Any:
        """The box as this solver takes it: its quickest spelling, or pairs if it takes those."""

    def solve(
        self, native: Callable[..., Any], x0: Vector, bounds: Any, m: int, iterations: int
    ) -> Outcome: ...


def as_pairs(problem: Problem) -> Any:
    """Bounds as most users write them: a list of pairs, an (n, 2) array where n is large."""
    if problem.lower is None or problem.upper is None:
        return None
    table = np.column_stack([problem.lower, problem.upper])
    return [tuple(row) for row in table.tolist()] if len(table) <= 1000 else table


class Box:
    """Bounds as SciPy's `Bounds` has them, without SciPy."""

    def __init__(self, lb: Vector, ub: Vector) -> None:
        self.lb = lb
        self.ub = ub


class Ours:
    """`lbfgsb77.fmin_l_bfgs_b`, everything that a user calls."""

    keeps_gradients = False

    def __init__(self) -> None:
        self.fmin = import_module("lbfgsb77").fmin_l_bfgs_b

    def versions(self) -> dict[str, str]:
        return {"lbfgsb77": version("lbfgsb77")}

    def native(self, objective: Objective) -> Callable[..., Any]:
        return objective

    def bounds(self, problem: Problem, pairs: bool) -> Any:
        if pairs or problem.lower is None or problem.upper is None:
            return as_pairs(problem)
        return Box(problem.lower, problem.upper)

    def solve(
        self, native: Callable[..., Any], x0: Vector, bounds: Any, m: int, iterations: int
    ) -> Outcome:
        _, f, d = self.fmin(native, x0, bounds=bounds, m=m, factr=0.0, pgtol=0.0,
                            maxiter=iterations)
        return Outcome(d["nit"], d["funcalls"], f)


class OursInThreads(Ours):
    """The same in two threads, as the environment says: a process has one peer."""

    def __init__(self) -> None:
        os.environ["LBFGSB77_THREADS"] = "2"
        super().__init__()


class SciPy:
    """`scipy.optimize.fmin_l_bfgs_b`; `minimize` where bounds come as `Bounds`, which it needs."""

    keeps_gradients = False

    def __init__(self) -> None:
        optimize = import_module("scipy.optimize")
        self.fmin = optimize.fmin_l_bfgs_b
        self.minimize = optimize.minimize
        self.Bounds = optimize.Bounds

    def versions(self) -> dict[str, str]:
        return {"SciPy": version("scipy")}

    def native(self, objective: Objective) -> Callable[..., Any]:
        return objective

    def bounds(self, problem: Problem, pairs: bool) -> Any:
        if pairs or problem.lower is None or problem.upper is None:
            return as_pairs(problem)
        return self.Bounds(problem.lower, problem.upper)

    def solve(
        self, native: Callable[..., Any], x0: Vector, bounds: Any, m: int, iterations: int
    ) -> Outcome:
        if isinstance(bounds, self.Bounds):
            options = {"maxcor": m, "ftol": 0.0, "gtol": 0.0, "maxiter": iterations}
            result = self.minimize(native, x0, jac=True, method="L-BFGS-B", bounds=bounds,
                                   options=options)
            return Outcome(result.nit, result.nfev, result.fun)
        _, f, d = self.fmin(native, x0, bounds=bounds, m=m, factr=0.0, pgtol=0.0,
                            maxiter=iterations)
        return Outcome(d["nit"], d["funcalls"], f)


class PyPILbfgsb:
    """`lbfgsb.minimize_lbfgsb` of the PyPI package `lbfgsb` (Python, with Numba where it is)."""

    keeps_gradients = True

    def __init__(self) -> None:
        self.minimize = import_module("lbfgsb").minimize_lbfgsb
        try:
            self.numba: str | None = version("numba")
        except ModuleNotFoundError:
            self.numba = None

    def versions(self) -> dict[str, str]:
        return {"lbfgsb": version("lbfgsb"), "Numba": self.numba or "not installed"}

    def native(self, objective: Objective) -> Callable[..., Any]:
        return objective

    def bounds(self, problem: Problem, pairs: bool) -> Any:
        if problem.lower is None or problem.upper is None:
            return None
        return np.column_stack([problem.lower, problem.upper])

    def solve(
        self, native: Callable[..., Any], x0: Vector, bounds: Any, m: int, iterations: int
    ) -> Outcome:
        result = self.minimize(x0=x0, fun=native, jac=True, bounds=bounds, maxcor=m, ftol=0.0,
                               gtol=0.0, maxiter=iterations,
                               is_use_numba_jit=self.numba is not None)
        return Outcome(result.nit, result.nfev, float(result.fun))


class NLopt:
    """NLopt's LD_LBFGS: another limited-memory algorithm, its loop in C++.

    It counts evaluations only, so an evaluation stands for an iteration. Its objective writes the
    gradient into an array of NLopt's, which is counted as the objective's cost, not NLopt's.
    """

    keeps_gradients = False

    def __init__(self) -> None:
        self.nlopt = import_module("nlopt")

    def versions(self) -> dict[str, str]:
        return {"NLopt": version("nlopt")}

    def native(self, objective: Objective) -> Callable[..., Any]:
        def evaluate(x: Vector, gradient: Vector) -> float:
            f, gradient[:] = objective(x)
            return f

        return evaluate

    def bounds(self, problem: Problem, pairs: bool) -> Any:
        return None if problem.lower is None else (problem.lower, problem.upper)

    def solve(
        self, native: Callable[..., Any], x0: Vector, bounds: Any, m: int, iterations: int
    ) -> Outcome:
        solver = self.nlopt.opt(self.nlopt.LD_LBFGS, len(x0))
        solver.set_min_objective(native)
        solver.set_vector_storage(m)
        solver.set_maxeval(iterations + 1)
        if bounds is not None:
            solver.set_lower_bounds(bounds[0])
            solver.set_upper_bounds(bounds[1])
        solver.optimize(x0)
        return Outcome(None, solver.get_numevals(), solver.last_optimum_value())


class LBFGSpp:
    """LBFGSpp, header-only C++ with Eigen: the sums in another order, the loop compiled.

    Its objective is called through ctypes, some microseconds a time, which count as the solver's.
    """

    keeps_gradients = False

    def __init__(self) -> None:
        source = Path(__file__).with_name("lbfgspp.cpp")
        folder = Path(tempfile.mkdtemp())
        library = folder / "lbfgspp.so"
        command = ["g++", "-O3", "-march=native", "-shared", "-fPIC", "-I/usr/include/eigen3",
                   "-o", str(library), str(source)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise ImportError(f"LBFGSpp, g++ or Eigen is not installed: {error}") from error
        self.minimize = ctypes.CDLL(str(library)).minimize
        shutil.rmtree(folder)

    def versions(self) -> dict[str, str]:
        return {"LBFGSpp": "of the system"}

    def native(self, objective: Objective) -> Callable[..., Any]:
        return objective

    def bounds(self, problem: Problem, pairs: bool) -> Any:
        return None if problem.lower is None else (problem.lower, problem.upper)

    def solve(
        self, native: Callable[..., Any], x0: Vector, bounds: Any, m: int, iterations: int
    ) -> Outcome:
        n = len(x0)
        pointer = ctypes.POINTER(ctypes.c_double)
        evaluations = 0

        @ctypes.CFUNCTYPE(ctypes.c_double, pointer, pointer)
        def objective(x: Any, g: Any) -> float:
            nonlocal evaluations
            evaluations += 1
            point, gradient = (np.ctypeslib.as_array(a, (n,)) for a in (x, g))
            f, gradient[:] = native(point)
            return float(f)

        x, f = x0.copy(), ctypes.c_double()
        lower, upper = bounds or (None, None)

        def at(array: Any) -> Any:
            return None if array is None else array.ctypes.data_as(pointer)

        done = self.minimize(n, at(x), at(lower), at(upper), m, iterations, objective,
                             ctypes.byref(f))
        # Iterations are counted as with NLopt where the search has failed.
        return Outcome(done if done >= 0 else None, evaluations, f.value)


class SetulbLoop:
    """The least that Python can do: `setulb` in a bare loop, without a check or a copy of x."""

    keeps_gradients = False

    def __init__(self, module: str) -> None:
        self.module = module
        self.setulb = import_module(module).setulb

    def versions(self) -> dict[str, str]:
        package = self.module.partition(".")[0]
        return {package: version(package)}

    def native(self, objective: Objective) -> Callable[..., Any]:
        return objective

    def bounds(self, problem: Problem, pairs: bool) -> Any:
        return None if problem.lower is None else (problem.lower.copy(), problem.upper)

    def solve(
        self, native: Callable[..., Any], x0: Vector, bounds: Any, m: int, iterations: int
    ) -> Outcome:
        n = len(x0)
        x = x0.copy()
        lower, upper = bounds or (np.zeros(n), np.zeros(n))
        nbd = np.full(n, 2 if bounds else 0, np.int32)
        f = np.zeros(())
        g = np.zeros(n)
        wa = np.zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m)
        iwa = np.zeros(3 * n, np.int32)
        task = np.zeros(1, "S60")
        csave = np.zeros(1, "S60")
        lsave = np.zeros(4, np.int32)
        isave = np.zeros(44, np.int32)
        dsave = np.zeros(29)
        task[:] = b"START"
        setulb, text = self.setulb, memoryview(task.view(np.uint8))
        evaluations = 0
        while True:
            setulb(m, x, lower, upper, nbd, f, g, 0.0, 0.0, wa, iwa, task, -1, csave, lsave,
                   isave, dsave, 20)
            if text[0] == ord("F"):
                evaluations += 1
                f[...], g[...] = native(x)
            elif text[0] != ord("N") or isave[29] >= iterations:
                return Outcome(int(isave[29]), evaluations, float(f))


MAKERS: dict[str, Callable[[], Solver]] = {
    "ours": Ours,
    "ours, two threads": OursInThreads,
    "ours, bare loop": lambda: SetulbLoop("lbfgsb77._lbfgsb"),
    "genuine, bare loop": lambda: SetulbLoop("lbfgsb77._lbfgsb_system"),
    "SciPy": SciPy,
    "SciPy 1.14, bare loop": lambda: SetulbLoop("scipy.optimize._lbfgsb"),
    "PyPI lbfgsb": PyPILbfgsb,
    "NLopt": NLopt,
    "LBFGSpp": LBFGSpp,
}


def make(name: str) -> Solver:
    """The adapter of that name; raises ImportError where its package isn't there."""
    warnings.simplefilter("ignore")  # a peer's warnings are its users' business
    return MAKERS[name]()
