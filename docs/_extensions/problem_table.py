"""The directive ``problem-table``: the collection of test problems as a table."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lbfgsb77.reference import problems

# Where what a source names is described.
LINKS = {
    "Moré, Garbow, Hillstrom 1981": "https://doi.org/10.1145/355934.355936",
    "Gay 1984": "https://doi.org/10.1007/BFb0099516",
    "NIST": "https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml",
}


class ProblemTable(SphinxDirective):
    """Name, size, bounds, what it is, source."""

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        table, group = nodes.table(classes=["compact"]), nodes.tgroup(cols=5)
        group += [nodes.colspec(colwidth=width) for width in (20, 6, 8, 50, 22)]
        head, body = nodes.thead(), nodes.tbody()
        head += self._row(
            [nodes.paragraph("", word) for word in ("name", "n", "bounds", "what it is", "source")]
        )
        for problem in problems.select():
            body += self._row(
                [
                    nodes.paragraph("", "", nodes.literal(problem.name, problem.name)),
                    nodes.paragraph("", str(problem.n)),
                    nodes.paragraph("", "yes" if problem.bounded else ""),
                    nodes.paragraph("", problem.description.partition("\n")[0]),
                    self._source(problem.source),
                ]
            )
        group += [head, body]
        table += group
        return [table]

    def _row(self, cells: list[nodes.Node]) -> nodes.row:
        row = nodes.row()
        for cell in cells:
            entry = nodes.entry()
            entry += cell
            row += entry
        return row

    def _source(self, source: str) -> nodes.paragraph:
        for name, address in LINKS.items():
            before, found, after = source.partition(name)
            if found:
                link = nodes.reference("", name, refuri=address)
                return nodes.paragraph("", "", nodes.Text(before), link, nodes.Text(after))
        return nodes.paragraph("", source)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("problem-table", ProblemTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
