"""What a run did, evaluation by evaluation, and its text form.

The text is JSON with one evaluation per line and floats in hexadecimal, so that nothing is rounded
and a diff of two traces shows the evaluations that differ. It has no date: recording the same run
again gives the same file. A file may have decimals instead, or both, as those of
``reference export`` have; then the hexadecimal ones count.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import shown
from lbfgsb77._problem import bounds
from lbfgsb77.reference._stage_fields import check_fields, number
from lbfgsb77.reference.problems import projected_gradient_norm

__all__ = ["DEFAULTS", "FORMAT", "Evaluation", "Outcome", "Trace"]

FORMAT: Final = "lbfgsb77 trace 2"

#: The options that a run is recorded with, unless others are asked for: SciPy's defaults.
DEFAULTS: Mapping[str, float] = {
    "m": 10,
    "factr": 1e7,
    "pgtol": 1e-5,
    "maxls": 20,
    "maxfun": 15000,
    "maxiter": 15000,
}

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """One evaluation of the objective.

    Parameters
    ----------
    x : ndarray of float, shape (n,)
        Where.
    f : float
        The value there.
    g : ndarray of float, shape (n,)
        The gradient there.
    step : float, optional
        The line search's step that led here, where the solver tells it.
    task : str, optional
        The task that asked for it (``FG_START``, ``FG_LNSRCH``), where the solver tells it.
    iteration : int, optional
        The number of the iteration that ended at this point, if one did.
    repeat : bool, default False
        Whether x equals that of the evaluation before. Many solvers keep the last value instead of
        evaluating again, so `compare` leaves repeats out.
    stages : mapping, optional
        What a port has said of the iteration that this evaluation is the first trial of, by the
        names of `STAGE_FIELDS`.
    """

    x: Vector
    f: float
    g: Vector
    step: float | None = None
    task: str | None = None
    iteration: int | None = None
    repeat: bool = False
    stages: Mapping[str, Any] | None = None

    @property
    def key(self) -> bytes:
        """The bits of x."""
        return self.x.tobytes()


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Parameters
    ----------
    x : ndarray of float, shape (n,), optional
        The solution returned; None if the solver raised an exception.
    f : float
        The value returned.
    nit, nfev : int, optional
        Iterations and evaluations as the solver counts them, where it tells.
    ending : str
        Why it ended: ``gradient`` or ``reduction`` (the two tests of convergence), ``converged``
        where it isn't known which, ``abnormal``, ``iteration limit``, ``evaluation limit``,
        ``limit``, ``callback``, ``error``, ``other`` or ``exception``.
    message : str
        The solver's own words.
    """

    x: Vector | None
    f: float
    nit: int | None
    nfev: int | None
    ending: str
    message: str


@dataclass(frozen=True)
class Trace:
    """A recorded run.

    Parameters
    ----------
    problem : str
        The problem's name.
    x0 : ndarray of float, shape (n,)
        The start, as it was given; it may be outside of the bounds.
    lower, upper : ndarray of float, shape (n,)
        The bounds, infinite where there is none.
    options : mapping of str to number
        ``m``, ``factr``, ``pgtol``, ``maxls``, ``maxfun``, ``maxiter``.
    provenance : mapping of str to str
        What was run on what: solver, version, build, Python, NumPy, platform.
    evaluations : tuple of Evaluation
        In the order of the run.
    outcome : Outcome
        How it ended.
    notes : tuple of str
        What else is to be known of the recording.
    tells_iterations : bool, default True
        Whether the solver says where its iterations end.
    parts_from_release : int, optional
        Of a packaged trace: the first evaluation at which the authors' own release asks for another
        point, because it leaves trial points where rounding takes them past a bound. None, for
        nearly all, where it makes this very run.

    See Also
    --------
    lbfgsb77.reference.record : Makes one.
    lbfgsb77.reference.compare : Compares two.
    """

    problem: str
    x0: Vector
    lower: Vector
    upper: Vector
    options: Mapping[str, Any]
    provenance: Mapping[str, str]
    evaluations: tuple[Evaluation, ...]
    outcome: Outcome
    notes: tuple[str, ...] = field(default=())
    tells_iterations: bool = True
    parts_from_release: int | None = None

    @property
    def n(self) -> int:
        """Number of variables."""
        return self.x0.size

    @property
    def iterations(self) -> int:
        """Number of iterations that were seen to end."""
        return sum(evaluation.iteration is not None for evaluation in self.evaluations)

    @property
    def distinct_evaluations(self) -> list[Evaluation]:
        """Those that are no repeats; an iteration that ends at a repeat ends at the first of it."""
        kept: list[Evaluation] = []
        for evaluation in self.evaluations:
            if not evaluation.repeat:
                kept.append(evaluation)
            elif evaluation.iteration is not None and kept[-1].iteration is None:
                kept[-1] = replace(kept[-1], iteration=evaluation.iteration)
        return kept

    @property
    def projected_gradient_norms(self) -> Vector:
        """The projected gradient's largest component at each evaluation."""
        return np.array(
            [projected_gradient_norm(e.x, e.g, self.lower, self.upper) for e in self.evaluations]
        )

    @property
    def at_lower(self) -> tuple[int, ...]:
        """The active set: indices, from 0, of the solution's variables on their lower bounds."""
        return self._on(self.lower)

    @property
    def at_upper(self) -> tuple[int, ...]:
        """Likewise on their upper bounds, those with one value only left out."""
        return tuple(i for i in self._on(self.upper) if self.lower[i] != self.upper[i])

    def _on(self, bound: Vector) -> tuple[int, ...]:
        x = self.outcome.x
        if x is None or x.shape != bound.shape:
            return ()
        return tuple(np.flatnonzero(x == bound).tolist())

    def to_json(self, decimals: bool = False) -> str:
        """The trace as text, one evaluation per line.

        Parameters
        ----------
        decimals : bool, default False
            Give each number as its shortest decimal, and in hexadecimal under the name with
            ``_hex``; by default in hexadecimal alone.
        """
        outcome = self.outcome
        head = {
            "format": FORMAT,
            "problem": self.problem,
            **packed_problem(self.x0, self.lower, self.upper, self.options, decimals),
            "notes": list(self.notes),
            "tells_iterations": self.tells_iterations,
        }
        lines = [f"  {json.dumps(key)}: {_compact(value)}," for key, value in head.items()]
        lines.append('  "provenance": {')
        lines.append(
            ",\n".join(
                f"    {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
                for key, value in self.provenance.items()
            )
        )
        lines.append("  },")
        lines.append('  "evaluations": [')
        lines.append(",\n".join("    " + _compact(_packed(e, decimals)) for e in self.evaluations))
        lines.append("  ],")
        end = {
            "ending": outcome.ending,
            "message": outcome.message,
            "nit": outcome.nit,
            "nfev": outcome.nfev,
            **packed_values({"f": outcome.f, "x": outcome.x}, decimals),
        }
        lines.append(",\n".join(f"  {json.dumps(k)}: {_compact(v)}" for k, v in end.items()))
        return "{\n" + "\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Read what `to_json` wrote, or any text with its keys.

        ``format``, ``n``, ``x0`` and ``evaluations`` must be there; what else is missing has its
        default: no bounds, `DEFAULTS` for the options, ``other`` for the ending.

        Parameters
        ----------
        text : str or bytes
            In JSON.

        Returns
        -------
        Trace
            What it holds.

        Raises
        ------
        TypeError, ValueError
            If it is no text, or not a trace of this format.
        """
        if not isinstance(text, (str, bytes, bytearray)):
            raise TypeError(f"text: a text is expected, got {shown(text)}")
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            raise ValueError(f"text: not a trace: {error}") from error
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ValueError(f'text: not a trace: "format" is not "{FORMAT}"')
        try:
            return _read(data)
        except KeyError as error:
            raise ValueError(f"text: not a trace: {error} is missing") from None
        except (AttributeError, TypeError) as error:
            raise ValueError(f"text: not a trace: {error}") from None

    def save(self, path: str | Path, decimals: bool = False) -> None:
        """Write the trace to a file.

        Parameters
        ----------
        path : str or Path
            The file, which is replaced if it is there.
        decimals : bool, optional
            As for `to_json`. Default False.
        """
        text = self.to_json(decimals)
        Path(path).write_text(text, encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Read a trace from a file.

        Parameters
        ----------
        path : str or Path
            The file.

        Returns
        -------
        Trace
            What it holds.
        """
        try:
            return cls.from_json(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error


_COARSE: Final = {
    "gradient": "converged",
    "reduction": "converged",
    "iteration limit": "limit",
    "evaluation limit": "limit",
}


def endings_agree(a: str, b: str) -> bool:
    """Whether two endings agree, as finely as both are known."""
    if a == b:
        return True
    coarse = {"converged", "limit"} & {a, b}
    return bool(coarse) and _COARSE.get(a, a) == _COARSE.get(b, b)


# Writing -----------------------------------------------------------------------------------------


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def hexadecimal(value: float) -> str:
    """Hexadecimal without trailing zeros: 0x1.8p+0 rather than 0x1.8000000000000p+0."""
    mantissa, p, exponent = float(value).hex().partition("p")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + p + exponent


def decimal(value: float) -> float | str:
    """The shortest decimal that is this number; a text where JSON has no number for it."""
    return value if math.isfinite(value) else str(value)


def packed_values(values: Mapping[str, Any], decimals: bool) -> dict[str, Any]:
    """Numbers and vectors by name: in hexadecimal, or as decimals and so under ``NAME_hex``."""
    packed: dict[str, Any] = {}
    for name, value in values.items():
        if not decimals:
            packed[name] = _each(hexadecimal, value)
        else:
            packed[name] = _each(decimal, value)
            if value is not None:
                packed[f"{name}_hex"] = _each(hexadecimal, value)
    return packed


def _each(form: Callable[[float], Any], value: Vector | float | None) -> Any:
    if value is None:
        return None
    return [form(v) for v in value.tolist()] if isinstance(value, np.ndarray) else form(value)


def packed_problem(
    x0: Vector, lower: Vector, upper: Vector, options: Mapping[str, float], decimals: bool
) -> dict[str, Any]:
    """Size, options, start and bounds; null where there is no bound."""
    packed: dict[str, Any] = {"n": x0.size}
    for name, value in options.items():
        packed[name] = int(value) if _is_whole(value) else decimal(value)
    packed.update(packed_values({"x0": x0, "l": lower, "u": upper}, decimals))
    for name, bound in (("l", lower), ("u", upper)):
        given = np.isfinite(bound).tolist()
        for key in (name, f"{name}_hex") if decimals else (name,):
            packed[key] = [
                v if is_one else None for v, is_one in zip(packed[key], given, strict=True)
            ]
    packed["nbd"] = np.full(x0.size, bounds.types(lower, upper)).tolist()
    return packed


def _is_whole(value: float) -> bool:
    return math.isfinite(value) and value == int(value)


def _packed(evaluation: Evaluation, decimals: bool) -> dict[str, Any]:
    entry = packed_values({"x": evaluation.x, "f": evaluation.f, "g": evaluation.g}, decimals)
    if evaluation.step is not None:
        entry.update(packed_values({"step": evaluation.step}, decimals))
    for name in ("task", "iteration"):
        if getattr(evaluation, name) is not None:
            entry[name] = getattr(evaluation, name)
    if evaluation.repeat:
        entry["repeat"] = True
    if evaluation.stages:
        entry["stages"] = dict(evaluation.stages)
    return entry


# Reading -----------------------------------------------------------------------------------------


def _exact(data: Mapping[str, Any], name: str) -> Any:
    """What is under a name, in hexadecimal if it is there."""
    return data[f"{name}_hex" if f"{name}_hex" in data else name]


def vector(data: Mapping[str, Any], name: str, n: int) -> Vector:
    """The n numbers under a name, the hexadecimal ones if they are there."""
    values = _exact(data, name)
    if not isinstance(values, list) or len(values) != n:
        some = f"{len(values)} of them" if isinstance(values, list) else shown(values)
        raise ValueError(f"{name}: a list of {n} numbers is expected, got {some}")
    return np.array([number(value) for value in values], dtype=np.float64)


def scalar(data: Mapping[str, Any], name: str) -> float:
    """The number under a name, the hexadecimal one if it is there."""
    return number(_exact(data, name))


def _bounds(data: Mapping[str, Any], n: int) -> tuple[Vector, Vector]:
    """The bounds; where there is none the number, or null, has no meaning."""
    types = data.get("nbd")
    both = []
    for name, kinds, none in (("l", (1, 2), -math.inf), ("u", (2, 3), math.inf)):
        if name not in data and f"{name}_hex" not in data:
            both.append(np.full(n, none))
            continue
        given = [none if value is None else value for value in _exact(data, name)]
        bound = vector({name: given}, name, n)
        if types is not None:
            bound[[kind not in kinds for kind in types]] = none
        both.append(bound)
    return both[0], both[1]


def _read(data: dict[str, Any]) -> Trace:
    n = data["n"]
    lower, upper = _bounds(data, n)
    options = {name: number(data.get(name, default)) for name, default in DEFAULTS.items()}
    evaluations = tuple(_unpacked(e, n) for e in data["evaluations"])
    told = len(evaluations) < 2 or any(e.iteration is not None for e in evaluations)
    options.update({name: int(value) for name, value in options.items() if _is_whole(value)})
    return Trace(
        problem=data.get("problem", "?"),
        x0=vector(data, "x0", n),
        lower=lower,
        upper=upper,
        options=options,
        provenance=data.get("provenance", {}),
        evaluations=evaluations,
        outcome=Outcome(
            x=None if data.get("x") is None else vector(data, "x", n),
            f=scalar(data, "f") if "f" in data else math.nan,
            nit=data.get("nit"),
            nfev=data.get("nfev"),
            ending=data.get("ending", "other"),
            message=data.get("message", ""),
        ),
        notes=tuple(data.get("notes", ())),
        tells_iterations=data.get("tells_iterations", told),
    )


def _unpacked(entry: dict[str, Any], n: int) -> Evaluation:
    return Evaluation(
        x=vector(entry, "x", n),
        f=scalar(entry, "f"),
        g=vector(entry, "g", n),
        step=scalar(entry, "step") if "step" in entry else None,
        task=entry.get("task"),
        iteration=entry.get("iteration"),
        repeat=entry.get("repeat", False),
        stages=check_fields(entry["stages"], n) if "stages" in entry else None,
    )
