"""The directive ``faults``: the table of `lbfgsb77.reference.FAULTS`."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lbfgsb77.reference import FAULTS


class Faults(SphinxDirective):
    """A definition list: what the port does; where it shows, and what is right."""

    def run(self) -> list[nodes.Node]:
        """Make the list."""
        items = []
        for fault in FAULTS:
            run = f"{fault.problem}, {fault.setting}"
            where = f"{run}: evaluation {fault.evaluation}, {fault.stage}"
            items.append(
                nodes.definition_list_item(
                    "",
                    nodes.term("", "", nodes.strong(fault.name, fault.name)),
                    nodes.definition(
                        "",
                        nodes.paragraph("", "", nodes.emphasis(where, where)),
                        nodes.paragraph("", fault.description),
                    ),
                )
            )
        return [nodes.definition_list("", *items)]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("faults", Faults)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
