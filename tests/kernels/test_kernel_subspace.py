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

BLOCK = 4096  # block_sizes.f

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
    def list(self) -> plain.Indices:
        return np.array([*self.rising, *self.falling], np.int32) + 1

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

    def factor(self) -> plain.Matrix:
        products = plain.subspace_products(self.pairs.s, self.pairs.y, self.rising, self.falling)
        factor = plain.subspace_factor(self.pairs.theta, self.pairs.sy, products)
        assert factor is not None
        return factor


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


def reduced(kernels: SimpleNamespace, here: Subspace) -> tuple[plain.Vector, plain.Matrix]:
    box, pairs = here.box, here.pairs
    r, sums = kernels.reduced_gradient(
        pairs.head, here.free.sum(), here.list, here.status, pairs.theta, box.x, here.z, box.g,
        pairs.stored(pairs.s), pairs.stored(pairs.y), pairs.slot, here.v,
        np.full(pairs.n, np.nan),
    )  # fmt: skip
    return r, sums


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


@pytest.mark.parametrize(("m", "col", "age"), STORES)
@pytest.mark.parametrize(
    ("n", "shares"),
    [
        (1, (1.0,)),
        (7, (0.5,)),
        (BLOCK, (0.7,)),
        (BLOCK + 1, (0.2, 0.9)),
        (4 * BLOCK, (0.9, 0.1, 0.0, 0.5)),
        (4 * BLOCK, (0.0, 1.0, 0.05, 0.0)),
    ],
)
def test_reduced_gradient_and_its_products_have_the_bits_of_their_loops(
    kernels: SimpleNamespace, n: int, shares: tuple[float, ...], m: int, col: int, age: int
) -> None:
    if n == 1:
        m, col, age = 3, 1, 0
    here = random_subspace(col, n, m, col, age, shares)
    pairs, free = here.pairs, here.free
    r, sums = reduced(kernels, here)
    expected = plain.reduced_gradient(
        pairs.theta, here.box.x, here.z, here.box.g, pairs.s, pairs.y, here.v
    )
    assert plain.same(r[free], expected[free])
    columns = np.empty((2 * col, n))
    columns[pairs.slots] = pairs.y.T
    columns[[col + slot for slot in pairs.slots]] = pairs.s.T
    newest = pairs.y[free, -1]
    assert plain.same(sums[0], [plain.total(column[free] * newest) for column in columns])
    assert plain.same(sums[1], [plain.total(column[free] * r[free]) for column in columns])


# The inner products -------------------------------------------------------------------------------


def lanes_by_slot(here: Subspace, col: int, slots: list[int]) -> plain.Matrix:
    """What a pass leaves of the first `col` pairs' products with the newest of them's y."""
    s, y = here.pairs.s[here.free], here.pairs.y[here.free]
    sums = np.zeros((2, 2 * col), order="F")
    for j, slot in enumerate(slots):
        sums[0, slot] = plain.total(y[:, j] * y[:, col - 1])
        sums[0, col + slot] = plain.total(s[:, j] * y[:, col - 1])
    return sums


@pytest.mark.parametrize("seed", SEEDS)
def test_products_grow_pair_by_pair_into_those_taken_at_once(
    kernels: SimpleNamespace, seed: int
) -> None:
    here = random_subspace(seed, 40, 5, 5, 0)
    pairs = here.pairs
    # Variables that stayed on their bound did not move: their terms are left out.
    pairs.s[np.random.default_rng(seed).random((40, 5)) < 0.3] = 0.0
    yy, ss, mixed = (np.full((5, 5), np.nan, order="F") for _ in range(3))
    for col in range(1, 6):
        ss, mixed = kernels.enter_active_products(
            col, 1, col, np.array(here.falling) + 1, pairs.s, pairs.y, ss, mixed
        )
        sums = lanes_by_slot(here, col, list(range(col)))
        yy, mixed = kernels.enter_free_products(1, 1, sums, yy, mixed)
    expected = plain.subspace_products(pairs.s, pairs.y, here.rising, here.falling)
    lower = np.tri(5, dtype=bool)
    assert plain.same(yy[lower], expected.yy[lower])
    assert plain.same(ss[lower], expected.ss[lower])
    assert plain.same(mixed, expected.mixed)


@pytest.mark.parametrize("age", range(5))
def test_in_a_full_store_the_oldest_makes_room(kernels: SimpleNamespace, age: int) -> None:
    here = random_subspace(age, 40, 5, 5, age)
    pairs = here.pairs
    before = [np.arange(25.0).reshape(5, 5, order="F") + 100 * k for k in range(3)]
    yy, ss, mixed = kernels.drop_oldest(*before)
    for shifted, old in zip((yy, ss, mixed), before, strict=True):
        assert plain.same(shifted[:4, :4], old[1:, 1:])
    ss, mixed = kernels.enter_active_products(
        5, pairs.head, pairs.slot, np.array(here.falling) + 1,
        pairs.stored(pairs.s), pairs.stored(pairs.y), ss, mixed,
    )  # fmt: skip
    yy, mixed = kernels.enter_free_products(
        pairs.head, 1, lanes_by_slot(here, 5, pairs.slots), yy, mixed
    )
    expected = plain.subspace_products(pairs.s, pairs.y, here.rising, here.falling)
    assert plain.same(yy[4], expected.yy[4])
    assert plain.same(ss[4], expected.ss[4])
    assert plain.same(mixed[4], expected.mixed[4])
    assert plain.same(mixed[:, 4], expected.mixed[:, 4])


@pytest.mark.parametrize("older", [0, 1, 4, 5])
@pytest.mark.parametrize("age", [0, 3])
@pytest.mark.parametrize("seed", SEEDS)
def test_variables_that_change_sides_take_their_products_along(
    kernels: SimpleNamespace, seed: int, age: int, older: int
) -> None:
    before = random_subspace(seed, 40, 5, 5, age)
    pairs = before.pairs
    now = np.random.default_rng(1000 + seed).random(40) < 0.5
    entering = np.flatnonzero(now & ~before.free)[::-1]
    leaving = np.flatnonzero(~now & before.free)[::-1]
    start = plain.subspace_products(pairs.s, pairs.y, before.rising, before.falling)
    moved = tuple(np.asfortranarray(a) for a in start)
    for members, into_free in ((entering, True), (leaving, False)):
        moved = kernels.move_products(
            5, pairs.head, older, members + 1, pairs.stored(pairs.s), pairs.stored(pairs.y),
            into_free, *moved,
        )  # fmt: skip
    yy, ss, mixed = moved

    free, active = np.flatnonzero(now).tolist(), np.flatnonzero(~now)[::-1].tolist()
    anew = plain.subspace_products(pairs.s, pairs.y, free, active)
    for i in range(older):
        for j in range(older):
            for actual, old, fresh, first, second, sign, wanted in (
                (yy, start.yy, anew.yy, pairs.y, pairs.y, 1, i >= j),
                (ss, start.ss, anew.ss, pairs.s, pairs.s, -1, i >= j),
                (mixed, start.mixed, anew.mixed, pairs.s, pairs.y, 1 if i <= j else -1, True),
            ):
                if not wanted:
                    continue
                enters = plain.total(first[entering, i] * second[entering, j])
                leaves = plain.total(first[leaving, i] * second[leaving, j])
                assert actual[i, j] == old[i, j] + sign * enters - sign * leaves
                # Forty terms of order one, summed in another order.
                np.testing.assert_allclose(actual[i, j], fresh[i, j], rtol=1e-12, atol=1e-12)
    # The newest pair's are entered whole, not moved.
    for actual, old in ((yy, start.yy), (ss, start.ss), (mixed, start.mixed)):
        assert plain.same(actual[older:], old[older:])
        assert plain.same(actual[:, older:], old[:, older:])


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
def test_factor_of_k_has_the_bits_of_the_blockwise_loops(
    kernels: SimpleNamespace, m: int, col: int, age: int, seed: int
) -> None:
    here = random_subspace(10 + seed, 40, m, col, age)
    k = factored(kernels, here)[: 2 * col, : 2 * col]
    assert plain.same(np.triu(k), here.factor())
    assert plain.same(k, k.T)


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
    f = here.factor()
    half = plain.solve_transposed(f, b)
    half[:col] = -half[:col]
    assert plain.same(w, plain.solve(f, half))


@pytest.mark.parametrize("block", ["yy", "ss"])
def test_a_k_that_is_not_definite_is_a_failure(kernels: SimpleNamespace, block: str) -> None:
    yy, ss = -4.0 * (block == "yy"), -1.0 * (block == "ss")
    # D + Y'ZZ'Y/theta = 1 - 4/2, or S'AA'S = -1.
    one = np.ones((1, 1))
    assert kernels.subspace_matrix(1, 2.0, one, 0 * one, one, 0 * one)[1]
    assert not kernels.subspace_matrix(1, 2.0, one, yy * one, one + 2 * ss, 0 * one)[1]


# The step -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("m", "col", "age"), STORES)
@pytest.mark.parametrize(
    ("n", "shares", "seed"),
    [(40, (share,), seed) for share in (0.1, 0.6, 1.0) for seed in SEEDS]
    + [(BLOCK + 1, (0.2, 0.9), 0), (4 * BLOCK, (0.9, 0.1, 0.0, 0.5), 0)],
)
def test_subspace_minimum(
    kernels: SimpleNamespace,
    n: int,
    shares: tuple[float, ...],
    m: int,
    col: int,
    age: int,
    seed: int,
) -> None:
    here = random_subspace(seed, n, m, col, age, shares)
    box, pairs, free = here.box, here.pairs, here.free
    r, _ = reduced(kernels, here)
    w = np.concatenate((pairs.y[free].T @ r[free], pairs.theta * (pairs.s[free].T @ r[free])))
    f = here.factor()
    w = plain.solve_transposed(f, w)
    w[:col] = -w[:col]
    w = plain.solve(f, w)
    step, x, d, t, old, dtd, slope, largest, on_bound = kernels.subspace_minimum(
        pairs.head, free.sum(), here.list, here.status, pairs.theta, w, pairs.stored(pairs.s),
        pairs.stored(pairs.y), box.lower, box.upper, box.nbd, here.z, r, box.x, box.g, 1e10,
    )  # fmt: skip

    # The step to the minimum: to the last bit, and where the matrix is small that of the dense one.
    expected = plain.subspace_step(pairs.theta, r, pairs.s, pairs.y, w)
    assert plain.same(step[free], expected[free])
    if n <= 40:
        b = pairs.hessian
        dense = np.linalg.solve(b[np.ix_(free, free)], -(box.g + b @ (here.z - box.x))[free])
        np.testing.assert_allclose(step[free], dense, rtol=RTOL, atol=RTOL)

    # Projected, and made the first trial of the line search.
    best = np.where(free, np.clip(here.z + step, box.floor, box.ceiling), here.z)
    arrived = free & ((best == box.floor) | (best == box.ceiling))
    assert plain.same(x, best)
    assert on_bound == arrived.any()
    check_search_start(box, best, x, d, t, old, dtd, slope, largest)


def check_search_start(
    box: Box, best: plain.Vector, x: plain.Vector, d: plain.Vector, t: plain.Vector,
    old: plain.Vector, dtd: float, slope: float, largest: float,
) -> None:  # fmt: skip
    assert plain.same(x, best)
    assert plain.same(d, best - box.x)
    assert plain.same(t, box.x)
    assert plain.same(old, box.g)
    assert dtd == plain.total(d * d)
    assert slope == plain.total(box.g * d)
    assert largest == plain.largest_step(box.lower, box.upper, box.nbd, box.x, d, 1e10)[0]


@pytest.mark.parametrize(("m", "col", "age"), STORES)
@pytest.mark.parametrize(
    ("n", "seed"),
    [(40, seed) for seed in SEEDS] + [(n, 0) for n in (BLOCK, BLOCK + 1, 2 * BLOCK + 7)],
)
def test_without_bounds_the_step_is_the_quasi_newton_step(
    kernels: SimpleNamespace, n: int, m: int, col: int, age: int, seed: int
) -> None:
    here = random_subspace(seed, n, m, col, age)
    here.free[:] = True
    pairs, x, g = here.pairs, here.box.x, here.box.g
    f = here.factor()
    w = plain.solve_transposed(f, np.concatenate((pairs.y.T @ -g, pairs.theta * (pairs.s.T @ -g))))
    w[:col] = -w[:col]
    w = plain.solve(f, w)
    moved, d, t, old, dtd, slope = kernels.free_minimum(
        pairs.head, pairs.theta, w, pairs.stored(pairs.s), pairs.stored(pairs.y), x, g
    )
    best = x + plain.subspace_step(pairs.theta, -g, pairs.s, pairs.y, w)
    assert plain.same(moved, best)
    assert plain.same(d, best - x)
    assert plain.same(t, x)
    assert plain.same(old, g)
    assert dtd == plain.total(d * d)
    assert slope == plain.total(g * d)
    if n == 40:
        # The step is of order one, and so is x, to which it was added and from which it was taken.
        np.testing.assert_allclose(d, np.linalg.solve(pairs.hessian, -g), rtol=RTOL, atol=RTOL)


# A step that the projection spoiled ---------------------------------------------------------------


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("length", [0.1, 1.0, 10.0])
def test_truncated_step_goes_as_far_as_the_box_allows(
    kernels: SimpleNamespace, seed: int, length: float
) -> None:
    here = random_subspace(seed, 40, 5, 1, 0)
    box, free = here.box, here.free
    r = np.random.default_rng(seed).standard_normal(40) * length
    left, best = kernels.truncated_step(
        free.sum(), here.list, box.lower, box.upper, box.nbd, here.z, r
    )
    d = np.where(free, r, 0.0)
    alpha, blocking = plain.largest_step(box.lower, box.upper, box.nbd, here.z, d, 1.0)
    expected = here.z + alpha * d
    if blocking is not None:
        expected[blocking] = box.lower[blocking] if d[blocking] < 0 else box.upper[blocking]
        assert left[blocking] == 0
    assert plain.same(best, expected)
    assert (alpha < 1) == (blocking is not None)
    # The largest alpha <= 1 for which z + alpha r is in the box  ([BLNZ] (5.8))
    with np.errstate(divide="ignore", invalid="ignore"):
        room = np.where(d < 0, (box.floor - here.z) / d, (box.ceiling - here.z) / d)
    assert alpha == min(1.0, room[d != 0].min())
    assert (best >= box.floor - 1e-15).all()  # z + alpha r is rounded
    assert (best <= box.ceiling + 1e-15).all()


def test_truncated_step_within_the_box_is_the_whole_step(kernels: SimpleNamespace) -> None:
    left, best = kernels.truncated_step(2, [1, 3, 2], [0.0] * 3, [1.0] * 3, [2] * 3,
                                        [0.5, 0.0, 0.5], [0.25, 7.0, -0.25])  # fmt: skip
    assert best.tolist() == [0.75, 0.0, 0.25]
    assert left.tolist() == [0.25, 7.0, -0.25]


def test_truncated_step_stays_where_a_variable_is_on_the_bound_it_would_cross(
    kernels: SimpleNamespace,
) -> None:
    left, best = kernels.truncated_step(
        2, [1, 2], [0.0, 0.0], [1.0, 1.0], [2, 2], [0.5, 1.0], [-0.25, 0.25]
    )
    assert best.tolist() == [0.5, 1.0]
    assert left.tolist() == [-0.25, 0.0]
