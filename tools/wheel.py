"""Make the wheel in ``dist/`` and prove that it works where there is no compiler.

``make wheel`` runs this file. On Linux auditwheel gives the wheel its manylinux tag and puts in it
whatever library it needs that such systems lack: none, as long as the kernel calls nothing of
gfortran's run-time library.

The proof: a bare Debian (or Ubuntu) of its own in ``build/clean-room``, made by debootstrap, with
Python and pip and no compiler. There the wheel and NumPy's are installed, with no package index;
the packaged runs are repeated to the last bit, and the fits of ``examples/first_fit.py`` made. That
takes root on Debian or Ubuntu; elsewhere a virtual environment stands in for it.

The bare system is the release that runs here, or another one, whose Python the wheel must be for::

    make wheel PYTHON=python3.13 VENV=.venv-3.13 RELEASE=trixie
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build" / "wheel"
DIST = ROOT / "dist"
CLEAN_ROOM = ROOT / "build" / "clean-room"
FIT = ROOT / "examples" / "first_fit.py"

#: Extension modules that are for this repository's tests alone.
FOR_TESTS = ("_lbfgsb_original", "_lbfgsb_system", "_lbfgsb_any", "_kernels")

#: What a machine has only with a compiler.
COMPILERS_FILES = ("libgfortran*", "libquadmath*", "*gfortran*", "f951", "cc", "gcc", "flang*")


def main() -> None:
    """Make the wheel, then install and run it in a clean place."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--release", help="codename of a release of this system's")
    release = parser.parse_args().release
    wheel = portable(built())
    print(f"{wheel.relative_to(ROOT)}: {wheel.stat().st_size:,} bytes")
    check_contents(wheel)
    wheels = with_requirements(wheel)
    obstacle = no_clean_room(release)
    if obstacle:
        print(f"Checking in a virtual environment, not on a bare system: {obstacle}.")
        in_environment(wheels)
    else:
        in_clean_room(wheels, release)


# The wheel ---------------------------------------------------------------------------------------


def built() -> Path:
    """The wheel as it comes from the build."""
    place = fresh(BUILD / "built")
    run(
        [
            *pip("wheel", "--no-build-isolation", "--no-deps", "-w", place),
            f"--config-settings=build-dir={BUILD / sys.implementation.cache_tag}",
            "--config-settings=setup-args=-Dsystem=disabled",
            "--config-settings=setup-args=-Dkernel_tests=false",
            ROOT,
        ]
    )
    return only_wheel(place)


def portable(wheel: Path) -> Path:
    """The wheel for other machines, in ``dist/``."""
    place = fresh(BUILD / "portable")
    if sys.platform == "linux":
        run([sys.executable, "-m", "auditwheel", "repair", "-w", place, wheel], quiet=True)
        wheel = only_wheel(place)
    DIST.mkdir(exist_ok=True)
    return Path(shutil.copy2(wheel, DIST))


def check_contents(wheel: Path) -> None:
    """Refuse what is for the tests alone; say which libraries the wheel brings."""
    with zipfile.ZipFile(wheel) as file:
        binaries = [name for name in file.namelist() if re.search(r"\.(so|dylib|pyd|dll)\b", name)]
    for name in binaries:
        if Path(name).name.startswith(FOR_TESTS):
            raise SystemExit(f"{wheel.name} has {name}, which is for the tests alone")
    bundled = [name for name in binaries if not name.startswith("lbfgsb77/_lbfgsb.")]
    if bundled:
        # Copies of other people's libraries come with their licences.
        raise SystemExit(
            f"{wheel.name} brings {', '.join(bundled)}: add their licences to license-files "
            "in pyproject.toml, then name them here"
        )
    if sys.platform == "linux":
        # Else auditwheel would have put it in.
        print("It brings no library and needs none of the compiler's.")


def with_requirements(wheel: Path) -> Path:
    """A directory with the wheel and with those of what it requires."""
    place = fresh(BUILD / "installable")
    run([*pip("download", "--only-binary=:all:", "-d", place), wheel])
    return place


# The clean room ----------------------------------------------------------------------------------


def no_clean_room(release: str | None) -> str:
    """Why no bare system can be made for this wheel; empty if it can."""
    if not shutil.which("apt-get"):
        return "that takes Debian or Ubuntu"
    if os.geteuid() != 0:
        return "that takes root"
    if release:
        return ""  # whose Python is known once it is there
    # The bare system's Python is the release's own, and must be the one that the wheel is for.
    shown = run(["apt-cache", "show", "--no-all-versions", "python3"], quiet=True)
    version = re.search(r"^Version: (\d+\.\d+)", shown, re.MULTILINE)
    theirs = version[1] if version else "unknown"
    ours = "{}.{}".format(*sys.version_info) + sys.abiflags
    if theirs != ours:
        return f"this release's Python is {theirs}, and the wheel is for {ours}"
    return ""


def in_clean_room(wheels: Path, release: str | None) -> None:
    """Install and run the wheel on the bare system."""
    place = CLEAN_ROOM.with_name(f"clean-room-{release}") if release else CLEAN_ROOM
    if not (place / "made").exists():
        make_clean_room(place, release)
    for pattern in COMPILERS_FILES:
        for found in (place / "usr").rglob(pattern):
            # Python's and Perl's own modules may have such names; programs and libraries not.
            if found.parent.name == "bin" or ".so" in found.name or found.name == "f951":
                raise SystemExit(f"{found} is there: not a clean place. Remove {place}")
    room = fresh(place / "wheel")
    shutil.copytree(wheels, room / "wheels")
    shutil.copy2(FIT, room)
    enter = ("chroot", place, "env", "-i", "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8")
    run([*enter, "python3", "-m", "venv", "/wheel/venv"])
    system = run([*enter, "sh", "-c", '. /etc/os-release; echo "$PRETTY_NAME"'], quiet=True)
    print(f"On a bare {system.strip()} without a compiler:")
    install_and_run([*enter, "/wheel/venv/bin/python"], Path("/wheel/wheels"), Path("/wheel"))


def make_clean_room(place: Path, release: str | None) -> None:
    """Bootstrap the bare system, with Python and pip."""
    ours = platform.freedesktop_os_release()
    codename = release or ours["VERSION_CODENAME"]
    print(f"Bootstrapping a bare {ours['NAME']} {codename} in build/{place.name} (minutes, once)")
    if not shutil.which("debootstrap"):
        print("Installing with apt-get: debootstrap")
        run(["apt-get", "update", "-qq"], quiet=True)
        run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "debootstrap"],
            quiet=True,
        )
    # From where this machine itself installs.
    targets = run(
        [
            "apt-get", "indextargets", "--format", "$(REPO_URI)",
            "Created-By: Packages", f"Suite: {ours['VERSION_CODENAME']}",
        ],
        quiet=True,
    )  # fmt: skip
    components = ["--components=main,universe"] if ours["ID"] == "ubuntu" else []
    shutil.rmtree(place, ignore_errors=True)
    run(
        [
            "debootstrap", "--variant=minbase", *components,
            "--include=python3,python3-pip,python3-venv",
            codename, place, *targets.split()[:1],
        ],
        quiet=True,
    )  # fmt: skip
    (place / "made").touch()


def in_environment(wheels: Path) -> None:
    """Install and run the wheel in a virtual environment."""
    home = fresh(BUILD / "environment")
    venv.create(home, with_pip=True)
    python = home / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install_and_run([python], wheels, FIT.parent)


def install_and_run(python: Sequence[str | Path], wheels: Path, examples: Path) -> None:
    """Install from the wheels alone, repeat the packaged runs, fit."""
    # -I, -P: nothing but what is installed is imported.
    offline = ["--no-index", "--no-cache-dir", f"--find-links={wheels}"]
    run([*python, "-I", "-m", "pip", "install", "-q", *offline, "lbfgsb77"], where=BUILD)
    run([*python, "-I", "-m", "lbfgsb77", "selftest"], where=BUILD)
    run([*python, "-P", examples / FIT.name], where=BUILD)


# Small things ------------------------------------------------------------------------------------


def pip(*words: str | Path) -> list[str | Path]:
    """A command of this Python's pip."""
    command, *rest = words
    return [sys.executable, "-m", "pip", command, "-q", "--disable-pip-version-check", *rest]


def fresh(directory: Path) -> Path:
    """Make a directory, empty."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    return directory


def only_wheel(directory: Path) -> Path:
    """The one wheel of a directory."""
    (wheel,) = directory.glob("*.whl")
    return wheel


def run(command: Sequence[str | Path], quiet: bool = False, where: Path = ROOT) -> str:
    """Run a command, or stop with what it said; if quiet, return what it prints."""
    sys.stdout.flush()
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=where,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.PIPE if quiet else None,
        text=True,
        check=False,
    )
    if done.returncode:
        said = f"{done.stdout or ''}{done.stderr or ''}"
        raise SystemExit(f"{said}Status {done.returncode}: {' '.join(words)}")
    return done.stdout or ""


if __name__ == "__main__":
    main()
