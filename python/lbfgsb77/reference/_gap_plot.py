"""The gap between two runs over their evaluations, as a drawing in SVG."""

from __future__ import annotations

import math
from collections.abc import Iterator
from html import escape
from typing import Any, Final

_WIDTH, _HEIGHT = 640, 220
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 14, 30
_SMALLEST, _LARGEST = -17, 1  # powers of ten

#: How it looks where no page has rules for it: in a notebook, light or dark.
STYLE: Final = (
    "<style>svg.gaps {max-width: 640px; font: 11px sans-serif; fill: currentColor}"
    "svg.gaps .grid {stroke: #8886} svg.gaps .gap {stroke: #2a7bde; fill: none}"
    "svg.gaps .dot {fill: #2a7bde} svg.gaps .stage {stroke: #d0432b; stroke-dasharray: 3}</style>"
)


def of_comparison(found: Any) -> str:
    """The drawing of a `Comparison` whose runs part."""
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
        f'<svg class="gaps" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(words)}">'
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


def _mark(found: Any, last: int) -> str:
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
