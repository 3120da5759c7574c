"""Bounds in every spelling become the same box; what isn't a box gets a sentence."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import OptimizeWarning, fmin_l_bfgs_b
from lbfgsb77._problem import bounds as _bounds

INF = np.inf
SAME_BOX = {
    "pairs with None": [(0, 5), (None, 2.5), (1, None), (None, None)],
    "pairs with infinities": [(0, 5), (-INF, 2.5), (1, INF), (-INF, INF)],
    "lists": [[0.0, 5.0], [None, 2.5], [1.0, INF], [-INF, None]],
    "a tuple of arrays": tuple(map(np.array, [(0, 5), (-INF, 2.5), (1, INF), (-INF, INF)])),
    "an array": np.array([[0, 5], [-INF, 2.5], [1, INF], [-INF, INF]]),
    "an array of objects": np.array([[0, 5], [None, 2.5], [1, None], [None, None]], object),
    "lb and ub": SimpleNamespace(lb=[0, -INF, 1, -INF], ub=np.array([5, 2.5, INF, INF])),
    "lb and ub with None": SimpleNamespace(lb=[0, None, 1, None], ub=[5, 2.5, None, None]),
}


@pytest.mark.parametrize("bounds", SAME_BOX.values(), ids=SAME_BOX)
def test_all_spellings_give_the_same_box(bounds: Any) -> None:
    box = _bounds.read(bounds, 4)
    assert box is not None
    lower, upper = box
    np.testing.assert_array_equal(lower, [0, -INF, 1, -INF])
    np.testing.assert_array_equal(upper, [5, 2.5, INF, INF])
    # The codes of the kernel's contract: 2 both, 3 upper, 1 lower, 0 none.
    np.testing.assert_array_equal(_bounds.types(lower, upper), [2, 3, 1, 0])


def test_scalars_of_an_object_with_lb_and_ub_hold_for_every_variable() -> None:
    box = _bounds.read(SimpleNamespace(lb=-1, ub=None), 3)
    assert box is not None
    np.testing.assert_array_equal(box, [[-1, -1, -1], [INF, INF, INF]])


def test_none_is_no_bounds_at_all() -> None:
    assert _bounds.read(None, 3) is None


def test_equal_bounds_are_a_fixed_variable() -> None:
    box = _bounds.read([(0, 1), (2, 2)], 2)
    assert box is not None
    np.testing.assert_array_equal(box, [[0, 2], [1, 2]])


def test_reading_bounds_does_not_change_them() -> None:
    array = np.array([[0.0, 1.0], [-INF, INF]])
    objects = [[0, None], [None, 1]]
    _bounds.read(array, 2)
    _bounds.read(objects, 2)
    np.testing.assert_array_equal(array, [[0, 1], [-INF, INF]])
    assert objects == [[0, None], [None, 1]]


# The exceptions' types are those that SciPy 1.14.1 raises for the same bounds, where it raises.
@pytest.mark.parametrize(
    ("bounds", "kind", "sentence"),
    [
        ([(0, 1)], ValueError, "bounds: 2 pairs are expected, one for each variable, got 1"),
        ([], ValueError, "bounds: 2 pairs are expected, one for each variable, got 0"),
        (
            np.zeros((3, 2)),
            ValueError,
            "bounds: 2 pairs are expected, one for each variable, got 3",
        ),
        ([(0, 1), (2, 1)], ValueError, "bounds[1]: lower 2.0 exceeds upper 1.0"),
        (
            [(0, 1), (np.nan, 1)],
            ValueError,
            "bounds[1]: lower is nan, a number or None is expected",
        ),
        (
            [(0, np.nan), (0, 1)],
            ValueError,
            "bounds[0]: upper is nan, a number or None is expected",
        ),
        ([(np.nan, None), (0, 1)], ValueError, "bounds[0]: lower is nan"),
        ([(INF, None), (0, 1)], ValueError, "bounds[0]: no number lies between lower inf and"),
        ([(0, 1), (None, -INF)], ValueError, "bounds[1]: no number lies between lower -inf and"),
        (
            [(0, 1), (0, 1, 2)],
            ValueError,
            "bounds[1]: a pair (lower, upper) is expected, got (0, 1, 2)",
        ),
        ([(0, 1), (0,)], ValueError, "bounds[1]: a pair (lower, upper) is expected, got (0,)"),
        ([(0, 1, 2), (0, 1, 2)], ValueError, "bounds[0]: a pair (lower, upper) is expected"),
        ([None, (0, 1)], TypeError, "bounds[0]: a pair (lower, upper) is expected, got None"),
        ([0, 1], TypeError, "bounds[0]: a pair (lower, upper) is expected, got 0"),
        ([(0, 1), ("a", 1)], ValueError, "bounds[1]: lower 'a' is not a real number"),
        ([(0, 1j), (0, 1)], TypeError, "bounds[0]: upper 1j is not a real number"),
        ("ab", ValueError, "bounds[0]: a pair (lower, upper) is expected, got 'a'"),
        (3, TypeError, "bounds: a sequence of 2 pairs (lower, upper) is expected, got 3"),
        (iter([]), ValueError, "bounds: 2 pairs are expected, one for each variable, got 0"),
        ([(0, 1), (0, 10**400)], ValueError, "bounds[1]: upper 100000"),
        (SimpleNamespace(lb=0, ub=10**400), ValueError, "bounds.ub: numbers of at most 308 digits"),
        (SimpleNamespace(lb=[0, 0, 0], ub=1), ValueError, "bounds.lb: one number or 2 of them"),
        (SimpleNamespace(lb=0, ub="a"), ValueError, "bounds.ub: real numbers are expected"),
        (SimpleNamespace(lb=2, ub=[3, 1]), ValueError, "bounds[1]: lower 2.0 exceeds upper 1.0"),
    ],
)
def test_what_is_no_box_gets_a_sentence_before_func_is_called(
    bounds: Any, kind: type[Exception], sentence: str
) -> None:
    def func(x: np.ndarray) -> float:
        raise AssertionError("func was called")

    with pytest.raises(kind, match="^" + re.escape(sentence)):
        fmin_l_bfgs_b(func, [0.5, 0.5], bounds=bounds)


def read_as(bounds: Any) -> list[tuple[float, float]]:
    box = _bounds.read(bounds, 2)
    assert box is not None
    return list(zip(*(side.tolist() for side in box), strict=True))


@pytest.mark.parametrize(
    "bounds",
    [
        zip([0, 1], [2, 3], strict=True),
        map(tuple, ([0, 2], [1, 3])),
        {"a": (0, 2), "b": (1, 3)}.values(),
        (pair for pair in ((0, 2), (1, 3))),
    ],
    ids=["zip", "map", "values of a dict", "generator"],
)
def test_any_iterable_of_pairs_is_taken(bounds: Any) -> None:
    assert read_as(bounds) == [(0.0, 2.0), (1.0, 3.0)]


def test_two_arrays_are_two_pairs_and_a_warning_says_that_they_may_be_meant_otherwise() -> None:
    lower, upper = np.array([0.0, 1.0]), np.array([2.0, 3.0])
    with pytest.warns(OptimizeWarning, match="^bounds: two arrays are taken as .*column_stack"):
        assert read_as((lower, upper)) == [(0.0, 1.0), (2.0, 3.0)]
    with pytest.warns(OptimizeWarning) as record:
        fmin_l_bfgs_b(lambda x: (float(x @ x), 2 * x), [1.0, 3.0], bounds=(lower, upper))
    assert record[0].filename == __file__


def test_a_lower_and_an_upper_array_for_more_variables_get_a_hint() -> None:
    with pytest.raises(ValueError, match=r"^bounds: 3 pairs are .* got 2; lower and upper arrays"):
        _bounds.read((np.zeros(3), np.ones(3)), 3)
