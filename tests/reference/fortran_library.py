"""Any `setulb` in a shared library, as a solver with the interface of `fmin_l_bfgs_b`."""

from __future__ import annotations

import ctypes
import importlib.util
import math
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

ORIGINAL = Path(__file__).resolve().parents[1] / "original"


def libraries() -> ModuleType:
    """The module that finds or compiles the libraries: tests/original/libraries.py."""
    name = "lbfgsb77_test_libraries"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, ORIGINAL / "libraries.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


def solver_on(setulb: Any, takes_maxls: bool) -> Callable[..., Any]:
    """Drive a Fortran `setulb` by reverse communication.

    `takes_maxls` tells whether its last argument before the hidden lengths is maxls, which the
    original has not.
    """
    setulb.restype = None

    def fmin_l_bfgs_b(
        func: Callable[[Any], tuple[float, Any]],
        x0: Any,
        fprime: None = None,
        bounds: Any = None,
        m: int = 10,
        factr: float = 1e7,
        pgtol: float = 1e-5,
        maxfun: int = 15000,
        maxiter: int = 15000,
        callback: Callable[[Any], Any] | None = None,
        maxls: int = 20,
    ) -> tuple[Any, float, dict[str, Any]]:
        x = np.array(x0, dtype=np.float64)
        n = x.size
        pairs = bounds if bounds is not None else [(None, None)] * n
        lower = np.array([0.0 if low is None else low for low, _ in pairs])
        upper = np.array([0.0 if high is None else high for _, high in pairs])
        types = {(True, True): 0, (False, True): 1, (False, False): 2, (True, False): 3}
        nbd = np.array([types[low is None, high is None] for low, high in pairs], dtype=np.int32)
        f, g = np.zeros(1), np.zeros(n)
        wa = np.zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m)
        iwa = np.zeros(3 * n, dtype=np.int32)
        task = ctypes.create_string_buffer(b"START".ljust(60), 60)
        csave = ctypes.create_string_buffer(b" " * 60, 60)
        lsave, isave = np.zeros(4, dtype=np.int32), np.zeros(44, dtype=np.int32)
        dsave = np.zeros(29)

        def at(array: Any) -> ctypes.c_void_p:
            return ctypes.c_void_p(array.ctypes.data)

        def value(number: Any) -> Any:
            kind = ctypes.c_double if isinstance(number, float) else ctypes.c_int
            return ctypes.byref(kind(number))

        arguments = [
            value(n), value(m), at(x), at(lower), at(upper), at(nbd), at(f), at(g),
            value(float(factr)), value(float(pgtol)), at(wa), at(iwa), task, value(-1), csave,
            at(lsave), at(isave), at(dsave),
        ]  # fmt: skip
        if takes_maxls:
            arguments.append(value(maxls))
        else:
            assert maxls == 20, "fixed in the original"
        arguments += [ctypes.c_size_t(60), ctypes.c_size_t(60)]

        nit = nfev = 0
        while True:
            setulb(*arguments)
            if task.raw.startswith(b"FG"):
                f[0], g[:] = func(x.copy())
                nfev += 1
            elif task.raw.startswith(b"NEW_X"):
                nit += 1
                if callback is not None:
                    callback(x.copy())
                if nit >= maxiter:
                    task.raw = b"STOP: TOTAL NO. of ITERATIONS REACHED LIMIT".ljust(60)
                    break
                if nfev > maxfun:
                    text = b"STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT"
                    task.raw = text.ljust(60)
                    break
            else:
                break
        message = task.raw.decode().rstrip()
        warnflag = 0 if message.startswith("CONV") else 1 if message.startswith("STOP") else 2
        value_at_end = float(f[0]) if nfev else math.nan
        return x, value_at_end, {
            "task": message, "nit": nit, "funcalls": nfev, "warnflag": warnflag, "grad": g,
        }  # fmt: skip

    return fmin_l_bfgs_b
