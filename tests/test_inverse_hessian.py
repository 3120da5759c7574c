"""The inverse Hessian's operator agrees with the dense BFGS recursion."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbfgsb77 import LBFGSB, LbfgsInvHessProduct
from objectives import chain

N = 6


def pairs(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Steps and changes of the gradient of a quadratic with eigenvalues from 1 to 10."""
    random = np.random.RandomState(seed)
    basis, _ = np.linalg.qr(random.normal(size=(N, N)))
    hessian = basis * np.linspace(1, 10, N) @ basis.T
    steps = random.normal(size=(count, N))
    return steps, steps @ hessian


def dense(sk: np.ndarray, yk: np.ndarray) -> np.ndarray:
    """Nocedal & Wright, Numerical Optimization (2006), (6.17), from the identity matrix."""
    h = np.eye(sk.shape[1])
    for s, y in zip(sk, yk, strict=True):
        v = np.eye(len(s)) - np.outer(y, s) / (y @ s)
        h = v.T @ h @ v + np.outer(s, s) / (y @ s)
    return h


@given(count=st.integers(0, 12), seed=st.integers(0, 1000))
def test_it_is_the_dense_recursions_matrix(count: int, seed: int) -> None:
    sk, yk = pairs(count, seed)
    expected = dense(sk, yk)
    # Each of 12 updates rounds a matrix whose intermediate products are 10² times as large.
    np.testing.assert_allclose(
        LbfgsInvHessProduct(sk, yk).todense(), expected, atol=1e-12 * abs(expected).max()
    )


def test_the_newest_secant_equation_holds() -> None:
    sk, yk = pairs(4)
    np.testing.assert_allclose(LbfgsInvHessProduct(sk, yk) @ yk[-1], sk[-1], rtol=1e-12)


@pytest.mark.parametrize("m", [2, 3, 5, 50])
def test_it_holds_in_a_result_after_the_store_has_wrapped(m: int) -> None:
    solver = LBFGSB(np.zeros(N), m=m)
    for x in solver:
        solver.tell(*chain(x))
    hess_inv = solver.result.hess_inv
    assert solver.nit > 15
    assert hess_inv.n_corrs == min(m, solver.nit - 1)
    newest_step, newest_change = hess_inv.sk[-1], hess_inv.yk[-1]
    np.testing.assert_allclose(hess_inv @ newest_change, newest_step, rtol=1e-8)
    np.testing.assert_allclose(hess_inv.todense(), dense(hess_inv.sk, hess_inv.yk), rtol=1e-8)
    # Against the Hessian at the minimum, by central differences of the gradient.
    if m == 50:
        h = 1e-6
        hessian = np.array(
            [(chain(x + h * e)[1] - chain(x - h * e)[1]) / (2 * h) for e in np.eye(N)]
        )
        # A quasi-Newton matrix knows the Hessian along its last steps; two digits are usual.
        assert newest_step @ hessian @ newest_step == pytest.approx(
            newest_step @ newest_change, rel=0.05
        )


def run_with_iterates(m: int, maxiter: int, spoilt: range) -> tuple[LBFGSB, np.ndarray, np.ndarray]:
    """A run with all its iterates and their gradients; evaluations in `spoilt` are NaN."""
    solver = LBFGSB(np.full(N, -1.2), m=m, maxiter=maxiter)
    iterates, gradients = [], []
    for call, x in enumerate(solver):
        f, g = chain(x)
        if solver.tell(np.nan if call in spoilt else f, g) or call == 0:
            iterates.append(x)
            gradients.append(g)
    return solver, np.array(iterates), np.array(gradients)


@pytest.mark.parametrize("maxiter", range(8, 18))
def test_pairs_are_the_last_steps_oldest_first_however_far_the_store_has_wrapped(
    maxiter: int,
) -> None:
    solver, iterates, gradients = run_with_iterates(5, maxiter, range(0))
    hess_inv = solver.result.hess_inv
    # The pair of the last iteration would have entered with the next one.
    np.testing.assert_allclose(hess_inv.sk, np.diff(iterates, axis=0)[-6:-1], rtol=1e-9)
    np.testing.assert_allclose(hess_inv.yk, np.diff(gradients, axis=0)[-6:-1], rtol=1e-9)
    newest = hess_inv @ hess_inv.yk[-1]
    # Of the 5 updates each rounds once or twice, in matrices with condition numbers near 1000.
    np.testing.assert_allclose(newest, hess_inv.sk[-1], rtol=1e-9)
    np.testing.assert_allclose(
        hess_inv.todense(), dense(hess_inv.sk, hess_inv.yk), rtol=1e-8, atol=1e-10
    )


@pytest.mark.parametrize("further", range(2, 9))
def test_after_a_reset_they_are_the_steps_since_then(further: int) -> None:
    # 20 trials without a value let a search fail after about 13 iterations; the memory, whose
    # store has wrapped by then, is dropped.
    at_reset = run_with_iterates(5, 100, range(20, 1000))[0].nit
    assert at_reset > 10
    solver, iterates, _ = run_with_iterates(5, at_reset + further, range(20, 40))
    hess_inv = solver.result.hess_inv
    kept = min(5, further - 1)
    assert hess_inv.n_corrs == kept
    np.testing.assert_allclose(hess_inv.sk, np.diff(iterates, axis=0)[-1 - kept : -1], rtol=1e-9)
    np.testing.assert_allclose(hess_inv @ hess_inv.yk[-1], hess_inv.sk[-1], rtol=1e-9)


class TestLinearOperator:
    """It has the methods of SciPy's linear operators."""

    operator = LbfgsInvHessProduct(*pairs(3))
    matrix = operator.todense()
    vector = np.arange(1.0, N + 1)
    block = np.arange(2.0 * N).reshape(N, 2)

    def test_shape_and_type(self) -> None:
        assert self.operator.shape == (N, N)
        assert self.operator.dtype == np.float64
        assert self.operator.ndim == 2
        assert self.operator.n_corrs == 3
        assert repr(self.operator) == "<6x6 LbfgsInvHessProduct with dtype=float64>"

    @pytest.mark.parametrize("name", ["matvec", "rmatvec", "dot", "__matmul__", "__mul__"])
    def test_products_with_vectors(self, name: str) -> None:
        product = getattr(self.operator, name)
        for vector in (self.vector, self.vector[:, None], list(self.vector)):
            found = product(vector)
            assert found.shape == np.shape(vector)
            np.testing.assert_allclose(found, self.matrix @ np.asarray(vector), rtol=1e-12)

    @pytest.mark.parametrize("name", ["matmat", "rmatmat", "dot", "__matmul__"])
    def test_products_with_matrices(self, name: str) -> None:
        found = getattr(self.operator, name)(self.block)
        np.testing.assert_allclose(found, self.matrix @ self.block, rtol=1e-12)

    def test_products_from_the_left(self) -> None:
        np.testing.assert_allclose(self.vector @ self.operator, self.matrix @ self.vector)
        found = self.block.T @ self.operator
        assert found.shape == (2, N)
        np.testing.assert_allclose(found, self.block.T @ self.matrix, rtol=1e-12)

    def test_it_is_its_own_transpose_and_adjoint(self) -> None:
        operator = self.operator
        for other in (operator.T, operator.H, operator.transpose(), operator.adjoint()):
            np.testing.assert_array_equal(other.todense(), self.matrix)
        np.testing.assert_allclose(self.matrix, self.matrix.T, rtol=1e-12, atol=1e-15)

    def test_what_does_not_fit_gets_a_sentence(self) -> None:
        for bad in (np.ones(N + 1), np.ones((N, 2)), np.ones(())):
            with pytest.raises(ValueError, match=rf"^x: a vector of {N} numbers is expected"):
                self.operator.matvec(bad)
        for bad in (np.ones(N), np.ones((N + 1, 2))):
            with pytest.raises(ValueError, match=rf"^x: a matrix of {N} rows is expected"):
                self.operator.matmat(bad)

    def test_it_can_be_pickled(self) -> None:
        twin = pickle.loads(pickle.dumps(self.operator))
        np.testing.assert_array_equal(twin.todense(), self.matrix)


def test_no_pairs_are_the_identity_matrix() -> None:
    np.testing.assert_array_equal(
        LbfgsInvHessProduct(np.zeros((0, 3)), np.zeros((0, 3))).todense(), np.eye(3)
    )


@pytest.mark.parametrize(("s", "y"), [((2, 3), (3, 2)), ((3,), (3,)), ((1, 2, 3), (1, 2, 3))])
def test_pairs_of_other_shapes_get_a_sentence(s: tuple[int, ...], y: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"^sk and yk: two arrays of the same shape \(k, n\)"):
        LbfgsInvHessProduct(np.ones(s), np.ones(y))
