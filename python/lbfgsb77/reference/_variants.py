"""Known variants of an iteration's stages, and the points to which they lead.

A *variant* is one way of getting a stage wrong: a name, words for the report, and the point to
which the direction of the search leads with it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lbfgsb77.reference._model import Cauchy, Minimum, Model, breakpoints, factored_matrix
from lbfgsb77.reference._nearness import SAME_NUMBER, along, distance, near
from lbfgsb77.reference._shadow import Request, State

__all__ = ["LARGE", "Trusted", "Variants"]

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Pair = tuple[Vector, Vector]

#: Of more variables no dense model is made.
LARGE: Final = 5000
# A variant explains a point that is so much closer to its own than to the kernel's.
_CLOSER: Final = 1e-2


class Trusted(NamedTuple):
    """The model of an iteration, and how far its step is from the kernel's, relative to it."""

    model: Model
    cauchy: Cauchy
    minimum: Minimum
    error: float


class Variants:
    """What an iteration leads to by other rules than the original's.

    Parameters
    ----------
    lower, upper : ndarray of float, shape (n,)
        The bounds, infinite where there is none.
    options : mapping
        Of which ``m`` is used.

    Attributes
    ----------
    history : list of pairs
        Steps and changes of the gradient since the memory was last dropped, also those that it no
        longer has.
    """

    def __init__(self, lower: Vector, upper: Vector, options: Mapping[str, float]) -> None:
        self._lower, self._upper = lower, upper
        self._m = int(options["m"])
        self.bounded = bool(np.isfinite([lower, upper]).any())
        self.history: list[Pair] = []
        self._newest: Pair

    def remember(self, step: Vector, change: Vector) -> None:
        """Keep the last iteration's step and change of the gradient, whether a pair or not."""
        self._newest = step, change
        self.history.append(self._newest)

    def fitting(self, request: Request, y: Vector, trusted: Trusted) -> Iterator[tuple[str, str]]:
        """The variants that lead a search to begin at y: stage and words."""
        state = request.after
        x, _ = state.iterate
        ours, step = trusted.minimum.x, state.step
        away = distance(y, x + step * state.d)
        variants = itertools.chain(
            self._other_models(request, trusted.minimum.taken == "truncated"),
            self._other_steps(state, trusted),
        )
        for name, text, other in variants:
            # A variant that leads where the original goes tells nothing, nor does one that stays.
            if near(ours, other, x) or near(x, other, x) or not _fits(y, other, x, step):
                continue
            if step != 1.0 or distance(y, other) < _CLOSER * away:
                yield name, text

    def accepts(self, request: Request, x: Vector, g: Vector, y: Vector) -> bool:
        """Whether y follows from taking the trial x, with gradient g, for the iterate."""
        iterate, gradient = request.after.iterate
        steps, changes = request.after.pairs
        model = _model_with(steps, changes, x - iterate, g - gradient, self._m)
        return model is not None and self._leads_to(model, x, g, y)

    def starts_again(self, request: Request, y: Vector) -> bool:
        """Whether y follows from the iterate with an empty memory."""
        x, g = request.after.iterate
        return self._leads_to(_empty(x.size), x, g, y)

    def trusted(self, request: Request) -> Trusted | None:
        """The model, its Cauchy point and minimum, if they are where the kernel's are."""
        state = request.after
        if state.n > LARGE:
            return None
        x, g = state.iterate
        steps, changes = state.pairs
        try:
            model = Model(state.theta if len(steps) else 1.0, steps, changes)
            cauchy, minimum = self._solve(model, x, g)
        except np.linalg.LinAlgError:
            return None
        if not near(x + state.d, minimum.x, x):
            return None
        error = distance(minimum.x - x, state.d) / float(np.max(np.abs(state.d)))
        return Trusted(model, cauchy, minimum, error)

    def _solve(self, model: Model, x: Vector, g: Vector) -> tuple[Cauchy, Minimum]:
        if self.bounded or not len(model.w):
            cauchy = model.cauchy_point(x, g, self._lower, self._upper)
        else:
            cauchy = Cauchy(x, np.ones(x.size, bool))
        return cauchy, model.minimum(x, g, cauchy, self._lower, self._upper)

    def _leads_to(self, model: Model, x: Vector, g: Vector, y: Vector) -> bool:
        try:
            minimum = self._solve(model, x, g)[1].x
        except np.linalg.LinAlgError:
            return False
        return near(minimum, y, x)

    def _other_models(self, request: Request, truncated: bool) -> Iterator[tuple[str, str, Vector]]:
        """Minima of models that aren't the original's: name, words, point."""
        state = request.after
        x, g = state.iterate
        steps, changes = state.pairs
        for name, text, model in self._models(request, steps, changes, truncated):
            try:
                yield name, text, self._solve(model, x, g)[1].x
            except np.linalg.LinAlgError:
                continue

    def _models(
        self, request: Request, steps: Matrix, changes: Matrix, truncated: bool
    ) -> Iterator[tuple[str, str, Model]]:
        before, state = request.before, request.after
        old_steps, old_changes = before.pairs
        skipped = state.skipped > before.skipped
        m = self._m
        if request.restarted:
            yield (
                "restart",
                "keeps its pairs where the original forgets them",
                Model(before.theta, old_steps, old_changes),
            )
            if request.ended:
                model = _model_with(old_steps, old_changes, *self._newest, m)
                if model is not None:
                    text = (
                        "keeps its pairs where the original can't factor a matrix, or has no "
                        "descent, and forgets them"
                    )
                    yield "restart", text, model
            return
        if request.ended and skipped:
            model = _model_with(old_steps, old_changes, *self._newest, m)
            if model is not None:
                text = f"keeps the pair of iteration {request.iteration - 1}, the original skips it"
                yield "pair", text, model
        count = len(steps)
        if request.ended and not skipped and count:
            yield (
                "pair",
                f"skips the pair of iteration {request.iteration - 1}, the original keeps it",
                Model(before.theta if len(old_steps) else 1.0, old_steps, old_changes),
            )
        if count:
            name, text = "restart", "has no pairs where the original has them"
            if truncated:
                name = "subspace step"
                text = (
                    "has no truncated step: the projected subspace minimum doesn't descend, so the "
                    "search fails and the pairs are forgotten"
                )
            yield name, text, _empty(steps.shape[1])
        for kept in range(count - 1, 0, -1):
            text = f"uses the newest {_pairs(kept)} of {count}"
            yield "pair", text, Model(state.theta, steps[-kept:], changes[-kept:])
        if len(self.history) > count == m:
            for more in range(m + 1, min(len(self.history), 3 * m) + 1):
                newest = self.history[-more:]
                s, y = np.array([p[0] for p in newest]), np.array([p[1] for p in newest])
                yield "pair", f"uses {more} pairs, m = {m}", Model(state.theta, s, y)
        yield from self._scaled(request, steps, changes)

    def _scaled(
        self, request: Request, steps: Matrix, changes: Matrix
    ) -> Iterator[tuple[str, str, Model]]:
        """Models with another θ or another middle matrix."""
        if not len(steps):
            return
        before, state = request.before, request.after
        s, y = steps[-1], changes[-1]
        for text, theta in (
            ("the θ of the pair before", before.theta),
            ("θ = 1", 1.0),
            ("θ = sᵀy/sᵀs", float(s @ y / (s @ s))),
            ("θ = sᵀy/yᵀy, the inverse", float(s @ y / (y @ y))),
        ):
            if theta > 0.0 and not math.isclose(theta, state.theta, rel_tol=SAME_NUMBER):
                yield "theta", f"has {text}", Model(theta, steps, changes)
        if not self.bounded:
            return
        old_steps, old_changes = before.pairs
        scale = before.theta if len(old_steps) else 1.0
        text = "its middle matrix is of the pair before: "
        if len(old_steps) == len(steps):
            old = factored_matrix(scale, old_steps, old_changes)
            yield "middle matrix", f"{text}θSᵀS + LD⁻¹Lᵀ", Model(state.theta, steps, changes, old)
        mixed = factored_matrix(scale, steps, changes)
        yield "middle matrix", f"{text}the θ in it", Model(state.theta, steps, changes, mixed)

    def _other_steps(self, state: State, trusted: Trusted) -> Iterator[tuple[str, str, Vector]]:
        """Points to which the same model leads by other rules: name, words, point."""
        model, cauchy, minimum, _ = trusted
        x, g = state.iterate
        if self.bounded:
            for text, point in self._other_cauchy_points(model, x, g):
                free = (point > self._lower) & (point < self._upper)
                other = Cauchy(point, free)
                try:
                    there = model.minimum(x, g, other, self._lower, self._upper).x
                except np.linalg.LinAlgError:
                    continue
                yield "Cauchy point", text, there
        if len(model.w):
            words = "no step from the Cauchy point to the subspace minimum"
            yield "subspace step", words, cauchy.x
        if minimum.taken == "truncated":
            words = "takes the projected subspace minimum, which doesn't descend, for the truncated"
            yield "subspace step", f"{words} step", minimum.projected
        if minimum.taken == "projected":
            words = "takes the truncated step for the projected subspace minimum (as version 2.1)"
            yield "subspace step", words, minimum.truncated
        if minimum.taken != "unprojected":
            words = "takes the subspace minimum without its projection into the bounds"
            yield "subspace step", words, minimum.unprojected

    def _other_cauchy_points(
        self, model: Model, x: Vector, g: Vector
    ) -> Iterator[tuple[str, Vector]]:
        scaled = np.clip(x - g / model.theta, self._lower, self._upper)
        yield "the projection of x - g/θ stands for the Cauchy point", scaled
        plain = np.clip(x - g, self._lower, self._upper)
        yield "the projection of x - g stands for the Cauchy point", plain
        yield "the iterate stands for the Cauchy point", x
        d = np.where(breakpoints(x, g, self._lower, self._upper) > 0.0, -g, 0.0)
        curvature = float(d @ model.product(d))
        if curvature > 0.0:
            step = float(d @ d) / curvature
            far = np.clip(x + step * d, self._lower, self._upper)
            yield "the projected minimum along -g stands for the Cauchy point", far


def _fits(y: Vector, other: Vector, x: Vector, step: float) -> bool:
    """Whether a search from x towards another minimum begins at y."""
    if step == 1.0:
        return near(other, y, x)
    # Which step the port begins with is another stage.
    return along(y - x, other - x) is not None


def _pairs(count: int) -> str:
    return "pair" if count == 1 else f"{count} pairs"


def _empty(n: int) -> Model:
    return Model(1.0, np.zeros((0, n)), np.zeros((0, n)))


def _model_with(steps: Matrix, changes: Matrix, s: Vector, y: Vector, m: int) -> Model | None:
    """The model with one more pair, the oldest dropped where there are m."""
    sy = float(s @ y)
    if not sy > 0.0:
        return None
    return Model(float(y @ y) / sy, np.vstack([steps, s])[-m:], np.vstack([changes, y])[-m:])
