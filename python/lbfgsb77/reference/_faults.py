"""Faults that ports have had, and the problem on which each shows at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["FAULTS", "Fault"]


@dataclass(frozen=True)
class Fault:
    """One way of getting the algorithm wrong.

    Parameters
    ----------
    name : str
        What the port does.
    stage : str
        The stage that `Comparison.stage` names, one of `STAGES`.
    problem, setting : str
        The run of the collection that catches it.
    evaluation : int
        At which evaluation it does.
    description : str
        What is right, and what the fault does to a run.

    Examples
    --------
    >>> from lbfgsb77.reference import FAULTS
    >>> [(fault.problem, fault.evaluation) for fault in FAULTS if fault.stage == "pair"]
    [('huge-quadratic', 3)]
    """

    name: str
    stage: str
    problem: str
    setting: str
    evaluation: int
    description: str


#: Faults that ports have had. Each is in the tests as a change of the kernel, and is caught as it
#: says here; "Faults that ports have had" in the explanations shows them.
FAULTS: Final = (
    Fault(
        "trial steps are clamped to the search's window",
        "search step", "dqdrtic", "default", 3,
        "The window is where the minimum is looked for. Steps are clamped to [stpmin, stpmax], "
        "the limits of the whole search. With the window first steps grow too fast.",
    ),
    Fault(
        "a failed search ends the run",
        "restart", "one-variable", "exhaustive", 16,
        "With pairs in the memory the iterate is put back, the pairs are forgotten, and the "
        "iteration starts again along the projected gradient. Only with an empty memory the run "
        "ends, as abnormal.",
    ),
    Fault(
        "the curvature is compared with ε·yᵀy",
        "pair", "huge-quadratic", "default", 3,
        "A pair is kept where yᵀs > ε·(-gᵀs). The paper has ε·yᵀy, the original doesn't: with it "
        "pairs are skipped where gradients are large.",
    ),
    Fault(
        "a projected gradient step stands for the Cauchy point",
        "Cauchy point", "bent-quadratic-in-box", "default", 3,
        "The Cauchy point is the first local minimum of the model along the whole projected path. "
        "P(x - g/θ) often has the same variables on bounds, so most runs hide the fault.",
    ),
    Fault(
        "a matrix that can't be factored ends the run",
        "restart", "hyperbolas-in-box", "default", 6,
        "Where rounding leaves K or the middle matrix's factor without a positive pivot, the pairs "
        "are forgotten and the iteration starts again.",
    ),
    Fault(
        "the middle matrix is of the pair before",
        "middle matrix", "mixed-bounds", "exhaustive", 8,
        "The factor of θSᵀS + LD⁻¹Lᵀ is made again with each new pair, also where the memory is "
        "full and its size stays.",
    ),
    Fault(
        "factr is relative to f alone",
        "reduction of f", "nondia", "default", 18,
        "The reduction is compared with factr·ε·max(|f_old|, |f|, 1). Without the 1 runs to a "
        "minimum of 0 go on for long.",
    ),
    Fault(
        "pgtol is compared with the gradient itself",
        "projected gradient", "freudenstein-roth-gay", "default", 20,
        "The projected gradient is compared. At a solution on a bound the gradient isn't 0.",
    ),
    Fault(
        "a search has one evaluation too few",
        "limit", "absolute-values-in-box", "default", 23,
        "A search makes maxls evaluations, 20 in the original, and fails when it wants one more.",
    ),
    Fault(
        "a search has one evaluation too many",
        "limit", "absolute-values-in-box", "default", 24,
        "The same from the other side.",
    ),
    Fault(
        "the truncated step is left out",
        "subspace step", "hs2", "default", 13,
        "Version 3.0 projects the subspace minimum into the bounds. Where the projected point "
        "doesn't descend, it truncates the step instead, as version 2.1 always did.",
    ),
    Fault(
        "equal breakpoints come in another order",
        "Cauchy point", "breakpoints-tie-unevenly", "default", 2,
        "Breakpoints come from a heap, the first smallest one before it. The order among equal "
        "ones decides how sums are rounded: no fault for the solution, but one for the bits.",
    ),
)  # fmt: skip
