"""``python -m lbfgsb77 run``: a program as it is, and the processes that it starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """\
import sys
from scipy.optimize import minimize

def work(k):
    result = minimize(lambda x: ((x - k) ** 2).sum(), [0.0, 0.0], method="L-BFGS-B")
    return hasattr(result, "reason")

def main():
    print(__name__, sys.argv, work(1))

if __name__ == "__main__":
    main()
"""


def run(*arguments: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lbfgsb77", "run", *arguments],
        cwd=cwd,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def program(tmp_path: Path) -> Path:
    file = tmp_path / "program.py"
    file.write_text(PROGRAM)
    return file


def test_a_script(program: Path, tmp_path: Path) -> None:
    done = run("program.py", "a", "--b", cwd=tmp_path)
    assert done.stdout == "__main__ ['program.py', 'a', '--b'] True\n"
    assert done.stderr.startswith("lbfgsb77: 1 minimization in the place of SciPy's L-BFGS-B")
    assert done.returncode == 0


def test_a_module(program: Path, tmp_path: Path) -> None:
    done = run("-m", "program", "a", cwd=tmp_path)
    assert done.stdout.startswith("__main__ [")
    assert done.stdout.endswith("'a'] True\n")
    assert done.returncode == 0


@pytest.mark.parametrize("how", ["spawn", "fork", "subprocess"])
def test_processes_that_it_starts(how: str, program: Path, tmp_path: Path) -> None:
    if how == "fork" and not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    body = f"""
    import multiprocessing
    with multiprocessing.get_context("{how}").Pool(2) as pool:
        print(pool.map(work, range(3)))
"""
    if how == "subprocess":
        body = """
    import subprocess
    for k in range(3):
        subprocess.run([sys.executable, "-c", "import program; program.work(1)"], check=True)
    print([True, True, True])
"""
    program.write_text(PROGRAM + body)
    done = run("--log", tmp_path / "log", "program.py", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[True, True, True]", done.stderr
    assert done.stderr.startswith("lbfgsb77: 4 minimizations ")
    assert len([json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]) == 4


def test_joblibs_processes(program: Path, tmp_path: Path) -> None:
    pytest.importorskip("joblib", reason="no joblib")
    program.write_text(
        PROGRAM
        + "    import joblib\n"
        + "    print(joblib.Parallel(2)(joblib.delayed(work)(k) for k in range(3)))\n"
    )
    done = run("program.py", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[True, True, True]", done.stderr
    assert done.stderr.startswith("lbfgsb77: 4 minimizations ")


@pytest.mark.parametrize(
    ("ending", "status"), [("sys.exit(3)", 3), ("sys.exit()", 0), ("raise KeyError('own')", 1)]
)
def test_its_status_is_the_programs(
    ending: str, status: int, program: Path, tmp_path: Path
) -> None:
    program.write_text(f"{PROGRAM}    {ending}\n")
    done = run("program.py", cwd=tmp_path)
    assert done.returncode == status
    assert ("KeyError: 'own'" in done.stderr) == (status == 1)
    assert "lbfgsb77: 1 minimization" in done.stderr


def test_a_program_without_scipy_does_not_import_it(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text("import sys\nprint('scipy' in sys.modules)\n")
    done = run("--quiet", "program.py", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_another_sitecustomize_is_read_too(program: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("print('theirs')\n")
    program.write_text(
        f"{PROGRAM}    import subprocess\n"
        '    subprocess.run([sys.executable, "-c", "import program; print(program.work(1))"])\n'
    )
    done = run("program.py", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    # In any order: who prints first depends on who holds back what is printed.
    assert {"theirs", "True"} <= set(done.stdout.splitlines())


def test_a_missing_program_is_told(tmp_path: Path) -> None:
    done = run("nowhere.py", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "python -m lbfgsb77: error: run: there is no file 'nowhere.py'\n"


def test_pytest_takes_it_as_a_plugin(tmp_path: Path) -> None:
    (tmp_path / "test_one.py").write_text(PROGRAM + "\ndef test_reason():\n    assert work(1)\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "lbfgsb77.in_scipy", "test_one.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 minimization in the place of SciPy's L-BFGS-B" in done.stdout


def test_a_python_that_has_scipy_by_then_switches_at_once() -> None:
    program = """\
import scipy.optimize
from lbfgsb77.in_scipy import _hook

_hook.install({_hook.VARIABLE: "1"})
print("reason" in scipy.optimize.minimize(lambda x: x @ x, [1.0], method="L-BFGS-B"))
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stdout == "True\n", done.stderr
