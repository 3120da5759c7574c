"""``setulb``: the reverse-communication call, in the two forms that code in the field speaks."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lbfgsb77 import _arguments, _lbfgsb

Vector = NDArray[np.float64]
Integers = NDArray[np.int32]

_TEXT: Final = np.dtype("S60")

# The arrays: their type and, where it is fixed, their length.
_ARRAYS: Final[dict[str, tuple[str, Any, int | None]]] = {
    "x": ("float64", np.dtype(np.float64), None),
    "g": ("float64", np.dtype(np.float64), None),
    "wa": ("float64", np.dtype(np.float64), None),
    "iwa": ("int32", np.dtype(np.int32), None),
    "lsave": ("int32", np.dtype(np.int32), 4),
    "isave": ("int32", np.dtype(np.int32), 44),
    "dsave": ("float64", np.dtype(np.float64), 29),
    "task": ("int32", np.dtype(np.int32), 2),
    "ln_task": ("int32", np.dtype(np.int32), 2),
}


def setulb(
    m: int, x: Vector, l: ArrayLike, u: ArrayLike, nbd: ArrayLike, f: Any, g: Vector,  # noqa: E741
    factr: float, pgtol: float, wa: Vector, iwa: Integers, task: NDArray[np.bytes_], iprint: int,
    csave: NDArray[np.bytes_], lsave: Integers, isave: Integers, dsave: Vector, maxls: int,
    n: int | None = None,
) -> None:  # fmt: skip
    """Go on to the next wanted evaluation, or finished iteration, or the end: task and csave texts.

    This is the call of the original, as SciPy up to 1.14 had it. All arrays are updated in place.

    Parameters
    ----------
    m : int
        The number of pairs (step, change of the gradient) that are remembered, at least 1.
    x : ndarray of shape (n,), float64
        With START the start; later the point to evaluate, the iterate, the result.
    l, u : array_like of shape (n,)
        Bounds; read where `nbd` says so.
    nbd : array_like of shape (n,), int
        0 no bound, 1 lower, 2 both, 3 upper.
    f : float, or ndarray of one item
        The value at `x`. An array of floats is updated in place, if it can be written to, which
        matters where a search has failed and the last iterate is put back.
    g : ndarray of shape (n,), float64
        The gradient at `x`.
    factr, pgtol : float
        Tolerances, as for `fmin_l_bfgs_b`.
    wa : ndarray of 2mn + 5n + 11m² + 8m items, float64
        Work space.
    iwa : ndarray of 3n items, int32
        Work space.
    task : ndarray of one item, dtype S60
        ``START`` to begin; what is wanted, or how the run ended.
    iprint : int
        Without effect.
    csave : ndarray of one item, dtype S60
        Work space.
    lsave, isave, dsave : ndarray of 4, 44 and 29 items, int32, int32 and float64
        Work space, of which some places can be read.
    maxls : int
        The largest number of evaluations in one line search.
    n : int, optional
        The length of `x`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as described: one sentence with its name, the rule and what it is.
        What arrays hold is never out of place: what can't be a state ends as an ERROR task.

    See Also
    --------
    setulb_int : The same in the form of SciPy from 1.15 on.
    LBFGSB : The same loop with checked arguments, made for people.

    Examples
    --------
    The minimum of (x - 1)², in one iteration:

    >>> import numpy as np
    >>> from lbfgsb77 import setulb
    >>> n, m = 1, 5
    >>> x, l, u, g = np.array([3.0]), np.zeros(n), np.zeros(n), np.zeros(n)
    >>> nbd, f = np.zeros(n, np.int32), np.array(0.0)
    >>> wa, iwa = np.zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m), np.zeros(3 * n, np.int32)
    >>> task, csave = np.array(b"START", "S60"), np.array(b"", "S60")
    >>> lsave, isave, dsave = np.zeros(4, np.int32), np.zeros(44, np.int32), np.zeros(29)
    >>> while task.item()[:2] in (b"ST", b"FG", b"NE"):
    ...     setulb(
    ...         m, x, l, u, nbd, f, g, 1e7, 1e-5, wa, iwa, task, -1, csave, lsave, isave, dsave, 20
    ...     )
    ...     f[...], g[:] = (x[0] - 1) ** 2, 2 * (x - 1)
    ...
    >>> x, task.item()[:11]
    (array([1.]), b'CONVERGENCE')
    """
    for name, array in (
        ("x", x), ("g", g), ("wa", wa), ("iwa", iwa), ("lsave", lsave), ("isave", isave),
        ("dsave", dsave),
    ):  # fmt: skip
        _check(name, array, x.size if name == "g" else None)
    # Read only, and so of any type that fits, as with f2py.
    l, u = _bounds("l", l, x.size), _bounds("u", u, x.size)  # noqa: E741
    nbd = _bounds("nbd", nbd, x.size).astype(np.int32)
    for name, text in (("task", task), ("csave", csave)):
        if not (_is_one(text) and text.dtype == _TEXT):
            raise TypeError(f"{name}: a writable array of one item, dtype S60, is expected, got "
                            f"{_described(text)}")  # fmt: skip
    value = np.array(_number(f))
    m = _pairs(m, x.size, wa, iwa)
    factr, pgtol = _arguments.tolerance("factr", factr), _arguments.tolerance("pgtol", pgtol)
    maxls = _arguments.count("maxls", maxls)
    _lbfgsb.setulb(m, x, l, u, nbd, value, g, factr, pgtol, wa, iwa, task, -1, csave, lsave, isave,
                   dsave, maxls)  # fmt: skip
    if isinstance(f, np.ndarray) and f.dtype.kind == "f" and f.flags.writeable:
        f[...] = value


def _check(name: str, array: Any, length: int | None) -> None:
    kind, dtype, fixed = _ARRAYS[name]
    length = fixed if length is None else length
    if not (isinstance(array, np.ndarray) and array.dtype == dtype and array.dtype.isnative):
        raise TypeError(f"{name}: an array of {kind} is expected, got {_described(array)}")
    if array.ndim != 1 or not array.flags.c_contiguous or not array.flags.writeable:
        raise ValueError(
            f"{name}: a contiguous, writable array of one dimension is expected, got "
            f"{_described(array)}"
        )
    if array.size == 0 or (length is not None and array.size != length):
        wanted = "at least 1" if length is None else length
        raise ValueError(f"{name}: {wanted} items are expected, got {array.size}")


def _bounds(name: str, values: Any, n: int) -> Vector:
    array = np.ascontiguousarray(_arguments.real_array(name, values))
    if array.shape != (n,):
        raise ValueError(f"{name}: {n} numbers are expected, got shape {array.shape}")
    return array


def _is_one(array: Any) -> bool:
    return isinstance(array, np.ndarray) and array.size == 1 and array.flags.behaved


def _described(value: Any) -> str:
    if isinstance(value, np.ndarray):
        state = "" if value.flags.writeable else ", read-only"
        return f"an array of {value.dtype}, shape {value.shape}{state}"
    return _arguments.shown(value)


def _pairs(m: Any, n: int, wa: Vector, iwa: Integers) -> int:
    """`m`, if the work spaces have room for it; what isn't positive is the kernel's to refuse."""
    m = _arguments.integer("m", m)
    if m > 0:
        for name, array, needed in (
            ("wa", wa, 2 * m * n + 5 * n + 11 * m * m + 8 * m),
            ("iwa", iwa, 3 * n),
        ):
            if array.size < needed:
                raise ValueError(f"{name}: at least {needed} items are expected, got {array.size}")
    return int(max(m, 0))


# The form of SciPy from 1.15 on ------------------------------------------------------------------

# task as (status, message).
_TASKS: Final = {
    (3, 301): b"FG_START",
    (3, 302): b"FG_LNSRCH",
    (1, 0): b"NEW_X",
    (4, 401): b"CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL",
    (4, 402): b"CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH",
    (5, 501): b"STOP: CPU",
    (7, 701): b"ERROR: NO FEASIBLE SOLUTION",
    (7, 702): b"ERROR: FACTR .LT. 0",
    (7, 711): b"ERROR: M .LE. 0",
    (7, 712): b"ERROR: N .LE. 0",
    (7, 713): b"ERROR: INVALID NBD",
    (8, 0): b"ABNORMAL_TERMINATION_IN_LNSRCH",
}
_STOPPED: Final = 5
_NUMBERS: Final = {text: numbers for numbers, text in _TASKS.items()}
# ln_task, what the line search does.
_SEARCHES: Final = {
    (0, 0): b"START",
    (3, 0): b"FG",
    (4, 0): b"CONVERGENCE",
    (6, 601): b"WARNING: ROUNDING ERRORS PREVENT PROGRESS",
    (6, 602): b"WARNING: STP = STPMAX",
    (6, 603): b"WARNING: STP = STPMIN",
    (6, 604): b"WARNING: XTOL TEST SATISFIED",
    (7, 706): b"ERROR: STP .LT. STPMIN",
    (7, 707): b"ERROR: STP .GT. STPMAX",
}
_SEARCH_NUMBERS: Final = {text: numbers for numbers, text in _SEARCHES.items()} | {b"": (0, 0)}


def setulb_int(
    m: int, x: Vector, l: ArrayLike, u: ArrayLike, nbd: ArrayLike, f: Any, g: Vector,  # noqa: E741
    factr: float, pgtol: float, wa: Vector, iwa: Integers, task: Integers, lsave: Integers,
    isave: Integers, dsave: Vector, maxls: int, ln_task: Integers,
) -> None:  # fmt: skip
    """Go on to the next wanted evaluation, or finished iteration, or the end: task as numbers.

    This is the call of SciPy's private module from SciPy 1.15 on.

    Parameters
    ----------
    m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa : int, float or ndarray
        As for `setulb`.
    task : ndarray of 2 items, int32
        (0, 0) to begin; then (3, 301) or (3, 302): evaluate at `x`; (1, 0): an iteration has ended;
        (4, 401), (4, 402): converged, by the gradient or the reduction; (8, 0): a line search has
        failed; (7, ...): the input is refused. A caller stops by (5, 501), which puts the last
        iterate back.
    lsave, isave, dsave, maxls : int or ndarray
        As for `setulb`.
    ln_task : ndarray of 2 items, int32
        Work space, zeros to begin.

    Raises
    ------
    TypeError, ValueError
        As `setulb`.

    See Also
    --------
    setulb : The same in the form of the Fortran.

    Examples
    --------
    >>> import numpy as np
    >>> from lbfgsb77 import setulb_int
    >>> n, m = 1, 5
    >>> x, l, u, g = np.array([3.0]), np.zeros(n), np.zeros(n), np.zeros(n)
    >>> nbd, f = np.zeros(n, np.int32), np.array(0.0)
    >>> wa, iwa = np.zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m), np.zeros(3 * n, np.int32)
    >>> task, ln_task = np.zeros(2, np.int32), np.zeros(2, np.int32)
    >>> lsave, isave, dsave = np.zeros(4, np.int32), np.zeros(44, np.int32), np.zeros(29)
    >>> while task[0] in (0, 1, 3):
    ...     setulb_int(
    ...         m, x, l, u, nbd, f, g, 1e7, 1e-5, wa, iwa, task, lsave, isave, dsave, 20, ln_task
    ...     )
    ...     f[...], g[:] = (x[0] - 1) ** 2, 2 * (x - 1)
    ...
    >>> x, task
    (array([1.]), array([  4, 401], dtype=int32))
    """
    _check("task", task, None)
    _check("ln_task", ln_task, None)
    text, search = np.array(_text_of(task), _TEXT), np.array(_search_of(ln_task), _TEXT)
    setulb(m, x, l, u, nbd, f, g, factr, pgtol, wa, iwa, text, -1, search, lsave, isave,
           dsave, maxls)  # fmt: skip
    if task[0] != _STOPPED:  # whose message is the caller's
        # A state that is none has no number of SciPy's: it is an error without a message.
        task[:] = _NUMBERS.get(text.item().rstrip(b" \0"), (7, 0))
    ln_task[:] = _SEARCH_NUMBERS.get(search.item().rstrip(b" \0"), (7, 0))


def _text_of(task: Integers) -> bytes:
    first, second = task.tolist()
    if first == 0:
        return b"START"
    if first == 3 and second not in (301, 302):
        return b"FG_START"
    if first in (1, _STOPPED, 8):
        return _TASKS.get((first, second), {1: b"NEW_X", _STOPPED: b"STOP", 8: b"ABNORMAL"}[first])
    return _TASKS.get((first, second), b"ERROR")


def _search_of(ln_task: Integers) -> bytes:
    first, second = ln_task.tolist()
    return _SEARCHES.get((first, second), b"START")


def _number(f: Any) -> float:
    """The value that `f` holds, of whatever type: callers begin with an array of an integer 0."""
    if isinstance(f, np.ndarray):
        if f.size == 1 and f.dtype.kind in "biuf":
            return float(f.item())
    elif not isinstance(f, str):
        with suppress(TypeError, ValueError):
            return float(f)
    raise TypeError(f"f: a real number or an array of one is expected, got {_described(f)}")
