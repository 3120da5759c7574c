"""Build the program of this directory in many ways and compare what it prints with the golden file.

    python tests/portable/check.py                 every way whose tools are here
    python tests/portable/check.py --install       ... install missing tools first (Debian, root)
    python tests/portable/check.py "gfortran -O3"  these ways alone
    python tests/portable/check.py --native        without the emulated processors and valgrind
    python tests/portable/check.py --write-golden  the golden file anew, by the release itself

The golden file is what the original L-BFGS-B 3.0 prints, twice: the same program linked with its
authors' release, whose trial points the program puts on the bounds that they passed (way
"release"), and with Debian's liblbfgsb, which does so itself, and the plain BLAS of ../original
(way "system").

The closing line is `N passed, N failed, N skipped`; the status is 1 if anything failed, or if
--require was given and anything was skipped.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
sys.path.append(str(HERE.parent / "original"))
from libraries import (  # noqa: E402
    KERNEL,
    MissingError,
    release_sources,
    small,
    sources_with_lanes,
)

GOLDEN = HERE / "returns.golden"
PROGRAM = [HERE / "returns.f", HERE / "objective.f"]
STRICT = ["-ffp-contract=off"]
# Debian's versions, and what others call it.
FLANGS = ("flang-new-19", "flang-19", "flang-22", "flang-new-22", "flang-new", "flang")


@dataclass(frozen=True)
class Way:
    """One way to build and run the program."""

    name: str
    compiler: str
    flags: tuple[str, ...]
    packages: tuple[str, ...]
    run: tuple[str, ...] = ()  # the emulator or checker and its options
    argument: str = ""
    slow: bool = False
    original: str = ""
    entry: str = "one_call"  # how the program calls the kernel


def _cross(processor: str, triplet: str, package: str, entry: str = "one_call") -> Way:
    return Way(
        f"{processor}, lanes" if entry == "one_call_in_lanes" else processor,
        f"{triplet}-gfortran",
        ("-O3",),
        (f"gfortran-{package}", "qemu-user"),
        (f"qemu-{processor}", "-L", f"/usr/{triplet}"),
        slow=True,
        entry=entry,
    )


WAYS = (
    Way("release", "gfortran", ("-O2", "-w", "-std=legacy"), ("gfortran",), original="release"),
    Way("system", "gfortran", ("-O2",), ("gfortran", "liblbfgsb-dev"), original="system"),
    Way("gfortran -O0", "gfortran", ("-O0",), ("gfortran",)),
    Way("gfortran -O2", "gfortran", ("-O2",), ("gfortran",)),
    Way("gfortran -O3", "gfortran", ("-O3",), ("gfortran",)),
    Way("gfortran -O3 -march=native", "gfortran", ("-O3", "-march=native"), ("gfortran",)),
    # This has fused multiply-add, which must stay unused.
    Way("gfortran -O3 -march=x86-64-v3", "gfortran", ("-O3", "-march=x86-64-v3"), ("gfortran",)),
    Way("flang -O0", "flang", ("-O0",), ("flang-19",)),
    Way("flang -O3", "flang", ("-O3",), ("flang-19",)),
    Way("flang -O3 -march=x86-64-v3", "flang", ("-O3", "-march=x86-64-v3"), ("flang-19",)),
    Way(
        "checks and traps",
        "gfortran",
        ("-O1", "-g", "-fcheck=all", "-ffpe-trap=invalid,zero,overflow"),
        ("gfortran",),
        argument="finite",
    ),
    # Threads that share an iteration, and a sanitizer that sees what one writes and another reads.
    Way(
        "threads",
        "gfortran",
        ("-O1", "-g", "-fsanitize=thread", "-DHAS_THREADS", "-pthread"),
        ("gfortran", "util-linux"),
        ("setarch", "-R"),  # the sanitizer wants addresses where they always are
        entry="one_call_in_threads",
        slow=True,
    ),
    # The program leaves the workspace unset, so an unset value that reaches a decision, or the
    # output, shows here.
    Way(
        "valgrind",
        "gfortran",
        ("-O1", "-g"),
        ("gfortran", "valgrind"),
        ("valgrind", "--quiet", "--error-exitcode=9", "--leak-check=no"),
        slow=True,
    ),
    # Directions as a batch finds them: every run in every lane.
    Way("lanes -O0", "gfortran", ("-O0",), ("gfortran",), entry="one_call_in_lanes"),
    Way(
        "lanes -O3 -march=x86-64-v3",
        "gfortran",
        ("-O3", "-march=x86-64-v3"),
        ("gfortran",),
        entry="one_call_in_lanes",
    ),
    Way(
        "lanes, valgrind",
        "gfortran",
        ("-O1", "-g"),
        ("gfortran", "valgrind"),
        ("valgrind", "--quiet", "--error-exitcode=9", "--leak-check=no"),
        slow=True,
        entry="one_call_in_lanes",
    ),
    _cross("aarch64", "aarch64-linux-gnu", "aarch64-linux-gnu", "one_call_in_lanes"),
    _cross("aarch64", "aarch64-linux-gnu", "aarch64-linux-gnu"),
    _cross("riscv64", "riscv64-linux-gnu", "riscv64-linux-gnu"),
    _cross("ppc64le", "powerpc64le-linux-gnu", "powerpc64le-linux-gnu"),
    _cross("s390x", "s390x-linux-gnu", "s390x-linux-gnu"),
)


class CannotRunError(Exception):
    """A tool for this way is missing; the text names it."""


def compiler(way: Way) -> str:
    """The command, under whichever of its names it is here."""
    names = FLANGS if way.compiler == "flang" else (way.compiler,)
    return next(filter(shutil.which, names), names[0])


def build(way: Way, directory: Path) -> Path:
    """The program, compiled in `directory`."""
    program = directory / "returns"
    if way.original == "release":
        try:
            theirs = release_sources()
        except MissingError as missing:
            raise CannotRunError(str(missing)) from None
        sources = [*PROGRAM, HERE / "one_call_release.f", *theirs]
        libraries = []
    elif way.original:
        blas = directory / "plain_blas.o"
        _run(
            [
                "gcc",
                "-O2",
                *STRICT,
                "-c",
                str(HERE.parent / "original" / "plain_blas.c"),
                "-o",
                str(blas),
            ],
            directory,
        )
        sources = [*PROGRAM, HERE / "one_call_system.f", blas]
        libraries = ["-llbfgsb"]
    else:
        sources = [*PROGRAM, *sources_with_lanes(KERNEL), HERE / f"{way.entry}.f"]
        libraries = []
        if way.entry == "one_call_in_threads":
            sources = list(map(small, sources))
        if compiler(way).startswith("flang"):  # which doesn't compile C
            c_files = [path for path in sources if path.suffix == ".c"]
            _run(["cc", *way.flags, *STRICT, "-c", *map(str, c_files)], directory)
            sources = [
                path if path.suffix != ".c" else directory / f"{path.stem}.o" for path in sources
            ]
    _run(
        [
            compiler(way),
            *way.flags,
            *STRICT,
            "-o",
            str(program),
            *map(str, sources),
            *libraries,
        ],
        directory,
    )
    return program


def _run(command: Sequence[str], directory: Path) -> bytes:
    if shutil.which(command[0]) is None:
        raise CannotRunError(f"{command[0]} is not installed")
    done = subprocess.run(command, cwd=directory, capture_output=True, check=False)
    if done.returncode:
        text = done.stderr.decode(errors="replace").strip().splitlines()
        if any("-llbfgsb" in line for line in text):
            raise CannotRunError("liblbfgsb is not installed (Debian: liblbfgsb-dev)")
        raise RuntimeError("\n".join([f"{command[0]} ended with {done.returncode}", *text[-12:]]))
    return done.stdout


def output(way: Way) -> bytes:
    """What the program prints when built and run this way."""
    tools = [compiler(way), *way.run[:1]]
    for tool in tools:
        if shutil.which(tool) is None:
            raise CannotRunError(f"{tool} is not installed (Debian: {' '.join(way.packages)})")
    with tempfile.TemporaryDirectory() as directory:
        program = build(way, Path(directory))
        command = [*way.run, str(program), *filter(None, [way.argument])]
        printed = _run(command, Path(directory))
    if way.original:
        # The original tells of ascent directions itself, whatever iprint says. The program's own
        # lines don't begin with a blank.
        lines = printed.splitlines(keepends=True)
        printed = b"".join(line for line in lines if not line.startswith(b" "))
    return printed


def golden(argument: str) -> bytes:
    """What is expected: with `finite`, without the runs of the kinds that overflow."""
    text = GOLDEN.read_bytes()
    if argument != "finite":
        return text
    kinds, finite_kinds = 20, 18
    kept, keep = [], True
    for line in text.splitlines(keepends=True):
        words = line.split()
        if words[0] == b"run":
            keep = (int(words[1]) - 1) % kinds < finite_kinds
            summed = False
        else:
            summed = len(words) == 4 and len(words[0]) < 16 == len(words[3])
        if summed:
            keep = (int(words[0]) - 1) % kinds < finite_kinds
        if keep:
            kept.append(line)
    return b"".join(kept)


def first_difference(expected: bytes, got: bytes) -> str:
    ours, theirs = got.splitlines(), expected.splitlines()
    heading = b""
    for number, (a, b) in enumerate(zip(ours, theirs, strict=False), 1):
        if b.startswith(b"run"):
            heading = b
        if a != b:
            return (
                f"line {number} (in {heading.decode()}):\n  printed  {a.decode()}\n"
                f"  expected {b.decode()}"
            )
    return f"printed {len(ours)} lines, expected {len(theirs)}"


def install(ways: Sequence[Way]) -> None:
    """Debian's packages for what is missing."""
    missing = sorted(
        {
            package
            for way in ways
            if not all(map(shutil.which, [compiler(way), *way.run[:1]])) or way.original == "system"
            for package in way.packages
        }
    )
    if shutil.which("dpkg"):
        missing = [
            package
            for package in missing
            if subprocess.run(["dpkg", "-s", package], capture_output=True).returncode
        ]
    if not missing:
        return
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print("not installed (needs root and apt-get):", *missing)
        return
    quiet = {"stdout": subprocess.DEVNULL}
    subprocess.run(["apt-get", "update", "-q"], check=False, **quiet)
    subprocess.run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *missing],
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        **quiet,
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="The same bytes from every build.")
    parser.add_argument("ways", nargs="*", help="names of the ways to try (default: all)")
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--native", action="store_true")
    parser.add_argument("--require", action="store_true", help="a way that is skipped fails")
    parser.add_argument("--write-golden", action="store_true")
    options = parser.parse_args(arguments)
    by_name = {way.name: way for way in WAYS}
    for name in options.ways:
        if name not in by_name:
            parser.error(f"{name!r} is none of: {', '.join(by_name)}")
    ways = [by_name[name] for name in options.ways] or [
        way for way in WAYS if not (options.native and way.slow)
    ]

    if options.install:
        install(ways)
    if options.write_golden:
        GOLDEN.write_bytes(output(by_name["release"]))
        print(f"{GOLDEN.name}: {GOLDEN.stat().st_size} bytes")
        return 0

    passed = failed = skipped = 0
    for way in ways:
        started = time.perf_counter()
        try:
            printed, expected = output(way), golden(way.argument)
        except CannotRunError as reason:
            skipped += 1
            print(f"{way.name:32s} skipped: {reason}", flush=True)
            continue
        except RuntimeError as reason:
            failed += 1
            print(f"{way.name:32s} FAILED: {reason}", flush=True)
            continue
        seconds = time.perf_counter() - started
        if printed == expected:
            passed += 1
            print(
                f"{way.name:32s} {len(printed)} bytes, all the same ({seconds:.1f} s)", flush=True
            )
        else:
            failed += 1
            print(f"{way.name:32s} DIFFERS at {first_difference(expected, printed)}", flush=True)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or (options.require and skipped) else 0


if __name__ == "__main__":
    sys.exit(main())
