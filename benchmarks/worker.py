"""A peer's process: keeps one case ready and does one repetition of it whenever it is told to.

    python worker.py PEER

reads one JSON object a line from standard input and answers each with one line:

    {"do": "describe"}              versions of everything that takes part
    {"do": "prepare", "case": …}    build the problem, run once to warm up
    {"do": "repeat"}                one repetition: seconds, and what the run did
    {"do": "release"}               forget the problem
"""

from __future__ import annotations

import gc
import json
import os
import platform
import sys
from collections.abc import Callable
from typing import Any, TextIO

import numpy as np

import measurements
import solvers


def describe(solver: solvers.Solver) -> dict[str, Any]:
    """The versions behind a peer's figures."""
    return {"Python": platform.python_version(), "NumPy": np.__version__} | solver.versions()


def serve(name: str, answers: TextIO) -> None:
    """Answer the requests on standard input, one per line, until it is closed."""
    solver: solvers.Solver | None = None
    repeat: Callable[[], dict[str, Any]] | None = None
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if solver is None and name != "bandwidth":
                solver = solvers.make(name)
            answer: dict[str, Any] = {}
            if request["do"] == "describe":
                answer = describe(solver) if solver else {"NumPy": np.__version__}
            elif request["do"] == "prepare":
                repeat = None
                gc.collect()
                case = request["case"]
                repeat, answer = (measurements.KINDS[case["kind"]](solver, case) if solver
                                  else measurements.bandwidth_case(case))
            elif request["do"] == "repeat" and repeat is not None:
                answer = repeat()
            elif request["do"] == "release":
                repeat = None
                gc.collect()
        except Exception as error:  # whatever a peer raises is an answer, not an end
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    # A peer that prints must not spoil the answers.
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    serve(sys.argv[1], channel)
