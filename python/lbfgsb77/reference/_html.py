"""The findings as one HTML page that loads nothing from elsewhere: what a CI job keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import Final

from lbfgsb77.reference import _gap_plot
from lbfgsb77.reference._check import Check
from lbfgsb77.reference._comparison import (
    LEVELS,
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
    plot = _gap_plot.of_comparison(found) if found.gaps else ""
    return (
        f'<details id="{_anchor(check)}">'
        f"<summary>{escape(check.problem.name)} <span>{escape(words)}</span></summary>\n"
        f"{plot}<pre>{escape(str(found))}</pre>\n</details>"
    )
