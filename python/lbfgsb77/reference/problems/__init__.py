"""A named, documented collection of test problems for bound-constrained minimization.

Families: the 35 problems of Moré, Garbow and Hillstrom (1981) with the bounds of Gay (1984) where
they exist, bound-constrained problems of Hock-Schittkowski and CUTE that have closed forms, the
NIST StRD fits, and deliberately nasty ones. ``NAME@2`` is the problem NAME from its second start.

Objectives that use only + − × ÷ and √ in a fixed order are marked `portable`: they give the same
bits everywhere, so a whole run does where the solver does.

Examples
--------
>>> from lbfgsb77.reference import problems
>>> rosenbrock = problems.get("rosenbrock")
>>> rosenbrock.start
array([-1.2,  1. ])
>>> f, g = rosenbrock([1.0, 1.0])
>>> f
0.0
>>> [problem.name for problem in problems.select(["hs?"])]
['hs1', 'hs2', 'hs3', 'hs4', 'hs5']
"""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable

from lbfgsb77._arguments import shown

from . import bound_constrained, more_garbow_hillstrom, nasty, nist_strd
from ._problem import (
    Objective,
    Problem,
    Residual,
    Solution,
    projected_gradient_norm,
    sum_of_squares,
)

__all__ = [
    "Objective",
    "Problem",
    "Residual",
    "Solution",
    "get",
    "names",
    "projected_gradient_norm",
    "select",
    "sum_of_squares",
]

_COLLECTION: dict[str, Problem] = {
    problem.name: problem
    for family in (more_garbow_hillstrom, bound_constrained, nist_strd, nasty)
    for problem in family.PROBLEMS
}


def names() -> list[str]:
    """List the names of all problems, family by family."""
    return list(_COLLECTION)


def get(name: str) -> Problem:
    """Find a problem by its name.

    Parameters
    ----------
    name : str
        The name, or ``NAME@k`` for the k-th start of the problem (from 1).

    Returns
    -------
    Problem
        One of the collection.

    Raises
    ------
    KeyError
        If there is no such problem; the message has the nearest names.
    TypeError
        If `name` is no text.
    """
    if not isinstance(name, str):
        raise TypeError(f"name: a text is expected, got {shown(name)}")
    base, _, number = name.partition("@")
    if base not in _COLLECTION or (number and not number.isdigit()):
        similar = difflib.get_close_matches(base, _COLLECTION, n=3)
        hint = f"; near it: {', '.join(similar)}" if similar else ""
        raise KeyError(f"no problem is called {name!r}{hint}")
    problem = _COLLECTION[base]
    return problem.from_start(int(number)) if number else problem


def select(
    patterns: Iterable[str] = (),
    *,
    portable: bool | None = None,
    finite: bool | None = None,
    tags: Iterable[str] = (),
) -> list[Problem]:
    """Select problems by name and properties.

    Parameters
    ----------
    patterns : iterable of str, optional
        Names, ``NAME@k``, or shell patterns such as ``"hs*"``; none selects all.
    portable : bool, optional
        Only those that are (True) or aren't (False) portable to the bit.
    finite : bool, optional
        Only those whose runs meet finite values only (True), or don't (False).
    tags : iterable of str, optional
        Only those that have all of these tags.

    Returns
    -------
    list of Problem
        In the order of the collection, without repeats.

    Raises
    ------
    KeyError
        If a name or pattern selects nothing.
    """
    chosen: dict[str, Problem] = {}
    patterns = list(patterns)
    for pattern in patterns or ["*"]:
        matching = fnmatch.filter(_COLLECTION, pattern)
        if matching:
            chosen.update((name, _COLLECTION[name]) for name in matching)
        else:
            chosen[pattern] = get(pattern)
    wanted = frozenset(tags)
    known = frozenset().union(*(problem.tags for problem in _COLLECTION.values()))
    if wanted - known:
        raise KeyError(
            f"no problem has the tag {sorted(wanted - known)[0]!r}; "
            f"tags: {', '.join(sorted(known))}"
        )
    position = {name: number for number, name in enumerate(_COLLECTION)}
    return [
        problem
        for _, problem in sorted(
            chosen.items(), key=lambda item: position[item[0].partition("@")[0]]
        )
        if portable in (None, problem.portable)
        and finite in (None, problem.finite)
        and wanted <= problem.tags
    ]
