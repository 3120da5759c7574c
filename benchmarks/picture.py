"""The picture of a run: python picture.py bench.json bench.png. Needs matplotlib."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

import summary
from summary import BANDWIDTH, Data

INK = "#222222"
QUIET = "#8a8a8a"
COLOURS = {
    "lbfgsb77": "#c1272d",
    "genuine": "#1b1b1b",
    "SciPy 1.14": "#1f5fa8",
    "SciPy 1.17": "#4b91d4",
    "SciPy newest": "#86b9e8",
    "PyPI lbfgsb": "#5a8f3c",
    "NLopt": "#b07d1a",
    "our bare loop": "#e08a7d",
}
PASSES = {2: "twice", 3: "three times"}

Series = dict[str, list[tuple[float, float, float, float]]]  # n, median, low, high


def series(data: Data, unit: float, **wanted: object) -> Series:
    """Each peer's (n, median, quartiles) in the cases with these values, by rising n."""
    found: Series = {}
    for result in data["cases"]:
        case = result["case"]
        if any(not (math.isclose(case[k], v, abs_tol=1e-9) if isinstance(v, float)
                    else case[k] == v) for k, v in wanted.items()):
            continue
        for peer in result["peers"]:
            measured = summary.seconds(result, peer)
            if measured:
                found.setdefault(peer, []).append(
                    (case["n"], measured.median / unit, measured.low / unit, measured.high / unit))
    return {peer: sorted(points) for peer, points in found.items()}


def plain_number(value: float, _: object = None) -> str:
    return f"{value:g}" if value < 1000 else f"{value:,.0f}"


def log_axes(axes: Axes, title: str, sizes: list[float]) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(title, loc="left", fontsize=10.5, color=INK, fontweight="bold")
    axes.set_xticks(sizes, [f"{n:,.0f}" if n < 10**4 else f"$10^{{{math.log10(n):.0f}}}$"
                            for n in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("n", color=INK)
    axes.yaxis.set_major_locator(LogLocator(numticks=12))
    axes.yaxis.set_major_formatter(FuncFormatter(plain_number))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.grid(axis="y", which="major", color="#e4e4e4", linewidth=0.8)
    axes.tick_params(colors=INK, length=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def label_ends(axes: Axes, ends: list[tuple[str, float, float, str]]) -> None:
    """Names at the right ends of lines, pushed apart where they would touch, with a thin lead."""
    low, high = (math.log10(limit) for limit in axes.get_ylim())
    gap = (high - low) * 0.062
    ordered = sorted(ends, key=lambda end: end[2])
    places = [math.log10(end[2]) for end in ordered]
    for _ in range(200):
        for k in range(1, len(places)):
            overlap = gap - (places[k] - places[k - 1])
            if overlap > 0:
                places[k - 1] -= overlap / 2
                places[k] += overlap / 2
        shift = max(0.0, low + gap / 2 - min(places)) - max(0.0, max(places) - high)
        places = [place + shift for place in places]
    right = math.log10(axes.get_xlim()[1])
    left = math.log10(axes.get_xlim()[0])
    for (name, n, value, colour), place in zip(ordered, places, strict=True):
        x = 10 ** (right + 0.02 * (right - left))
        axes.plot([n, x], [value, 10**place], color=colour, linewidth=0.6, alpha=0.6,
                  clip_on=False)
        axes.text(x, 10**place, " " + name, color=colour, fontsize=8.5, va="center",
                  fontweight="bold" if name == "lbfgsb77" else "normal")


def lines(axes: Axes, every: Series, title: str, ylabel: str, passes: int = 0) -> None:
    """One line a peer, a band between the quartiles, and the cost of reading W `passes` times."""
    found = {peer: points for peer, points in every.items() if peer in COLOURS}
    sizes = sorted({point[0] for points in found.values() for point in points})
    if not sizes:
        axes.set_axis_off()
        axes.text(0.5, 0.5, f"{title}:\nnot measured in this run", ha="center", color=QUIET)
        return
    log_axes(axes, title, sizes)
    axes.set_ylabel(ylabel, color=INK)
    ends = []
    for peer, points in found.items():
        n, middle, low, high = zip(*points, strict=True)
        own = peer == "lbfgsb77"
        axes.fill_between(n, low, high, color=COLOURS[peer], alpha=0.18, linewidth=0)
        axes.plot(n, middle, color=COLOURS[peer], linewidth=2.4 if own else 1.4, marker="o",
                  markersize=4.5 if own else 3.2, zorder=3 if own else 2)
        if n[-1] == sizes[-1]:
            ends.append((peer, n[-1], middle[-1], COLOURS[peer]))
        else:
            axes.annotate(peer, (n[-1], middle[-1]), xytext=(0, 5), textcoords="offset points",
                          color=COLOURS[peer], fontsize=8.5, ha="right", va="bottom")
    axes.margins(x=0.04)
    if passes and BANDWIDTH in every:
        n, middle, _, _ = zip(*every[BANDWIDTH], strict=True)
        times = [passes * value for value in middle]
        axes.plot(n, times, color=QUIET, linestyle=(0, (3, 2)), linewidth=1.1, zorder=1)
        ends.append((f"reading W {PASSES[passes]}", n[-1], times[-1], QUIET))
    label_ends(axes, ends)


def ratios(axes: Axes, data: Data) -> None:
    """Each target's case: how many times as long as ours every SciPy takes, and the target."""
    axes.set_title("Times as long as lbfgsb77", loc="left", fontsize=10.5, color=INK,
                   fontweight="bold")
    labels, largest = [], 1.0
    shown = [peer for peer in COLOURS if peer.startswith("SciPy") or peer == "genuine"]
    for row, target in enumerate(summary.TARGETS):
        labels.append(target.label.replace(", per iteration", "").replace(", per evaluation", "")
                      .replace(", m = 10", "").replace(" objective", ""))
        axes.axhline(row, color="#eeeeee", linewidth=0.8, zorder=0)
        axes.plot([target.factor] * 2, [row - 0.32, row + 0.32], color=INK, linewidth=1.6)
        largest = max(largest, target.factor)
        result = summary.find(data, **target.case)
        for peer in shown:
            times = summary.ratio(result, peer, data["ours"]) if result else None
            if times is None:
                continue
            largest = max(largest, times.high)
            axes.plot([times.low, times.high], [row] * 2, color=COLOURS[peer], linewidth=1.2)
            axes.plot(times.median, row, "o", color=COLOURS[peer], markersize=5.5)
    axes.set_yticks(range(len(labels)), labels, fontsize=8.5)
    axes.invert_yaxis()
    axes.axvline(1.0, color="#c1272d", linewidth=1.2)
    axes.set_xlim(0, largest * 1.12)
    axes.tick_params(colors=INK, length=0)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    handles = [plt.Line2D([], [], color=COLOURS[peer], marker="o", linestyle="", label=peer)
               for peer in shown if peer in data["peers"]]
    handles.append(plt.Line2D([], [], color=INK, marker="|", markersize=9, markeredgewidth=1.6,
                              linestyle="", label="target"))
    axes.legend(handles=handles, fontsize=8, frameon=False, ncols=len(handles), loc="upper left",
                bbox_to_anchor=(-0.02, -0.08), handletextpad=0.1, columnspacing=1.0)


def draw(data: Data, path: Path) -> None:
    plt.rcParams.update({"font.size": 9, "axes.edgecolor": QUIET, "font.family": "DejaVu Sans"})
    figure, axes = plt.subplots(2, 2, figsize=(12.6, 8.8))
    lines(axes[0, 0], series(data, 1e-6, kind="evaluation", free=True),
          "Small problems: a free objective, Rosenbrock's path", "µs per evaluation, net")
    ratios(axes[0, 1], data)
    for place, active, passes, title in (
            (axes[1, 0], 0.0, 2, "Large problems, m = 10, no bounds"),
            (axes[1, 1], 1 / 3, 3, "Large problems, m = 10, a third of the variables active")):
        found = series(data, 1e-3, kind="iteration", problem="quadratic", m=10, active=active,
                       threads="single")
        lines(place, found, title, "ms per iteration, net", passes)
    machine = data["machine"]
    figure.suptitle(f"lbfgsb77 and its peers, single thread. {machine['processor']}, "
                    f"{data['date']}. Medians of interleaved runs; bands and bars: quartiles.",
                    x=0.02, y=0.985, ha="left", fontsize=9.5, color=QUIET)
    figure.subplots_adjust(left=0.06, right=0.885, top=0.92, bottom=0.065, hspace=0.36, wspace=0.66)
    figure.savefig(path, dpi=130)


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
