"""Random pairs, and the dense matrices that they stand for."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from plain import Matrix, Vector, middle_factor

# The random pairs come from a Hessian with condition number 10.  The matrices made of them have
# condition numbers up to about 1e5 (K's is the largest), times the rounding error 1e-16 of each
# number.  1e-9 is well above that, and far below what any wrong term would make.
RTOL = 1e-9


@dataclass
class Pairs:
    """`col` pairs by age (oldest first) in the columns of s and y, and what follows from them."""

    s: Matrix
    y: Matrix
    m: int
    head: int
    n: int = field(init=False)
    col: int = field(init=False)
    theta: float = field(init=False)
    sy: Matrix = field(init=False)
    ss: Matrix = field(init=False)
    wt: Matrix = field(init=False)

    def __post_init__(self) -> None:
        self.n, self.col = self.s.shape
        self.theta = 1.0
        if self.col:
            self.theta = float(self.y[:, -1] @ self.y[:, -1] / (self.s[:, -1] @ self.y[:, -1]))
        self.sy, self.ss = self.s.T @ self.y, self.s.T @ self.s
        factor = middle_factor(self.theta, self.sy, self.ss) if self.col else np.zeros((0, 0))
        assert factor is not None
        self.wt = factor

    @property
    def slots(self) -> list[int]:
        """The slot of each pair in the circular store, from 0."""
        return [(self.head - 1 + j) % self.m for j in range(self.col)]

    @property
    def slot(self) -> int:
        """The newest pair's, from 1 as in the kernel."""
        return self.slots[-1] + 1 if self.col else self.m

    def stored(self, by_age: Matrix) -> Matrix:
        """An n by m store that holds the columns; what nobody may read is NaN."""
        store = np.full((self.n, self.m), np.nan, order="F")
        store[:, self.slots] = by_age
        return store

    def square(self, a: Matrix) -> Matrix:
        """An m by m array that holds the col by col matrix; what nobody may read is NaN."""
        array = np.full((self.m, self.m), np.nan, order="F")
        array[: self.col, : self.col] = a
        return array

    @property
    def mirrored(self) -> Matrix:
        """S'Y as the kernel keeps it: its lower triangle, and that again above."""
        return self.square(np.tril(self.sy) + np.tril(self.sy, -1).T)

    @property
    def factor(self) -> Matrix:
        """The middle matrix's factor as the kernel keeps it: J' above, J below."""
        return self.square(self.wt + np.triu(self.wt, 1).T)

    @property
    def w(self) -> Matrix:
        """W = (Y, theta S)."""
        return np.hstack((self.y, self.theta * self.s))

    @property
    def middle(self) -> Matrix:
        """M, by inverting the matrix of [BLNZ] (3.4)."""
        d, lower = np.diag(np.diag(self.sy)), np.tril(self.sy, -1)
        return np.linalg.inv(np.block([[-d, lower.T], [lower, self.theta * self.ss]]))

    @property
    def hessian(self) -> Matrix:
        """B by the BFGS formula, a pair at a time, from theta I."""
        b = self.theta * np.eye(self.n)
        for s, y in zip(self.s.T, self.y.T, strict=True):
            bs = b @ s
            b = b - np.outer(bs, bs) / (s @ bs) + np.outer(y, y) / (y @ s)
        return b


def random_pairs(rng: np.random.Generator, n: int, m: int, col: int, age: int = 0) -> Pairs:
    """Pairs of positive curvature whose S'Y is not symmetric.

    A full store begins at slot 1 + `age`; one that is not full always begins at the first.
    """
    eigenvalues = np.geomspace(0.5, 5, n) if n > 1 else np.ones(1)
    vectors = np.linalg.qr(rng.standard_normal((n, n)))[0] if n <= 100 else None
    s = rng.standard_normal((n, col))
    if vectors is None:
        y = eigenvalues[:, None] * s
    else:
        y = vectors @ (eigenvalues[:, None] * (vectors.T @ s))
    y += 0.02 * rng.standard_normal((n, col))
    assert all((s * y).sum(axis=0) > 0)
    return Pairs(s, y, m, head=1 + age % m if col == m else 1)


@dataclass
class Box:
    """A point within bounds of all kinds, some of which hold it, and a gradient there."""

    x: Vector
    lower: Vector
    upper: Vector
    nbd: np.ndarray[tuple[int], np.dtype[np.int32]]
    g: Vector

    @property
    def floor(self) -> Vector:
        """The lower bounds, -inf where there is none."""
        return np.where(np.isnan(self.lower), -np.inf, self.lower)

    @property
    def ceiling(self) -> Vector:
        return np.where(np.isnan(self.upper), np.inf, self.upper)

    @property
    def first_status(self) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
        """As feasible_start leaves it: -1 no bounds, 3 fixed, else 0."""
        fixed = (self.nbd == 2) & (self.upper <= self.lower)
        return np.where(self.nbd == 0, -1, np.where(fixed, 3, 0)).astype(np.int32)


def random_box(
    rng: np.random.Generator, n: int, *, kinds: tuple[int, ...] = (0, 1, 2, 3), coarse: bool = False
) -> Box:
    """A third of the variables are on a bound.  Bounds that do not exist are NaN.

    `coarse` rounds everything to quarters, and so makes many breakpoints equal.
    """
    lower = rng.uniform(-2, 0, n)
    upper = rng.uniform(0, 2, n)
    x = rng.uniform(lower, upper)
    g = rng.standard_normal(n)
    if coarse:
        lower, upper, x, g = (np.round(4 * v) / 4 for v in (lower, upper, x, g))
    nbd = rng.choice(kinds, n).astype(np.int32)
    where = rng.integers(6, size=n)
    x = np.where(where == 0, lower, np.where(where == 1, upper, x))
    fixed = (rng.integers(12, size=n) == 0) & (nbd == 2)
    lower, upper = np.where(fixed, x, lower), np.where(fixed, x, upper)
    lower = np.where((nbd == 1) | (nbd == 2), lower, np.nan)
    upper = np.where(nbd >= 2, upper, np.nan)
    return Box(x, lower, upper, nbd, g)
