"""Deliberately nasty problems: what the nice collections leave out.

Each is there for one thing that a port can get wrong: breakpoints that tie, fixed variables, a
start outside the bounds, a line search that fails, a memory that is reset, an update that is
skipped, numbers near the ends of the floating-point range, and values that are not finite.
Nearly all are portable to the bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import _elementary as fn
from ._problem import Objective, Problem, Solution

__all__ = ["PROBLEMS"]

Vector = Sequence[float]
Value = tuple[float, list[float]]
INF = math.inf
SOURCE = "this collection"


def _weighted_absolute_values(x: Vector) -> Value:
    """Σ i |xᵢ − 1|: a kink at the minimum, where the line search must fail or creep."""
    f, g = 0.0, []
    for i, value in enumerate(x, start=1):
        d = value - 1.0
        f += i * abs(d)
        g.append(float(i) if d >= 0.0 else -float(i))
    return f, g


def _nonsmooth_rosenbrock(x: Vector) -> Value:
    """|1 − x₁| + 10 |x₂ − x₁²|: a curved kink."""
    a, b = 1.0 - x[0], x[1] - x[0] * x[0]
    sa, sb = (1.0 if a >= 0.0 else -1.0), (10.0 if b >= 0.0 else -10.0)
    return abs(a) + 10.0 * abs(b), [-sa - 2.0 * (sb * x[0]), sb]


def _chebyshev_rosenbrock(x: Vector) -> Value:
    """Nesterov's non-smooth Chebyshev-Rosenbrock: ¼ |x₁ − 1| + Σ |xᵢ₊₁ − 2|xᵢ| + 1|."""
    n = len(x)
    g = [0.0] * n
    d = x[0] - 1.0
    f = 0.25 * abs(d)
    g[0] = 0.25 if d >= 0.0 else -0.25
    for i in range(n - 1):
        d = x[i + 1] - 2.0 * abs(x[i]) + 1.0
        s = 1.0 if d >= 0.0 else -1.0
        f += abs(d)
        g[i + 1] += s
        g[i] += -2.0 * s if x[i] >= 0.0 else 2.0 * s
    return f, g


def _largest_square(x: Vector) -> Value:
    """The largest xᵢ²: one component of the gradient at a time."""
    f, which = -1.0, 0
    for i, value in enumerate(x):
        if value * value > f:
            f, which = value * value, i
    return f, [2.0 * value if i == which else 0.0 for i, value in enumerate(x)]


def _rosenbrock(x: Vector) -> Value:
    a, b = x[1] - x[0] * x[0], 1.0 - x[0]
    return 100.0 * (a * a) + b * b, [-400.0 * (a * x[0]) - 2.0 * b, 200.0 * a]


def _wrong_sign(x: Vector) -> Value:
    """Rosenbrock's function with the gradient's sign wrong: ends abnormally without a step."""
    f, g = _rosenbrock(x)
    return f, [-value for value in g]


def _wrong_scale(x: Vector) -> Value:
    """Rosenbrock's function with three times the gradient: too little decrease near the end."""
    f, g = _rosenbrock(x)
    return f, [3.0 * value for value in g]


def _wrong_component(x: Vector) -> Value:
    """Rosenbrock's function with a term of the gradient forgotten: resets, then an abnormal end."""
    f, g = _rosenbrock(x)
    return f, [g[0], 0.5 * g[1] + 1.0]


def _rounded(x: Vector) -> Value:
    """A quadratic rounded to multiples of 2⁻¹⁹: f is flat where the gradient isn't zero."""
    f, g = 0.0, []
    for i, value in enumerate(x, start=1):
        d = value - 1.0 / i
        f += i * (d * d)
        g.append(2.0 * i * d)
    # Between 2³³ and 2³⁴ doubles are 2⁻¹⁹ apart.
    return (f + 8589934592.0) - 8589934592.0, g


def _ladder_quadratic(x: Vector) -> Value:
    """Σ 10^(i − 7) (xᵢ − 1)², i = 1..13: twelve powers of ten in the Hessian."""
    f, g, weight = 0.0, [], 1e-6
    for value in x:
        d = value - 1.0
        f += weight * (d * d)
        g.append(2.0 * weight * d)
        weight = weight * 10.0
    return f, g


def _hilbert(x: Vector) -> Value:
    """½ xᵀHx − bᵀx with the Hilbert matrix, b = H e: condition number 1.7e16 for n = 12."""
    n = len(x)
    f, g = 0.0, []
    for i in range(n):
        row = fn.total((x[j] - 1.0) / (i + j + 1.0) for j in range(n))
        f += 0.5 * ((x[i] - 1.0) * row)
        g.append(row)
    return f, g


def _scaled_quadratic(x: Vector, scale: float) -> Value:
    f, g = 0.0, []
    for i, value in enumerate(x, start=1):
        d = value - i
        f += scale * (i * (d * d))
        g.append(scale * (2.0 * i * d))
    return f, g


def _huge(x: Vector) -> Value:
    """A quadratic times 10⁹⁰: products of gradients near the end of the range."""
    return _scaled_quadratic(x, 1e90)


def _tiny(x: Vector) -> Value:
    """A quadratic times 10⁻³⁰⁰: products of gradients vanish; the gradient test ends it at once."""
    return _scaled_quadratic(x, 1e-300)


def _subnormal(x: Vector) -> Value:
    """A quadratic and x₁²/6 by way of a subnormal number: shows what flushes these to zero."""
    f, g = _scaled_quadratic(x, 1.0)
    third = (1e-308 * x[0] / 3.0) * 1e308
    return f + 0.5 * (third * x[0]), [g[0] + third, *g[1:]]


def _linear(x: Vector) -> Value:
    """Σ (−1)ⁱ i xᵢ in a box: one Cauchy step through every breakpoint, to a vertex."""
    slopes = [float(-i if i % 2 else i) for i in range(1, len(x) + 1)]
    return fn.total(s * value for s, value in zip(slopes, x, strict=True)), slopes


def _linear_down(x: Vector) -> Value:
    """−x₁ − 2x₂ without bounds: no minimum; every update of the memory is skipped."""
    return -x[0] - 2.0 * x[1], [-1.0, -2.0]


def _constant(x: Vector) -> Value:
    """The constant 1: the gradient test ends it at the start."""
    return 1.0, [0.0] * len(x)


def _constant_with_slope(x: Vector) -> Value:
    """The constant 1 with a gradient that isn't zero: no trial can be good enough."""
    return 1.0, [1.0] * len(x)


def _equal_pulls(x: Vector) -> Value:
    """½ Σ (xᵢ − 3)² in [−1, 1]ⁿ from 0: all breakpoints tie."""
    return 0.5 * fn.total((v - 3.0) * (v - 3.0) for v in x), [v - 3.0 for v in x]


def _paired_pulls(x: Vector) -> Value:
    """A coupled quadratic whose breakpoints tie in groups, in an order that the heap must keep."""
    n = len(x)
    f, g = 0.0, [0.0] * n
    for i in range(n):
        weight = float(1 + i % 3)
        d = x[i] - 4.0 * (1.0 if i % 2 else -1.0)
        f += 0.5 * (weight * (d * d))
        g[i] += weight * d
    for i in range(n - 1):
        d = x[i + 1] + x[i]
        f += 0.25 * (d * d)
        g[i] += 0.5 * d
        g[i + 1] += 0.5 * d
    return f, g


def _uneven_pulls(x: Vector) -> Value:
    """A coupled quadratic: breakpoints that tie, of variables that move at different speeds."""
    n = len(x)
    f, g = 0.0, [0.0] * n
    for i in range(n):
        weight, pull = 1.0 + 0.25 * i, _PULLS[i]
        f += 0.5 * weight * (x[i] * x[i]) - pull * x[i]
        g[i] += weight * x[i] - pull
    for i in range(n - 1):
        d = x[i] - x[i + 1]
        f += 0.1 * (d * d)
        g[i] += 0.2 * d
        g[i + 1] -= 0.2 * d
    return f, g


# No two are equal multiples of a power of 2, so the order in which they are added up shows.
_PULLS = tuple(0.1 * ((3 * i * i + 3 * i + 1) % 17 + 1) for i in range(12))


def _hyperbolas(x: Vector) -> Value:
    """√(1 + 10 (x₁ − 1)²) + √(1 + (x₂ − 1)²) + 2 (x₁x₂ − 1)²: K can't be factored on the way."""
    a, b, c = x[0] - 1.0, x[1] - 1.0, x[0] * x[1] - 1.0
    p, q = fn.sqrt(1.0 + 10.0 * (a * a)), fn.sqrt(1.0 + b * b)
    f = p + q + 2.0 * (c * c)
    return f, [10.0 * a / p + 4.0 * (c * x[1]), b / q + 4.0 * (c * x[0])]


def _bent_quadratic(x: Vector) -> Value:
    """1.5 (x₁ − 2)² + 2 (x₂ + 4)² + 0.2 (x₁x₂ − 1)²: a gradient step leads to another face."""
    a, b, c = x[0] - 2.0, x[1] + 4.0, x[0] * x[1] - 1.0
    f = 1.5 * (a * a) + 2.0 * (b * b) + 0.2 * (c * c)
    return f, [3.0 * a + 0.4 * (c * x[1]), 4.0 * b + 0.4 * (c * x[0])]


def _coupled(x: Vector) -> Value:
    """Σ (xᵢ − i)⁴/4 + ½ (xᵢ₊₁ − xᵢ)²: a convex chain."""
    n = len(x)
    f, g = 0.0, [0.0] * n
    for i in range(n):
        d = x[i] - (i + 1.0)
        f += 0.25 * (d * d * (d * d))
        g[i] += d * d * d
    for i in range(n - 1):
        d = x[i + 1] - x[i]
        f += 0.5 * (d * d)
        g[i + 1] += d
        g[i] -= d
    return f, g


def _saddle(x: Vector) -> Value:
    """x₁² − x₂² + x₁ x₂/4 in a box: the minimizers are on its faces."""
    return (
        x[0] * x[0] - x[1] * x[1] + 0.25 * (x[0] * x[1]),
        [2.0 * x[0] + 0.25 * x[1], 0.25 * x[0] - 2.0 * x[1]],
    )


def _concave(x: Vector) -> Value:
    """−½ Σ i xᵢ² in a box: negative curvature everywhere; the minimum is at a vertex."""
    f = -0.5 * fn.total(i * (value * value) for i, value in enumerate(x, start=1))
    return f, [-i * value for i, value in enumerate(x, start=1)]


def _double_wells(x: Vector) -> Value:
    """Σ (xᵢ² − 1)² + coupling: 2ⁿ minima; the path decides which is found."""
    n = len(x)
    f, g = 0.0, [0.0] * n
    for i in range(n):
        w = x[i] * x[i] - 1.0
        f += w * w
        g[i] += 4.0 * (w * x[i])
    for i in range(n - 1):
        f += 0.3 * (x[i] * x[i + 1])
        g[i] += 0.3 * x[i + 1]
        g[i + 1] += 0.3 * x[i]
    return f, g


def _one_variable(x: Vector) -> Value:
    """(x² − 2)²: one variable."""
    w = x[0] * x[0] - 2.0
    return w * w, [4.0 * (w * x[0])]


def _square_root_domain(x: Vector) -> Value:
    """Σ xᵢ − √xᵢ without bounds: NaN left of zero, where the first long step lands."""
    f, g = 0.0, []
    for value in x:
        root = fn.sqrt(value)
        f += value - root
        g.append(1.0 - 0.5 / root)
    return f, g


def _log_barrier(x: Vector) -> Value:
    """Σ xᵢ − ln xᵢ without bounds: NaN left of zero."""
    f, g = 0.0, []
    for value in x:
        f += value - fn.log(value)
        g.append(1.0 - 1.0 / value)
    return f, g


def _overflowing(x: Vector) -> Value:
    """A power of 64 that overflows to infinity at moderate distance."""
    f, g = 0.0, []
    for value in x:
        p2 = value * value
        p4 = p2 * p2
        p8 = p4 * p4
        p16 = p8 * p8
        p32 = p16 * p16
        f += p32 * p32 + 1e-3 * ((value - 1.0) * (value - 1.0))
        g.append(64.0 * (p32 * p16 * p8 * p4 * p2 * value) + 2e-3 * (value - 1.0))
    return f, g


def _rational_pole(x: Vector) -> Value:
    """Σ 1/(1 − xᵢ) + xᵢ² within the box: the objective's pole lies on the bound itself."""
    f, g = 0.0, []
    for value in x:
        q = 1.0 / (1.0 - value)
        f += q + 4.0 * (value * value)
        g.append(q * q + 8.0 * value)
    return f, g


def _nasty(
    name: str,
    objective: Objective,
    start: Sequence[float],
    *,
    bounds: tuple[Sequence[float], Sequence[float]] | None = None,
    portable: bool = True,
    finite: bool = True,
    solution: Solution | None = None,
    options: dict[str, float] | None = None,
    tags: Sequence[str] = (),
) -> Problem:
    lower, upper = bounds or (None, None)
    return Problem(
        name=name,
        objective=objective,
        starts=(tuple(start),),
        source=SOURCE,
        lower=None if lower is None else tuple(lower),
        upper=None if upper is None else tuple(upper),
        portable=portable,
        finite=finite,
        solution=solution,
        options=options or {},
        tags=frozenset({"nasty", "bounded" if bounds else "unbounded", *tags}),
    )


def _box(n: int, low: float, high: float) -> tuple[list[float], list[float]]:
    return [low] * n, [high] * n


# There the run has no end of its own, or none that is near.
_FEW: dict[str, float] = {"maxiter": 10}
_MANY: dict[str, float] = {"maxiter": 100}

PROBLEMS: tuple[Problem, ...] = (
    _nasty(
        "weighted-absolute-values", _weighted_absolute_values, (3.0, -2.0, 0.25, 7.0),
        solution=Solution(0.0, (1.0,) * 4, unique=False), tags=("nonsmooth",),
    ),
    _nasty(
        "absolute-values-in-box", _weighted_absolute_values, (3.0, -2.0, 0.25, 7.0),
        bounds=((-5.0, -2.0, 0.0, 2.0), (3.0, 0.5, 0.75, 8.0)),
        solution=Solution(1.0 + 0.75 + 4.0 - 0.0, (1.0, 0.5, 0.75, 2.0), unique=False),
        tags=("nonsmooth",),
    ),
    _nasty(
        "nonsmooth-rosenbrock", _nonsmooth_rosenbrock, (-1.2, 1.0),
        solution=Solution(0.0, (1.0, 1.0), unique=False), tags=("nonsmooth",),
    ),
    _nasty(
        "chebyshev-rosenbrock", _chebyshev_rosenbrock, (-1.0, 0.9, 0.7, 0.5),
        solution=Solution(0.0, (1.0,) * 4, unique=False), tags=("nonsmooth",),
    ),
    _nasty(
        "largest-square", _largest_square, (1.0, -2.0, 3.0, -4.0, 5.0),
        solution=Solution(0.0, (0.0,) * 5, unique=False), tags=("nonsmooth",),
    ),
    _nasty("wrong-gradient-sign", _wrong_sign, (-1.2, 1.0), tags=("wrong-gradient",)),
    _nasty("wrong-gradient-scale", _wrong_scale, (-1.2, 1.0), tags=("wrong-gradient",)),
    _nasty("wrong-gradient-component", _wrong_component, (-1.2, 1.0), tags=("wrong-gradient",)),
    _nasty(
        "wrong-gradient-component-in-box", _wrong_component, (-1.2, 1.0),
        bounds=((-1.5, 0.0), (0.8, 2.0)), tags=("wrong-gradient",),
    ),
    _nasty(
        "rounded-quadratic", _rounded, (5.0, -3.0, 2.0, 0.0, 1.0, -1.0),
        tags=("nonsmooth",),
    ),
    _nasty(
        "ladder-quadratic", _ladder_quadratic, (0.0,) * 13, options=_MANY,
        solution=Solution(0.0, (1.0,) * 13, unique=False), tags=("badly-scaled", "quadratic"),
    ),
    _nasty(
        "hilbert-quadratic", _hilbert, tuple(float(i % 3) for i in range(12)),
        solution=Solution(0.0, (1.0,) * 12, unique=False), tags=("badly-scaled", "quadratic"),
    ),
    _nasty(
        "huge-quadratic", _huge, (0.0, 0.0, 0.0),
        solution=Solution(0.0, (1.0, 2.0, 3.0), unique=False),
        tags=("badly-scaled", "quadratic"),
    ),
    _nasty(
        "tiny-quadratic", _tiny, (0.0, 0.0, 0.0),
        solution=Solution(0.0, (1.0, 2.0, 3.0), unique=False),
        tags=("badly-scaled", "quadratic"),
    ),
    _nasty(
        "subnormal-term", _subnormal, (0.3, 0.7, -0.9), tags=("badly-scaled",),
    ),
    _nasty(
        "linear-in-box", _linear, (0.0,) * 9, bounds=_box(9, -1.0, 2.0),
        solution=Solution(-2.0 * 25.0 - 20.0, tuple(2.0 if i % 2 == 0 else -1.0 for i in range(9))),
        tags=("linear",),
    ),
    _nasty(
        "linear-half-open", _linear_down, (0.0, 0.0), bounds=((-1.0, -1.0), (5.0, INF)),
        options=_FEW, tags=("linear", "no-minimum"),
    ),
    _nasty(
        "linear-unbounded", _linear_down, (0.0, 0.0), options=_FEW,
        tags=("linear", "no-minimum"),
    ),
    _nasty("constant", _constant, (1.0, 2.0), solution=Solution(1.0, (1.0, 2.0))),
    _nasty(
        "constant-with-slope", _constant_with_slope, (1.0, 2.0), tags=("wrong-gradient",),
    ),
    _nasty(
        "breakpoints-all-tie", _equal_pulls, (0.0,) * 12, bounds=_box(12, -1.0, 1.0),
        solution=Solution(24.0, (1.0,) * 12), tags=("ties", "quadratic"),
    ),
    _nasty(
        "breakpoints-tie-in-groups", _paired_pulls, (0.0,) * 16,
        bounds=(tuple(-float(1 + i % 4) for i in range(16)),
        tuple(float(1 + (i // 2) % 3) for i in range(16))),
        tags=("ties", "quadratic"),
    ),
    _nasty(
        "breakpoints-tie-unevenly", _uneven_pulls, (0.0,) * 12,
        bounds=((-INF,) * 12, tuple(INF if i % 3 == 2 else 0.5 * p for i, p in enumerate(_PULLS))),
        tags=("ties", "quadratic"),
    ),
    _nasty(
        "hyperbolas-in-box", _hyperbolas, (0.3, -0.4), bounds=_box(2, -2.0, 2.5),
        solution=Solution(2.0, (1.0, 1.0)), tags=("reset",),
    ),
    _nasty("bent-quadratic-in-box", _bent_quadratic, (3.0, 0.0), bounds=_box(2, -4.0, 4.0)),
    _nasty(
        "fixed-variables", _coupled, (5.0, 4.0, 3.0, 2.0, 1.0, 0.0),
        bounds=((-INF, 2.5, -1.0, 4.0, -2.0, 0.0), (INF, 2.5, 2.0, 4.0, INF, 0.0)),
        tags=("fixed", "start-outside"),
    ),
    _nasty(
        "all-fixed", _coupled, (5.0, 4.0, 3.0), bounds=((1.0, 2.0, 3.5), (1.0, 2.0, 3.5)),
        solution=Solution(
            0.25 * 0.0625 + 0.5 * (1.0 + 2.25), (1.0, 2.0, 3.5)
        ),
        tags=("fixed", "start-outside"),
    ),
    _nasty(
        "start-outside", _coupled, (-50.0, 80.0, 3.0, 1e6, -1e6, 6.0),
        bounds=((0.0, 0.0, 0.0, -INF, 2.0, 0.0), (4.0, 4.0, 4.0, 3.5, INF, 7.0)),
        tags=("start-outside",),
    ),
    _nasty(
        "mixed-bounds", _coupled, (1.0,) * 8,
        bounds=((-INF, 3.0, -INF, 2.0, -INF, 3.0, -INF, 0.0),
        (INF, INF, 2.0, 5.0, INF, INF, 3.0, 5.0)),
        tags=("start-outside",),
    ),
    _nasty(
        "negative-zero", _coupled, (-0.0, 0.0, -0.0, 0.0),
        bounds=((0.0, -0.0, -INF, -0.0), (INF, 0.0, -0.0, 4.0)), tags=("fixed",),
    ),
    _nasty(
        "start-at-solution", _equal_pulls, (1.0,) * 4, bounds=_box(4, -1.0, 1.0),
        solution=Solution(8.0, (1.0,) * 4), tags=("quadratic",),
    ),
    _nasty(
        "saddle-in-box", _saddle, (0.5, 0.01), bounds=_box(2, -1.0, 2.0),
        solution=Solution(-4.0625, (-0.25, 2.0), unique=False), tags=("nonconvex", "quadratic"),
    ),
    _nasty(
        "concave-in-box", _concave, (0.1, -0.2, 0.3, -0.4, 0.5, -0.6), bounds=_box(6, -1.0, 1.0),
        solution=Solution(-10.5, (1.0, -1.0, 1.0, -1.0, 1.0, -1.0), unique=False),
        tags=("nonconvex", "quadratic"),
    ),
    _nasty(
        "double-wells", _double_wells, (0.1, -0.1, 0.2, 0.05, -0.3, 0.4), tags=("nonconvex",),
    ),
    _nasty(
        "double-wells-in-box", _double_wells, (0.1, -0.1, 0.2, 0.05, -0.3, 0.4),
        bounds=_box(6, -0.5, 1.5), tags=("nonconvex",),
    ),
    _nasty(
        "one-variable", _one_variable, (5.0,),
        solution=Solution(0.0, (math.sqrt(2.0),), unique=False),
    ),
    _nasty(
        "one-variable-in-box", _one_variable, (5.0,), bounds=_box(1, 1.5, 10.0),
        solution=Solution(0.0625, (1.5,)),
    ),
    _nasty("pole-at-bound", _rational_pole, (0.5, -3.0), bounds=_box(2, -4.0, 0.999)),
    _nasty(
        "square-root-domain", _square_root_domain, (20.0, 3.0), finite=False,
        solution=Solution(-0.5, (0.25, 0.25)), tags=("nonfinite",),
    ),
    _nasty(
        "log-barrier", _log_barrier, (50.0, 0.02), portable=False, finite=False,
        solution=Solution(2.0, (1.0, 1.0)), tags=("nonfinite",),
    ),
    _nasty(
        "overflowing-power", _overflowing, (900.0, -900.0, 2.0), finite=False,
        tags=("nonfinite", "badly-scaled"),
    ),
)  # fmt: skip
