"""The choice between this package's kernel and others, and what the build tells of itself."""

import hashlib
import importlib
import re
import threading
from pathlib import Path

import numpy as np
import pytest

from foreign_kernels import FOREIGN, needs, on_each
from lbfgsb77 import LBFGSB, backend, build_info, fmin_l_bfgs_b, minimize
from lbfgsb77._run.backend import _MODULES, _foreign
from objectives import chain, valley


def kernel_of(solver):
    """The name of the kernel that a solver calls."""
    return solver._engine.name


def test_own_kernel_is_the_default():
    assert kernel_of(LBFGSB([1.0])) == "lbfgsb77"
    with backend("lbfgsb77"):
        assert kernel_of(LBFGSB([1.0])) == "lbfgsb77"


def test_unknown_name_is_refused():
    with (
        pytest.raises(ValueError, match="'lbfgsb77', 'original' or 'system' is expected"),
        backend("scipy"),
    ):
        pass


@pytest.mark.parametrize(
    ("name", "what"),
    [("original", "original_sources"), ("system", "apt-get install liblbfgsb-dev")],
)
def test_how_to_get_a_missing_one_is_told(name, what, monkeypatch):
    monkeypatch.setattr("lbfgsb77._build.ORIGINAL", "")
    monkeypatch.setattr("lbfgsb77._build.SYSTEM", False)
    _foreign.cache_clear()
    with pytest.raises(RuntimeError, match=f"this build has no '{name}', .*{what}"), backend(name):
        pass


@on_each
def test_another_runs_inside_the_with_statement_alone(kernel):
    with backend(kernel):
        inside = LBFGSB([1.0])
    assert kernel_of(inside) == kernel
    assert kernel_of(LBFGSB([1.0])) == "lbfgsb77"


@on_each
def test_choice_ends_with_an_exception_and_nests(kernel):
    with pytest.raises(KeyError), backend(kernel):
        raise KeyError
    with backend(kernel):
        with backend("lbfgsb77"):
            assert kernel_of(LBFGSB([1.0])) == "lbfgsb77"
        assert kernel_of(LBFGSB([1.0])) == kernel


@on_each
def test_other_threads_keep_their_own_choice(kernel):
    seen = []
    with backend(kernel):
        thread = threading.Thread(target=lambda: seen.append(kernel_of(LBFGSB([1.0]))))
        thread.start()
        thread.join()
    assert seen == ["lbfgsb77"]


@on_each
@pytest.mark.parametrize("bounds", [None, [(-2, 0.5), (None, 2)]])
def test_another_finds_the_same_minimum_in_as_many_steps(bounds, kernel):
    x, f, info = fmin_l_bfgs_b(valley, [-1.2, 1.0], bounds=bounds, factr=10, pgtol=1e-8)
    with backend(kernel):
        x0, f0, info0 = fmin_l_bfgs_b(valley, [-1.2, 1.0], bounds=bounds, factr=10, pgtol=1e-8)
    # A BLAS may round otherwise; two variables and some 40 steps leave that at far less than the
    # tolerances above.
    np.testing.assert_allclose(x, x0, rtol=1e-6)
    np.testing.assert_allclose(f, f0, rtol=1e-6, atol=1e-12)
    assert abs(info["nit"] - info0["nit"]) <= 2
    assert info["task"].startswith("CONVERGENCE")
    assert info0["task"].startswith("CONVERGENCE")


@on_each
def test_another_gives_the_same_pairs_to_the_inverse_hessian(kernel):
    # A quadratic of small whole numbers, and two steps: little is rounded at all.
    def quadratic(x):
        return float(x @ (np.array([1.0, 2.0, 4.0]) * x) / 2), np.array([1.0, 2.0, 4.0]) * x

    def pairs():
        solver = LBFGSB([4.0, 2.0, 1.0])
        while not solver.done:
            solver.tell(*quadratic(solver.ask()))
        return solver.result.hess_inv

    own = pairs()
    with backend(kernel):
        other = pairs()
    np.testing.assert_allclose(own.todense(), other.todense(), rtol=1e-9)


@on_each
def test_another_refuses_another_number_of_line_search_steps(kernel):
    with backend(kernel):
        fmin_l_bfgs_b(valley, [-1.2, 1.0], maxls=20)
        with pytest.raises(ValueError, match=f"maxls: the {kernel} backend knows only 20, got 30"):
            fmin_l_bfgs_b(valley, [-1.2, 1.0], maxls=30)


@on_each
def test_a_module_of_another_refuses_another_number_of_line_search_steps(kernel):
    module = importlib.import_module(_MODULES[kernel])
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
    module.setulb(**arguments, maxls=20)
    assert task.item().rstrip() == b"FG_START"
    module.setulb(**arguments, maxls=30)
    assert task.item().rstrip() == b"ERROR: MAXLS .NE. 20"


def test_build_info_tells_what_was_built():
    info = build_info()
    assert list(info) == [
        *("version", "compiler", "flags", "backends", "original", "system", "numpy")
    ]
    assert re.fullmatch(r"(gfortran|flang) \d+(\.\d+)+", info["compiler"])
    assert "-ffp-contract=off" in info["flags"]
    assert info["backends"] == ["lbfgsb77", *FOREIGN]
    for name in ("original", "system"):
        assert (info[name] is None) == (name not in FOREIGN)
    assert info["numpy"] == np.__version__


def test_build_info_has_the_version_of_the_package():
    from importlib.metadata import version

    assert build_info()["version"] == version("lbfgsb77")


@needs("original")
def test_build_info_knows_the_release():
    assert build_info()["original"] == {
        "version": "3.0",
        # Of the lbfgsb.f in Debian's source package lbfgsb 3.0+dfsg.4, unpacked and not patched.
        "sha256": "b528f595f6b0969ed7e58339d1be0f09f65bd52a62b449d9d0066c367676bdb9",
    }


@needs("system")
def test_build_info_finds_the_systems_library():
    library = build_info()["system"]
    assert Path(library["file"]).name.startswith("liblbfgsb")
    assert library["sha256"] == hashlib.sha256(Path(library["file"]).read_bytes()).hexdigest()


@needs("original")
@pytest.mark.parametrize("bounds", [None, [(-1.5, 0.9), (0.1, None), (None, None), (0, 2)]])
def test_the_release_gives_the_bits_of_this_package(bounds, capfd):
    results = []
    for name in ("lbfgsb77", "original"):
        points = []

        def counted(x, points=points):
            points.append(x.tobytes())
            return chain(x)

        with backend(name):
            result = minimize(counted, [-1.2, 1.0, 0.5, 1.5], jac=True, bounds=bounds, ftol=0)
        results.append((points, result.x.tobytes(), result.nit, result.message))
    assert results[0] == results[1]
    assert len(results[0][0]) > 20
    # What it prints whatever its iprint says is caught.
    assert capfd.readouterr() == ("", "")


@needs("original")
def test_the_release_prints_nothing_where_a_direction_ascends(capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with backend("original"):
        # No x @ x: how its last bit is rounded, and with it the ending, depends on the processor.
        result = minimize(
            lambda x: (x[0] ** 2 + x[1] ** 2, -2 * x), [1.0, 2.0], jac=True, bounds=[(-3, 3)] * 2
        )
    assert not result.success
    assert capfd.readouterr() == ("", "")
    assert list(tmp_path.iterdir()) == []
