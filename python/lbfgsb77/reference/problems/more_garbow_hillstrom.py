"""The 35 problems of Moré, Garbow and Hillstrom, and the bounds that Gay put on some of them.

J. J. Moré, B. S. Garbow, K. E. Hillstrom, "Testing unconstrained optimization software",
ACM Transactions on Mathematical Software 7 (1981) 17-41. Each objective is a sum of squares; the
functions below yield the residuals in the paper's order and notation, except that `x[0]` is the
paper's x₁. Every problem has the paper's three starts: x₀, 10 x₀ and 100 x₀, where 10 x₀ and
100 x₀ replace x₀ = 0 by 10 e and 100 e.

Bounds: D. M. Gay, "A trust-region approach to linearly constrained optimization", Lecture Notes in
Mathematics 1066 (1984) 72-105. They cut off the minimizer of the problem without bounds. Only
bounds that could be confirmed are here, those of 15 of the first 18 problems and of number 25.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from . import _elementary as fn
from ._problem import Problem, Residual, Solution, sum_of_squares

__all__ = ["PROBLEMS"]

MGH = "Moré, Garbow, Hillstrom 1981"
GAY = "Gay 1984"
Vector = Sequence[float]


def _rosenbrock(x: Vector) -> Iterator[Residual]:
    """Rosenbrock's banana-shaped valley: 10 (x₂ − x₁²), 1 − x₁."""
    yield 10.0 * (x[1] - x[0] * x[0]), ((0, -20.0 * x[0]), (1, 10.0))
    yield 1.0 - x[0], ((0, -1.0),)


def _freudenstein_roth(x: Vector) -> Iterator[Residual]:
    """Freudenstein and Roth: cubics with a local minimum besides the zero."""
    yield (
        -13.0 + x[0] + ((5.0 - x[1]) * x[1] - 2.0) * x[1],
        ((0, 1.0), (1, (10.0 - 3.0 * x[1]) * x[1] - 2.0)),
    )
    yield (
        -29.0 + x[0] + ((x[1] + 1.0) * x[1] - 14.0) * x[1],
        ((0, 1.0), (1, (3.0 * x[1] + 2.0) * x[1] - 14.0)),
    )


def _powell_badly_scaled(x: Vector) -> Iterator[Residual]:
    """Powell, badly scaled: 10⁴ x₁ x₂ − 1, exp(−x₁) + exp(−x₂) − 1.0001."""
    yield 1e4 * x[0] * x[1] - 1.0, ((0, 1e4 * x[1]), (1, 1e4 * x[0]))
    a, b = fn.exp(-x[0]), fn.exp(-x[1])
    yield a + b - 1.0001, ((0, -a), (1, -b))


def _brown_badly_scaled(x: Vector) -> Iterator[Residual]:
    """Brown, badly scaled: x₁ − 10⁶, x₂ − 2·10⁻⁶, x₁ x₂ − 2."""
    yield x[0] - 1e6, ((0, 1.0),)
    yield x[1] - 2e-6, ((1, 1.0),)
    yield x[0] * x[1] - 2.0, ((0, x[1]), (1, x[0]))


def _beale(x: Vector) -> Iterator[Residual]:
    """Beale: yᵢ − x₁ (1 − x₂ⁱ), i = 1, 2, 3."""
    power, slope = x[1], 1.0  # x₂ⁱ and its derivative
    for i, y in enumerate((1.5, 2.25, 2.625), start=1):
        yield y - x[0] * (1.0 - power), ((0, power - 1.0), (1, x[0] * slope))
        slope = (i + 1.0) * power
        power = power * x[1]


def _jennrich_sampson(x: Vector) -> Iterator[Residual]:
    """Jennrich and Sampson: 2 + 2i − (exp(i x₁) + exp(i x₂)), i = 1..10."""
    for i in range(1, 11):
        a, b = fn.exp(i * x[0]), fn.exp(i * x[1])
        yield 2.0 + 2.0 * i - (a + b), ((0, -i * a), (1, -i * b))


def _helical_valley(x: Vector) -> Iterator[Residual]:
    """Helical valley of Fletcher and Powell: a helix about the third axis."""
    radius = fn.sqrt(x[0] * x[0] + x[1] * x[1])
    if x[0] == 0.0:
        angle = 0.25 if x[1] >= 0.0 else -0.25
    else:
        angle = fn.atan(x[1] / x[0]) / (2.0 * math.pi) + (0.5 if x[0] < 0.0 else 0.0)
    turn = 2.0 * math.pi * (radius * radius)
    yield (
        10.0 * (x[2] - 10.0 * angle),
        ((0, 100.0 * x[1] / turn), (1, -100.0 * x[0] / turn), (2, 10.0)),
    )
    yield 10.0 * (radius - 1.0), ((0, 10.0 * x[0] / radius), (1, 10.0 * x[1] / radius))
    yield x[2], ((2, 1.0),)


_BARD = (0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39)


def _bard(x: Vector) -> Iterator[Residual]:
    """Bard: yᵢ − (x₁ + uᵢ / (vᵢ x₂ + wᵢ x₃)), u = i, v = 16 − i, w = min(u, v)."""
    for i, y in enumerate(_BARD, start=1):
        u, v = float(i), 16.0 - i
        w = min(u, v)
        q = v * x[1] + w * x[2]
        slope = u / (q * q)
        yield y - (x[0] + u / q), ((0, -1.0), (1, v * slope), (2, w * slope))


_GAUSSIAN = (0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989)


def _gaussian(x: Vector) -> Iterator[Residual]:
    """Gaussian: x₁ exp(−x₂ (tᵢ − x₃)² / 2) − yᵢ, tᵢ = (8 − i)/2."""
    for i in range(1, 16):
        y = _GAUSSIAN[min(i, 16 - i) - 1]
        d = (8.0 - i) / 2.0 - x[2]
        e = fn.exp(-x[1] * (d * d) / 2.0)
        yield x[0] * e - y, ((0, e), (1, -x[0] * e * (d * d) / 2.0), (2, x[0] * e * x[1] * d))


_MEYER = (
    34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0,
    8261.0, 7030.0, 6005.0, 5147.0, 4427.0, 3820.0, 3307.0, 2872.0,
)  # fmt: skip


def _meyer(x: Vector) -> Iterator[Residual]:
    """Meyer: thermistor resistance, x₁ exp(x₂ / (tᵢ + x₃)) − yᵢ, tᵢ = 45 + 5i."""
    for i, y in enumerate(_MEYER, start=1):
        q = 45.0 + 5.0 * i + x[2]
        e = fn.exp(x[1] / q)
        yield x[0] * e - y, ((0, e), (1, x[0] * e / q), (2, -x[0] * e * x[1] / (q * q)))


# The paper's 25 + (−50 ln tᵢ)^(2/3) with m = 99 and tᵢ = i/100.
_GULF = tuple(
    (i / 100.0, 25.0 + (-50.0 * math.log(i / 100.0)) ** (2.0 / 3.0)) for i in range(1, 100)
)


def _gulf(x: Vector) -> Iterator[Residual]:
    """Gulf research and development: exp(−|yᵢ − x₂|^x₃ / x₁) − tᵢ, i = 1..99.

    The paper prints |yᵢ m i x₂|, a misprint for |yᵢ − x₂| by which its solution would be none.
    """
    for t, y in _GULF:
        d = y - x[1]
        gap = abs(d)
        if gap == 0.0:
            yield 1.0 - t, ()
            continue
        p = fn.power(gap, x[2])
        e = fn.exp(-p / x[0])
        yield (
            e - t,
            (
                (0, e * p / (x[0] * x[0])),
                (1, e * p * x[2] / (d * x[0])),
                (2, -e * p * fn.log(gap) / x[0]),
            ),
        )


def _box(x: Vector) -> Iterator[Residual]:
    """Box, three-dimensional: exp(−t x₁) − exp(−t x₂) − x₃ (exp(−t) − exp(−10t)), t = i/10."""
    for i in range(1, 11):
        t = 0.1 * i
        a, b, c = fn.exp(-t * x[0]), fn.exp(-t * x[1]), fn.exp(-t) - fn.exp(-10.0 * t)
        yield a - b - x[2] * c, ((0, -t * a), (1, t * b), (2, -c))


def _powell_singular(x: Vector) -> Iterator[Residual]:
    """Powell, singular Hessian at the solution; extended: in groups of four variables."""
    root5, root10 = fn.sqrt(5.0), fn.sqrt(10.0)
    for j in range(0, len(x), 4):
        a, b, c, d = x[j], x[j + 1], x[j + 2], x[j + 3]
        yield a + 10.0 * b, ((j, 1.0), (j + 1, 10.0))
        yield root5 * (c - d), ((j + 2, root5), (j + 3, -root5))
        e = b - 2.0 * c
        yield e * e, ((j + 1, 2.0 * e), (j + 2, -4.0 * e))
        e = a - d
        yield root10 * (e * e), ((j, root10 * (2.0 * e)), (j + 3, -root10 * (2.0 * e)))


def _wood(x: Vector) -> Iterator[Residual]:
    """Wood: two coupled Rosenbrock valleys."""
    root90, root10 = fn.sqrt(90.0), fn.sqrt(10.0)
    yield 10.0 * (x[1] - x[0] * x[0]), ((0, -20.0 * x[0]), (1, 10.0))
    yield 1.0 - x[0], ((0, -1.0),)
    yield root90 * (x[3] - x[2] * x[2]), ((2, root90 * (-2.0 * x[2])), (3, root90))
    yield 1.0 - x[2], ((2, -1.0),)
    yield root10 * (x[1] + x[3] - 2.0), ((1, root10), (3, root10))
    yield (x[1] - x[3]) / root10, ((1, 1.0 / root10), (3, -1.0 / root10))


_KOWALIK_OSBORNE = (
    (0.1957, 4.0), (0.1947, 2.0), (0.1735, 1.0), (0.1600, 0.5), (0.0844, 0.25), (0.0627, 0.167),
    (0.0456, 0.125), (0.0342, 0.1), (0.0323, 0.0833), (0.0235, 0.0714), (0.0246, 0.0625),
)  # fmt: skip


def _kowalik_osborne(x: Vector) -> Iterator[Residual]:
    """Kowalik and Osborne: yᵢ − x₁ (u² + u x₂) / (u² + u x₃ + x₄)."""
    for y, u in _KOWALIK_OSBORNE:
        p = u * u + u * x[1]
        q = u * u + u * x[2] + x[3]
        slope = x[0] * p / (q * q)
        yield y - x[0] * p / q, ((0, -p / q), (1, -x[0] * u / q), (2, u * slope), (3, slope))


def _brown_dennis(x: Vector) -> Iterator[Residual]:
    """Brown and Dennis: (x₁ + t x₂ − eᵗ)² + (x₃ + x₄ sin t − cos t)², t = i/5, i = 1..20."""
    for i in range(1, 21):
        t = i / 5.0
        a = x[0] + t * x[1] - fn.exp(t)
        sine = fn.sin(t)
        b = x[2] + x[3] * sine - fn.cos(t)
        yield (
            a * a + b * b,
            ((0, 2.0 * a), (1, 2.0 * a * t), (2, 2.0 * b), (3, 2.0 * b * sine)),
        )


_OSBORNE_1 = (
    0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751, 0.718, 0.685,
    0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448,
    0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406,
)  # fmt: skip


def _osborne_1(x: Vector) -> Iterator[Residual]:
    """Osborne 1: yᵢ − (x₁ + x₂ exp(−t x₄) + x₃ exp(−t x₅)), t = 10 (i − 1)."""
    for i, y in enumerate(_OSBORNE_1):
        t = 10.0 * i
        a, b = fn.exp(-t * x[3]), fn.exp(-t * x[4])
        yield (
            y - (x[0] + x[1] * a + x[2] * b),
            ((0, -1.0), (1, -a), (2, -b), (3, t * x[1] * a), (4, t * x[2] * b)),
        )


def _biggs_exp6(x: Vector) -> Iterator[Residual]:
    """Biggs EXP6: x₃ exp(−t x₁) − x₄ exp(−t x₂) + x₆ exp(−t x₅) − yᵢ, t = i/10, i = 1..13."""
    for i in range(1, 14):
        t = 0.1 * i
        y = fn.exp(-t) - 5.0 * fn.exp(-10.0 * t) + 3.0 * fn.exp(-4.0 * t)
        a, b, c = fn.exp(-t * x[0]), fn.exp(-t * x[1]), fn.exp(-t * x[4])
        yield (
            x[2] * a - x[3] * b + x[5] * c - y,
            ((0, -t * x[2] * a), (1, t * x[3] * b), (2, a), (3, -b), (4, -t * x[5] * c), (5, c)),
        )


_OSBORNE_2 = (
    1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725, 0.746, 0.679, 0.608,
    0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724, 0.649, 0.649, 0.694, 0.644, 0.624, 0.661,
    0.612, 0.558, 0.533, 0.495, 0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428,
    0.429, 0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632, 0.591, 0.559,
    0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581, 0.428, 0.292, 0.162, 0.098, 0.054,
)  # fmt: skip


def _osborne_2(x: Vector) -> Iterator[Residual]:
    """Osborne 2: an exponential and three Gaussian peaks, t = (i − 1)/10, i = 1..65."""
    for i, y in enumerate(_OSBORNE_2):
        t = i / 10.0
        decay = fn.exp(-t * x[4])
        model = x[0] * decay
        derivatives = [(0, -decay), (4, t * x[0] * decay)]
        for amplitude, width, centre in ((1, 5, 8), (2, 6, 9), (3, 7, 10)):
            d = t - x[centre]
            e = fn.exp(-(d * d) * x[width])
            model = model + x[amplitude] * e
            derivatives.append((amplitude, -e))
            derivatives.append((width, x[amplitude] * e * (d * d)))
            derivatives.append((centre, -x[amplitude] * e * (2.0 * d * x[width])))
        yield y - model, derivatives


def _watson(x: Vector) -> Iterator[Residual]:
    """Watson: a polynomial for the equation u' − u² = 1 at t = i/29, i = 1..29."""
    n = len(x)
    for i in range(1, 30):
        t = i / 29.0
        powers = [1.0]
        for _ in range(n - 1):
            powers.append(powers[-1] * t)
        derivative = fn.total(j * x[j] * powers[j - 1] for j in range(1, n))
        value = fn.total(x[j] * powers[j] for j in range(n))
        yield (
            derivative - value * value - 1.0,
            [
                (j, (j * powers[j - 1] if j > 0 else 0.0) - 2.0 * value * powers[j])
                for j in range(n)
            ],
        )
    yield x[0], ((0, 1.0),)
    yield x[1] - x[0] * x[0] - 1.0, ((0, -2.0 * x[0]), (1, 1.0))


def _extended_rosenbrock(x: Vector) -> Iterator[Residual]:
    """Rosenbrock, extended: n/2 independent valleys."""
    for j in range(0, len(x), 2):
        yield 10.0 * (x[j + 1] - x[j] * x[j]), ((j, -20.0 * x[j]), (j + 1, 10.0))
        yield 1.0 - x[j], ((j, -1.0),)


def _penalty_1(x: Vector) -> Iterator[Residual]:
    """Penalty function I: √a (xᵢ − 1) and Σ xⱼ² − 1/4, a = 10⁻⁵."""
    root = fn.sqrt(1e-5)
    for i, value in enumerate(x):
        yield root * (value - 1.0), ((i, root),)
    yield (
        fn.total(value * value for value in x) - 0.25,
        [(i, 2.0 * value) for i, value in enumerate(x)],
    )


def _penalty_2(x: Vector) -> Iterator[Residual]:
    """Penalty function II: exponentials of neighbours and a weighted sum of squares."""
    n = len(x)
    root = fn.sqrt(1e-5)
    e = [fn.exp(value / 10.0) for value in x]
    yield x[0] - 0.2, ((0, 1.0),)
    for i in range(1, n):
        y = fn.exp((i + 1) / 10.0) + fn.exp(i / 10.0)
        yield (
            root * (e[i] + e[i - 1] - y),
            ((i - 1, root * (e[i - 1] / 10.0)), (i, root * (e[i] / 10.0))),
        )
    for i in range(1, n):
        yield root * (e[i] - fn.exp(-0.1)), ((i, root * (e[i] / 10.0)),)
    yield (
        fn.total((n - j) * (x[j] * x[j]) for j in range(n)) - 1.0,
        [(j, 2.0 * (n - j) * x[j]) for j in range(n)],
    )


def _variably_dimensioned(x: Vector) -> Iterator[Residual]:
    """Variably dimensioned: xᵢ − 1, s = Σ j (xⱼ − 1), and s²."""
    for i, value in enumerate(x):
        yield value - 1.0, ((i, 1.0),)
    s = fn.total((j + 1.0) * (value - 1.0) for j, value in enumerate(x))
    yield s, [(j, j + 1.0) for j in range(len(x))]
    yield s * s, [(j, 2.0 * s * (j + 1.0)) for j in range(len(x))]


def _trigonometric(x: Vector) -> Iterator[Residual]:
    """Trigonometric: n − Σ cos xⱼ + i (1 − cos xᵢ) − sin xᵢ."""
    n = len(x)
    sines = [fn.sin(value) for value in x]
    cosines = [fn.cos(value) for value in x]
    rest = n - fn.total(cosines)
    for i in range(1, n + 1):
        s, c = sines[i - 1], cosines[i - 1]
        derivatives = list(enumerate(sines))
        derivatives[i - 1] = (i - 1, s + i * s - c)
        yield rest + i * (1.0 - c) - s, derivatives


def _brown_almost_linear(x: Vector) -> Iterator[Residual]:
    """Brown, almost linear: xᵢ + Σ xⱼ − (n + 1), and Π xⱼ − 1."""
    n = len(x)
    s = fn.total(x)
    for i in range(n - 1):
        yield x[i] + s - (n + 1.0), [(j, 2.0 if j == i else 1.0) for j in range(n)]
    product = 1.0
    for value in x:
        product = product * value
    others = []
    for j in range(n):
        rest = 1.0
        for k in range(n):
            if k != j:
                rest = rest * x[k]
        others.append((j, rest))
    yield product - 1.0, others


def _discrete_boundary_value(x: Vector) -> Iterator[Residual]:
    """Discrete boundary value: 2xᵢ − xᵢ₋₁ − xᵢ₊₁ + h² (xᵢ + tᵢ + 1)³ / 2."""
    n = len(x)
    h = 1.0 / (n + 1.0)
    for i in range(n):
        a = x[i] + (i + 1.0) * h + 1.0
        r = 2.0 * x[i] + h * h * (a * a * a) / 2.0
        derivatives = [(i, 2.0 + h * h * (3.0 * (a * a)) / 2.0)]
        if i > 0:
            r = r - x[i - 1]
            derivatives.append((i - 1, -1.0))
        if i < n - 1:
            r = r - x[i + 1]
            derivatives.append((i + 1, -1.0))
        yield r, derivatives


def _discrete_integral_equation(x: Vector) -> Iterator[Residual]:
    """Discrete integral equation: the same boundary value problem with its Green's function."""
    n = len(x)
    h = 1.0 / (n + 1.0)
    t = [(j + 1.0) * h for j in range(n)]
    a = [x[j] + t[j] + 1.0 for j in range(n)]
    cubes = [value * value * value for value in a]
    slopes = [3.0 * (value * value) for value in a]
    for i in range(n):
        # The kernel (1 − tᵢ) tⱼ for j ≤ i and tᵢ (1 − tⱼ) for j > i.
        weights = [(1.0 - t[i]) * t[j] if j <= i else t[i] * (1.0 - t[j]) for j in range(n)]
        r = x[i] + h * fn.total(weights[j] * cubes[j] for j in range(n)) / 2.0
        yield (
            r,
            [(j, (1.0 if j == i else 0.0) + h * (weights[j] * slopes[j]) / 2.0) for j in range(n)],
        )


def _broyden_tridiagonal(x: Vector) -> Iterator[Residual]:
    """Broyden, tridiagonal: (3 − 2xᵢ) xᵢ − xᵢ₋₁ − 2xᵢ₊₁ + 1."""
    n = len(x)
    for i in range(n):
        r = (3.0 - 2.0 * x[i]) * x[i] + 1.0
        derivatives = [(i, 3.0 - 4.0 * x[i])]
        if i > 0:
            r = r - x[i - 1]
            derivatives.append((i - 1, -1.0))
        if i < n - 1:
            r = r - 2.0 * x[i + 1]
            derivatives.append((i + 1, -2.0))
        yield r, derivatives


def _broyden_banded(x: Vector) -> Iterator[Residual]:
    """Broyden, banded: xᵢ (2 + 5xᵢ²) + 1 − Σ xⱼ (1 + xⱼ), j from i − 5 to i + 1 without i."""
    n = len(x)
    for i in range(n):
        near = [j for j in range(max(0, i - 5), min(n, i + 2)) if j != i]
        r = x[i] * (2.0 + 5.0 * (x[i] * x[i])) + 1.0 - fn.total(x[j] * (1.0 + x[j]) for j in near)
        derivatives = [(j, -(1.0 + 2.0 * x[j])) for j in near]
        derivatives.append((i, 2.0 + 15.0 * (x[i] * x[i])))
        yield r, derivatives


def _linear_full_rank(x: Vector) -> Iterator[Residual]:
    """Linear, full rank, m = 2n: xᵢ − (2/m) Σ xⱼ − 1 and −(2/m) Σ xⱼ − 1."""
    n = len(x)
    m = 2 * n
    share = 2.0 / m
    s = share * fn.total(x)
    for i in range(m):
        r = -s - 1.0
        if i < n:
            r = x[i] + r
        yield r, [(j, (1.0 if j == i else 0.0) - share) for j in range(n)]


def _linear_rank_1(x: Vector) -> Iterator[Residual]:
    """Linear, rank 1, m = 2n: i Σ j xⱼ − 1."""
    n = len(x)
    s = fn.total((j + 1.0) * x[j] for j in range(n))
    for i in range(1, 2 * n + 1):
        yield i * s - 1.0, [(j, i * (j + 1.0)) for j in range(n)]


def _linear_rank_1_zeros(x: Vector) -> Iterator[Residual]:
    """Linear, rank 1, zero first and last columns and rows, m = 2n: (i − 1) Σ j xⱼ − 1."""
    n = len(x)
    m = 2 * n
    s = fn.total((j + 1.0) * x[j] for j in range(1, n - 1))
    for i in range(1, m + 1):
        if i in (1, m):
            yield -1.0, ()
        else:
            yield (i - 1) * s - 1.0, [(j, (i - 1) * (j + 1.0)) for j in range(1, n - 1)]


def _chebyquad(x: Vector) -> Iterator[Residual]:
    """Chebyquad, m = n: the mean of Tᵢ (shifted to [0, 1]) over the xⱼ, less its integral."""
    n = len(x)
    # Tᵢ and its derivative at each xⱼ by the three-term recurrence; first T₀ and T₁.
    z = [2.0 * value - 1.0 for value in x]
    before, now = [1.0] * n, z
    slope_before, slope_now = [0.0] * n, [2.0] * n
    for i in range(1, n + 1):
        integral = 0.0 if i % 2 else -1.0 / (i * i - 1.0)
        yield fn.total(now) / n - integral, [(j, slope_now[j] / n) for j in range(n)]
        following = [2.0 * z[j] * now[j] - before[j] for j in range(n)]
        slope_following = [
            4.0 * now[j] + 2.0 * z[j] * slope_now[j] - slope_before[j] for j in range(n)
        ]
        before, now = now, following
        slope_before, slope_now = slope_now, slope_following


def _mgh(
    number: int,
    name: str,
    residuals: Callable[[Vector], Iterable[Residual]],
    start: Sequence[float],
    solution: Solution,
    *,
    portable: bool = False,
    finite: bool = True,
) -> Problem:
    far = [value for value in start] if any(start) else [1.0] * len(start)
    return Problem(
        name=name,
        objective=sum_of_squares(residuals),
        starts=(
            tuple(start),
            tuple(10.0 * value for value in far),
            tuple(100.0 * value for value in far),
        ),
        source=f"{MGH}, problem {number}",
        portable=portable,
        finite=finite,
        solution=solution,
        tags=frozenset({"mgh", "unbounded", "least-squares"}),
    )


def _published(f: float, x: Sequence[float] | None = None, unique: bool = True) -> Solution:
    return Solution(f, tuple(x) if x is not None else None, MGH, 6, unique)


_h = 1.0 / 11.0
_discrete_start = [(j + 1.0) * _h * ((j + 1.0) * _h - 1.0) for j in range(10)]

_UNBOUNDED = (
    _mgh(1, "rosenbrock", _rosenbrock, (-1.2, 1.0), _published(0.0, (1.0, 1.0)), portable=True),
    _mgh(
        2, "freudenstein-roth", _freudenstein_roth, (0.5, -2.0),
        Solution(48.98425367924, None, f"{MGH} (48.9842...; the local minimum)", 12), portable=True,
    ),
    _mgh(3, "powell-badly-scaled", _powell_badly_scaled, (0.0, 1.0), _published(0.0, unique=False)),
    _mgh(
        4, "brown-badly-scaled", _brown_badly_scaled, (1.0, 1.0),
        _published(0.0, (1e6, 2e-6)), portable=True,
    ),
    _mgh(5, "beale", _beale, (1.0, 1.0), _published(0.0, (3.0, 0.5)), portable=True),
    _mgh(
        6, "jennrich-sampson", _jennrich_sampson, (0.3, 0.4), _published(124.362, unique=False),
        finite=False,  # a long step lands where exp(10 x) overflows
    ),
    _mgh(7, "helical-valley", _helical_valley, (-1.0, 0.0, 0.0), _published(0.0, (1.0, 0.0, 0.0))),
    _mgh(8, "bard", _bard, (1.0, 1.0, 1.0), _published(8.21487e-3), portable=True),
    _mgh(9, "gaussian", _gaussian, (0.4, 1.0, 0.0), _published(1.12793e-8, unique=False)),
    _mgh(10, "meyer", _meyer, (0.02, 4000.0, 250.0), _published(87.9458, unique=False)),
    _mgh(
        11, "gulf", _gulf, (5.0, 2.5, 0.15), _published(0.0, (50.0, 25.0, 1.5), unique=False)
    ),
    _mgh(12, "box-3d", _box, (0.0, 10.0, 20.0), _published(0.0, (1.0, 10.0, 1.0))),
    _mgh(
        13, "powell-singular", _powell_singular, (3.0, -1.0, 0.0, 1.0),
        _published(0.0, (0.0,) * 4), portable=True,
    ),
    _mgh(14, "wood", _wood, (-3.0, -1.0, -3.0, -1.0), _published(0.0, (1.0,) * 4), portable=True),
    _mgh(
        15, "kowalik-osborne", _kowalik_osborne, (0.25, 0.39, 0.415, 0.39),
        _published(3.07505e-4, unique=False), portable=True,
    ),
    _mgh(16, "brown-dennis", _brown_dennis, (25.0, 5.0, -5.0, -1.0), _published(85822.2)),
    _mgh(
        17, "osborne-1", _osborne_1, (0.5, 1.5, -1.0, 0.01, 0.02),
        _published(5.46489e-5, unique=False),
    ),
    _mgh(
        18, "biggs-exp6", _biggs_exp6, (1.0, 2.0, 1.0, 1.0, 1.0, 1.0),
        _published(0.0, (1.0, 10.0, 1.0, 5.0, 4.0, 3.0), unique=False),
    ),
    _mgh(
        19, "osborne-2", _osborne_2,
        (1.3, 0.65, 0.65, 0.7, 0.6, 3.0, 5.0, 7.0, 2.0, 4.5, 5.5),
        _published(4.01377e-2),
    ),
    _mgh(20, "watson", _watson, (0.0,) * 6, _published(2.28767e-3), portable=True),
    _mgh(
        20, "watson-9", _watson, (0.0,) * 9, _published(1.39976e-6, unique=False), portable=True
    ),
    _mgh(
        21, "extended-rosenbrock", _extended_rosenbrock, (-1.2, 1.0) * 5,
        _published(0.0, (1.0,) * 10), portable=True,
    ),
    _mgh(
        22, "extended-powell-singular", _powell_singular, (3.0, -1.0, 0.0, 1.0) * 3,
        _published(0.0, (0.0,) * 12), portable=True,
    ),
    _mgh(
        23, "penalty-1", _penalty_1, [j + 1.0 for j in range(10)],
        _published(7.08765e-5, unique=False), portable=True,
    ),
    _mgh(24, "penalty-2", _penalty_2, (0.5,) * 10, _published(2.93660e-4, unique=False)),
    _mgh(
        25, "variably-dimensioned", _variably_dimensioned,
        [1.0 - (j + 1.0) / 10.0 for j in range(10)], _published(0.0, (1.0,) * 10), portable=True,
    ),
    _mgh(
        26, "trigonometric", _trigonometric, (0.1,) * 10,
        _published(0.0, (0.0,) * 10, unique=False),
    ),
    _mgh(
        27, "brown-almost-linear", _brown_almost_linear, (0.5,) * 10,
        _published(0.0, (1.0,) * 10, unique=False), portable=True,
    ),
    _mgh(
        28, "discrete-boundary-value", _discrete_boundary_value, _discrete_start,
        _published(0.0), portable=True,
    ),
    _mgh(
        29, "discrete-integral-equation", _discrete_integral_equation, _discrete_start,
        _published(0.0), portable=True,
    ),
    _mgh(
        30, "broyden-tridiagonal", _broyden_tridiagonal, (-1.0,) * 10, _published(0.0),
        portable=True,
    ),
    _mgh(31, "broyden-banded", _broyden_banded, (-1.0,) * 10, _published(0.0), portable=True),
    # The minima of the linear problems are the paper's formulas, for n = 5 and m = 10.
    _mgh(
        32, "linear-full-rank", _linear_full_rank, (1.0,) * 5, _published(5.0, (-1.0,) * 5),
        portable=True,
    ),
    _mgh(
        33, "linear-rank-1", _linear_rank_1, (1.0,) * 5,
        Solution(10.0 * 9.0 / (2.0 * 21.0), None, MGH, 15), portable=True,
    ),
    _mgh(
        34, "linear-rank-1-zeros", _linear_rank_1_zeros, (1.0,) * 5,
        Solution((100.0 + 30.0 - 6.0) / (2.0 * 17.0), None, MGH, 15), portable=True,
    ),
    _mgh(
        35, "chebyquad", _chebyquad, [(j + 1.0) / 9.0 for j in range(8)],
        _published(3.51687e-3), portable=True,
    ),
)  # fmt: skip

_GAY_BOUNDS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "rosenbrock": ((-50.0, 0.0), (0.5, 100.0)),
    "freudenstein-roth": ((0.0, -30.0), (20.0, -0.9)),
    "powell-badly-scaled": ((0.0, 1.0), (1.0, 9.0)),
    "brown-badly-scaled": ((0.0, 3e-5), (1e6, 100.0)),
    "beale": ((0.6, 0.5), (10.0, 100.0)),
    "helical-valley": ((-100.0, -1.0, -1.0), (0.8, 1.0, 1.0)),
    "bard": ((0.1, 0.0, 0.0), (50.0, 100.0, 50.0)),
    "gaussian": ((0.398, 1.0, -0.5), (4.2, 2.0, 0.1)),
    "gulf": ((0.0, 0.0, 0.0), (10.0, 10.0, 10.0)),
    "box-3d": ((0.0, 5.0, 0.0), (2.0, 9.5, 20.0)),
    "powell-singular": ((0.1, -20.0, -1.0, -1.0), (100.0, 20.0, 1.0, 50.0)),
    "wood": ((-100.0, -100.0, -100.0, -100.0), (0.0, 10.0, 100.0, 100.0)),
    "kowalik-osborne": ((0.0, -1.0, 0.13, 0.12), (10.0, 12.0, 13.0, 12.0)),
    "brown-dennis": ((-10.0, 0.0, -100.0, -20.0), (100.0, 15.0, 0.0, 0.2)),
    "biggs-exp6": ((0.0, 0.0, 0.0, 1.0, 0.0, 0.0), (2.0, 8.0, 1.0, 7.0, 5.0, 5.0)),
    "variably-dimensioned": (
        (0.0,) * 10,
        (10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 0.5),
    ),
}


def _with_gay_bounds(problem: Problem) -> Problem:
    lower, upper = _GAY_BOUNDS[problem.name]
    # With x₁ ≤ 1/2 the first residual of Rosenbrock's function can vanish, and 1 − x₁ ≥ 1/2.
    solution = Solution(0.25, (0.5, 0.25)) if problem.name == "rosenbrock" else None
    return replace(
        problem,
        name=problem.name + "-gay",
        lower=lower,
        upper=upper,
        source=f"{problem.source}; bounds of {GAY}",
        solution=solution,
        # Bard's model divides by zero at the corner x₂ = x₃ = 0, which trial points reach.
        finite=problem.finite and problem.name != "bard",
        tags=(problem.tags - {"unbounded"}) | {"gay", "bounded"},
        description=f"{problem.description}\n\nWith the bounds of {GAY}.",
    )


PROBLEMS: tuple[Problem, ...] = (
    *_UNBOUNDED,
    *(_with_gay_bounds(problem) for problem in _UNBOUNDED if problem.name in _GAY_BOUNDS),
)
