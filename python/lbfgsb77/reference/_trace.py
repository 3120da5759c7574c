"""What a run did, evaluation by evaluation, and its text form.

The text is JSON with one evaluation per line and floats in hexadecimal, so that nothing is rounded
and a diff of two traces shows the evaluations that differ. It has no date: recording the same run
again gives the same file.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lbfgsb77._arguments import shown

__all__ = ["FORMAT", "Evaluation", "Outcome", "Trace", "digest"]

FORMAT = "lbfgsb77 trace 1"

Point = NDArray[np.float64] | str  # a digest where the numbers themselves are not kept
_DIGEST = "sha256:"


def digest(x: NDArray[np.float64]) -> str:
    """A short name for the exact bits of a vector."""
    little_endian = np.ascontiguousarray(x, dtype="<f8").tobytes()
    return _DIGEST + hashlib.sha256(little_endian).hexdigest()[:20]


@dataclass(frozen=True)
class Evaluation:
    """One evaluation of the objective.

    Parameters
    ----------
    x : ndarray of float, shape (n,), or str
        Where; or the digest of it.
    f : float
        The value there.
    projected_gradient_norm : float
        Largest component of the projected gradient there.
    step : float, optional
        The line search's step that led here, where the solver tells it.
    task : str, optional
        The task that asked for it (``FG_START``, ``FG_LNSRCH``), where the solver tells it.
    iteration : int, optional
        The number of the iteration that ended at this point, if one did.
    repeat : bool, default False
        Whether x equals that of the evaluation before. Many solvers keep the last value instead of
        evaluating again, so `compare` leaves repeats out.
    """

    x: Point
    f: float
    projected_gradient_norm: float
    step: float | None = None
    task: str | None = None
    iteration: int | None = None
    repeat: bool = False

    @property
    def key(self) -> str:
        """The digest of x: equal where all bits are."""
        return self.x if isinstance(self.x, str) else digest(self.x)


@dataclass(frozen=True)
class Outcome:
    """How a run ended.

    Parameters
    ----------
    x : ndarray of float, shape (n,), or str, optional
        The solution returned, or its digest; None if the solver raised an exception.
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
    at_lower, at_upper : tuple of int
        The active set: indices (from 0) of the variables that are on a bound.
    """

    x: Point | None
    f: float
    nit: int | None
    nfev: int | None
    ending: str
    message: str
    at_lower: tuple[int, ...] = ()
    at_upper: tuple[int, ...] = ()


@dataclass(frozen=True)
class Trace:
    """A recorded run.

    Parameters
    ----------
    problem : str
        The problem's name.
    n : int
        Number of variables.
    problem_digest : str
        Digest of start and bounds.
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
    n: int
    problem_digest: str
    options: Mapping[str, Any]
    provenance: Mapping[str, str]
    evaluations: tuple[Evaluation, ...]
    outcome: Outcome
    notes: tuple[str, ...] = field(default=())
    parts_from_release: int | None = None

    @property
    def iterations(self) -> int:
        """Number of iterations that were seen to end."""
        return sum(evaluation.iteration is not None for evaluation in self.evaluations)

    def to_json(self) -> str:
        """The trace as text, one evaluation per line."""
        outcome = self.outcome
        head = [
            ("format", FORMAT),
            ("problem", self.problem),
            ("n", self.n),
            ("problem_digest", self.problem_digest),
            ("options", {key: _number(value) for key, value in self.options.items()}),
            ("notes", list(self.notes)),
        ]
        lines = [f"  {json.dumps(key)}: {_compact(value)}," for key, value in head]
        lines.append('  "provenance": {')
        lines.append(
            ",\n".join(
                f"    {json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}"
                for key, value in self.provenance.items()
            )
        )
        lines.append("  },")
        lines.append('  "evaluations": [')
        lines.append(",\n".join("    " + _compact(_packed(e)) for e in self.evaluations))
        lines.append("  ],")
        end = {
            "x": None if outcome.x is None else _point(outcome.x),
            "f": _hex(outcome.f),
            "nit": outcome.nit,
            "nfev": outcome.nfev,
            "ending": outcome.ending,
            "message": outcome.message,
            "at_lower": list(outcome.at_lower),
            "at_upper": list(outcome.at_upper),
        }
        lines.append(f'  "outcome": {_compact(end)}')
        return "{\n" + "\n".join(lines) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """Read what `to_json` wrote.

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
        end = data["outcome"]
        return cls(
            problem=data["problem"],
            n=data["n"],
            problem_digest=data["problem_digest"],
            options={key: _from_number(value) for key, value in data["options"].items()},
            provenance=data["provenance"],
            evaluations=tuple(_unpacked(e) for e in data["evaluations"]),
            outcome=Outcome(
                x=None if end["x"] is None else _from_point(end["x"]),
                f=float.fromhex(end["f"]),
                nit=end["nit"],
                nfev=end["nfev"],
                ending=end["ending"],
                message=end["message"],
                at_lower=tuple(end["at_lower"]),
                at_upper=tuple(end["at_upper"]),
            ),
            notes=tuple(data["notes"]),
        )

    def save(self, path: str | Path) -> None:
        """Write the trace to a file."""
        Path(path).write_text(self.to_json(), encoding="utf-8", newline="\n")

    @classmethod
    def load(cls, path: str | Path) -> Trace:
        """Read a trace from a file."""
        try:
            return cls.from_json(Path(path).read_text(encoding="utf-8"))
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path}: {error}") from error


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _hex(value: float) -> str:
    """Hexadecimal without trailing zeros: 0x1.8p+0 rather than 0x1.8000000000000p+0."""
    mantissa, p, exponent = float(value).hex().partition("p")
    return (mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa) + p + exponent


def _number(value: float) -> int | str:
    """Whole numbers as they are, others in hexadecimal."""
    return int(value) if math.isfinite(value) and value == int(value) else _hex(value)


def _from_number(value: int | str) -> float:
    return float.fromhex(value) if isinstance(value, str) else value


def _point(x: Point) -> str | list[str]:
    return x if isinstance(x, str) else [_hex(value) for value in x.tolist()]


def _from_point(x: str | list[str]) -> Point:
    return x if isinstance(x, str) else np.array([float.fromhex(value) for value in x])


def _packed(evaluation: Evaluation) -> dict[str, Any]:
    packed: dict[str, Any] = {
        "x": _point(evaluation.x),
        "f": _hex(evaluation.f),
        "pg": _hex(evaluation.projected_gradient_norm),
    }
    if evaluation.step is not None:
        packed["step"] = _hex(evaluation.step)
    if evaluation.task is not None:
        packed["task"] = evaluation.task
    if evaluation.iteration is not None:
        packed["iteration"] = evaluation.iteration
    if evaluation.repeat:
        packed["repeat"] = True
    return packed


def _unpacked(packed: dict[str, Any]) -> Evaluation:
    return Evaluation(
        x=_from_point(packed["x"]),
        f=float.fromhex(packed["f"]),
        projected_gradient_norm=float.fromhex(packed["pg"]),
        step=float.fromhex(packed["step"]) if "step" in packed else None,
        task=packed.get("task"),
        iteration=packed.get("iteration"),
        repeat=packed.get("repeat", False),
    )
