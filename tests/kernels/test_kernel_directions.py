"""Directions that are found in lanes, several problems at once, are those of search_direction.f."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import random_problems
from kernel_sources import slots
from lbfgsb77 import LBFGSB, _lbfgsb
from lbfgsb77._run import layout

SLOT = slots()
LANES = 2  # of the narrowest vectors


class Runs:
    """The packed states of runs of the same size, as the columns of matrices, and objectives."""

    def __init__(self, objectives: list[Any], starts: Any, bounds: list[Any], m: int) -> None:
        solvers = [LBFGSB(x, b, m=m) for x, b in zip(starts, bounds, strict=True)]
        states = [solver.__getstate__() for solver in solvers]
        self.reals = np.array([state["reals"] for state in states]).T
        self.integers = np.array([state["integers"] for state in states]).T
        self.text = np.array([state["text"][0].ljust(120) for state in states])
        self.objectives, self.n, self.m = objectives, len(starts[0]), m

    def evaluate(self) -> bool:
        """Answer those that want an evaluation; whether all do."""
        x = slice(layout.VECTORS, layout.VECTORS + self.n)
        g = slice(layout.VECTORS + 3 * self.n, layout.VECTORS + 4 * self.n)
        if not all(task.startswith(b"FG") for task in self.text):
            return False
        for k, objective in enumerate(self.objectives):
            self.reals[layout.F, k], self.reals[g, k] = objective(self.reals[x, k])
        self.integers[layout.ANSWERED] = 1
        return True

    def alone(self) -> None:
        """Take each to its next point, as single runs go."""
        for k in range(len(self.objectives)):
            reals, integers = self.reals[:, k].copy(), self.integers[:, k].copy()
            text = self.text[k : k + 1]
            _lbfgsb.advance_to_point(reals, integers, text)
            self.reals[:, k], self.integers[:, k] = reals, integers
            self.text[k] = text[0].ljust(120)

    def together(self, kernels: SimpleNamespace) -> list[int]:
        """Take all to their next points; of each 1 where its direction was found in lanes."""
        reals, integers = (np.asfortranarray(a) for a in (self.reals, self.integers))
        found = kernels.answered_in_lanes(reals, integers, self.text)
        self.reals, self.integers = reals, integers
        self.text = np.array([task.ljust(120) for task in self.text])
        return list(found)

    def known(self, k: int) -> dict[str, Any]:
        """What a state has, but for scratch, and for factors, which are made when wanted."""
        n, m, reals, integers = self.n, self.m, self.reals[:, k], self.integers[:, k]
        at, wa = layout.division(n, m), reals[layout.VECTORS + 4 * n :]
        pairs = int(integers[layout.PAIRS])

        def matrix(first: int, of: Any, size: int = m) -> Any:
            return of(wa[first : first + m * m].reshape(m, m, order="F")[:size, :size])

        isave = integers[SLOT["k_isave"] - 1 :][:44].copy()
        isave[SLOT["i_unfactored"] - 1] = 0
        bounded = integers[SLOT["k_lsave"] + SLOT["l_bounded"] - 2]
        return {
            "vectors": reals[layout.VECTORS : layout.VECTORS + 4 * n],
            "numbers": reals[: layout.VECTORS],
            "pairs": wa[: 2 * m * n],
            "sy": matrix(at.sy, np.array, pairs),
            "ss": matrix(at.ss, np.triu, pairs),
            # Rows of pairs that are not there yet too: where no variable is free a pair enters
            # without its row, and what stands there counts as it does in the original.
            "yy": matrix(at.products, np.tril),
            "ssa": matrix(at.products + m * m, np.tril),
            "mixed": matrix(at.products + 2 * m * m, np.array),
            "z": wa[at.z : at.z + n],
            "d, x_old, g_old": wa[at.d : at.d + 3 * n],
            "c": wa[at.work : at.work + 2 * pairs * bounded],
            "isave": isave,
            "lsave": integers[SLOT["k_lsave"] - 1 :][:4],
            "nbd, side, status": integers[layout.BOUND_TYPES :][: 3 * n],
            "others": integers[: SLOT["k_isave"] - 1],
            "text": self.text[k],
        }


def follow(kernels: SimpleNamespace, *arguments: Any, steps: int = 30) -> list[int]:
    """Two copies of the same runs, one alone, one in lanes: what was found of all directions."""
    alone, together = Runs(*arguments), Runs(*arguments)
    found: list[int] = []
    for _ in range(steps):
        if not alone.evaluate():
            break
        together.evaluate()
        alone.alone()
        found += together.together(kernels)
        for k in range(len(alone.objectives)):
            for name, expected in alone.known(k).items():
                np.testing.assert_array_equal(together.known(k)[name], expected, name)
    return [one for one in found if one >= 0]


def box(random: np.random.RandomState, n: int) -> list[Any]:
    """Bounds of all kinds."""
    kinds = [(None, None), (-0.5, None), (None, 0.5), (-1.0, 0.75), (-0.3, 0.3)]
    return [kinds[k] for k in random.randint(len(kinds), size=n)]


@pytest.mark.parametrize("m", [1, 2, 5, 10])
@pytest.mark.parametrize("n", [1, 2, 3, 5, 8, 13])
@pytest.mark.parametrize("bounded", [True, False])
def test_states_are_those_of_the_single_runs(
    kernels: SimpleNamespace, n: int, m: int, bounded: bool
) -> None:
    random = np.random.RandomState(100 * n + m)
    found = []
    for _ in range(6):
        objectives = [random_problems.quadratic(random, n) for _ in range(LANES)]
        starts = random.uniform(-1, 1, (LANES, n))
        bounds = [box(random, n) if bounded else [(None, None)] * n for _ in range(LANES)]
        found += follow(kernels, objectives, starts, bounds, m)
    # Nothing is out of the ordinary without bounds; a quadratic function of one variable takes few
    # steps, and with bounds they often end where no variable is free.
    if not bounded:
        assert set(found) <= {1}
    if n > 1:
        assert 1 in found


def test_of_equal_breakpoints_the_heap_decides(kernels: SimpleNamespace) -> None:
    # The first step, of length 1, leaves eight variables like each other short of their bounds,
    # which the second path meets at once; a ninth has none.
    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        return random_problems.total((x - 3) ** 2), 2 * (x - 3)

    starts, bounds = np.zeros((2, 9)), [(None, 1.0)] * 8 + [(None, None)]
    found = follow(kernels, [objective] * 2, starts, [bounds] * 2, 5)
    assert found[:2] == [0, 0]


def test_where_no_variable_is_free_the_single_run_goes_on(kernels: SimpleNamespace) -> None:
    # Downhill to a corner of the box, whose second pair is the last.
    def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
        slopes = np.array([1.0, 2.0, 3.0])
        return float(slopes @ x) + 0.5e-3 * float(x @ x), slopes + 1e-3 * x

    starts = np.array([[5.0, 6, 7], [8, 9, 9.5]])
    found = follow(kernels, [objective] * 2, starts, [[(0.0, 10.0)] * 3] * 2, 5)
    assert found
    assert set(found) == {0}
