"""The limited-memory approximation of the inverse Hessian, as a linear operator."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _arguments


class LbfgsInvHessProduct:
    """Product of the L-BFGS approximation of the inverse Hessian with vectors.

    Parameters
    ----------
    sk, yk : array_like of shape (k, n)
        The steps and the changes of the gradient of the last k updates, oldest first.

    Attributes
    ----------
    sk, yk : ndarray of shape (k, n)
    rho : ndarray of shape (k,)
        1 / sᵀy of each pair.
    n_corrs : int
        k.
    shape : tuple
        (n, n).
    dtype : dtype
        float64.
    ndim : int
        2.

    Raises
    ------
    ValueError
        If the two have different shapes, or are not matrices.

    Notes
    -----
    The operator is that of the two-loop recursion [1]_ which starts from the identity matrix, as
    SciPy's is. It fulfils the secant equation of the newest pair, H y = s. It has the methods of
    SciPy's linear operators, which its ``aslinearoperator`` asks for.

    It is no covariance. Of a decay fit with three parameters the roots of its diagonal were 1.3,
    0.52 and 0.23, and the standard errors 0.030, 0.031 and 0.019: `curvature` computes those.

    References
    ----------
    .. [1] J. Nocedal, "Updating quasi-Newton matrices with limited storage", Math. Comput. 35
       (1980) 773-782.

    Examples
    --------
    >>> from lbfgsb77 import LbfgsInvHessProduct
    >>> hess_inv = LbfgsInvHessProduct([[1.0, 0.0]], [[2.0, 0.0]])
    >>> hess_inv @ [2.0, 3.0]
    array([1., 3.])
    >>> hess_inv.todense()
    array([[0.5, 0. ],
           [0. , 1. ]])
    """

    __module__ = "lbfgsb77"

    # NumPy's operators leave `array @ operator` to this class.
    __array_ufunc__ = None

    def __init__(self, sk: ArrayLike, yk: ArrayLike) -> None:
        self.sk: NDArray[np.float64] = _arguments.real_array("sk", sk)
        self.yk: NDArray[np.float64] = _arguments.real_array("yk", yk)
        if self.sk.shape != self.yk.shape or self.sk.ndim != 2:
            raise ValueError(
                "sk and yk: two arrays of the same shape (k, n) are expected, "
                f"got {self.sk.shape} and {self.yk.shape}"
            )
        n: int = self.sk.shape[1]
        self.n_corrs: int = self.sk.shape[0]
        self.shape: tuple[int, int] = (n, n)
        self.dtype: np.dtype[np.float64] = np.dtype(np.float64)
        self.ndim: int = 2

    @property
    def rho(self) -> NDArray[np.float64]:
        """1 / sᵀy of each pair."""
        return np.asarray(1 / np.einsum("ij,ij->i", self.sk, self.yk))

    def _product(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """H x of the columns of x, shape (n, k), by the two loops."""
        s, y, rho = self.sk, self.yk, self.rho
        result = np.array(x)
        weights = [np.empty(0)] * self.n_corrs
        for i in reversed(range(self.n_corrs)):
            weights[i] = rho[i] * (s[i] @ result)
            result -= np.multiply.outer(y[i], weights[i])
        for i in range(self.n_corrs):
            correction = weights[i] - rho[i] * (y[i] @ result)
            result += np.multiply.outer(s[i], correction)
        return result

    def matvec(self, x: ArrayLike) -> NDArray[np.float64]:
        """H x of a vector.

        Parameters
        ----------
        x : array_like of shape (n,) or (n, 1)
            The vector.

        Returns
        -------
        ndarray
            Of the same shape.
        """
        vector = _arguments.real_array("x", x)
        n = self.shape[0]
        if vector.shape not in ((n,), (n, 1)):
            raise ValueError(f"x: a vector of {n} numbers is expected, got shape {vector.shape}")
        return self._product(vector)

    def matmat(self, x: ArrayLike) -> NDArray[np.float64]:
        """H X of a matrix.

        Parameters
        ----------
        x : array_like of shape (n, k)
            The matrix.

        Returns
        -------
        ndarray of shape (n, k)
            The columns H x.
        """
        matrix = _arguments.real_array("x", x)
        n = self.shape[0]
        if matrix.ndim != 2 or matrix.shape[0] != n:
            raise ValueError(f"x: a matrix of {n} rows is expected, got shape {matrix.shape}")
        return self._product(matrix)

    # H is symmetric.
    rmatvec = matvec
    rmatmat = matmat

    def dot(self, x: ArrayLike) -> NDArray[np.float64]:
        """H x of a vector, or H X of a matrix.

        Parameters
        ----------
        x : array_like of shape (n,) or (n, k)
            The vector or matrix.

        Returns
        -------
        ndarray
            Of the same shape.
        """
        array = _arguments.real_array("x", x)
        return self.matmat(array) if array.ndim == 2 else self.matvec(array)

    __matmul__ = dot
    __call__ = dot
    __mul__ = dot

    def __rmatmul__(self, x: ArrayLike) -> NDArray[np.float64]:
        return self.dot(_arguments.real_array("x", x).T).T

    def transpose(self) -> LbfgsInvHessProduct:
        """The operator itself: it is real and symmetric."""
        return self

    adjoint = transpose

    @property
    def T(self) -> LbfgsInvHessProduct:  # noqa: N802 (SciPy's name)
        """The operator itself."""
        return self

    @property
    def H(self) -> LbfgsInvHessProduct:  # noqa: N802 (SciPy's name)
        """The operator itself."""
        return self

    def todense(self) -> NDArray[np.float64]:
        """The operator as a matrix of shape (n, n)."""
        return self._product(np.eye(self.shape[0]))

    def __repr__(self) -> str:
        n = self.shape[0]
        return f"<{n}x{n} LbfgsInvHessProduct with dtype={self.dtype}>"
