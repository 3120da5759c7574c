"""What a run needs of a kernel, and the package's own kernel behind that."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _lbfgsb
from lbfgsb77._run import layout, status
from lbfgsb77._run.workspace import NotFinite, Search, Values, Workspace

OWN: Final = "lbfgsb77"
Tell = Callable[[Any, Any, Any], "bool | None"]


class Engine(Protocol):
    """A kernel at work on one workspace.

    Attributes
    ----------
    name : str
        As `lbfgsb77.backend` takes it.
    workspace : Workspace
        The state that it works on.
    advance : callable
        Goes on, without arguments, from what the task string says to the next wanted evaluation,
        or the end of the iteration or of the run. An interruption finds the state before the call
        or the state after it.
    advance_to_point : callable
        The same, past the end of an iteration.
    tell, tell_to_point : callable
        ``tell(f, g, nfev)`` answers the wanted evaluation and advances; whether an iteration has
        ended here. None, and nothing done, where f, g or nfev is not a float, a plain vector of n
        of them or a small integer.
    """

    name: str
    workspace: Workspace

    @property
    def advance(self) -> Callable[[], object]:
        """See above."""

    @property
    def advance_to_point(self) -> Callable[[], object]:
        """See above."""

    @property
    def tell(self) -> Tell:
        """See above."""

    @property
    def tell_to_point(self) -> Tell:
        """See above."""

    def halt(self, task: str) -> None:
        """End the run at its last iterate, with a task; uninterrupted, as `advance`."""

    def begin_with(self, steps: NDArray[np.float64], changes: NDArray[np.float64]) -> None:
        """Build the matrices from given pairs, before the first evaluation."""

    def values(self) -> Values:
        """Copies of x, f and the gradient of the best iterate; NaN before the first answer."""

    def converged_on_numbers(self) -> bool:
        """Whether an ending that the kernel calls convergence rests on finite values alone."""

    @property
    def search(self) -> Search:
        """What the last line search began with, and its most telling trial."""

    @property
    def not_finite(self) -> NotFinite | None:
        """An evaluation of the last search that wasn't finite, as `Workspace.not_finite`."""

    def memory(self) -> dict[str, NDArray[np.float64]]:
        """What is remembered beside the workspace, as vectors."""

    def remember(self, state: dict[str, Any]) -> None:
        """Take back what `memory` returned."""


class OwnEngine:
    """The package's kernel, which keeps all that there is in its workspace.

    Parameters
    ----------
    workspace : Workspace
        The state to work on.
    threads : int, optional
        How many may share the iterations of a large problem. They are no part of the state.
    """

    __slots__ = ("advance", "advance_to_point", "tell", "tell_to_point", "workspace")

    name = OWN

    def __init__(self, workspace: Workspace, threads: int = 1) -> None:
        self.workspace = workspace
        state = workspace.reals, workspace.integers, workspace.text
        self.advance: Callable[[], object] = partial(_lbfgsb.advance, *state, threads)
        self.advance_to_point: Callable[[], object] = partial(
            _lbfgsb.advance_to_point, *state, threads
        )
        self.tell: Tell = partial(_lbfgsb.tell, *state, False, threads)
        self.tell_to_point: Tell = partial(_lbfgsb.tell, *state, True, threads)

    def halt(self, task: str) -> None:
        """End the run at its last iterate, with a task."""
        workspace = self.workspace
        _lbfgsb.halt(workspace.reals, workspace.integers, workspace.text, task.encode("ascii"))

    def begin_with(self, steps: NDArray[np.float64], changes: NDArray[np.float64]) -> None:
        """Build the matrices from given pairs, before the first evaluation."""
        if len(steps) == 0:
            return
        self.workspace.put_pairs(steps, changes)
        self.workspace.task = status.GIVEN_PAIRS
        self.advance()
        if self.workspace.task_bytes[0] != status.EVALUATE:
            raise ValueError(
                "pairs: the matrices that follow from them are not positive definite to rounding"
            )

    def values(self) -> Values:
        """Copies of x, f and the gradient of the last iterate; NaN before the first answer."""
        workspace = self.workspace
        return workspace.kept_values() if workspace.in_search else workspace.evaluated_values()

    def converged_on_numbers(self) -> bool:
        """Whether the numbers of the last test are finite; the kernel sees to all others."""
        return ends_on_numbers(self.workspace)

    @property
    def search(self) -> Search:
        """What the last line search began with, and its most telling trial."""
        return self.workspace.search

    @property
    def not_finite(self) -> NotFinite | None:
        """The last evaluation of the last search that wasn't finite."""
        return self.workspace.not_finite

    def memory(self) -> dict[str, NDArray[np.float64]]:
        """Nothing."""
        return {}

    def remember(self, state: dict[str, Any]) -> None:
        """Nothing to remember."""


def ends_on_numbers(workspace: Workspace) -> bool:
    """Whether f and the norm of the projected gradient are finite."""
    at = workspace.real_slots
    return math.isfinite(at[layout.F]) and math.isfinite(at[layout.PROJECTED_GRADIENT_NORM])
