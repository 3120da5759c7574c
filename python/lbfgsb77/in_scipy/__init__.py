"""SciPy's L-BFGS-B on this package: for everything in the process that minimizes by it.

`lbfgsb77.use_in_scipy` switches; ``python -m lbfgsb77 run script.py`` does so for a program as it
is, with its child processes; ``pytest -p lbfgsb77.in_scipy`` for a run of tests. Nothing that calls
SciPy has to be changed or to be imported later.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

from lbfgsb77._run.engine import OWN
from lbfgsb77.in_scipy._log import Call

if TYPE_CHECKING:
    from lbfgsb77.in_scipy._switch import Switch

__all__ = ["Call", "use_in_scipy"]

#: The environment variable that says so to the processes that `run` starts.
VARIABLE: Final = "LBFGSB77_IN_SCIPY"


def use_in_scipy(
    *,
    backend: str = OWN,
    log: Any = None,
    record: Any = None,
    solver: str = "lbfgsb77",
    force: bool = False,
) -> Switch:
    """Have everything that minimizes by SciPy's L-BFGS-B run on this package, from now on.

    Parameters
    ----------
    backend : str, optional
        The kernel, as `lbfgsb77.backend` takes it. Default this package's own.
    log : text file, path, logging.Logger or callable, optional
        Who is told of each minimization: a stream or a logger gets a line of text, a file a line of
        JSON, a callable a `Call`. Default nobody; `Switch.calls` has them in any case.
    record : path, optional
        A directory in which every evaluation of every minimization is kept, for ``python -m
        lbfgsb77 reference compare``. Default none.
    solver : {"lbfgsb77", "scipy"}, optional
        ``"scipy"`` leaves SciPy's own in place and only records it. Default "lbfgsb77".
    force : bool, optional
        Whether to try a SciPy that isn't among the tested. Default False.

    Returns
    -------
    Switch
        ``undo()`` gives SciPy its own back; so does the end of a ``with`` statement.

    Raises
    ------
    ImportError
        If there is no SciPy.
    RuntimeError
        If the installed SciPy is none of 1.14 to 1.18 and `force` isn't given, the switch is in use
        already, or this build hasn't the backend.
    TypeError, ValueError
        If an argument isn't as described.

    Notes
    -----
    Replaced is what ``scipy.optimize.minimize(method="L-BFGS-B")`` and ``fmin_l_bfgs_b`` call, so
    that names which were imported before are reached too: scikit-learn, statsmodels, GPy, lmfit and
    others, ``basinhopping``, the polish of ``differential_evolution``.
    ``scipy.optimize._lbfgsb.setulb``, which some call themselves, answers in the form of the
    installed SciPy.

    Messages, status numbers, classes, callbacks and warnings are those of the installed SciPy.
    Results have a ``reason`` besides, and so has the dictionary of ``fmin_l_bfgs_b``. An option
    that a newer SciPy has and this package hasn't goes to SciPy's own function, with one warning.

    Examples
    --------
    >>> import lbfgsb77
    >>> with lbfgsb77.use_in_scipy() as switch:  # doctest: +SKIP
    ...     model = LogisticRegression().fit(X, y)
    ...
    >>> print(switch.summary())  # doctest: +SKIP
    lbfgsb77: 1 minimization in the place of SciPy's L-BFGS-B, 0.012 s with the objectives
           1 from sklearn.linear_model._logistic
           1 ended with CONVERGENCE: NORM OF PROJECTED GRADIENT <= PGTOL
    """
    from lbfgsb77.in_scipy._switch import Switch  # imports much, and not without SciPy

    return Switch(backend, log, force, record, solver)


def pytest_configure(config: Any) -> None:
    """Switch before anything is collected: ``pytest -p lbfgsb77.in_scipy``."""
    config._lbfgsb77_switch = use_in_scipy(backend=os.environ.get(f"{VARIABLE}_BACKEND", OWN))


def pytest_unconfigure(config: Any) -> None:
    """Give SciPy its own back."""
    switch = getattr(config, "_lbfgsb77_switch", None)
    if switch is not None:
        switch.undo()


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    """Tell at the end what was minimized."""
    switch = getattr(config, "_lbfgsb77_switch", None)
    if switch is not None:
        terminalreporter.section("minimized by lbfgsb77")
        terminalreporter.write_line(switch.summary())
