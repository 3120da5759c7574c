"""What f2py is told about the kernel's routines is what their files say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kernel_sources import LOOPS

REPOSITORY = Path(__file__).resolve().parents[2]
CONTINUED = {".f": r"\n     &", ".pyf": r"&\s*\n", ".c": r"\n"}


def argument_lists(file: Path) -> dict[str, list[str]]:
    """The dummy arguments of each subroutine in a file."""
    text = re.sub(CONTINUED[file.suffix], " ", file.read_text(encoding="utf-8"))
    if file.suffix == ".c":  # a loop that has a name for each processor
        found = re.findall(r"NAME\((\w+)\)\(([^)]*)\)", text)
        return {name: re.findall(r"(\w+)(?:,|$)", arguments) for name, arguments in found}
    # An internal procedure may have no arguments and no parentheses.
    routine = r"^ *(?:recursive )?subroutine (\w+)(?:\s*\(([^)]*)\))?"
    found = re.findall(routine, text, re.MULTILINE)
    return {name: re.findall(r"\w+", arguments) for name, arguments in found}


KERNEL = {
    name: arguments
    for file in [
        *sorted((REPOSITORY / "fortran").glob("*.f")),
        *(REPOSITORY / "fortran" / name for name in LOOPS),
        REPOSITORY / "tests/kernel_passes.f",
    ]
    for name, arguments in argument_lists(file).items()
}
DESCRIBED = [
    (module, name, arguments)
    for module in ("tests/kernels.pyf", "fortran/lbfgsb.pyf")
    for name, arguments in argument_lists(REPOSITORY / module).items()
]


# Neither compiler nor linker compares them: a routine that gains an argument would read garbage.
@pytest.mark.parametrize(("module", "name", "arguments"), DESCRIBED)
def test_arguments_are_those_of_the_routine(module: str, name: str, arguments: list[str]) -> None:
    # A name that C keeps for itself has got an underscore.
    assert [argument.removesuffix("_") for argument in arguments] == KERNEL[name]


def test_all_descriptions_were_found() -> None:
    assert len(DESCRIBED) == sum(
        (REPOSITORY / module).read_text(encoding="utf-8").count("end subroutine")
        for module in ("tests/kernels.pyf", "fortran/lbfgsb.pyf")
    )


def test_the_guide_to_the_kernel_names_every_file_and_no_other() -> None:
    fortran = REPOSITORY / "fortran"
    guide = (fortran / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\b\w+\.[fch]\b", guide))
    there = {file.name for file in fortran.glob("*.[fch]")}
    # In the tree a file stands as its routine.
    tree = {f"{name}.f" for name in re.findall(r"\w+", guide)}
    assert named - there == set()
    assert there - named - tree == set()


def test_the_guides_call_tree_names_routines() -> None:
    guide = (REPOSITORY / "fortran" / "README.md").read_text(encoding="utf-8")
    lines = [line for line in guide.splitlines() if re.match(r"    .*(├──|└──|── )", line)]
    # The word of a task, or what a branch is for, stands after a gap.
    names = {
        name
        for line in lines
        for name in re.findall(r"[a-z]\w+", re.split(r"(?<=\w) {3,}", line)[0])
    }
    assert len(names) > 40
    assert names - set(KERNEL) == set()
