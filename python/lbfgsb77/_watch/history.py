"""A callback that keeps the numbers of every iteration, and draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77 import _html
from lbfgsb77._arguments import shown
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

# Iterations in a notebook's table, and variables in a picture.
_SHOWN: Final = 5
_DRAWN: Final = 10


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

    def _repr_html_(self) -> str:
        """In notebooks: the last iterations, and where matplotlib is there the picture."""
        if not self._rows:
            return "<p>History of no iteration</p>"
        rows = [
            (nit, nfev, f"{fun:.7g}", f"{norm:.1e}", f"{step:.2e}", active)
            for nit, nfev, fun, norm, step, active in self._rows[-_SHOWN:]
        ]
        head = ["iteration", "evaluations", "f", "projected gradient", "step", "active bounds"]
        return _html.of_rows(head, rows) + self._drawing()

    def _drawing(self) -> str:
        try:
            from matplotlib.figure import Figure
        except ImportError:
            return ""
        import io

        picture = io.StringIO()
        self.plot(Figure((6.4, 3.6), layout="constrained")).savefig(picture, format="svg")
        _, tag, rest = picture.getvalue().partition("<svg")  # without the head of a file
        return tag + rest

    def plot(
        self,
        figure: Any = None,
        *,
        ax: Any = None,
        others: Mapping[str, History] | Sequence[History] = (),
        label: str | None = None,
        parameters: bool = False,
    ) -> Any:
        """Draw f and the projected gradient against evaluations, the active bounds below.

        Parameters
        ----------
        figure : matplotlib.figure.Figure, optional
            Where to draw. Default: a new figure of ``matplotlib.pyplot``.
        ax : matplotlib.axes.Axes, optional
            Draw f and the projected gradient alone, here.
        others : sequence or mapping of History, optional
            Further runs to draw beside this one; the keys of a mapping are their labels. Then f of
            each is drawn above the lowest of all, and projected gradients are left out.
        label : str, optional
            This run's, where there are others. Default "run 1".
        parameters : bool, optional
            Whether to draw the variables below, of the first ten; for a history that keeps x.
            Default False.

        Returns
        -------
        matplotlib.figure.Figure
            The figure, to show or to save.

        Raises
        ------
        ImportError
            If matplotlib is missing; ``pip install matplotlib`` installs it.
        ValueError
            If there is no iteration to draw, or no x was kept for `parameters`.

        Notes
        -----
        The upper axis is logarithmic and shows how far f is above its lowest value, which itself
        it can't show. In a notebook the figure is drawn once, as the value of the cell.
        """
        runs = self._runs(others, label)
        if not all(len(run) for run in runs.values()):
            raise ValueError("plot: there is no iteration to draw")
        if parameters and self._points is None:
            raise ValueError("parameters: a history that keeps x is needed, History(x=True)")
        if ax is not None:
            _draw_descent(ax, runs)
            ax.set_xlabel("evaluations")
            return ax.figure
        if figure is None:
            try:
                import matplotlib.pyplot as plt
            except ImportError as error:
                raise ImportError(
                    "plot: matplotlib is missing, pip install matplotlib installs it"
                ) from error
            figure = plt.figure(layout="constrained")
            if in_notebook():
                plt.close(figure)  # else the cell would show it once more at its end
        ratios = [3, 2, 1] if parameters else [3, 1]
        axes = figure.subplots(len(ratios), 1, sharex=True, height_ratios=ratios)
        _draw_descent(axes[0], runs)
        if parameters:
            _draw_parameters(axes[1], self.arrays())
        for run in runs.values():
            kept = run.arrays()
            axes[-1].step(kept["nfev"], kept["active_bounds"], where="post")
        axes[-1].set_ylim(bottom=0, top=max(1.0, axes[-1].get_ylim()[1]))
        axes[-1].set_ylabel("active bounds")
        axes[-1].set_xlabel("evaluations")
        axes[-1].yaxis.get_major_locator().set_params(integer=True)
        axes[-1].grid(alpha=0.3)
        return figure

    def _runs(
        self, others: Mapping[str, History] | Sequence[History], label: str | None
    ) -> dict[str, History]:
        """All runs by their labels."""
        if isinstance(others, Mapping):
            named = dict(others)
        elif isinstance(others, (list, tuple)):
            named = {f"run {k}": run for k, run in enumerate(others, 2)}
        else:
            raise TypeError(f"others: a sequence or mapping is expected, got {shown(others)}")
        for name, run in named.items():
            if not isinstance(run, History):
                raise TypeError(f"others: histories are expected, got {shown(run)} as {name!r}")
        return {label or "run 1": self, **named}


def _draw_descent(axes: Any, runs: dict[str, History]) -> None:
    """How far f is above its lowest value; of one run the projected gradient too."""
    kept = {name: run.arrays() for name, run in runs.items()}
    lowest = min(arrays["fun"].min() for arrays in kept.values())
    for name, arrays in kept.items():
        label = "f − lowest f" if len(kept) == 1 else name
        axes.semilogy(arrays["nfev"], _positive(arrays["fun"] - lowest), label=label)
    if len(kept) == 1:
        (arrays,) = kept.values()
        norms = _positive(arrays["projected_gradient_norm"])
        axes.semilogy(arrays["nfev"], norms, label="projected gradient")
    else:
        axes.set_ylabel("f − lowest f")
    axes.legend()
    axes.grid(alpha=0.3)


def _draw_parameters(axes: Any, kept: dict[str, NDArray[Any]]) -> None:
    """The first variables."""
    for i, values in enumerate(kept["x"].T[:_DRAWN]):
        axes.plot(kept["nfev"], values, label=f"x[{i}]")
    axes.legend(fontsize="small", ncols=2, loc="upper right")
    axes.grid(alpha=0.3)


def _positive(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What a logarithmic axis can show."""
    return np.where(values > 0, values, np.nan)
