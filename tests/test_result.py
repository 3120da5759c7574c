"""OptimizeResult is a dict with attributes, and looks like SciPy's."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from lbfgsb77 import OptimizeResult

# What SciPy 1.14.1's OptimizeResult prints for the same items.
SCIPYS_TEXT = [
    (OptimizeResult(), "OptimizeResult()"),
    (OptimizeResult(x=1, a="s", _private=3), "        x: 1\n        a: s\n _private: 3"),
    (
        OptimizeResult(
            fun=6.409494854920721e-31,
            jac=np.array([1.33226763e-15, -8.88178420e-16]),
            nfev=3,
            njev=3,
            nit=2,
            status=0,
            message="CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL",
            x=np.array([1.0, 1.0]),
            success=True,
        ),
        " message: CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL\n"
        " success: True\n"
        "  status: 0\n"
        "     fun: 6.409494854920721e-31\n"
        "       x: [ 1.000e+00  1.000e+00]\n"
        "     nit: 2\n"
        "     jac: [ 1.332e-15 -8.882e-16]\n"
        "    nfev: 3\n"
        "    njev: 3",
    ),
    (
        OptimizeResult(
            x=np.arange(12.0) / 7,
            nested=OptimizeResult(x=np.eye(2), y=[1, 2], message="abc"),
            zz={"k": 1},
            n=None,
            i=np.float64(0.1),
            many=np.ones(30),
            whole=np.arange(3),
            lines="a\nb",
        ),
        "      x: [ 0.000e+00  1.429e-01  2.857e-01  4.286e-01  5.714e-01  7.143e-01\n"
        "           8.571e-01  1.000e+00  1.143e+00  1.286e+00  1.429e+00  1.571e+00]\n"
        " nested: message: abc\n"
        "               x: [[ 1.000e+00  0.000e+00]\n"
        "                   [ 0.000e+00  1.000e+00]]\n"
        "               y: [1, 2]\n"
        "     zz: k: 1\n"
        "      n: None\n"
        "      i: 0.1\n"
        "   many: [ 1.000e+00  1.000e+00 ...  1.000e+00  1.000e+00]\n"
        "  whole: [0 1 2]\n"
        "  lines: a\n"
        "         b",
    ),
    (
        OptimizeResult(x=np.array([1e100, -1e-200]), jac=np.array([1.0, np.nan, -np.inf])),
        "   x: [ 1.000e+100 -1.000e-200]\n jac: [ 1.000e+00        nan       -inf]",
    ),
]


@pytest.mark.parametrize(("result", "text"), SCIPYS_TEXT)
def test_its_text_is_scipys(result: OptimizeResult, text: str) -> None:
    assert repr(result) == str(result) == text


def test_items_are_attributes_and_the_other_way_round() -> None:
    result = OptimizeResult(x=1)
    assert result.x == result["x"] == 1
    result.y = 2
    assert result["y"] == 2
    del result.x
    assert dict(result) == {"y": 2}
    assert dir(result) == ["y"]


def test_an_item_that_is_not_there_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match=r"^fun$"):
        _ = OptimizeResult(x=1).fun
    assert getattr(OptimizeResult(), "x", None) is None


def test_it_can_be_copied_and_pickled() -> None:
    result = OptimizeResult(x=np.ones(2), fun=1.0)
    for twin in (copy.copy(result), copy.deepcopy(result), pickle.loads(pickle.dumps(result))):
        assert type(twin) is OptimizeResult
        assert twin.fun == 1.0
        np.testing.assert_array_equal(twin.x, result.x)
