"""Run the problem collection on the original and on this project's kernel and compare.

    python tests/original/compare.py --runs 1000 --seed 0
    python tests/original/compare.py --run 417            (one run of the collection alone)
    python tests/original/compare.py --problem rosenbrock (that objective in every run)

Prints the first return of each run that differs, left the original, right this kernel; ends with
status 1 if any does, 2 if there is nothing to compare with. `--installed` takes the kernel of the
installed lbfgsb77, as it was built, instead of compiling ../../fortran; `--self` a second copy of
the original, which tests the harness. `--branches` also counts the runs that reached each branch
of branches.py; one that none has reached is an error.
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
from libraries import KERNEL, MissingError, genuine, interposed, load, ours
from lockstep import Case, Difference, LibraryState, ModuleState, Returns, State, run

CHUNK = 250  # runs that a process takes at a time


@dataclass
class Report:
    """What came of some runs."""

    returns: int = 0
    ends: collections.Counter[str] = field(default_factory=collections.Counter)
    tally: Tally = field(default_factory=Tally)
    differences: dict[int, str] = field(default_factory=dict)  # run number -> what differs

    def add(self, other: Report) -> None:
        self.returns += other.returns
        self.ends += other.ends
        self.tally.runs += other.tally.runs
        self.differences |= other.differences


def second_side(options: argparse.Namespace) -> Callable[[Case], State]:
    """What the original is compared with."""
    if options.installed:
        module = importlib.import_module(f"lbfgsb77.{options.installed}")
        return lambda case: ModuleState(case, module)
    if options.self:
        copy = genuine(copy=True)
        return lambda case: LibraryState(case, copy, maxls=False)
    if options.library:
        kernel = load(options.library)
    else:
        kernel = ours(options.flags.split(), options.kernel, avx2=options.avx2)
    return lambda case: LibraryState(case, kernel, maxls=True)


def compare(options: argparse.Namespace, numbers: range) -> Report:
    """Make these runs of the collection on both sides."""
    report = Report()
    theirs, second = genuine(), second_side(options)

    def go() -> None:
        for number in numbers:
            case = collection.case(options.seed, number, options.problem)
            observed: Returns = []
            result = run(case, LibraryState(case, theirs, maxls=False), second(case), observed)
            if isinstance(result, Difference):
                report.differences[number] = str(result)
            else:
                report.returns += result.returns
                report.ends[result.end] += 1
                if options.branches:
                    report.tally.add(Observed.of(case, observed, result.end))

    # Objectives overflow on purpose: such a run ends there.
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        plain = interposed(go)
    if not plain:
        raise MissingError("the original did not call the plain BLAS")
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
    parser.add_argument("--self", action="store_true", help="the original with itself")
    parser.add_argument("--flags", default="-O3", help="how gfortran compiles the kernel")
    parser.add_argument("--kernel", type=Path, default=KERNEL, help="directory of its files")
    parser.add_argument("--avx2", action="store_true", help="take the loops of avx2_panels.c")
    parser.add_argument("--library", type=Path, help="one that was compiled from them")
    parser.add_argument("--branches", action="store_true", help="count who reached which")
    parser.add_argument("--ends", action="store_true", help="count how the runs ended")
    parser.add_argument("--show", type=int, default=5, help="differences to print")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)

    first, runs = (options.first, options.runs) if options.run is None else (options.run, 1)
    chunks = [range(k, min(k + CHUNK, first + runs)) for k in range(first, first + runs, CHUNK)]
    started = time.perf_counter()
    report = Report()
    try:
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
    print(
        f"{runs} runs, {report.returns} equal returns, {len(differing)} runs differ "
        f"({time.perf_counter() - started:.1f} s)" + (f": {differing[:20]}" if differing else "")
    )
    return 1 if differing or unreached else 0


if __name__ == "__main__":
    sys.exit(main())
