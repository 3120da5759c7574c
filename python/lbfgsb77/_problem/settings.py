"""Reading the settings of a run from the arguments of any interface."""

from __future__ import annotations

import math
from typing import Any

from lbfgsb77 import _arguments
from lbfgsb77._problem.words import Said, said
from lbfgsb77._run import threads as _threads
from lbfgsb77._run.settings import EPSILON, KERNELS_WORDS, Settings, Words


def read(
    *,
    m: Any,
    factr: Any,
    pgtol: Any,
    maxfun: Any,
    maxiter: Any,
    maxls: Any,
    maxtime: Any = None,
    ftarget: Any = None,
    xtol: Any = None,
    threads: Any = None,
) -> Settings:
    """Check the settings of a run.

    Parameters
    ----------
    m, factr, pgtol : Said or object
        By either word; `Said` where the word isn't this one.
    maxfun, maxiter, maxls : object
        As given.
    maxtime, ftarget, xtol : object, optional
        As given, None for none.
    threads : object, optional
        As given, None for what the environment says.

    Raises
    ------
    TypeError, ValueError
        One sentence with the caller's word, the rule and the value.
    """
    words = KERNELS_WORDS
    if isinstance(m, Said) or isinstance(factr, Said) or isinstance(pgtol, Said):
        m, factr, pgtol = said("m", m), said("factr", factr), said("pgtol", pgtol)
        words = Words(m.word, factr.word, pgtol.word)
        m, factr, pgtol = m.value, factr.value, pgtol.value
    factr = _arguments.nonnegative_tolerance(words.factr, factr)
    return Settings(
        _arguments.positive_integer(words.m, m),
        factr if words.factr == "factr" else factr / EPSILON,
        _arguments.tolerance(words.pgtol, pgtol),
        _arguments.positive_integer("maxls", maxls),
        _arguments.limit("maxfun", maxfun),
        _arguments.limit("maxiter", maxiter),
        math.inf if maxtime is None else _arguments.nonnegative_tolerance("maxtime", maxtime),
        -math.inf if ftarget is None else _arguments.tolerance("ftarget", ftarget),
        0.0 if xtol is None else _arguments.nonnegative_tolerance("xtol", xtol),
        _threads.asked(threads),
        words,
    )
