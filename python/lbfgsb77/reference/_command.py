"""The command ``python -m lbfgsb77 reference``: list, record, check, export, compare."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from lbfgsb77.reference import _comparison, _html, _junit, _plot, _recordings, _replay, problems
from lbfgsb77.reference._check import Check, check, stored_traces, to_json
from lbfgsb77.reference._compare import compare
from lbfgsb77.reference._comparison import LEVELS, Level
from lbfgsb77.reference._golden import SETTINGS, file_name, golden_runs, run_options
from lbfgsb77.reference._protocol import Command
from lbfgsb77.reference._record import record
from lbfgsb77.reference._solvers import Solver, provenance_of, resolve
from lbfgsb77.reference._trace import DEFAULTS
from lbfgsb77.reference.problems import Problem

__all__ = ["add_parser"]

_CHECK_EPILOG = """\
levels, each containing those after it:
  bits      every evaluation, every end of an iteration and the result have the same bits
  path      the same counts and ending, every evaluation within --path-tolerance
  counts    the same numbers of evaluations and iterations, and the same solution
  solution  the same solution within --solution-tolerance

examples:
  python -m lbfgsb77 reference check --solver scipy.optimize:fmin_l_bfgs_b --level counts
  python -m lbfgsb77 reference check --solver mine:minimize --portable --level bits -v "hs*" wood
  python -m lbfgsb77 reference check --command "Rscript port.R" --portable --junit report.xml
  python -m lbfgsb77 reference check --solver mine:minimize --against traces/ --junit report.xml

Problems whose runs meet values that aren't finite are left out unless they are named: the
original's arithmetic has no meaning there.

The reference of a problem that is portable to the bit is the trace that comes with the package;
of any other, a run of lbfgsb77 here and now, because exp and sin differ between platforms.
exit status: 0 all reach the level, 1 some don't, 2 the command is wrong
"""


def add_parser(commands: Any) -> None:
    """Add ``reference`` and its commands to an argparse parser's subparsers."""
    text = argparse.RawDescriptionHelpFormatter
    reference = commands.add_parser(
        "reference",
        help="check an implementation of L-BFGS-B against the original's runs",
        description="Check an implementation of L-BFGS-B against the original's runs.",
    )
    reference.set_defaults(run=lambda _: reference.print_help())
    actions = reference.add_subparsers(dest="action", metavar="COMMAND")

    lister = actions.add_parser("list", help="list the test problems")
    _add_selection(lister)
    lister.add_argument("-l", "--long", action="store_true", help="with description and solution")
    lister.add_argument("--json", action="store_true", help="as JSON")
    lister.set_defaults(run=_list)

    recorder = actions.add_parser(
        "record", help="run a solver and store its traces, one file per run"
    )
    _add_selection(recorder)
    _add_solver(recorder)
    recorder.add_argument("-o", "--output", required=True, metavar="DIR", help="where to")
    recorder.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE",
        help=f"an option of the runs, one of {', '.join(DEFAULTS)}",
    )  # fmt: skip
    recorder.add_argument(
        "--golden", action="store_true", help="the runs whose traces come with the package"
    )
    recorder.set_defaults(run=_record)

    checker = actions.add_parser(
        "check", help="compare a solver with the reference",
        description="Run a solver on the test problems and compare every evaluation.",
        epilog=_CHECK_EPILOG, formatter_class=text,
    )  # fmt: skip
    _add_selection(checker)
    _add_solver(checker)
    checker.add_argument(
        "--level", choices=LEVELS[:0:-1], default="counts",
        help="the level that every run must reach (default: counts)",
    )  # fmt: skip
    checker.add_argument(
        "--against", metavar="PATH",
        help="compare with stored traces, a file or a directory, and with their options",
    )  # fmt: skip
    checker.add_argument(
        "--path-tolerance", type=_tolerance, default=1e-6, metavar="TOL",
        help="relative gap of x at each evaluation (default: 1e-6)",
    )  # fmt: skip
    checker.add_argument(
        "--solution-tolerance", type=_tolerance, default=1e-6, metavar="TOL",
        help="gap of f relative to max(|f|, 1) (default: 1e-6)",
    )  # fmt: skip
    checker.add_argument("--junit", metavar="FILE", help="write a JUnit report")
    checker.add_argument("--json", metavar="FILE", help="write all findings as JSON")
    checker.add_argument(
        "--html", metavar="FILE",
        help="write a page with a table to sort, and plots and reports of the runs that differ",
    )  # fmt: skip
    checker.add_argument(
        "--plot", metavar="FILE", help="draw the gaps (needs Matplotlib; .png, .svg, .pdf)"
    )
    checker.add_argument(
        "-v", "--verbose", action="store_true", help="a report on every run that fails"
    )
    checker.add_argument(
        "-q", "--quiet", action="store_true", help="no table, only failures and the summary"
    )
    checker.add_argument("--color", choices=("auto", "always", "never"), default="auto")
    checker.set_defaults(run=_check)

    exporter = actions.add_parser(
        "export", help="write the reference's runs as files for a port's own tests",
        description="Write the reference's runs as replay files, one JSON a problem and setting, "
        "with a schema, checksums and a README: for tests of a port without Python.",
    )  # fmt: skip
    exporter.add_argument("directory", metavar="DIRECTORY")
    _add_selection(exporter)
    _add_setting(exporter)
    exporter.set_defaults(run=_export)

    comparer = actions.add_parser(
        "compare",
        help="compare two recordings of a program, or two traces",
        description="Say where two recordings of a program (run --record), two traces or two "
        "directories of traces part first, and whose doing it is. The status is 0 if they have the "
        "same bits, else 1.",
    )
    comparer.add_argument("first", metavar="A")
    comparer.add_argument("second", metavar="B")
    comparer.set_defaults(run=_compare)


def _add_selection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "problems", nargs="*", metavar="PROBLEM",
        help="names, NAME@2 for the second start, or patterns like 'hs*' (default: all)",
    )  # fmt: skip
    parser.add_argument(
        "--portable", action="store_true", help="only those that are portable to the bit"
    )
    parser.add_argument(
        "--tag", action="append", default=[], help="only those with this tag (nasty, hs, ...)"
    )


def _add_solver(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--solver", metavar="MODULE:FUNCTION",
        help="with the interface of scipy.optimize's fmin_l_bfgs_b or minimize; modules are "
        "looked for in the current directory too",
    )  # fmt: skip
    which.add_argument(
        "--command", metavar="COMMAND",
        help="a program in any language that speaks the checker's protocol, such as "
        "'Rscript port.R'",
    )  # fmt: skip
    parser.add_argument(
        "--timeout", type=float, default=60.0, metavar="SECONDS",
        help="of a program's silence, after which it is taken to hang (default: 60)",
    )  # fmt: skip
    parser.add_argument(
        "--interface", choices=("fmin_l_bfgs_b", "minimize", "ask-tell"),
        help="how to call it (default: its parameters tell)",
    )  # fmt: skip
    _add_setting(parser)


def _add_setting(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--setting", choices=(*SETTINGS, "all"), default="default",
        help="options of the runs: SciPy's defaults, or without tests of convergence",
    )  # fmt: skip


def _tolerance(text: str) -> float:
    value = float(text)
    if not value >= 0.0:
        raise argparse.ArgumentTypeError(f"a number that isn't negative is expected, got {text}")
    return value


def _selection(arguments: argparse.Namespace, finite: bool | None = None) -> list[Problem]:
    return problems.select(
        arguments.problems,
        portable=True if arguments.portable else None,
        finite=finite,
        tags=arguments.tag,
    )


def _settings(arguments: argparse.Namespace) -> list[str]:
    return list(SETTINGS) if arguments.setting == "all" else [arguments.setting]


# list --------------------------------------------------------------------------------------------


def _list(arguments: argparse.Namespace) -> int:
    selection = _selection(arguments)
    if arguments.json:
        print(json.dumps([_described(problem) for problem in selection], indent=1))
        return 0
    width = max((len(problem.name) for problem in selection), default=0)
    for problem in selection:
        print(
            f"{problem.name:{width}}  n = {problem.n:<3}  "
            f"{'bounds' if problem.bounded else '      '}  "
            f"{'portable' if problem.portable else '        '}  {problem.source}"
        )
        if arguments.long:
            for line in problem.description.splitlines():
                print(f"    {line}".rstrip())
            if problem.solution is not None:
                known = problem.solution
                print(f"    minimum {known.f:.{known.digits}g} ({known.source})")
            print(f"    tags: {', '.join(sorted(problem.tags))}\n")
    return 0


def _described(problem: Problem) -> dict[str, Any]:
    known = problem.solution
    return {
        "name": problem.name,
        "n": problem.n,
        "source": problem.source,
        "description": problem.description,
        "portable": problem.portable,
        "tags": sorted(problem.tags),
        "starts": [list(start) for start in problem.starts],
        "bounds": problem.bounds,
        "solution": None
        if known is None
        else {"f": known.f, "x": known.x and list(known.x), "source": known.source},
    }


# record ------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _solver(arguments: argparse.Namespace) -> Iterator[Solver]:
    """The solver that is asked for; a program is ended when it is no longer needed."""
    if arguments.command is None:
        yield arguments.solver
    else:
        with Command(arguments.command, arguments.timeout) as command:
            yield command


def _record(arguments: argparse.Namespace) -> int:
    with _solver(arguments) as solver:
        return _record_all(arguments, solver)


def _record_all(arguments: argparse.Namespace, solver: Solver) -> int:
    options = dict(_option(text) for text in arguments.option)
    if arguments.golden:
        runs = list(golden_runs())
    else:
        runs = [(p, s) for p in _selection(arguments) for s in _settings(arguments)]
    directory = Path(arguments.output)
    directory.mkdir(parents=True, exist_ok=True)
    failed = False
    for number, (problem, setting) in enumerate(runs, start=1):
        trace = record(
            solver,
            problem,
            interface=arguments.interface,
            **{**run_options(problem, setting), **options},
        )
        trace.save(directory / file_name(problem.name, setting))
        outcome = trace.outcome
        failed = failed or outcome.ending == "exception"
        ending = outcome.message if outcome.ending == "exception" else outcome.ending
        print(
            f"[{number}/{len(runs)}] {problem.name} ({setting}): "
            f"{len(trace.evaluations)} evaluations, {ending}",
            flush=True,
        )
    return 1 if failed else 0


def _option(text: str) -> tuple[str, float]:
    name, equals, value = text.partition("=")
    if name not in DEFAULTS or not equals:
        raise ValueError(f"option: NAME=VALUE is expected, NAME one of {', '.join(DEFAULTS)}")
    try:
        return name, float(value) if name in ("factr", "pgtol") else int(value)
    except ValueError:
        raise ValueError(f"option: {name} is to be a number, got {value!r}") from None


# check -------------------------------------------------------------------------------------------

_COLORS = {"bits": "32", "path": "32", "counts": "36", "solution": "33", "none": "31"}


def _use_color(choice: str, stream: TextIO) -> bool:
    if choice != "auto":
        return choice == "always"
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _check(arguments: argparse.Namespace) -> int:
    with _solver(arguments) as solver:
        return _check_all(arguments, solver)


def _check_all(arguments: argparse.Namespace, solver: Solver) -> int:
    # Now, not after minutes of work.
    if arguments.plot:
        _plot.require_matplotlib()
    for option in ("junit", "json", "html", "plot"):
        _require_folder(f"--{option}", getattr(arguments, option))
    against = stored_traces(arguments.against) if arguments.against else None
    # Where a value isn't finite there is no original to follow: such problems must be named.
    chosen = arguments.problems or arguments.tag or against
    selection = _selection(arguments, finite=None if chosen else True)
    settings = _settings(arguments)
    if against is not None:
        if not arguments.problems:
            selection = [p for p in _named(against) if p in selection or "@" in p.name]
        settings = [s for s in SETTINGS if any(key[1] == s for key in against)]
    color = _use_color(arguments.color, sys.stdout)
    spelled = solver if isinstance(solver, str) else None
    provenance = provenance_of(resolve(solver), spelled)
    table = _Table(selection, settings, color)
    if not arguments.quiet:
        for key, value in provenance.items():
            print(f"{key}: {value}")
        print()
        print(table.header(), flush=True)
    checks = []
    for found in check(
        solver,
        selection,
        level=arguments.level,
        settings=settings,
        interface=arguments.interface,
        against=against,
        path_tolerance=arguments.path_tolerance,
        solution_tolerance=arguments.solution_tolerance,
    ):
        checks.append(found)
        if not arguments.quiet:
            # One line per run as soon as it is known: this shows the progress, too.
            print(table.row(found), flush=True)
    if not checks:
        raise ValueError("check: no run was selected")
    _print_summary(checks, arguments.level, arguments.verbose)
    if arguments.json:
        Path(arguments.json).write_text(to_json(checks, arguments.level), encoding="utf-8")
    if arguments.junit:
        _junit.write(arguments.junit, checks)
    if arguments.html:
        _html.write(arguments.html, checks)
    if arguments.plot:
        _plot.write(arguments.plot, checks)
    return 0 if all(found.passed for found in checks) else 1


# export ------------------------------------------------------------------------------------------


def _export(arguments: argparse.Namespace) -> int:
    # Where a value isn't finite there is no original to follow: such problems must be named.
    finite = None if arguments.problems or arguments.tag else True
    selection = _selection(arguments, finite)
    evaluations = runs = 0
    for name, trace in _replay.export(arguments.directory, selection, _settings(arguments)):
        runs += 1
        evaluations += len(trace.evaluations)
        if sys.stdout.isatty():
            print(f"\r\x1b[K{name}", end="", flush=True)
    if sys.stdout.isatty():
        print("\r\x1b[K", end="")
    print(f"{runs} runs with {evaluations} evaluations are in {arguments.directory}; "
          "its README.md says how a port is tested with them")  # fmt: skip
    return 0


# compare -----------------------------------------------------------------------------------------


def _compare(arguments: argparse.Namespace) -> int:
    paths = arguments.first, arguments.second
    if any(map(_recordings.is_recording, paths)):
        same, text = _recordings.compare(*paths)
        print(text)
        return 0 if same else 1
    first, second = map(stored_traces, paths)
    if all(Path(path).is_file() for path in paths):
        # Two files are meant for each other, whatever they are called.
        first, second = ({("", ""): trace} for (trace,) in (first.values(), second.values()))
    both = [key for key in first if key in second]
    if not both:
        raise ValueError(f"compare: {paths[0]!r} and {paths[1]!r} have no run in common")
    different = 0
    for key in both:
        comparison = compare(first[key], second[key])
        if comparison.level != "bits":
            different += 1
            print(f"{comparison}\n")
    alone = len(first) + len(second) - 2 * len(both)
    print(f"{len(both)} runs in both, {len(both) - different} with the same bits, "
          f"{different} differ" + (f"; {alone} in one of them alone" if alone else ""))  # fmt: skip
    return 1 if different else 0


def _require_folder(option: str, file: str | None) -> None:
    if file is not None and not Path(file).parent.is_dir():
        raise ValueError(f"{option}: a file in an existing folder is expected, got {file!r}")


def _named(against: dict[tuple[str, str], Any]) -> list[Problem]:
    return [problems.get(name) for name in dict.fromkeys(name for name, _ in against)]


class _Table:
    """Lines of fixed width, so that each can be printed when it is known."""

    def __init__(self, selection: Sequence[Problem], settings: Sequence[str], color: bool) -> None:
        self._name = max([len(problem.name) for problem in selection] + [7])
        self._setting = max(map(len, settings)) if len(settings) > 1 else 0
        self._color = color

    def _line(self, name: str, setting: str, level: str, rest: Sequence[str]) -> str:
        difference, ulps, relative, evaluations, iterations, stage, failed = rest
        padded = f"{level:8}"
        if self._color and level in _COLORS:
            padded = f"\x1b[{_COLORS[level]}m{padded}\x1b[0m"
        columns = [f"{name:{self._name}}"]
        if self._setting:
            columns.append(f"{setting:{self._setting}}")
        columns += [
            padded,
            f"{difference:24}",
            f"{ulps:>8}",
            f"{relative:>8}",
            f"{evaluations:>13}",
            f"{iterations:>11}",
            f"{stage:18}",
            failed,
        ]
        return "  ".join(columns).rstrip()

    def header(self) -> str:
        return self._line(
            "problem", "setting", "level",
            (
                "first difference", "ULPs", "relative", "evaluations", "iterations", "stage", "",
            ),
        )  # fmt: skip

    def row(self, found: Check) -> str:
        comparison = found.comparison
        first = comparison.first_difference
        if first is None:
            where, ulps, relative, stage = "-", "-", "-", "-"
        else:
            where = f"evaluation {first.evaluation}: {first.what}"
            ulps = "-" if first.values is None else _comparison.count(first.ulps)
            relative = "-" if first.relative is None else f"{first.relative:.1e}"
            stage = _comparison.stage_in_short(comparison)
        return self._line(
            found.problem.name, found.setting, comparison.level,
            (
                where, ulps, relative, *_comparison.counts_in_short(comparison), stage,
                "" if found.passed else "FAILED",
            ),
        )  # fmt: skip


def _print_summary(checks: Sequence[Check], wanted: Level, verbose: bool) -> None:
    failed = [found for found in checks if not found.passed]
    for found in failed if verbose else failed[:1]:
        print(f"\n{found.comparison}")
    if len(failed) > 1 and not verbose:
        print(f"\n(the first of {len(failed)} that fail; -v shows all)")
    levels = Counter(found.comparison.level for found in checks)
    counts = ", ".join(f"{levels[level]} {level}" for level in reversed(LEVELS) if levels[level])
    print(
        f"\n{len(checks) - len(failed)} of {len(checks)} runs reach level {wanted} ({counts})"
        f" in {sum(found.seconds for found in checks):.1f} s"
    )
