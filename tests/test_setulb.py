"""`_lbfgsb.setulb` called with anything ends in an ERROR task or an exception, never a crash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import _lbfgsb
from objectives import chain

REFUSED = (_lbfgsb.__lbfgsb_error, TypeError, ValueError)  # the first is f2py's


class Call:
    """The arguments of a call, at the begin of a run of n variables."""

    def __init__(self, n: int = 4, m: int = 3) -> None:
        self.arguments: dict[str, Any] = {
            "m": m,
            "x": np.full(n, -1.2),
            "l": np.full(n, -1.5),
            "u": np.full(n, 0.9),
            "nbd": np.arange(n, dtype=np.int32) % 4,
            "f": np.array(0.0),
            "g": np.zeros(n),
            "factr": 0.0,
            "pgtol": 0.0,
            "wa": np.zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m),
            "iwa": np.zeros(3 * n, np.int32),
            "task": np.array(b"START", "S60"),
            "iprint": -1,
            "csave": np.array(b"", "S60"),
            "lsave": np.zeros(4, np.int32),
            "isave": np.zeros(44, np.int32),
            "dsave": np.zeros(29),
            "maxls": 20,
        }

    def __getitem__(self, name: str) -> Any:
        return self.arguments[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self.arguments[name] = value

    @property
    def task(self) -> str:
        return str(self["task"].item().decode().strip())

    def step(self) -> None:
        """Call, and evaluate where that is wanted."""
        _lbfgsb.setulb(**self.arguments)
        if self.task.startswith("FG"):
            self["f"][...], self["g"][:] = chain(self["x"])


def part_way(calls: int = 12) -> Call:
    call = Call()
    for _ in range(calls):
        call.step()
    assert call.task[:2] in ("FG", "NE")
    return call


@pytest.mark.parametrize(
    ("place", "number"),
    # isave(27), (28), (38): where the pairs begin, how many there are, how many variables are free.
    [(27, 0), (27, 4), (27, -(2**31)), (28, -1), (28, 4), (38, -1), (38, 5), (38, 2**31 - 1)],
)
def test_numbers_that_are_no_places_are_an_error(place: int, number: int) -> None:
    call = part_way()
    call["isave"][place - 1] = number
    before = call["x"].copy()
    call.step()
    assert call.task == "ERROR: INVALID STATE"
    np.testing.assert_array_equal(call["x"], before)


@pytest.mark.parametrize("side", [8, -1, 2**31 - 1])
def test_a_variable_on_a_side_that_there_is_not_is_an_error(side: int) -> None:
    call = part_way()
    call["iwa"][2] = side
    call.step()
    assert call.task == "ERROR: INVALID STATE"


@pytest.mark.parametrize("task", ["FG_START", "FG_LNSRCH", "NEW_X", "STOP: CPU", "PAIRS", "?"])
def test_a_state_that_was_never_started_is_an_error(task: str) -> None:
    call = Call()
    call["task"][...] = task
    call.step()
    assert call.task == "ERROR: INVALID STATE"


@pytest.mark.parametrize("m", [0, -1])
def test_an_error_is_still_one_in_the_next_call(m: int) -> None:
    call = Call()
    call["m"] = m
    for _ in range(3):
        call.step()
        assert call.task == "ERROR: M .LE. 0"


def test_no_variables_are_refused() -> None:
    with pytest.raises(ValueError, match="size"):
        Call(n=0).step()


def read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("name", ["task", "csave", "f", "x", "g", "wa", "iwa", "isave", "dsave"])
def test_what_cannot_be_written_to_is_refused(name: str) -> None:
    call = Call()
    call[name] = read_only(call[name])
    with pytest.raises(REFUSED, match=r"\S"):
        call.step()
    assert call.task == "START"


@pytest.mark.parametrize("name", ["task", "csave"])
@pytest.mark.parametrize(
    "text",
    [
        np.array(b"START", "S5"),
        np.array(b"START", "S61"),
        np.array("START", "U60"),
        np.array(b"START", "V60"),
        np.array(b"START" * 12, object),
        np.array([b"START", b"START"], "S60"),
        np.array(b"START", "S60").tobytes(),
        "START",
        None,
        3.0,
    ],
)
def test_another_type_of_text_is_refused(name: str, text: Any) -> None:
    call = Call()
    call[name] = text
    with pytest.raises(REFUSED):
        _lbfgsb.setulb(**call.arguments)


@pytest.mark.parametrize("f", [np.array(0), np.array(0.0, "f4"), np.zeros(2), None, "0"])
def test_a_value_that_is_none_or_could_not_be_given_back_is_refused(f: Any) -> None:
    call = Call()
    call["f"] = f
    with pytest.raises(REFUSED):
        call.step()


def test_a_number_is_a_value_too() -> None:
    # As SciPy's own tests call it.
    call, by_number = Call(), Call()
    for _ in range(5):
        by_number["f"] = float(by_number["f"])
        for one in (call, by_number):
            _lbfgsb.setulb(**one.arguments)
        np.testing.assert_array_equal(call["x"], by_number["x"])
        assert call.task == by_number.task
        if call.task.startswith("FG"):
            call["f"][...], call["g"][:] = chain(call["x"])
            by_number["f"], by_number["g"][:] = chain(by_number["x"])


def test_flags_stay_zeros_and_ones() -> None:
    call = part_way()
    assert set(call["lsave"].tolist()) <= {0, 1}


# In a process of its own, because a crash would end it.
GARBAGE = """
import sys
import numpy as np
from test_setulb import Call

random = np.random.RandomState(int(sys.argv[1]))
tasks = [b"START", b"FG_START", b"FG_LNSRCH", b"NEW_X", b"STOP: CPU", b"PAIRS", b"?", b"\\xff\\0"]
searches = [b"START", b"FG", b"ERROR", b"WARN", b"CONV", b""]
names = ["isave", "iwa", "lsave", "nbd", "dsave", "wa", "x", "g", "l", "u", "f"]
numbers = [0, 1, -1, 2, 3, 4, 5, 2**31 - 1, -(2**31)]
reals = [0, 1, -1, np.nan, np.inf, -np.inf, 1e308, -1e308, 5e-324, 1e-300, 1e16]
seen = set()
for _ in range(int(sys.argv[2])):
    call = Call(int(random.choice([1, 4, 9])), int(random.choice([1, 3])))
    for _ in range(random.randint(15)):
        call.step()
    for _ in range(random.randint(1, 6)):
        array = call[random.choice(names)].reshape(-1)
        choices = numbers if array.dtype == np.int32 else reals
        part = random.uniform(size=array.size) < random.choice([0.05, 0.5, 1])
        array[part] = random.choice(choices, part.sum())
    if random.uniform() < 0.3:
        call["csave"][...] = searches[random.randint(len(searches))]
    if random.uniform() < 0.3:
        call["task"][...] = tasks[random.randint(len(tasks))]
    if random.uniform() < 0.1:
        call["maxls"] = int(random.choice(numbers))
    for _ in range(4):
        with np.errstate(all="ignore"):
            call.step()
        seen.add(call["task"].item()[:8])
print(len(seen))
"""


@pytest.mark.parametrize("seed", range(3))
def test_garbage_never_crashes(seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", GARBAGE, str(seed), "500"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    # Errors, evaluations, iterates, both kinds of good ending.
    assert int(done.stdout) >= 5
