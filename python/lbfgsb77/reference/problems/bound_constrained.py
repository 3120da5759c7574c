"""Bound-constrained problems with closed forms: Hock-Schittkowski, CUTE, and those of [ZBLN].

Sources. [HS] W. Hock, K. Schittkowski, "Test Examples for Nonlinear Programming Codes", Lecture
Notes in Economics and Mathematical Systems 187, 1981. [CUTE] I. Bongartz, A. R. Conn, N. I. M.
Gould, Ph. L. Toint, "CUTE: constrained and unconstrained testing environment", ACM Transactions on
Mathematical Software 21 (1995) 123-160; the name there is given. [ZBLN] C. Zhu, R. H. Byrd, P. Lu,
J. Nocedal, "Algorithm 778: L-BFGS-B", ACM Transactions on Mathematical Software 23 (1997) 550-560.

A few unbounded problems of CUTE that are portable to the bit stand at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from . import _elementary as fn
from ._problem import Objective, Problem, Residual, Solution, sum_of_squares
from .more_garbow_hillstrom import _gulf, _rosenbrock, _wood

__all__ = ["PROBLEMS"]

Vector = Sequence[float]
Value = tuple[float, list[float]]
INF = math.inf


def _hs3(x: Vector) -> Value:
    """x₂ + 10⁻⁵ (x₂ − x₁)²."""
    d = x[1] - x[0]
    return x[1] + 1e-5 * (d * d), [-2e-5 * d, 1.0 + 2e-5 * d]


def _hs4(x: Vector) -> Value:
    """(x₁ + 1)³/3 + x₂; the minimizer is a vertex."""
    a = x[0] + 1.0
    return a * a * a / 3.0 + x[1], [a * a, 1.0]


def _hs5(x: Vector) -> Value:
    """sin(x₁ + x₂) + (x₁ − x₂)² − 1.5 x₁ + 2.5 x₂ + 1 (McCormick)."""
    d = x[0] - x[1]
    c = fn.cos(x[0] + x[1])
    f = fn.sin(x[0] + x[1]) + d * d - 1.5 * x[0] + 2.5 * x[1] + 1.0
    return f, [c + 2.0 * d - 1.5, c - 2.0 * d + 2.5]


def _hs45(x: Vector) -> Value:
    """2 − x₁ x₂ x₃ x₄ x₅ / 120."""
    g = []
    for j in range(5):
        others = 1.0
        for k in range(5):
            if k != j:
                others = others * x[k]
        g.append(-others / 120.0)
    return 2.0 - x[0] * x[1] * x[2] * x[3] * x[4] / 120.0, g


def _hs110(x: Vector) -> Value:
    """Σ (ln²(xᵢ − 2) + ln²(10 − xᵢ)) − (Π xᵢ)^0.2."""
    f, g, product = 0.0, [], 1.0
    for value in x:
        a, b = fn.log(value - 2.0), fn.log(10.0 - value)
        f += a * a + b * b
        g.append(2.0 * a / (value - 2.0) - 2.0 * b / (10.0 - value))
        product = product * value
    root = fn.power(product, 0.2)
    return f - root, [g[j] - 0.2 * root / x[j] for j in range(len(x))]


def _camel6(x: Vector) -> Value:
    """Six-hump camel: 4x₁² − 2.1x₁⁴ + x₁⁶/3 + x₁x₂ − 4x₂² + 4x₂⁴."""
    a, b = x[0] * x[0], x[1] * x[1]
    f = 4.0 * a - 2.1 * (a * a) + a * a * a / 3.0 + x[0] * x[1] - 4.0 * b + 4.0 * (b * b)
    return f, [
        8.0 * x[0] - 8.4 * (a * x[0]) + 2.0 * (a * a * x[0]) + x[1],
        x[0] - 8.0 * x[1] + 16.0 * (b * x[1]),
    ]


def _pspdoc(x: Vector) -> Value:
    """√(1 + x₁² + (x₂ − x₃)²) + √(1 + x₂² + (x₃ − x₄)²)."""
    a, b = x[1] - x[2], x[2] - x[3]
    p = fn.sqrt(1.0 + x[0] * x[0] + a * a)
    q = fn.sqrt(1.0 + x[1] * x[1] + b * b)
    return p + q, [x[0] / p, a / p + x[1] / q, -a / p + b / q, -b / q]


def _logros(x: Vector) -> Value:
    """Rosenbrock's function under a logarithm: ln(1 + 10⁴ (x₂ − x₁²)² + (1 − x₁)²)."""
    a, b = x[1] - x[0] * x[0], 1.0 - x[0]
    q = 1.0 + 1e4 * (a * a) + b * b
    return fn.log(q), [(-4e4 * (a * x[0]) - 2.0 * b) / q, 2e4 * a / q]


def _mdhole(x: Vector) -> Value:
    """100 (sin x₁ − x₂)² + x₁."""
    d = fn.sin(x[0]) - x[1]
    return 100.0 * (d * d) + x[0], [200.0 * (d * fn.cos(x[0])) + 1.0, -200.0 * d]


def _bdexp(x: Vector) -> Value:
    """Σ (xᵢ + xᵢ₊₁) exp(−xᵢ₊₂ (xᵢ + xᵢ₊₁))."""
    f, g = 0.0, [0.0] * len(x)
    for i in range(len(x) - 2):
        a, b = x[i] + x[i + 1], x[i + 2]
        e = fn.exp(-b * a)
        f += a * e
        slope = e * (1.0 - a * b)
        g[i] += slope
        g[i + 1] += slope
        g[i + 2] += -(a * a) * e
    return f, g


def _nonscomp(x: Vector) -> Iterator[Residual]:
    """(x₁ − 1)² + 4 Σ (xᵢ − xᵢ₋₁²)²; strict complementarity fails for half of the bounds."""
    yield x[0] - 1.0, ((0, 1.0),)
    for i in range(1, len(x)):
        yield 2.0 * (x[i] - x[i - 1] * x[i - 1]), ((i - 1, -4.0 * x[i - 1]), (i, 2.0))


def _hatflda(x: Vector) -> Iterator[Residual]:
    """x₁ − 1, xᵢ₋₁ − √xᵢ."""
    yield x[0] - 1.0, ((0, 1.0),)
    for i in range(1, len(x)):
        root = fn.sqrt(x[i])
        yield x[i - 1] - root, ((i - 1, 1.0), (i, -0.5 / root))


def _hatfldc(x: Vector) -> Iterator[Residual]:
    """x₁ − 1, xᵢ₊₁ − xᵢ² for 1 < i < n, xₙ − 1."""
    n = len(x)
    yield x[0] - 1.0, ((0, 1.0),)
    for i in range(1, n - 1):
        yield x[i + 1] - x[i] * x[i], ((i, -2.0 * x[i]), (i + 1, 1.0))
    yield x[n - 1] - 1.0, ((n - 1, 1.0),)


def _biggsb1(x: Vector) -> Iterator[Residual]:
    """x₁ − 1, xᵢ₊₁ − xᵢ, 1 − xₙ."""
    n = len(x)
    yield x[0] - 1.0, ((0, 1.0),)
    for i in range(1, n):
        yield x[i] - x[i - 1], ((i - 1, -1.0), (i, 1.0))
    yield 1.0 - x[n - 1], ((n - 1, -1.0),)


def _oslbqp(x: Vector) -> Value:
    """x₁ + 2x₅ − x₈ + ½ Σ xᵢ²."""
    squares = fn.total(value * value for value in x)
    g = list(x)
    g[0], g[4], g[7] = x[0] + 1.0, x[4] + 2.0, x[7] - 1.0
    return x[0] + 2.0 * x[4] - x[7] + 0.5 * squares, g


def _pentdi(x: Vector) -> Value:
    """A convex quadratic of five diagonals after Pang and Lin, ever worse conditioned with n."""
    n = len(x)
    half = n // 2
    f, g = 0.0, [0.0] * n
    for i in range(n):
        f += 6.0 * (x[i] * x[i])
        g[i] += 12.0 * x[i]
    for i in range(n - 2):
        f += x[i] * x[i + 2] - 4.0 * (x[i] * x[i + 1])
        g[i] += x[i + 2] - 4.0 * x[i + 1]
        g[i + 1] += -4.0 * x[i]
        g[i + 2] += x[i]
    linear = [(0, -3.0), (1, 1.0), (half - 2, 1.0), (half - 1, -3.0), (half, 4.0)]
    linear += [(i, 1.0) for i in range(half + 2, n)]
    for i, coefficient in linear:
        f += coefficient * x[i]
        g[i] += coefficient
    return f, g


def _chenhark(free: int, degenerate: int) -> Objective:
    def objective(x: Vector) -> Value:
        """Chen and Harker's linear complementarity problem as a pentadiagonal quadratic.

        The solution is 1 in the first variables and 0 in the others, some of these degenerate.
        """
        n = len(x)
        solution = [0.0, 0.0] + [1.0] * free + [0.0] * (n - free + 2)
        f, g = 0.0, [0.0] * n
        rows: list[tuple[tuple[int, float], ...]] = [
            ((0, 1.0),),
            ((0, 2.0), (1, -1.0)),
            *(((i + 1, 1.0), (i - 1, 1.0), (i, -2.0)) for i in range(1, n - 1)),
            ((n - 1, 2.0), (n - 2, -1.0)),
            ((n - 1, 1.0),),
        ]
        for row in rows:
            r = 0.0
            for j, coefficient in row:
                r += coefficient * x[j]
            f += 0.5 * (r * r)
            for j, coefficient in row:
                g[j] += r * coefficient
        for i in range(n):
            s = solution[i : i + 5]
            q = -6.0 * s[2] + 4.0 * s[3] + 4.0 * s[1] - s[4] - s[0]
            if i >= free + degenerate:
                q = q + 1.0
            f += q * x[i]
            g[i] += q
        return f, g

    return objective


def _bqp(positive: int) -> Objective:
    def objective(x: Vector) -> Value:
        """½ Σ ± i (xᵢ + x_{mod(2i − 1, n) + 1} + x_{mod(3i − 1, n) + 1})²."""
        n = len(x)
        f, g = 0.0, [0.0] * n
        for i in range(1, n + 1):
            j, k = (2 * i - 1) % n, (3 * i - 1) % n
            r = x[i - 1] + x[j] + x[k]
            weight = float(i) if i <= positive else -float(i)
            f += 0.5 * (weight * (r * r))
            slope = weight * r
            g[i - 1] += slope
            g[j] += slope
            g[k] += slope
        return f, g

    return objective


def _grid_quadratic(rows: int, columns: int, along: float, across: float, load: float) -> Objective:
    """¼ Σ over inner nodes of weighted squared differences to the four neighbours, less the load.

    The nodes of the grid's rim are variables too; their bounds fix them.
    """

    def objective(x: Vector) -> Value:
        f, g = 0.0, [0.0] * len(x)
        for i in range(1, rows - 1):
            for j in range(1, columns - 1):
                here = i * columns + j
                for other, weight in (
                    (here + columns, along),
                    (here + 1, across),
                    (here - columns, along),
                    (here - 1, across),
                ):
                    d = x[other] - x[here]
                    f += 0.25 * (weight * (d * d))
                    slope = 0.5 * (weight * d)
                    g[other] += slope
                    g[here] -= slope
                f -= load * x[here]
                g[here] -= load
        return f, g

    return objective


def _on_rim(i: int, j: int, rows: int, columns: int) -> bool:
    return i in (0, rows - 1) or j in (0, columns - 1)


def _torsion(q: int, c: float) -> Problem:
    p = 2 * q
    h = 1.0 / (p - 1.0)
    upper = [h * min(i, j, p - 1 - i, p - 1 - j) for i in range(p) for j in range(p)]
    return Problem(
        name="torsion",
        objective=_grid_quadratic(p, p, 1.0, 1.0, c * (h * h)),
        starts=(tuple(upper),),
        lower=tuple(-value for value in upper),
        upper=tuple(upper),
        source=f"[CUTE] TORSION1, Q = {q}; Moré and Toraldo 1991; also in [ZBLN]",
        portable=True,
        solution=Solution(-4.9234185e-1, None, "[CUTE]", digits=8),
        tags=frozenset({"cute", "bounded", "quadratic", "fixed"}),
        description=(
            "Elastic-plastic torsion of a square bar on a grid: the stress function stays within "
            "its\ndistance from the rim, and the rim's own nodes are fixed at 0. Start: the upper "
            "bounds."
        ),
    )


def _obstacle(px: int, py: int) -> Problem:
    hx, hy = 1.0 / (px - 1.0), 1.0 / (py - 1.0)
    lower, upper, start = [], [], []
    for j in range(px):
        for i in range(py):
            rim = _on_rim(i, j, py, px)
            lower.append(0.0 if rim else math.sin(3.2 * (i * hy)) * math.sin(3.3 * (j * hx)))
            upper.append(0.0 if rim else 2000.0)
            start.append(0.0 if rim else 1.0)
    return Problem(
        name="obstacle",
        objective=_grid_quadratic(px, py, hy / hx, hx / hy, hx * hy),
        starts=(tuple(start),),
        lower=tuple(lower),
        upper=tuple(upper),
        source=f"[CUTE] OBSTCLAE, {px} x {py}; Dembo and Tulowitzki 1983; also in [ZBLN]",
        solution=Solution(1.39789756, None, "[CUTE]", digits=9),
        tags=frozenset({"cute", "bounded", "quadratic", "fixed"}),
        description=(
            "A membrane stretched over an obstacle on a grid; its rim is fixed at 0. The obstacle, "
            "a\nproduct of two sines, is the lower bound."
        ),
    )


def _journal_bearing(points: int, eccentricity: float) -> Problem:
    ht, hy = 2.0 * math.pi / (points - 1.0), 20.0 / (points - 1.0)
    cubes = []
    for i in range(points):
        w = 1.0 + eccentricity * math.cos(i * ht)
        cubes.append(w * w * w)
    sines = [math.sin(i * ht) for i in range(points)]

    def objective(x: Vector) -> Value:
        """Pressure in a journal bearing, on a grid: a quadratic with p ≥ 0; the rim is fixed at 0.

        The triangles right and left of the nodes have the weights (2 w + w of the neighbour)/6,
        where w = (1 + ε cos ξ)³; the load is ε sin ξ.
        """
        f, g = 0.0, [0.0] * len(x)
        for i in range(points):
            for j in range(points):
                here = i * points + j
                for step in (1, -1):
                    if not (0 <= i + step < points and 0 <= j + step < points):
                        continue
                    weight = (2.0 * cubes[i] + cubes[i + step]) / 6.0
                    for other, factor in (
                        (here + step * points, weight * (hy / ht)),
                        (here + step, weight * (ht / hy)),
                    ):
                        d = x[other] - x[here]
                        f += 0.5 * (factor * (d * d))
                        g[other] += factor * d
                        g[here] -= factor * d
                if not _on_rim(i, j, points, points):
                    load = eccentricity * (ht * hy) * sines[i]
                    f -= load * x[here]
                    g[here] -= load
        return f, g

    nodes = [(i, j) for i in range(points) for j in range(points)]
    rim = [_on_rim(i, j, points, points) for i, j in nodes]
    return Problem(
        name="journal-bearing",
        objective=objective,
        starts=(tuple(0.0 if edge else sines[i] for edge, (i, _) in zip(rim, nodes, strict=True)),),
        lower=(0.0,) * len(nodes),
        upper=tuple(0.0 if edge else INF for edge in rim),
        source=f"[CUTE] JNLBRNG1, {points} x {points}; Moré and Toraldo 1991; also in [ZBLN]",
        solution=Solution(-0.17896, None, "[CUTE]", digits=5),
        tags=frozenset({"cute", "bounded", "quadratic", "fixed", "start-outside"}),
    )


def _tridia(x: Vector) -> Iterator[Residual]:
    """x₁ − 1, √i (2xᵢ − xᵢ₋₁) (Shanno)."""
    yield x[0] - 1.0, ((0, 1.0),)
    for i in range(1, len(x)):
        root = fn.sqrt(i + 1.0)
        yield root * (2.0 * x[i] - x[i - 1]), ((i - 1, -root), (i, 2.0 * root))


def _nondia(x: Vector) -> Iterator[Residual]:
    """x₁ − 1, 10 (x₁ − xᵢ₋₁²) (Shanno's non-diagonal Rosenbrock)."""
    yield x[0] - 1.0, ((0, 1.0),)
    for i in range(1, len(x)):
        yield 10.0 * (x[0] - x[i - 1] * x[i - 1]), ((0, 10.0), (i - 1, -20.0 * x[i - 1]))


def _liarwhd(x: Vector) -> Iterator[Residual]:
    """2 (xᵢ² − x₁), xᵢ − 1 (Li)."""
    for i, value in enumerate(x):
        yield 2.0 * (value * value - x[0]), ((i, 4.0 * value), (0, -2.0))
        yield value - 1.0, ((i, 1.0),)


def _dqdrtic(x: Vector) -> Iterator[Residual]:
    """xᵢ, 10 xᵢ₊₁, 10 xᵢ₊₂: a diagonal quadratic."""
    for i in range(len(x) - 2):
        yield x[i], ((i, 1.0),)
        yield 10.0 * x[i + 1], ((i + 1, 10.0),)
        yield 10.0 * x[i + 2], ((i + 2, 10.0),)


def _engval1(x: Vector) -> Value:
    """Σ (xᵢ² + xᵢ₊₁²)² + Σ (−4xᵢ + 3)."""
    f, g = 0.0, [0.0] * len(x)
    for i in range(len(x) - 1):
        s = x[i] * x[i] + x[i + 1] * x[i + 1]
        f += s * s
        f += 3.0 - 4.0 * x[i]
        g[i] += 4.0 * (s * x[i]) - 4.0
        g[i + 1] += 4.0 * (s * x[i + 1])
    return f, g


def _edensch(x: Vector) -> Value:
    """16 + Σ ((xᵢ − 2)⁴ + (xᵢ xᵢ₊₁ − 2xᵢ₊₁)² + (xᵢ₊₁ + 1)²)."""
    f, g = 16.0, [0.0] * len(x)
    for i in range(len(x) - 1):
        a, b = x[i] - 2.0, x[i + 1]
        c = a * b
        e = b + 1.0
        f += a * a * (a * a) + c * c + e * e
        g[i] += 4.0 * (a * a * a) + 2.0 * (c * b)
        g[i + 1] += 2.0 * (c * a) + 2.0 * e
    return f, g


_HS = frozenset({"hs", "cute", "bounded"})
_CUTE = frozenset({"cute", "bounded"})
_FREE = frozenset({"cute", "unbounded"})
_HS_SOLUTION = "[HS]"

# [HS] 2: x₁ = 2a cos(arccos(1/b)/3) with a = √(598/1200), b = 400 a³.
_HS2_A = math.sqrt(598.0 / 1200.0)
_HS2_X1 = 2.0 * _HS2_A * math.cos(math.acos(1.0 / (400.0 * _HS2_A**3)) / 3.0)

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "hs1", sum_of_squares(_rosenbrock), ((-2.0, 1.0),), "[HS] 1",
        lower=(-INF, -1.5), upper=(INF, INF), portable=True,
        solution=Solution(0.0, (1.0, 1.0), _HS_SOLUTION), tags=_HS,
    ),
    Problem(
        "hs2", sum_of_squares(_rosenbrock), ((-2.0, 1.0),), "[HS] 2",
        lower=(-INF, 1.5), upper=(INF, INF), portable=True,
        solution=Solution(0.0504261879, (_HS2_X1, 1.5), _HS_SOLUTION, 9, unique=False),
        tags=_HS | {"start-outside"},
    ),
    Problem(
        "hs3", _hs3, ((10.0, 1.0),), "[HS] 3",
        lower=(-INF, 0.0), upper=(INF, INF), portable=True,
        solution=Solution(0.0, (0.0, 0.0), _HS_SOLUTION), tags=_HS | {"quadratic"},
    ),
    Problem(
        "hs4", _hs4, ((1.125, 0.125),), "[HS] 4",
        lower=(1.0, 0.0), upper=(INF, INF), portable=True,
        solution=Solution(8.0 / 3.0, (1.0, 0.0), _HS_SOLUTION, 15), tags=_HS,
    ),
    Problem(
        "hs5", _hs5, ((0.0, 0.0),), "[HS] 5",
        lower=(-1.5, -3.0), upper=(4.0, 3.0),
        solution=Solution(
            -math.sqrt(3.0) / 2.0 - math.pi / 3.0,
            (0.5 - math.pi / 3.0, -0.5 - math.pi / 3.0), _HS_SOLUTION, 14,
        ),
        tags=_HS,
    ),
    Problem(
        "hs25", sum_of_squares(_gulf), ((100.0, 12.5, 3.0),), "[HS] 25",
        lower=(0.1, 0.0, 0.0), upper=(100.0, 25.6, 5.0),
        # The start is nearly stationary (gradient of 1e-8): a run stops there at once.
        solution=Solution(0.0, (50.0, 25.0, 1.5), _HS_SOLUTION, unique=False), tags=_HS,
    ),
    Problem(
        "hs38", sum_of_squares(_wood), ((-3.0, -1.0, -3.0, -1.0),), "[HS] 38",
        lower=(-10.0,) * 4, upper=(10.0,) * 4, portable=True,
        solution=Solution(0.0, (1.0,) * 4, _HS_SOLUTION), tags=_HS,
    ),
    Problem(
        "hs45", _hs45, ((2.0,) * 5,), "[HS] 45",
        lower=(0.0,) * 5, upper=(1.0, 2.0, 3.0, 4.0, 5.0), portable=True,
        solution=Solution(1.0, (1.0, 2.0, 3.0, 4.0, 5.0), _HS_SOLUTION),
        tags=_HS | {"start-outside"},
    ),
    Problem(
        "hs110", _hs110, ((9.0,) * 10,), "[HS] 110",
        lower=(2.001,) * 10, upper=(9.999,) * 10,
        solution=Solution(-45.77846971, None, _HS_SOLUTION, 10), tags=_HS,
    ),
    Problem(
        "camel6", _camel6, ((1.1, 1.1),), "[CUTE] CAMEL6; Dixon and Szegő 1975",
        lower=(-3.0, -1.5), upper=(3.0, 1.5), portable=True,
        solution=Solution(
            -1.0316284535, None, "Dixon and Szegő 1975 (-1.0316...; global)", 11, unique=False
        ),
        tags=_CUTE | {"nonconvex"},
    ),
    Problem(
        "pspdoc", _pspdoc, ((3.0, 3.0, 3.0, 3.0),), "[CUTE] PSPDOC",
        lower=(-INF,) * 4, upper=(-1.0, INF, INF, INF), portable=True,
        solution=Solution(math.sqrt(2.0) + 1.0, (-1.0, 0.0, 0.0, 0.0), digits=15),
        tags=_CUTE | {"start-outside"},
    ),
    Problem(
        "logros", _logros, ((-1.2, 1.0),), "[CUTE] LOGROS",
        lower=(0.0, 0.0), upper=(INF, INF),
        solution=Solution(0.0, (1.0, 1.0)), tags=_CUTE | {"start-outside"},
    ),
    Problem(
        "mdhole", _mdhole, ((10.0, 1.0),), "[CUTE] MDHOLE",
        lower=(0.0, -INF), upper=(INF, INF),
        solution=Solution(0.0, (0.0, 0.0)), tags=_CUTE,
    ),
    Problem(
        "bdexp", _bdexp, ((1.0,) * 20,), "[CUTE] BDEXP, n = 20; also in [ZBLN]",
        lower=(0.0,) * 20, upper=(INF,) * 20,
        # It falls to 0 as the variables grow; there is no minimizer but on the faces x = 0.
        solution=Solution(0.0, (0.0,) * 20, unique=False), tags=_CUTE,
    ),
    Problem(
        "nonscomp", sum_of_squares(_nonscomp), ((3.0,) * 25,),
        "[CUTE] NONSCOMP, n = 25; in [ZBLN], and the sample problem of the original's driver",
        lower=tuple(1.0 if i % 2 == 0 else -100.0 for i in range(25)), upper=(100.0,) * 25,
        portable=True, solution=Solution(0.0, (1.0,) * 25), tags=_CUTE,
    ),
    Problem(
        "hatflda", sum_of_squares(_hatflda), ((0.1,) * 4,), "[CUTE] HATFLDA",
        lower=(1e-7,) * 4, upper=(INF,) * 4, portable=True,
        solution=Solution(0.0, (1.0,) * 4), tags=_CUTE,
    ),
    Problem(
        "hatfldb", sum_of_squares(_hatflda), ((0.1,) * 4,), "[CUTE] HATFLDB",
        lower=(1e-7,) * 4, upper=(INF, 0.8, INF, INF), portable=True,
        # x₂ = 0.8: then x₁ halves (x₁ − 1)² + (x₁ − √0.8)², and x₃ = 0.64, x₄ = 0.4096 fit.
        solution=Solution(
            (1.0 - math.sqrt(0.8)) ** 2 / 2.0, ((1.0 + math.sqrt(0.8)) / 2.0, 0.8, 0.64, 0.4096),
            digits=13,
        ),
        tags=_CUTE,
    ),
    Problem(
        "hatfldc", sum_of_squares(_hatfldc), ((0.9,) * 25,), "[CUTE] HATFLDC",
        lower=(0.0,) * 25, upper=(10.0,) * 24 + (INF,), portable=True,
        solution=Solution(0.0, (1.0,) * 25), tags=_CUTE,
    ),
    Problem(
        "biggsb1", sum_of_squares(_biggsb1), ((0.0,) * 20,), "[CUTE] BIGGSB1, n = 20",
        lower=(0.0,) * 19 + (-INF,), upper=(0.9,) * 19 + (INF,), portable=True,
        solution=Solution(0.015, (0.9,) * 19 + (0.95,)), tags=_CUTE | {"quadratic"},
    ),
    Problem(
        "oslbqp", _oslbqp, ((0.5,) * 8,), "[CUTE] OSLBQP",
        lower=(2.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0),
        upper=(INF, 4.1, INF, INF, 4.0, INF, INF, 4.3), portable=True,
        solution=Solution(6.25, (2.5, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 1.0)),
        tags=_CUTE | {"quadratic", "start-outside"},
    ),
    Problem(
        "pentdi", _pentdi, ((0.0,) * 20,), "[CUTE] PENTDI, n = 20; also in [ZBLN]",
        lower=(0.0,) * 20, upper=(INF,) * 20, portable=True,
        solution=Solution(-0.75, None, "[CUTE]"), tags=_CUTE | {"quadratic"},
    ),
    Problem(
        "chenhark", _chenhark(10, 4), ((0.5,) * 20,), "[CUTE] CHENHARK, n = 20",
        lower=(0.0,) * 20, upper=(INF,) * 20, portable=True,
        # f = ½ qᵀx at the solution, which has Mx + q = 0 where x = 1: −½ (2 + 2), by its rows.
        solution=Solution(-2.0, (1.0,) * 10 + (0.0,) * 10), tags=_CUTE | {"quadratic"},
    ),
    Problem(
        "cvxbqp1", _bqp(50), ((0.5,) * 50,), "[CUTE] CVXBQP1, n = 50",
        lower=(0.1,) * 50, upper=(10.0,) * 50, portable=True,
        # Every term rises with every variable: the lower bounds, ½ Σ i 0.3².
        solution=Solution(0.5 * 0.09 * 1275.0, (0.1,) * 50, digits=14),
        tags=_CUTE | {"quadratic", "ties"},
    ),
    Problem(
        "ncvxbqp1", _bqp(37), ((0.5,) * 50,), "[CUTE] NCVXBQP1, n = 50",
        lower=(0.1,) * 50, upper=(10.0,) * 50, portable=True,
        tags=_CUTE | {"quadratic", "nonconvex", "ties"},
    ),
    _torsion(5, 5.0),
    _obstacle(10, 10),
    _journal_bearing(10, 0.1),
    Problem(
        "tridia", sum_of_squares(_tridia), ((1.0,) * 20,), "[CUTE] TRIDIA, n = 20",
        portable=True, solution=Solution(0.0, tuple(0.5**i for i in range(20))),
        tags=_FREE | {"quadratic"},
    ),
    Problem(
        "nondia", sum_of_squares(_nondia), ((-1.0,) * 20,), "[CUTE] NONDIA, n = 20",
        portable=True, solution=Solution(0.0, (1.0,) * 20, unique=False), tags=_FREE,
    ),
    Problem(
        "liarwhd", sum_of_squares(_liarwhd), ((4.0,) * 36,), "[CUTE] LIARWHD, n = 36",
        portable=True, solution=Solution(0.0, (1.0,) * 36), tags=_FREE,
    ),
    Problem(
        "dqdrtic", sum_of_squares(_dqdrtic), ((3.0,) * 50,), "[CUTE] DQDRTIC, n = 50",
        portable=True, solution=Solution(0.0, (0.0,) * 50), tags=_FREE | {"quadratic"},
    ),
    Problem(
        "engval1", _engval1, ((2.0,) * 50,), "[CUTE] ENGVAL1, n = 50",
        portable=True, tags=_FREE,
    ),
    Problem(
        "edensch", _edensch, ((8.0,) * 36,), "[CUTE] EDENSCH, n = 36; also in [ZBLN]",
        portable=True, solution=Solution(219.28, None, "[CUTE]", 5), tags=_FREE,
    ),
)  # fmt: skip
