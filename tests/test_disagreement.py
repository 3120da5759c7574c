"""The program of scipy#23161: the authors' release ends where the report blames the translation."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from foreign_kernels import needs

ROOT = Path(__file__).resolve().parents[1]
MEASURED = ROOT / "docs" / "explanation" / "disagreement.json"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    file = ROOT / "examples" / "disagreement.py"
    spec = importlib.util.spec_from_file_location("disagreement", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def runs(example: ModuleType) -> dict[str, dict[str, Any]]:
    return {run["name"]: run for run in example.runs_here()}


def test_this_package_ends_where_the_issue_says_that_the_translation_does(
    runs: dict[str, Any],
) -> None:
    run = runs["lbfgsb77"]
    # The issue's numbers for SciPy 1.15: x and 55 iterations.
    np.testing.assert_allclose(run["x"], [0.96319844, 0.9233686], atol=5e-9)
    assert (run["iterations"], len(run["points"])) == (55, 462)


@needs("original")
def test_the_release_asks_for_the_same_462_points(runs: dict[str, Any]) -> None:
    release, ours = runs["the authors' release"], runs["lbfgsb77"]
    assert len(release["points"]) == 462
    assert release["points"] == ours["points"]
    assert release["task"] == ours["task"]


def test_the_page_shows_what_was_measured() -> None:
    page = (MEASURED.parent / "a-disagreement.md").read_text(encoding="utf-8")
    rows = json.loads(MEASURED.read_text(encoding="utf-8"))
    assert len(rows) >= 6
    for row in rows:
        assert f"| {row['iterations']} | {row['evaluations']} |" in page, row["name"]
        if row["parts_at"]:
            assert f"| {row['parts_at']} | {row['ulps']} | {row['seen_at']} |" in page, row["name"]


def test_the_picture_is_drawn(example: ModuleType, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rows = json.loads(MEASURED.read_text(encoding="utf-8"))
    for dark in (False, True):
        example.draw(rows, tmp_path / "picture.svg", dark)
        assert "SciPy 1.14.1" in (tmp_path / "picture.svg").read_text(encoding="utf-8")
