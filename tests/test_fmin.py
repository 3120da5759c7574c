"""fmin_l_bfgs_b keeps to the documented interface."""

from __future__ import annotations

import inspect
import warnings
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import fmin_l_bfgs_b

Vector = np.ndarray


def bowl(x: Vector) -> tuple[float, Vector]:
    return float(((x - 1) ** 2).sum()), 2 * (x - 1)


def test_the_signature_is_the_documented_one() -> None:
    # SciPy 1.15's page of scipy.optimize.fmin_l_bfgs_b, and limits of our own by name alone.
    documented = (
        "(func, x0, fprime=None, args=(), approx_grad=0, bounds=None, m=10, factr=10000000.0, "
        "pgtol=1e-05, epsilon=1e-08, iprint=-1, maxfun=15000, maxiter=15000, disp=None, "
        "callback=None, maxls=20, *, maxtime=None, ftarget=None, xtol=None)"
    )
    signature = inspect.signature(fmin_l_bfgs_b)
    empty = inspect.Parameter.empty
    bare = signature.replace(
        parameters=[p.replace(annotation=empty) for p in signature.parameters.values()],
        return_annotation=empty,
    )
    assert str(bare) == documented
    # The annotations are for people and editors.
    assert all(p.annotation is not empty for p in signature.parameters.values())


def test_it_returns_point_value_and_information() -> None:
    x, f, d = fmin_l_bfgs_b(bowl, [3.0, 4.0])
    assert type(x) is np.ndarray
    assert x.dtype == np.float64
    assert x.flags.owndata
    assert x.flags.writeable
    assert type(f) is float
    assert f == bowl(x)[0]
    np.testing.assert_array_equal(d["grad"], bowl(x)[1])
    assert {name: type(item) for name, item in d.items()} == {
        "grad": np.ndarray,
        "task": str,
        "funcalls": int,
        "nit": int,
        "warnflag": int,
        "reason": str,
    }


@pytest.mark.parametrize(
    ("arguments", "task", "warnflag"),
    [
        ({}, "CONVERGENCE: NORM_OF_PROJECTED_GRADIENT_<=_PGTOL", 0),
        ({"pgtol": 0, "factr": 1e16}, "CONVERGENCE: REL_REDUCTION_OF_F_<=_FACTR*EPSMCH", 0),
        ({"maxiter": 1}, "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT", 1),
        ({"maxfun": 1}, "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT", 1),
    ],
)
def test_task_and_warnflag_tell_what_ended_the_run(
    arguments: dict[str, Any], task: str, warnflag: int
) -> None:
    x, f, d = fmin_l_bfgs_b(bowl, [3.0, 4.0], **arguments)
    assert (d["task"], d["warnflag"]) == (task, warnflag)
    assert f == bowl(x)[0] < bowl(np.array([3.0, 4.0]))[0]


def test_a_gradient_that_points_uphill_ends_abnormally_at_the_start() -> None:
    x, f, d = fmin_l_bfgs_b(lambda x: (bowl(x)[0], -bowl(x)[1]), [3.0, 4.0])
    assert (d["task"], d["warnflag"]) == ("ABNORMAL_TERMINATION_IN_LNSRCH", 2)
    np.testing.assert_array_equal(x, [3.0, 4.0])
    assert f == 13.0
    np.testing.assert_array_equal(d["grad"], [-4.0, -6.0])


def test_both_limits_reached_by_a_converged_run_leave_its_warnflag_0() -> None:
    # warnflag is 0 exactly when the task begins with CONV, whatever the counts.
    _, _, d = fmin_l_bfgs_b(lambda x: (0.0, [0.0]), [1.0], maxfun=0, maxiter=0)
    assert d["task"].startswith("CONV")
    assert (d["funcalls"], d["nit"], d["warnflag"]) == (1, 0, 0)


@pytest.mark.parametrize("arguments", [{"iprint": 0}, {"iprint": 99}, {"disp": 1}, {"disp": False}])
def test_the_printing_options_warn_and_print_nothing(
    arguments: dict[str, Any], capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.warns(DeprecationWarning, match="iprint and disp are deprecated") as caught:
        fmin_l_bfgs_b(bowl, [3.0, 4.0], **arguments)
    assert caught[0].filename == __file__
    assert capfd.readouterr() == ("", "")


def test_their_defaults_do_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fmin_l_bfgs_b(bowl, [3.0, 4.0], iprint=-1, disp=None)


def test_arguments_can_be_given_by_position() -> None:
    _, _, d = fmin_l_bfgs_b(
        lambda x, a: float(((x - a) ** 2).sum()),
        [3.0, 4.0],
        lambda x, a: 2 * (x - a),
        (1.0,),
        0,
        [(2, None), (None, None)],
        5,
        10.0,
        1e-8,
        1e-8,
        -1,
        100,
        100,
        None,
        None,
        10,
    )
    assert d["warnflag"] == 0


def test_no_more_memory_than_there_is_is_asked_for_before_func_is_called() -> None:
    def func(x: Vector) -> float:
        raise AssertionError("func was called")

    # 2·2²⁰·2²⁰ numbers are 16 TiB.
    with pytest.raises(MemoryError, match=r"n = 1048576 variables with m = 1048576 pairs need"):
        fmin_l_bfgs_b(func, np.zeros(2**20), m=2**20)
