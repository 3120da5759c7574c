"""What an engine is: it evaluates all groups at a point, on workers of its kind."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._parts.evaluation import Result
from lbfgsb77._parts.watch import Watch


class Engine:
    """Workers of one kind."""

    level = 0
    """The level of the tree whose sums it gives."""

    def sums(
        self, x: NDArray[np.float64], watch: Watch
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Evaluate at x, and tell `watch` how that goes.

        Parameters
        ----------
        x : ndarray of shape (n,)
        watch : Watch

        Yields
        ------
        place : int
            Of a group of the level.
        rows : ndarray of shape (k, n + 1)
            The sums, f and the gradient, of this group and the next ones.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the workers, if any; the next evaluation begins anew where it can."""


class OneByOne(Engine):
    """Of an engine whose sums come one by one, with their records."""

    def results(self, x: NDArray[np.float64], watch: Watch) -> Iterator[Result]:
        """Evaluate at x: the sums of the groups, in any order."""
        raise NotImplementedError

    def sums(
        self, x: NDArray[np.float64], watch: Watch
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """As `Engine`."""
        for place, row, records in self.results(x, watch):
            for some in records:
                watch.note(some)
            yield place, row[None, :]
