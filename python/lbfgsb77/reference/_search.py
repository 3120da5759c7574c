"""The steps that a search can take next, by name ([MT] section 4)."""

from __future__ import annotations

import math
from collections.abc import Iterator

from lbfgsb77.reference._shadow import FTOL, State

__all__ = ["named_steps"]


def named_steps(
    before: State, f: float, slope: float, after: State, error: float = 0.0
) -> Iterator[tuple[str, float]]:
    """Each formula's step at the trial of `before`, where f and the slope were found.

    Parameters
    ----------
    before, after : State
        The kernel's state before and after it chose the next step.
    f, slope : float
        What was found at the trial.
    error : float, default 0
        By how much the slopes are wrong: that of the trial by so much, the others by minus that.

    Yields
    ------
    str, float
        The formula in words, and its step.
    """
    (
        slope0, slope_test, slope_x, slope_y, f0, f_x, f_y, st_x, st_y, st_min, st_max, _, _
    ) = before.search.tolist()  # fmt: skip
    slope, slope_x, slope_y = slope + error, slope_x - error, slope_y - error
    stp, bracketed = before.step, before.bracketed
    f_test = f0 + stp * slope_test
    stage = 2 if f <= f_test and slope >= 0.0 else before.search_stage
    shifts = [("", 0.0)]
    if stage == 1 and f <= f_x and f > f_test:
        # The step is chosen for f - ftol st f'(0).
        shifts = [("", slope_test), (" for f itself", 0.0)]
    else:
        shifts.append((" for f less ftol times its first slope", FTOL * slope0))
    for words, shift in shifts:
        near = f_x - st_x * shift, slope_x - shift
        here = f - stp * shift, slope - shift
        other = f_y - st_y * shift, slope_y - shift
        cubic = _cubic(st_x, *near, stp, *here)
        quadratic = _quadratic(st_x, *near, stp, here[0])
        yield f"the cubic{words}", cubic
        yield f"the quadratic{words}", quadratic
        yield f"the mean of cubic and quadratic{words}", cubic + (quadratic - cubic) / 2
        if here[1] != near[1]:
            secant = stp + here[1] / (here[1] - near[1]) * (st_x - stp)
            yield f"the secant{words}", secant
        if bracketed and st_y != stp:
            yield f"the cubic with the other end{words}", _cubic(stp, *here, st_y, *other)
    new_x, new_y = after.search[7], after.search[8]
    yield "the middle of the interval", new_x + 0.5 * (new_y - new_x)
    yield "the best step so far", new_x
    yield "0.66 of the way to the other end", stp + 0.66 * (st_y - stp)
    yield "the largest step", before.largest_step
    for words, (low, high) in (
        ("of the window before the step", (st_min, st_max)),
        ("of the window after the step", (float(after.search[9]), float(after.search[10]))),
    ):
        yield f"the lower end {words}", low
        yield f"the upper end {words}", high


def _cubic(a: float, fa: float, da: float, b: float, fb: float, db: float) -> float:
    """The minimum of the cubic through two values with their slopes."""
    if a == b:
        return math.nan
    theta = 3 * (fa - fb) / (b - a) + da + db
    under = theta * theta - da * db
    if not under >= 0.0:
        return math.nan
    gamma = math.copysign(math.sqrt(under), b - a)
    below = (gamma - da) + gamma + db
    return a + ((gamma - da) + theta) / below * (b - a) if below else math.nan


def _quadratic(a: float, fa: float, da: float, b: float, fb: float) -> float:
    """The minimum of the quadratic through two values and the slope at the first."""
    if a == b:
        return math.nan
    below = (fa - fb) / (b - a) + da
    return a + da / below / 2 * (b - a) if below else math.nan
