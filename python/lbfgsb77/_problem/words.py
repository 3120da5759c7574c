"""The two vocabularies of SciPy's interfaces: m, factr, pgtol, and maxcor, ftol, gtol."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from functools import wraps
from typing import Any, Final, NamedTuple, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

# Each word's other one.
_OTHER: Final = {
    "m": "maxcor",
    "factr": "ftol",
    "pgtol": "gtol",
    "maxcor": "m",
    "ftol": "factr",
    "gtol": "pgtol",
}


class Said(NamedTuple):
    """A setting's value and the word by which it was given."""

    word: str
    value: Any


class Default(float):
    """A tolerance that nobody has given: its type says so, whatever its value."""


def parameters_of(function: Callable[..., Any]) -> tuple[str, ...]:
    """The names of a function's parameters, without the import of inspect, which is slow."""
    code = getattr(function, "__wrapped__", function).__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def takes_both(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function take each of these settings by the word of either interface.

    The function's own parameters have the words of one. A setting that is given by the other word
    arrives as `Said`; one that is given by both is a TypeError. The signature stays.
    """
    parameters = parameters_of(function)
    positional = parameters[: function.__code__.co_argcount]
    others = {_OTHER[name] for name in parameters if name in _OTHER}

    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        # Most calls have neither and go straight on.
        if not others.isdisjoint(kwargs) or "options" in kwargs:
            given: dict[str, Any] = dict(kwargs)
            refuse_both([*positional[: len(args)], *given, *_names(given.get("options"))])
            return function(*args, **translated(given, parameters))
        return function(*args, **kwargs)

    return call


def _names(options: Any) -> Iterable[str]:
    return options if isinstance(options, Mapping) else ()


def refuse_both(names: Iterable[str]) -> None:
    """Refuse a setting that is given by both of its words."""
    given = set(names)
    for name in given:
        if _OTHER.get(name) in given:
            first, second = sorted((name, _OTHER[name]))
            raise TypeError(f"{first} and {second}: one is expected, they are the same setting")


def translated(options: Mapping[str, Any], known: Container[str]) -> dict[str, Any]:
    """Options by the words of `known`; the value that had the other word becomes `Said`."""
    result = {}
    for name, value in options.items():
        other = _OTHER.get(name)
        if other is not None and name not in known and other in known:
            result[other] = Said(name, value)
        else:
            result[name] = value
    return result


def said(word: str, value: Any) -> Said:
    """A setting with its word: the parameter's own, or the one by which it was given."""
    return value if isinstance(value, Said) else Said(word, value)
