"""What a comparison of two traces found, and the text that a developer of a port reads first."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import asdict, astuple, dataclass, fields
from typing import Any, Literal

from lbfgsb77 import _html
from lbfgsb77.reference import _gap_plot
from lbfgsb77.reference._stages import Stage
from lbfgsb77.reference._trace import Trace

__all__ = [
    "LEVELS",
    "Comparison",
    "Difference",
    "Gap",
    "Level",
    "count",
    "counts_in_short",
    "place",
    "reaches",
    "stage_in_short",
]

Level = Literal["none", "solution", "counts", "path", "bits"]

#: From the weakest to the strongest; each contains those before it.
LEVELS: tuple[Level, ...] = ("none", "solution", "counts", "path", "bits")


def reaches(level: Level, wanted: Level) -> bool:
    """Whether one level is at least another."""
    return LEVELS.index(level) >= LEVELS.index(wanted)


@dataclass(frozen=True)
class Gap:
    """How far apart the two runs are at one evaluation.

    Parameters
    ----------
    evaluation : int
        Its number, from 1.
    ulps : int, optional
        Doubles between the two x, in the component where they are most; None where they have
        different sizes.
    relative : float
        ‖x − y‖∞ relative to the larger ‖·‖∞.
    f_ulps : int
        Doubles between the two values.
    f_relative : float
        Their difference relative to the larger.
    """

    evaluation: int
    ulps: int | None
    relative: float
    f_ulps: int
    f_relative: float


@dataclass(frozen=True)
class Difference:
    """The first thing that differs.

    Parameters
    ----------
    evaluation : int
        At which evaluation, from 1, repeats of a point not counted.
    what : {"x", "objective", "iteration", "end", "result"}
        The trial point; f or its gradient at the same point; whether an iteration ended there;
        one run ends before this evaluation; only what was returned.
    iteration, trial : int
        The iteration of the reference in which this is, from 1 (0 for the start), and the number
        of the trial in its line search, from 1.
    explanation : str
        What the difference looks like: rounding, another step, another direction, ...
    component : int, optional
        The component of x that is farthest apart.
    values : tuple of two floats, optional
        The two numbers there.
    ulps, relative : optional
        As in `Gap`.
    """

    evaluation: int
    what: Literal["x", "objective", "iteration", "end", "result"]
    iteration: int
    trial: int
    explanation: str
    component: int | None = None
    values: tuple[float, float] | None = None
    ulps: int | None = None
    relative: float | None = None


@dataclass(frozen=True)
class Comparison:
    """What `compare` found; ``str()`` of it is the report.

    Parameters
    ----------
    reference, candidate : Trace
        The two traces.
    level : {"none", "solution", "counts", "path", "bits"}
        The strongest level that is reached.
    first_difference : Difference, optional
        None if all bits agree.
    stage : Stage, optional
        The first step that isn't the original's by more than rounding, given the candidate's own
        past; None if there is none, or the reference itself isn't the original's run.
    gaps : tuple of Gap
        For the evaluations that both runs made, from the first difference on.
    growth : float, optional
        Factor by which the gap grows from one evaluation to the next, until it has grown to 10⁻³.
    evaluations, iterations : tuple of two ints
        Counts of the reference and the candidate; repeats of a point not counted.
    repeats : tuple of two ints
        Evaluations at the point that had just been evaluated, which a solver with a cache skips.
    counts_agree, ending_agrees, active_set_agrees, solution_agrees, path_agrees : bool
        What agrees.
    f_gap, x_gap : float
        Gaps of the solution: ``|f − g| / max(|f|, |g|, 1)`` and ``‖x − y‖∞ / max(‖x‖∞, 1)``.
    path_tolerance, solution_tolerance : float
        The tolerances that were asked for.
    """

    reference: Trace
    candidate: Trace
    level: Level
    first_difference: Difference | None
    stage: Stage | None
    gaps: tuple[Gap, ...]
    growth: float | None
    evaluations: tuple[int, int]
    iterations: tuple[int, int]
    repeats: tuple[int, int]
    counts_agree: bool
    ending_agrees: bool
    active_set_agrees: bool
    solution_agrees: bool
    path_agrees: bool
    f_gap: float
    x_gap: float | None
    path_tolerance: float
    solution_tolerance: float

    def reaches(self, level: Level) -> bool:
        """Whether the level reached is at least another.

        Parameters
        ----------
        level : {"none", "solution", "counts", "path", "bits"}
            The other.
        """
        return reaches(self.level, level)

    def exceeds(self, size: float) -> int | None:
        """The first evaluation at which the gap is larger than a size, None if it never is.

        Parameters
        ----------
        size : float
            Relative.
        """
        return next((gap.evaluation for gap in self.gaps if not gap.relative <= size), None)

    def __str__(self) -> str:
        return report(self)

    def _repr_html_(self) -> str:
        """In notebooks: what agrees, and the gap."""
        first = self.first_difference
        evaluations, iterations = counts_in_short(self, " → ")
        rows = {
            "problem": self.reference.problem,
            "level": self.level,
            "first difference": f"{first.what} in {place(first)}" if first else "none",
            "evaluations": evaluations,
            "iterations": iterations,
            "stage": stage_in_short(self),
        }
        drawing = _gap_plot.STYLE + _gap_plot.of_comparison(self) if self.gaps else ""
        return _html.of_items(rows) + drawing

    def to_dict(self) -> dict[str, Any]:
        """The findings as plain data for JSON."""
        findings = {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if field.name not in ("reference", "candidate", *_NOT_IN_JSON)
        }
        if self.first_difference is not None:
            first = asdict(self.first_difference)
            if first["values"] is not None:
                first["values"] = [value.hex() for value in first["values"]]
            findings["first_difference"] = first
        findings["stage"] = None if self.stage is None else asdict(self.stage)
        findings["gaps"] = [list(astuple(gap)) for gap in self.gaps]
        both = self.reference.outcome, self.candidate.outcome
        return {
            "problem": self.reference.problem,
            "options": dict(self.reference.options),
            **{k: list(v) if isinstance(v, tuple) else v for k, v in findings.items()},
            "ending": [outcome.ending for outcome in both],
            "f": [outcome.f.hex() for outcome in both],
        }


# What the level and its request say already.
_NOT_IN_JSON = ("path_agrees", "path_tolerance", "solution_tolerance")


def report(comparison: Comparison) -> str:
    """The report on a comparison, some ten to twenty lines."""
    a, b = comparison.reference, comparison.candidate
    lines = [
        f"{a.problem} (n = {a.n}): level {comparison.level}",
        f"  reference    {_who(a.provenance)}",
        f"  candidate    {_who(b.provenance)}",
    ]
    options = [f"{key}={_short(value)}" for key, value in a.options.items()]
    lines.append(f"  options      {', '.join(options)}")
    other = {k: v for k, v in b.options.items() if a.options.get(k) != v}
    if other:
        lines.append(
            "               candidate: " + ", ".join(f"{k}={_short(v)}" for k, v in other.items())
        )
    lines += [f"  note         candidate: {note}" for note in b.notes]
    if comparison.first_difference is None:
        lines.append("  evaluations  all bits agree")
    else:
        lines += _difference_lines(comparison.first_difference)
        lines += _stage_lines(comparison.stage, b.outcome.ending)
        lines += _gap_lines(comparison)
    lines.append(
        f"  counts       evaluations {comparison.evaluations[0]} | {comparison.evaluations[1]}, "
        f"iterations {_iterations(a)} | {_iterations(b)}" + _agreement(comparison.counts_agree)
    )
    if any(comparison.repeats):
        lines.append(
            f"               besides, repeated evaluations of a point: "
            f"{comparison.repeats[0]} | {comparison.repeats[1]}"
        )
    lines.append(
        f"  ending       {a.outcome.ending} | {b.outcome.ending}"
        + _agreement(comparison.ending_agrees)
    )
    if b.outcome.ending == "exception":
        lines.append(f"               {b.outcome.message}")
    lines.append(
        f"  active set   {_active(a.at_lower, a.at_upper)} | "
        f"{_active(b.at_lower, b.at_upper)}" + _agreement(comparison.active_set_agrees)
    )
    x_gap = "" if comparison.x_gap is None else f", x {comparison.x_gap:.1e}"
    lines.append(
        f"  solution     f {a.outcome.f:.12g} | {b.outcome.f:.12g}; gap of f "
        f"{comparison.f_gap:.1e}{x_gap}" + _agreement(comparison.solution_agrees)
    )
    return "\n".join(lines)


def place(difference: Difference) -> str:
    """Where it is: evaluation, iteration, trial."""
    if difference.iteration == 0:
        return f"evaluation {difference.evaluation} (the start)"
    if difference.what == "result":
        return f"after evaluation {difference.evaluation}"
    return (
        f"evaluation {difference.evaluation} (iteration {difference.iteration}, "
        f"trial {difference.trial})"
    )


def count(ulps: int | None) -> str:
    """A number of ULPs, short."""
    if ulps is None:
        return "?"
    return str(ulps) if ulps < 1_000_000 else f"{float(ulps):.1e}"


def _difference_lines(first: Difference) -> list[str]:
    lines = [f"  first differs at {place(first)}"]
    if first.values is not None:
        name = {"x": "x", "objective": "value", "result": "f"}.get(first.what, "value")
        if first.component is not None:
            name = f"{'x' if first.what == 'x' else 'g'}[{first.component}]"
        u, v = first.values
        lines.append(f"               {name}: {u!r} ({u.hex()})")
        lines.append(f"               {' ' * len(name)}  {v!r} ({v.hex()})")
    if first.relative is not None:
        lines.append(f"               {count(first.ulps)} ULPs, {first.relative:.1e} relative")
    lines.append(f"               {first.explanation}")
    return lines


def stage_in_short(comparison: Comparison) -> str:
    """The stage's name, in a word where there is none."""
    if comparison.first_difference is None or comparison.candidate.outcome.ending == "exception":
        return "-"
    if comparison.stage is None:
        return "rounding"
    name = comparison.stage.name
    return name if comparison.stage.certainty == "sure" else f"{name}?"


def _stage_lines(stage: Stage | None, ending: str) -> list[str]:
    if stage is None:
        if ending == "exception":
            return []
        return ["  stage        none: no step differs from the original's by more than rounding"]
    where = f"evaluation {stage.evaluation} (iteration {stage.iteration}, trial {stage.trial})"
    return [
        f"  stage        {stage.name}, at {where}; {stage.certainty}",
        *textwrap.wrap(stage.explanation, 100, initial_indent=" " * 15, subsequent_indent=" " * 15),
    ]


def _gap_lines(comparison: Comparison) -> list[str]:
    gaps = comparison.gaps
    if len(gaps) < 2:
        return []
    shown = _spread(gaps)
    lines = ["  gap          evaluation          ULPs  relative      of f"]
    for gap in shown:
        lines.append(
            f"               {gap.evaluation:>10}  {count(gap.ulps):>12}  {gap.relative:>8.1e}  "
            f"{gap.f_relative:>8.1e}"
        )
    passed = [
        f"{size:g} at evaluation {number}"
        for size in (1e-12, 1e-9, 1e-6, 1e-3)
        if (number := comparison.exceeds(size)) is not None
    ]
    if comparison.growth is not None:
        lines.append(f"               grows by a factor of {comparison.growth:.2g} per evaluation")
    if passed:
        lines.append("               passes " + ", ".join(passed))
    return lines


def _spread(gaps: Sequence[Gap]) -> list[Gap]:
    """The first two, then ever wider apart, and the last."""
    chosen = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512]
    indices = sorted({i for i in chosen if i < len(gaps)} | {len(gaps) - 1})
    return [gaps[i] for i in indices]


def _who(provenance: object) -> str:
    known = dict(provenance)  # type: ignore[call-overload]
    parts = [known.get("solver", "?")]
    if "package" in known:
        numpy = f"; NumPy {known['numpy']}" if "numpy" in known else ""
        parts.append(f"({known['package']}{numpy})")
    return " ".join(parts)


def _iterations(trace: Trace) -> str:
    return str(trace.iterations) if trace.tells_iterations else "not told"


def counts_in_short(comparison: Comparison, between: str = " | ") -> tuple[str, str]:
    """Evaluations and iterations of both, or once where they are the same."""
    theirs = comparison.iterations[1] if comparison.candidate.tells_iterations else "?"
    pairs = (comparison.evaluations, (comparison.iterations[0], theirs))
    evaluations, iterations = (str(a) if a == b else f"{a}{between}{b}" for a, b in pairs)
    return evaluations, iterations


def _short(value: float) -> str:
    return f"{value:g}"


def _agreement(agrees: bool) -> str:
    return "" if agrees else "   DIFFERENT"


def _active(lower: Sequence[int], upper: Sequence[int]) -> str:
    return f"{len(lower)} at lower, {len(upper)} at upper"
