"""A picture of how runs part: the gap over the evaluations, one line per problem."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lbfgsb77.reference._check import Check

__all__ = ["require_matplotlib", "write"]

# As many lines have names; more could not be told apart.
_NAMED = 10


def require_matplotlib() -> Any:
    """Return Matplotlib's Figure, or say how to get it.

    Raises
    ------
    ValueError
        If Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise ValueError("plot: Matplotlib is needed: pip install matplotlib") from None
    return Figure


def write(path: str | Path, checks: Sequence[Check]) -> None:
    """Draw the relative gap at each evaluation for every run that differs."""
    figure = require_matplotlib()(figsize=(9.0, 5.5), layout="constrained")
    axes = figure.add_subplot()
    lines: list[tuple[Check, tuple[int, ...], tuple[float, ...]]] = []
    for check in checks:
        points = [
            (g.evaluation, g.relative) for g in check.comparison.gaps if 0.0 < g.relative < 1e300
        ]
        if points:
            evaluations, gaps = zip(*points, strict=True)
            lines.append((check, evaluations, gaps))
    # The longest lines have names: they show most.
    lines.sort(key=lambda line: -len(line[1]))
    for number, (check, evaluations, gaps) in enumerate(lines):
        name = check.problem.name
        if number < _NAMED:
            axes.plot(evaluations, gaps, lw=1.4, marker=".", ms=3, label=name, zorder=2)
        else:
            label = f"{len(lines) - _NAMED} more" if number == _NAMED else None
            axes.plot(evaluations, gaps, lw=0.7, color="0.75", label=label, zorder=1)
    axes.set_yscale("log")
    axes.set_xlabel("evaluation")
    axes.set_ylabel("gap to the reference, relative")
    same = sum(check.comparison.level == "bits" for check in checks)
    solver = checks[0].comparison.candidate.provenance if checks else {}
    axes.set_title(
        f"{solver.get('solver', '')} ({solver.get('package', '?')}): "
        f"{same} of {len(checks)} runs the same to the bit, {len(lines)} shown",
        fontsize=10,
    )
    axes.axhline(2.0**-52, color="0.5", lw=0.8, ls=":")
    axes.grid(alpha=0.3)
    if lines:
        axes.legend(fontsize=8, ncols=2)
    figure.savefig(path, dpi=150)
