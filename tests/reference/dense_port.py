"""A port of L-BFGS-B whose arithmetic is another throughout, and the faults it can be given.

It follows the papers with dense formulas and NumPy's sums: no number is rounded as in the kernel.
`solver(fault)` is it with the interface of `fmin_l_bfgs_b`; FAULTS names what it can get wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lbfgsb77.reference._model import Cauchy, Minimum, Model, factored_matrix

EPSILON = 2.0**-52
FTOL, GTOL, XTOL = 1e-3, 0.9, 0.1

# Each with the stage that it belongs to.
FAULTS = {
    "clamped to the window": "search step",
    "ends where a search has failed": "restart",
    "curvature against yᵀy": "pair",
    "projection for the Cauchy point": "Cauchy point",
    "old middle matrix": "middle matrix",
    "factr without 1": "reduction of f",
    "pgtol on the gradient": "projected gradient",
    "maxls too small": "limit",
    "maxls too large": "limit",
    "no truncated step": "subspace step",
}


def solver(fault: str = "") -> Callable[..., Any]:
    """The port, with one fault or none."""
    assert not fault or fault in FAULTS
    return partial(fmin_l_bfgs_b, fault=fault)


@dataclass
class Search:
    """The search of Moré and Thuente: x is the best end of the interval, y the other."""

    f0: float
    slope0: float
    largest: float
    high: float
    clamped: bool
    low: float = 0.0
    bracketed: bool = False
    stage: int = 1

    def __post_init__(self) -> None:
        # NumPy's numbers, because they can be divided by zero.
        self.f0, self.slope0 = np.float64(self.f0), np.float64(self.slope0)
        self.x = self.y = (np.float64(0.0), self.f0, self.slope0)  # step, value, slope
        self.width, self.width_before = self.largest, 2.0 * self.largest

    def next_step(self, step: float, f: float, slope: float) -> float | None:
        """The step to try after this one, None where this is the last."""
        test = FTOL * self.slope0
        least = self.f0 + step * test
        if self.stage == 1 and f <= least and slope >= 0.0:
            self.stage = 2
        lost = self.bracketed and (
            not self.low < step < self.high or self.high - self.low <= XTOL * self.high
        )
        limit = step == self.largest and f <= least and slope <= test
        if lost or limit or (f <= least and abs(slope) <= GTOL * -self.slope0):
            return None
        shift = test if self.stage == 1 and least < f and f <= self.x[1] else 0.0
        step = self._safeguarded(step, f, slope, shift)
        if self.bracketed:
            near, far = self.x[0], self.y[0]
            if abs(far - near) >= 0.66 * self.width_before:
                step = near + 0.5 * (far - near)
            self.width_before, self.width = self.width, abs(far - near)
            self.low, self.high = min(near, far), max(near, far)
        else:
            near = self.x[0]
            self.low, self.high = step + 1.1 * (step - near), step + 4.0 * (step - near)
        if self.clamped:
            step = min(max(step, self.low), self.high)
        step = min(max(step, 0.0), self.largest)
        stuck = not self.low < step < self.high or self.high - self.low <= XTOL * self.high
        return float(self.x[0] if self.bracketed and stuck else step)

    def _safeguarded(self, st: float, f: float, slope: float, shift: float) -> float:
        (a, fa, da), (b, fb, db) = ((p, v - p * shift, d - shift) for p, v, d in (self.x, self.y))
        fp, dp = f - st * shift, slope - shift
        cubic = _cubic(a, fa, da, st, fp, dp, st if dp * da < 0.0 or abs(dp) < abs(da) else a)
        secant = st + dp / (dp - da) * (a - st) if dp != da else math.nan
        opposite = dp * da < 0.0
        if fp > fa:
            chosen = self._first_case(a, fa, da, st, fp, cubic)
        elif opposite:
            chosen = cubic if abs(cubic - st) > abs(secant - st) else secant
            self.bracketed = True
        elif abs(dp) < abs(da):
            chosen = self._third_case(a, b, st, cubic, secant)
        elif self.bracketed:
            chosen = _cubic(b, fb, db, st, fp, dp, st)
        else:
            chosen = self.high if st > a else self.low
        if fp > fa:
            self.y = st, f, slope
        else:
            if opposite:
                self.y = self.x
            self.x = st, f, slope
        return chosen

    def _first_case(
        self, a: float, fa: float, da: float, st: float, fp: float, cubic: float
    ) -> float:
        self.bracketed = True
        quadratic = a + da / ((fa - fp) / (st - a) + da) / 2 * (st - a)
        nearer = abs(cubic - a) < abs(quadratic - a)
        return cubic if nearer else cubic + (quadratic - cubic) / 2

    def _third_case(self, a: float, b: float, st: float, cubic: float, secant: float) -> float:
        if not (cubic - st) * (st - a) > 0.0:  # no minimum beyond the trial
            cubic = self.high if st > a else self.low
        if not self.bracketed:
            chosen = cubic if abs(cubic - st) > abs(secant - st) else secant
            return max(self.low, min(self.high, chosen))
        chosen = cubic if abs(cubic - st) < abs(secant - st) else secant
        limit = st + 0.66 * (b - st)
        return min(limit, chosen) if st > a else max(limit, chosen)


def _cubic(a: float, fa: float, da: float, b: float, fb: float, db: float, start: float) -> float:
    """The minimum of a cubic through two values and slopes, NaN if it has none."""
    theta = 3.0 * (fa - fb) / (b - a) + da + db
    size = max(abs(theta), abs(da), abs(db))
    gamma = size * math.sqrt(max(0.0, (theta / size) ** 2 - (da / size) * (db / size)))
    gamma = math.copysign(gamma, b - a)
    if start == a:
        return a + (gamma - da + theta) / (gamma - da + gamma + db) * (b - a)
    gamma = -gamma
    return b + (gamma - db + theta) / (gamma - db + gamma + da) * (a - b)


@np.errstate(all="ignore")
def fmin_l_bfgs_b(
    func: Callable[..., Any], x0: Any, fprime: None = None, bounds: Any = None, m: int = 10,
    factr: float = 1e7, pgtol: float = 1e-5, maxls: int = 20, maxiter: int = 15000,
    callback: Callable[[Any], Any] | None = None, fault: str = "",
) -> tuple[Any, float, dict[str, Any]]:  # fmt: skip
    pairs = bounds or [(None, None)] * len(x0)
    lower = np.array([-np.inf if low is None else low for low, _ in pairs])
    upper = np.array([np.inf if high is None else high for _, high in pairs])
    bounded, boxed = np.isfinite([lower, upper]).any(), np.isfinite([lower, upper]).all()
    maxls += {"maxls too small": -1, "maxls too large": 1}.get(fault, 0)

    def norm(x: Any, g: Any) -> float:
        projected = np.where(g < 0.0, np.maximum(x - upper, g), np.minimum(x - lower, g))
        return float(np.max(np.abs(g if fault == "pgtol on the gradient" else projected)))

    x = np.clip(np.array(x0, dtype=float), lower, upper)
    f, g = func(x)
    steps, changes = np.zeros((0, x.size)), np.zeros((0, x.size))
    theta, old_factor, nit = 1.0, None, 0
    while norm(x, g) > pgtol:
        model = Model(theta, steps, changes)
        if (
            fault == "old middle matrix"
            and old_factor is not None
            and len(steps) == len(old_factor)
        ):
            model = Model(theta, steps, changes, old_factor)
        old_factor = factored_matrix(theta, steps, changes)
        if not bounded and len(steps):
            cauchy = Cauchy(x, np.ones(x.size, bool))
        elif fault == "projection for the Cauchy point" and len(steps):
            z = np.clip(x - g / theta, lower, upper)
            cauchy = Cauchy(z, (lower < z) & (z < upper))
        else:
            cauchy = model.cauchy_point(x, g, lower, upper)
        minimum: Minimum = model.minimum(x, g, cauchy, lower, upper)
        best = minimum.projected if fault == "no truncated step" else minimum.x
        d = best - x
        slope0, length = float(g @ d), float(np.linalg.norm(d))
        largest = _largest_step(x, d, lower, upper) if bounded and nit else 1.0 if bounded else 1e10
        step: float | None = min(1.0 / length, largest) if nit == 0 and not boxed else 1.0
        accepted = False
        if slope0 < 0.0:
            clamped = fault == "clamped to the window"
            search = Search(f, slope0, largest, 5.0 * step, clamped)
            for _ in range(maxls):
                tried = step
                y = best.copy() if tried == 1.0 else np.clip(x + tried * d, lower, upper)
                fy, gy = func(y)
                step = search.next_step(tried, fy, float(gy @ d))
                if accepted := step is None:
                    break
        if not accepted:
            if len(steps) == 0 or fault == "ends where a search has failed":
                return x, f, {"task": "ABNORMAL", "nit": nit}
            steps, changes, theta = steps[:0], changes[:0], 1.0
            continue
        nit += 1
        before, s, r = f, tried * d, gy - g
        curvature = float((gy @ d - slope0) * tried)
        x, f, g = y, fy, gy
        if callback is not None:
            callback(x)
        if nit >= maxiter:
            return x, f, {"task": "ITERATIONS LIMIT", "nit": nit}
        if norm(x, g) <= pgtol:
            break
        floor = 0.0 if fault == "factr without 1" else 1.0
        if before - f <= factr * EPSILON * max(abs(before), abs(f), floor):
            return x, f, {"task": "REL_REDUCTION", "nit": nit}
        gate = r @ r if fault == "curvature against yᵀy" else -slope0 * tried
        if curvature > EPSILON * gate:
            steps, changes = np.vstack([steps, s])[-m:], np.vstack([changes, r])[-m:]
            theta = float(r @ r) / curvature
    return x, f, {"task": "PGTOL", "nit": nit}


def _largest_step(x: Any, d: Any, lower: Any, upper: Any) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(d > 0.0, (upper - x) / d, np.where(d < 0.0, (lower - x) / d, np.inf))
    return min(1e10, float(np.min(room)))
