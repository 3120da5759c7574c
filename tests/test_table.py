"""Table: the original's columns, a line for each iteration."""

from __future__ import annotations

import io
import logging
import sys
from typing import Any

import numpy as np
import pytest

from lbfgsb77 import LBFGSB, Progress, Table, backend, build_info, fmin_l_bfgs_b, minimize
from objectives import chain

START = np.full(8, -1.2)
BOX = [(-2, 0.5) if k % 3 == 0 else (-1.5, None) for k in range(8)]
COLUMNS = ["it", "nf", "nseg", "nact", "sub", "itls", "stepl", "projg", "f"]


def printed(table: Table, **arguments: Any) -> Any:
    return minimize(chain, START, jac=True, bounds=BOX, callback=table, **arguments)


def rows(text: str) -> list[list[str]]:
    header, *lines = text.splitlines()
    assert header.split() == COLUMNS
    return [line.split() for line in lines]


@pytest.mark.parametrize("name", build_info()["backends"])
def test_each_iteration_has_its_numbers(name: str) -> None:
    stream = io.StringIO()
    with backend(name):
        result = printed(Table(file=stream))
        solver = LBFGSB(START, BOX, factr=1e7, pgtol=1e-5)
    iterates = [START]
    for k, row in enumerate(rows(stream.getvalue())):
        trials = 1
        x = solver.ask()
        while not solver.tell(*chain(x)):
            if solver.nfev > 1:
                trials += 1
            x = solver.ask()
        iterate = solver.iterate
        assert row[0] == str(k + 1) == str(iterate.nit)
        assert row[1] == str(solver.nfev)
        assert row[4] in ("con", "bnd", "---")
        assert row[5] == str(trials)
        # What is printed has three digits, or nine of f.
        step = np.linalg.norm(iterate.x - iterates[-1])
        assert float(row[6]) == pytest.approx(step, rel=1e-2)
        assert float(row[7]) == pytest.approx(iterate.projected_gradient_norm, rel=1e-3)
        assert float(row[8]) == pytest.approx(iterate.fun, rel=1e-8)
        # As many variables are on a bound at the Cauchy point as are active there.
        assert 0 <= int(row[3]) <= 8
        assert int(row[2]) >= 0
        iterates.append(iterate.x)
    assert len(iterates) == result.nit + 1


def test_the_first_and_every_kth_are_printed() -> None:
    stream = io.StringIO()
    result = printed(Table(5, file=stream))
    assert [int(row[0]) for row in rows(stream.getvalue())] == [
        1,
        *range(5, result.nit + 1, 5),
    ]


def test_each_run_has_a_header() -> None:
    stream = io.StringIO()
    table = Table(100, file=stream)
    printed(table)
    printed(table)
    assert stream.getvalue().count("nseg") == 2


def test_it_goes_to_the_standard_output_of_now(capsys: pytest.CaptureFixture[str]) -> None:
    printed(Table(), maxiter=2)
    out, err = capsys.readouterr()
    assert len(rows(out)) == 2
    assert err == ""


def test_it_goes_to_a_logger(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "fits"):
        printed(Table(logger="fits"), maxiter=2)
    assert [record.name for record in caplog.records] == ["fits"] * 3
    assert len(rows("\n".join(record.message for record in caplog.records))) == 2


def test_fixed_variables_are_active() -> None:
    stream = io.StringIO()
    box = [(1, 1), *[(None, None)] * 7]
    minimize(lambda x: chain(x)[0], START, bounds=box, callback=Table(file=stream), maxiter=3)
    assert [row[3] for row in rows(stream.getvalue())] == ["1", "1", "1"]


class Broken(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def closed() -> io.StringIO:
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stream", [Broken(), closed()], ids=["broken", "closed"])
@pytest.mark.parametrize("watcher", ["table", "lines", "bar"])
def test_a_stream_that_is_gone_does_not_end_the_run(
    stream: Any, watcher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if watcher == "lines":
        monkeypatch.setitem(sys.modules, "tqdm", None)
    for force in (False, True):
        callback = (
            Table(file=stream) if watcher == "table" else Progress(0, file=stream, force=force)
        )
        _, _, d = fmin_l_bfgs_b(chain, START, callback=callback)
        assert d["warnflag"] == 0


@pytest.mark.parametrize(
    ("arguments", "kind", "sentence"),
    [
        ({"every": 0}, ValueError, "every: must be positive, got 0"),
        ({"every": 1.5}, TypeError, "every: an integer is expected, got 1.5"),
        ({"file": sys.stdout, "logger": "a"}, TypeError, "file and logger: one is expected, got "),
    ],
)
def test_bad_input_gets_a_sentence(arguments: Any, kind: Any, sentence: str) -> None:
    with pytest.raises(kind) as raised:
        Table(**arguments)
    assert str(raised.value).startswith(sentence)
