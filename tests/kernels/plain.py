"""The kernel's computations as plain loops: what is rounded, and in which order.

The order is the contract of the library, so the tests compare results with these to the last bit.
Indices count from 0 here.  Nothing is arranged for speed, and no routine of the kernel is called.
Where a computation for one variable does not meet another's, the loop over variables is NumPy's:
its products and sums of arrays are rounded one at a time, like those of Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import copysign, isinf, sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

EPSILON = 2.0**-52


def total(terms: Iterable[float] | Vector) -> float:
    """0 + the first term + the second + ...

    Not `sum`, which compensates for rounding since Python 3.12, nor `np.sum`, which adds in pairs.
    """
    terms = np.fromiter(terms, float)
    return float(np.add.accumulate(np.concatenate(([0.0], terms)))[-1])


def has_lower(nbd: int) -> bool:
    return nbd in (1, 2)


def has_upper(nbd: int) -> bool:
    return nbd in (2, 3)


# Factors and triangular systems -----------------------------------------------------------------


def cholesky(a: Matrix) -> Matrix | None:
    """The upper R with A = R'R, column by column; None where A is not positive definite."""
    n = len(a)
    r = np.zeros((n, n))
    for j in range(n):
        for k in range(j):
            r[k, j] = (a[k, j] - total(r[:k, k] * r[:k, j])) / r[k, k]
        pivot = a[j, j] - total(r[:j, j] * r[:j, j])
        if pivot <= 0:
            return None
        r[j, j] = sqrt(pivot)
    return r


def solve_transposed(r: Matrix, b: Vector) -> Vector:
    """Solve R'x = b, from the first unknown."""
    x = np.zeros(len(b))
    for j in range(len(b)):
        x[j] = (b[j] - total(r[:j, j] * x[:j])) / r[j, j]
    return x


def solve(r: Matrix, b: Vector) -> Vector:
    """Solve Rx = b, from the last unknown; each leaves the other equations at once."""
    x = b.copy()
    for j in reversed(range(len(b))):
        x[j] = x[j] / r[j, j]
        for i in range(j):
            x[i] = x[i] + (-x[j]) * r[i, j]
    return x


# The middle matrix ------------------------------------------------------------------------------


def middle_factor(theta: float, sy: Matrix, ss: Matrix) -> Matrix | None:
    """The factor of T = theta S'S + L D^-1 L'."""
    col = len(sy)
    t = np.zeros((col, col))
    for j in range(col):
        t[0, j] = theta * ss[0, j]
        for i in range(1, j + 1):
            products = total(sy[i, k] * sy[j, k] / sy[k, k] for k in range(i))
            t[i, j] = products + theta * ss[i, j]
    return cholesky(t)


def middle_matrix(sy: Matrix, wt: Matrix, w: Vector) -> Vector:
    """Multiply by M: the lower triangle of S'Y and the factor above."""
    col = len(sy)
    q = np.zeros(col)
    for i in range(col):
        q[i] = w[col + i] + total(sy[i, k] * w[k] / sy[k, k] for k in range(i))
    q = solve(wt, solve_transposed(wt, q))
    p = np.zeros(col)
    for i in range(col):
        p[i] = -(w[i] / sqrt(sy[i, i])) / sqrt(sy[i, i])
        p[i] = p[i] + total(sy[k, i] * q[k] / sy[i, i] for k in range(i + 1, col))
    return np.concatenate((p, q))


# The Cauchy point -------------------------------------------------------------------------------


class Path(NamedTuple):
    """The path of steepest descent, projected into the bounds."""

    status: Indices
    d: Vector
    times: list[float]
    owners: list[int]
    free: bool  # some variable has no breakpoint
    open: bool  # and one of those moves
    slope: float


def steepest_path(
    x: Vector, lower: Vector, upper: Vector, nbd: Indices, g: Vector, status: Indices
) -> Path:
    status, d = status.copy(), np.zeros(len(x))
    times: list[float] = []
    owners: list[int] = []
    free = open_ = False
    slope = 0.0
    for i in range(len(x)):
        a = -float(g[i])
        to_lower = float(x[i] - lower[i]) if has_lower(nbd[i]) else np.inf
        to_upper = float(upper[i] - x[i]) if has_upper(nbd[i]) else np.inf
        if status[i] not in (3, -1):
            at_lower = to_lower <= 0
            at_upper = to_upper <= 0 and not at_lower
            if at_lower and a <= 0:
                status[i] = 1
            elif at_upper and a >= 0:
                status[i] = 2
            elif not at_lower and not at_upper and a == 0:
                status[i] = -3
            else:
                status[i] = 0
        if status[i] not in (0, -1):
            continue
        d[i] = a
        slope = slope - a * a
        if a < 0 and not isinf(to_lower):
            times.append(to_lower / -a)
            owners.append(i)
        elif a > 0 and not isinf(to_upper):
            times.append(to_upper / a)
            owners.append(i)
        else:
            free = True
            open_ = open_ or abs(a) > 0
    return Path(status, d, times, owners, free, open_, slope)


def breakpoints_in_order(times: Sequence[float], owners: Sequence[int]) -> list[tuple[float, int]]:
    """Breakpoints in rising order; among equals the order is that of a binary heap.

    The first is the smallest, the earliest in the list among equals; the last of the list takes
    its place, and the rest are put into a heap one by one and taken from its root.
    """
    waiting = list(zip(times, owners, strict=True))
    if not waiting:
        return []
    first = min(range(len(waiting)), key=lambda k: waiting[k][0])
    ordered = [waiting[first]]
    last = waiting.pop()
    if first < len(waiting):
        waiting[first] = last

    heap: list[tuple[float, int]] = []
    for element in waiting:
        heap.append(element)
        rise(heap)
    while heap:
        ordered.append(heap[0])
        last = heap.pop()
        if heap:
            heap[0] = last
            sink(heap)
    return ordered


def rise(heap: list[tuple[float, int]]) -> None:
    """The last element rises while it is strictly smaller than its parent."""
    child = len(heap) - 1
    while child > 0:
        parent = (child - 1) // 2
        if not heap[child][0] < heap[parent][0]:
            return
        heap[child], heap[parent] = heap[parent], heap[child]
        child = parent


def sink(heap: list[tuple[float, int]]) -> None:
    """The root sinks; of two children the right one moves up only if it is strictly smaller."""
    parent = 0
    while (child := 2 * parent + 1) < len(heap):
        if child + 1 < len(heap) and heap[child + 1][0] < heap[child][0]:
            child += 1
        if not heap[child][0] < heap[parent][0]:
            return
        heap[child], heap[parent] = heap[parent], heap[child]
        parent = child


# The subspace -----------------------------------------------------------------------------------


class Products(NamedTuple):
    """What K is made of: over the free variables yy, over the active ones ss.

    mixed holds s_i'y_j over the active ones below the diagonal, over the free ones from there on.
    """

    yy: Matrix
    ss: Matrix
    mixed: Matrix


def subspace_products(s: Matrix, y: Matrix, free: Sequence[int], active: Sequence[int]) -> Products:
    """All of them anew, each sum in the order of its list."""
    col = s.shape[1]
    yy, ss, mixed = (np.zeros((col, col)) for _ in range(3))
    for i in range(col):
        for j in range(col):
            yy[i, j] = total(y[free, i] * y[free, j])
            ss[i, j] = total(s[active, i] * s[active, j])
            members = active if i > j else free
            mixed[i, j] = total(s[members, i] * y[members, j])
    return Products(yy, ss, mixed)


# The line search --------------------------------------------------------------------------------


class Search:
    """The search of Moré and Thuente; its names are those of the slots in more_thuente.f."""

    ftol, gtol, xtol = 1e-3, 0.9, 0.1

    def __init__(self, f: float, g: float, step: float, largest: float) -> None:
        self.bracketed, self.stage = False, 1
        self.f0, self.slope0, self.slope_test = f, g, self.ftol * g
        self.width = largest
        self.width1 = 2 * largest
        self.st_x = self.st_y = 0.0
        self.f_x = self.f_y = f
        self.slope_x = self.slope_y = g
        self.st_min, self.st_max = 0.0, step + 4 * step
        self.step, self.largest, self.task = step, largest, "FG"

    def state(self) -> list[float]:
        """As the kernel keeps it."""
        names = "slope0 slope_test slope_x slope_y f0 f_x f_y st_x st_y st_min st_max width width1"
        return [getattr(self, name) for name in names.split()]

    def outside(self) -> bool:
        return self.step <= self.st_min or self.step >= self.st_max

    def narrow(self) -> bool:
        return self.st_max - self.st_min <= self.xtol * self.st_max

    def tell(self, f: float, g: float) -> None:
        """Take the values at the step, and end or choose the next."""
        f_test = self.f0 + self.step * self.slope_test
        if f <= f_test and g >= 0:
            self.stage = max(self.stage, 2)
        if self.bracketed and self.outside():
            self.task = "WARNING: ROUNDING ERRORS PREVENT PROGRESS"
        if self.bracketed and self.narrow():
            self.task = "WARNING: XTOL TEST SATISFIED"
        if self.step == self.largest and f <= f_test and g <= self.slope_test:
            self.task = "WARNING: STP = STPMAX"
        if self.step == 0 and (f > f_test or g >= self.slope_test):
            self.task = "WARNING: STP = STPMIN"
        if f <= f_test and abs(g) <= self.gtol * (-self.slope0):
            self.task = "CONVERGENCE"
        if self.task != "FG":
            return

        shift = self.slope_test if self.stage == 1 and self.f_x >= f > f_test else 0.0
        points = [
            (st, f_st - st * shift, g_st - shift)
            for st, f_st, g_st in (
                (self.st_x, self.f_x, self.slope_x),
                (self.st_y, self.f_y, self.slope_y),
                (self.step, f, g),
            )
        ]
        moved = safeguarded_step(*points, self.bracketed, self.st_min, self.st_max)
        (self.st_x, f_x, g_x), (self.st_y, f_y, g_y), self.step, self.bracketed = moved
        self.f_x, self.slope_x = f_x + self.st_x * shift, g_x + shift
        self.f_y, self.slope_y = f_y + self.st_y * shift, g_y + shift

        if self.bracketed:
            if abs(self.st_y - self.st_x) >= 0.66 * self.width1:
                self.step = self.st_x + 0.5 * (self.st_y - self.st_x)
            self.width1, self.width = self.width, abs(self.st_y - self.st_x)
            self.st_min, self.st_max = sorted((self.st_x, self.st_y))
        else:
            self.st_min = self.step + 1.1 * (self.step - self.st_x)
            self.st_max = self.step + 4 * (self.step - self.st_x)
        self.step = min(max(self.step, 0.0), self.largest)
        if self.bracketed and (self.outside() or self.narrow()):
            self.step = self.st_x


Point = tuple[float, float, float]  # step, value, slope


def safeguarded_step(
    x: Point, y: Point, trial: Point, bracketed: bool, lowest: float, highest: float
) -> tuple[Point, Point, float, bool]:
    """The new ends of the interval, the next step and whether a minimum is bracketed."""
    (stx, fx, dx), (sty, fy, dy), (stp, fp, dp) = x, y, trial
    turned = dp * copysign(1.0, dx) < 0

    def cubic(at: Point, clipped: bool = False) -> tuple[float, float]:
        """Return theta and gamma of the cubic through `at` and the trial."""
        theta = 3 * (at[1] - fp) / (stp - at[0]) + at[2] + dp
        s = max(abs(theta), abs(at[2]), abs(dp))
        radicand = (theta / s) * (theta / s) - (at[2] / s) * (dp / s)
        return theta, s * sqrt(max(0.0, radicand) if clipped else radicand)

    if fp > fx:
        theta, gamma = cubic(x)
        gamma = -gamma if stp < stx else gamma
        r = ((gamma - dx) + theta) / (((gamma - dx) + gamma) + dp)
        by_cubic = stx + r * (stp - stx)
        by_parabola = stx + ((dx / ((fx - fp) / (stp - stx) + dx)) / 2) * (stp - stx)
        if abs(by_cubic - stx) < abs(by_parabola - stx):
            following = by_cubic
        else:
            following = by_cubic + (by_parabola - by_cubic) / 2
        return x, trial, following, True

    if turned:
        theta, gamma = cubic(x)
        gamma = -gamma if stp > stx else gamma
        r = ((gamma - dp) + theta) / (((gamma - dp) + gamma) + dx)
        by_cubic = stp + r * (stx - stp)
        by_secant = stp + (dp / (dp - dx)) * (stx - stp)
        farther = abs(by_cubic - stp) > abs(by_secant - stp)
        return trial, x, by_cubic if farther else by_secant, True

    if abs(dp) < abs(dx):
        theta, gamma = cubic(x, clipped=True)
        gamma = -gamma if stp > stx else gamma
        r = ((gamma - dp) + theta) / ((gamma + (dx - dp)) + gamma)
        if r < 0 and gamma != 0:
            by_cubic = stp + r * (stx - stp)
        else:
            by_cubic = highest if stp > stx else lowest
        by_secant = stp + (dp / (dp - dx)) * (stx - stp)
        if bracketed:
            nearer = abs(by_cubic - stp) < abs(by_secant - stp)
            following = by_cubic if nearer else by_secant
            limit = stp + 0.66 * (sty - stp)
            following = min(limit, following) if stp > stx else max(limit, following)
        else:
            farther = abs(by_cubic - stp) > abs(by_secant - stp)
            following = by_cubic if farther else by_secant
            following = max(lowest, min(highest, following))
        return trial, y, following, bracketed

    if bracketed:
        theta = 3 * (fp - fy) / (sty - stp) + dy + dp
        s = max(abs(theta), abs(dy), abs(dp))
        gamma = s * sqrt((theta / s) * (theta / s) - (dy / s) * (dp / s))
        gamma = -gamma if stp > sty else gamma
        r = ((gamma - dp) + theta) / (((gamma - dp) + gamma) + dy)
        following = stp + r * (sty - stp)
    else:
        following = highest if stp > stx else lowest
    return trial, y, following, bracketed


def same(actual: Any, expected: Any) -> bool:
    """Whether numbers are equal to the last bit; 0 and -0 are equal, as for the algorithm."""
    return np.array_equal(np.asarray(actual), np.asarray(expected))
