"""Run the problem collection on the original and on this project's kernel and compare.

    python tests/original/compare.py --runs 1000 --seed 0
    python tests/original/compare.py --run 417            (one run of the collection alone)
    python tests/original/compare.py --problem rosenbrock (that objective in every run)
    python tests/original/compare.py --original system    (Debian's library)
    python tests/original/compare.py --original scipy     (the Fortran of SciPy 1.14.1)

The original is the authors' release. Where rounding takes a trial point past a bound, the release
evaluates there, outside of the box; this kernel puts the point on the bound, and so does Debian's
library. Such a point of the release is put on the bound before the run goes on, and counted: with a
caller who does that, every return is to be the same.

Prints the first return of each run that differs, left the original, right this kernel; ends with
status 1 if any does that isn't known to be SciPy's own way, 2 if there is nothing to compare with.
`--installed` takes the kernel of the installed lbfgsb77, as it was built, instead of compiling
../../fortran; `--self` a second copy of Debian's library, which tests the harness. `--branches`
also counts the runs that reached each branch of branches.py; one that none has reached is an error.
`--outside` lists the runs in which the release was outside.
"""

from __future__ import annotations

import argparse
import collections
import importlib
import multiprocessing
import os
import sys
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import collection
import numpy as np
from branches import Observed, Tally
from libraries import (
    KERNEL,
    PROCESSORS,
    MissingError,
    interposed,
    load,
    ours,
    plain_blas,
    plain_blas_of_scipy,
    release,
    scipy,
    system,
)
from lockstep import Case, Difference, LibraryState, ModuleState, Returns, State, run

BLAS = {"system": plain_blas, "scipy": plain_blas_of_scipy}
WHICH = {"release": "the release", "system": "the system's library", "scipy": "SciPy 1.14.1"}
# Runs of seed 0 in which SciPy 1.14.1 leaves the release, Debian's library and this kernel, which
# agree: squares of d underflow in them, slopes are about 1e-164, and a quotient is NaN with the
# three and a number with SciPy's.
SCIPYS_OWN = {7666, 13719, 16361, 19199}
CHUNK = 250  # runs that a process takes at a time


@dataclass
class Report:
    """What came of some runs."""

    returns: int = 0
    ends: collections.Counter[str] = field(default_factory=collections.Counter)
    tally: Tally = field(default_factory=Tally)
    differences: dict[int, str] = field(default_factory=dict)  # run number -> what differs
    outside: dict[int, str] = field(default_factory=dict)  # run number -> its name
    put_on_bounds: int = 0  # evaluations, in these runs
    refused: int = 0

    def add(self, other: Report) -> None:
        self.returns += other.returns
        self.ends += other.ends
        self.tally.runs += other.tally.runs
        self.differences |= other.differences
        self.outside |= other.outside
        self.put_on_bounds += other.put_on_bounds
        self.refused += other.refused


def first_side(options: argparse.Namespace) -> Callable[[Case], State]:
    """The original."""
    if options.original == "scipy":
        module = scipy()
        return lambda case: ModuleState(case, module)
    setulb = release() if options.original == "release" else system()
    return lambda case: LibraryState(case, setulb, maxls=False)


def second_side(options: argparse.Namespace) -> Callable[[Case], State]:
    """What the original is compared with."""
    if options.installed:
        module = importlib.import_module(f"lbfgsb77.{options.installed}")
        return lambda case: ModuleState(case, module)
    if options.self:
        copy = system(copy=True)
        return lambda case: LibraryState(case, copy, maxls=False)
    entry = "setulb_in_threads" if options.threads > 1 else "setulb"
    if options.lanes:
        entry = "setulb_in_lanes"
    if options.library:
        kernel = load(options.library, entry)
    else:
        kernel = ours(
            options.flags.split(), options.kernel, processor=options.processor, entry=entry
        )
    return lambda case: LibraryState(case, kernel, maxls=True, threads=options.threads)


def compare(options: argparse.Namespace, numbers: range) -> Report:
    """Make these runs of the collection on both sides."""
    report = Report()
    first, second = first_side(options), second_side(options)
    released = options.original == "release"

    def go() -> None:
        for number in numbers:
            case = collection.case(options.seed, number, options.problem)
            observed: Returns = []
            if options.original == "scipy" and not case.is_possible:
                report.refused += 1  # by f2py, before the Fortran sees it
                continue
            result = run(case, first(case), second(case), observed, put_on_bounds=released)
            if isinstance(result, Difference):
                report.differences[number] = str(result)
            else:
                report.returns += result.returns
                report.ends[result.end] += 1
                report.put_on_bounds += result.put_on_bounds
                if result.put_on_bounds:
                    report.outside[number] = case.name
                if options.branches:
                    report.tally.add(Observed.of(case, observed, result.end))

    # Objectives overflow on purpose: such a run ends there.
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        if released:
            go()
        elif not interposed(go, BLAS[options.original]):
            raise MissingError(f"{WHICH[options.original]} did not call the plain BLAS")
    return report


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare the kernel with the original.")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--run", type=int, help="this run of the collection alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--problem", choices=collection.names())
    parser.add_argument(
        "--installed",
        nargs="?",
        const="_lbfgsb",
        metavar="MODULE",
        help="the installed lbfgsb77, or another extension module in it, such as _lbfgsb_any",
    )
    parser.add_argument("--self", action="store_true", help="the system's library with itself")
    parser.add_argument(
        "--original",
        choices=("release", "system", "scipy"),
        default="release",
        help="the authors' release (default), Debian's library or SciPy 1.14.1's Fortran",
    )
    parser.add_argument("--flags", default="-O3", help="how gfortran compiles the kernel")
    parser.add_argument("--kernel", type=Path, default=KERNEL, help="directory of its files")
    parser.add_argument(
        "--processor",
        choices=tuple(PROCESSORS),
        default="any",
        help="compile for those that have it",
    )
    parser.add_argument(
        "--lanes", action="store_true", help="find directions as in a batch, in all lanes"
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="of each run, with blocks small enough to share"
    )
    parser.add_argument("--library", type=Path, help="one that was compiled from them")
    parser.add_argument("--branches", action="store_true", help="count who reached which")
    parser.add_argument("--outside", action="store_true", help="list runs of points outside")
    parser.add_argument("--ends", action="store_true", help="count how the runs ended")
    parser.add_argument("--show", type=int, default=5, help="differences to print")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)

    first, runs = (options.first, options.runs) if options.run is None else (options.run, 1)
    chunks = [range(k, min(k + CHUNK, first + runs)) for k in range(first, first + runs, CHUNK)]
    if options.self:
        options.original = "system"
    started = time.perf_counter()
    report = Report()
    try:
        first_side(options)
        second_side(options)  # compiles, if need be, before there are several processes
        jobs = min(options.jobs, len(chunks))
        part = partial(compare, options)
        if jobs == 1:
            for numbers in chunks:
                report.add(part(numbers))
        else:
            # New processes, not forks: each loads the libraries in the order that it takes.
            # A crash of the kernel ends this pool at once.
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(jobs, mp_context=context) as pool:
                for done in pool.map(part, chunks):
                    report.add(done)
    except MissingError as missing:
        print(f"cannot compare: {missing}")
        return 2

    for difference in list(report.differences.values())[: options.show]:
        print(difference)
    if options.ends:
        for end, count in report.ends.most_common():
            print(f"{count:7d}  {end}")
    unreached = report.tally.unreached if options.branches else []
    if options.branches:
        print(report.tally)
    for name in unreached:
        print(f"no run reached: {name}")
    differing = list(report.differences)
    if options.original == "scipy" and options.seed == 0 and not options.problem:
        own = [number for number in differing if number in SCIPYS_OWN]
        differing = [number for number in differing if number not in SCIPYS_OWN]
        print(f"in {len(own)} runs SciPy 1.14.1 leaves the release, as is known: {own}")
    if options.original == "release":
        if options.outside:
            print(*report.outside.values(), sep="\n")
        print(
            f"{report.put_on_bounds} points of the release were outside of the box by rounding, in "
            f"{len(report.outside)} runs; put on the bound, they led to the same returns"
        )
    print(
        f"{runs - report.refused} runs on {WHICH[options.original]}, {report.returns} equal "
        f"returns, {len(differing)} runs differ "
        f"({time.perf_counter() - started:.1f} s)" + (f": {differing[:20]}" if differing else "")
    )
    return 1 if differing or unreached else 0


if __name__ == "__main__":
    sys.exit(main())
