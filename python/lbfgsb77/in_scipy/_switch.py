"""The switch: SciPy's names bound to this package's functions, and back."""

from __future__ import annotations

import functools
import os
import sys
import threading
from types import ModuleType, SimpleNamespace, TracebackType
from typing import Any, Final, Self

import numpy as np

from lbfgsb77 import _arguments, _setulb
from lbfgsb77._run import backend as _backend
from lbfgsb77.in_scipy import _method
from lbfgsb77.in_scipy._log import Call, Log, summary
from lbfgsb77.in_scipy._record import Recorder

TESTED: Final = ((1, 14), (1, 18))
_KERNEL: Final = "scipy.optimize._lbfgsb"
OURS: Final = "lbfgsb77"
SCIPYS: Final = "scipy"

_lock: Final = threading.RLock()
_active: list[Switch] = []  # one or none


class Switch:
    """SciPy's L-BFGS-B on this package, until `undo` or the end of a ``with`` statement.

    Made by `lbfgsb77.use_in_scipy`.

    Attributes
    ----------
    calls : list of Call
        Every minimization so far, of this process.
    """

    __module__ = "lbfgsb77.in_scipy"

    def __init__(
        self, kernel: str, log: Any, force: bool, record: Any = None, solver: str = OURS
    ) -> None:
        if solver not in (OURS, SCIPYS):
            raise ValueError(f"solver: {OURS!r} or {SCIPYS!r} is expected, got {solver!r}")
        _backend.engine_named(kernel)  # raises where there is none
        self._log = Log(log)
        self._recorder = (
            None if record is None else Recorder(os.fsdecode(_arguments.path("record", record)))
        )
        self._solver = solver
        self._done: list[tuple[Any, str, Any, Any]] = []  # where, name, old, new
        with _lock:
            if _active:
                raise RuntimeError("use_in_scipy: it is in use already; undo() that first")
            self._bind(kernel, _version(force))
            _active.append(self)

    def _bind(self, kernel: str, version: tuple[int, int]) -> None:
        from scipy.optimize import _lbfgsb_py, _minimize

        original = _lbfgsb_py._minimize_lbfgsb
        method: Any = original
        if self._solver == OURS:
            method = _method.Method(original, version, kernel, self._log, self._recorder)
        elif self._recorder is not None:
            method = _method.ScipysOwn(original, ".".join(map(str, version)), self._recorder)
        for module in (_lbfgsb_py, _minimize):
            self._set(module, "_minimize_lbfgsb", method)
        if self._solver == SCIPYS:
            return
        # Wherever SciPy's kernel has been imported to, but for SciPy's own driver, which an option
        # that is not known here falls back to.
        theirs = sys.modules[_KERNEL]
        ours = _kernel(version)
        self._set_everywhere(theirs, ours, but=_lbfgsb_py)
        self._set_everywhere(theirs.setulb, ours.setulb, but=_lbfgsb_py)
        # Its information has no room for a reason but a place of its own.
        fmin = _lbfgsb_py.fmin_l_bfgs_b
        self._set_everywhere(fmin, _WithReason(fmin))

    def _set(self, where: Any, name: str, new: Any) -> None:
        self._done.append((where, name, getattr(where, name), new))
        setattr(where, name, new)

    def _set_everywhere(self, old: Any, new: Any, but: ModuleType | None = None) -> None:
        """Bind `new` to every name of a module that is bound to `old`."""
        for module in list(sys.modules.values()):
            if module is but or module is None:
                continue
            for name, value in list(getattr(module, "__dict__", {}).items()):
                if value is old:
                    self._set(module, name, new)
        for name, module in list(sys.modules.items()):
            if module is old:
                self._done.append((sys.modules, name, old, new))
                sys.modules[name] = new

    def undo(self) -> None:
        """Bind SciPy's own functions to their names again; a second time nothing happens."""
        with _lock:
            if self not in _active:
                return
            _active.remove(self)
            while self._done:
                where, name, old, new = self._done.pop()
                if where is sys.modules:
                    sys.modules[name] = old
                elif getattr(where, name, None) is new:  # nobody has bound it since
                    setattr(where, name, old)
            # Whoever has imported them meanwhile.
            for module in list(sys.modules.values()):
                for name, value in list(getattr(module, "__dict__", {}).items()):
                    if isinstance(value, _WithReason):
                        setattr(module, name, value.__wrapped__)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.undo()

    @property
    def calls(self) -> list[Call]:
        """Every minimization so far, of this process."""
        return self._log.calls

    def summary(self) -> str:
        """How many minimizations from which modules, how they ended, and why some failed."""
        return summary(self.calls)

    def __repr__(self) -> str:
        state = "in use" if self in _active else "undone"
        return f"<use_in_scipy: {state}, {len(self.calls)} minimizations>"


def _version(force: bool) -> tuple[int, int]:
    """That of the installed SciPy, if it is one that is known."""
    try:
        import scipy
    except ImportError as error:
        raise ImportError("use_in_scipy: SciPy is missing, pip install scipy gets it") from error
    import scipy.optimize

    major, minor = map(int, scipy.__version__.split(".")[:2])
    (_, first), (_, last) = TESTED
    if not (TESTED[0] <= (major, minor) <= TESTED[1]) and not force:
        raise RuntimeError(
            f"use_in_scipy: SciPy 1.{first} to 1.{last} are tested, this is {scipy.__version__}; "
            "force=True tries it all the same"
        )
    return major, minor


def _kernel(version: tuple[int, int]) -> ModuleType:
    """A module as SciPy's kernel, in the form of this SciPy."""
    module = ModuleType(_KERNEL, "lbfgsb77's kernel in the form of SciPy's.")
    if version < (1, 15):
        module.setulb = _setulb.setulb  # type: ignore[attr-defined]
        module.types = SimpleNamespace(intvar=np.zeros((), np.int32))  # type: ignore[attr-defined]
    else:
        module.setulb = _setulb.setulb_int  # type: ignore[attr-defined]
    module.error = ValueError  # type: ignore[attr-defined]
    return module


class _WithReason:
    """`fmin_l_bfgs_b` with ``d["reason"]``."""

    def __init__(self, function: Any) -> None:
        functools.update_wrapper(self, function)
        self.__wrapped__ = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        x, f, d = self.__wrapped__(*args, **kwargs)
        d["reason"] = _method.last.reason
        return x, f, d
