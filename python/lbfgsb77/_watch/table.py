"""A callback that prints a line of numbers for each iteration, the original's columns."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, TextIO

from lbfgsb77 import _arguments
from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._watch.output import written

if TYPE_CHECKING:
    import logging

HEADER: Final = "    it      nf   nseg   nact  sub  itls     stepl      projg               f"


def row(iterate: OptimizeResult) -> str:
    """The line of an iterate, under `HEADER`."""
    return (
        f"{iterate.nit:6d} {iterate.nfev:7d} {iterate.segments:6d} {iterate.active_variables:6d}  "
        f"{iterate.subspace_end:3s} {iterate.trials:5d} {iterate.step_length:9.2e} "
        f"{iterate.projected_gradient_norm:10.3e} {iterate.fun: 15.8e}"
    )


class Table:
    """A callback that prints a line of numbers for each iteration, in the original's columns.

    Parameters
    ----------
    every : int, optional
        Print the first iteration and every one that this divides. Default 1, all.
    file : text file, optional
        Where to print. Default ``sys.stdout``, as it is when an iteration ends.
    logger : logging.Logger or str, optional
        A logger, or its name, that gets the lines instead, at level INFO.

    Raises
    ------
    TypeError, ValueError
        If `every` is no positive integer, or both `file` and `logger` are given.

    See Also
    --------
    Progress : Shows how a run goes on in one line that changes.
    History : Keeps the numbers.

    Notes
    -----
    ====== ==================================================================================
    it     iterations so far
    nf     evaluations so far
    nseg   pieces of the projected gradient's path on the way to the Cauchy point
    nact   variables on a bound at the Cauchy point
    sub    how the minimization over the others ended: ``con`` inside the bounds, ``bnd`` on one,
           ``---`` there was none
    itls   evaluations in this iteration's line search
    stepl  length of the step, in the units of x
    projg  largest component of the projected gradient
    f      the objective
    ====== ==================================================================================

    All of them are items of `LBFGSB.iterate`. A stream that is closed or broken ends the table and
    not the run.

    Examples
    --------
    >>> from lbfgsb77 import Table, minimize
    >>> def square(x):
    ...     return float(x @ x), 2 * x
    ...
    >>> result = minimize(square, [3.0, 4.0], jac=True, bounds=[(1, 5)] * 2, callback=Table())
        it      nf   nseg   nact  sub  itls     stepl      projg               f
         1       2      2      2  ---     1  3.61e+00  0.000e+00  2.00000000e+00
    """

    __module__ = "lbfgsb77"

    def __init__(
        self,
        every: int = 1,
        *,
        file: TextIO | None = None,
        logger: logging.Logger | str | None = None,
    ) -> None:
        self._every = _arguments.positive_integer("every", every)
        if file is not None and logger is not None:
            raise TypeError("file and logger: one is expected, got both")
        self._file = file
        if isinstance(logger, str):
            import logging  # slow to import, and seldom needed

            logger = logging.getLogger(logger)
        self._logger = logger
        self._nit = 0
        self._broken = False

    def __call__(self, intermediate_result: OptimizeResult) -> None:
        """Print the line of `LBFGSB.iterate`; a minimizer calls this after each iteration."""
        nit = intermediate_result.nit
        begins = nit <= self._nit or self._nit == 0  # perhaps another run
        self._nit = nit
        if begins:
            self._print(HEADER)
        if begins or nit % self._every == 0:
            self._print(row(intermediate_result))

    def _print(self, line: str) -> None:
        if self._logger is not None:
            self._logger.info("%s", line)
        elif not self._broken:
            self._broken = not written(self._file or sys.stdout, line)
