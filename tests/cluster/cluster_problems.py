"""Problems for the runs on clusters, and how their results are compared."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import numpy as np

from lbfgsb77 import OptimizeResult, minimize

N = 6
START = np.where(np.arange(N) % 2 == 0, -1.2, 1.0)
BOX = [(-1.5, 0.9), (None, None)] * (N // 2)
TARGETS = np.random.RandomState(0).uniform(0.5, 1.5, (24, N))


def chain(x: np.ndarray, target: Any = 1.0) -> float:
    """Rosenbrock's function of n variables, in a chain, around a target."""
    x = x / target
    bend, slope = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    # A sum in a fixed order, which a sum of pairs isn't on every processor.
    return float(np.cumsum(100 * bend * bend + slope * slope)[-1])


def parabolas(points: np.ndarray, index: np.ndarray, target: np.ndarray) -> Any:
    """Of each problem: Σ k (x − target)², and what an objective of interest costs."""
    time.sleep(0.02)
    z, k = points - target, np.arange(1, N + 1)
    return np.cumsum(k * z * z, axis=1)[:, -1], 2 * k * z


def fit(k: int) -> OptimizeResult:
    """One fit of many, that takes a while."""

    def objective(x: np.ndarray) -> float:
        time.sleep(0.001)
        return chain(x, TARGETS[k])

    return minimize(objective, START, bounds=BOX)


def same(results: Any, expected: Any) -> bool:
    """Whether two lists of results have the same bits."""
    return len(results) == len(expected) and all(
        set(a) == set(b)
        and a.x.tobytes() == b.x.tobytes()
        and a.jac.tobytes() == b.jac.tobytes()
        and a.hess_inv.sk.tobytes() == b.hess_inv.sk.tobytes()
        and a.hess_inv.yk.tobytes() == b.hess_inv.yk.tobytes()
        and (a.fun, a.nit, a.nfev, a.message) == (b.fun, b.nit, b.nfev, b.message)
        for a, b in zip(results, expected, strict=True)
    )


def check(what: str, holds: bool, *, quiet: bool = False) -> None:
    """Say what holds, or end."""
    if not holds:
        sys.exit(f"FAILED: {what}")
    if not quiet:
        print(f"ok: {what}", flush=True)


class Lines(logging.Handler):
    """What the package logs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        logging.getLogger("lbfgsb77").addHandler(self)
        logging.getLogger("lbfgsb77").propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())
