"""Which stage it is where one of two runs ends and the other doesn't, or for another reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from lbfgsb77.reference._nearness import EPSILON
from lbfgsb77.reference._shadow import Request
from lbfgsb77.reference._trace import Evaluation, Outcome, endings_agree

__all__ = ["Certainty", "Finding", "Run", "ends_early", "goes_on", "other_ending"]

Certainty = Literal["sure", "likely", "possible"]


class Finding(NamedTuple):
    """A stage, in words what is otherwise there, and how sure that is."""

    name: str
    explanation: str
    certainty: Certainty


class Run(NamedTuple):
    """The port's run as far as its end is concerned."""

    options: Mapping[str, float]
    iterates: Sequence[Evaluation]
    outcome: Outcome


def other_ending(run: Run, request: Request) -> Finding | None:
    """Both end here, but not for the same reason."""
    ending, message = run.outcome.ending, run.outcome.message
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
            return Finding(name, text, "sure")
    return None


def goes_on(run: Run, request: Request) -> Finding:
    """The kernel has ended, the port asks for another point."""
    task, state = request.task, request.after
    if "PGTOL" in task:
        last = run.iterates[-1]
        plain = float(np.max(np.abs(last.g)))
        norm, pgtol = state.projected_gradient_norm, run.options["pgtol"]
        text = f"goes on where the projected gradient, {norm:.3g}, is at most pgtol = {pgtol:g}"
        if plain > pgtol >= norm:
            return Finding(
                "projected gradient", f"{text}; the unprojected one is {plain:.3g}", "sure"
            )
        return Finding("projected gradient", text, "likely")
    if "FACTR" in task:
        return _reduction(run, request)
    if task.startswith("ABNORMAL"):
        made = request.trial - 1
        text = f"goes on after {made} evaluations of a search, where the original"
        if made == run.options["maxls"]:
            text += f" gives up: maxls = {made}, and the memory is empty"
            return Finding("limit", text, "sure")
        text += " ends: there is no descent, and the memory is empty"
        return Finding("acceptance", text, "likely")
    return Finding("limit", f"goes on where the original's driver ends: {task}", "sure")


def _reduction(run: Run, request: Request) -> Finding:
    before, now = run.iterates[-2].f, run.iterates[-1].f
    factr = run.options["factr"]
    allowed = factr * EPSILON
    text = (
        f"goes on where f was lowered by {before - now:.3g}, at most factr*eps = "
        f"{allowed:.3g} times max(|f_old|, |f|, 1)"
    )
    if before - now > allowed * max(abs(before), abs(now)):
        return Finding("reduction of f", f"{text}; without the 1 it is more", "sure")
    return Finding("reduction of f", text, "likely")


def ends_early(run: Run, request: Request) -> Finding:
    """The port has ended, the kernel wants another point."""
    ending, message = run.outcome.ending, run.outcome.message
    ends = f"ends ({message or ending})"
    if request.restarted and not request.ended:
        return Finding(
            "restart",
            f"{ends} where a search has failed and pairs are in the memory: the original puts "
            "the iterate back, forgets the pairs and goes on",
            "sure",
        )
    if request.restarted:
        return Finding(
            "restart",
            f"{ends} where a matrix can't be factored, or the direction doesn't descend: the "
            "original forgets the pairs and goes on",
            "sure",
        )
    if not request.ended and request.iteration > 0:
        made = request.trial - 1
        return Finding(
            "acceptance" if made < run.options["maxls"] - 1 else "limit",
            f"{ends} after {made} evaluations of a search, of which the original makes up to "
            f"maxls = {run.options['maxls']}",
            "sure" if made == run.options["maxls"] - 1 else "likely",
        )
    norm = request.after.projected_gradient_norm
    if ending == "gradient":
        return Finding(
            "projected gradient",
            f"{ends} where the projected gradient is {norm:.3g}, more than pgtol = "
            f"{run.options['pgtol']:g}",
            "sure",
        )
    if ending in ("iteration limit", "evaluation limit", "limit"):
        return Finding("limit", f"{ends} where the original's driver goes on", "sure")
    if ending == "abnormal":
        return Finding(
            "restart",
            f"{ends} without another evaluation, where the original has a direction of descent",
            "likely",
        )
    if len(run.iterates) > 1:
        before, now = run.iterates[-2].f, run.iterates[-1].f
        scale = max(abs(before), abs(now), 1.0)
        return Finding(
            "reduction of f",
            f"{ends} where f was lowered by {before - now:.3g}, more than factr*eps = "
            f"{run.options['factr'] * EPSILON:.3g} times {scale:.3g}, and the projected "
            f"gradient is {norm:.3g}",
            "sure" if ending == "reduction" else "likely",
        )
    return Finding("projected gradient", f"{ends} at the start", "likely")
