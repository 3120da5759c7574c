"""The text of a comparison: what a developer of a port reads first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lbfgsb77.reference._compare import Comparison, Difference, Gap

__all__ = ["count", "place", "report"]


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
        lines += _gap_lines(comparison)
    lines.append(
        f"  counts       evaluations {comparison.evaluations[0]} | {comparison.evaluations[1]}, "
        f"iterations {comparison.iterations[0]} | {comparison.iterations[1]}"
        + _agreement(comparison.counts_agree)
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
        f"  active set   {_active(a.outcome.at_lower, a.outcome.at_upper)} | "
        f"{_active(b.outcome.at_lower, b.outcome.at_upper)}"
        + _agreement(comparison.active_set_agrees)
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
        if first.what == "x":
            name = "f" if first.component is None else f"x[{first.component}]"
        u, v = first.values
        lines.append(f"               {name}: {u!r} ({u.hex()})")
        lines.append(f"               {' ' * len(name)}  {v!r} ({v.hex()})")
    if first.relative is not None:
        lines.append(f"               {count(first.ulps)} ULPs, {first.relative:.1e} relative")
    lines.append(f"               {first.explanation}")
    return lines


def _gap_lines(comparison: Comparison) -> list[str]:
    gaps = comparison.gaps
    if len(gaps) < 2:
        return []
    shown = _spread(gaps)
    lines = ["  gap          evaluation          ULPs  relative      of f"]
    for gap in shown:
        relative = "?" if gap.relative is None else f"{gap.relative:.1e}"
        lines.append(
            f"               {gap.evaluation:>10}  {count(gap.ulps):>12}  {relative:>8}  "
            f"{gap.f_relative:>8.1e}"
        )
    passed = [
        f"{size:g} at evaluation {number}"
        for size in (1e-12, 1e-9, 1e-6, 1e-3)
        if (number := comparison.exceeds(size)) is not None
    ]
    if comparison.growth is not None:
        lines.append(f"               grows by a factor of {comparison.growth:.2g} an evaluation")
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
        parts.append(f"({known['package']}; NumPy {known.get('numpy', '?')})")
    return " ".join(parts)


def _short(value: float) -> str:
    return f"{value:g}"


def _agreement(agrees: bool) -> str:
    return "" if agrees else "   DIFFERENT"


def _active(lower: Sequence[int], upper: Sequence[int]) -> str:
    return f"{len(lower)} at lower, {len(upper)} at upper"
