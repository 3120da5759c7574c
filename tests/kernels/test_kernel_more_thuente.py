"""The step of a line search: more_thuente.f, safeguarded_step.f."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, pi, sin, sqrt
from types import SimpleNamespace

import numpy as np
import plain
import pytest

Function = Callable[[float], tuple[float, float]]  # value and slope

# The six functions of Moré and Thuente (1994), section 5 ------------------------------------------


def rational(a: float, b: float = 2.0) -> tuple[float, float]:
    """(5.1)."""
    return -a / (a * a + b), (a * a - b) / (a * a + b) ** 2


def quintic(a: float, b: float = 0.004) -> tuple[float, float]:
    """(5.2)."""
    return (a + b) ** 5 - 2 * (a + b) ** 4, 5 * (a + b) ** 4 - 8 * (a + b) ** 3


def oscillating(a: float, b: float = 0.01, waves: int = 39) -> tuple[float, float]:
    """(5.3): |1 - a|, rounded off between 1 - b and 1 + b, with waves on it."""
    if a <= 1 - b:
        value, slope = 1 - a, -1.0
    elif a >= 1 + b:
        value, slope = a - 1, 1.0
    else:
        value, slope = (a - 1) ** 2 / (2 * b) + b / 2, (a - 1) / b
    value += 2 * (1 - b) / (waves * pi) * sin(waves * pi / 2 * a)
    return value, slope + (1 - b) * cos(waves * pi / 2 * a)


def yanai(b1: float, b2: float) -> Function:
    """(5.4)."""

    def gamma(b: float) -> float:
        return sqrt(1 + b * b) - b

    def function(a: float) -> tuple[float, float]:
        left, right = sqrt((1 - a) ** 2 + b2 * b2), sqrt(a * a + b1 * b1)
        return (
            gamma(b1) * left + gamma(b2) * right,
            gamma(b1) * (a - 1) / left + gamma(b2) * a / right,
        )

    return function


FUNCTIONS = {
    "rational": rational,
    "yanai 0.001 0.001": yanai(0.001, 0.001),
    "yanai 0.01 0.001": yanai(0.01, 0.001),
    "yanai 0.001 0.01": yanai(0.001, 0.01),
    "parabola": lambda a: ((a - 3) ** 2, 2 * (a - 3)),
    "a wall": lambda a: (-a + a**8, -1 + 8 * a**7),
    "falling for ever": lambda a: (1 / (1 + a), -1 / (1 + a) ** 2),
}
# Beside their slopes, the one at 0 is so small that hardly any step has a smaller one.
STEEP = {"quintic": quintic, "oscillating": oscillating}
FIRST_STEPS = [1e-3, 1e-1, 1e1, 1e3]  # those of the paper's tables


def searched(
    kernels: SimpleNamespace, function: Function, first: float, largest: float = 1e10
) -> plain.Search:
    """Run the kernel's search beside the plain one, which it may not differ from in a single bit.

    Returns the plain one where both have ended.
    """
    f, g = function(0.0)
    stp, csave, bracketed, stage, state = kernels.more_thuente(
        f, g, first, largest, b"START", False, 0, np.full(13, np.nan)
    )
    search = plain.Search(f, g, first, largest)
    for _ in range(60):
        assert csave.decode().strip() == search.task
        assert stp == search.step
        assert (bool(bracketed), stage) == (search.bracketed, search.stage)
        assert plain.same(state, search.state())
        if search.task != "FG":
            return search
        f, g = function(stp)
        stp, csave, bracketed, stage, state = kernels.more_thuente(
            f, g, stp, largest, csave, bracketed, stage, state
        )
        search.tell(f, g)
    raise AssertionError("the search does not end")


def decreases_enough(function: Function, step: float) -> bool:
    f0, g0 = function(0.0)
    return function(step)[0] <= f0 + 1e-3 * step * g0


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("first", FIRST_STEPS)
def test_the_step_satisfies_the_wolfe_conditions(
    kernels: SimpleNamespace, name: str, first: float
) -> None:
    function = FUNCTIONS[name]
    search = searched(kernels, function, first)
    assert search.task == "CONVERGENCE"
    assert decreases_enough(function, search.step)
    assert abs(function(search.step)[1]) <= 0.9 * abs(function(0.0)[1])


@pytest.mark.parametrize("name", STEEP)
@pytest.mark.parametrize("first", FIRST_STEPS)
def test_where_the_slope_cannot_become_small_the_interval_does(
    kernels: SimpleNamespace, name: str, first: float
) -> None:
    function = STEEP[name]
    search = searched(kernels, function, first)
    assert search.task == "WARNING: XTOL TEST SATISFIED"
    assert search.st_max - search.st_min <= 0.1 * search.st_max
    assert search.st_min <= search.step <= search.st_max
    assert decreases_enough(function, search.st_x)


@pytest.mark.parametrize("seed", range(100))
def test_no_search_differs_from_the_plain_one(kernels: SimpleNamespace, seed: int) -> None:
    # Waves on a parabola: bracketing, both stages, all cases of the step, and every ending.
    rng = np.random.default_rng(seed)
    a, b, c = rng.uniform(0.1, 3), rng.uniform(0, 20), rng.uniform(1, 40)

    def function(x: float) -> tuple[float, float]:
        return (
            (x - a) ** 2 + b * cos(c * x) / c,
            2 * (x - a) - b * sin(c * x),
        )

    largest = float(rng.choice([1e10, 2.0, 0.5]))
    searched(kernels, function, min(largest, float(10 ** rng.uniform(-2, 2))), largest)


def test_a_function_that_falls_to_the_largest_step_ends_there(kernels: SimpleNamespace) -> None:
    search = searched(kernels, lambda a: (-a, -1.0), 1.0, largest=8.0)
    assert (search.step, search.task) == (8.0, "WARNING: STP = STPMAX")


def test_a_function_that_only_rises_brings_the_step_to_nothing(kernels: SimpleNamespace) -> None:
    # The slope is told wrongly: it falls, the values do not.
    search = searched(kernels, lambda a: (0.0 if a == 0 else 1.0, -1.0), 1.0)
    assert search.step == 0.0
    assert search.task.startswith("WARNING")


@pytest.mark.parametrize(
    ("step", "task"), [(-0.5, "ERROR: STP .LT. STPMIN"), (3.0, "ERROR: STP .GT. STPMAX")]
)
def test_a_first_step_outside_its_limits_leaves_the_state_alone(
    kernels: SimpleNamespace, step: float, task: str
) -> None:
    before = np.arange(13.0)
    after = kernels.more_thuente(1.0, -1.0, step, 2.0, b"START", True, 2, before)
    assert after[0] == step
    assert after[1].decode().strip() == task
    assert (bool(after[2]), after[3]) == (True, 2)
    assert plain.same(after[4], before)


@pytest.mark.parametrize(("share", "bisected"), [(0.665, True), (0.655, False)])
def test_an_interval_that_two_steps_did_not_shrink_to_two_thirds_is_bisected(
    kernels: SimpleNamespace, share: float, bisected: bool
) -> None:
    # Of an interval [0, 1] the trial at 0.5, higher than 0, leaves [0, 0.5].
    search = plain.Search(0.0, -1.0, 0.5, 10.0)
    search.bracketed, search.stage = True, 2
    search.st_y, search.f_y, search.slope_y, search.st_max = 1.0, 3.0, 1.0, 1.0
    search.width1 = 0.5 / share  # that of two steps before, where [MT] has 0.66
    before = np.array(search.state())
    stp, *_, after = kernels.more_thuente(1.0, 2.0, 0.5, 10.0, b"FG", True, 2, before)
    assert (stp == 0.25) == bisected
    search.tell(1.0, 2.0)
    assert stp == search.step
    assert plain.same(after, search.state())


# The four cases of the step ([MT] section 4) ------------------------------------------------------


def minimum_of_cubic(p: plain.Point, q: plain.Point) -> float:
    """Where the cubic through two values and slopes has its minimum, by solving for it."""
    powers = np.array(
        [
            [1, p[0], p[0] ** 2, p[0] ** 3],
            [0, 1, 2 * p[0], 3 * p[0] ** 2],
            [1, q[0], q[0] ** 2, q[0] ** 3],
            [0, 1, 2 * q[0], 3 * q[0] ** 2],
        ]
    )
    _, b, c, d = np.linalg.solve(powers, [p[1], p[2], q[1], q[2]])
    roots = np.roots([3 * d, 2 * c, b])
    (minimum,) = [root.real for root in roots if (2 * c + 6 * d * root).real > 0]
    return float(minimum)


def next_step(
    kernels: SimpleNamespace, x: plain.Point, y: plain.Point, trial: plain.Point, bracketed: bool,
    lowest: float = 0.0, highest: float = 100.0,
) -> tuple[plain.Point, plain.Point, float, bool]:  # fmt: skip
    """One safeguarded step, which also has the bits of the plain one."""
    stp, fp, dp = trial
    result = kernels.safeguarded_step(*x, *y, stp, fp, dp, bracketed, lowest, highest)
    found = tuple(result[:3]), tuple(result[3:6]), result[6], bool(result[7])
    assert found == plain.safeguarded_step(x, y, trial, bracketed, lowest, highest)
    return found


# Numbers of order one; the cubic's minimum is found by solving equations with condition number
# up to 1e4, so to about 1e-12.
APPROX = 1e-10
START = (1.0, 0.0, -1.0)


@pytest.mark.parametrize("fp", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("stp", [1.5, 3.0, 0.25])
def test_a_higher_value_brackets(kernels: SimpleNamespace, fp: float, stp: float) -> None:
    # In both directions: downhill is where the slope at the best end says.
    start = (1.0, 0.0, -1.0 if stp > 1 else 1.0)
    trial = (stp, fp, 2.0 if stp > 1 else -2.0)
    x, y, step, bracketed = next_step(kernels, start, start, trial, False)
    assert (x, y, bracketed) == (start, trial, True)
    cubic = minimum_of_cubic(start, trial)
    length = stp - 1
    # The parabola through both values and the slope at the best end.
    quadratic = 1 - start[2] * length**2 / (2 * (fp - start[2] * length))
    nearer = abs(cubic - 1) < abs(quadratic - 1)
    expected = cubic if nearer else (cubic + quadratic) / 2
    assert step == pytest.approx(expected, rel=APPROX)
    assert min(1, stp) < step < max(1, stp)


@pytest.mark.parametrize("dp", [0.1, 0.5, 1.0, 5.0])
@pytest.mark.parametrize("stp", [1.5, 3.0, 0.25])
def test_a_slope_of_the_other_sign_brackets(
    kernels: SimpleNamespace, dp: float, stp: float
) -> None:
    sign = 1.0 if stp > 1 else -1.0
    start, trial = (1.0, 0.0, -sign), (stp, -0.1, sign * dp)
    x, y, step, bracketed = next_step(kernels, start, start, trial, False)
    assert (x, y, bracketed) == (trial, start, True)
    cubic = minimum_of_cubic(start, trial)
    secant = stp - trial[2] * (stp - 1) / (trial[2] - start[2])
    expected = max(cubic, secant, key=lambda candidate: abs(candidate - stp))
    assert step == pytest.approx(expected, rel=APPROX)


@pytest.mark.parametrize("dp", [-0.9, -0.5, -0.1])
@pytest.mark.parametrize("fp", [-2.0, -0.6, -0.2])
@pytest.mark.parametrize("highest", [2.5, 100.0])
def test_a_flatter_slope_goes_on_to_the_farther_of_cubic_and_secant(
    kernels: SimpleNamespace, fp: float, dp: float, highest: float
) -> None:
    trial = (2.0, fp, dp)
    x, y, step, bracketed = next_step(
        kernels, START, START, trial, False, lowest=2.1, highest=highest
    )
    assert (x, y, bracketed) == (trial, START, False)
    secant = 2 - dp / (dp + 1)
    assert step == pytest.approx(
        np.clip(max(cubic_beyond(START, trial, highest), secant), 2.1, highest), rel=APPROX
    )


@pytest.mark.parametrize("dp", [-0.9, -0.5, -0.1])
@pytest.mark.parametrize("fp", [-2.0, -0.6, -0.2])
@pytest.mark.parametrize("sty", [2.2, 9.0])
def test_within_a_bracket_to_the_nearer_and_not_close_to_its_end(
    kernels: SimpleNamespace, fp: float, dp: float, sty: float
) -> None:
    trial, other = (2.0, fp, dp), (sty, 1.0, 1.0)
    x, y, step, bracketed = next_step(kernels, START, other, trial, True, highest=sty)
    assert (x, y, bracketed) == (trial, other, True)
    secant = 2 - dp / (dp + 1)
    nearer = min(cubic_beyond(START, trial, sty), secant)
    assert step == pytest.approx(min(nearer, 2 + 0.66 * (sty - 2)), rel=APPROX)


def cubic_beyond(x: plain.Point, trial: plain.Point, otherwise: float) -> float:
    """The cubic's minimum where it lies beyond the trial."""
    try:
        minimum = minimum_of_cubic(x, trial)
    except ValueError:  # it has none
        return otherwise
    return minimum if minimum > trial[0] else otherwise


def test_a_bracket_on_the_left_limits_from_the_other_side(kernels: SimpleNamespace) -> None:
    start, trial, other = (3.0, 0.0, 1.0), (2.0, -0.5, 0.9), (1.0, 1.0, -1.0)
    _, _, step, _ = next_step(kernels, start, other, trial, True, lowest=1.0, highest=3.0)
    assert step == 2 + 0.66 * (1 - 2)


@pytest.mark.parametrize("dp", [-1.0, -3.0])
def test_a_slope_no_flatter_goes_on_to_the_limit(kernels: SimpleNamespace, dp: float) -> None:
    trial = (2.0, -1.0, dp)
    x, y, step, bracketed = next_step(kernels, START, START, trial, False, 2.5, 7.0)
    assert (x, y, step, bracketed) == (trial, START, 7.0, False)
    mirrored = (0.5, -1.0, -dp)
    start = (1.0, 0.0, 1.0)
    assert next_step(kernels, start, start, mirrored, False, 0.2, 7.0)[2] == 0.2


@pytest.mark.parametrize("dp", [-1.0, -3.0])
@pytest.mark.parametrize("sty", [3.0, 20.0])
def test_or_within_a_bracket_to_the_cubic_of_trial_and_other_end(
    kernels: SimpleNamespace, dp: float, sty: float
) -> None:
    trial, other = (2.0, -1.0, dp), (sty, 0.5, 2.0)
    x, y, step, bracketed = next_step(kernels, START, other, trial, True)
    assert (x, y, bracketed) == (trial, other, True)
    assert step == pytest.approx(minimum_of_cubic(trial, other), rel=APPROX)
    # The same from the other side.
    flipped = [(-p[0], p[1], -p[2]) for p in (START, other, trial)]
    assert next_step(kernels, *flipped, True, -100.0, 0.0)[2] == -step


@pytest.mark.parametrize("bracketed", [False, True])
@pytest.mark.parametrize("at", [0.0, 0.3, 2.0])
def test_random_steps_have_the_bits_of_the_plain_one(
    kernels: SimpleNamespace, at: float, bracketed: bool
) -> None:
    # The slope at the best end points to the trial, and the other end lies beyond it or on it.
    rng = np.random.default_rng(0)
    for _ in range(2000):
        sign = rng.choice([-1.0, 1.0])
        near, far = np.sort(rng.uniform(0.1, 3, 2))
        x = (at, 0.0, -sign * rng.uniform(0.1, 2))
        trial = (at + sign * near, rng.normal(), rng.normal())
        y = (at + sign * far, max(0.0, trial[1]) + rng.uniform(0.1, 2), sign * rng.uniform(0.1, 2))
        next_step(kernels, x, y if bracketed else x, trial, bracketed, 0.0, 5.0)
