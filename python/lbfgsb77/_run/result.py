"""The result of a run: a dictionary whose items are attributes too."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _html
from lbfgsb77._run.inverse_hessian import LbfgsInvHessProduct

# Shown first and in this order, as SciPy shows them; every other item follows in its own order.
_FIRST = ("message", "success", "status", "fun", "x", "nit")


class OptimizeResult(dict[str, Any]):
    """The result of a minimization: a dict with its items as attributes.

    Attributes
    ----------
    x : ndarray of shape (n,)
        The best point found.
    fun : float
        The objective there.
    jac : ndarray of shape (n,)
        The gradient there.
    nfev, njev, nit : int
        Evaluations of the objective and of its gradient, and iterations.
    status : int
        0 converged, 1 a limit was reached, 2 another ending.
    success : bool
        Whether the run converged.
    message : str
        What ended the run, in the kernel's words.
    reason : str
        Why the run ended, a sentence with the numbers that decided it.
    hess_inv : LbfgsInvHessProduct
        The approximation of the inverse Hessian.

    Notes
    -----
    Not every result has all of these: ``keys()`` tells. The text form is that of
    ``scipy.optimize.OptimizeResult``.

    Examples
    --------
    >>> from lbfgsb77 import OptimizeResult
    >>> result = OptimizeResult(x=[1.0, 2.0], fun=0.5)
    >>> result.fun
    0.5
    >>> result
     fun: 0.5
       x: [1.0, 2.0]
    """

    __module__ = "lbfgsb77"

    # For type checkers: items of a run's result, and of `LBFGSB.iterate`.
    x: NDArray[np.float64]
    fun: float
    jac: NDArray[np.float64]
    nfev: int
    njev: int
    nit: int
    status: int
    success: bool
    message: str
    reason: str
    hess_inv: LbfgsInvHessProduct
    step: float
    projected_gradient_norm: float
    active_bounds: int
    segments: int
    active_variables: int
    subspace_end: str
    trials: int
    step_length: float

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: Any) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __dir__(self) -> list[str]:
        return list(self)

    def __repr__(self) -> str:
        if not self:
            return f"{type(self).__name__}()"
        return _table(self, 1, 0)

    def _repr_html_(self) -> str:
        """In notebooks: the same, as a table."""
        return _html.of_items({str(name): _text(self[name], 0) for name in _ordered(self)})


def _ordered(items: dict[str, Any]) -> list[str]:
    names = [name for name in _FIRST if name in items]
    return names + [name for name in items if name not in _FIRST]


def _table(items: dict[str, Any], margin: int, indent: int) -> str:
    """One line per item, the names right-aligned before their colons."""
    names = _ordered(items)
    width = margin + max((len(str(name)) for name in names), default=0)
    lines = []
    for name in names:
        start = f"{name!s:>{width}}: "
        text = _text(items[name], indent + len(start))
        lines.append(start + text.replace("\n", "\n" + " " * len(start)))
    return "\n".join(lines)


def _text(value: Any, indent: int) -> str:
    if isinstance(value, dict):
        return _table(value, 0, indent)
    with np.printoptions(
        linewidth=76 - indent,
        edgeitems=2,
        threshold=12,
        formatter={"float_kind": lambda number: f"{number: .3e}".rjust(10)},
    ):
        return str(value)
