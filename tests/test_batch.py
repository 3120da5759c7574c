"""Batches: many problems in lockstep, each with the bits of its own separate run."""

from __future__ import annotations

import importlib
import importlib.util
import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from itertools import pairwise
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from foreign_kernels import on_each
from lbfgsb77 import LBFGSB, backend, fmin_l_bfgs_b, minimize_batch
from lbfgsb77._spread import lockstep

K, N = 50, 4


class Wells:
    """Of each problem: Σ c (x − a)² / 2 + (x − a)⁴ / 4 − d cos(x), for rows of points or for one.

    Each row is summed along its own axis, so its bits don't depend on the others.
    """

    def __init__(self, count: int = K, n: int = N, seed: int = 0) -> None:
        random = np.random.RandomState(seed)
        self.c = 10 ** random.uniform(-1.5, 1.5, (count, n))
        self.a = random.uniform(-2, 2, (count, n))
        self.d = random.uniform(0, 3, (count, n))
        self.starts = random.uniform(-2, 2, (count, n))

    def __call__(self, points: np.ndarray, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        z, c, d = points - self.a[index], self.c[index], self.d[index]
        f = 0.5 * c * z * z + 0.25 * z * z * z * z - d * np.cos(points)
        g = c * z + z * z * z + d * np.sin(points)
        return f.sum(axis=-1), g

    def of(self, k: int) -> Any:
        def one(x: np.ndarray) -> tuple[float, np.ndarray]:
            f, g = self(x[None], np.array([k]))
            return f[0], g[0]

        return one


BOX: list[tuple[float | None, float | None]] = [(-1, 1), (None, 0.5), (-0.5, None), (None, None)]


def same_as_separate_runs(wells: Wells, results: Any, bounds: Any, **options: Any) -> None:
    for k, result in enumerate(results):
        solver = LBFGSB(wells.starts[k], bounds(k) if callable(bounds) else bounds, **options)
        one = wells.of(k)
        for x in solver:
            solver.tell(*one(x))
        expected = solver.result
        assert set(result) == set(expected)
        for name in expected:
            if name == "hess_inv":
                np.testing.assert_array_equal(result.hess_inv.sk, expected.hess_inv.sk)
                np.testing.assert_array_equal(result.hess_inv.yk, expected.hess_inv.yk)
            elif isinstance(expected[name], np.ndarray):
                np.testing.assert_array_equal(result[name], expected[name])
            else:
                assert result[name] == expected[name], name


@pytest.mark.parametrize("bounds", [None, BOX])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"m": 1, "factr": 10.0, "pgtol": 1e-9},
        {"m": 3, "maxls": 3, "factr": 0.0, "pgtol": 0.0, "maxiter": 60},
        {"maxiter": 4},
        {"maxfun": 6},
        {"maxfun": 0},
    ],
)
def test_each_result_has_the_bits_of_its_own_run(bounds: Any, options: Any) -> None:
    wells = Wells()
    results = minimize_batch(wells, wells.starts, bounds, **options)
    same_as_separate_runs(wells, results, bounds, **options)


# What runs on processors of each kind; all but the first are built for tests alone.
MODULES = [
    name
    for name in ("lbfgsb77._lbfgsb", "lbfgsb77._lbfgsb_avx2", "lbfgsb77._lbfgsb_any")
    if importlib.util.find_spec(name) is not None
]


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.parametrize(
    ("n", "m"),
    # Directions are found together of up to 200 variables and 40 pairs.
    [(1, 3), (2, 10), (6, 10), (9, 1), (12, 40), (12, 41), (50, 4), (200, 5), (201, 5)],
)
def test_directions_that_are_found_together_have_the_same_bits(
    monkeypatch: pytest.MonkeyPatch, module: str, n: int, m: int
) -> None:
    monkeypatch.setattr(lockstep, "_lbfgsb", importlib.import_module(module))
    # Of seventeen problems, which are two groups of eight and one more, a third has no bounds, a
    # third the same ones for all variables, and a third some of each kind.
    wells = Wells(17, n, seed=n)
    kinds = [[(None, None)] * n, [(-0.75, 0.75)] * n, [BOX[i % len(BOX)] for i in range(n)]]
    bounds = [kinds[k % 3] for k in range(17)]
    options = {"m": m, "factr": 10.0, "pgtol": 1e-8, "maxiter": 30 if n > 100 else 80}
    results = minimize_batch(wells, wells.starts, bounds, **options)
    same_as_separate_runs(wells, results, lambda k: bounds[k], **options)


def test_it_is_fmin_l_bfgs_b_many_times() -> None:
    wells = Wells(seed=7)
    results = minimize_batch(wells, wells.starts, BOX)
    for k in range(K):
        x, f, d = fmin_l_bfgs_b(wells.of(k), wells.starts[k], bounds=BOX)
        np.testing.assert_array_equal(results.x[k], x)
        np.testing.assert_array_equal(results.jac[k], d["grad"])
        assert (results.fun[k], results.nfev[k], results.nit[k]) == (f, d["funcalls"], d["nit"])
        assert results.status[k] == d["warnflag"]
        assert results.message[k] == d["task"]


@pytest.mark.parametrize("spelling", ["array", "list", "object"])
def test_each_problem_can_have_bounds_of_its_own(spelling: str) -> None:
    wells = Wells()
    lower = np.where(wells.a > 0.5, wells.a + 0.1, -np.inf)
    upper = np.where(wells.a < -0.5, wells.a - 0.1, np.inf)

    class Bounds:
        lb, ub = lower, upper

    def of(k: int) -> Any:
        return np.stack((lower[k], upper[k]), axis=-1)

    bounds = {
        "array": np.stack((lower, upper), axis=-1),
        "list": [
            [(None if a == -np.inf else a, None if b == np.inf else b) for a, b in of(k).tolist()]
            for k in range(K)
        ],
        "object": Bounds(),
    }[spelling]
    results = minimize_batch(wells, wells.starts, bounds)
    assert ((lower <= results.x) & (results.x <= upper)).all()
    same_as_separate_runs(wells, results, of)


def test_a_list_can_have_an_object_with_lb_and_ub_for_each_problem() -> None:
    class Bounds:
        def __init__(self, lb: float) -> None:
            self.lb, self.ub = lb, np.inf

    results = minimize_batch(
        lambda x, i: ((x * x).sum(1), 2 * x), np.full((3, 2), 3.0), [Bounds(k) for k in range(3)]
    )
    np.testing.assert_array_equal(results.x, [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])


def test_the_objective_gets_all_that_wait_and_no_other() -> None:
    wells = Wells()
    seen: list[np.ndarray] = []

    def watched(points: np.ndarray, index: np.ndarray) -> Any:
        assert points.shape == (len(index), N)
        assert (np.diff(index) > 0).all()
        seen.append(index.copy())
        answer = wells(points, index)
        points[:] = np.nan  # it may keep or change what it gets
        index[:] = -1
        return answer

    results = minimize_batch(watched, wells.starts)
    np.testing.assert_array_equal(seen[0], np.arange(K))
    # One call per round: a problem is in as many as it has evaluations, from the first on.
    np.testing.assert_array_equal(np.bincount(np.concatenate(seen), minlength=K), results.nfev)
    assert len(seen) == results.nfev.max()
    assert all(set(later) <= set(earlier) for earlier, later in pairwise(seen))


def test_arguments_come_with_the_problems_they_belong_to() -> None:
    wells = Wells()

    def objective(points: np.ndarray, index: np.ndarray, c: Any, a: Any, d: Any) -> Any:
        np.testing.assert_array_equal(a, wells.a[index])
        z = points - a
        f = 0.5 * c * z * z + 0.25 * z * z * z * z - d * np.cos(points)
        return f.sum(axis=-1), c * z + z * z * z + d * np.sin(points)

    results = minimize_batch(objective, wells.starts, BOX, args=(wells.c, wells.a, wells.d))
    same_as_separate_runs(wells, results, BOX)


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_any_number_of_threads_gives_the_same_bits(threads: int) -> None:
    wells = Wells(count=700)  # so that each of several threads has work
    alone = minimize_batch(wells, wells.starts, BOX)
    shared = minimize_batch(wells, wells.starts, BOX, threads=threads)
    same(shared, alone)


def same(results: Any, expected: Any) -> None:
    for name in ("x", "fun", "jac", "nit", "nfev", "status", "success"):
        np.testing.assert_array_equal(getattr(results, name), getattr(expected, name))
    assert results.message == expected.message
    np.testing.assert_array_equal(results[3].hess_inv.sk, expected[3].hess_inv.sk)
    np.testing.assert_array_equal(results[-1].hess_inv.yk, expected[-1].hess_inv.yk)


class TestWorkers:
    @pytest.mark.parametrize("group_size", [None, 1, 7, 1000])
    def test_a_plain_map(self, group_size: int | None) -> None:
        wells = Wells()
        alone = minimize_batch(wells, wells.starts, BOX)
        same(
            minimize_batch(wells, wells.starts, BOX, workers=map, group_size=group_size),
            alone,
        )

    @pytest.mark.parametrize(("count", "groups"), [(1, 1), (3, 3), (32, 32), (33, 17)])
    def test_a_map_gets_at_most_32_groups(self, count: int, groups: int) -> None:
        given = 0

        def counting_map(function: Any, items: Any) -> Any:
            nonlocal given
            items = list(items)
            given += len(items)
            return map(function, items)

        minimize_batch(
            lambda x, i: ((x * x).sum(1), 2 * x), np.ones((count, 2)), workers=counting_map
        )
        assert given == groups

    def test_threads(self) -> None:
        wells = Wells()
        with ThreadPoolExecutor(3) as pool:
            results = minimize_batch(wells, wells.starts, BOX, workers=pool.map)
        same(results, minimize_batch(wells, wells.starts, BOX))

    def test_processes(self) -> None:
        wells = Wells()
        # Not forked: a process that starts from nothing gets all it needs by pickling.
        with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
            results = minimize_batch(wells, wells.starts, BOX, workers=pool.map, group_size=20)
        same(results, minimize_batch(wells, wells.starts, BOX))

    def test_a_number_of_processes(self) -> None:
        wells = Wells()
        same(
            minimize_batch(wells, wells.starts, BOX, workers=2),
            minimize_batch(wells, wells.starts, BOX),
        )

    def test_futures_are_awaited(self) -> None:
        wells = Wells()
        with ThreadPoolExecutor(2) as pool:

            def submit_each(function: Any, items: Any) -> list[Any]:
                return [pool.submit(function, item) for item in items]

            results = minimize_batch(wells, wells.starts, workers=submit_each)
        same(results, minimize_batch(wells, wells.starts))

    def test_the_numbers_of_problems_are_those_among_all(self) -> None:
        wells = Wells()
        seen: list[int] = []

        def watched(points: np.ndarray, index: np.ndarray) -> Any:
            seen.extend(index.tolist())
            return wells(points, index)

        minimize_batch(watched, wells.starts, workers=map, group_size=6)
        assert set(seen) == set(range(K))

    def test_an_exception_comes_through(self) -> None:
        def broken(points: np.ndarray, index: np.ndarray) -> Any:
            raise ZeroDivisionError("mine")

        for workers in (None, map):
            with pytest.raises(ZeroDivisionError, match="mine"):
                minimize_batch(broken, Wells().starts, workers=workers)


class TestOddValues:
    def test_values_that_are_not_finite_end_their_own_run_alone(self) -> None:
        wells = Wells()

        def holed(points: np.ndarray, index: np.ndarray) -> Any:
            f, g = wells(points, index)
            f[index == 3] = np.nan
            g[(index == 5) & (points[:, 0] < wells.starts[5, 0])] = np.inf
            return f, g

        results = minimize_batch(holed, wells.starts)
        plain = minimize_batch(wells, wells.starts)
        assert results.status[3] == 2
        others = np.delete(np.arange(K), [3, 5])
        np.testing.assert_array_equal(results.x[others], plain.x[others])

    def test_a_point_is_not_asked_for_twice_in_a_row(self) -> None:
        # A gradient that points uphill: the search shrinks until its trial rounds to its start.
        starts = np.array([[1.0], [1e6], [1e8]])
        calls = []

        def uphill(points: np.ndarray, index: np.ndarray) -> Any:
            calls.append(index.tolist())
            return 1 + points[:, 0], np.full_like(points, -1e-10)

        results = minimize_batch(uphill, starts, factr=0, pgtol=0)
        # The numbers are those of single runs in SciPy 1.14.1; see test_solver.py.
        np.testing.assert_array_equal(results.nfev, [15, 15, 1])

    def test_no_problem_at_all(self) -> None:
        options: list[dict[str, Any]] = [{}, {"workers": map}, {"threads": 2}]
        for option in options:
            results = minimize_batch(Wells(), np.empty((0, 3)), **option)
            assert len(results) == 0
            assert results.x.shape == (0, 3)

    def test_single_precision_and_integers(self) -> None:
        centers = np.arange(6).reshape(3, 2)

        def parabolas(points: np.ndarray, index: np.ndarray) -> Any:
            z = points.astype(np.float32) - centers[index].astype(np.float32)
            return (z * z).sum(axis=1), 2 * z

        results = minimize_batch(parabolas, np.zeros((3, 2), int))
        # A gradient below pgtol, 1e-5, and the rounding of single precision.
        np.testing.assert_allclose(results.x, centers, atol=1e-5)


def test_the_result_is_a_sequence_and_can_be_pickled() -> None:
    wells = Wells()
    results = minimize_batch(wells, wells.starts)
    assert len(list(results)) == len(results) == K
    np.testing.assert_array_equal(results[-1].x, results.x[-1])
    assert [item.nit for item in results[2:5]] == results.nit[2:5].tolist()
    with pytest.raises(IndexError):
        results[K]
    assert "50 problems" in repr(results)
    same(pickle.loads(pickle.dumps(results)), results)


def test_the_best_result_is_the_first_with_the_lowest_objective() -> None:
    def fun(x: Any, numbers: Any) -> tuple[Any, Any]:
        heights = np.array([np.nan, 2.0, 1.0, 1.0])[numbers]
        return ((x - numbers[:, None]) ** 2).sum(1) + heights, 2 * (x - numbers[:, None])

    results = minimize_batch(fun, np.full((4, 1), 9.0))
    assert np.isnan(results.fun[0])
    assert results.best.x.tolist() == pytest.approx([2.0])
    with pytest.raises(ValueError, match=r"^best: a batch of at least one problem is expected"):
        _ = minimize_batch(fun, np.empty((0, 1))).best


class TestRefusals:
    @pytest.mark.parametrize(
        ("changes", "kind", "sentence"),
        [
            ({"X0": np.zeros(3)}, ValueError, r"^X0: .* \(K, n\) is expected, got shape \(3,\)"),
            ({"X0": np.zeros((3, 0))}, ValueError, r"^X0: .* got shape \(3, 0\)"),
            ({"X0": np.zeros((3, 2), complex)}, TypeError, "^X0: real numbers .* complex128"),
            ({"X0": [[0, 1], [2, np.nan]]}, ValueError, r"^X0\[1, 1\]: a number .* nan"),
            ({"X0": [[0, 1], [np.inf, 2]]}, ValueError, r"^X0\[1, 0\]: a finite number .* inf"),
            ({"bounds": [(0, 1)]}, ValueError, "^bounds: 2 pairs are expected"),
            ({"bounds": np.zeros((4, 2, 2))}, ValueError, "^bounds: those of 3 problems"),
            (
                {"bounds": [[(0, 1)] * 2, None, [(0, 1), (3, 2)]]},
                ValueError,
                r"^problem 2: bounds\[1\]: lower 3.0 exceeds upper 2.0",
            ),
            (
                {"bounds": np.array([[[0, 1]] * 2, [[0, 1]] * 2, [[0, 1], [3, 2]]])},
                ValueError,
                r"^problem 2: bounds\[1\]: lower 3.0 exceeds upper 2.0",
            ),
            ({"args": ([1, 2],)}, ValueError, r"^args\[0\]: 3 items are expected"),
            ({"m": 0}, ValueError, "^m: must be positive"),
            ({"threads": 0}, ValueError, "^threads: must be positive"),
            ({"workers": "two"}, ValueError, "^workers: "),
            ({"workers": map, "group_size": 0}, ValueError, "^group_size: must be positive"),
            ({"fun": 3}, TypeError, "^fun: a callable is expected"),
            ({"fun": lambda x, i: 3}, TypeError, r"^fun: a pair \(F, G\) is expected, got int"),
            ({"fun": lambda x, i: (x, x)}, ValueError, r"^fun: F of shape \(3,\) is expected"),
            (
                {"fun": lambda x, i: (x[:, 0], x.T)},
                ValueError,
                r"^fun: G of shape \(3, 2\) is expected, got \(2, 3\)",
            ),
            ({"fun": lambda x, i: (x[:, 0], x + 0j)}, TypeError, "^fun: G of real numbers"),
        ],
    )
    def test_it_is_one_sentence(self, changes: Any, kind: type, sentence: str) -> None:
        arguments = {"fun": lambda x, i: ((x * x).sum(1), 2 * x), "X0": np.ones((3, 2))}
        with pytest.raises(kind, match=sentence):
            minimize_batch(**{**arguments, **changes})

    def test_more_memory_than_there_is(self) -> None:
        starts = np.broadcast_to(np.zeros(2), (2000, 2))
        with pytest.raises(MemoryError, match="2000 problems of n = 2 variables with m = 10000"):
            minimize_batch(lambda x, i: pytest.fail("called"), starts, m=10000)

    def test_more_numbers_than_can_be_indexed(self) -> None:
        starts = np.zeros((1, 10**6))
        with pytest.raises(ValueError, match=r"^m: with 1000000 variables .* 2147483647 numbers"):
            minimize_batch(lambda x, i: pytest.fail("called"), starts, m=1100)


@on_each
@pytest.mark.parametrize("division", [{}, {"workers": map}, {"workers": 2, "group_size": 3}])
def test_a_batch_on_another_kernel_is_its_runs(division: dict[str, Any], kernel: str) -> None:
    wells = Wells()
    with backend(kernel):
        results = minimize_batch(wells, wells.starts, **division)
        for k, start in enumerate(wells.starts):
            solver = LBFGSB(start)
            for x in solver:
                f, g = wells(x[None, :], np.array([k]))
                solver.tell(f[0], g[0])
            np.testing.assert_array_equal(results.x[k], solver.result.x)
            assert results[k].nfev == solver.nfev == results.nfev[k]
            assert results[k].reason == solver.reason
    if kernel == "original":
        # The wells have no bounds, so that nothing can be outside: the bits are this package's.
        own = minimize_batch(wells, wells.starts)
        np.testing.assert_array_equal(results.x, own.x)
        np.testing.assert_array_equal(results.nfev, own.nfev)
