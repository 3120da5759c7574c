"""Which step of an iteration another implementation takes otherwise.

A port is followed by the kernel (`_shadow`). Where the two want different points by more than
rounding, what the port has reported of its stages is compared with the kernel's; where it has
reported none, its point is compared with those to which known variants of each stage lead
(`_model`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lbfgsb77.reference._model import Cauchy, Minimum, Model, breakpoints
from lbfgsb77.reference._search import named_steps
from lbfgsb77.reference._shadow import Request, Shadow, State
from lbfgsb77.reference._trace import Evaluation, Trace, endings_agree, number

__all__ = ["STAGES", "STAGE_FIELDS", "Stage", "diagnose"]

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Certainty = Literal["sure", "likely", "possible"]

#: The stages of an iteration, in the order in which it passes through them.
STAGES: Final = (
    "start",
    "projected gradient",
    "reduction of f",
    "pair",
    "theta",
    "middle matrix",
    "restart",
    "Cauchy point",
    "free variables",
    "subspace step",
    "largest step",
    "first trial",
    "search step",
    "acceptance",
    "limit",
)

#: What a port may report of an iteration before the first trial of its search, and the stage that
#: each field belongs to, in the order in which they are compared.
STAGE_FIELDS: Final[Mapping[str, str]] = {
    "projected_gradient": "projected gradient",
    "pair": "pair",
    "theta": "theta",
    "cauchy": "Cauchy point",
    "segments": "Cauchy point",
    "free": "free variables",
    "minimum": "subspace step",
    "largest_step": "largest step",
    "first_step": "first trial",
}

# Two points are one if they are no further apart than this part of the step to them: what rounding
# makes of an ill-conditioned matrix is mostly less, and what a fault makes mostly much more.
_SAME_POINT: Final = 1e-4
# Of more variables no dense model is made.
_LARGE: Final = 5000
# The same where the step is well-conditioned.
_LEAST: Final = 1e-8
# A variant explains a point that is so much closer to its own than to the kernel's.
_CLOSER: Final = 1e-2
# What is compared with a formula is held to this.
_SAME_NUMBER: Final = 1e-6
_EPSILON: Final = 2.0**-52


@dataclass(frozen=True)
class Stage:
    """The first step of a run that isn't the original's by more than rounding.

    Parameters
    ----------
    name : str
        One of `STAGES`.
    evaluation : int
        At which evaluation it shows, from 1, repeats not counted.
    iteration, trial : int
        Where that is in the run of the kernel that follows the port.
    explanation : str
        What the port does, and what the original does.
    certainty : {"sure", "likely", "possible"}
        ``sure`` where the port has reported it, or where its numbers are those of the variant that
        is named; ``likely`` where they fit best; ``possible`` where no more can be said.
    """

    name: str
    evaluation: int
    iteration: int
    trial: int
    explanation: str
    certainty: Certainty


class _Found(NamedTuple):
    name: str
    explanation: str
    certainty: Certainty


class _Trusted(NamedTuple):
    """The model of an iteration, and how far its step is from the kernel's, relative to it."""

    model: Model
    cauchy: Cauchy
    minimum: Minimum
    error: float


def diagnose(reference: Trace, candidate: Trace) -> Stage | None:
    """Find the first step that isn't the original's, given the candidate's own past.

    Parameters
    ----------
    reference : Trace
        Tells start, bounds and options.
    candidate : Trace
        The run to follow.

    Returns
    -------
    Stage or None
        None if no step differs by more than rounding, or there is nothing to follow.
    """
    evaluations = candidate.distinct_evaluations
    if candidate.outcome.ending == "exception" or any(e.x.size != reference.n for e in evaluations):
        return None
    with np.errstate(all="ignore"):
        return _Follower(reference, candidate, evaluations).first()


class _Follower:
    def __init__(self, reference: Trace, candidate: Trace, evaluations: list[Evaluation]) -> None:
        self.options = reference.options
        self.lower, self.upper = reference.lower, reference.upper
        self.bounded = bool(np.isfinite([self.lower, self.upper]).any())
        self.candidate = candidate
        self.evaluations = evaluations
        self.shadow = Shadow(reference, reference.options)
        self.iterates: list[Evaluation] = []
        # Steps and changes since the memory was last dropped, also those it no longer has.
        self.history: list[tuple[Vector, Vector]] = []
        self.tie: Stage | None = None
        self.newest: tuple[Vector, Vector]  # the pair of the last iteration

    def first(self) -> Stage | None:
        """The first step that differs; failing that, ties that may be behind a rounding."""
        return self._by_more_than_rounding() or self.tie

    def _by_more_than_rounding(self) -> Stage | None:
        request = self.shadow.first()
        same_bits = True
        for k, evaluation in enumerate(self.evaluations):
            if request.is_end:
                return self._stage(self._goes_on(request), request, k + 1)
            if not np.array_equal(request.after.x, evaluation.x):
                found = self._other_point(request, evaluation, k)
                if found is not None:
                    return self._stage(found, request, k + 1)
                if same_bits and request.trial == 1 and request.iteration > 0:
                    self._look_for_ties(request, k + 1)
                same_bits = False
            earlier, request = request, self.shadow.tell(evaluation)
            if k == 0:
                self.iterates.append(evaluation)
            last = k == len(self.evaluations) - 1
            if self._mark_differs(evaluation, request, last):
                return self._stage(self._acceptance(request, evaluation, earlier), earlier, k + 1)
            if request.ended:
                self._remember(evaluation)
            if request.restarted:
                self.history.clear()
        number_of = len(self.evaluations)
        if not request.is_end:
            return self._stage(self._ends_early(request), request, number_of + 1)
        other = self._other_ending(request)
        return None if other is None else self._stage(other, request, number_of)

    def _stage(self, found: _Found, at: Request, evaluation: int) -> Stage:
        return Stage(
            found.name, evaluation, at.iteration, at.trial, found.explanation, found.certainty
        )

    def _look_for_ties(self, request: Request, evaluation: int) -> None:
        """Note equal breakpoints on the path of the iteration in which rounding differs first."""
        state = request.after
        x, g = state.iterate
        passed = np.sort(breakpoints(x, g, self.lower, self.upper))[: max(state.segments - 1, 0)]
        _, counts = np.unique(passed[passed > 0.0], return_counts=True)
        tied = int(counts[counts > 1].sum())
        if self.bounded and tied:
            text = (
                f"rounding differs first in an iteration whose path meets {tied} breakpoints that "
                "are equal to another: in another order of them it rounds otherwise"
            )
            self.tie = self._stage(_Found("Cauchy point", text, "possible"), request, evaluation)

    def _mark_differs(self, evaluation: Evaluation, request: Request, last: bool) -> bool:
        """Whether only one of the two ends an iteration here; at the end not all say so."""
        if not self.candidate.tells_iterations or last or len(self.iterates) == 0:
            return False
        return (evaluation.iteration is not None) != request.ended

    def _remember(self, evaluation: Evaluation) -> None:
        before = self.iterates[-1]
        self.newest = evaluation.x - before.x, evaluation.g - before.g
        self.history.append(self.newest)
        self.iterates.append(evaluation)

    # Endings ---------------------------------------------------------------------------------

    def _other_ending(self, request: Request) -> _Found | None:
        """Both end here, but not for the same reason."""
        ending, message = self.candidate.outcome.ending, self.candidate.outcome.message
        for words, ours, name in (
            ("PGTOL", "gradient", "projected gradient"),
            ("FACTR", "reduction", "reduction of f"),
            ("ABNORMAL", "abnormal", "acceptance"),
            ("ITERATIONS", "iteration limit", "limit"),
            ("EVALUATIONS", "evaluation limit", "limit"),
        ):
            if words in request.task and not endings_agree(ours, ending):
                text = f"ends ({message or ending}) where the original's reason is {request.task}"
                if ours == "gradient" and ending == "reduction":
                    text += "; it looks at that first"
                return _Found(name, text, "sure")
        return None

    def _goes_on(self, request: Request) -> _Found:
        """The kernel has ended, the port asks for another point."""
        task, state = request.task, request.after
        if "PGTOL" in task:
            last = self.iterates[-1]
            plain = float(np.max(np.abs(last.g)))
            norm, pgtol = state.projected_gradient_norm, self.options["pgtol"]
            text = f"goes on where the projected gradient, {norm:.3g}, is at most pgtol = {pgtol:g}"
            if plain > pgtol >= norm:
                return _Found(
                    "projected gradient", f"{text}; the unprojected one is {plain:.3g}", "sure"
                )
            return _Found("projected gradient", text, "likely")
        if "FACTR" in task:
            return self._reduction(state)
        if task.startswith("ABNORMAL"):
            made = request.trial - 1
            text = f"goes on after {made} evaluations of a search, where the original"
            if made == self.options["maxls"]:
                text += f" gives up: maxls = {made}, and the memory is empty"
                return _Found("limit", text, "sure")
            text += " ends: there is no descent, and the memory is empty"
            return _Found("acceptance", text, "likely")
        return _Found("limit", f"goes on where the original's driver ends: {task}", "sure")

    def _reduction(self, state: State) -> _Found:
        before, now = self.iterates[-2].f, self.iterates[-1].f
        factr = self.options["factr"]
        allowed = factr * _EPSILON
        text = (
            f"goes on where f was lowered by {before - now:.3g}, at most factr*eps = "
            f"{allowed:.3g} times max(|f_old|, |f|, 1)"
        )
        if before - now > allowed * max(abs(before), abs(now)):
            return _Found("reduction of f", f"{text}; without the 1 it is more", "sure")
        return _Found("reduction of f", text, "likely")

    def _ends_early(self, request: Request) -> _Found:
        """The port has ended, the kernel wants another point."""
        ending, message = self.candidate.outcome.ending, self.candidate.outcome.message
        ends = f"ends ({message or ending})"
        if request.restarted and not request.ended:
            return _Found(
                "restart",
                f"{ends} where a search has failed and pairs are in the memory: the original puts "
                "the iterate back, forgets the pairs and goes on",
                "sure",
            )
        if request.restarted:
            return _Found(
                "restart",
                f"{ends} where a matrix can't be factored, or the direction doesn't descend: the "
                "original forgets the pairs and goes on",
                "sure",
            )
        if not request.ended and request.iteration > 0:
            made = request.trial - 1
            return _Found(
                "acceptance" if made < self.options["maxls"] - 1 else "limit",
                f"{ends} after {made} evaluations of a search, of which the original makes up to "
                f"maxls = {self.options['maxls']}",
                "sure" if made == self.options["maxls"] - 1 else "likely",
            )
        norm = request.after.projected_gradient_norm
        if ending == "gradient":
            return _Found(
                "projected gradient",
                f"{ends} where the projected gradient is {norm:.3g}, more than pgtol = "
                f"{self.options['pgtol']:g}",
                "sure",
            )
        if ending in ("iteration limit", "evaluation limit", "limit"):
            return _Found("limit", f"{ends} where the original's driver goes on", "sure")
        if ending == "abnormal":
            return _Found(
                "restart",
                f"{ends} without another evaluation, where the original has a direction of descent",
                "likely",
            )
        if len(self.iterates) > 1:
            before, now = self.iterates[-2].f, self.iterates[-1].f
            scale = max(abs(before), abs(now), 1.0)
            return _Found(
                "reduction of f",
                f"{ends} where f was lowered by {before - now:.3g}, more than factr*eps = "
                f"{self.options['factr'] * _EPSILON:.3g} times {scale:.3g}, and the projected "
                f"gradient is {norm:.3g}",
                "sure" if ending == "reduction" else "likely",
            )
        return _Found("projected gradient", f"{ends} at the start", "likely")

    # Acceptance ------------------------------------------------------------------------------

    def _acceptance(self, request: Request, evaluation: Evaluation, trial: Request) -> _Found:
        """One of the two takes this trial for its iterate."""
        state = trial.after
        if request.ended and trial.trial == self.options["maxls"] - 1:
            # The last trial was at the same point, and nobody evaluated it again.
            text = f"gives the search up after {trial.trial} evaluations, one less than maxls"
            return _Found("limit", text, "likely")
        x, g = state.iterate
        slope0, slope = float(g @ state.d), float(evaluation.g @ state.d)
        least = state.f_of_iterate + 1e-3 * state.step * slope0
        low, high = state.search[9], state.search[10]
        who = "goes on searching" if request.ended else "takes the trial for its iterate"
        enough = "enough" if evaluation.f <= least else "too little"
        text = (
            f"{who}: f decreases {enough}, the slope is {slope / slope0:.3g} of the first (at most "
            "0.9 ends the search)"
        )
        if state.bracketed:
            text += f", the interval is {(high - low) / high:.3g} of its upper end (0.1 ends it)"
        # Where a test is met or missed by rounding alone, either is right.
        margins = [
            abs(evaluation.f - least) / max(abs(least), abs(evaluation.f)),
            abs(abs(slope) - 0.9 * abs(slope0)) / abs(slope0),
        ]
        if state.bracketed:
            margins += [abs((high - low) / high - 0.1), *(abs(state.step - np.array([low, high])))]
        if min(margins) < 1e3 * _EPSILON or state.step * np.max(
            np.abs(state.d)
        ) < _EPSILON * np.max(np.abs(x)):
            return _Found("acceptance", f"{text}; rounding decides", "possible")
        return _Found("acceptance", text, "sure")

    # Points ----------------------------------------------------------------------------------

    def _other_point(self, request: Request, evaluation: Evaluation, k: int) -> _Found | None:
        """Another point than the kernel's; None where rounding may be all of the difference."""
        ours, y = request.after.x, evaluation.x
        if request.iteration == 0:
            if _near(ours, y, np.zeros_like(ours), _SAME_NUMBER):
                return None
            text = "the first point isn't the start, projected into the bounds"
            return _Found("start", text, "sure")
        x, _ = request.after.iterate
        if request.trial > 1:
            return None if _near(ours, y, x) else self._other_trial(request, y, k)
        # How far rounding takes a step of this condition is seen in the model, which has the same
        # numbers in another order.
        trusted = self._trusted(request)
        if trusted is None:
            return self._reported(request, evaluation)
        if _near(ours, y, x, _LEAST + 1e3 * trusted.error):
            return None
        found = self._reported(request, evaluation) or self._known(request, y, k, trusted)
        if found is None and not _near(ours, y, x):
            found = self._structure(request, y)
        return found

    def _other_trial(self, request: Request, y: Vector, k: int) -> _Found | None:
        """Another point in mid-search."""
        state = request.after
        x, _ = state.iterate
        ratio = _along(y - x, state.d)
        last = self.evaluations[k - 1]
        made = request.trial - 1
        if ratio is None:
            found = itertools.chain(
                self._accepted_before(request, y, last), self._gave_up_before(request, y)
            )
            text = f"leaves the search after {made} evaluations, which the original goes on with"
            return next(found, _Found("acceptance", text, "likely"))
        slope = float(last.g @ state.d)
        steps = dict(named_steps(request.before, last.f, slope, state))
        ours, theirs = _name(steps, state.step), _name(steps, ratio)
        if ours and not theirs:
            # The slope's own rounding.
            error = 4.0 * y.size * _EPSILON * float(np.abs(last.g) @ np.abs(state.d))
            rounded = [
                dict(named_steps(request.before, last.f, slope, state, e))[ours]
                for e in (error, -error)
            ]
            if abs(ratio - state.step) <= 10.0 * max(abs(r - state.step) for r in rounded):
                return None
        text = f"trial {request.trial} has the step {ratio:.6g}"
        text += f", {theirs}" if theirs else ""
        text += f"; the original takes {state.step:.6g}" + (f", {ours}" if ours else "")
        return _Found("search step", text, "sure" if theirs and theirs != ours else "likely")

    def _accepted_before(self, request: Request, y: Vector, last: Evaluation) -> Iterator[_Found]:
        """Whether the point follows from the last trial as an iterate."""
        state = request.after
        x, g = state.iterate
        steps, changes = state.pairs
        s, r = last.x - x, last.g - g
        model = _model_with(steps, changes, s, r, int(self.options["m"]))
        if model is not None and self._leads_to(model, last.x, last.g, y):
            yield _Found(
                "acceptance",
                f"takes trial {request.trial - 1} for its iterate, the original searches on",
                "sure",
            )

    def _gave_up_before(self, request: Request, y: Vector) -> Iterator[_Found]:
        """Whether the point follows from the iterate with an empty memory."""
        x, g = request.after.iterate
        if self._leads_to(_empty(x.size), x, g, y):
            yield _Found(
                "limit",
                f"gives the search up after {request.trial - 1} evaluations and starts again; the "
                f"original makes up to maxls = {self.options['maxls']}",
                "sure",
            )

    def _reported(self, request: Request, evaluation: Evaluation) -> _Found | None:
        """The first of the reported stages that differs."""
        if not evaluation.stages:
            return None
        ours = self._own_stages(request)
        for field, stage in STAGE_FIELDS.items():
            if field not in evaluation.stages or ours.get(field) is None:
                continue
            theirs = evaluation.stages[field]
            if not _equal(ours[field], theirs):
                values = f"{_shown(theirs)}, the original has {_shown(ours[field])}"
                return _Found(stage, f"reports {field} = {values}", "sure")
        return None

    def _own_stages(self, request: Request) -> dict[str, Any]:
        """The kernel's numbers for what a port may report."""
        state = request.after
        x, _ = state.iterate
        own: dict[str, Any] = {
            "projected_gradient": state.projected_gradient_norm,
            "theta": state.theta,
            "minimum": x + state.d,
            "largest_step": state.largest_step,
            "first_step": state.step,
        }
        if request.ended:
            own["pair"] = state.skipped == request.before.skipped
        if self.bounded or not len(state.pairs[0]):
            own["segments"], own["free"] = state.segments, state.free
            trusted = self._trusted(request)
            if trusted is not None:
                own["cauchy"] = trusted.cauchy.x
        return own

    # Directions ------------------------------------------------------------------------------

    def _known(self, request: Request, y: Vector, k: int, trusted: _Trusted) -> _Found | None:
        """A variant that leads to the first point of a search."""
        state = request.after
        x, _ = state.iterate
        known = itertools.chain(
            self._searches_on(request, y, k), self._variants(request, y, trusted)
        )
        for found in known:
            return found
        ratio = _along(y - x, state.d)
        # In one dimension everything is on one line.
        if ratio is None or np.count_nonzero(state.d) == 1 or _near(request.after.x, y, x):
            return None
        text = (
            f"the same direction with {ratio / state.step:.6g} times the step: {ratio:.6g} where "
            f"the original begins with {state.step:.6g} of at most {state.largest_step:.6g}"
        )
        beyond = ratio > state.largest_step * (1.0 + _SAME_NUMBER)
        return _Found("largest step" if beyond else "first trial", text, "sure")

    def _searches_on(self, request: Request, y: Vector, k: int) -> Iterator[_Found]:
        """Whether the point is one more trial of the last search."""
        if k < 2 or (request.iteration == 1 and not request.restarted):
            return
        before = request.before
        x, _ = before.iterate
        rounding = 4.0 * _EPSILON * float(np.max(np.abs(x)))
        ratio = _along(y - x, before.d, rounding)
        if request.restarted and not request.ended:
            # A trial that rounding puts on the iterate is one, too.
            if ratio is not None or _distance(y, x) <= rounding:
                yield _Found(
                    "limit",
                    "goes on with a search where the original gives it up, after maxls = "
                    f"{self.options['maxls']} evaluations, puts the iterate back and forgets the "
                    "pairs",
                    "sure",
                )
            return
        # A port that tells its iterations has been seen to end this one.
        if ratio is None or self.candidate.tells_iterations:
            return
        if not math.isclose(ratio, before.step, rel_tol=_SAME_NUMBER):
            yield _Found(
                "acceptance",
                f"searches on with the step {ratio:.6g} where the original ends the iteration",
                "likely",
            )

    def _variants(self, request: Request, y: Vector, trusted: _Trusted) -> Iterator[_Found]:
        """The known variants of each stage whose direction leads to the point."""
        state = request.after
        x, _ = state.iterate
        ours, step = trusted.minimum.x, state.step
        away = _distance(y, x + step * state.d)
        variants = itertools.chain(
            self._other_models(request, trusted.minimum.taken == "truncated"),
            self._other_steps(state, trusted),
        )
        for name, text, other in variants:
            # A variant that leads where the original goes tells nothing, nor does one that stays.
            if _near(ours, other, x) or _near(x, other, x) or not _fits(y, other, x, step):
                continue
            if step != 1.0 or _distance(y, other) < _CLOSER * away:
                yield _Found(name, text, "sure")

    def _trusted(self, request: Request) -> _Trusted | None:
        """The model, its Cauchy point and minimum, if they are where the kernel's are."""
        state = request.after
        if state.n > _LARGE:
            return None
        x, g = state.iterate
        steps, changes = state.pairs
        try:
            model = Model(state.theta if len(steps) else 1.0, steps, changes)
            cauchy, minimum = self._solve(model, x, g)
        except np.linalg.LinAlgError:
            return None
        if not _near(x + state.d, minimum.x, x):
            return None
        error = _distance(minimum.x - x, state.d) / float(np.max(np.abs(state.d)))
        return _Trusted(model, cauchy, minimum, error)

    def _solve(self, model: Model, x: Vector, g: Vector) -> tuple[Cauchy, Minimum]:
        if self.bounded or not len(model.w):
            cauchy = model.cauchy_point(x, g, self.lower, self.upper)
        else:
            cauchy = Cauchy(x, np.ones(x.size, bool))
        return cauchy, model.minimum(x, g, cauchy, self.lower, self.upper)

    def _leads_to(self, model: Model, x: Vector, g: Vector, y: Vector) -> bool:
        try:
            minimum = self._solve(model, x, g)[1].x
        except np.linalg.LinAlgError:
            return False
        return _near(minimum, y, x)

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
        m = int(self.options["m"])
        if request.restarted:
            yield (
                "restart",
                "keeps its pairs where the original forgets them",
                Model(before.theta, old_steps, old_changes),
            )
            if request.ended:
                model = _model_with(old_steps, old_changes, *self.newest, m)
                if model is not None:
                    text = (
                        "keeps its pairs where the original can't factor a matrix, or has no "
                        "descent, and forgets them"
                    )
                    yield "restart", text, model
            return
        if request.ended and skipped:
            model = _model_with(old_steps, old_changes, *self.newest, m)
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
            if theta > 0.0 and not math.isclose(theta, state.theta, rel_tol=_SAME_NUMBER):
                yield "theta", f"has {text}", Model(theta, steps, changes)
        if not self.bounded:
            return
        old_steps, old_changes = before.pairs
        scale = before.theta if len(old_steps) else 1.0
        text = "its middle matrix is of the pair before: "
        if len(old_steps) == len(steps):
            old = _factored(scale, old_steps, old_changes)
            yield "middle matrix", f"{text}θSᵀS + LD⁻¹Lᵀ", Model(state.theta, steps, changes, old)
        mixed = _factored(scale, steps, changes)
        yield "middle matrix", f"{text}the θ in it", Model(state.theta, steps, changes, mixed)

    def _other_steps(self, state: State, trusted: _Trusted) -> Iterator[tuple[str, str, Vector]]:
        """Points to which the same model leads by other rules: name, words, point."""
        model, cauchy, minimum, _ = trusted
        x, g = state.iterate
        if self.bounded:
            for text, point in self._other_cauchy_points(model, x, g):
                free = (point > self.lower) & (point < self.upper)
                other = Cauchy(point, free)
                try:
                    there = model.minimum(x, g, other, self.lower, self.upper).x
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
        scaled = np.clip(x - g / model.theta, self.lower, self.upper)
        yield "the projection of x - g/θ stands for the Cauchy point", scaled
        plain = np.clip(x - g, self.lower, self.upper)
        yield "the projection of x - g stands for the Cauchy point", plain
        yield "the iterate stands for the Cauchy point", x
        d = np.where(breakpoints(x, g, self.lower, self.upper) > 0.0, -g, 0.0)
        curvature = float(d @ model.product(d))
        if curvature > 0.0:
            step = float(d @ d) / curvature
            far = np.clip(x + step * d, self.lower, self.upper)
            yield "the projected minimum along -g stands for the Cauchy point", far

    def _structure(self, request: Request, y: Vector) -> _Found:
        """No variant fits: what the variables on bounds say."""
        state = request.after
        x, _ = state.iterate
        if request.restarted and request.ended:
            text = (
                "goes another way where the original can't factor a matrix, or has no descent, and "
                "forgets the pairs; rounding decides whether it can"
            )
            return _Found("restart", text, "possible")
        if not len(state.pairs[0]):
            return _Found("Cauchy point", "another point than the Cauchy point", "sure")
        if not self.bounded:
            text = "another direction: the pairs, θ, or the matrix K of the subspace minimization"
            return _Found("subspace step", text, "likely")
        ours = x + state.d
        active = np.ones(x.size, bool)
        active[state.free] = False
        left = np.flatnonzero(active & (np.abs(y - ours) > _SAME_POINT * np.max(np.abs(state.d))))
        if len(left):
            text = f"x[{left[0]}] isn't on the bound that the original's Cauchy point is on"
            return _Found("Cauchy point", text, "likely")
        text = "another step in the variables that are free at the Cauchy point"
        return _Found("subspace step", text, "likely")


# Small things ------------------------------------------------------------------------------------


def _distance(a: Vector, b: Vector) -> float:
    return float(np.max(np.abs(a - b)))


def _near(a: Vector, b: Vector, base: Vector, part: float = _SAME_POINT) -> bool:
    """Whether two points are the same, as seen from a third."""
    gap = _distance(a, b)
    if gap == 0.0:
        return True
    step = _distance(a, base)
    size = float(np.max(np.abs(a)))
    # A step's own rounding is larger the shorter the step is beside x.
    return gap <= part * step + 1e4 * _EPSILON * size


def _fits(y: Vector, other: Vector, x: Vector, step: float) -> bool:
    """Whether a search from x towards another minimum begins at y."""
    if step == 1.0:
        return _near(other, y, x)
    # Which step the port begins with is another stage.
    return _along(y - x, other - x) is not None


def _along(v: Vector, d: Vector, rounding: float = 0.0) -> float | None:
    """The multiple of d that v is, None if it is none."""
    dd = float(d @ d)
    if not dd > 0.0:
        return None
    ratio = float(v @ d) / dd
    rest = float(np.max(np.abs(v - ratio * d)))
    size = float(np.max(np.abs(v)))
    return ratio if rest <= _SAME_NUMBER * size + rounding and ratio > 0.0 else None


def _name(steps: Mapping[str, float], value: float) -> str:
    for text, step in steps.items():
        if math.isclose(step, value, rel_tol=_SAME_NUMBER):
            return text
    return ""


def _pairs(count: int) -> str:
    return "pair" if count == 1 else f"{count} pairs"


def _factored(theta: float, steps: Matrix, changes: Matrix) -> Matrix:
    """The matrix θSᵀS + LD⁻¹Lᵀ."""
    sy = steps @ changes.T
    lower, diagonal = np.tril(sy, -1), np.diag(np.diag(sy))
    found: Matrix = theta * (steps @ steps.T) + lower @ np.linalg.solve(diagonal, lower.T)
    return found


def _empty(n: int) -> Model:
    return Model(1.0, np.zeros((0, n)), np.zeros((0, n)))


def _model_with(steps: Matrix, changes: Matrix, s: Vector, y: Vector, m: int) -> Model | None:
    """The model with one more pair, the oldest dropped where there are m."""
    sy = float(s @ y)
    if not sy > 0.0:
        return None
    return Model(float(y @ y) / sy, np.vstack([steps, s])[-m:], np.vstack([changes, y])[-m:])


def _equal(ours: Any, theirs: Any) -> bool:
    """Whether what a port reports is the kernel's, within rounding."""
    if isinstance(ours, bool):
        return bool(theirs) == ours
    if isinstance(ours, list):
        return sorted(theirs) == ours if isinstance(theirs, list) else theirs == len(ours)
    if isinstance(ours, np.ndarray):
        values = np.array([number(value) for value in theirs])
        return values.shape == ours.shape and bool(
            np.max(np.abs(values - ours)) <= _SAME_POINT * np.max(np.abs(ours))
        )
    return math.isclose(number(theirs), ours, rel_tol=_SAME_NUMBER, abs_tol=1e-300)


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list):
        shown = ", ".join(_shown(v) for v in value[:6])
        return f"[{shown}{', ...' if len(value) > 6 else ''}]"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
