"""The objective's spellings, each made into one call: x in, f and gradient out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _arguments
from lbfgsb77._problem import differences
from lbfgsb77._problem.differences import Differences
from lbfgsb77._run import evaluation
from lbfgsb77._run.fixed import FixedVariables
from lbfgsb77._spread import workers

Point = NDArray[np.float64]
Evaluate = Callable[[Point], tuple[Any, Any]]


def of_x_alone(name: str, func: Callable[..., Any], args: Any) -> Callable[[Point], Any]:
    """``func`` as a function of x alone."""
    _arguments.require_callable(name, func)
    try:
        args = tuple(args)
    except TypeError:
        raise TypeError(f"args: a sequence is expected, got {_arguments.shown(args)}") from None
    return _WithArguments(func, args) if args else func


class _WithArguments:
    """A function of x alone that can be sent to other processes if ``func`` can."""

    __slots__ = ("args", "func")

    def __init__(self, func: Callable[..., Any], args: tuple[Any, ...]) -> None:
        self.func = func
        self.args = args

    def __call__(self, x: Any) -> Any:
        return self.func(x, *self.args)


def returning_pair(func: Callable[[Point], Any], name: str) -> Evaluate:
    """Of a function, called `name` by its user, that returns value and gradient together."""

    def evaluate(x: Point) -> tuple[Any, Any]:
        pair = func(x)
        try:
            f, g = pair
        except (TypeError, ValueError):
            f, g = _first_two(pair, name)
        return f, g

    return evaluate


def _first_two(pair: Any, name: str) -> tuple[Any, Any]:
    # As in SciPy, further items don't matter.
    try:
        return pair[0], pair[1]
    except (TypeError, LookupError) as error:
        kind = ValueError if hasattr(pair, "__len__") else TypeError
        raise kind(
            f"{name}: a pair (f, gradient) is expected where no gradient is given, got "
            f"{_arguments.shown(pair)}"
        ) from error


def with_gradient(func: Callable[[Point], Any], fprime: Callable[[Point], Any]) -> Evaluate:
    """Of a function and its gradient, each of which gets a point of its own."""

    def evaluate(x: Point) -> tuple[Any, Any]:
        second = x.copy()
        f = func(x)
        if not isinstance(f, float):
            # Read now: it may be an array that the work of fprime overwrites.
            f = evaluation.value(f)
        return f, fprime(second)

    return evaluate


class ByDifferences(NamedTuple):
    """A function alone, whose gradient is approximated by differences.

    Attributes
    ----------
    func : callable
        ``func(x)``.
    scheme : {"2-point", "3-point", "cs"}
    step : object
        As it was given; an array of shape (n,) or None once it is `of_size`.
    step_word : str
        What its user calls it.
    relative : bool
        Whether the step is in units of abs(x).
    workers : object
        As `lbfgsb77._spread.workers.checked` returned it.
    """

    func: Callable[[Any], Any]
    scheme: str
    step: Any
    step_word: str
    relative: bool = False
    workers: Any = 1

    def of_size(self, n: int) -> ByDifferences:
        """The same with a step for each of n variables."""
        return self._replace(step=differences.step_array(self.step_word, self.step, n))

    def of_free(self, variables: FixedVariables) -> ByDifferences:
        """The same of the variables that aren't fixed."""
        step = None if self.step is None else self.step[variables.free]
        return self._replace(func=variables.expanded_function(self.func), step=step)

    @contextmanager
    def evaluating(self, lower: Point, upper: Point) -> Iterator[tuple[Evaluate, int]]:
        """Values and gradients within these bounds, and how many evaluations each takes."""
        hint = "no approx_grad" if self.step_word == "epsilon" else "jac=True"
        scalar = Scalar(self.func, hint)
        shifted = ComplexScalar(self.func) if self.scheme == differences.COMPLEX else scalar
        with workers.values_of(shifted, self.workers) as values:
            quotients = Differences(
                values,
                lower,
                upper,
                self.scheme,
                absolute_step=None if self.relative else self.step,
                relative_step=self.step if self.relative else None,
            )

            def evaluate(x: Point) -> tuple[Any, Point]:
                f = scalar(x.copy())
                return f, quotients.gradient(x, f)

            yield evaluate, 1 + quotients.evaluations


def by_jac(
    fun: Any, jac: Any, args: tuple[Any, ...], given: Mapping[str, Any]
) -> Evaluate | ByDifferences:
    """What evaluates f and the gradient, by what `jac` of SciPy's minimize says."""
    f_of_x = of_x_alone("fun", fun, args)
    if isinstance(jac, (bool, np.bool_)) and jac:
        return returning_pair(f_of_x, "fun")
    if callable(jac):
        return with_gradient(f_of_x, of_x_alone("jac", jac, args))
    parallel = workers.checked(given["workers"])
    if jac is None or isinstance(jac, (bool, np.bool_)):
        return ByDifferences(f_of_x, differences.FORWARD, given["eps"], "eps", workers=parallel)
    if isinstance(jac, str) and jac in differences.SCHEMES:
        step = given["finite_diff_rel_step"]
        return ByDifferences(f_of_x, jac, step, "finite_diff_rel_step", True, parallel)
    known = ", ".join(map(repr, differences.SCHEMES))
    raise ValueError(
        f"jac: one of {known}, a callable, a bool or None is expected, got {_arguments.shown(jac)}"
    )


def at_no_number(objective: Evaluate | ByDifferences) -> Evaluate:
    """The same at a start that isn't finite: called, but without a value, whatever it says."""

    def evaluate(x: Point) -> tuple[Any, Point]:
        nowhere = np.full(x.size, np.nan)
        if isinstance(objective, ByDifferences):
            objective.func(x)
        else:
            objective(x)
        return np.nan, nowhere

    return evaluate


_SHORT_FLOATS: Final = {"float16": np.float16, "float32": np.float32}


def _is_pair(f: Any) -> bool:
    """Whether f looks like a value and its gradient."""
    try:
        return isinstance(f, tuple) and len(f) == 2 and np.ndim(f[0]) == 0 < np.ndim(f[1])
    except ValueError:  # of rows of different lengths
        return False


class Scalar:
    """A function of x that returns one real number.

    Parameters
    ----------
    func : callable
        ``func(x)``.
    hint : str
        What a function that returns its gradient too needs.

    Notes
    -----
    It can be sent to other processes if `func` can.
    """

    __slots__ = ("func", "hint")

    def __init__(self, func: Callable[[Any], Any], hint: str = "jac=True") -> None:
        self.func = func
        self.hint = hint

    def __call__(self, x: Any) -> Any:
        f = self.func(x)
        if isinstance(f, np.floating):
            return f
        try:
            value = evaluation.value(f)
        except (TypeError, ValueError) as error:
            if _is_pair(f):
                text = f"{error}; a function that returns its gradient too needs {self.hint}"
                raise type(error)(text) from None
            raise
        # Shorter floats stay what they are, be it a scalar or an array of one, of NumPy or another
        # library: the step of differences depends on it.
        kind = _SHORT_FLOATS.get(str(getattr(f, "dtype", "")))
        return value if kind is None else kind(value)


class ComplexScalar(Scalar):
    """The same at complex points, where the value is to be complex."""

    __slots__ = ()

    def __call__(self, x: Any) -> complex:
        f = np.asarray(self.func(x))
        if f.size != 1:
            raise ValueError(f"f: a scalar is expected, got an array of shape {f.shape}")
        if f.dtype.kind != "c":
            raise TypeError(f"f: jac='cs' needs a complex value at complex x, got {f.item()!r}")
        return complex(f.item())
