"""examples/large_fit.py ends with the same coefficients whoever computes its parts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "large_fit.py"

pytest.importorskip("resource", reason="no Unix, whose word on memory the example prints")


def test_the_table_shows_the_same_bits_in_each_line(tmp_path: Path) -> None:
    # Rows that are no multiple of the parts, nor of a block.
    options = ["--rows", "20011", "--parts", "5", "--directory", str(tmp_path / "data")]
    done = subprocess.run(
        [sys.executable, EXAMPLE, *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    head, _, *lines = done.stdout.splitlines()
    assert head == "20,011 rows of 64 columns in 5 parts: 0.01 GB"
    table = [line.split() for line in lines[:4] if "isn't installed" not in line]
    assert len(table) >= 2
    assert len({tuple(words[-2:]) for words in table}) == 1  # f and the digest
    assert all(float(words[-3]) < 500 for words in table)  # MB
    assert len(list((tmp_path / "data").glob("rows-*.npy"))) == 5
    assert sum(len(np.load(p)) for p in (tmp_path / "data").glob("rows-*.npy")) == 20011
