"""The clients in ports/: each speaks the protocol, and loses no bit on the way."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lbfgsb77.reference import Command, Problem, check, compare, golden, problems, record

PORTS = Path(__file__).resolve().parents[1] / "ports"

# How each is built, where it must be, and run; {port} is what was built.
CLIENTS: dict[str, tuple[list[str], list[str]]] = {
    "r": ([], ["Rscript", "optim.R"]),
    "c": (
        ["cc", "-O2", "-Wall", "-Wextra", "-Werror", "liblbfgsb.c", "-o", "{port}", "-llbfgsb"],
        ["{port}"],
    ),
    "cpp": (
        ["c++", "-O1", "-I/usr/include/eigen3", "lbfgspp.cpp", "-o", "{port}"],
        ["{port}"],
    ),
    "fortran": (
        ["gfortran", "-O2", "-Wall", "-Werror", "setulb.f90", "-o", "{port}", "-llbfgsb"],
        ["{port}"],
    ),
    "javascript": ([], ["node", "port.mjs"]),
    "java": ([], ["java", "Port.java"]),
    "rust": (["rustc", "-O", "-D", "warnings", "port.rs", "-o", "{port}"], ["{port}"]),
    "perl": ([], ["perl", "port.pl"]),
}
STAND_INS = ("javascript", "java", "rust", "perl")

# Without exp and sin, so that every language has the same numbers.
EASY = problems.select(
    ["hs1", "hs2", "hs3", "hs4", "hs38", "wood", "wood-gay", "rosenbrock", "mixed-bounds"]
)


def lacks(name: str) -> str:
    """A program that a client needs and this machine hasn't."""
    for words in CLIENTS[name]:
        if words and "{" not in words[0] and shutil.which(words[0]) is None:
            return words[0]
    if name == "perl" and subprocess.run(["perl", "-MJSON::PP", "-e1"], check=False).returncode:
        return "JSON::PP"  # Debian's smallest Perl comes without
    return ""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    running: dict[str, Command] = {}

    def start(name: str) -> Command:
        if name not in running:
            build, run = CLIENTS[name]
            port = tmp_path_factory.mktemp(name) / "port"
            if lacking := lacks(name):
                pytest.skip(f"{lacking} is not installed")
            fill = [[word.format(port=port) for word in words] for words in (build, run)]
            if build:
                made = subprocess.run(
                    fill[0], cwd=PORTS / name, capture_output=True, text=True, check=False
                )
                if "cannot find -llbfgsb" in made.stderr:
                    pytest.skip("liblbfgsb-dev is not installed")
                if "LBFGSB.h: No such file" in made.stderr or "Eigen/Core: No" in made.stderr:
                    pytest.skip("liblbfgspp-dev is not installed")
                assert made.returncode == 0, made.stderr
            words = [
                str(PORTS / name / word) if (PORTS / name / word).is_file() else word
                for word in fill[1]
            ]
            running[name] = Command(words, timeout=120.0)
        return running[name]

    yield start
    for command in running.values():
        command.close()


def test_each_client_is_short_and_has_its_readme():
    assert {path.name for path in PORTS.iterdir() if path.is_dir()} == set(CLIENTS)
    for name in CLIENTS:
        (source,) = [path for path in (PORTS / name).iterdir() if path.name != "README.md"]
        assert len(source.read_text().splitlines()) < 100
        readme = (PORTS / name / "README.md").read_text()
        assert 4 <= sum(bool(line.strip()) for line in readme.splitlines()) <= 5
        for words in CLIENTS[name]:
            assert not words or words[0] == "{port}" or words[0] in readme


def projected_gradient(func, x0, fprime=None, bounds=None, factr=1e7, pgtol=1e-5, maxls=20,
                       maxiter=15000, callback=None):  # fmt: skip
    """What the stand-ins do, in the same order of operations."""
    pairs = bounds or [(None, None)] * len(x0)

    def clip(x):
        for i, (low, high) in enumerate(pairs):
            if low is not None and x[i] < low:
                x[i] = low
            if high is not None and x[i] > high:
                x[i] = high
        return x

    x = clip(np.array(x0))
    f, g = func(x)
    for _ in range(maxiter):
        if np.max(np.abs(clip(x - g) - x)) <= pgtol:
            return x, f, {"task": "PROJECTED GRADIENT"}
        step = 1.0
        for _ in range(maxls):
            y = clip(x - step * g)
            slope = 0.0
            for i in range(len(x)):
                slope += g[i] * (y[i] - x[i])
            fy, gy = func(y)
            if fy <= f + 1e-4 * slope:
                break
            step /= 2.0
        else:
            return x, f, {"task": "ABNORMAL"}
        before, x, f, g = f, y, fy, gy
        callback(x)
        if before - f <= factr * 2.0**-52 * max(abs(before), abs(f), 1.0):
            return x, f, {"task": "REL REDUCTION"}
    return x, f, {"task": "ITERATION LIMIT"}


@pytest.mark.parametrize("name", STAND_INS)
def test_no_bit_is_lost_between_the_checker_and_a_stand_in(client, name):
    port = client(name)
    for problem in problems.select(portable=True, finite=True):
        here = record(projected_gradient, problem, maxiter=5)
        there = record(port, problem, maxiter=5)
        comparison = compare(here, there)
        assert comparison.level == "bits", f"{problem.name}: {comparison}"
        assert there.outcome.ending == here.outcome.ending


@pytest.mark.parametrize("name", ["c", "fortran"])
def test_the_library_takes_the_originals_steps(client, name):
    # Its BLAS may round otherwise.
    for found in check(client(name), EASY, level="path"):
        assert found.passed, str(found.comparison)
        assert found.comparison.stage is None
        assert found.comparison.candidate.tells_iterations


@pytest.mark.parametrize("name", ["r", "cpp"])
def test_another_implementation_runs_and_finds_what_is_easy(client, name):
    # Both are of another version, or with other constants: the same minimum is what they have.
    two_valleys = ("wood", "wood-gay", "hs38")
    easy = [problem for problem in EASY if problem.name not in two_valleys]
    for found in check(client(name), easy, level="solution"):
        assert found.passed, str(found.comparison)
        assert not found.comparison.candidate.tells_iterations
    assert port_is_named(record(client(name), "hs4"))


def port_is_named(trace) -> bool:
    return trace.provenance["package"].startswith(("R optim 4", "LBFGSpp"))


@pytest.mark.parametrize("name", CLIENTS)
def test_numbers_near_the_ends_of_the_range_go_through(client, name):
    # A start of −0, subnormal numbers and large ones, bounds with and without.
    awkward = Problem(
        name="awkward",
        objective=lambda x: (x[1] * 1e-300 + 5e-324, [0.0, 1e-300, -0.0]),
        starts=((-0.0, 1e300, 5e-324),),
        source="this test",
        lower=(-0.0, -float("inf"), -1.0),
        upper=(float("inf"), float("inf"), 5e-324),
        portable=True,
    )
    trace = record(client(name), awkward, maxiter=2)
    assert trace.outcome.ending != "exception", trace.outcome.message
    assert trace.evaluations[0].x.tobytes() == awkward.start.tobytes()
    assert golden("hs4").outcome.x.tolist() == record(client(name), "hs4").outcome.x.tolist()
