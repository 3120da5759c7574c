"""Call every public function with arguments that people get wrong, and worse ones.

    python tests/fuzz.py                      20,000 calls, what `make fuzz` runs
    python tests/fuzz.py --calls 500 --seed 3
    python tests/fuzz.py --seed 3 --only 417  one call again, with its traceback

A call may end in a result, or in a ValueError, a TypeError or a MemoryError whose sentence names an
argument first: "bounds[1]: ...". Whatever else happens is printed, and the status is 1.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import lbfgsb77
from lbfgsb77 import reference

Random = np.random.RandomState


class Evil:
    """Objects whose methods raise, or lie."""

    class Length:
        def __len__(self) -> int:
            raise RuntimeError("no length")

        def __getitem__(self, index: Any) -> Any:
            return [0, 1][index]

    class Repr:
        def __repr__(self) -> str:
            raise RuntimeError("no text")

    class Array:
        def __array__(self, *args: Any, **kwargs: Any) -> Any:
            raise RuntimeError("no array")

    class Float:
        def __float__(self) -> float:
            raise RuntimeError("no number")

        def __index__(self) -> int:
            raise RuntimeError("no integer")

    class Equal:
        def __eq__(self, other: object) -> bool:
            raise RuntimeError("not comparable")

        __hash__ = None  # type: ignore[assignment]

    class Bounds:
        lb = "low"
        ub = None


# What a method of an object raises is its own; so is what an objective raises.
THEIRS = (
    *("no length", "no text", "no array", "no number", "no integer", "not comparable"),
    "the objective's own",
)

VALUES: list[Any] = [
    *(None, True, False, 0, 1, -1, 2, 3, 10**20, 10**400, -(10**400), 10**5000),
    *(0.0, -0.0, 0.5, -1.5, 1e-300, 1e308, float("nan"), float("inf"), float("-inf")),
    *(1j, "", "a", "L-BFGS-B", "2-point", b"bytes", object(), type, len),
    *((), [], {}, set(), (1,), [1, 2], [1, [2, 3]], [[1, 2], [3, 4]], {"a": 1}, range(3), iter([])),
    *([(0, 1)] * 1, [(0, 1)] * 2, [(0, 1)] * 3, [(1, 0)] * 2, [(None, None)] * 2, [(0,)] * 2),
    *([None, None], [(0, "x")] * 2, [(np.nan, 1)] * 2, [(10**400, None)] * 2, [(0, 1j)] * 2),
    *(np.array(1), np.array(1.5), np.array("x"), np.array(None), np.zeros(0), np.ones(2)),
    *(np.ones((2, 2)), np.ones((2, 3)), np.ones(3, complex), np.ones(2, "f2"), np.ones(2, bool)),
    *(np.array([1, None]), np.array(["a", "b"]), np.array([10**400, 1], object)),
    *(np.ma.masked, np.ma.array([1.0, 2.0], mask=[0, 1]), np.float32(1), np.int64(-3)),
    *(np.datetime64("2020"), np.zeros(2, "V8"), np.broadcast_to(1.0, 2), np.arange(4)[::-2]),
    *(Evil.Length(), Evil.Repr(), Evil.Array(), Evil.Float(), Evil.Equal(), Evil.Bounds()),
    *(lambda: None, lambda *a: None, lambda *a, **k: (0.0, 0.0), Path("nowhere") / "file", sys),
]


def bowl(x: Any, *args: Any) -> Any:
    return float((x**2).sum()), 2 * x


def bowls(points: Any, index: Any, *args: Any) -> Any:
    return (points**2).sum(axis=1), 2 * points


def objectives(random: Random) -> list[Callable[..., Any]]:
    """Objectives that return something, change their argument, or raise."""

    def returning(x: Any, *args: Any) -> Any:
        return VALUES[random.randint(len(VALUES))]

    def with_gradient(x: Any, *args: Any) -> Any:
        return 1.0, VALUES[random.randint(len(VALUES))]

    def changing(x: Any, *args: Any) -> Any:
        f, g = float((x**2).sum()), 2 * x
        x[...] = np.nan
        return f, g

    def raising(x: Any, *args: Any) -> Any:
        raise LookupError("the objective's own")

    return [bowl, bowls, returning, with_gradient, changing, raising]


def choose(random: Random, *usual: Any) -> Any:
    """Often something usual, else anything."""
    if usual and random.uniform() < 0.9:
        return usual[random.randint(len(usual))]
    return VALUES[random.randint(len(VALUES))]


def some(random: Random, arguments: dict[str, Any], share: float = 0.25) -> dict[str, Any]:
    """A part of the arguments by name, each now and then anything."""
    return {
        name: choose(random, *usual)
        for name, usual in arguments.items()
        if random.uniform() < share
    }


STARTS = ([1.0, 2.0], np.ones(2), [1, 2], (0.5, -3.0))
LIMITS = {
    **{"m": (1, 5), "factr": (0.0, 1e7), "pgtol": (0.0, 1e-5), "maxls": (1, 20)},
    **{"maxfun": (5, None), "maxiter": (3, None)},
    **{"maxtime": (10.0, None), "ftarget": (1.0, None), "xtol": (1e-3, None)},
}
BOXES = (None, [(0, 1)] * 2, [(None, 3)] * 2)
CALLBACKS = (None, lambda x: None, lbfgsb77.History(), lbfgsb77.Table(file=io.StringIO()))


def by_fmin(random: Random) -> None:
    functions = objectives(random)
    lbfgsb77.fmin_l_bfgs_b(
        choose(random, *functions),
        choose(random, *STARTS),
        **some(
            random,
            LIMITS
            | {"fprime": (lambda x: 2 * x, None), "args": ((), (1,)), "approx_grad": (0, 1)}
            | {"bounds": BOXES, "epsilon": (1e-8, [1e-8, 1e-6]), "callback": CALLBACKS}
            | {"iprint": (-1,), "disp": (None,)},
        ),
    )


def by_minimize(random: Random) -> None:
    functions = objectives(random)
    arguments = (
        LIMITS
        | {"args": ((), (1,)), "jac": (None, True, "3-point", lambda x: 2 * x), "bounds": BOXES}
        | {"callback": CALLBACKS, "tol": (None, 1e-3), "eps": (1e-8,), "pairs": (None,)}
        | {"finite_diff_rel_step": (None, 1e-6), "workers": (1, None, map), "hess": (None,)}
        | {"constraints": ((),), "method": ("L-BFGS-B",), "options": (None, {"maxiter": 3})}
        | {"disp": (None,), "iprint": (-1,), "nonsense": (1,), "checkpoint_every": (60, 0)}
    )
    given = some(random, arguments, 0.2)
    if random.uniform() < 0.2:
        given["options"] = some(random, LIMITS)
    if isinstance(given.get("workers"), int) and given["workers"] not in (0, 1):
        del given["workers"]  # processes are tests/test_lost_workers.py's
    lbfgsb77.minimize(choose(random, *functions), choose(random, *STARTS), **given)


def by_batch(random: Random) -> None:
    given = some(
        random,
        LIMITS
        | {"bounds": BOXES, "args": ((), (np.ones(3),)), "threads": (1, 2), "group_size": (None,)}
        | {"workers": (None, map)},
    )
    if isinstance(given.get("workers"), int):
        del given["workers"]
    if isinstance(given.get("threads"), int):
        given["threads"] = min(given["threads"], 3)
    results = lbfgsb77.minimize_batch(
        choose(random, bowls, *objectives(random)),
        choose(random, np.ones((3, 2)), [[1.0, 2.0]], np.zeros((0, 2))),
        **given,
    )
    if len(results):
        repr(results.best)


def by_solver(random: Random) -> None:
    given = some(random, LIMITS | {"bounds": BOXES, "pairs": (None,)})
    solver = lbfgsb77.LBFGSB(choose(random, *STARTS), **given)
    for _ in range(random.randint(12)):
        kind = random.randint(8)
        try:
            if kind < 4 and not solver.done:
                f, g = bowl(solver.ask())
                solver.tell(choose(random, f, f), choose(random, g, g), choose(random, 1, 1))
            elif kind == 4:
                solver.stop(choose(random, "STOP: ENOUGH"))
            elif kind == 5:
                with tempfile.TemporaryDirectory() as directory:
                    solver.save(choose(random, Path(directory) / "run", Path(directory) / "run"))
            elif kind == 6:
                solver = solver.copy()
            else:
                repr(solver.result)
                repr(solver.iterate)
        except Exception as error:
            # Whatever was refused, the solver goes on.
            if problem(error):
                raise
    while not solver.done:
        solver.tell(*bowl(solver.ask()))


def by_parts(random: Random) -> None:
    functions = objectives(random)
    given = some(
        random,
        {
            "workers": (None, 1, map, lambda f, items: [f(item) for item in items]),
            "groups": (None, 1, 2, (2, 1)),
            "director": (None,),
            "progress": (None, lambda done, count: None),
            "patience": (1.0,),
        },
    )
    function = choose(random, *functions)
    parts = choose(random, [0, 1, 2], range(3), [np.ones(2)] * 4)
    objective = lbfgsb77.SumOfParts(function, parts, **given)
    objective(choose(random, *STARTS))
    lbfgsb77.minimize(objective, [1.0, 2.0], jac=True, maxiter=3)


def by_curvature(random: Random) -> None:
    function = choose(random, bowl, lambda x: 2 * x, *objectives(random))
    given = some(random, {"bounds": (None, [(-1, 5)] * 2), "args": ((),), "workers": (None, map)})
    bend = lbfgsb77.curvature(function, choose(random, [1.0, 2.0], *STARTS), **given)
    repr(bend)
    bend._repr_html_()
    bend.standard_errors(**some(random, {"scale": (1.0, 2.0), "observations": (10,)}))


def by_others(random: Random) -> None:
    value = choose(random)
    history = lbfgsb77.History()
    calls: list[Callable[[], Any]] = [
        lambda: lbfgsb77.backend(value).__enter__(),
        lambda: lbfgsb77.LbfgsInvHessProduct(value, choose(random)),
        lambda: lbfgsb77.LbfgsInvHessProduct([[1.0, 0.0]], [[2.0, 0.0]]) @ value,
        lambda: lbfgsb77.Table(value),
        lambda: lbfgsb77.Progress(gtol=value),
        lambda: history.plot(others=value),
        lambda: history.plot(parameters=value, ax=choose(random)),
        lambda: lbfgsb77.check_gradient(
            choose(random, *objectives(random)), choose(random, *STARTS), value
        ),
        lambda: lbfgsb77.check_gradient(bowl, choose(random, *STARTS), bounds=value),
        lambda: lbfgsb77.LBFGSB.load(value),
        lambda: reference.problems.get(value),
        lambda: reference.compare(value, choose(random)),
        lambda: reference.golden(value),
        lambda: reference.golden("beale", value),
        lambda: reference.Trace.from_json(value),
        lambda: reference.record(value, "beale"),
        lambda: reference.record(lbfgsb77.LBFGSB, value),
    ]
    calls[random.randint(len(calls))]()


TARGETS = (by_fmin, by_minimize, by_batch, by_solver, by_parts, by_curvature, by_others)


def raised_by_theirs(error: BaseException) -> bool:
    """Whether an exception comes out of an objective or object of this file, and not a check."""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    package = str(Path(lbfgsb77.__file__).parent)
    inside = [k for k, file in enumerate(files) if file.startswith(package)]
    return bool(inside) and __file__ in files[inside[0] :]


def problem(error: BaseException) -> str:
    """What is wrong with an exception; nothing if it may end a call."""
    text = str(error)
    if any(theirs in text for theirs in THEIRS) or raised_by_theirs(error):
        return ""
    if isinstance(error, OSError) and not isinstance(error, (BlockingIOError, BrokenPipeError)):
        return ""  # a path of no file
    if not isinstance(error, (ValueError, TypeError, MemoryError, KeyError)):
        return "another exception"
    if isinstance(error, RuntimeError):
        return ""
    if re.search(r"missing \d+ required|takes \d+ positional|argument", text):
        return ""  # a call of an objective that takes other arguments; Python names them
    if not re.match(r"[\"']?([\w.@\[\], ()-]+: .+|no problem is called)", text, re.DOTALL):
        return "no sentence"
    return ""


def run(seed: int, number: int) -> tuple[str, BaseException | None]:
    """One call: what is wrong with how it ended, and its exception."""
    random = Random([seed, number])
    target = TARGETS[number % len(TARGETS)]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            target(random)
    except Exception as error:
        return problem(error), error
    return "", None


def main() -> int:
    parser = argparse.ArgumentParser(description="Call everything with anything.")
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", type=int, help="this call alone, with its traceback")
    options = parser.parse_args()
    numbers = range(options.calls) if options.only is None else [options.only]
    wrong = refused = 0
    # Some of what the calls are given is the name of a file to write.
    os.chdir(tempfile.mkdtemp(prefix="fuzz-"))
    for number in numbers:
        what, error = run(options.seed, number)
        refused += error is not None
        if what or (error is not None and options.only is not None):
            wrong += bool(what)
            print(f"{number} {TARGETS[number % len(TARGETS)].__name__}: {what}: "
                  f"{type(error).__name__}: {str(error)[:200]}")  # fmt: skip
            if options.only is not None:
                traceback.print_exception(error)
    print(f"{len(numbers)} calls, {refused} refused with a sentence or by their objective, "
          f"{wrong} ended otherwise")  # fmt: skip
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
