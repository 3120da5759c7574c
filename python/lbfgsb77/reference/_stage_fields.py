"""What a port may report of an iteration's stages, and the stage that each field belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from math import isclose
from typing import Any, Final

import numpy as np

from lbfgsb77._arguments import shown
from lbfgsb77.reference._nearness import SAME_NUMBER, SAME_POINT

__all__ = ["STAGES", "STAGE_FIELDS", "agree", "check_fields", "number", "printed"]

#: The stages of an iteration, in the order in which it passes through them.
STAGES: Final = (
    "start",
    "projected gradient",
    "reduction of f",
    "pair",
    "theta",
    "middle matrix",
    "restart",
    "Cauchy point",
    "free variables",
    "subspace step",
    "largest step",
    "first trial",
    "search step",
    "acceptance",
    "limit",
)

#: What a port may report of an iteration before the first trial of its search, and the stage that
#: each field belongs to, in the order in which they are compared.
STAGE_FIELDS: Final[Mapping[str, str]] = {
    "projected_gradient": "projected gradient",
    "pair": "pair",
    "theta": "theta",
    "cauchy": "Cauchy point",
    "segments": "Cauchy point",
    "free": "free variables",
    "minimum": "subspace step",
    "largest_step": "largest step",
    "first_step": "first trial",
}


def number(value: Any) -> float:
    """A number that is one, or a text: hexadecimal, decimal, ``nan``, ``inf``, ``-inf``."""
    if isinstance(value, str):
        return float.fromhex(value) if "x" in value.lower() else float(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f"a number is expected, got {shown(value)}")
    return float(value)


def check_fields(stages: Any, n: int) -> Mapping[str, Any]:
    """See that reported stages are what they are to be.

    Raises
    ------
    ValueError
        If not; the sentence names the field.
    """
    if not isinstance(stages, dict):
        raise ValueError(f"stages: an object is expected, got {shown(stages)}")
    for name, value in stages.items():
        if name not in STAGE_FIELDS:
            known = ", ".join(STAGE_FIELDS)
            raise ValueError(f"stages: no field is called {shown(name)}; fields: {known}")
        _check_field(name, value, n)
    return stages


def _check_field(name: str, value: Any, n: int) -> None:
    if name == "pair":
        if not isinstance(value, bool):
            raise ValueError(f"stages: pair: true or false is expected, got {shown(value)}")
    elif name in ("cauchy", "minimum"):
        if not isinstance(value, list) or len(value) != n:
            raise ValueError(f"stages: {name}: a list of {n} numbers is expected")
        for item in value:
            number(item)
    elif name == "free" and isinstance(value, list):
        if not all(isinstance(item, int) and 0 <= item < n for item in value):
            raise ValueError(f"stages: free: indices from 0 to {n - 1} are expected")
    else:
        try:
            number(value)
        except ValueError as error:
            raise ValueError(f"stages: {name}: {error}") from None


def agree(ours: Any, theirs: Any) -> bool:
    """Whether what a port reports is the kernel's, within rounding."""
    if isinstance(ours, bool):
        return bool(theirs) == ours
    if isinstance(ours, list):
        return sorted(theirs) == ours if isinstance(theirs, list) else theirs == len(ours)
    if isinstance(ours, np.ndarray):
        values = np.array([number(value) for value in theirs])
        return values.shape == ours.shape and bool(
            np.max(np.abs(values - ours)) <= SAME_POINT * np.max(np.abs(ours))
        )
    return isclose(number(theirs), ours, rel_tol=SAME_NUMBER, abs_tol=1e-300)


def printed(value: Any) -> str:
    """A number or a list, short."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list):
        some = ", ".join(printed(v) for v in value[:6])
        return f"[{some}{', ...' if len(value) > 6 else ''}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
