"""The findings as one HTML page that loads nothing from elsewhere: what a CI job keeps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Final

from lbfgsb77.reference._check import Check
from lbfgsb77.reference._comparison import (
    LEVELS,
    Comparison,
    count,
    counts_in_short,
    stage_in_short,
)

__all__ = ["write"]

# A column's heading, whether it is numbers, and whether a small screen leaves it out.
_COLUMNS: Final = (
    ("problem", False, False),
    ("setting", False, True),
    ("level", False, False),
    ("first difference", False, True),
    ("ULPs", True, True),
    ("relative", True, True),
    ("evaluations", True, True),
    ("iterations", True, True),
    ("stage", False, False),
    ("", False, False),
)
_WIDTH, _HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 14, 30
_SMALLEST, _LARGEST = -17, 1  # powers of ten


def write(path: str | Path, checks: Sequence[Check]) -> None:
    """Write the page: a table to sort, and for each run that differs its plot and report."""
    provenance = checks[0].comparison.candidate.provenance
    passed = sum(check.passed for check in checks)
    wanted = checks[0].wanted
    levels = Counter(check.comparison.level for check in checks)
    there = [level for level in reversed(LEVELS) if levels[level]]
    template = resources.files("lbfgsb77.reference").joinpath("report", "report.html")
    page = Template(template.read_text("utf-8")).substitute(
        title=escape(f"{provenance.get('solver', 'solver')} beside the original L-BFGS-B"),
        verdict="" if passed == len(checks) else "failed",
        summary=f"{passed} of {len(checks)} runs reach level {wanted}",
        levels="".join(
            f'<span class="{level}" style="flex: {levels[level]}">{levels[level]}</span>'
            for level in there
        ),
        levels_text=", ".join(f"{levels[level]} {level}" for level in there),
        provenance="\n".join(
            f"<dt>{escape(key)}</dt><dd>{escape(value)}</dd>" for key, value in provenance.items()
        ),
        headings="".join(
            f'<th scope="col" class="{_classes(numbers, aside)}">'
            + (f'<button type="button">{name}</button></th>' if name else "</th>")
            for name, numbers, aside in _COLUMNS
        ),
        rows="\n".join(map(_row, checks)),
        details="\n".join(_details(check) for check in checks if _differs(check)),
    )
    Path(path).write_text(page, encoding="utf-8")


def _differs(check: Check) -> bool:
    return check.comparison.first_difference is not None


def _classes(numbers: bool, aside: bool, more: str = "") -> str:
    words = ("number" if numbers else "", "aside" if aside else "", more)
    return " ".join(word for word in words if word)


def _anchor(check: Check) -> str:
    return escape(f"{check.problem.name}.{check.setting}")


def _row(check: Check) -> str:
    found = check.comparison
    first = found.first_difference
    evaluations, iterations = counts_in_short(found, " → ")
    name = escape(check.problem.name)
    cells: list[tuple[str, float | None]] = [
        (f'<a href="#{_anchor(check)}">{name}</a>' if first else name, None),
        (escape(check.setting), None),
        (found.level, float(LEVELS.index(found.level))),
        (f"evaluation {first.evaluation}: {first.what}" if first else "", None),
        (count(first.ulps) if first and first.ulps is not None else "", _or_least(first, "ulps")),
        (
            f"{first.relative:.1e}" if first and first.relative is not None else "",
            _or_least(first, "relative"),
        ),
        (evaluations, float(found.evaluations[1])),
        (iterations, float(found.iterations[1])),
        (escape(stage_in_short(found)), None),
        ("" if check.passed else "FAILED", None),
    ]
    texts = []
    for (text, value), (heading, numbers, aside) in zip(cells, _COLUMNS, strict=True):
        level = f"level {found.level}" if heading == "level" else ""
        data = "" if value is None else f' data-value="{value:.17g}"'
        texts.append(f'<td class="{_classes(numbers, aside, level)}"{data}>{text}</td>')
    return f'<tr class="{"" if check.passed else "failed"}">{"".join(texts)}</tr>'


def _or_least(first: object, name: str) -> float:
    value = getattr(first, name, None)
    return -1.0 if value is None else float(value)


def _details(check: Check) -> str:
    found = check.comparison
    words = f"{check.setting}, level {found.level}, {stage_in_short(found)}"
    plot = _plot(found) if found.gaps else ""
    return (
        f'<details id="{_anchor(check)}">'
        f"<summary>{escape(check.problem.name)} <span>{escape(words)}</span></summary>\n"
        f"{plot}<pre>{escape(str(found))}</pre>\n</details>"
    )


def _plot(found: Comparison) -> str:
    """The gap over the evaluations as a drawing."""
    last = max(gap.evaluation for gap in found.gaps)
    words = (
        f"Gap between the runs of {found.reference.problem} over {last} evaluations, from "
        f"{found.gaps[0].relative:.0e} to {found.gaps[-1].relative:.0e}"
    )
    points = [(_across(gap.evaluation, last), _down(gap.relative)) for gap in found.gaps]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dots = "".join(
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in points[:200]
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(words)}">'
        + "".join(_axes(last))
        + _mark(found, last)
        + f'<polyline class="gap" points="{line}"/>{dots}</svg>\n'
    )


def _across(evaluation: int, last: int) -> float:
    return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (evaluation - 1) / max(last - 1, 1)


def _down(gap: float) -> float:
    power = math.log10(gap) if 0.0 < gap < math.inf else (_SMALLEST if gap <= 0.0 else _LARGEST)
    part = (min(max(power, _SMALLEST), _LARGEST) - _SMALLEST) / (_LARGEST - _SMALLEST)
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * part


def _axes(last: int) -> Iterator[str]:
    for power in range(-16, 1, 4):
        y = _down(10.0**power)
        name = "1" if power == 0 else f"1e{power}"
        yield f'<line class="grid" x1="{_LEFT}" y1="{y:.1f}" x2="{_WIDTH - _RIGHT}" y2="{y:.1f}"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
    for evaluation in sorted({1, (1 + last) // 2, last}):
        x = _across(evaluation, last)
        yield f'<text x="{x:.1f}" y="{_HEIGHT - 12}" text-anchor="middle">{evaluation}</text>'


def _mark(found: Comparison, last: int) -> str:
    stage = found.stage
    if stage is None or stage.evaluation > last:
        return ""
    x = _across(stage.evaluation, last)
    right = x > _WIDTH / 2
    anchor, place = ("end", x - 5) if right else ("start", x + 5)
    return (
        f'<line class="stage" x1="{x:.1f}" y1="{_TOP}" x2="{x:.1f}" y2="{_HEIGHT - _BOTTOM}"/>'
        f'<text x="{place:.1f}" y="{_TOP + 4}" text-anchor="{anchor}">{escape(stage.name)}</text>'
    )
