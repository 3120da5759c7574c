"""A callback that shows how a run goes: a line of tqdm's that changes, or plain lines."""

from __future__ import annotations

import importlib
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Protocol, Self, TextIO

from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._watch.output import in_notebook, is_terminal, written


class Progress:
    """A callback that shows how a run goes on.

    With tqdm installed it is one line that changes, in notebooks too; else a plain line now and
    then. It goes to the standard error, and nowhere if that is neither a terminal nor a notebook.

    Parameters
    ----------
    interval : float, optional
        The least number of seconds between two lines, or two changes of one. Default 0.5.
    file : text file, optional
        Where to write. Default ``sys.stderr``, as it is when the first iteration ends.
    force : bool, optional
        Whether to write where it would be silent. Default False.

    See Also
    --------
    Table : Prints a line of numbers for each iteration.
    History : Keeps these numbers instead of showing them.

    Notes
    -----
    Shown are f, the largest component of the projected gradient, the number of variables on a
    bound, and the evaluations so far. How many iterations there will be nobody knows, so no bar
    fills.

    One object can follow several runs, one after the other. The last line of a run is finished
    when the next run begins, when the object is deleted, by `close`, or at the end of a ``with``
    statement.

    Examples
    --------
    >>> import numpy as np
    >>> from lbfgsb77 import Progress, fmin_l_bfgs_b
    >>> def square(x):
    ...     return float(x @ x), 2 * x
    ...
    >>> x, f, info = fmin_l_bfgs_b(square, np.ones(3), callback=Progress())
    """

    def __init__(
        self, interval: float = 0.5, file: TextIO | None = None, *, force: bool = False
    ) -> None:
        self._interval = interval
        self._file = file
        self._force = force
        self._display: _Display | None = None
        self._nit = 0

    def __call__(self, intermediate_result: OptimizeResult) -> None:
        """Show `LBFGSB.iterate`; a minimizer calls this after each iteration."""
        if intermediate_result.nit <= self._nit:
            self.close()  # another run has begun
        self._nit = intermediate_result.nit
        if self._display is None:
            self._display = _display(self._file or sys.stderr, self._interval, self._force)
        self._display.show(intermediate_result)

    def close(self) -> None:
        """Finish the last line."""
        display, self._display, self._nit = self._display, None, 0
        if display is not None:
            display.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_display", None) is not None:
            self.close()


class _Display(Protocol):
    def show(self, iterate: OptimizeResult) -> None: ...
    def close(self) -> None: ...


def _display(file: TextIO, interval: float, force: bool) -> _Display:
    notebook = in_notebook()
    if not (force or notebook or is_terminal(file)):
        return _Silent()
    bar = _bar(notebook, file, interval)
    return _Lines(file, interval) if bar is None else _Bar(bar)


def _bar(notebook: bool, file: TextIO, interval: float) -> Any:
    """A bar of tqdm; None where it isn't installed."""
    settings = {
        "unit": " iterations",
        "mininterval": interval,
        # Nobody knows how many iterations there will be, so there is nothing to fill.
        "bar_format": "{n_fmt} iterations in {elapsed}{postfix}",
    }
    if notebook:
        try:
            return importlib.import_module("tqdm.notebook").tqdm(**settings)
        except ImportError:  # of tqdm, or of the notebook's widgets: text will do
            pass
    try:
        return importlib.import_module("tqdm").tqdm(file=file, **settings)
    except (ImportError, OSError, ValueError):  # the latter as in `written`
        return None


def _text(iterate: OptimizeResult) -> str:
    # With what stands before it no longer than a terminal of 80 columns.
    return (
        f"f {iterate.fun:.6g}, |g| {iterate.projected_gradient_norm:.1e}, "
        f"{iterate.active_bounds} bounds, {iterate.nfev} calls"
    )


class _Silent:
    def show(self, iterate: OptimizeResult) -> None:
        pass

    def close(self) -> None:
        pass


class _Bar:
    def __init__(self, bar: Any) -> None:
        self._bar = bar
        self._last: OptimizeResult | None = None

    def show(self, iterate: OptimizeResult) -> None:
        first, self._last = self._last is None, iterate
        self._bar.n = iterate.nit - 1
        # Text is made only where it is shown.
        if first or time.time() - self._bar.last_print_t >= self._bar.mininterval:
            self._bar.set_postfix_str(_text(iterate), refresh=False)
        with suppress(OSError, ValueError):  # as `written`
            self._bar.update(1)

    def close(self) -> None:
        with suppress(OSError, ValueError):
            if self._last is not None:
                self._bar.set_postfix_str(_text(self._last), refresh=False)
                self._bar.refresh()
            self._bar.close()


class _Lines:
    def __init__(self, file: TextIO, interval: float) -> None:
        self._file = file
        self._interval = interval
        self._due = 0.0
        self._unshown: OptimizeResult | None = None

    def show(self, iterate: OptimizeResult) -> None:
        self._unshown = iterate
        if time.monotonic() >= self._due:
            self._write(iterate)

    def _write(self, iterate: OptimizeResult) -> None:
        written(self._file, f"iteration {iterate.nit}: {_text(iterate)}")
        self._due = time.monotonic() + self._interval
        self._unshown = None

    def close(self) -> None:
        if self._unshown is not None:
            self._write(self._unshown)
