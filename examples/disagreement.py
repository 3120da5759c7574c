"""A disagreement, traced: one program, and where each implementation of L-BFGS-B goes with it.

    python examples/disagreement.py                     measure, and print the table
    python examples/disagreement.py --json runs.json    ... and keep what was measured
    python examples/disagreement.py --plot picture.svg  ... and draw it (matplotlib)

The program is that of https://github.com/scipy/scipy/issues/23161, which reports that SciPy 1.15
ends at a worse point than SciPy 1.14. The implementations are the backends of this build of
lbfgsb77 and three versions of SciPy, for each of which an environment is made (pip, once, below
build/). What can't be had is left out, and said.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

SCIPYS = ("scipy==1.14.1", "scipy==1.17.1", "scipy")  # the last is the newest that there is
PROCESSORS = ("Prescott", "SkylakeX") if os.uname().machine == "x86_64" else ()
NEWER = ("python3.14", "python3.13", "python3.12")
ENVIRONMENTS = Path(__file__).resolve().parents[1] / "build" / "disagreement"
SAME_FILE = {"svg.hashsalt": "lbfgsb77"}  # whenever it is drawn
RELEASE = "the authors' release"
OURS = "lbfgsb77"
NAMES = {"original": RELEASE, "system": "the system's liblbfgsb", "lbfgsb77": OURS}


def program(x: np.ndarray) -> tuple[float, np.ndarray]:
    """The valley 10 (y - x²)² + (1 - x)²; the first factor of its gradient should be 40."""
    rise = x[1] - x[0] ** 2
    f = 10.0 * rise**2 + (1.0 - x[0]) ** 2
    return float(f), np.array([-20.0 * x[0] * rise - 2.0 * (1.0 - x[0]), 20.0 * rise])


def run(solve: Any, name: str, version: str) -> dict[str, Any]:
    """Everything that a run of the program on one implementation shows."""
    points: list[list[float]] = []
    values: list[float] = []

    def counted(x: np.ndarray) -> tuple[float, np.ndarray]:
        f, g = program(x)
        points.append(x.tolist())
        values.append(f)
        return f, g

    x, f, d = solve(counted, np.array([-1.0, 1.0]), factr=0)
    task = d["task"].decode() if isinstance(d["task"], bytes) else d["task"]
    return {
        "name": name, "version": version, "x": np.asarray(x).tolist(), "f": float(f),
        "iterations": d["nit"], "task": task.strip(), "points": points, "values": values,
    }  # fmt: skip


def runs_here() -> list[dict[str, Any]]:
    """On the backends of lbfgsb77."""
    import lbfgsb77

    runs = []
    for backend in lbfgsb77.build_info()["backends"]:
        with lbfgsb77.backend(backend):
            version = f"lbfgsb77 {lbfgsb77.build_info()['version']}" if backend == OURS else "3.0"
            runs.append(run(lbfgsb77.fmin_l_bfgs_b, NAMES[backend], version))
    return runs


def run_of_scipy() -> dict[str, Any]:
    """On the SciPy of this environment."""
    import scipy
    from scipy.optimize import fmin_l_bfgs_b

    return run(fmin_l_bfgs_b, f"SciPy {scipy.__version__}", scipy.__version__)


def runs_of_scipys() -> list[dict[str, Any]]:
    """On each version of SciPy, in an environment of its own."""
    runs: list[dict[str, Any]] = []
    for requirement in SCIPYS:
        try:
            python = environment(requirement)
            # SciPy's BLAS chooses its loops by the processor, or by this variable.
            kinds = ("", *PROCESSORS) if requirement == SCIPYS[0] else ("",)
            for kind in kinds:
                variables = {**os.environ, "OPENBLAS_CORETYPE": kind} if kind else None
                found = json.loads(output([python, __file__, "--of-scipy"], variables))
                found["name"] += f", BLAS of {kind}" if kind else ""
                if found["name"] not in [one["name"] for one in runs]:
                    runs.append(found)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"without {requirement}: {error}", file=sys.stderr)
    return runs


def environment(requirement: str) -> Path:
    """The Python of an environment that has this, made once; the newest gets a newer Python."""
    directory = ENVIRONMENTS / requirement.replace("==", "-")
    python = directory / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    if not (directory / "made").exists():
        shutil.rmtree(directory, ignore_errors=True)
        newer = "==" not in requirement and next(filter(None, map(shutil.which, NEWER)), None)
        output([newer or sys.executable, "-m", "venv", directory])
        output([python, "-m", "pip", "install", "-q", requirement])
        (directory / "made").touch()
    return python


def output(command: Sequence[Any], variables: Mapping[str, str] | None = None) -> str:
    """What a command prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True, env=variables).stdout


def compared(runs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each run beside the first: where it parts, and by how much."""
    reference = np.array(runs[0]["points"])
    rows = []
    for one in runs:
        points = np.array(one.pop("points"))
        n = min(len(points), len(reference))
        difference = np.abs(points[:n] - reference[:n])
        apart = np.flatnonzero(difference.any(axis=1))
        distance = (difference / np.maximum(np.abs(reference[:n]), 1e-300)).max(axis=1)
        one["evaluations"] = len(points)
        one["distance"] = [float(f"{d:.3g}") for d in np.maximum.accumulate(distance)]
        one["lowest"] = [float(f"{f:.4g}") for f in np.minimum.accumulate(one.pop("values"))]
        one["parts_at"] = one["ulps"] = one["seen_at"] = None
        if apart.size:
            k = int(apart[0])
            one["parts_at"] = k + 1
            one["ulps"] = round(float((difference[k] / np.spacing(np.abs(reference[k]))).max()))
            seen = np.flatnonzero(distance > 1e-3)
            one["seen_at"] = int(seen[0]) + 1 if seen.size else None
        rows.append(one)
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """What happened, one implementation a line."""
    lines = [
        f"{'':32}{'parts at':>9}{'by ulps':>9}{'seen at':>9}{'iterations':>12}"
        f"{'evaluations':>13}   ends at f ="
    ]
    for one in rows:
        parts, ulps, seen = (
            "-" if one[key] is None else str(one[key]) for key in ("parts_at", "ulps", "seen_at")
        )
        lines.append(
            f"{one['name']:32}{parts:>9}{ulps:>9}{seen:>9}{one['iterations']:12}"
            f"{one['evaluations']:13}   {one['f']:.2e} at ({one['x'][0]:.5f}, {one['x'][1]:.5f})"
        )
    return "\n".join(lines)


def draw(rows: list[dict[str, Any]], file: Path, dark: bool = False) -> None:
    """How far each run has been from the first, and the lowest f, up to each evaluation."""
    from matplotlib import rc_context, style
    from matplotlib.figure import Figure

    with style.context("dark_background" if dark else "default"), rc_context(SAME_FILE):
        figure = Figure((7.5, 5.5), layout="constrained")
        upper, lower = figure.subplots(2, 1, sharex=True)
        for one in rows:
            distance = np.array(one["distance"])
            thick = {"lw": 4.0, "alpha": 0.4} if one["name"] == OURS else {"lw": 1.3}
            upper.semilogy(
                np.arange(1, len(distance) + 1), np.where(distance > 0, distance, math.nan),
                label=one["name"] + ("" if distance.any() else " (0: the same points)"), **thick,
            )  # fmt: skip
            lower.semilogy(np.arange(1, len(one["lowest"]) + 1), one["lowest"], **thick)
        upper.set_ylabel("largest distance so far\nfrom the release's points")
        lower.set_ylabel("lowest f so far")
        lower.set_xlabel("evaluation")
        upper.legend(fontsize="small", loc="center right")
        for axes in (upper, lower):
            axes.grid(alpha=0.3)
        figure.savefig(
            file, transparent=True, metadata={"Date": None} if file.suffix == ".svg" else {}
        )


def main() -> int:
    """Measure, print, keep, draw."""
    parser = argparse.ArgumentParser(description="Trace one program on many implementations.")
    parser.add_argument("--json", type=Path, help="write what was measured")
    parser.add_argument("--plot", type=Path, help="draw it")
    parser.add_argument("--of-scipy", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.of_scipy:
        print(json.dumps(run_of_scipy()))
        return 0
    runs = runs_here() + runs_of_scipys()
    # The release, where this build has it, else this package: their runs are the same.
    runs.sort(
        key=lambda one: [RELEASE, OURS].index(one["name"]) if one["name"] in (RELEASE, OURS) else 2
    )
    rows = compared(runs)
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")
    if options.plot:
        draw(rows, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
