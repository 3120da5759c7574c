"""A run that is killed at a random moment is resumed to the bits of the undisturbed one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "killed" / "runs.py"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that are forked")
def test_killed_runs_end_with_the_bits_of_undisturbed_ones() -> None:
    """Thirty kills; `make test-kill` has two hundred."""
    # One thread: a process that forks should have no other.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, SCRIPT, "--kills", "30", "--seed", "1"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every checkpoint readable" in done.stdout
