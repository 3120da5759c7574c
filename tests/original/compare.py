"""Run the problem collection on the original and on this project's kernel and compare.

    python tests/original/compare.py --runs 1000 --seed 0
    python tests/original/compare.py --run 417            (one run of the collection alone)
    python tests/original/compare.py --problem rosenbrock (that objective in every run)

Prints the first return of each run that differs, left the original, right this kernel; ends with
status 1 if any does.  `--self` compares the original with a second copy of itself, which tests
the harness; `--installed` takes the kernel of the installed lbfgsb77, as it was built, instead of
compiling ../../fortran.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import problems
from libraries import KERNEL, MissingError, genuine, interposed, ours
from lockstep import Case, Difference, LibraryState, PackedState, State, run


def second_side(options: argparse.Namespace) -> Callable[[Case], State]:
    """What the original is compared with."""
    if options.installed:
        from lbfgsb77 import _lbfgsb

        return lambda case: PackedState(case, _lbfgsb.advance)
    if options.self:
        copy = genuine(copy=True)
        return lambda case: LibraryState(case, copy, maxls=False)
    kernel = ours(options.flags.split(), options.kernel)
    return lambda case: LibraryState(case, kernel, maxls=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare the kernel with the original.")
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0, help="number of the first run")
    parser.add_argument("--run", type=int, help="this run of the collection alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--problem", choices=problems.names())
    parser.add_argument("--show", type=int, default=5, help="differences to print")
    parser.add_argument("--installed", action="store_true", help="the installed lbfgsb77")
    parser.add_argument("--self", action="store_true", help="the original with itself")
    parser.add_argument("--flags", default="-O3", help="how gfortran compiles the kernel")
    parser.add_argument("--kernel", type=Path, default=KERNEL, help="directory of its files")
    parser.add_argument("--ends", action="store_true", help="count how the runs ended")
    options = parser.parse_args(arguments)

    try:
        theirs = genuine()
        second = second_side(options)
    except MissingError as missing:
        print(f"cannot compare: {missing}")
        return 2
    first = options.first if options.run is None else options.run
    numbers = range(first, first + (options.runs if options.run is None else 1))

    ends: collections.Counter[str] = collections.Counter()
    differing, returns = [], 0
    started = time.perf_counter()

    def go() -> None:
        nonlocal returns
        for number in numbers:
            case = problems.case(options.seed, number, options.problem)
            result = run(case, LibraryState(case, theirs, maxls=False), second(case))
            if isinstance(result, Difference):
                differing.append(number)
                if len(differing) <= options.show:
                    print(result, flush=True)
            else:
                ends[result.end] += 1
                returns += result.returns

    # Objectives overflow on purpose: such a run ends there.
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        plain = interposed(go)
    if not plain:
        print("the original did not call the plain BLAS: nothing was compared")
        return 2
    if options.ends:
        for end, count in ends.most_common():
            print(f"{count:7d}  {end}")
    seconds = time.perf_counter() - started
    print(
        f"{len(numbers)} runs, {returns} equal returns, {len(differing)} runs differ "
        f"({seconds:.1f} s)" + (f": {differing[:20]}" if differing else "")
    )
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
