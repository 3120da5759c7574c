"""A port for the tests of the protocol: this package's solver, or one that misbehaves.

    python protocol_port.py [MISBEHAVIOUR [PROBLEM]]

It misbehaves at the third evaluation of the problem, or of every one.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import numpy as np

from lbfgsb77 import LBFGSB

BEHAVIOUR = sys.argv[1] if len(sys.argv) > 1 else "well"
WHERE = sys.argv[2] if len(sys.argv) > 2 else None


def say(**message: object) -> None:
    print(f"\n{json.dumps(message)}\n", flush=True)  # blank lines are passed over


def misbehave() -> None:
    print("first line of trouble", file=sys.stderr)
    print("the matrix is singular", file=sys.stderr, flush=True)
    if BEHAVIOUR == "crashes":
        os.kill(os.getpid(), signal.SIGKILL)
    if BEHAVIOUR == "leaves":
        sys.exit(3)
    if BEHAVIOUR == "hangs":
        time.sleep(1000)
    wrong = {
        "rubbish": "Iteration 1: f = 3.5",
        "a list": "[1, 2, 3]",
        "another word": '{"minimize": [1.0]}',
        "too few": '{"evaluate": [1.0]}',
        "no numbers": '{"evaluate": ["one", "two", "three", "four"]}',
        "no x": '{"end": "CONVERGENCE", "f": 1.0}',
        "no stages": '{"stages": 7}',
    }
    if BEHAVIOUR in wrong:
        print(wrong[BEHAVIOUR], flush=True)


def solve(start: dict) -> None:
    bounds = list(zip(start["l"], start["u"], strict=True))
    run = LBFGSB(
        [float.fromhex(x) for x in start["x0_hex"]], bounds, m=start["m"], factr=start["factr"],
        pgtol=start["pgtol"], maxls=start["maxls"], maxfun=start["maxfun"],
        maxiter=start["maxiter"],
    )  # fmt: skip
    evaluations = nit = 0
    while not run.done:
        evaluations += 1
        if evaluations == 3 and WHERE in (None, start["problem"]):
            misbehave()
        x = run.ask()
        say(evaluate=x.tolist() if evaluations % 2 else [value.hex() for value in x])
        answer = json.loads(sys.stdin.readline())
        f = float.fromhex(answer["f_hex"]) if evaluations % 3 else float(answer["f"])
        if run.tell(f, np.array([float(g) for g in answer["g"]])):
            nit += 1
            if BEHAVIOUR != "tells no iterations":
                say(iteration=nit)
    result = run.result
    say(end=result.message, x=result.x.tolist(), f=result.fun, nit=result.nit, nfev=result.nfev)


def main() -> None:
    say(hello="a port", version="1.2", compiler="none")
    for line in sys.stdin:
        message = json.loads(line)
        assert message["do"] == "start"
        assert message["version"] == 1
        solve(message)


main()
