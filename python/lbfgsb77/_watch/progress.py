"""A callback that shows how a run goes: a line of tqdm's that changes, or plain lines."""

from __future__ import annotations

import importlib
import math
import sys
import time
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Protocol, Self, TextIO

from lbfgsb77 import _arguments
from lbfgsb77._run.result import OptimizeResult
from lbfgsb77._watch.output import in_notebook, is_terminal, written

# Columns: of a line, where nobody knows the terminal's; of what stands around a bar; of a bar.
_WIDTH: Final = 80
_HEAD: Final = len("100%|| 00:00:00, ")
_NARROWEST: Final = 8


class Progress:
    """A callback that shows how a run goes on.

    With tqdm installed it is a bar, in notebooks too; else a plain line now and then. It goes to
    the standard error, and nowhere if that is neither a terminal nor a notebook.

    Parameters
    ----------
    interval : float, optional
        The least number of seconds between two lines, or two changes of one. Default 0.5.
    file : text file, optional
        Where to write. Default ``sys.stderr``, as it is when the first iteration ends.
    force : bool, optional
        Whether to write where it would be silent. Default False.
    gtol : float, optional
        The run's tolerance of the projected gradient, `gtol` or `pgtol`: there the bar is full.
        Default 1e-5, as theirs is.

    See Also
    --------
    Table : Prints a line of numbers for each iteration.
    History : Keeps these numbers instead of showing them.

    Notes
    -----
    Shown are f, the largest component of the projected gradient, the number of variables on a
    bound, and the evaluations so far. How many iterations there will be nobody knows; the bar shows
    how many of the powers of ten that the projected gradient has to fall it has fallen. A run that
    ends because f hardly changes, or at a limit, ends before the bar is full. A line is never
    longer than the terminal is wide: what doesn't fit is left out.

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
        self,
        interval: float = 0.5,
        file: TextIO | None = None,
        *,
        force: bool = False,
        gtol: float = 1e-5,
    ) -> None:
        self._gtol = _arguments.nonnegative_tolerance("gtol", gtol)
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
            self._display = _display(
                self._file or sys.stderr, self._interval, self._force, self._gtol
            )
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


def _display(file: TextIO, interval: float, force: bool, gtol: float) -> _Display:
    notebook = in_notebook()
    if not (force or notebook or is_terminal(file)):
        return _Silent()
    bar = _bar(notebook, file, interval)
    return _Lines(file, interval) if bar is None else _Bar(bar, gtol)


def _bar(notebook: bool, file: TextIO, interval: float) -> Any:
    """A bar of tqdm; None where it isn't installed."""
    settings = {
        "total": 1.0,
        "mininterval": interval,
        "dynamic_ncols": True,
        "bar_format": "{percentage:3.0f}%|{bar}| {elapsed}{postfix}",
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


def _words(iterate: OptimizeResult) -> list[str]:
    # The last ones can be done without first.
    return [
        f"f {iterate.fun:.6g}",
        f"|g| {iterate.projected_gradient_norm:.1e}",
        f"{iterate.active_bounds} bounds",
        f"{iterate.nfev} calls",
    ]


class _Silent:
    def show(self, iterate: OptimizeResult) -> None:
        pass

    def close(self) -> None:
        pass


class _Bar:
    def __init__(self, bar: Any, gtol: float) -> None:
        self._bar = bar
        self._gtol = gtol
        self._first = 0.0  # projected gradient
        self._last: OptimizeResult | None = None

    def show(self, iterate: OptimizeResult) -> None:
        first, self._last = self._last is None, iterate
        norm = iterate.projected_gradient_norm
        if first:
            self._first = norm
        self._bar.n = max(self._bar.n, self._part(norm))
        # Text is made only where it is shown.
        if first or time.time() - self._bar.last_print_t >= self._bar.mininterval:
            self._write()

    def _part(self, norm: float) -> float:
        """How much of its way the projected gradient has gone, in powers of ten."""
        if norm <= self._gtol:
            return 1.0
        if not self._gtol < self._first < math.inf or not norm < self._first:
            return 0.0
        return math.log(self._first / norm) / math.log(self._first / max(self._gtol, 5e-324))

    def _write(self) -> None:
        if self._last is None:
            return
        words = [f"{self._last.nit} it", *_words(self._last)]
        with suppress(OSError, ValueError):  # as `written`
            while len(words) > 1 and _HEAD + _NARROWEST + len(", ".join(words)) > self._width():
                words.pop()
            self._bar.set_postfix_str(", ".join(words), refresh=False)
            self._bar.refresh()
            self._bar.last_print_t = time.time()

    def _width(self) -> float:
        measure = getattr(self._bar, "dynamic_ncols", None)
        columns = measure(self._bar.fp)[0] if callable(measure) else None
        return columns or _WIDTH

    def close(self) -> None:
        self._write()
        with suppress(OSError, ValueError):
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
        written(self._file, f"iteration {iterate.nit}: {', '.join(_words(iterate))}")
        self._due = time.monotonic() + self._interval
        self._unshown = None

    def close(self) -> None:
        if self._unshown is not None:
            self._write(self._unshown)
