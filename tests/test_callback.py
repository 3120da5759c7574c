"""Callbacks: called after each iteration, with copies, and able to stop the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, OptimizeResult, backend, build_info, fmin_l_bfgs_b

Vector = np.ndarray


def wells(x: Vector) -> tuple[float, Vector]:
    return float(((x**2 - 1) ** 2).sum()), 4 * x * (x**2 - 1)


START = [3.0, 4.0]
BOUNDS = [(None, 10), (1.5, None)]


def run(callback: Any, **arguments: Any) -> Any:
    return fmin_l_bfgs_b(wells, START, bounds=BOUNDS, callback=callback, **arguments)


def test_it_gets_each_iterate_and_the_last_is_the_result() -> None:
    iterates: list[Vector] = []
    x, f, d = run(iterates.append)
    assert len(iterates) == d["nit"]
    np.testing.assert_array_equal(iterates[-1], x)
    values = [wells(iterate)[0] for iterate in iterates]
    assert values == sorted(values, reverse=True)
    assert values[-1] == f


def test_a_parameter_named_intermediate_result_gets_a_result() -> None:
    results: list[OptimizeResult] = []

    def callback(intermediate_result: OptimizeResult) -> None:
        results.append(intermediate_result)

    x, _, d = run(callback)
    assert [result.nit for result in results] == list(range(1, d["nit"] + 1))
    assert all(wells(result.x)[0] == result.fun for result in results)
    assert all((wells(result.x)[1] == result.jac).all() for result in results)
    np.testing.assert_array_equal(results[-1].x, x)


def test_callable_objects_methods_and_keyword_only_parameters_are_recognized() -> None:
    seen: list[Any] = []

    class Callback:
        def __call__(self, intermediate_result: OptimizeResult) -> None:
            seen.append(intermediate_result.fun)

        def method(self, xk: Vector) -> None:
            seen.append(xk)

    def keyword_only(*, intermediate_result: OptimizeResult) -> None:
        seen.append(intermediate_result.fun)

    for callback, kind in ((Callback(), float), (Callback().method, Vector), (keyword_only, float)):
        seen.clear()
        run(callback)
        assert seen
        assert all(isinstance(item, kind) for item in seen)


def test_the_name_counts_only_as_the_only_parameter() -> None:
    # As in SciPy 1.14.1.
    seen: list[Any] = []

    def callback(xk: Vector, intermediate_result: Any = None) -> None:
        seen.append((type(xk), intermediate_result))

    run(callback)
    assert set(seen) == {(np.ndarray, None)}


@pytest.mark.parametrize("form", ["xk", "intermediate_result"])
def test_changing_what_it_got_changes_nothing(form: str) -> None:
    def spoil_point(xk: Vector) -> None:
        xk[:] = np.nan

    def spoil_result(intermediate_result: OptimizeResult) -> None:
        intermediate_result.x[:] = np.nan
        intermediate_result.jac[:] = np.nan
        intermediate_result.fun = np.nan
        intermediate_result.clear()

    spoilt = run(spoil_point if form == "xk" else spoil_result)
    clean = run(None)
    np.testing.assert_array_equal(spoilt[0], clean[0])
    assert spoilt[1] == clean[1]
    assert {**spoilt[2], "grad": 0} == {**clean[2], "grad": 0}


def test_stop_iteration_ends_the_run_at_that_iterate() -> None:
    iterates: list[Vector] = []

    def callback(xk: Vector) -> None:
        iterates.append(xk)
        if len(iterates) == 3:
            raise StopIteration

    x, f, d = run(callback)
    np.testing.assert_array_equal(x, iterates[-1])
    assert f == wells(x)[0]
    # As SciPy 1.14.1 ends it.
    assert (d["task"], d["warnflag"], d["nit"]) == ("STOP: CALLBACK REQUESTED HALT", 2, 3)


def test_a_limit_goes_before_the_callbacks_halt() -> None:
    def callback(xk: Vector) -> None:
        raise StopIteration

    # As in SciPy 1.14.1.
    _, _, d = run(callback, maxiter=1)
    assert d["task"] == "STOP: TOTAL NO. of ITERATIONS REACHED LIMIT"
    _, _, d = run(callback, maxfun=1)
    assert d["task"] == "STOP: TOTAL NO. of f AND g EVALUATIONS EXCEEDS LIMIT"


def test_what_it_returns_does_not_matter() -> None:
    _, _, d = run(lambda xk: True)
    assert d["warnflag"] == 0


def test_a_builtin_that_does_not_tell_its_parameters_gets_the_point() -> None:
    _, _, d = run(max)  # the largest component of x
    assert d["warnflag"] == 0


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, StopAsyncIteration])
def test_every_other_exception_passes_through(kind: type[BaseException]) -> None:
    raised = kind("from the callback")

    def callback(xk: Vector) -> None:
        raise raised

    with pytest.raises(kind) as caught:
        run(callback)
    assert caught.value is raised


def test_of_a_list_all_are_called_in_order_each_in_its_own_way() -> None:
    called: list[tuple[str, Any]] = []

    def with_result(intermediate_result: OptimizeResult) -> None:
        called.append(("result", intermediate_result.x.tolist()))

    alone: list[Any] = []
    run(lambda xk: alone.append(xk.tolist()))
    run([lambda xk: called.append(("point", xk.tolist())), with_result])
    assert called == [(name, x) for x in alone for name in ("point", "result")]


def test_where_one_of_a_list_stops_the_run_the_others_are_still_called() -> None:
    def stop(xk: Vector) -> None:
        raise StopIteration

    before: list[Any] = []
    after: list[Any] = []
    _, _, d = run((before.append, stop, after.append))
    assert d["nit"] == len(before) == len(after) == 1
    assert d["task"] == "STOP: CALLBACK REQUESTED HALT"


def test_an_empty_list_is_none() -> None:
    np.testing.assert_array_equal(run([])[0], run(None)[0])


def test_what_is_no_callable_in_a_list_is_named() -> None:
    with pytest.raises(TypeError, match=r"^callback\[1\]: a callable is expected, got 3$"):
        run([print, 3])


def test_without_one_iterates_are_passed_by_and_the_run_is_the_same() -> None:
    for arguments in ({}, {"m": 2}, {"maxiter": 3}, {"maxfun": 4}, {"ftarget": 1.0}, {"xtol": 0.1}):
        seen: list[Vector] = []
        x, f, d = run(seen.append, **arguments)
        alone_x, alone_f, alone = run(None, **arguments)
        assert alone_x.tobytes() == x.tobytes()
        assert alone_f == f
        assert {**alone, "grad": 0} == {**d, "grad": 0}
        assert alone["grad"].tobytes() == d["grad"].tobytes()
        assert len(seen) == d["nit"]


@pytest.mark.parametrize("kernel", build_info()["backends"])
def test_a_kernel_that_passes_iterates_by_stops_at_points_alone(kernel: str) -> None:
    def tasks(*, skip: bool) -> tuple[list[str], int]:
        with backend(kernel):
            solver = LBFGSB(START, bounds=BOUNDS)
        if skip:
            solver._skip_iterates()
        seen = []
        while not solver.done:
            seen.append(solver.task)
            solver.tell(*wells(solver.ask()))
            seen.append(solver.task)
        return seen, solver.nit

    seen, nit = tasks(skip=False)
    assert seen.count("NEW_X") == nit > 3
    passed, same = tasks(skip=True)
    assert same == nit
    assert passed.count("NEW_X") == 0
    assert passed[-1].startswith("CONVERGENCE")
    assert len(passed) == len(seen)  # the same evaluations
