"""How a line search begins, tries and ends: search_start.f, trial_point.f, line_search.f."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import plain
import pytest
from pairs import random_box

FORTRAN = Path(__file__).resolve().parents[2] / "fortran"
SLOTS = {
    name: int(number) - 1
    for file in ("state_layout.f", "search_outcomes.f")
    for name, number in re.findall(r"(\w+) = (\d+)", (FORTRAN / file).read_text(encoding="utf-8"))
}
TRIAL, ACCEPTED, FAILED, OUT_OF_STEPS = (
    SLOTS[name] + 1 for name in ("trial", "accepted", "failed", "out_of_steps")
)


def test_a_variable_outside_its_bound_may_not_go_on(kernels: SimpleNamespace) -> None:
    # Rounding can leave x - l at or below 0.
    start = [0.5, 1.5], [0.0, 0.0], [1.0, 1.0], [2, 2], [0.0, 0.5], 1e10
    assert kernels.limit_step(*start) == 0


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("step", [1e-3, 0.3, 1.7, 50.0])
def test_a_trial_goes_no_farther_than_the_bounds(
    kernels: SimpleNamespace, seed: int, step: float
) -> None:
    rng = np.random.default_rng(seed)
    box = random_box(rng, 40)
    d = rng.standard_normal(40)
    x, repeats = kernels.trial_point(box.lower, box.upper, box.nbd, box.x, d, step, box.x)
    assert plain.same(x, np.clip(step * d + box.x, box.floor, box.ceiling))
    assert not repeats
    again = kernels.trial_point(box.lower, box.upper, box.nbd, box.x, d, step, x)
    assert plain.same(again[0], x)
    assert again[1]


# The search along one direction -------------------------------------------------------------------


@dataclass
class Line:
    """A search of the kernel along d from t, for a function of x[0] alone."""

    kernels: SimpleNamespace
    f: Callable[[float], float]
    slope: Callable[[float], float]
    maxls: int = 20
    iterations: int = 1
    largest: float = 1e10
    outcome: int = -1
    csave: bytes = b""
    t: plain.Vector = field(default_factory=lambda: np.array([0.0, 2.0]))
    d: plain.Vector = field(default_factory=lambda: np.array([1.0, 0.0]))
    steps: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.isave, self.dsave = np.zeros(44, np.int32), np.zeros(29)
        self.isave[SLOTS["i_iterations"]] = self.iterations
        self.dsave[SLOTS["d_largest_step"]] = self.largest
        self.dsave[SLOTS["d_dtd"]] = self.d @ self.d
        self.dsave[SLOTS["d_slope"]] = self.slope(0.0) * self.d[0]
        self.x, self.z, self.r = self.t + self.d, np.full(2, np.nan), np.full(2, np.nan)

    def of_integer(self, name: str) -> int:
        return int(self.isave[SLOTS[name]])

    def of_real(self, name: str) -> float:
        return float(self.dsave[SLOTS[name]])

    @property
    def unbounded(self) -> tuple[plain.Vector, plain.Vector, plain.Indices]:
        return np.full(2, np.nan), np.full(2, np.nan), np.zeros(2, np.int32)

    def start(self) -> None:
        self.x, self.z, self.csave, self.isave, self.dsave, self.outcome = (
            self.kernels.start_search(
                self.maxls, self.x, *self.unbounded, self.f(0.0), self.t, self.d, self.z, b"",
                np.zeros(4), self.isave, self.dsave,
            )
        )  # fmt: skip

    def go_on(self, f: float | None = None, g: float | None = None) -> None:
        """Tell the values at the trial: the function's own, or those given."""
        self.steps.append(self.of_real("d_step"))
        x = float(self.x[0])
        value, gradient = self.f(x) if f is None else f, self.slope(x) if g is None else g
        self.x, self.z, self.r, self.csave, self.isave, self.dsave, self.outcome = (
            self.kernels.continue_search(
                self.maxls, self.x, *self.unbounded, value, [gradient, 0.0], self.t, self.d,
                self.z, self.r, self.csave, np.zeros(4), self.isave, self.dsave,
            )
        )  # fmt: skip

    def run(self) -> None:
        self.start()
        while self.outcome == TRIAL:
            self.go_on()


def parabola(kernels: SimpleNamespace, minimum: float = 1.0, **settings: int) -> Line:
    return Line(kernels, lambda x: (x - minimum) ** 2, lambda x: 2 * (x - minimum), **settings)


@pytest.mark.parametrize("f", [np.nan, np.inf, -np.inf, None])
@pytest.mark.parametrize("g", [np.nan, np.inf, -np.inf, None])
def test_values_that_are_not_finite_take_half_the_step_back(
    kernels: SimpleNamespace, f: float | None, g: float | None
) -> None:
    line = parabola(kernels, minimum=0.2)
    line.start()
    if f is None and g is None:
        line.go_on()
        assert line.steps == [1.0]
        assert line.of_real("d_step") != 0.5
        return
    before = line.dsave.copy(), line.csave, line.of_integer("i_stage")
    for expected in (0.5, 0.25):
        line.go_on(f, g)
        assert line.outcome == TRIAL
        assert line.of_real("d_step") == expected
        assert line.x[0] == expected * line.d[0]
    # The search has learnt nothing of them; they count as evaluations.
    after = line.dsave.copy()
    after[SLOTS["d_step"]] = before[0][SLOTS["d_step"]]
    assert plain.same(after, before[0])
    assert (line.csave, line.of_integer("i_stage")) == before[1:]
    assert line.of_integer("i_evaluations") == 3
    # It goes on with finite values, to a step where the slope is small enough.
    while line.outcome == TRIAL:
        line.go_on()
    assert line.outcome == ACCEPTED
    assert abs(line.slope(line.x[0])) <= 0.9 * abs(line.slope(0.0))


def test_the_way_back_leads_to_the_best_end_of_the_interval(kernels: SimpleNamespace) -> None:
    # The first trial is lower: it becomes the best end, and the next step goes beyond it.
    line = parabola(kernels, minimum=100.0)
    line.start()
    line.go_on()
    step = line.of_real("d_step")
    assert step > 1
    line.go_on(f=np.inf)
    assert line.of_real("d_step") == 1 + 0.5 * (step - 1)


def test_values_that_are_never_finite_end_the_search(kernels: SimpleNamespace) -> None:
    line = parabola(kernels, maxls=5)
    line.start()
    while line.outcome == TRIAL:
        line.go_on(f=np.nan)
    assert line.outcome == OUT_OF_STEPS
    assert line.steps == [1.0, 0.5, 0.25, 0.125, 0.0625]


def test_a_trial_that_rounds_to_the_last_point_is_said_to_repeat_it(
    kernels: SimpleNamespace,
) -> None:
    line = parabola(kernels, minimum=1.0)
    line.start()
    assert line.of_integer("i_repeats") == 0
    line.go_on(f=np.nan)
    assert line.of_integer("i_repeats") == 0
    tiny = parabola(kernels, minimum=2.0)
    tiny.t[0], tiny.d[0] = 1.0, 1e-17
    tiny.__post_init__()
    tiny.start()
    tiny.go_on(f=np.nan)
    # 1 + 0.5e-17 is 1, and so was the trial before.
    assert tiny.of_integer("i_repeats") == 1


@pytest.mark.parametrize(
    ("f", "g", "place", "kind"),
    [
        (np.nan, 1.0, 0, 1),
        (np.inf, np.nan, 0, 2),
        (-np.inf, 1.0, 0, 3),
        (1.0, np.nan, 1, 1),
        (1.0, np.inf, 1, 2),
        (1.0, -np.inf, 1, 3),
    ],
)
def test_what_was_not_finite_and_where_is_kept(
    kernels: SimpleNamespace, f: float, g: float, place: int, kind: int
) -> None:
    line = parabola(kernels)
    line.start()
    assert line.of_integer("i_not_finite_kind") == 0
    x = line.x.copy()
    line.go_on(f, g)
    assert line.of_integer("i_not_finite") == place
    assert line.of_integer("i_not_finite_kind") == kind
    assert plain.same(line.r, x)
