"""The model's minimum over the free variables, from inner products to the step.

reduced_gradient.f, free_products.f, subspace_matrix.f, subspace_minimum.f
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import plain
import pytest
from pairs import RTOL, Box, Pairs, random_box, random_pairs

# Memories that are not full, full, and begun in the middle of the store.
STORES = [(5, 1, 0), (5, 3, 0), (5, 5, 0), (5, 5, 2), (12, 12, 7)]
SEEDS = range(4)


@dataclass
class Subspace:
    """A point z in the box, from which the free variables are to go on."""

    box: Box
    pairs: Pairs
    free: np.ndarray  # of bools
    z: plain.Vector

    @property
    def status(self) -> np.ndarray:
        """As the kernel numbers them: free ones at or below 0."""
        unbounded = self.box.nbd == 0
        active = np.where(self.z == self.box.lower, 1, 2)
        return np.where(self.free, np.where(unbounded, -1, 0), active).astype(np.int32)

    @property
    def rising(self) -> list[int]:
        return np.flatnonzero(self.free).tolist()

    @property
    def falling(self) -> list[int]:
        """The active ones."""
        return np.flatnonzero(~self.free)[::-1].tolist()

    @property
    def v(self) -> plain.Vector:
        """M c with c = W'(z - x)."""
        c = self.pairs.w.T @ (self.z - self.box.x)
        return plain.middle_matrix(self.pairs.sy, self.pairs.wt, c)

    @property
    def k(self) -> plain.Matrix:
        """K = M^-1 - W'ZZ'W/theta, whose inverse [BLNZ] (5.11) multiplies with."""
        w = self.pairs.w[self.free]
        return np.linalg.inv(self.pairs.middle) - w.T @ w / self.pairs.theta


def random_subspace(
    seed: int, n: int, m: int, col: int, age: int, shares: tuple[float, ...] = (0.6,)
) -> Subspace:
    """Equal parts of the variables have these shares of free ones.

    Variables without bounds are free, unless the share is 0.
    """
    rng = np.random.default_rng(seed)
    box, pairs = random_box(rng, n), random_pairs(rng, n, m, col, age)
    share = np.repeat(shares, -(-n // len(shares)))[:n]
    unbounded = (box.nbd == 0) & (share > 0)
    free = ((rng.random(n) < share) & (box.first_status != 3)) | unbounded
    on_bound = np.where(np.isnan(box.lower), box.upper, box.lower)
    on_bound = np.where(np.isnan(on_bound), 0.0, on_bound)
    inside = rng.uniform(np.maximum(box.floor, -2), np.minimum(box.ceiling, 2))
    return Subspace(box, pairs, free, np.where(free, inside, on_bound))


def reduced(kernels: SimpleNamespace, here: Subspace) -> tuple[plain.Vector, plain.Indices]:
    """r, and the list of free variables where these are few."""
    box, pairs = here.box, here.pairs
    garbage = np.full(pairs.n, np.nan)
    _, listed, z, r, *_ = kernels.shared_gradient(
        1, pairs.head, False, True, 0.0, here.status, np.full(pairs.n, -1), pairs.theta, box.x,
        here.z, box.g, pairs.stored(pairs.s), pairs.stored(pairs.y), pairs.slot, here.v, garbage,
        garbage,
    )  # fmt: skip
    assert plain.same(z, here.z)
    return r, listed


# The reduced gradient -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("m", "col", "age"), STORES)
@pytest.mark.parametrize("share", [0.1, 0.6, 1.0])
def test_reduced_gradient_is_that_of_the_dense_model(
    kernels: SimpleNamespace, m: int, col: int, age: int, share: float, seed: int
) -> None:
    here = random_subspace(seed, 40, m, col, age, (share,))
    r, _ = reduced(kernels, here)
    gradient = here.box.g + here.pairs.hessian @ (here.z - here.box.x)
    np.testing.assert_allclose(r[here.free], -gradient[here.free], rtol=RTOL, atol=RTOL)


# K ------------------------------------------------------------------------------------------------


def factored(kernels: SimpleNamespace, here: Subspace) -> plain.Matrix:
    """The factor as the kernel keeps it, 2 m by 2 m."""
    pairs = here.pairs
    products = plain.subspace_products(pairs.s, pairs.y, here.rising, here.falling)
    lower = np.tri(pairs.col, dtype=bool)
    k, positive = kernels.subspace_matrix(
        pairs.col,
        pairs.theta,
        pairs.mirrored,
        pairs.square(np.where(lower, products.yy, np.nan)),
        pairs.square(np.where(lower, products.ss, np.nan)),
        pairs.square(products.mixed),
    )
    assert positive
    return k


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("m", "col", "age"), STORES)
@pytest.mark.parametrize("share", [0.1, 0.6, 1.0])
def test_factor_of_k_is_that_of_the_dense_matrix(
    kernels: SimpleNamespace, m: int, col: int, age: int, share: float, seed: int
) -> None:
    here = random_subspace(seed, 40, m, col, age, (share,))
    f = np.triu(factored(kernels, here)[: 2 * col, : 2 * col])
    signs = np.diag([-1.0] * col + [1.0] * col)
    scale = np.abs(here.k).max()
    np.testing.assert_allclose(f.T @ signs @ f, here.k, rtol=RTOL, atol=RTOL * scale)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("m", "col", "age"), STORES)
def test_solving_with_k_is_multiplying_with_its_inverse(
    kernels: SimpleNamespace, m: int, col: int, age: int, seed: int
) -> None:
    here = random_subspace(20 + seed, 40, m, col, age)
    b = np.random.default_rng(seed).standard_normal(2 * col)
    w = kernels.subspace_solve(factored(kernels, here), b)
    expected = np.linalg.solve(here.k, b)
    np.testing.assert_allclose(w, expected, rtol=RTOL, atol=RTOL * np.abs(expected).max())


@pytest.mark.parametrize("block", ["yy", "ss"])
def test_a_k_that_is_not_definite_is_a_failure(kernels: SimpleNamespace, block: str) -> None:
    yy, ss = -4.0 * (block == "yy"), -1.0 * (block == "ss")
    # D + Y'ZZ'Y/theta = 1 - 4/2, or S'AA'S = -1.
    one = np.ones((1, 1))
    assert kernels.subspace_matrix(1, 2.0, one, 0 * one, one, 0 * one)[1]
    assert not kernels.subspace_matrix(1, 2.0, one, yy * one, one + 2 * ss, 0 * one)[1]


# The step -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("m", "col", "age"), STORES)
@pytest.mark.parametrize("share", [0.1, 0.6, 1.0])
def test_subspace_minimum_is_the_dense_one_projected(
    kernels: SimpleNamespace, m: int, col: int, age: int, share: float, seed: int
) -> None:
    here = random_subspace(seed, 40, m, col, age, (share,))
    box, pairs, free = here.box, here.pairs, here.free
    r, listed = reduced(kernels, here)
    w = np.linalg.solve(
        here.k,
        np.concatenate((pairs.y[free].T @ r[free], pairs.theta * (pairs.s[free].T @ r[free]))),
    )
    step, x, d, x_old, g_old, _, dtd, slope, on_bound = kernels.shared_minimum(
        1, pairs.head, True, here.status, listed, pairs.theta, w, pairs.stored(pairs.s),
        pairs.stored(pairs.y), box.lower, box.upper, box.nbd, here.z, r, box.x, box.g, 1e10,
    )  # fmt: skip
    b = pairs.hessian
    dense = np.linalg.solve(b[np.ix_(free, free)], -(box.g + b @ (here.z - box.x))[free])
    np.testing.assert_allclose(step[free], dense, rtol=RTOL, atol=RTOL)

    # Projected, and made the first trial of the line search.
    best = np.where(free, np.clip(here.z + step, box.floor, box.ceiling), here.z)
    assert plain.same(x, best)
    assert on_bound == (free & ((best == box.floor) | (best == box.ceiling))).any()
    assert plain.same(d, best - box.x)
    assert plain.same(x_old, box.x)
    assert plain.same(g_old, box.g)
    np.testing.assert_allclose((dtd, slope), (d @ d, box.g @ d), rtol=RTOL)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("m", "col", "age"), STORES)
def test_without_bounds_the_step_is_the_quasi_newton_step(
    kernels: SimpleNamespace, m: int, col: int, age: int, seed: int
) -> None:
    here = random_subspace(seed, 40, m, col, age)
    here.free[:] = True
    pairs, x, g = here.pairs, here.box.x, here.box.g
    w = np.linalg.solve(here.k, np.concatenate((pairs.y.T @ -g, pairs.theta * (pairs.s.T @ -g))))
    unused = np.full(pairs.n, np.nan)
    _, moved, d, x_old, g_old, _, dtd, slope, _ = kernels.shared_minimum(
        1, pairs.head, False, here.status, here.status, pairs.theta, w, pairs.stored(pairs.s),
        pairs.stored(pairs.y), unused, unused, here.box.nbd, unused, unused, x, g, 0.0,
    )  # fmt: skip
    # The step is of order one, and so is x, to which it was added and from which it was taken.
    np.testing.assert_allclose(d, np.linalg.solve(pairs.hessian, -g), rtol=RTOL, atol=RTOL)
    assert plain.same(d, moved - x)
    assert plain.same(x_old, x)
    assert plain.same(g_old, g)
    np.testing.assert_allclose((dtd, slope), (d @ d, g @ d), rtol=RTOL)


# A step that the projection spoiled ---------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("length", [0.1, 1.0, 10.0])
def test_truncated_step_goes_as_far_as_the_box_allows(
    kernels: SimpleNamespace, seed: int, length: float
) -> None:
    here = random_subspace(seed, 40, 5, 1, 0)
    box, free = here.box, here.free
    r = np.random.default_rng(seed).standard_normal(40) * length
    left, best = kernels.truncated_step(here.status, box.lower, box.upper, box.nbd, here.z, r)
    d = np.where(free, r, 0.0)
    # The largest alpha <= 1 for which z + alpha r is in the box  ([BLNZ] (5.8))
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(d < 0, (box.floor - here.z) / d, (box.ceiling - here.z) / d)
    alpha = min(1.0, room[d != 0].min())
    expected = here.z + alpha * d
    if alpha < 1:
        blocking = np.flatnonzero(np.where(d != 0, room, np.inf) == alpha)[0]
        expected[blocking] = box.lower[blocking] if d[blocking] < 0 else box.upper[blocking]
        assert left[blocking] == 0
    assert plain.same(best, expected)
    assert (best >= box.floor - 1e-15).all()  # z + alpha r is rounded
    assert (best <= box.ceiling + 1e-15).all()


def test_truncated_step_within_the_box_is_the_whole_step(kernels: SimpleNamespace) -> None:
    left, best = kernels.truncated_step([0, 1, 0], [0.0] * 3, [1.0] * 3, [2] * 3,
                                        [0.5, 0.0, 0.5], [0.25, 7.0, -0.25])  # fmt: skip
    assert best.tolist() == [0.75, 0.0, 0.25]
    assert left.tolist() == [0.25, 7.0, -0.25]


def test_truncated_step_stays_where_a_variable_is_on_the_bound_it_would_cross(
    kernels: SimpleNamespace,
) -> None:
    left, best = kernels.truncated_step(
        [0, 0], [0.0, 0.0], [1.0, 1.0], [2, 2], [0.5, 1.0], [-0.25, 0.25]
    )
    assert best.tolist() == [0.5, 1.0]
    assert left.tolist() == [-0.25, 0.0]
