"""Kill runs that save checkpoints at random moments; each must be resumed to the same bits.

    python tests/killed/runs.py --kills 200

Every run is minimize() in a process of its own, saved before each evaluation. The process is
killed (SIGKILL) after a random part of the time that a whole run takes; then the same call goes on
in another process, which is killed too, and so on until one gets to the end. After each kill the
checkpoint, if there is one, must be readable.
"""

from __future__ import annotations

import argparse
import os
import pickle
import random
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from lbfgsb77 import LBFGSB, minimize


def chain(x: np.ndarray) -> tuple[float, np.ndarray]:
    """Rosenbrock's function of n variables, in a chain."""
    bend, slope = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    g = np.zeros_like(x)
    g[:-1] = -400 * bend * x[:-1] - 2 * slope
    g[1:] += 200 * bend
    return float(100 * bend @ bend + slope @ slope), g


N = 10
START = np.where(np.arange(N) % 2 == 0, -1.2, 1.0)
PROBLEMS: list[dict[str, Any]] = [
    {"fun": chain, "jac": True},
    {"fun": chain, "jac": True, "bounds": [(-1.5, 0.9), (None, None)] * (N // 2), "maxcor": 4},
    {"fun": lambda x: chain(x)[0], "bounds": [(-1.5, None)] * N},
]


# A killed process takes nothing out of the system's memory, and there fsync takes no time.
IN_MEMORY = Path("/dev/shm")


def bits(result: Any) -> bytes:
    """Everything that a run ends with."""
    pairs = result.hess_inv
    arrays = result.x, result.jac, pairs.sk, pairs.yk, np.array(result.fun)
    numbers = result.nit, result.nfev, result.njev, result.message
    return pickle.dumps([*(array.tobytes() for array in arrays), numbers])


def start(problem: dict[str, Any], path: Path) -> int:
    """Begin or resume the run in a process of its own; the process's number."""
    process = os.fork()
    if process == 0:
        try:
            result = minimize(x0=START, checkpoint=path, checkpoint_every=0, **problem)
            path.with_suffix(".result").write_bytes(bits(result))
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    return process


def finished(process: int) -> bool:
    """Whether a process that is waited for came to its end; one that failed is an error."""
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        return False
    if os.WEXITSTATUS(status) != 0:
        sys.exit("FAILED: a run raised; see above")
    return True


def main() -> None:
    """Run until so many kills have hit a run."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--directory", default=IN_MEMORY if IN_MEMORY.is_dir() else None)
    arguments = parser.parse_args()
    moments = random.Random(arguments.seed)

    kills = runs = in_search = leftovers = 0
    with tempfile.TemporaryDirectory(dir=arguments.directory) as directory:
        undisturbed, durations = [], []
        for k, problem in enumerate(PROBLEMS):
            undisturbed.append(bits(minimize(x0=START, **problem)))
            began = time.monotonic()
            assert finished(start(problem, Path(directory, f"whole-{k}")))
            durations.append(time.monotonic() - began)
        while kills < arguments.kills:
            k = runs % len(PROBLEMS)
            path = Path(directory, f"run-{runs}")
            while True:
                process = start(PROBLEMS[k], path)
                time.sleep(moments.uniform(0, durations[k]))
                os.kill(process, signal.SIGKILL)
                if finished(process):
                    break
                kills += 1
                leftovers += any(Path(directory).glob(f".{path.name}.*.tmp"))
                if path.exists():
                    in_search += LBFGSB.load(path).task == "FG_LNSRCH"
            runs += 1
            if path.with_suffix(".result").read_bytes() != undisturbed[k]:
                sys.exit(f"FAILED: run {runs} (problem {k}) ended with other bits")
            LBFGSB.load(path)
            # What killed processes left behind is gone.
            rest = [entry.name for entry in Path(directory).glob(f".run-{runs - 1}.*")]
            if rest:
                sys.exit(f"FAILED: left behind: {rest}")
    print(
        f"{kills} kills in {runs} runs, {in_search} in a line search, {leftovers} in a save: "
        "every checkpoint readable, every run ended with the bits of the undisturbed one"
    )


if __name__ == "__main__":
    main()
