"""The path of steepest descent and the Cauchy point on it: steepest_path.c, cauchy_point.f."""

from __future__ import annotations

import itertools
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import plain
import pytest
from pairs import RTOL, Box, Pairs, random_box, random_pairs

SEEDS = range(12)


def laid_out(
    kernels: SimpleNamespace, box: Box, parts: int = 1, before: plain.Indices | None = None
) -> plain.Path:
    """The path, in one call of the routine or in several; `before` is the status on entry."""
    status = box.first_status if before is None else before
    ends = np.linspace(0, len(box.x), parts + 1).astype(int)
    y = np.linspace(-1.0, 2.0, len(box.x))
    statuses, directions, times, owners, free, open_ = [], [], [], [], False, False
    slope = rr = 0.0
    for first, last in itertools.pairwise(ends):
        part = slice(first, last)
        (
            after, d, z, t, order, breaks, _, some_free, some_open, slope, rr,
        ) = kernels.steepest_path(
            first + 1, True, True, box.x[part], box.lower[part], box.upper[part], box.nbd[part],
            box.g[part], y[part], y[part], status[part], slope, rr,
        )  # fmt: skip
        assert plain.same(z, box.x[part])
        statuses.append(after)
        directions.append(d)
        times += t[:breaks].tolist()
        owners += (order[:breaks] - 1).tolist()
        free, open_ = free or bool(some_free), open_ or bool(some_open)
    assert rr == plain.total(y * y)
    status, d = np.concatenate(statuses), np.concatenate(directions)
    return plain.Path(status, d, times, owners, free, open_, slope)


def plain_path(box: Box) -> plain.Path:
    return plain.steepest_path(box.x, box.lower, box.upper, box.nbd, box.g, box.first_status)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("n", "parts"), [(1, 1), (2, 1), (40, 1), (40, 3), (1000, 7)])
@pytest.mark.parametrize("coarse", [False, True])
def test_path_has_the_bits_of_its_loop(
    kernels: SimpleNamespace, n: int, parts: int, seed: int, coarse: bool
) -> None:
    box = random_box(np.random.default_rng(seed), n, coarse=coarse)
    path, expected = laid_out(kernels, box, parts), plain_path(box)
    for actual, wanted in zip(path, expected, strict=True):
        assert plain.same(actual, wanted)


@pytest.mark.parametrize("seed", SEEDS)
def test_where_a_variable_was_before_does_not_matter(kernels: SimpleNamespace, seed: int) -> None:
    rng = np.random.default_rng(seed)
    box = random_box(rng, 300)
    box.g[rng.random(300) < 0.2] = 0.0
    earlier = rng.choice([-3, 0, 1, 2], 300)
    before = np.where(box.first_status == 0, earlier, box.first_status).astype(np.int32)
    for actual, wanted in zip(laid_out(kernels, box, 1, before), plain_path(box), strict=True):
        assert plain.same(actual, wanted)


@pytest.mark.parametrize("seed", SEEDS)
def test_path_stays_in_the_box_up_to_each_breakpoint(kernels: SimpleNamespace, seed: int) -> None:
    box = random_box(np.random.default_rng(seed), 40)
    path = laid_out(kernels, box)
    assert path.times
    for time, owner in zip(path.times, path.owners, strict=True):
        end = box.x[owner] + time * path.d[owner]
        bound = box.floor[owner] if path.d[owner] < 0 else box.ceiling[owner]
        # (x - l)/|g| times |g|, added to x: three roundings of numbers of order one.
        assert abs(end - bound) <= 1e-15
    # Every direction that the box cuts off at once is zero, every other is -g.
    stuck = ((box.x <= box.floor) & (box.g >= 0)) | ((box.x >= box.ceiling) & (box.g <= 0))
    assert plain.same(path.d, np.where(stuck | (box.first_status == 3), 0.0, -box.g))


def test_a_variable_without_slope_is_free_in_its_own_way(kernels: SimpleNamespace) -> None:
    box = Box(
        *(np.array(v, float) for v in ([0.5, 0.5, 0.0], [0, 0, 0], [1, 1, 1])),
        np.array([2, 0, 2], np.int32),
        np.zeros(3),
    )
    path = laid_out(kernels, box)
    assert path.status.tolist() == [-3, -1, 1]
    assert (path.free, path.open, path.times) == (True, False, [])


# The Cauchy point ---------------------------------------------------------------------------------


class CauchyPoint(NamedTuple):
    z: plain.Vector
    c: plain.Vector
    status: plain.Indices
    segments: int


def found(kernels: SimpleNamespace, box: Box, pairs: Pairs, left_over: plain.Vector) -> CauchyPoint:
    """The kernel's Cauchy point; `left_over` is the c of the iteration before."""
    path = laid_out(kernels, box)
    t, order = np.zeros(pairs.n), np.zeros(pairs.n, np.int32)
    t[: len(path.times)] = path.times
    order[: len(path.times)] = np.array(path.owners, int) + 1
    columns = [*pairs.y.T, *pairs.s.T]  # theta S'd is the routine's own work
    p, c = np.full(2 * pairs.m, np.nan), np.full(2 * pairs.m, np.nan)
    p[: 2 * pairs.col] = [plain.total(column * path.d) for column in columns]
    c[: 2 * pairs.col] = left_over
    status, d, z, c, segments, stopped, rest = kernels.cauchy_point(
        pairs.col, pairs.head, pairs.theta, plain.EPSILON, box.x, box.lower, box.upper,
        pairs.stored(pairs.s), pairs.stored(pairs.y), pairs.mirrored, pairs.factor,
        len(path.times), t, order, path.free, path.open, path.slope, path.status, path.d,
        box.x, c, p, 0,
    )  # fmt: skip
    if not stopped:
        z = z + rest * d
    return CauchyPoint(z, c[: 2 * pairs.col], status, segments)


def dense_cauchy_point(box: Box, b: plain.Matrix) -> plain.Vector:
    """The first local minimum along the projected path of the model with the matrix b.

    The derivatives of each piece are computed anew, q' = g'd + d'B(z - x) and q'' = d'Bd.
    """
    g, x = box.g, box.x
    fixed = box.first_status == 3
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.where(g > 0, (x - box.floor) / g, np.where(g < 0, (x - box.ceiling) / g, np.inf))
    ends[fixed] = 0
    d = np.where(ends > 0, -g, 0)
    z, now = x.copy(), 0.0
    for end in [*np.unique(ends[ends > 0]), np.inf]:
        slope, curvature = g @ d + d @ b @ (z - x), d @ b @ d
        if slope >= 0:
            return z
        step = -slope / curvature
        if step < end - now:
            return z + step * d
        z = z + (end - now) * d
        arrived = ends == end
        z[arrived] = np.where(g > 0, box.lower, box.upper)[arrived]
        d[arrived] = 0
        now = end
        if not d.any():
            return z
    raise AssertionError("the path has no end")


CASES = [(2, 5, 0, 0), (5, 5, 1, 0), (12, 5, 3, 0), (40, 5, 5, 0), (40, 5, 5, 3), (40, 12, 12, 7)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("n", "m", "col", "age"), CASES)
@pytest.mark.parametrize("kinds", [(0, 1, 2, 3), (2,)])
def test_cauchy_point_is_the_dense_one(
    kernels: SimpleNamespace, n: int, m: int, col: int, age: int, seed: int, kinds: tuple[int, ...]
) -> None:
    rng = np.random.default_rng(seed)
    box, pairs = random_box(rng, n, kinds=kinds), random_pairs(rng, n, m, col, age)
    point = found(kernels, box, pairs, np.zeros(2 * col))
    expected = dense_cauchy_point(box, pairs.hessian)
    np.testing.assert_allclose(point.z, expected, rtol=RTOL, atol=RTOL)
    # c = W'(z - x), and a variable's status says on which bound it is.
    np.testing.assert_allclose(point.c, pairs.w.T @ (point.z - box.x), rtol=RTOL, atol=RTOL)
    assert (point.z[point.status == 1] == box.floor[point.status == 1]).all()
    assert (point.z[point.status == 2] == box.ceiling[point.status == 2]).all()
    assert (point.z >= box.floor).all()
    assert (point.z <= box.ceiling).all()


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
@pytest.mark.parametrize("seed", SEEDS)
def test_short_and_long_paths_are_followed_alike(
    kernels: SimpleNamespace, seed: int, scale: float
) -> None:
    # A box that is small beside the gradient makes the path pass many breakpoints.
    rng = np.random.default_rng(seed)
    box, pairs = random_box(rng, 40), random_pairs(rng, 40, 5, 5)
    box.g *= scale
    point = found(kernels, box, pairs, np.zeros(10))
    expected = dense_cauchy_point(box, pairs.hessian)
    np.testing.assert_allclose(point.z, expected, rtol=RTOL, atol=RTOL)
    if scale > 1:
        assert point.segments > 5


def test_where_nothing_can_move_the_point_and_the_last_c_stay(kernels: SimpleNamespace) -> None:
    rng = np.random.default_rng(0)
    box, pairs = random_box(rng, 6, kinds=(1,)), random_pairs(rng, 6, 3, 2)
    box.x[:] = box.lower
    box.g[:] = 1.0
    point = found(kernels, box, pairs, np.arange(4.0))
    assert plain.same(point.z, box.x)
    assert plain.same(point.c, np.arange(4.0))
    assert point.segments == 0
