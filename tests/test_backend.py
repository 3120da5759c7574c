"""The choice between this package's kernel and the original, and what the build tells of itself."""

import re
import threading

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, backend, build_info, fmin_l_bfgs_b
from objectives import valley

# Where a build is to have the original, tools/prerequisites.sh or the Makefile installs it.
needs_original = pytest.mark.skipif(
    "original" not in build_info()["backends"],
    reason="built without the original: install liblbfgsb-dev (Debian, Ubuntu) and build again",
)
lacks_original = pytest.mark.skipif(
    "original" in build_info()["backends"], reason="this build has the original"
)


def kernel_of(solver):
    """The name of the kernel that a solver calls."""
    return solver._engine.name


def test_own_kernel_is_the_default():
    assert kernel_of(LBFGSB([1.0])) == "lbfgsb77"
    with backend("lbfgsb77"):
        assert kernel_of(LBFGSB([1.0])) == "lbfgsb77"


def test_unknown_name_is_refused():
    with (
        pytest.raises(ValueError, match="'lbfgsb77' or 'original' is expected, got 'scipy'"),
        backend("scipy"),
    ):
        pass


@lacks_original
def test_missing_original_is_told_how_to_get():
    with pytest.raises(RuntimeError, match="apt-get install liblbfgsb-dev"), backend("original"):
        pass


@needs_original
def test_original_runs_inside_the_with_statement_alone():
    with backend("original"):
        inside = LBFGSB([1.0])
    assert kernel_of(inside) == "original"
    assert kernel_of(LBFGSB([1.0])) == "lbfgsb77"


@needs_original
def test_choice_ends_with_an_exception_and_nests():
    with pytest.raises(KeyError), backend("original"):
        raise KeyError
    with backend("original"):
        with backend("lbfgsb77"):
            assert kernel_of(LBFGSB([1.0])) == "lbfgsb77"
        assert kernel_of(LBFGSB([1.0])) == "original"


@needs_original
def test_other_threads_keep_their_own_choice():
    seen = []
    with backend("original"):
        thread = threading.Thread(target=lambda: seen.append(kernel_of(LBFGSB([1.0]))))
        thread.start()
        thread.join()
    assert seen == ["lbfgsb77"]


@needs_original
@pytest.mark.parametrize("bounds", [None, [(-2, 0.5), (None, 2)]])
def test_original_finds_the_same_minimum_in_as_many_steps(bounds):
    x, f, info = fmin_l_bfgs_b(valley, [-1.2, 1.0], bounds=bounds, factr=10, pgtol=1e-8)
    with backend("original"):
        x0, f0, info0 = fmin_l_bfgs_b(valley, [-1.2, 1.0], bounds=bounds, factr=10, pgtol=1e-8)
    # The system's BLAS may round otherwise; two variables and some 40 steps leave that at far
    # less than the tolerances above.
    np.testing.assert_allclose(x, x0, rtol=1e-6)
    np.testing.assert_allclose(f, f0, rtol=1e-6, atol=1e-12)
    assert abs(info["nit"] - info0["nit"]) <= 2
    assert info["task"].startswith("CONVERGENCE")
    assert info0["task"].startswith("CONVERGENCE")


@needs_original
def test_original_gives_the_same_pairs_to_the_inverse_hessian():
    # A quadratic of small whole numbers, and two steps: little is rounded at all.
    def quadratic(x):
        return float(x @ (np.array([1.0, 2.0, 4.0]) * x) / 2), np.array([1.0, 2.0, 4.0]) * x

    def pairs():
        solver = LBFGSB([4.0, 2.0, 1.0])
        while not solver.done:
            solver.tell(*quadratic(solver.ask()))
        return solver.result.hess_inv

    own = pairs()
    with backend("original"):
        original = pairs()
    np.testing.assert_allclose(own.todense(), original.todense(), rtol=1e-9)


@needs_original
def test_original_refuses_another_number_of_line_search_steps():
    with backend("original"):
        fmin_l_bfgs_b(valley, [-1.2, 1.0], maxls=20)
        with pytest.raises(ValueError, match="maxls: the original backend knows only 20, got 30"):
            fmin_l_bfgs_b(valley, [-1.2, 1.0], maxls=30)


@needs_original
def test_original_module_refuses_another_number_of_line_search_steps():
    from lbfgsb77 import _lbfgsb_original

    x, task, csave = np.zeros(1), np.array(b"START", "S60"), np.array(b"", "S60")
    integers = {"isave": np.zeros(44, np.int32), "lsave": np.zeros(4, np.int32)}
    arguments = dict(
        m=1,
        x=x,
        l=x.copy(),
        u=x.copy(),
        nbd=np.zeros(1, np.int32),
        f=np.array(0.0),
        g=x.copy(),
        factr=0.0,
        pgtol=0.0,
        wa=np.zeros(26),
        iwa=np.zeros(3, np.int32),
        task=task,
        iprint=-1,
        csave=csave,
        dsave=np.zeros(29),
        **integers,
    )
    _lbfgsb_original.setulb(**arguments, maxls=20)
    assert task.item().rstrip() == b"FG_START"
    _lbfgsb_original.setulb(**arguments, maxls=30)
    assert task.item().rstrip() == b"ERROR: MAXLS .NE. 20"


def test_build_info_tells_what_was_built():
    info = build_info()
    assert list(info) == ["version", "compiler", "flags", "backends", "numpy"]
    assert re.fullmatch(r"(gfortran|flang) \d+(\.\d+)+", info["compiler"])
    assert "-ffp-contract=off" in info["flags"]
    assert info["backends"][0] == "lbfgsb77"
    assert info["numpy"] == np.__version__


def test_build_info_has_the_version_of_the_package():
    from importlib.metadata import version

    assert build_info()["version"] == version("lbfgsb77")
