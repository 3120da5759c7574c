"""Where two traces of one problem part, by how much, and what still agrees."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import shown
from lbfgsb77.reference._comparison import Comparison, Difference, Gap, Level
from lbfgsb77.reference._stages import Stage, diagnose
from lbfgsb77.reference._trace import Evaluation, Outcome, Trace, endings_agree
from lbfgsb77.reference._ulps import relative_gap, same_bits, ulps

__all__ = ["compare"]

# Below this two trial points differ as they do when one sum was rounded in another order.
_ROUNDING = 1e-12
_AS_RELEASE = (
    "the authors' release parts here too: it leaves a trial point where rounding takes it past a "
    "bound, and does not put it there"
)
# Two trials are on one line from the iterate if nothing more than this sticks out of it.
_COLLINEAR = 1e-6


def compare(
    reference: Trace,
    candidate: Trace,
    *,
    path_tolerance: float = 1e-6,
    solution_tolerance: float = 1e-6,
) -> Comparison:
    """Compare two traces of one problem.

    Parameters
    ----------
    reference, candidate : Trace
        The trace to follow and the one that should.
    path_tolerance : float, default 1e-6
        Level ``path``: at no evaluation is ‖x − y‖∞ larger than this relative to ‖x‖∞.
    solution_tolerance : float, default 1e-6
        Level ``solution``: ``|f − g| ≤ tolerance · max(|f|, 1)``, and
        ‖x − y‖∞ ≤ √tolerance · max(‖x‖∞, 1), since f is quadratic about a minimum.

    Returns
    -------
    Comparison
        Its ``level`` is the strongest of

        - ``bits``: every evaluation, every end of an iteration and the result have the same bits;
        - ``path``: the same counts and ending, and every evaluation within the tolerance;
        - ``counts``: the same numbers of evaluations and iterations, and the same solution;
        - ``solution``: the same solution within the tolerance;
        - ``none``.

    Raises
    ------
    TypeError, ValueError
        If one is no trace, or they are of different problems.

    Notes
    -----
    Evaluations are aligned by their number. An evaluation at the very point that has just been
    evaluated counts as a repeat and is left out on both sides, because many solvers keep the last
    value instead of calling the objective again.

    Examples
    --------
    >>> from lbfgsb77.reference import compare, record
    >>> a = record("lbfgsb77:fmin_l_bfgs_b", "beale")
    >>> b = record("lbfgsb77:fmin_l_bfgs_b", "beale", m=3)
    >>> comparison = compare(a, b)
    >>> comparison.level, comparison.first_difference.evaluation
    ('solution', 6)
    """
    for name, trace in (("reference", reference), ("candidate", candidate)):
        if not isinstance(trace, Trace):
            raise TypeError(f"{name}: a Trace is expected, got {shown(trace)}")
    if reference.problem != candidate.problem:
        names = f"{reference.problem}, {candidate.problem}"
        raise ValueError(f"traces: they are of different problems ({names})")
    for name in ("x0", "lower", "upper"):
        mine, other = getattr(reference, name), getattr(candidate, name)
        if mine.shape != other.shape or not same_bits(mine, other):
            raise ValueError(f"traces: they are of different problems ({name}: {mine}, {other})")
    a, b = reference.distinct_evaluations, candidate.distinct_evaluations
    repeats = len(reference.evaluations) - len(a), len(candidate.evaluations) - len(b)
    gaps = tuple(_gap(k, p, q) for k, (p, q) in enumerate(zip(a, b, strict=False), start=1))

    first = _first_difference(reference, candidate, a, b)
    if first is not None and first.what == "x" and first.evaluation == reference.parts_from_release:
        first = replace(first, explanation=_AS_RELEASE)
    counts = (
        len(a) == len(b)
        and _iterations_agree(reference, candidate)
        and _reported_counts_agree(reference.outcome, candidate.outcome, repeats)
    )
    ending = endings_agree(reference.outcome.ending, candidate.outcome.ending)
    f_gap, x_gap, solution = _solution(reference.outcome, candidate.outcome, solution_tolerance)
    path = counts and ending and solution and all(gap.relative <= path_tolerance for gap in gaps)
    level: Level = "none"
    if "exception" in (reference.outcome.ending, candidate.outcome.ending):
        pass  # no result, nothing that could agree
    elif first is None and counts and ending:
        level = "bits"
    elif path:
        level = "path"
    elif counts and solution:
        level = "counts"
    elif solution:
        level = "solution"
    stage = None if first is None else _stage(reference, candidate)
    after = gaps if first is None else tuple(g for g in gaps if g.evaluation >= first.evaluation)
    return Comparison(
        reference=reference,
        candidate=candidate,
        level=level,
        first_difference=first,
        stage=stage,
        gaps=() if first is None else after,
        growth=None if first is None else _growth(after),
        evaluations=(len(a), len(b)),
        iterations=(reference.iterations, candidate.iterations),
        repeats=repeats,
        counts_agree=counts,
        ending_agrees=ending,
        active_set_agrees=(reference.at_lower, reference.at_upper)
        == (candidate.at_lower, candidate.at_upper),
        solution_agrees=solution,
        path_agrees=path,
        f_gap=f_gap,
        x_gap=x_gap,
        path_tolerance=path_tolerance,
        solution_tolerance=solution_tolerance,
    )


def _stage(reference: Trace, candidate: Trace) -> Stage | None:
    stage = diagnose(reference, candidate)
    # Beside a run that isn't the original's it would say nothing of the two.
    return None if stage is None or diagnose(reference, reference) else stage


def _gap(number: int, a: Evaluation, b: Evaluation) -> Gap:
    f_ulps = int(ulps(a.f, b.f)[0])
    scale = max(abs(a.f), abs(b.f), 1.0)
    f_relative = 0.0 if f_ulps == 0 else abs(a.f - b.f) / scale
    if a.x.shape != b.x.shape:
        return Gap(number, None, math.inf, f_ulps, f_relative)
    return Gap(number, int(ulps(a.x, b.x).max()), relative_gap(a.x, b.x), f_ulps, f_relative)


def _first_difference(
    reference: Trace, candidate: Trace, a: list[Evaluation], b: list[Evaluation]
) -> Difference | None:
    told = reference.tells_iterations and candidate.tells_iterations
    iteration, since, iterate = 0, 0, 0  # where the reference is, and the index of its iterate
    for k, (p, q) in enumerate(zip(a, b, strict=False)):
        trial = k - since
        number = k + 1
        at = iteration + 1 if k else 0
        if p.x.shape != q.x.shape or not same_bits(p.x, q.x):
            return _point_difference(number, at, trial, p, q, a[iterate] if k else None)
        if not (same_bits(p.f, q.f) and same_bits(p.g, q.g)):
            f_differs = not same_bits(p.f, q.f)
            worst = int(np.argmax(ulps(p.g, q.g)))
            pair = (p.f, q.f) if f_differs else (float(p.g[worst]), float(q.g[worst]))
            return Difference(
                number, "objective", at, trial,
                f"the {'objective' if f_differs else 'gradient'} has another value at the same "
                "point: not the solver, but the objective or its platform",
                component=None if f_differs else worst,
                values=pair, ulps=int(ulps(*pair)[0]), relative=relative_gap(*pair),
            )  # fmt: skip
        if told and (p.iteration is None) != (q.iteration is None):
            who = "the reference" if q.iteration is None else "the candidate"
            other = "the candidate" if q.iteration is None else "the reference"
            return Difference(
                number, "iteration", at, trial,
                f"{who} ends an iteration at this point, {other} doesn't: the line search's test "
                "(or the callback)",
            )  # fmt: skip
        if p.iteration is not None:
            iteration, since, iterate = iteration + 1, k, k
        elif k == 0:
            iterate = 0
    if len(a) != len(b):
        number = min(len(a), len(b)) + 1
        shorter, who = (candidate, "candidate") if len(b) < len(a) else (reference, "reference")
        text = f"the {who} ends before this evaluation ({_words(shorter.outcome)})"
        if shorter.outcome.ending != "exception":
            text += ": the tests of convergence or the limits"
        return Difference(number, "end", iteration + 1, number - 1 - since, text)
    return _result_difference(reference, candidate, len(a), iteration)


def _words(outcome: Outcome) -> str:
    return f"{outcome.ending}: {outcome.message}" if outcome.message else outcome.ending


def _result_difference(
    reference: Trace, candidate: Trace, number: int, iteration: int
) -> Difference | None:
    p, q = reference.outcome, candidate.outcome
    explanation = ""
    pair: tuple[float, float] | None = None
    if p.x is None or q.x is None:
        explanation = f"the result: {_words(p)} against {_words(q)}"
    elif p.x.shape != q.x.shape or not same_bits(p.x, q.x):
        explanation = "all evaluations are the same, but another x is returned"
    elif not same_bits(p.f, q.f):
        explanation = "all evaluations are the same, but another f is returned"
        pair = (p.f, q.f)
    elif not endings_agree(p.ending, q.ending):
        explanation = f"all evaluations are the same, but not the ending: {_words(p)} | {_words(q)}"
    if not explanation:
        return None
    return Difference(
        number, "result", iteration, 0, explanation,
        values=pair,
        ulps=int(ulps(*pair)[0]) if pair else None,
        relative=relative_gap(*pair) if pair else None,
    )  # fmt: skip


def _point_difference(
    number: int,
    iteration: int,
    trial: int,
    a: Evaluation,
    b: Evaluation,
    iterate: Evaluation | None,
) -> Difference:
    if a.x.shape != b.x.shape:
        return Difference(
            number, "x", iteration, trial, f"points of {a.x.size} and {b.x.size} variables"
        )
    distance = ulps(a.x, b.x)
    worst = int(np.argmax(distance))
    relative = relative_gap(a.x, b.x)
    return Difference(
        number, "x", iteration, trial,
        _explain(a.x, b.x, relative, iterate),
        component=worst,
        values=(float(a.x[worst]), float(b.x[worst])),
        ulps=int(distance[worst]),
        relative=relative,
    )  # fmt: skip


def _explain(
    a: NDArray[np.float64], b: NDArray[np.float64], relative: float, iterate: Evaluation | None
) -> str:
    if iterate is None:
        return "another start: its projection into the bounds"
    if relative <= _ROUNDING:
        return "a difference of rounding: another order of a sum, or fused operations"
    p, q = a - iterate.x, b - iterate.x
    pp = float(p @ p)
    if pp > 0.0:
        ratio = float(p @ q) / pp
        rest = float(np.max(np.abs(q - ratio * p)))
        if rest <= _COLLINEAR * float(np.max(np.abs(q))):
            return f"the same direction with {ratio:.6g} times the step: the line search"
    return "another direction: the Cauchy point, the subspace minimization or the matrices"


def _iterations_agree(a: Trace, b: Trace) -> bool:
    return a.iterations == b.iterations or not (a.tells_iterations and b.tells_iterations)


def _reported_counts_agree(a: Outcome, b: Outcome, repeats: tuple[int, int]) -> bool:
    """Whether the solvers' own counts agree, but for the repeats."""
    if None not in (a.nit, b.nit) and a.nit != b.nit:
        return False
    if a.nfev is None or b.nfev is None or a.nfev == b.nfev:
        return True
    return a.nfev - b.nfev == repeats[0] - repeats[1]


def _solution(a: Outcome, b: Outcome, tolerance: float) -> tuple[float, float | None, bool]:
    if a.x is None or b.x is None:
        return math.inf, None, False
    f_gap = 0.0 if same_bits(a.f, b.f) else abs(a.f - b.f) / max(abs(a.f), abs(b.f), 1.0)
    if a.x.shape != b.x.shape:
        return f_gap, math.inf, False
    if same_bits(a.x, b.x):
        x_gap = 0.0
    else:
        scale = max(float(np.max(np.abs(a.x))), 1.0)
        x_gap = float(np.max(np.abs(a.x / scale - b.x / scale)))
    return f_gap, x_gap, f_gap <= tolerance and x_gap <= math.sqrt(tolerance)


def _growth(gaps: tuple[Gap, ...]) -> float | None:
    """Slope of the logarithm of the gap, by least squares, until it is as large as 10⁻³."""
    points = []
    for gap in gaps:
        if math.isfinite(gap.relative) and gap.relative > 0.0:
            points.append((gap.evaluation, math.log10(gap.relative)))
        if not gap.relative <= 1e-3:
            break
    if len(points) < 3:
        return None
    x, y = np.array(points).T
    x -= x.mean()
    return float(10.0 ** ((x @ y) / (x @ x)))
