"""Measure which SciPy gives what, and write the how-to page about it.

    python tools/measure_scipy.py                     measure, then write the page
    python tools/measure_scipy.py --render            write the page from what was measured
    python tools/measure_scipy.py --scipy 1.13.1      measure this version, too, and write the page

Each version of SciPy gets a virtual environment of its own, with the newest NumPy that it takes,
and this project is built and installed beside it. The measurement is the tool's own:
``python -m lbfgsb77 reference check --solver scipy.optimize:fmin_l_bfgs_b --setting all``.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import venv
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ROOT / "docs" / "how-to" / "which-scipy-gives-what.json"
PAGE = MEASURED.with_suffix(".md")

#: The last with the Fortran original, a translation to C, and the newest there is.
VERSIONS = ("1.14.1", "1.17.1", "newest")

LEVELS = ("bits", "path", "counts", "solution", "none")
ROUNDING = 1e-12  # relative; a first difference below it comes from the order of a sum


# Measuring ---------------------------------------------------------------------------------------


def measure(version: str, wheel: Path, directory: Path) -> dict[str, Any]:
    """Check one version of SciPy in an environment of its own."""
    home = directory / f"scipy-{version}"
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    scipy = "scipy" if version == "newest" else f"scipy=={version}"
    run([python, "-m", "pip", "install", "-q", scipy, wheel])
    findings = directory / f"{version}.json"
    run(
        [
            python, "-m", "lbfgsb77", "reference", "check", "--quiet", "--setting", "all",
            "--solver", "scipy.optimize:fmin_l_bfgs_b", "--json", findings,
        ],
        allowed=(0, 1),
    )  # fmt: skip
    return condensed(json.loads(findings.read_text(encoding="utf-8")))


def run(command: list[Any], allowed: tuple[int, ...] = (0,)) -> None:
    """Run a command away from the sources, so that what is installed is what is imported."""
    words = [str(word) for word in command]
    with tempfile.TemporaryDirectory() as elsewhere:
        status = subprocess.run(
            words, cwd=elsewhere, stdout=subprocess.DEVNULL, check=False
        ).returncode
    if status not in allowed:
        raise SystemExit(f"status {status}: {' '.join(words)}")


def condensed(report: dict[str, Any]) -> dict[str, Any]:
    """What the page needs of a report of ``check --json``."""
    rows = []
    for entry in report["checks"]:
        first = entry["first_difference"]
        rows.append(
            {
                "problem": entry["problem"],
                "setting": entry["setting"],
                "level": entry["level"],
                "evaluation": first and first["evaluation"],
                "what": first and first["what"],
                "ulps": first and first["ulps"],
                "relative": first and first["relative"],
                "evaluations": entry["evaluations"],
                "iterations": entry["iterations"],
            }
        )
    return {"provenance": report["provenance"]["candidate"], "rows": rows}


def save(measured: list[dict[str, Any]]) -> None:
    """Write what was measured, one run per line."""
    parts = []
    for one in measured:
        rows = ",\n".join("   " + json.dumps(row, ensure_ascii=False) for row in one["rows"])
        provenance = json.dumps(one["provenance"], indent=3, ensure_ascii=False)
        parts.append(f' {{\n  "provenance": {provenance},\n  "rows": [\n{rows}\n  ]\n }}')
    MEASURED.write_text("[\n" + ",\n".join(parts) + "\n]\n", encoding="utf-8")


# Writing the page --------------------------------------------------------------------------------


def render(measured: list[dict[str, Any]]) -> str:
    """The page, from what was measured."""
    names = [one["provenance"]["package"].replace("scipy", "SciPy") for one in measured]
    return "\n".join(
        [
            *_opening(measured, names),
            *_summary(measured, names),
            *_reading(measured, names),
            *_table(measured, names),
            *_provenance(measured, names),
        ]
    )


def _opening(measured: list[dict[str, Any]], names: list[str]) -> list[str]:
    runs = len(measured[0]["rows"])
    problems = len({row["problem"] for row in measured[0]["rows"]})
    return [
        "<!-- Written by tools/measure_scipy.py from which-scipy-gives-what.json: edit there. -->",
        "",
        "# Which SciPy gives what",
        "",
        "SciPy ran the original Fortran of L-BFGS-B up to version 1.14, and has run a translation "
        "to C since 1.15. This page says how far each follows the original, evaluation by "
        f"evaluation: {runs} runs of `scipy.optimize.fmin_l_bfgs_b` on {problems} problems, each "
        "compared with the run of the original algorithm.",
        "",
        "The two settings are SciPy's default options, and a run without tests of convergence "
        "(`m=5, factr=0, pgtol=0, maxiter=40`), which goes on until the line search fails.",
        "",
    ]


def _summary(measured: list[dict[str, Any]], names: list[str]) -> list[str]:
    lines = [
        "| | setting | runs | " + " | ".join(f"`{level}`" for level in LEVELS) + " |",
        "| --- | --- | " + " | ".join(["---:"] * (len(LEVELS) + 1)) + " |",
    ]
    for name, one in zip(names, measured, strict=True):
        for setting in dict.fromkeys(row["setting"] for row in one["rows"]):
            levels = Counter(row["level"] for row in one["rows"] if row["setting"] == setting)
            cells = [str(levels[level]) for level in LEVELS]
            lines.append(f"| {name} | {setting} | {levels.total()} | " + " | ".join(cells) + " |")
    return [
        *lines,
        "",
        "- `bits`: every evaluation and the result are the same to the last bit.",
        "- `path`: the same numbers of evaluations and iterations, and every point within a "
        "relative 10⁻⁶.",
        "- `counts`: the same numbers and the same solution, but some point further off.",
        "- `solution`: the same solution by another number of evaluations or iterations.",
        "- `none`: another solution, or the run was cut off before there was one.",
        "",
    ]


def _reading(measured: list[dict[str, Any]], names: list[str]) -> list[str]:
    lines = ["## What to make of it", ""]
    for name, one in zip(names, measured, strict=True):
        different = [row for row in one["rows"] if row["evaluation"] is not None]
        sized = [row["relative"] for row in different if row["what"] == "x"]
        rounding = sum(size is not None and size <= ROUNDING for size in sized)
        elsewhere = [row for row in different if row["what"] != "x"]
        text = (
            f"- {name}: {len(different)} of {len(one['rows'])} runs differ somewhere. In "
            f"{rounding} of them the first point that differs does so by at most 10⁻¹² relative: "
            "a sum was rounded in another order."
        )
        if len(sized) > rounding:
            text += f" In {len(sized) - rounding} the first difference is larger."
        if elsewhere:
            kinds = Counter(row["what"] for row in elsewhere)
            text += " In " + ", ".join(f"{n} the {kind}" for kind, n in kinds.items())
            text += " differs first, at points that are the same."
        lines.append(text)
    return [
        *lines,
        "",
        "A difference in the last digit grows along the run. Where the problem is well-behaved, it "
        "stays too small to change a count; on badly scaled or non-smooth problems it decides "
        "which way the run goes. A test that expects a number of iterations, or digits beyond the "
        "tolerance of the stopping test, holds for one SciPy on one machine. What it can hold for "
        "is the level that the table shows.",
        "",
        "The objective values come from Python floats and the platform's mathematical library, the "
        "same for both sides of each comparison.",
        "",
    ]


def _table(measured: list[dict[str, Any]], names: list[str]) -> list[str]:
    found = [{(row["problem"], row["setting"]): row for row in one["rows"]} for one in measured]
    lines = ["## Problem by problem", ""]
    lines += [
        "The level, then the first evaluation that differs, of how many the original makes, and "
        "its distance in ULPs (units in the last place). Counts of evaluations are given where "
        "they differ: original → SciPy.",
        "",
    ]
    for setting in dict.fromkeys(row["setting"] for row in measured[0]["rows"]):
        lines += [
            f"### Setting `{setting}`",
            "",
            "| problem | " + " | ".join(names) + " |",
            "| --- | " + " | ".join(["---"] * len(names)) + " |",
        ]
        for problem, other in found[0]:
            if other == setting:
                cells = [_cell(rows[problem, setting]) for rows in found]
                lines.append(f"| {problem} | " + " | ".join(cells) + " |")
        lines.append("")
    return lines


def _cell(row: dict[str, Any]) -> str:
    if row["evaluation"] is None:
        return "bits"
    mine, other = row["evaluations"]
    place = f"{row['evaluation']}/{mine}"
    if row["what"] == "x" and row["ulps"] is not None:
        place += f", {row['ulps']} ULP" if row["ulps"] < 10**6 else f", {row['ulps']:.0e} ULP"
    elif row["what"] != "x":
        place += f", {row['what']}"
    counts = "" if mine == other else f"; {mine} → {other}"
    return f"{row['level']} ({place}{counts})"


def _provenance(measured: list[dict[str, Any]], names: list[str]) -> list[str]:
    lines = ["## Where this was measured", ""]
    for name, one in zip(names, measured, strict=True):
        facts = "; ".join(
            f"{key} {value}"
            for key, value in one["provenance"].items()
            if key not in ("solver", "package")
        )
        lines.append(f"- {name}: {facts}")
    return [
        *lines,
        "",
        "On another processor the rows of SciPy can differ: its BLAS chooses its loops, and so the "
        "order of its sums, by the processor. The original's runs are the packaged traces where "
        "the objective is portable to the bit, else a run of lbfgsb77 on the same machine.",
        "",
        "## Measure it again",
        "",
        "    python tools/measure_scipy.py",
        "",
        "makes an environment for each version, measures, and writes this page. For one version "
        "that is installed already:",
        "",
        "    python -m lbfgsb77 reference check --solver scipy.optimize:fmin_l_bfgs_b "
        "--setting all",
        "",
    ]


def main() -> None:
    """Measure, unless told not to, and write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--render", action="store_true", help="write the page only")
    parser.add_argument("--scipy", action="append", default=[], help="a further version")
    arguments = parser.parse_args()
    if not arguments.render:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            print("building", flush=True)
            command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", name, ROOT]
            run(command)
            (wheel,) = directory.glob("*.whl")
            measured = []
            for version in (*arguments.scipy, *VERSIONS):
                print(f"measuring SciPy {version}", flush=True)
                measured.append(measure(version, wheel, directory))
        save(measured)
    PAGE.write_text(render(json.loads(MEASURED.read_text(encoding="utf-8"))), encoding="utf-8")
    print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
