"""A callback that keeps the numbers of every iteration, and draws them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._watch.output import in_notebook

# Of one iteration: the name here, the name in `LBFGSB.iterate`, and the type.
_KEPT: Final[tuple[tuple[str, str, type], ...]] = (
    ("nit", "nit", np.int64),
    ("nfev", "nfev", np.int64),
    ("fun", "fun", np.float64),
    ("projected_gradient_norm", "projected_gradient_norm", np.float64),
    ("step", "step", np.float64),
    ("active_bounds", "active_bounds", np.int64),
)


class History:
    """A callback that keeps the numbers of every iteration.

    Parameters
    ----------
    x : bool, optional
        Whether to keep the iterates too: n numbers an iteration. Default False.

    See Also
    --------
    Progress : Shows these numbers instead of keeping them.

    Notes
    -----
    A history can be pickled beside a checkpoint and given to the resumed run, which adds to it.

    Examples
    --------
    >>> import numpy as np
    >>> from lbfgsb77 import History, fmin_l_bfgs_b
    >>> history = History(x=True)
    >>> def square(x):
    ...     return float(x @ x), 2 * x
    ...
    >>> x, f, info = fmin_l_bfgs_b(square, [3.0, 4.0], callback=history)
    >>> history.arrays()["nfev"]
    array([2, 3])
    >>> history.arrays()["x"].shape
    (2, 2)
    """

    def __init__(self, *, x: bool = False) -> None:
        self._rows: list[tuple[float, ...]] = []
        self._points: list[NDArray[np.float64]] | None = [] if x else None

    def __call__(self, intermediate_result: OptimizeResult) -> None:
        """Keep the numbers of `LBFGSB.iterate`; a minimizer calls this after each iteration."""
        self._rows.append(tuple(intermediate_result[name] for _, name, _ in _KEPT))
        if self._points is not None:
            self._points.append(np.array(intermediate_result.x))

    def __len__(self) -> int:
        return len(self._rows)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What was kept, an array for each number, of shape (iterations,).

        Returns
        -------
        dict of ndarray
            ``nit`` and ``nfev``, iterations and evaluations so far; ``fun``;
            ``projected_gradient_norm``; ``step``, in units of the search direction;
            ``active_bounds``, their number; and, if they were kept, ``x`` of shape
            (iterations, n). ``numpy.savez(file, **history.arrays())`` saves them.
        """
        columns = list(zip(*self._rows, strict=True)) or [()] * len(_KEPT)
        arrays: dict[str, NDArray[Any]] = {
            name: np.array(column, kind)
            for (name, _, kind), column in zip(_KEPT, columns, strict=True)
        }
        if self._points is not None:
            arrays["x"] = np.array(self._points) if self._points else np.empty((0, 0))
        return arrays

    def plot(self, figure: Any = None) -> Any:
        """Draw f and the projected gradient against evaluations, the active bounds below.

        Parameters
        ----------
        figure : matplotlib.figure.Figure, optional
            Where to draw. Default: a new figure of ``matplotlib.pyplot``.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, to show or to save.

        Raises
        ------
        ImportError
            If matplotlib is missing; ``pip install lbfgsb77[plot]`` installs it.
        ValueError
            If there is no iteration to draw.

        Notes
        -----
        The upper axis is logarithmic and shows how far f is above its lowest value, which itself
        it can't show. In a notebook the figure is drawn once, as the value of the cell.
        """
        if not self._rows:
            raise ValueError("plot: there is no iteration to draw")
        if figure is None:
            try:
                import matplotlib.pyplot as plt
            except ImportError as error:
                raise ImportError(
                    "plot: matplotlib is missing, pip install lbfgsb77[plot] installs it"
                ) from error
            figure = plt.figure(layout="constrained")
            if in_notebook():
                plt.close(figure)  # else the cell would show it once more at its end
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        kept = self.arrays()
        evaluations = kept["nfev"]
        distances = kept["fun"] - kept["fun"].min()
        upper.semilogy(evaluations, _positive(distances), label="f − lowest f")
        norms = kept["projected_gradient_norm"]
        upper.semilogy(evaluations, _positive(norms), label="projected gradient")
        upper.legend()
        upper.grid(alpha=0.3)
        lower.step(evaluations, kept["active_bounds"], where="post")
        lower.set_ylabel("active bounds")
        lower.set_xlabel("evaluations")
        lower.yaxis.get_major_locator().set_params(integer=True)
        lower.grid(alpha=0.3)
        return figure


def _positive(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a logarithmic axis can show."""
    return np.where(values > 0, values, np.nan)
