"""Measure which implementation gives what, and write the page and the picture's numbers.

    python tools/measure_ports.py                  install all, measure, write the page
    python tools/measure_ports.py --only jaxopt    measure this one again
    python tools/measure_ports.py --render         write the page from what was measured

Each package from PyPI gets a virtual environment of its own, in build/ports, with this project
beside it. What Debian has is run through the clients in ports/, as they are.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "ports"
PORTS = ROOT / "ports"
PICTURES = ROOT / "docs" / "_static"
MEASURED = ROOT / "docs" / "reference" / "which-implementation.json"
PAGE = MEASURED.with_suffix(".md")

LEVELS = ("bits", "path", "counts", "solution", "none")
SETTINGS = ("default", "exhaustive")
# A run that says it has converged where some component of the projected gradient is more than this
# part of the largest at its start hasn't. Kinks are left out: there no gradient vanishes.
NOT_SMALL = 1e-2


@dataclass(frozen=True)
class Implementation:
    """What is measured, and how it is had.

    Parameters
    ----------
    name : str
        Its name on the page.
    solver : str
        ``MODULE:FUNCTION``, or the command of a client with its folder in ports/.
    note : str
        What is to be known of it: its version of the algorithm, what it doesn't take.
    packages : tuple of str
        What pip installs.
    debian : str
        The Debian package whose version counts.
    build : tuple of str
        How the client is compiled, in its folder; {port} is the program.
    """

    name: str
    solver: str
    note: str
    packages: tuple[str, ...] = ()
    debian: str = ""
    folder: str = ""
    build: tuple[str, ...] = ()


SCIPY = "scipy.optimize:fmin_l_bfgs_b"
IMPLEMENTATIONS = (
    Implementation(
        "lbfgsb77", "lbfgsb77:fmin_l_bfgs_b",
        "This package's kernel, for comparison: the table's other rows are measured beside it.",
    ),
    Implementation(
        "liblbfgsb", "{port}",
        "The authors' Fortran, version 3.0, from C, with the system's BLAS. maxls is fixed at 20.",
        debian="liblbfgsb0", folder="c",
        build=("cc", "-O2", "liblbfgsb.c", "-o", "{port}", "-llbfgsb"),
    ),
    Implementation(
        "SciPy 1.14.1", SCIPY, "The last SciPy with the Fortran, version 3.0 with patches.",
        packages=("scipy==1.14.1",),
    ),
    Implementation(
        "SciPy 1.17.1", SCIPY, "SciPy's translation to C.", packages=("scipy==1.17.1",),
    ),
    Implementation("SciPy, newest", SCIPY, "SciPy's translation to C.", packages=("scipy",)),
    Implementation(
        "optimparallel", "measured_ports:optimparallel",
        "SciPy's solver, with evaluations in a pool; here in one that computes at once.",
        packages=("optimparallel",),
    ),
    Implementation(
        "lbfgsb (PyPI)", "measured_ports:pure_python_lbfgsb",
        "A translation to Python and NumPy. It refuses a start outside of the bounds, where the "
        "original projects it.",
        packages=("lbfgsb",),
    ),
    Implementation(
        "lbfgsb3c (R)", "Rscript {ports}/r/optim.R lbfgsb3c",
        "Version 3.0, translated to C, for R. It takes no maxls. In this build its bounds and lmm "
        "have no effect, in a program of R alone, too: lbfgsb3c(c(1.125, 0.125), f, g, lower = "
        "c(1, 0)) on problem hs4 ends at (0.418, -0.582).",
        debian="r-cran-lbfgsb3c", folder="r",
    ),
    Implementation(
        "optim (R)", "Rscript {ports}/r/optim.R",
        "R's manual has the code from Netlib's opt/lbfgs_bcm.shar, older than Algorithm 778 and "
        "its remark of 2011. It takes no maxls and tells no iterations.",
        debian="r-base-core", folder="r",
    ),
    Implementation(
        "LBFGSpp", "{port}",
        "An implementation of its own in C++, with its own tests of convergence and search; "
        "m, pgtol, factr, ftol, gtol and maxls are set as in the original.",
        debian="liblbfgspp-dev", folder="cpp",
        build=("c++", "-O2", "-I/usr/include/eigen3", "lbfgspp.cpp", "-o", "{port}"),
    ),
    Implementation(
        "jaxopt", "measured_ports:jaxopt_lbfgsb",
        "An implementation of its own in JAX, with a zoom search and without a test of the "
        "reduction of f, so that it goes on for longer. At most 200 iterations were allowed.",
        packages=("jaxopt",),
    ),
    Implementation(
        "NLopt LD_LBFGS", "measured_ports:nlopt_lbfgs",
        "Another algorithm (Lukšan's), as a control: it isn't L-BFGS-B and doesn't claim to be. It "
        "has no test of the gradient.",
        packages=("nlopt",),
    ),
)  # fmt: skip


# Measuring, in the implementation's own environment ----------------------------------------------


def work(solver: str, command: bool, output: Path, maxiter: int | None) -> None:
    """Run a solver over the collection, and write what was found."""
    from lbfgsb77.reference import Command, compare, problems
    from lbfgsb77.reference._check import reference_trace
    from lbfgsb77.reference._golden import NOT_FINITE
    from lbfgsb77.reference._record import record_like

    sys.path.insert(0, str(Path(__file__).parent))
    port: Any = Command(solver, timeout=300.0) if command else solver
    rows = []
    provenance: dict[str, str] = {}
    for problem in problems.select(finite=True):
        for setting in SETTINGS:
            if (problem.name, setting) in NOT_FINITE:
                continue
            reference = reference_trace(problem, setting)
            limit = {} if maxiter is None else {"maxiter": maxiter}
            began = time.perf_counter()
            run = record_like(reference, port, problem, None, **limit)
            seconds = time.perf_counter() - began
            comparison = compare(reference, run)
            provenance = dict(run.provenance)
            rows.append(
                {
                    "problem": problem.name,
                    "setting": setting,
                    **condensed(comparison, problem),
                    "seconds": round(seconds, 4),
                }
            )
            print(f"\r\x1b[K{problem.name} ({setting})", end="", file=sys.stderr, flush=True)
    print("\r\x1b[K", end="", file=sys.stderr)
    if command:
        port.close()
    output.write_text(json.dumps({"provenance": provenance, "rows": rows}), encoding="utf-8")


def condensed(comparison: Any, problem: Any) -> dict[str, Any]:
    """What the page needs of a comparison."""
    first, stage, run = comparison.first_difference, comparison.stage, comparison.candidate
    return {
        "level": comparison.level,
        "evaluation": first and first.evaluation,
        "what": first and first.what,
        "ulps": first and first.ulps,
        "stage": stage and f"{stage.name}{'' if stage.certainty == 'sure' else '?'}",
        "at": stage and stage.evaluation,
        "evaluations": list(comparison.evaluations),
        "ending": run.outcome.ending,
        "outside": outside(run),
        "no_success": claims_too_much(run, problem),
    }


def outside(run: Any) -> bool:
    """Whether it evaluates or ends outside of the bounds."""
    points = [e.x for e in run.evaluations]
    if run.outcome.x is not None:
        points.append(run.outcome.x)
    return any(bool((x < run.lower).any() or (x > run.upper).any()) for x in points)


def claims_too_much(run: Any, problem: Any) -> bool:
    """Whether it says it has converged where it hasn't."""
    from lbfgsb77.reference.problems import projected_gradient_norm

    claims = run.outcome.ending in ("gradient", "reduction", "converged")
    x = run.outcome.x
    if not claims or x is None or "nonsmooth" in problem.tags or "wrong-gradient" in problem.tags:
        return False
    norms = [
        projected_gradient_norm(at, problem(at)[1], run.lower, run.upper)
        for at in (problem.start.clip(run.lower, run.upper), x)
    ]
    small = max(NOT_SMALL * norms[0], 10.0 * run.options["pgtol"])
    return not norms[1] <= small


# Installing --------------------------------------------------------------------------------------


def measure(one: Implementation, wheel: Path, base: Path) -> dict[str, Any]:
    """Install an implementation, run it, and add what it is to the findings."""
    key = re.sub(r"\W+", "-", one.name.lower()).strip("-")
    home = BUILD / key
    python = Path(sys.executable)
    if one.packages:
        python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        run([base, "-m", "venv", "--clear", home])
        run([python, "-m", "pip", "install", "-q", "--upgrade", *one.packages])
        run([python, "-m", "pip", "install", "-q", "--force-reinstall", "--no-deps", wheel])
    else:
        home.mkdir(parents=True, exist_ok=True)
    port = home / "port"
    if one.build:
        run([word.format(port=port) for word in one.build], cwd=PORTS / one.folder)
    solver = one.solver.format(port=port, ports=PORTS)
    output = home / "findings.json"
    command = [python, __file__, "--work", solver, "--output", output]
    command += ["--command"] if one.folder else []
    command += ["--maxiter", "200"] if one.name == "jaxopt" else []
    run(command, cwd=home)
    findings: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    facts = {k: v for k, v in findings["provenance"].items() if k not in ("solver", "package")}
    return {
        "name": one.name,
        "version": version(one, python),
        "provenance": facts,
        "rows": findings["rows"],
    }


def version(one: Implementation, python: Path) -> str:
    """The version of what was measured, as its package manager tells it."""
    if one.debian:
        told = output_of(["dpkg-query", "-W", "-f", "${Version}", one.debian])
        return f"Debian's {one.debian} {told}"
    package = one.packages[0].partition("==")[0] if one.packages else "lbfgsb77"
    code = f"import importlib.metadata as m; print(m.version('{package}'))"
    return f"{package} {output_of([python, '-c', code])}"


def run(command: Sequence[Any], cwd: Path | None = None) -> None:
    """Run a command, and end with it where it fails."""
    words = [str(word) for word in command]
    if subprocess.run(words, cwd=cwd or BUILD, check=False).returncode:
        raise SystemExit(f"failed: {' '.join(words)}")


def output_of(command: Sequence[Any]) -> str:
    """What a command prints."""
    words = [str(word) for word in command]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def save(measured: list[dict[str, Any]]) -> None:
    """Write what was measured, one run per line."""
    parts = []
    for one in measured:
        head = {key: value for key, value in one.items() if key != "rows"}
        rows = ",\n".join("   " + json.dumps(row, ensure_ascii=False) for row in one["rows"])
        text = json.dumps(head, indent=2, ensure_ascii=False)[:-2].replace("\n", "\n ")
        parts.append(f' {text},\n  "rows": [\n{rows}\n  ]\n }}')
    MEASURED.write_text("[\n" + ",\n".join(parts) + "\n]\n", encoding="utf-8")


# Writing the page --------------------------------------------------------------------------------

ALT = (
    "Bars of the levels that each implementation reaches over the collection: nearly all of the "
    "translations of version 3.0 stay on the original's path, the implementations of their own "
    "reach the same solution by another way."
)


def render(measured: list[dict[str, Any]]) -> str:
    """The page, from what was measured."""
    return "\n".join(
        [
            *_opening(measured),
            *_summary(measured),
            *_reading(measured),
            *_implementations(measured),
            *_tables(measured),
            *_again(),
        ]
    )


def _opening(measured: list[dict[str, Any]]) -> list[str]:
    count = len({row["problem"] for row in measured[0]["rows"]})
    return [
        "<!-- Written by tools/measure_ports.py from which-implementation.json: edit there. -->",
        "",
        "# Which implementation gives what",
        "",
        f"Each implementation of L-BFGS-B that can be had, on the {count} problems of the "
        "collection, compared with the run of the original algorithm evaluation by evaluation. "
        "The setting is SciPy's default options; the last section has the other one, too.",
        "",
        "```{picture} tools/measure_ports.py reference/which-implementation.json",
        f":alt: {ALT}",
        "```",
        "",
        "- `bits`: every evaluation and the result are the same to the last bit.",
        "- `path`: the same numbers of evaluations and iterations, and every point within a "
        "relative 10⁻⁶.",
        "- `counts`: the same numbers and the same solution, but some point further off.",
        "- `solution`: the same solution by another number of evaluations or iterations.",
        "- `none`: another solution, or none.",
        "",
    ]


def _of(one: dict[str, Any], setting: str = "default") -> list[dict[str, Any]]:
    return [row for row in one["rows"] if row["setting"] == setting]


def _summary(measured: list[dict[str, Any]]) -> list[str]:
    levels = {one["name"]: Counter(row["level"] for row in _of(one)) for one in measured}
    lines = _table(
        [f"`{level}`" for level in LEVELS],
        {name: [str(counts[level]) for level in LEVELS] for name, counts in levels.items()},
    )
    rest = {}
    for one in measured:
        rows = _of(one)
        rest[one["name"]] = [
            str(sum(row["stage"] is None and row["ending"] != "exception" for row in rows)),
            str(sum(row["outside"] for row in rows)),
            str(sum(row["no_success"] for row in rows)),
            f"{sum(row['evaluations'][1] for row in rows):,}",
            f"{sum(row['seconds'] for row in rows):.1f}",
        ]
    headings = ["no step but rounding", "outside", "no success", "evaluations", "seconds"]
    lines = ["## In figures", "", *lines, "", *_table(headings, rest)]
    return [
        *lines,
        "",
        "*No step but rounding*: runs in which no step is another than the original's, given the "
        "run's own past, so that nothing but the order of sums is different. *Outside*: runs that "
        "evaluate or end outside of the bounds. *No success*: the run says it has converged, and "
        "some component of the projected gradient is still more than a hundredth of the largest "
        "at its start, and ten times pgtol (problems with kinks, and with wrong "
        "gradients, are left out). *Seconds*: for all runs, with the objectives, which are "
        "Python, and for programs the pipe to them; process and compilation included.",
        "",
    ]


def _table(headings: Sequence[str], rows: dict[str, list[str]]) -> list[str]:
    return [
        "| | " + " | ".join(headings) + " |",
        "| --- | " + " | ".join(["---:"] * len(headings)) + " |",
        *(f"| {name} | " + " | ".join(cells) + " |" for name, cells in rows.items()),
    ]


def _reading(measured: list[dict[str, Any]]) -> list[str]:
    lines = [
        "## Where they part",
        "",
        "The first step that isn't the original's by more than rounding, over all runs of the "
        "setting; a question mark where it isn't sure.",
        "",
    ]
    for one in measured:
        stages = Counter(row["stage"] for row in _of(one) if row["stage"])
        errors = sum(row["ending"] == "exception" for row in _of(one))
        words = [f"{name} {count}" for name, count in stages.most_common(6)]
        if errors:
            words.append(f"no result {errors}")
        lines.append(f"- **{one['name']}**: {', '.join(words) or 'nowhere'}")
    return [*lines, ""]


def _implementations(measured: list[dict[str, Any]]) -> list[str]:
    notes = {one.name: one.note for one in IMPLEMENTATIONS}
    lines = [
        "## What was measured",
        "",
        "Each was given the original's options as far as it takes them. One that is of another "
        "version, or has constants of its own, is no worse for parting from the original: it says "
        "something else, and the table says from where on.",
        "",
    ]
    for one in measured:
        facts = "; ".join(
            f"{_NAMES[key]}{value}"
            for key, value in one["provenance"].items()
            if key in _NAMES and not (key == "build" and one["name"] == "lbfgsb77")
        )
        lines.append(f"- **{one['name']}** ({one['version']}). {notes[one['name']]} {facts}.")
    return [*lines, ""]


_NAMES = {"build": "", "python": "", "numpy": "NumPy ", "platform": ""}


def _tables(measured: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Problem by problem"
    yield ""
    yield (
        "The level; then the evaluation at which the first difference is, of how many the original "
        "makes; then the stage, where a step is another by more than rounding."
    )
    yield ""
    others = [one for one in measured if one["name"] != "lbfgsb77"]  # which has the same bits
    for setting in SETTINGS:
        found = [{row["problem"]: row for row in _of(one, setting)} for one in others]
        yield f"### Setting `{setting}`"
        yield ""
        yield ":::{container} compact"
        yield "| problem | " + " | ".join(one["name"] for one in others) + " |"
        yield "| --- | " + " | ".join(["---"] * len(others)) + " |"
        for problem in found[0]:
            cells = [_cell(rows[problem]) for rows in found]
            yield f"| {problem} | " + " | ".join(cells) + " |"
        yield ":::"
        yield ""


def _cell(row: dict[str, Any]) -> str:
    if row["evaluation"] is None:
        return "bits"
    if row["ending"] == "exception":
        return "error"
    text = f"{row['level']} {row['evaluation']}/{row['evaluations'][0]}"
    return f"{text} {row['stage']}" if row["stage"] else text


def _again() -> list[str]:
    return [
        "## Measure it again",
        "",
        "    make ports",
        "",
        "installs what PyPI and Debian have, runs everything, and writes this page. Your own port, "
        "in any language:",
        "",
        '    python -m lbfgsb77 reference check --command "..." --html report.html',
        "",
        "On another processor rows of implementations that use a BLAS can differ: it chooses its "
        "loops, and so the order of its sums, by the processor.",
        "",
    ]


# The picture -------------------------------------------------------------------------------------

_COLORS = {
    False: ("#0f6b3a", "#4fa56f", "#2f78c4", "#d9a441", "#c2413a"),
    True: ("#3fbf76", "#2f8f58", "#4f9be8", "#d9a441", "#e0655d"),
}


def draw(measured: list[dict[str, Any]], file: Path, dark: bool) -> None:
    """Draw a bar for each implementation, divided into the levels that it reaches."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    text = "#e6e8ea" if dark else "#1b1f24"
    figure = Figure(figsize=(8.6, 0.42 * len(measured) + 1.2), layout="constrained")
    axes = figure.add_subplot()
    names = [one["name"] for one in measured][::-1]
    left = [0] * len(measured)
    for level, color in zip(LEVELS, _COLORS[dark], strict=True):
        counts = [sum(row["level"] == level for row in _of(one)) for one in measured][::-1]
        bars = axes.barh(names, counts, left=left, color=color, label=level, height=0.72)
        labels = [str(count) if count >= 4 else "" for count in counts]
        axes.bar_label(bars, labels, label_type="center", color="white", fontsize=9)
        left = [a + b for a, b in zip(left, counts, strict=True)]
    axes.set_xlim(0, max(left))
    axes.set_xlabel("problems", color=text)
    axes.tick_params(colors=text, length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    figure.legend(loc="outside upper center", ncols=5, frameon=False, labelcolor=text)
    with rc_context({"svg.hashsalt": "lbfgsb77"}):  # the same file each time
        figure.savefig(file, transparent=True, metadata={"Date": None})


def main() -> None:
    """Measure, unless told not to, and write the page, and the README's picture."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--render", action="store_true", help="write the page only")
    parser.add_argument("--only", action="append", help="measure these again")
    parser.add_argument(
        "--python", type=Path, metavar="PATH", help="for the environments of packages"
    )
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--command", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--maxiter", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.work, arguments.command, arguments.output, arguments.maxiter)
        return
    known = json.loads(MEASURED.read_text(encoding="utf-8")) if MEASURED.exists() else []
    found = {one["name"]: one for one in known}
    if not arguments.render:
        BUILD.mkdir(parents=True, exist_ok=True)
        for old in BUILD.glob("*.whl"):
            old.unlink()
        print("building", flush=True)
        base = arguments.python or Path(sys.executable)
        run([base, "-m", "pip", "wheel", "-q", "--no-deps", "-w", BUILD, ROOT])
        (wheel,) = BUILD.glob("*.whl")
        for one in IMPLEMENTATIONS:
            if arguments.only is None or one.name in arguments.only:
                began = time.perf_counter()
                print(f"measuring {one.name}", flush=True)
                found[one.name] = measure(one, wheel, base)
                print(f"  {time.perf_counter() - began:.0f} s", flush=True)
                # What was measured is kept, whatever becomes of the next.
                save([found[other.name] for other in IMPLEMENTATIONS if other.name in found])
    measured = json.loads(MEASURED.read_text(encoding="utf-8"))
    PAGE.write_text(render(measured), encoding="utf-8")
    for kind in ("light", "dark"):
        draw(measured, PICTURES / f"which-implementation-{kind}.svg", kind == "dark")
    print(f"written: {PAGE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
