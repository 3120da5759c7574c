"""The problem collection: run `k` of seed `s` is always the same run.

A run is drawn from four lists that are combined freely: what is minimized (OBJECTIVES), what is
wrong with its derivative (FAULTS), the bounds (BOUNDS), and what the caller does (parameters,
start, interventions).  Every draw comes from the run's own generator, so any run can be made
again alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from lockstep import Array, Case, Objective

Rng = np.random.Generator

# --- What is minimized -----------------------------------------------------------------------
#
# Each maker returns the objective; all take about (-3, 3)^n as their home.


def diagonal_quadratic(rng: Rng, n: int) -> Objective:
    a = 10.0 ** rng.uniform(-2, 2, n)
    c = rng.normal(size=n)
    return lambda x: (float(((x - c) ** 2 * a).sum()), 2 * a * (x - c))


def dense_quadratic(rng: Rng, n: int) -> Objective:
    r = rng.normal(size=(n, n))
    a = r @ r.T / n + 10.0 ** rng.uniform(-4, 0) * np.eye(n)
    c = rng.normal(size=n)

    def fun(x: Array) -> tuple[float, Array]:
        g = a @ (x - c)
        return 0.5 * float(g @ (x - c)), g

    return fun


def ill_conditioned(rng: Rng, n: int) -> Objective:
    a = 10.0 ** np.linspace(0, rng.uniform(4, 12), n)
    c = rng.normal(size=n)
    return lambda x: (0.5 * float((a * (x - c) ** 2).sum()), a * (x - c))


def integer_quadratic(rng: Rng, n: int) -> Objective:
    """Small integers everywhere: ties among breakpoints, exact zeros, equal ends."""
    a = rng.integers(1, 4, n).astype(float)
    b = rng.integers(-3, 4, n).astype(float)
    return lambda x: (float((0.5 * a * x * x - b * x).sum()), a * x - b)


def coupled_integer_quadratic(rng: Rng, n: int) -> Objective:
    """The one-dimensional Laplacian: exact arithmetic at first, so ties, then not."""
    b = rng.integers(-2, 3, n).astype(float)

    def fun(x: Array) -> tuple[float, Array]:
        g = 2.0 * x - b
        g[1:] -= x[:-1]
        g[:-1] -= x[1:]
        return 0.5 * float(((g - b) * x).sum()), g

    return fun


def indefinite_quadratic(rng: Rng, n: int) -> Objective:
    a = rng.normal(size=(n, n))
    a = a + a.T
    b = rng.normal(size=n)

    def fun(x: Array) -> tuple[float, Array]:
        y = a @ x
        return float(0.5 * (x @ y) + b @ x), y + b

    return fun


def concave(rng: Rng, n: int) -> Objective:
    a = rng.uniform(0.1, 2, n)
    return lambda x: (-float((a * x * x).sum()), -2 * a * x)


def rosenbrock(rng: Rng, n: int) -> Objective:
    scale = 10.0 ** rng.uniform(0, 4)

    def fun(x: Array) -> tuple[float, Array]:
        t = x[1:] - x[:-1] ** 2
        s = 1.0 - x[:-1]
        g = np.zeros(n)
        g[:-1] = -4 * scale * t * x[:-1] - 2 * s
        g[1:] += 2 * scale * t
        if n == 1:
            return float((x[0] - 1) ** 2), 2 * (x - 1)
        return float((scale * t * t + s * s).sum()), g

    return fun


def paper_example(rng: Rng, n: int) -> Objective:
    """The generalized Rosenbrock function of the original's sample driver, f and g in order."""

    def fun(x: Array) -> tuple[float, Array]:
        t = x[1:] - x[:-1] ** 2
        g = np.empty(n)
        g[0] = 2 * (x[0] - 1)
        g[1:] = 8 * t
        g[:-1] -= 16 * x[:-1] * t
        return 4 * (0.25 * float((x[0] - 1) ** 2) + float((t * t).sum())), g

    return fun


def quartic(rng: Rng, n: int) -> Objective:
    c = rng.normal(size=n)
    return lambda x: (float(((x - c) ** 4).sum()), 4 * (x - c) ** 3)


def double_well(rng: Rng, n: int) -> Objective:
    b = 0.3 * rng.normal(size=n)
    return lambda x: (float(((x * x - 1) ** 2 + b * x).sum()), 4 * x * (x * x - 1) + b)


def trigonometric(rng: Rng, n: int) -> Objective:
    w = rng.uniform(0.5, 6, n)
    return lambda x: (float((np.cos(w * x) + 0.05 * x * x).sum()), -w * np.sin(w * x) + 0.1 * x)


def waves_on_a_bowl(rng: Rng, n: int) -> Objective:
    """Fast waves on a bowl: long line searches with many brackets."""
    w = 10.0 ** rng.uniform(1, 3)
    a = rng.uniform(0.2, 1.5) / w

    def fun(x: Array) -> tuple[float, Array]:
        return (float((0.5 * x * x + a * np.sin(w * x)).sum()), x + a * w * np.cos(w * x))

    return fun


def exponentials(rng: Rng, n: int) -> Objective:
    a = rng.uniform(-3, 3, n)

    def fun(x: Array) -> tuple[float, Array]:
        e = np.exp(np.minimum(a * x, 500.0))
        return float((e - 0.1 * a * x).sum()), a * e - 0.1 * a

    return fun


def logistic(rng: Rng, n: int) -> Objective:
    r = rng.normal(size=(n + 3, n))
    ridge = 10.0 ** rng.uniform(-6, 0)

    def fun(x: Array) -> tuple[float, Array]:
        t = r @ x
        return (
            float(np.logaddexp(0.0, -t).sum() + 0.5 * ridge * (x @ x)),
            ridge * x - (1.0 / (1.0 + np.exp(np.minimum(t, 500.0)))) @ r,
        )

    return fun


def hyperbola(rng: Rng, n: int) -> Objective:
    """sqrt(1 + x^2): curvature that vanishes, so steps that grow."""

    def fun(x: Array) -> tuple[float, Array]:
        root = np.sqrt(1.0 + x * x)
        return float(root.sum()), x / root

    return fun


def absolute_values(rng: Rng, n: int) -> Objective:
    a = rng.uniform(0.1, 3, n)
    c = rng.normal(size=n)
    return lambda x: (float((a * np.abs(x - c)).sum()), a * np.sign(x - c))


def maximum(rng: Rng, n: int) -> Objective:
    a = rng.normal(size=(n + 2, n))
    b = rng.normal(size=n + 2)

    def fun(x: Array) -> tuple[float, Array]:
        t = a @ x - b
        k = int(np.argmax(np.abs(t)))
        return float(abs(t[k])), np.sign(t[k]) * a[k]

    return fun


def fractional_power(rng: Rng, n: int) -> Objective:
    """|x|^p, 1 < p < 2: the curvature is infinite at the minimum."""
    p = rng.uniform(1.05, 1.9)
    c = rng.normal(size=n)

    def fun(x: Array) -> tuple[float, Array]:
        t = np.abs(x - c)
        return float((t**p).sum()), p * t ** (p - 1) * np.sign(x - c)

    return fun


def flat_power(rng: Rng, n: int) -> Objective:
    """x^8: nothing but zeros near the minimum."""
    return lambda x: (float((x**8).sum()), 8 * x**7)


def linear(rng: Rng, n: int) -> Objective:
    c = rng.normal(size=n) if rng.random() < 0.5 else rng.integers(-2, 3, n).astype(float)
    return lambda x: (float((c * x).sum()), c.copy())


def constant(rng: Rng, n: int) -> Objective:
    return lambda x: (1.0, np.zeros(n))


def idle_variables(rng: Rng, n: int) -> Objective:
    """Some variables that f doesn't depend on: zero components of the gradient."""
    a = np.where(rng.random(n) < 0.5, 0.0, rng.uniform(0.5, 2, n))
    c = rng.normal(size=n)
    return lambda x: (float((a * (x - c) ** 2).sum()), 2 * a * (x - c))


def badly_scaled(rng: Rng, n: int) -> Objective:
    s = 10.0 ** rng.uniform(-8, 8, n)
    return lambda x: (float((s * (x - 1.0) ** 2).sum()), 2 * s * (x - 1.0))


def huge_values(rng: Rng, n: int) -> Objective:
    """Finite f and g whose squares can overflow or vanish inside."""
    s = 10.0 ** rng.uniform(-160, 160)
    a = rng.uniform(0.5, 2, n)
    return lambda x: (s * float((a * x * x).sum()), 2 * s * a * x)


def tiny_values(rng: Rng, n: int) -> Objective:
    """Subnormal gradients."""
    a = rng.uniform(0.5, 2, n) * 10.0 ** rng.uniform(-322, -300)
    return lambda x: (float((a * x * x).sum()), 2 * a * x)


def barrier(rng: Rng, n: int) -> Objective:
    """-log, kept finite on the wrong side: a kink and a wall."""

    def fun(x: Array) -> tuple[float, Array]:
        t = np.maximum(x + 3.5, 1e-8)
        return float((0.1 * x - np.log(t)).sum()), 0.1 - 1.0 / t

    return fun


def helical_valley(rng: Rng, n: int) -> Objective:
    """A curved valley for three variables at a time; the others rest in a bowl."""
    k = n // 3 * 3

    def fun(x: Array) -> tuple[float, Array]:
        g = 2.0 * x
        f = float((x[k:] * x[k:]).sum())
        if k:
            p, q, r = x[0:k:3], x[1:k:3], x[2:k:3]
            u, v = r - 5.0 * p * q, p * p + q * q - 1.0
            g[0:k:3] = -100.0 * u * q + 40.0 * v * p
            g[1:k:3] = -100.0 * u * p + 40.0 * v * q
            g[2:k:3] = 20.0 * u + 2.0 * r
            f += float((10.0 * u * u + 10.0 * v * v + r * r).sum())
        return f, g

    return fun


def random_answers(rng: Rng, n: int) -> Objective:
    """Numbers that have nothing to do with x: every ending of a line search."""
    own = np.random.default_rng(rng.integers(2**32))
    scale = 10.0 ** rng.uniform(-3, 3)
    return lambda x: (scale * float(own.normal()), own.normal(size=n))


def falling_random_answers(rng: Rng, n: int) -> Objective:
    """As above, but f tends to fall, so that line searches succeed and pairs make no sense."""
    own = np.random.default_rng(rng.integers(2**32))
    value = [0.0]
    noise = rng.uniform(0, 2)

    def fun(x: Array) -> tuple[float, Array]:
        value[0] -= 1.0
        return value[0] + noise * float(own.normal()), own.normal(size=n)

    return fun


def noisy_bowl(rng: Rng, n: int) -> Objective:
    own = np.random.default_rng(rng.integers(2**32))
    level = 10.0 ** rng.uniform(-12, -1)

    def fun(x: Array) -> tuple[float, Array]:
        return (
            float(0.5 * (x * x).sum()) + level * float(own.normal()),
            x + level * own.normal(size=n),
        )

    return fun


def staircase(rng: Rng, n: int) -> Objective:
    """A function in steps, with the gradient of the slope below it."""
    h = 10.0 ** rng.uniform(-3, 0)
    return lambda x: (h * float(np.floor((x * x).sum() / h)), 2 * x)


def rising(rng: Rng, n: int) -> Objective:
    """Every value is larger than the last one, whatever the gradient says."""
    value = [0.0]

    def fun(x: Array) -> tuple[float, Array]:
        value[0] += 1.0
        return value[0], x - 0.25

    return fun


OBJECTIVES: dict[str, Callable[[Rng, int], Objective]] = {
    maker.__name__: maker
    for maker in (
        diagonal_quadratic,
        dense_quadratic,
        ill_conditioned,
        integer_quadratic,
        coupled_integer_quadratic,
        indefinite_quadratic,
        concave,
        rosenbrock,
        paper_example,
        quartic,
        double_well,
        trigonometric,
        waves_on_a_bowl,
        exponentials,
        logistic,
        hyperbola,
        absolute_values,
        maximum,
        fractional_power,
        flat_power,
        linear,
        constant,
        idle_variables,
        badly_scaled,
        huge_values,
        tiny_values,
        barrier,
        helical_valley,
        random_answers,
        falling_random_answers,
        noisy_bowl,
        staircase,
        rising,
    )
}


def doubled(half: Objective, n: int) -> Objective:
    def fun(x: Array) -> tuple[float, Array]:
        (f1, g1), (f2, g2) = half(x[:n]), half(x[n:])
        return f1 + f2, np.concatenate([g1, g2])

    return fun


# --- What is wrong with the derivative ---------------------------------------------------------


def _faulty(
    change: Callable[[Rng, int], Callable[[Array], Array]],
) -> Callable[[Rng, int, Objective], Objective]:
    def wrap(rng: Rng, n: int, fun: Objective) -> Objective:
        altered = change(rng, n)

        def wrong(x: Array) -> tuple[float, Array]:
            f, g = fun(x)
            return f, altered(g)

        return wrong

    return wrap


def _scaled(rng: Rng, n: int) -> Callable[[Array], Array]:
    s = 10.0 ** rng.uniform(-2, 2)
    return lambda g: g * s


def _some_signs(rng: Rng, n: int) -> Callable[[Array], Array]:
    s = np.where(rng.random(n) < 0.3, -1.0, 1.0)
    return lambda g: g * s


def _shifted(rng: Rng, n: int) -> Callable[[Array], Array]:
    s = rng.normal(size=n) * 10.0 ** rng.uniform(-6, 0)
    return lambda g: g + s


def _rounded(rng: Rng, n: int) -> Callable[[Array], Array]:
    """As from finite differences, or from single precision."""
    return lambda g: g.astype(np.float32).astype(np.float64)


FAULTS: dict[str, Callable[[Rng, int, Objective], Objective]] = {
    "negated": _faulty(lambda rng, n: lambda g: -g),
    "scaled": _faulty(_scaled),
    "some signs": _faulty(_some_signs),
    "shifted": _faulty(_shifted),
    "reversed": _faulty(lambda rng, n: lambda g: g[::-1].copy()),
    "rounded": _faulty(_rounded),
}


# --- Bounds --------------------------------------------------------------------------------------

Box = tuple[Array, Array, "np.ndarray[tuple[int], np.dtype[np.int32]]"]


def _box(lower: Array, upper: Array, nbd: object) -> Box:
    kinds = np.empty(len(lower), dtype=np.int32)
    kinds[:] = nbd
    return lower, upper, kinds


def no_bounds(rng: Rng, n: int) -> Box:
    return _box(np.zeros(n), np.zeros(n), 0)


def lower_bounds(rng: Rng, n: int) -> Box:
    return _box(rng.uniform(-3, 1, n), np.zeros(n), 1)


def upper_bounds(rng: Rng, n: int) -> Box:
    return _box(np.zeros(n), rng.uniform(-1, 3, n), 3)


def boxes(rng: Rng, n: int) -> Box:
    low = rng.uniform(-3, 2, n)
    return _box(low, low + rng.uniform(0.1, 4, n), 2)


def integer_boxes(rng: Rng, n: int) -> Box:
    low = rng.integers(-3, 2, n).astype(float)
    return _box(low, low + rng.integers(0, 4, n), 2)


def equal_boxes(rng: Rng, n: int) -> Box:
    """All variables alike: many breakpoints at one place."""
    side = float(rng.integers(1, 4))
    return _box(np.full(n, -side), np.full(n, side), 2)


def mixed_bounds(rng: Rng, n: int) -> Box:
    low = rng.uniform(-3, 1, n)
    return _box(low, low + rng.uniform(0.0, 3, n), rng.integers(0, 4, n))


def integer_mixed_bounds(rng: Rng, n: int) -> Box:
    low = rng.integers(-3, 1, n).astype(float)
    return _box(low, low + rng.integers(0, 3, n), rng.integers(0, 4, n))


def some_fixed(rng: Rng, n: int) -> Box:
    low = rng.uniform(-2, 1, n)
    return _box(low, np.where(rng.random(n) < 0.4, low, low + 2.0), 2)


def all_fixed(rng: Rng, n: int) -> Box:
    low = rng.uniform(-2, 1, n)
    return _box(low, low.copy(), 2)


def narrow_boxes(rng: Rng, n: int) -> Box:
    low = rng.uniform(-1, 1, n)
    return _box(low, low + 10.0 ** rng.uniform(-15, -1, n), 2)


def wide_boxes(rng: Rng, n: int) -> Box:
    side = 10.0 ** rng.uniform(0, 300)
    return _box(np.full(n, -side), np.full(n, side), 2)


def one_bounded(rng: Rng, n: int) -> Box:
    """A single bound among free variables."""
    nbd = np.zeros(n, dtype=np.int32)
    nbd[rng.integers(n)] = rng.integers(1, 4)
    return _box(rng.uniform(-1, 0, n), rng.uniform(0, 1, n), nbd)


def infinite_bounds(rng: Rng, n: int) -> Box:
    """Bounds that are there but infinite: what a caller passes who knows no nbd."""
    low = np.where(rng.random(n) < 0.5, -np.inf, rng.uniform(-2, 0, n))
    high = np.where(rng.random(n) < 0.5, np.inf, rng.uniform(0, 2, n))
    return _box(low, high, 2)


BOUNDS: dict[str, tuple[float, Callable[[Rng, int], Box]]] = {
    maker.__name__: (weight, maker)
    for weight, maker in (
        (4, no_bounds),
        (2, lower_bounds),
        (2, upper_bounds),
        (4, boxes),
        (2, integer_boxes),
        (1, equal_boxes),
        (4, mixed_bounds),
        (2, integer_mixed_bounds),
        (1, some_fixed),
        (0.3, all_fixed),
        (1, narrow_boxes),
        (0.7, wide_boxes),
        (1, one_bounded),
        (0.5, infinite_bounds),
    )
}
_BOUND_NAMES = list(BOUNDS)
_BOUND_SHARES = np.cumsum([weight for weight, _ in BOUNDS.values()])
_BOUND_SHARES /= _BOUND_SHARES[-1]


# --- Whole runs that the lists above would hardly ever draw ------------------------------------


def bound_at_the_step(rng: Rng, n: int) -> Case:
    """A Cauchy point that rounds past a bound, so that the first trial is past the largest step.

    The first step goes down a slope that gets steeper, so no pair is kept, and the Cauchy point
    of the second is x - g but for rounding, and that is where bounds are.
    What the search is told after that is random.
    """
    own = np.random.default_rng(rng.integers(2**32))
    lower = rng.uniform(-2, 2, n) * 10.0 ** rng.uniform(-6, 0)
    first = rng.uniform(0.1, 0.9, n) / np.sqrt(n)
    x = lower + first * rng.uniform(2.0, 6.0, n)
    sense = rng.choice([-1.0, 1.0], n)  # towards lower or upper bounds, mirrored
    calls = [0]
    falls = rng.random() < 0.5

    def fun(z: Array) -> tuple[float, Array]:
        calls[0] += 1
        if calls[0] == 1:
            return 0.0, sense * first
        if calls[0] == 2:
            ulps = own.choice([-1, 2, 4], n) * 2.0**-53
            return -1.0, (z - sense * lower) * (1.0 + ulps)
        f = -float(calls[0]) if falls else float(own.normal())
        return f, own.normal(size=n)

    bound = sense * lower
    return Case("", fun, sense * x, bound, bound.copy(), np.where(sense > 0, 1, 3).astype(np.int32))


def many_variables(rng: Rng, n: int) -> Case:
    """More variables than a kernel takes at a time."""
    n = int(rng.integers(4000, 9001))
    makers = (diagonal_quadratic, rosenbrock, coupled_integer_quadratic, hyperbola, double_well)
    fun = makers[int(rng.integers(len(makers)))](rng, n)
    kinds = (no_bounds, boxes, mixed_bounds, integer_mixed_bounds, one_bounded, some_fixed)
    lower, upper, nbd = kinds[int(rng.integers(len(kinds)))](rng, n)
    if rng.random() < 0.5:  # a block without free variables, or nearly so
        fixed = slice(0, int(rng.integers(1, n)))
        lower[fixed] = upper[fixed] = 0.25
        nbd[fixed] = 2
    return Case("", fun, rng.uniform(-3, 3, n), lower, upper, nbd, returns=60)


def minimum_on_the_bound(rng: Rng, n: int) -> Case:
    """A separable quadratic whose minimum is the bound itself.

    The Cauchy point then ends an ulp before the breakpoint, and x + t d can round past the
    bound, so that the largest step is just below 1: the first trial is past it.
    """
    k = rng.uniform(0.2, 5) if rng.random() < 0.5 else 10.0 ** rng.uniform(-2, 2, n)
    c = rng.uniform(-2, 2, n)
    x = c - rng.uniform(0, 3, n) * rng.choice([1.0, 1.0, -1.0], n)
    nbd = np.where(x < c, 3, 1).astype(np.int32)
    if rng.random() < 0.3:
        nbd[rng.integers(n)] = 0
    return Case(
        "",
        lambda z: (0.5 * float((k * (z - c) ** 2).sum()), k * (z - c)),
        x,
        c.copy(),
        c.copy(),
        nbd,
    )


def invalid_input(rng: Rng, n: int) -> Case:
    """Every error return, several errors at once included."""
    lower, upper, nbd = mixed_bounds(rng, n)
    case = Case("", diagonal_quadratic(rng, n), rng.normal(size=n), lower, upper, nbd)
    wrong = rng.integers(1, 32)
    if wrong & 1:
        case.told_n = int(rng.integers(-2, 1))
    if wrong & 2:
        case.m = int(rng.integers(-2, 1))
    if wrong & 4:
        case.factr = -float(rng.uniform(0, 2))
    if wrong & 8:
        nbd[rng.integers(n)] = rng.choice([-1, 4, 100])
    if wrong & 16:
        k = rng.integers(n)
        nbd[k], lower[k], upper[k] = 2, 1.0, 0.5
    return case


SPECIAL: dict[str, Callable[[Rng, int], Case]] = {
    "bound_at_the_step": bound_at_the_step,
    "many_variables": many_variables,
    "minimum_on_the_bound": minimum_on_the_bound,
    "invalid_input": invalid_input,
}
_SPECIAL_SHARE = {
    "bound_at_the_step": 0.04,
    "many_variables": 0.003,
    "minimum_on_the_bound": 0.02,
    "invalid_input": 0.02,
}

# --- The caller ----------------------------------------------------------------------------------

INTERVENTIONS = (
    "STOP: ENOUGH",
    "STOP: CPU TIME",
    "STOP: CPU EXCEEDS",
    "STOP",
    "RESTART",
    "",
    "START",
    "NEW_X",
    "CONVERGENCE",
    "new_x",
    "FG_ST",
    "GO ON",
)


def names() -> list[str]:
    return [*OBJECTIVES, *SPECIAL]


def case(seed: int, number: int, name: str | None = None) -> Case:
    """Run `number` of `seed`; with `name`, that objective instead of the one drawn."""
    rng = np.random.Generator(np.random.PCG64([seed, number]))
    sizes = rng.random()
    if sizes < 0.15:
        n = 1
    elif sizes < 0.45:
        n = int(rng.integers(2, 6))
    elif sizes < 0.97:
        n = int(rng.integers(6, 31))
    else:
        n = int(rng.integers(31, 301))

    drawn = rng.random()
    special = name if name in SPECIAL else None
    for candidate, share in _SPECIAL_SHARE.items():
        if name is None and drawn < share:
            special = candidate
            break
        drawn -= share
    if special is not None:
        made = SPECIAL[special](rng, n)
        title = special
    else:
        title = name or list(OBJECTIVES)[int(rng.integers(len(OBJECTIVES)))]
        fun = OBJECTIVES[title](rng, n)
        if rng.random() < 0.12:
            fault = list(FAULTS)[int(rng.integers(len(FAULTS)))]
            fun = FAULTS[fault](rng, n, fun)
            title += f", gradient {fault}"
        kind = _BOUND_NAMES[int(np.searchsorted(_BOUND_SHARES, rng.random(), side="right"))]
        lower, upper, nbd = BOUNDS[kind][1](rng, n)
        title += f", {kind}"
        start = rng.random()
        if start < 0.4:
            x = rng.uniform(-3, 3, n)
        elif start < 0.6:
            x = rng.integers(-3, 4, n).astype(float)
        elif start < 0.7:
            x = np.where(rng.random(n) < 0.5, lower, upper)
            x = np.where(np.isfinite(x), x, 0.0)
        elif start < 0.8:
            x = np.full(n, float(rng.integers(-2, 3)))
        elif start < 0.87:
            x = np.where(rng.random(n) < 0.5, 0.0, -0.0)
        elif start < 0.95:
            x = rng.normal(size=n) * 10.0 ** rng.uniform(0, 6)
        else:
            x = rng.normal(size=n) * 10.0 ** rng.uniform(-12, 0)
        if rng.random() < 0.05:
            # The problem twice over in one: every tie there can be, down to the line search.
            half, title = fun, title + ", doubled"
            x, lower, upper, nbd = (np.tile(part, 2) for part in (x, lower, upper, nbd))
            fun = doubled(half, n)
            n *= 2
        made = Case("", fun, x, lower, upper, nbd)

    if special != "invalid_input":
        made.m = int(rng.integers(1, 26)) if rng.random() < 0.5 else int(rng.integers(1, 8))
        tolerance = rng.random()
        if tolerance < 0.4:
            made.factr = made.pgtol = 0.0
        elif tolerance < 0.5:
            made.factr, made.pgtol = 0.0, -1.0
        elif tolerance < 0.6:
            made.factr, made.pgtol = 10.0 ** rng.uniform(0, 14), 0.0
        elif tolerance < 0.7:
            made.factr, made.pgtol = 0.0, 10.0 ** rng.uniform(-14, 0)
        if rng.random() < 0.05:
            task = INTERVENTIONS[int(rng.integers(len(INTERVENTIONS)))]
            moved = 3 * rng.normal(size=len(made.x)) if rng.random() < 0.5 else None
            made.interventions = {int(rng.integers(0, 40)): (task, moved)}
    made.name = f"seed {seed}, run {number}: {title}, n = {len(made.x)}, m = {made.m}"
    return made
