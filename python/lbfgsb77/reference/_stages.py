"""Which step of an iteration another implementation takes otherwise.

A port is followed by the kernel (`_shadow`). Where the two want different points by more than
rounding, what the port has reported of its stages is compared with the kernel's; where it has
reported none, its point is compared with those to which known variants of each stage lead
(`_variants`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77.reference._model import breakpoints
from lbfgsb77.reference._nearness import (
    EPSILON,
    SAME_NUMBER,
    SAME_POINT,
    along,
    distance,
    name_of,
    near,
)
from lbfgsb77.reference._search import named_steps
from lbfgsb77.reference._shadow import FTOL, GTOL, XTOL, Request, Shadow
from lbfgsb77.reference._stage_endings import (
    Certainty,
    Finding,
    Run,
    ends_early,
    goes_on,
    other_ending,
)
from lbfgsb77.reference._stage_fields import STAGE_FIELDS, STAGES, agree, printed
from lbfgsb77.reference._trace import Evaluation, Trace
from lbfgsb77.reference._variants import LARGE, Trusted, Variants

__all__ = ["STAGES", "STAGE_FIELDS", "Stage", "diagnose"]

Vector = NDArray[np.float64]

# Where a step is well-conditioned, two points are one only if they are as near as this.
_LEAST: Final = 1e-8


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

    Examples
    --------
    A run with five pairs where the reference has ten:

    >>> from lbfgsb77.reference import compare, golden, record
    >>> run = record("lbfgsb77:fmin_l_bfgs_b", "wood", m=5)
    >>> stage = compare(golden("wood"), run).stage
    >>> stage.name, stage.evaluation, stage.explanation
    ('pair', 8, 'uses the newest 5 pairs of 6')
    """

    name: str
    evaluation: int
    iteration: int
    trial: int
    explanation: str
    certainty: Certainty


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
        self.variants = Variants(reference.lower, reference.upper, reference.options)
        self.candidate = candidate
        self.evaluations = evaluations
        self.shadow = Shadow(reference, reference.options)
        self.iterates: list[Evaluation] = []
        self.run = Run(reference.options, self.iterates, candidate.outcome)
        self.tie: Stage | None = None

    def first(self) -> Stage | None:
        """The first step that differs; failing that, ties that may be behind a rounding."""
        return self._by_more_than_rounding() or self.tie

    def _by_more_than_rounding(self) -> Stage | None:
        request = self.shadow.first()
        same_bits = True
        for k, evaluation in enumerate(self.evaluations):
            if request.is_end:
                return self._stage(goes_on(self.run, request), request, k + 1)
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
                self.variants.history.clear()
        number_of = len(self.evaluations)
        if not request.is_end:
            return self._stage(ends_early(self.run, request), request, number_of + 1)
        other = other_ending(self.run, request)
        return None if other is None else self._stage(other, request, number_of)

    def _stage(self, found: Finding, at: Request, evaluation: int) -> Stage:
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
        if self.variants.bounded and tied:
            text = (
                f"rounding differs first in an iteration whose path meets {tied} breakpoints that "
                "are equal to another: in another order of them it rounds otherwise"
            )
            self.tie = self._stage(Finding("Cauchy point", text, "possible"), request, evaluation)

    def _mark_differs(self, evaluation: Evaluation, request: Request, last: bool) -> bool:
        """Whether only one of the two ends an iteration here; at the end not all say so."""
        if not self.candidate.tells_iterations or last:
            return False
        return (evaluation.iteration is not None) != request.ended

    def _remember(self, evaluation: Evaluation) -> None:
        before = self.iterates[-1]
        self.variants.remember(evaluation.x - before.x, evaluation.g - before.g)
        self.iterates.append(evaluation)

    # Acceptance ------------------------------------------------------------------------------

    def _acceptance(self, request: Request, evaluation: Evaluation, trial: Request) -> Finding:
        """One of the two takes this trial for its iterate."""
        state = trial.after
        if request.ended and trial.trial == self.options["maxls"] - 1:
            # The last trial was at the same point, and nobody evaluated it again.
            text = f"gives the search up after {trial.trial} evaluations, one less than maxls"
            return Finding("limit", text, "likely")
        x, g = state.iterate
        slope0, slope = float(g @ state.d), float(evaluation.g @ state.d)
        least = state.f_of_iterate + FTOL * state.step * slope0
        low, high = state.search[9], state.search[10]
        who = "goes on searching" if request.ended else "takes the trial for its iterate"
        enough = "enough" if evaluation.f <= least else "too little"
        text = (
            f"{who}: f decreases {enough}, the slope is {slope / slope0:.3g} of the first (at most "
            f"{GTOL} ends the search)"
        )
        if state.bracketed:
            text += f", the interval is {(high - low) / high:.3g} of its upper end ({XTOL} ends it)"
        # Where a test is met or missed by rounding alone, either is right.
        margins = [
            abs(evaluation.f - least) / max(abs(least), abs(evaluation.f)),
            abs(abs(slope) - GTOL * abs(slope0)) / abs(slope0),
        ]
        if state.bracketed:
            margins += [abs((high - low) / high - XTOL), *(abs(state.step - np.array([low, high])))]
        if min(margins) < 1e3 * EPSILON or state.step * np.max(np.abs(state.d)) < EPSILON * np.max(
            np.abs(x)
        ):
            return Finding("acceptance", f"{text}; rounding decides", "possible")
        return Finding("acceptance", text, "sure")

    # Points ----------------------------------------------------------------------------------

    def _other_point(self, request: Request, evaluation: Evaluation, k: int) -> Finding | None:
        """Another point than the kernel's; None where rounding may be all of the difference."""
        ours, y = request.after.x, evaluation.x
        if request.iteration == 0:
            if near(ours, y, np.zeros_like(ours), SAME_NUMBER):
                return None
            text = "the first point isn't the start, projected into the bounds"
            return Finding("start", text, "sure")
        x, _ = request.after.iterate
        if request.trial > 1:
            return None if near(ours, y, x) else self._other_trial(request, y, k)
        # How far rounding takes a step of this condition is seen in the model, which has the same
        # numbers in another order.
        trusted = self.variants.trusted(request)
        if trusted is None:
            found = self._reported(request, evaluation, None)
            if found is None and request.after.n > LARGE and not near(ours, y, x):
                found = self._structure(request, y)._replace(certainty="possible")
            return found
        if near(ours, y, x, _LEAST + 1e3 * trusted.error):
            return None
        found = self._reported(request, evaluation, trusted)
        found = found or self._known(request, y, k, trusted)
        if found is None and not near(ours, y, x):
            found = self._structure(request, y)
        return found

    def _other_trial(self, request: Request, y: Vector, k: int) -> Finding | None:
        """Another point in mid-search."""
        state = request.after
        x, _ = state.iterate
        ratio = along(y - x, state.d)
        last = self.evaluations[k - 1]
        made = request.trial - 1
        if ratio is None:
            found = self._left_before(request, y, last)
            text = f"leaves the search after {made} evaluations, which the original goes on with"
            return next(found, Finding("acceptance", text, "likely"))
        slope = float(last.g @ state.d)
        steps = dict(named_steps(request.before, last.f, slope, state))
        ours, theirs = name_of(steps, state.step), name_of(steps, ratio)
        if ours and not theirs:
            # The slope's own rounding.
            error = 4.0 * y.size * EPSILON * float(np.abs(last.g) @ np.abs(state.d))
            rounded = [
                dict(named_steps(request.before, last.f, slope, state, e))[ours]
                for e in (error, -error)
            ]
            if abs(ratio - state.step) <= 10.0 * max(abs(r - state.step) for r in rounded):
                return None
        text = f"trial {request.trial} has the step {ratio:.6g}"
        text += f", {theirs}" if theirs else ""
        text += f"; the original takes {state.step:.6g}" + (f", {ours}" if ours else "")
        return Finding("search step", text, "sure" if theirs and theirs != ours else "likely")

    def _left_before(self, request: Request, y: Vector, last: Evaluation) -> Iterator[Finding]:
        """Whether the point follows from leaving the search at the last trial."""
        made = request.trial - 1
        if self.variants.accepts(request, last.x, last.g, y):
            text = f"takes trial {made} for its iterate, the original searches on"
            yield Finding("acceptance", text, "sure")
        if self.variants.starts_again(request, y):
            text = (
                f"gives the search up after {made} evaluations and starts again; the original "
                f"makes up to maxls = {self.options['maxls']}"
            )
            # A search that has come down to rounding ends where the port's own rounding says so.
            if request.before.search_is_rounding:
                yield Finding("limit", f"{text}; rounding decides", "possible")
            else:
                yield Finding("limit", text, "sure")

    def _reported(
        self, request: Request, evaluation: Evaluation, trusted: Trusted | None
    ) -> Finding | None:
        """The first of the reported stages that differs."""
        if not evaluation.stages:
            return None
        ours = self._own_stages(request, trusted)
        for field, stage in STAGE_FIELDS.items():
            if field not in evaluation.stages or ours.get(field) is None:
                continue
            theirs = evaluation.stages[field]
            if not agree(ours[field], theirs):
                values = f"{printed(theirs)}, the original has {printed(ours[field])}"
                return Finding(stage, f"reports {field} = {values}", "sure")
        return None

    def _own_stages(self, request: Request, trusted: Trusted | None) -> dict[str, Any]:
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
        if self.variants.bounded or not len(state.pairs[0]):
            own["segments"], own["free"] = state.segments, state.free
            if trusted is not None:
                own["cauchy"] = trusted.cauchy.x
        return own

    # Directions ------------------------------------------------------------------------------

    def _known(self, request: Request, y: Vector, k: int, trusted: Trusted) -> Finding | None:
        """A variant that leads to the first point of a search."""
        state = request.after
        x, _ = state.iterate
        variants = (
            Finding(name, text, "sure") for name, text in self.variants.fitting(request, y, trusted)
        )
        for found in itertools.chain(self._searches_on(request, y, k), variants):
            return found
        ratio = along(y - x, state.d)
        # In one dimension everything is on one line.
        if ratio is None or np.count_nonzero(state.d) == 1 or near(request.after.x, y, x):
            return None
        text = (
            f"the same direction with {ratio / state.step:.6g} times the step: {ratio:.6g} where "
            f"the original begins with {state.step:.6g} of at most {state.largest_step:.6g}"
        )
        beyond = ratio > state.largest_step * (1.0 + SAME_NUMBER)
        return Finding("largest step" if beyond else "first trial", text, "sure")

    def _searches_on(self, request: Request, y: Vector, k: int) -> Iterator[Finding]:
        """Whether the point is one more trial of the last search."""
        if k < 2 or (request.iteration == 1 and not request.restarted):
            return
        before = request.before
        x, _ = before.iterate
        rounding = 4.0 * EPSILON * float(np.max(np.abs(x)))
        ratio = along(y - x, before.d, rounding)
        if request.restarted and not request.ended:
            # A trial that rounding puts on the iterate is one, too.
            if ratio is not None or distance(y, x) <= rounding:
                yield Finding(
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
        if not math.isclose(ratio, before.step, rel_tol=SAME_NUMBER):
            yield Finding(
                "acceptance",
                f"searches on with the step {ratio:.6g} where the original ends the iteration",
                "likely",
            )

    def _structure(self, request: Request, y: Vector) -> Finding:
        """No variant fits: what the variables on bounds say."""
        state = request.after
        x, _ = state.iterate
        if request.restarted and request.ended:
            text = (
                "goes another way where the original can't factor a matrix, or has no descent, and "
                "forgets the pairs; rounding decides whether it can"
            )
            return Finding("restart", text, "possible")
        if not len(state.pairs[0]):
            return Finding("Cauchy point", "another point than the Cauchy point", "sure")
        if not self.variants.bounded:
            text = "another direction: the pairs, θ, or the matrix K of the subspace minimization"
            return Finding("subspace step", text, "likely")
        ours = x + state.d
        active = np.ones(x.size, bool)
        active[state.free] = False
        left = np.flatnonzero(active & (np.abs(y - ours) > SAME_POINT * np.max(np.abs(state.d))))
        if len(left):
            text = f"x[{left[0]}] isn't on the bound that the original's Cauchy point is on"
            return Finding("Cauchy point", text, "likely")
        text = "another step in the variables that are free at the Cauchy point"
        return Finding("subspace step", text, "likely")
