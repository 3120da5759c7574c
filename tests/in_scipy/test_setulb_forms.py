"""setulb in both forms: the Fortran's, and SciPy's from 1.15 on, under SciPy's own driver too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy
from scipy.optimize import _lbfgsb_py, minimize

import random_problems
from lbfgsb77 import LBFGSB, setulb, setulb_int, use_in_scipy
from lbfgsb77.in_scipy import _switch

VERSION = tuple(map(int, scipy.__version__.split(".")[:2]))
SETTINGS = ("bounds", "m", "factr", "pgtol", "maxls")


def arrays(case: random_problems.Case) -> dict[str, Any]:
    n, m = case.x0.size, case.arguments.get("m", 10)
    pairs = case.arguments.get("bounds", [(None, None)] * n)
    kinds = {(True, True): 0, (False, True): 1, (False, False): 2, (True, False): 3}
    return {
        "m": m,
        "x": case.x0.copy(),
        "l": np.array([0.0 if low is None else low for low, _ in pairs]),
        "u": np.array([0.0 if high is None else high for _, high in pairs]),
        "nbd": np.array([kinds[low is None, high is None] for low, high in pairs], np.int32),
        "f": np.array(0.0),
        "g": np.zeros(n),
        "factr": case.arguments.get("factr", 1e7),
        "pgtol": case.arguments.get("pgtol", 1e-5),
        "wa": np.zeros(2 * m * n + 5 * n + 11 * m * m + 8 * m),
        "iwa": np.zeros(3 * n, np.int32),
        "lsave": np.zeros(4, np.int32),
        "isave": np.zeros(44, np.int32),
        "dsave": np.zeros(29),
        "maxls": case.arguments.get("maxls", 20),
    }


def by_texts(case: random_problems.Case) -> list[bytes]:
    given = arrays(case)
    task, csave = np.array(b"START", "S60"), np.array(b"", "S60")
    points = []
    for _ in range(400):
        setulb(**given, task=task, csave=csave, iprint=-1)
        if task.item().startswith(b"FG"):
            points.append(given["x"].tobytes())
            given["f"][...], given["g"][:] = case.objective(given["x"].copy())
        elif not task.item().startswith(b"NEW_X"):
            break
    return [*points, given["x"].tobytes(), task.item().split(b":")[0][:4]]


def by_numbers(case: random_problems.Case, by_value: bool) -> list[bytes]:
    given = arrays(case)
    task, ln_task = np.zeros(2, np.int32), np.zeros(2, np.int32)
    points = []
    for _ in range(400):
        setulb_int(**given, task=task, ln_task=ln_task)
        if task[0] == 3:
            points.append(given["x"].tobytes())
            f, given["g"][:] = case.objective(given["x"].copy())
            if by_value:
                given["f"] = f
            else:
                given["f"][...] = f
        elif task[0] != 1:
            break
    words = {4: b"CONV", 8: b"ABNO", 1: b"NEW_", 3: b"FG_L"}
    return [*points, given["x"].tobytes(), words[int(task[0])]]


@pytest.mark.parametrize("seed", range(60))
def test_both_forms_ask_for_the_same_points(seed: int) -> None:
    case = random_problems.case(seed)
    texts = by_texts(case)
    assert texts == by_numbers(case, by_value=False) == by_numbers(case, by_value=True)
    solver = LBFGSB(
        case.x0,
        maxiter=None,
        maxfun=None,
        **{
            k: v
            for k, v in case.arguments.items()
            if k in ("bounds", "m", "factr", "pgtol", "maxls")
        },
    )
    # The kernel asks again for a point that it was told about last; LBFGSB doesn't.
    points = [point for k, point in enumerate(texts[:-2]) if k == 0 or point != texts[k - 1]]
    asked = []
    while not solver.done and len(asked) < len(points):
        x = solver.ask()
        asked.append(x.tobytes())
        solver.tell(*case.objective(x))
    assert asked == points[: len(asked)]
    assert len(asked) > 1


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_scipys_own_driver_runs_on_it(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_problems.case(seed)
    arguments = {
        "jac": True,
        "bounds": case.arguments.get("bounds"),
        "method": "L-BFGS-B",
        "options": {"maxcor": case.arguments.get("m", 10), "maxiter": 30},
    }
    # SciPy's driver on this kernel, which is not the switch: that doesn't use it.
    monkeypatch.setattr(_lbfgsb_py, "_lbfgsb", _switch._kernel(VERSION))
    theirs = minimize(case.objective, case.x0, **arguments)
    monkeypatch.undo()
    with use_in_scipy():
        ours = minimize(case.objective, case.x0, **arguments)
    np.testing.assert_array_equal(theirs.x, ours.x)
    for name in ("nit", "nfev", "message", "status"):
        assert theirs[name] == ours[name], name


def test_under_the_switch_scipys_module_is_this_one() -> None:
    from scipy.optimize import _lbfgsb as before

    with use_in_scipy():
        from scipy.optimize import _lbfgsb as inside

        expected = setulb if VERSION < (1, 15) else setulb_int
        assert inside.setulb is expected
    from scipy.optimize import _lbfgsb as after

    assert after is before


@pytest.mark.parametrize(
    ("name", "value", "kind", "sentence"),
    [
        ("x", [1.0, 2.0], TypeError, "x: an array of float64 is expected, got [1.0, 2.0]"),
        ("x", np.ones(0), ValueError, "x: at least 1 items are expected, got 0"),
        ("g", np.ones(5), ValueError, "g: 2 items are expected, got 5"),
        ("nbd", np.ones(3, np.int64), ValueError, "nbd: 2 numbers are expected, got shape (3,)"),
        ("l", ["a", "b"], ValueError, "l: real numbers are expected, got ['a', 'b']"),
        ("isave", np.zeros(43, np.int32), ValueError, "isave: 44 items are expected, got 43"),
        ("wa", np.zeros(10), ValueError, "wa: at least "),
        ("x", np.ones((2, 1)), ValueError, "x: a contiguous, writable array of one dimension"),
        ("m", 1.5, TypeError, "m: an integer is expected, got 1.5"),
        ("factr", "low", TypeError, "factr: a real number is expected, got 'low'"),
        ("task", np.array(b"START", "S5"), TypeError, "task: a writable array of one item, "),
        ("task", "START", TypeError, "task: a writable array of one item, dtype S60"),
        ("f", "1", TypeError, "f: a real number or an array of one is expected, got '1'"),
        ("f", np.zeros(2), TypeError, "f: a real number or an array of one is expected, got "),
        ("f", np.array(1j), TypeError, "f: a real number or an array of one is expected, got an a"),
        ("f", None, TypeError, "f: a real number or an array of one is expected, got None"),
    ],
)  # fmt: skip
def test_bad_arguments_get_a_sentence(name: str, value: Any, kind: Any, sentence: str) -> None:
    case = random_problems.case(0)
    given = arrays(case._replace(x0=np.ones(2), arguments={}))
    given |= {"task": np.array(b"START", "S60"), "csave": np.array(b"", "S60"), "iprint": -1}
    given[name] = value
    with pytest.raises(kind) as raised:
        setulb(**given)
    assert str(raised.value).startswith(sentence)


@pytest.mark.parametrize("numbers", [False, True])
@pytest.mark.parametrize(
    "f", [2, np.array(2), np.array([2], np.int32), np.array(2, np.float32), np.float32(2)]
)
def test_a_value_is_taken_from_a_number_of_any_type(f: Any, numbers: bool) -> None:
    # BoTorch begins with an array of an integer.
    states = []
    for value in (np.array(2.0), f):
        given = arrays(random_problems.case(3))
        given |= (
            {"task": np.zeros(2, np.int32), "ln_task": np.zeros(2, np.int32)}
            if numbers
            else {"task": np.array(b"START", "S60"), "csave": np.array(b"", "S60"), "iprint": -1}
        )
        for _ in range(2):
            given["f"] = value
            (setulb_int if numbers else setulb)(**given)
        states.append(np.concatenate([given["x"], given["dsave"], given["isave"]]))
        assert value == 2
    np.testing.assert_array_equal(*states)


def test_a_value_is_given_back_where_it_can_be_held() -> None:
    for value in (np.array(np.nan), np.array([np.nan], np.float32)):
        given = arrays(random_problems.case(3)) | {"f": value}
        given |= {"task": np.array(b"START", "S60"), "csave": np.array(b"", "S60"), "iprint": -1}
        setulb(**given)
        given["g"][...], value[...] = 1, 3  # the start
        setulb(**given)
        given["g"][...], value[...] = 1, 8  # a trial
        given["task"][...] = b"STOP: CPU"  # puts the start back
        setulb(**given)
        assert value == 3


def test_the_form_of_numbers_has_its_own_arrays() -> None:
    given = arrays(random_problems.case(0))
    numbers = np.zeros(2, np.int32)
    with pytest.raises(ValueError, match=r"^task: 2 items are expected, got 3"):
        setulb_int(**given, task=np.zeros(3, np.int32), ln_task=numbers)
    with pytest.raises(
        TypeError, match=r"^f: a real number or an array of one is expected, got 'x'"
    ):
        setulb_int(**{**given, "f": "x"}, task=numbers, ln_task=numbers.copy())
    setulb_int(**{**given, "m": 0}, task=numbers, ln_task=numbers.copy())
    assert numbers.tolist() == [7, 711]
