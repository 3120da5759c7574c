"""Many starts at once: minimize_batch beside BoTorch's, Optuna's and jaxopt's, and a loop of SciPy.

    python benchmarks/starts.py                  measure, in an environment made for it
    python benchmarks/starts.py --json FILE      ... and keep it
    python benchmarks/starts.py --plot FILE      ... and draw it

K starts of a chained Rosenbrock function of n variables in a box. The objective takes all points
of a round at once and is the same NumPy code for all but jaxopt, which compiles its own; the time
outside of it is what a solver takes for itself. Peers take turns, and each figure is the median of
the rounds, on one thread each, but for the one that says otherwise.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / "build" / "bench" / "envs"
REQUIREMENTS = ("torch", "botorch", "optuna", "greenlet", "jax", "jaxopt", "scipy<1.18")
SIZES = [(count, n) for n in (6, 20) for count in (10, 100, 1000)]
LOWER, UPPER = -2.0, 2.0
OURS = "minimize_batch"

Batch = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def rosenbrock(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and gradients at points, one a row."""
    bend, slope = points[:, 1:] - points[:, :-1] ** 2, 1 - points[:, :-1]
    gradients = np.zeros_like(points)
    gradients[:, 1:] = 200 * bend
    gradients[:, :-1] -= 400 * bend * points[:, :-1] + 2 * slope
    return (100 * bend**2 + slope**2).sum(axis=1), gradients


class Timed:
    """An objective whose calls are counted and timed."""

    def __init__(self) -> None:
        self.calls, self.seconds = 0, 0.0

    def __call__(self, points: np.ndarray, *args: Any, **kwargs: Any) -> tuple[Any, Any]:
        began = time.perf_counter()
        answer = rosenbrock(np.asarray(points))
        self.seconds += time.perf_counter() - began
        self.calls += 1
        return answer


def by_batch(f: Timed, starts: np.ndarray, threads: int = 1) -> np.ndarray:
    import lbfgsb77

    bounds = [(LOWER, UPPER)] * starts.shape[1]
    return np.asarray(lbfgsb77.minimize_batch(f, starts, bounds, threads=threads).fun)


def by_botorch(f: Timed, starts: np.ndarray) -> np.ndarray:
    from botorch.optim.batched_lbfgs_b import fmin_l_bfgs_b_batched

    bounds = [(LOWER, UPPER)] * starts.shape[1]
    return np.asarray(fmin_l_bfgs_b_batched(f, starts.copy(), bounds=bounds)[1])


def by_optuna(f: Timed, starts: np.ndarray) -> np.ndarray:
    from optuna._gp.batched_lbfgsb import batched_lbfgsb

    bounds = [(LOWER, UPPER)] * starts.shape[1]
    return np.asarray(batched_lbfgsb(f, starts.copy(), bounds=bounds)[1])


def by_scipy(f: Timed, starts: np.ndarray) -> np.ndarray:
    from scipy.optimize import fmin_l_bfgs_b

    bounds = [(LOWER, UPPER)] * starts.shape[1]

    def one(x: np.ndarray) -> Any:
        values, gradients = f(x[None, :])
        return values[0], gradients[0]

    return np.array([fmin_l_bfgs_b(one, x, bounds=bounds)[1] for x in starts])


def jaxopts() -> Callable[[Timed, np.ndarray], np.ndarray]:
    import jax
    import jax.numpy as jnp
    import jaxopt

    jax.config.update("jax_enable_x64", True)

    def value(x: Any) -> Any:
        bend, slope = x[1:] - x[:-1] ** 2, 1 - x[:-1]
        return (100 * bend**2 + slope**2).sum()

    solver = jaxopt.LBFGSB(value, maxiter=500, tol=1e-5, history_size=10)

    @jax.jit
    def solve(starts: Any) -> Any:
        bounds = jnp.full(starts.shape[1], LOWER), jnp.full(starts.shape[1], UPPER)
        found = jax.vmap(lambda x: solver.run(x, bounds=bounds))(starts)
        return found.state.value, found.state.iter_num

    compiled: set[tuple[int, ...]] = set()

    def by_jaxopt(f: Timed, starts: np.ndarray) -> np.ndarray:
        if starts.shape not in compiled:
            compiled.add(starts.shape)
            jax.block_until_ready(solve(starts))
        values, iterations = jax.block_until_ready(solve(starts))
        f.calls = int(iterations.max())
        return np.asarray(values)

    return by_jaxopt


def makers() -> dict[str, Callable[[Timed, np.ndarray], np.ndarray]]:
    """The peers that are here."""
    found: dict[str, Callable[[Timed, np.ndarray], np.ndarray]] = {
        OURS: by_batch,
        f"{OURS}, threads=2": lambda f, starts: by_batch(f, starts, threads=2),
    }
    for name, module, maker in (
        ("BoTorch", "botorch", lambda: by_botorch),
        ("Optuna", "optuna", lambda: by_optuna),
        ("a loop of SciPy", "scipy", lambda: by_scipy),
        ("jaxopt, vmapped", "jaxopt", jaxopts),
    ):
        try:
            __import__(module)
            found[name] = maker()
        except ImportError as error:
            print(f"without {name}: {error}", file=sys.stderr)
    return found


def measure(rounds: int) -> list[dict[str, Any]]:
    """Every peer on every size, in turn."""
    rows = []
    peers = makers()
    for count, n in SIZES:
        starts = np.random.RandomState(0).uniform(LOWER, UPPER, (count, n))
        taken: dict[str, list[float]] = {name: [] for name in peers}
        outside: dict[str, list[float]] = {name: [] for name in peers}
        calls, values = {}, {}
        for turn in range(rounds + 1):
            names = list(peers)
            for name in names[turn % len(names) :] + names[: turn % len(names)]:
                f = Timed()
                began = time.perf_counter()
                values[name] = peers[name](f, starts)
                total = time.perf_counter() - began
                calls[name] = f.calls
                if turn:  # the first warms up
                    taken[name].append(total)
                    outside[name].append(total - f.seconds)
        for name in peers:
            agrees = np.abs(values[name] - values[OURS]) <= 1e-6 * np.maximum(1, values[OURS])
            ratios = [a / b for a, b in zip(outside[name], outside[OURS], strict=True)]
            rows.append({
                "peer": name, "starts": count, "n": n, "rounds": calls[name],
                "seconds": statistics.median(taken[name]),
                "outside": statistics.median(outside[name]),
                "ratio": statistics.median(ratios), "least": min(ratios), "most": max(ratios),
                "agree": float(agrees.mean()),
            })  # fmt: skip
    return rows


def table(rows: list[dict[str, Any]]) -> str:
    """As Markdown."""
    lines = [
        "| starts | n | | rounds | per second | ms outside f | times ours | ends agree |",
        "| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        ratio = "" if row["peer"] == OURS else (
            f"{row['ratio']:.1f} ({row['least']:.1f} to {row['most']:.1f})"
        )  # fmt: skip
        lines.append(
            f"| {row['starts']} | {row['n']} | {row['peer']} | {row['rounds']} | "
            f"{row['rounds'] / row['seconds']:.0f} | {row['outside'] * 1e3:.1f} | {ratio} | "
            f"{row['agree']:.0%} |"
        )
    return "\n".join(lines)


def draw(rows: list[dict[str, Any]], file: Path, dark: bool = False) -> None:
    """Time outside the objective, times ours, against the number of starts."""
    from matplotlib import rc_context, style
    from matplotlib.figure import Figure

    same = {"svg.hashsalt": "lbfgsb77"}
    with style.context("dark_background" if dark else "default"), rc_context(same):
        figure = Figure((8, 3.4), layout="constrained")
        both = figure.subplots(1, 2, sharey=True)
        for axes, n in zip(both, (6, 20), strict=True):
            for name in dict.fromkeys(row["peer"] for row in rows):
                mine = [row for row in rows if row["peer"] == name and row["n"] == n]
                x = [row["starts"] for row in mine]
                color = {"color": "0.5", "ls": "--"} if name == OURS else {}
                ratios = [row["ratio"] for row in mine]
                axes.loglog(x, ratios, marker="o", ms=4, label=name, **color)
            axes.set_title(f"n = {n}", fontsize=10)
            axes.set_xlabel("starts")
            axes.set_xticks(x, labels=[str(count) for count in x])
            ticks = [0.5, 1, 2, 5, 10, 20, 40]
            axes.set_yticks(ticks, labels=[f"{tick:g}" for tick in ticks])
            axes.minorticks_off()
            axes.grid(alpha=0.3)
        both[0].set_ylabel("time outside the objective,\ntimes that of minimize_batch")
        figure.legend(*both[0].get_legend_handles_labels(), loc="outside right center", fontsize=8)
        figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def main() -> int:
    """Measure, print, keep, draw."""
    parser = argparse.ArgumentParser(description="Many starts at once, beside the peers.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    parser.add_argument("--here", action="store_true", help="in this environment")
    options = parser.parse_args()
    if not options.here:
        import peers  # the documentation draws with other files of this directory alone

        arguments = sys.argv[1:]
        return peers.run_in_environment(ENVIRONMENTS, "starts", REQUIREMENTS, __file__, arguments)
    rows = measure(options.rounds)
    print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if options.plot:
        draw(rows, options.plot)
    return 0


if __name__ == "__main__":
    sys.exit(main())
