"""A limit of a control group counts as the machine's memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lbfgsb77._run import cgroup

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")
MIB = 2**20


def room(tmp_path: Path, lines: str, files: dict[str, str], swap: int = 0) -> int | None:
    """The room of a process in groups that these files describe."""
    process = tmp_path / "process"
    process.write_text(lines)
    mount = tmp_path / "mount"
    for name, text in files.items():
        file = mount / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return cgroup.room(swap, process, mount)


def test_version_2_takes_off_what_is_used_but_for_cached_files(tmp_path: Path) -> None:
    files = {
        "job/memory.max": f"{500 * MIB}\n",
        "job/memory.current": f"{200 * MIB}\n",
        "job/memory.stat": f"anon {100 * MIB}\ninactive_file {60 * MIB}\n",
    }
    assert room(tmp_path, "0::/job\n", files) == 360 * MIB


def test_version_1_has_other_names(tmp_path: Path) -> None:
    files = {
        "memory/job/memory.limit_in_bytes": f"{500 * MIB}\n",
        "memory/job/memory.usage_in_bytes": f"{200 * MIB}\n",
        "memory/job/memory.stat": f"inactive_file 5\ntotal_inactive_file {60 * MIB}\n",
    }
    lines = "5:cpu,cpuacct:/other\n4:memory:/job\n0::/elsewhere\n"
    assert room(tmp_path, lines, files) == 360 * MIB


def test_the_tightest_of_a_group_and_those_above_it_counts(tmp_path: Path) -> None:
    files = {
        "memory.max": f"{900 * MIB}",
        "memory.current": f"{800 * MIB}",
        "a/memory.max": "max",
        "a/memory.current": f"{800 * MIB}",
        "a/b/memory.max": f"{500 * MIB}",
        "a/b/memory.current": f"{100 * MIB}",
    }
    assert room(tmp_path, "0::/a/b", files) == 100 * MIB


def test_in_a_container_the_group_is_the_tree_itself(tmp_path: Path) -> None:
    files = {"memory/memory.limit_in_bytes": "1000", "memory/memory.usage_in_bytes": "300"}
    assert room(tmp_path, "4:memory:/docker/0123abc", files) == 700


def test_swap_that_the_group_may_take_counts(tmp_path: Path) -> None:
    second = {
        "memory.max": "1000",
        "memory.current": "300",
        "memory.swap.max": "250",
        "memory.swap.current": "50",
    }
    assert room(tmp_path, "0::/", second, swap=400) == 700 + 200
    first = {
        "memory/memory.limit_in_bytes": "1000",
        "memory/memory.usage_in_bytes": "300",
        "memory/memory.memsw.limit_in_bytes": "1100",
        "memory/memory.memsw.usage_in_bytes": "310",
    }
    assert room(tmp_path, "4:memory:/", first, swap=400) == 1100 - 310
    assert room(tmp_path, "0::/", second | {"memory.swap.max": "max"}, swap=400) == 700 + 400


@pytest.mark.parametrize("lines", ["", "0::/\n", "4:memory:/gone\n", "what is this?"])
def test_without_a_limit_there_is_none(tmp_path: Path, lines: str) -> None:
    assert room(tmp_path, lines, {"memory.max": "max", "memory.current": "5"}) is None


def test_a_group_that_is_over_its_limit_has_no_room(tmp_path: Path) -> None:
    assert room(tmp_path, "0::/", {"memory.max": "10", "memory.current": "50"}) == 0


@pytest.fixture
def limited_group() -> Iterator[Path]:
    """A real group with a limit of 500 MB, where this process may make one."""
    for root, limit in (
        (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
        (Path("/sys/fs/cgroup"), "memory.max"),
    ):
        group = root / f"lbfgsb77-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(500_000_000))
        except OSError:
            group.rmdir()
            continue
        yield group
        group.rmdir()
        return
    pytest.skip("no control group can be made here")


def test_what_does_not_fit_into_a_real_group_is_refused_and_not_killed(limited_group: Path) -> None:
    # 3e6 variables with m = 10 need 34 vectors of them, 0.8 GB.
    script = (
        "import os\n"
        f"open({str(limited_group / 'cgroup.procs')!r}, 'w').write(str(os.getpid()))\n"
        "import numpy, lbfgsb77\n"
        "try:\n"
        "    lbfgsb77.LBFGSB(numpy.zeros(3 * 10**6))\n"
        "except MemoryError as error:\n"
        "    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done
    assert done.stdout.startswith("n = 3000000 variables with m = 10 pairs need 0.7 GiB, 0.")
