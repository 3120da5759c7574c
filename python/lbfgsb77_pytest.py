"""The hooks of lbfgsb77's pytest plugin, described in `lbfgsb77.pytest_plugin`.

Every pytest run of an environment imports this module, so it imports nothing itself: NumPy and the
kernel are loaded when a test asks for the fixture.
"""

from __future__ import annotations

from typing import Any

import pytest

_MARKER = "lbfgsb_problems"
_FIXTURE = "lbfgsb_reference"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line(
        "markers",
        f"{_MARKER}(*patterns, portable=None, tags=(), settings=('default',), level='counts', "
        "path_tolerance=1e-6, solution_tolerance=1e-6, xfail={}, command=None, timeout=60.0): the "
        f"reference problems for which a test with the fixture {_FIXTURE} runs; xfail: names of "
        "problems that are expected to fail, with the reason; command: a port's program, which "
        "speaks the checker's protocol",
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests that use the fixture once for each problem."""
    if _FIXTURE not in metafunc.fixturenames:
        return
    from lbfgsb77.pytest_plugin import selected

    marker = metafunc.definition.get_closest_marker(_MARKER)
    runs = selected(*marker.args, **marker.kwargs) if marker else selected()
    metafunc.parametrize(_FIXTURE, runs, indirect=True)


@pytest.fixture
def lbfgsb_reference(request: pytest.FixtureRequest) -> Any:
    """A reference problem; the test runs once for each that ``lbfgsb_problems`` selects."""
    return request.param
