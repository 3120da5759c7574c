"""``python -m lbfgsb77 run``: a program as it is, on this package."""

from __future__ import annotations

import argparse
import os
import runpy
import sys
import tempfile
import traceback
from types import TracebackType
from typing import Any

from lbfgsb77._run import backend as _backend
from lbfgsb77._run.engine import OWN
from lbfgsb77.in_scipy import _hook, _log


def add_parser(commands: Any) -> None:
    """Add the command ``run``."""
    parser = commands.add_parser(
        "run",
        help="run a program whose SciPy minimizes by this package",
        description="Run a program as it is; whatever minimizes by SciPy's L-BFGS-B in it, and in "
        "the processes that it starts, runs on lbfgsb77. At the end a summary goes to the standard "
        "error.",
    )
    parser.add_argument("--backend", default=OWN, help="the kernel (default: %(default)s)")
    parser.add_argument("--log", metavar="FILE", help="a line of JSON for each minimization")
    parser.add_argument(
        "--record", metavar="DIRECTORY", help="keep every evaluation, for reference compare"
    )
    parser.add_argument(
        "--solver", choices=("lbfgsb77", "scipy"), default="lbfgsb77",
        help="scipy: record SciPy's own instead",
    )  # fmt: skip
    parser.add_argument("--quiet", action="store_true", help="without the summary")
    parser.add_argument("--force", action="store_true", help="with a SciPy that is not tested too")
    parser.add_argument("-m", dest="module", action="store_true", help="PROGRAM is a module's name")
    parser.add_argument("program", metavar="PROGRAM", help="a script, or with -m a module")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="...", help="its arguments")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    _backend.engine_named(options.backend)  # raises where there is none
    if not options.module and not os.path.exists(options.program):
        raise ValueError(f"run: there is no file {options.program!r}")
    with tempfile.TemporaryDirectory(prefix="lbfgsb77-") as directory:
        log = os.path.abspath(options.log or os.path.join(directory, "calls.jsonl"))
        _log.append(log, "")
        before = len(_log.read(log))
        record = None if options.record is None else _new_folder(options.record)
        variables = _hook.environment(options.backend, log, record, options.solver, options.force)
        os.environ.update(variables)
        _hook.install(variables)
        try:
            _run_program(options)
        except Exception as error:  # the program's, told as Python would
            traceback.print_exception(error.with_traceback(_of_program(error.__traceback__)))
            return 1
        finally:
            if not options.quiet and options.solver == "lbfgsb77":
                sys.stdout.flush()
                print(_log.summary(_log.read(log)[before:]), file=sys.stderr)
    return 0


def _new_folder(path: str) -> str:
    """Where a recording is to be, which isn't one already."""
    if os.path.exists(path) and os.listdir(path):
        raise ValueError(f"--record: a new or empty directory is expected, got {path!r}")
    return os.path.abspath(path)


def _of_program(frames: TracebackType | None) -> TracebackType | None:
    """A traceback without what stands before the program itself."""
    while frames is not None and frames.tb_frame.f_globals.get("__name__") != "__main__":
        frames = frames.tb_next
    return frames


def _run_program(options: argparse.Namespace) -> None:
    """As Python itself would run it; its SystemExit is this process's."""
    sys.argv = [options.program, *options.arguments]
    if options.module:
        sys.path[0] = os.getcwd()
        runpy.run_module(options.program, run_name="__main__", alter_sys=True)
    else:
        sys.path[0] = os.path.dirname(os.path.abspath(options.program))
        runpy.run_path(options.program, run_name="__main__")
