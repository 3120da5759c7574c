"""Arguments that people get wrong, and worse ones; `make fuzz` makes 20,000 such calls."""

from __future__ import annotations

from pathlib import Path

import pytest

import fuzz


@pytest.mark.parametrize("part", range(5))
def test_a_call_ends_in_a_result_or_in_a_sentence(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # some of what they are given is the name of a file to write
    for number in range(200 * part, 200 * (part + 1)):
        what, error = fuzz.run(0, number)
        assert not what, f"python tests/fuzz.py --only {number}: {what}: {error!r}"


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (AttributeError("m: no such thing"), "another exception"),
        (ValueError("m: must be positive, got 0"), ""),
        (ValueError("bounds[1]: lower 1 is above upper 0"), ""),
        (ValueError("something went wrong"), "no sentence"),
        (TypeError("unhashable type"), "no sentence"),
    ],
)
def test_what_counts_as_a_sentence(error: Exception, what: str) -> None:
    assert fuzz.problem(error) == what
