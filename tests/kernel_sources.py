"""The kernel's source files: an order for compilers, and the numbers of their slots."""

from __future__ import annotations

import os
import re
from graphlib import TopologicalSorter
from pathlib import Path

# What wide_vectors.c has twice to choose from, or, of several problems at once, three times.
LOOPS = (
    "panels.c",
    "steepest_path.c",
    "free_sides.c",
    "projected_step.c",
    "gradient_measures.c",
    "cholesky.c",
    "middle_matrices.c",
    "group.c",
    "directions.c",
    "cauchy_points.c",
)
# team.c is compiled with -DHAS_THREADS or without.
IN_C = (*LOOPS, "team.c")
# Of another directory where tests/mutants tries changed sources.
_REPOSITORYS = Path(__file__).resolve().parents[1] / "fortran"
KERNEL = Path(os.environ.get("LBFGSB77_TEST_KERNEL", _REPOSITORYS))


def kernel_sources(directory: Path = KERNEL, *, packed: bool = False) -> list[Path]:
    """All Fortran files of a kernel, each after those whose modules it uses, and those in C.

    Parameters
    ----------
    directory : Path
        Where they are.
    packed : bool
        Whether to include the entry points for Python, ``packed_*.f``, and what only they use.
    """
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.f"))}
    owner = {
        name: path
        for path, text in texts.items()
        for name in re.findall(r"^ *module (\w+)$", text, re.MULTILINE)
    }
    uses = {
        path: {owner[name] for name in re.findall(r"^ *use (\w+)", text, re.MULTILINE)} - {path}
        for path, text in texts.items()
    }
    if not packed:
        entries = {path for path in uses if path.name.startswith("packed_")}
        used = {file for path in uses.keys() - entries for file in uses[path]}
        theirs = {file for path in entries for file in uses[path]} - used
        uses = {path: files for path, files in uses.items() if path not in entries | theirs}
    return [*TopologicalSorter(uses).static_order(), *(directory / name for name in IN_C)]


def slots() -> dict[str, int]:
    """The places of a run's state by their names in state_layout.f, counted from 1."""
    text = (KERNEL / "state_layout.f").read_text(encoding="utf-8")
    return {name: int(number) for name, number in re.findall(r"\b([idrkl]_\w+) = (\d+)", text)}
