"""The findings as a JUnit report, which most CI systems show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from lbfgsb77.reference._check import Check

__all__ = ["write"]

# XML 1.0 has no way to write these.
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(path: str | Path, checks: Sequence[Check]) -> None:
    """Write one test case a run; those that miss the level fail with the report."""
    suite = ElementTree.Element(
        "testsuite",
        name="lbfgsb77 reference",
        tests=str(len(checks)),
        failures=str(sum(not check.passed for check in checks)),
        errors="0",
        skipped="0",
        time=f"{sum(check.seconds for check in checks):.3f}",
    )
    if checks:
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in checks[0].comparison.candidate.provenance.items():
            ElementTree.SubElement(properties, "property", name=name, value=_clean(value))
    for check in checks:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=_clean(check.comparison.candidate.provenance.get("solver", "solver")),
            name=f"{check.problem.name}[{check.setting}]",
            time=f"{check.seconds:.3f}",
        )
        if not check.passed:
            failure = ElementTree.SubElement(
                case,
                "failure",
                message=f"level {check.comparison.level} instead of {check.wanted}",
            )
            failure.text = _clean(str(check.comparison))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    tree = ElementTree.ElementTree(root)
    ElementTree.indent(tree)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("?", text)
