"""The command ``lbfgsb77``, or ``python -m lbfgsb77``: reference, run, selftest, info."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from typing import Any

import lbfgsb77
from lbfgsb77.in_scipy import _command
from lbfgsb77.reference._command import add_parser


def script() -> int:
    """Run the command line as the console script ``lbfgsb77``."""
    sys.path.insert(0, "")  # as python -m has it: a solver may be a module that is here
    return main(prog="lbfgsb77")


def main(arguments: Sequence[str] | None = None, prog: str = "python -m lbfgsb77") -> int:
    """Run the command line.

    Parameters
    ----------
    arguments : sequence of str, optional
        The arguments; those of the process by default.
    prog : str, optional
        How it was called.

    Returns
    -------
    int
        The exit status: 0, 1 where a check fails, 2 where the command is wrong, 130 after Ctrl-C.
    """
    # What a stream can't show, such as a mathematical sign, is replaced: no reason to fail.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    parser = _parser(prog)
    chosen = parser.parse_args(arguments)
    try:
        status = chosen.run(chosen) or 0
        if sys.stdout is not None:  # as where the caller has closed it
            sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted", file=sys.stderr)
        return 130  # as shells have it: 128 and the number of SIGINT
    except BrokenPipeError:
        # The reader has what it wanted (| head).
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (KeyError, OSError, TypeError, ValueError) as error:
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        print(f"{parser.prog}: error: {text}", file=sys.stderr)
        return 2


def _parser(prog: str = "python -m lbfgsb77") -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog, description="L-BFGS-B with the original's results to the last bit."
    )
    version = f"lbfgsb77 {lbfgsb77.__version__}"
    parser.add_argument("--version", action="version", version=version)
    parser.set_defaults(run=lambda _: parser.print_help())
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    add_parser(commands)
    _command.add_parser(commands)
    selftest = commands.add_parser(
        "selftest",
        help="repeat the packaged runs on this build and compare every bit",
        description="Repeat the packaged runs on this build and compare every bit.",
    )
    selftest.set_defaults(run=_selftest)
    info = commands.add_parser("info", help="tell version, compiler, flags, backends, NumPy")
    info.set_defaults(run=_info)
    return parser


def _selftest(arguments: argparse.Namespace) -> int:
    from lbfgsb77.reference import _selftest

    return 0 if _selftest.run() else 1


def _info(arguments: argparse.Namespace) -> int:
    found = lbfgsb77.build_info()
    width = max(map(len, found))
    for key, value in found.items():
        print(f"{key:{width}}  {_shown(value)}")
    return 0


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {text}" for name, text in value.items())
    return "none" if value is None else str(value)


if __name__ == "__main__":
    sys.exit(main())
