"""The places of a run's numbers are the same in Fortran and in Python."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kernel_sources import slots
from lbfgsb77._run import layout

ROOT = Path(__file__).resolve().parents[1]
FORTRAN = slots()
PYTHON = {name: value for name, value in vars(layout).items() if re.match("[IDRK]_", name)}


def test_all_places_were_found() -> None:
    assert len(FORTRAN) > 50
    assert len(PYTHON) > 25


@pytest.mark.parametrize("name", PYTHON)
def test_a_place_in_python_is_that_in_fortran(name: str) -> None:
    assert PYTHON[name] == FORTRAN[name.lower()], (
        f"_run/layout.py has {name} = {PYTHON[name]}, "
        f"fortran/state_layout.f {name.lower()} = {FORTRAN[name.lower()]}"
    )


def test_parts_of_the_packed_state_follow_one_another() -> None:
    # isave(44), lsave(4); dsave(29).
    assert FORTRAN["k_lsave"] == FORTRAN["k_isave"] + 44
    assert FORTRAN["k_nbd"] == FORTRAN["k_lsave"] + 4
    assert FORTRAN["r_x"] == FORTRAN["r_dsave"] + 29
    for letter, first in (("r", "r_dsave"), ("k", "k_isave")):
        singles = [place for name, place in FORTRAN.items() if name[:2] == f"{letter}_"]
        assert [p for p in singles if p < FORTRAN[first]] == list(range(1, FORTRAN[first]))


@pytest.mark.parametrize(("n", "m"), [(1, 1), (5, 3), (2**31 - 1, 1000)])
def test_wa_is_divided_as_the_kernel_divides_it(n: int, m: int) -> None:
    # Its assignments, "at%y = at%s + mn", are Python too without "at%".
    text = (ROOT / "fortran" / "workspace.f").read_text(encoding="utf-8").replace("at%", "")
    lines = re.findall(r"^      (\w+) = ([\w +*]+)$", text, re.MULTILINE)
    place = {"n": n, "mn": m * n, "mm": m * m}
    for name, expression in lines:
        place[name] = eval(expression, {}, place)
    expected = layout.division(n, m)._asdict()
    length = expected.pop("length")
    # From 1 there, from 0 here.
    assert {name: place[name] - 1 for name in expected} == expected, (
        "_run/layout.py and fortran/workspace.f divide wa differently"
    )
    assert length == expected["work"] + 8 * m == 2 * m * n + 5 * n + 11 * m * m + 8 * m
    assert layout.lengths(n, m) == (
        FORTRAN["r_x"] - 1 + 4 * n + length,
        FORTRAN["k_nbd"] - 1 + 4 * n,
    )
