"""Imports inside the package run from what people call down to the kernel, and never back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import resources
from pathlib import Path

import pytest

import lbfgsb77

PACKAGE = Path(str(resources.files(lbfgsb77)))

# From the top down: a part imports from its own floor or one below it.
FLOORS = [
    {"__main__", "pytest_plugin"},  # lbfgsb77_pytest.py stands beside the package
    {"reference"},
    {""},  # the public names
    {
        "_fmin",
        "_minimize",
        "_batch",
        "_solver",
        "_sum_of_parts",
        "_check_gradient",
        "_setulb",
        "_curvature",
        "in_scipy",
    },
    {"_problem", "_parts"},
    {"_spread", "_watch"},
    {"_run"},
    {"_arguments", "_build", "_html", "_lbfgsb"},
]
FLOOR_OF = {part: number for number, floor in enumerate(FLOORS) for part in floor}


def modules() -> dict[str, Path]:
    """The package's modules by their names below lbfgsb77."""
    found = {}
    for path in sorted([*PACKAGE.rglob("*.py"), PACKAGE / "_lbfgsb.pyi"]):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


MODULES = modules()


def imported(path: Path) -> Iterator[str]:
    """The package's modules that a module imports, at its head or inside a function."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            head, _, rest = name.partition(".")
            if head == "lbfgsb77":
                # The last word may be a module or a name in one.
                yield rest if rest in MODULES else rest.rpartition(".")[0]


IMPORTS = {name: sorted(set(imported(path)) - {name}) for name, path in MODULES.items()}


def part_of(module: str) -> str:
    return module.partition(".")[0]


@pytest.mark.parametrize("module", MODULES)
def test_no_import_runs_up(module: str) -> None:
    for other in IMPORTS[module]:
        assert FLOOR_OF[part_of(other)] >= FLOOR_OF[part_of(module)], f"{module} imports {other}"


def test_no_imports_form_a_circle() -> None:
    # A package's own __init__ only gathers names; graphlib raises CycleError for a circle.
    order = [*TopologicalSorter(IMPORTS).static_order()]
    assert set(order) >= set(MODULES)


def test_every_part_has_its_floor() -> None:
    assert {part_of(module) for module in MODULES} == FLOOR_OF.keys()
