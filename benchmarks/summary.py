"""From repetitions to figures: medians and spread, ratios, passes over W, fits, targets."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import linear_regression, median, quantiles
from typing import Any

import numpy as np

Data = dict[str, Any]
BANDWIDTH = "bandwidth"


@dataclass(frozen=True)
class Spread:
    """A median and the quartiles around it."""

    median: float
    low: float
    high: float


def spread(values: Sequence[float]) -> Spread:
    """Median and quartiles; of fewer than three values, the smallest and largest."""
    if len(values) < 3:
        return Spread(median(values), min(values), max(values))
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return Spread(middle, low, high)


def seconds(result: Data, peer: str) -> Spread | None:
    """A peer's seconds in a case, if it was measured."""
    repetitions = result["peers"].get(peer)
    return spread([answer["seconds"] for answer in repetitions]) if repetitions else None


def ratio(result: Data, peer: str, ours: str) -> Spread | None:
    """How many times as long as ours the peer takes: of each round, then their median.

    The slow peers take part in the first round only of huge cases.
    """
    theirs, own = result["peers"].get(peer), result["peers"].get(ours)
    if not theirs or not own:
        return None
    return spread([a["seconds"] / b["seconds"] for a, b in zip(theirs, own, strict=False)])


def passes_over_w(result: Data, peer: str) -> float | None:
    """An iteration's time in readings of W = (S, Y), timed in the same rounds."""
    found = ratio(result, peer, BANDWIDTH)
    return found.median if found else None


def bandwidth(result: Data) -> float | None:
    """Bytes a second at which W is read."""
    repetitions = result["peers"].get(BANDWIDTH)
    return median(a["bytes"] / a["seconds"] for a in repetitions) if repetitions else None


def find(data: Data, **wanted: Any) -> Data | None:
    """The first measured case with these values."""
    results: list[Data] = data["cases"]
    for result in results:
        case = result["case"]
        if all(case[name] == value or (isinstance(value, float) and isinstance(case[name], float)
                                       and math.isclose(case[name], value, abs_tol=1e-12))
               for name, value in wanted.items()):
            return result
    return None


def work_differences(data: Data) -> list[str]:
    """Sentences on every case in which a peer did other work than we did."""
    found = []
    for result in data["cases"]:
        own = result["peers"].get(data["ours"])
        if not own:
            continue
        iterations, evaluations, f = own[0]["outcome"]
        for peer, repetitions in result["peers"].items():
            if peer in (data["ours"], BANDWIDTH) or repetitions[0]["outcome"][0] is None:
                continue
            theirs = repetitions[0]["outcome"]
            if theirs[:2] != [iterations, evaluations]:
                found.append(f"{result['case']['key']}: {peer} took {theirs[0]} iterations and "
                             f"{theirs[1]} evaluations, {data['ours']} {iterations} and "
                             f"{evaluations}")
            elif not math.isclose(theirs[2], f, rel_tol=1e-6, abs_tol=1e-12):
                found.append(f"{result['case']['key']}: {peer} ended at f = {theirs[2]:.9g}, "
                             f"{data['ours']} at {f:.9g}, after the same counts")
    return found


def busy_cases(data: Data) -> list[str]:
    """Single-threaded cases in which somebody else had the processor for over a twentieth."""
    found = []
    for result in data["cases"]:
        if result["case"]["threads"] != "single":
            continue
        loads = [answer["wall_over_cpu"] for repetitions in result["peers"].values()
                 for answer in repetitions if "wall_over_cpu" in answer]
        if loads and median(loads) > 1.05:
            found.append(result["case"]["key"])
    return found


# Fits --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fit:
    """A straight line through costs, and how far the worst of them is from it."""

    fixed: float  # seconds
    slope: float  # seconds per unit of what varies
    worst: float  # largest |cost - line| / cost
    exponent: float  # slope of log cost against log of what varies


def fit(points: Iterable[tuple[float, float]]) -> Fit | None:
    """Least squares of relative errors, so that small sizes count too; None below three points."""
    found = sorted(points)
    if len(found) < 3:
        return None
    weights = [1.0 / cost**2 for _, cost in found]
    total = sum(weights)
    middle = sum(w * x for w, (x, _) in zip(weights, found, strict=True)) / total
    level = sum(w * cost for w, (_, cost) in zip(weights, found, strict=True)) / total
    slope = (sum(w * (x - middle) * cost for w, (x, cost) in zip(weights, found, strict=True))
             / sum(w * (x - middle) ** 2 for w, (x, _) in zip(weights, found, strict=True)))
    fixed = level - slope * middle
    worst = max(abs(cost - fixed - slope * x) / cost for x, cost in found)
    logs = linear_regression([math.log(x) for x, _ in found], [math.log(c) for _, c in found])
    return Fit(fixed, slope, worst, logs.slope)


@dataclass(frozen=True)
class Plane:
    """A cost as a sum of terms, and how far the worst of them is from it."""

    coefficients: list[float]
    worst: float  # largest |cost - sum| / cost


def fit_terms(terms: Sequence[Sequence[float]], costs: Sequence[float]) -> Plane | None:
    """Least squares of relative errors; None where there are hardly more costs than terms."""
    if not terms or len(costs) < len(terms[0]) + 2:
        return None
    relative = np.array(terms) / np.array(costs)[:, None]
    found = np.linalg.lstsq(relative, np.ones(len(costs)), rcond=None)[0]
    return Plane(found.tolist(), float(np.abs(relative @ found - 1).max()))


def iteration_costs(data: Data, peer: str) -> dict[tuple[int, int, float], float]:
    """Seconds an iteration of the quadratic, by n, m and the active part (0: no bounds)."""
    found = {}
    for result in data["cases"]:
        case = result["case"]
        if (case["kind"], case["problem"], case["threads"]) == ("iteration", "quadratic", "single"):
            measured = seconds(result, peer)
            if measured:
                found[case["n"], case["m"], case["active"]] = measured.median
    return found


# Targets -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Target:
    """How many times faster than the fastest SciPy of the run a case should be."""

    label: str
    case: dict[str, Any]
    factor: float


def iteration_target(n: int, active: float, factor: float) -> Target:
    label = f"n = {n:,}, m = 10, {'a third active' if active else 'no bounds'}, per iteration"
    return Target(label, {"kind": "iteration", "problem": "quadratic", "n": n, "m": 10,
                          "active": active, "threads": "single"}, factor)


def problem_target(label: str, problem: str, n: int, factor: float, **more: Any) -> Target:
    return Target(label, {"kind": "iteration", "problem": problem, "n": n, "threads": "single",
                          **more}, factor)


TARGETS = (
    Target("n = 2, free objective, per evaluation",
           {"kind": "evaluation", "n": 2, "free": True}, 6.0),
    Target("n = 100, Rosenbrock, per evaluation",
           {"kind": "evaluation", "n": 100, "free": False, "active": 0.0}, 4.0),
    Target("n = 100, bounded Rosenbrock, per evaluation",
           {"kind": "evaluation", "n": 100, "free": False, "active": 1.0}, 4.5),
    Target("n = 2, a call that ends at its first evaluation",
           {"kind": "call", "n": 2, "active": 0.0}, 3.0),
    iteration_target(10**4, 0.0, 3.5),
    iteration_target(10**4, 1 / 3, 3.0),
    iteration_target(10**5, 0.0, 3.5),
    iteration_target(10**5, 1 / 3, 3.0),
    iteration_target(10**6, 0.0, 3.0),
    iteration_target(10**6, 1 / 3, 2.5),
    *(problem_target(f"n = {n:,}, every third bounded, per iteration", "every third", n, 3.0)
      for n in (10**4, 10**5, 10**6)),
    Target("n = 100,000, 90 % active, per iteration",
           {"kind": "iteration", "problem": "quadratic", "n": 10**5, "active": 0.9}, 2.5),
    *(problem_target(f"n = {n:,}, many breakpoints, per iteration", "modes", n, 2.5, first=1)
      for n in (10**4, 10**5)),
    problem_target("obstacle, per iteration", "obstacle", 300 * 300, 3.0),
    problem_target("deconvolution, m = 10", "deconvolution", 256 * 256, 2.8, m=10),
    problem_target("deconvolution, m = 30", "deconvolution", 256 * 256, 2.8, m=30),
    problem_target("banded least squares, n = 200,000", "banded least squares", 200_000, 3.0),
    problem_target("banded least squares, n = 1,000", "banded least squares", 1000, 3.0),
    problem_target("logistic regression, n = 2,000", "logistic", 2000, 3.0),
)
IMPORT_TARGET = 0.015  # seconds beyond NumPy's own
MEMORY_TARGET = 3.0  # vectors of length n beyond workspace, x, g and bounds


def fastest_scipy(data: Data, result: Data) -> tuple[str, Spread] | None:
    """The SciPy with the smallest ratio to ours."""
    found = []
    for peer in data["peers"]:
        theirs = ratio(result, peer, data["ours"]) if peer.startswith("SciPy") else None
        if theirs:
            found.append((peer, theirs))
    return min(found, key=lambda pair: pair[1].median) if found else None


def import_beyond_numpy(data: Data, peer: str) -> Spread | None:
    answers = data["imports"].get(peer)
    return spread([answer["seconds"] for answer in answers]) if answers else None


def memory_beyond(data: Data, peer: str) -> float | None:
    """The larger of both methods', with and without bounds."""
    if not data["memory"]:
        return None
    answers = data["memory"]["peers"].get(peer, {})
    found = [method["beyond"] for setting in answers.values() for method in setting.values()]
    # A hundredth of a vector is Python's own objects.
    return round(max(found), 2) if found else None
