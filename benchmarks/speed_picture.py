"""The picture of docs/explanation/speed.md: speed against n, and against the number of threads.

    python benchmarks/speed_picture.py results/bench.json FILE    what it needs of a run, as JSON

The build of the documentation calls `draw`.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
SETTINGS = {"no bounds": 0.0, "a third active": 1 / 3}
SHOWN = {"lbfgsb77": "lbfgsb77", "two threads": "lbfgsb77, two threads", "SciPy 1.14": "SciPy 1.14"}


def model() -> Any:
    """threads_model.py, wherever this file was loaded from."""
    spec = importlib.util.spec_from_file_location("threads_model", HERE / "threads_model.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # a dataclass looks its module up
    spec.loader.exec_module(module)
    return module


def chosen(data: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a run of the benchmarks: medians in milliseconds, of the quadratic with m = 10."""
    from statistics import median

    from cases import FEWEST_SHARED

    rows = []
    for result in data["cases"]:
        case = result["case"]
        if (case["problem"], case["threads"], case["m"]) != ("quadratic", "single", 10):
            continue
        for setting, active in SETTINGS.items():
            if not math.isclose(case["active"], active, abs_tol=1e-9):
                continue
            for peer in SHOWN:
                times = [answer["seconds"] for answer in result["peers"].get(peer, [])]
                if times and not (peer == "two threads" and case["n"] < FEWEST_SHARED):
                    rows.append({"setting": setting, "peer": peer, "n": case["n"],
                                 "ms": round(median(times) * 1e3, 4)})
    return rows


def draw(rows: list[dict[str, Any]], file: Path, dark: bool = False) -> None:
    """On the left milliseconds an iteration against n, on the right what threads give."""
    from matplotlib import rc_context, style
    from matplotlib.figure import Figure

    same = {"svg.hashsalt": "lbfgsb77"}
    with style.context("dark_background" if dark else "default"), rc_context(same):
        figure = Figure((9, 3.8), layout="constrained")
        left, right = figure.subplots(1, 2)
        for setting, line in zip(SETTINGS, ("-", "--"), strict=True):
            for k, (peer, label) in enumerate(SHOWN.items()):
                mine = sorted((row["n"], row["ms"]) for row in rows
                              if (row["setting"], row["peer"]) == (setting, peer))
                left.loglog(*zip(*mine, strict=True), line, color=f"C{k}", marker="o", ms=3,
                            label=f"{label}, {setting}")
        left.set_xlabel("n")
        left.set_ylabel("ms an iteration, m = 10")
        left.grid(alpha=0.3)
        left.legend(fontsize=7)

        paper = model()
        threads = (1, 2, 4, 8, 16, 32, 64)
        for k, m in enumerate((5, 10, 20)):
            for kind, line in ((paper.FREE, "-"), (paper.BOUNDED, "--")):
                times = [paper.speedup(kind, 10**5, m, number) for number in threads]
                right.semilogx(threads, times, line, color=f"C{k + 3}",
                               label=f"m = {m}" + (", bounds" if line == "--" else ""))
        for setting, mark in zip(SETTINGS, ("o", "s"), strict=True):
            found = {row["peer"]: row["ms"] for row in rows
                     if row["setting"] == setting and row["n"] == 10**5}
            right.plot(2, found["lbfgsb77"] / found["two threads"], mark, color="C0", ms=6,
                       label=f"measured, m = 10, {setting}")
        right.set_xlabel("threads, on as many cores")
        right.set_ylabel("times as fast as one, n = 100,000")
        right.set_xticks(threads, labels=[str(number) for number in threads])
        right.minorticks_off()
        right.set_ylim(0.9, 7.2)
        left.set_title("measured, two cores", fontsize=10)
        right.set_title("a model, and measured", fontsize=10)
        right.grid(alpha=0.3)
        right.legend(fontsize=7)
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


if __name__ == "__main__":
    results, kept = map(Path, sys.argv[1:])
    kept.write_text(json.dumps(chosen(json.loads(results.read_text())), indent=1) + "\n")
