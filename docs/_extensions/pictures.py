"""The directive ``picture``: a picture that the build draws, for light pages and for dark ones.

``{picture} examples/disagreement.py explanation/disagreement.json`` calls the function ``draw(data,
file, dark)`` of the program with what the JSON file holds.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).resolve().parents[1]
FOLDER = "generated"  # below docs; not in the repository


class Picture(SphinxDirective):
    """Draw, and show one of the two files, as the reader's page is light or dark."""

    required_arguments = 2
    option_spec: ClassVar = {"alt": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Make the two images."""
        program, data = DOCS.parent / self.arguments[0], DOCS / self.arguments[1]
        for source in (program, data):
            self.env.note_dependency(str(source))
        spec = importlib.util.spec_from_file_location(program.stem, program)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # a dataclass looks its module up
        spec.loader.exec_module(module)
        (DOCS / FOLDER).mkdir(exist_ok=True)
        images: list[nodes.Node] = []
        for kind in ("light", "dark"):
            file = DOCS / FOLDER / f"{data.stem}-{kind}.svg"
            module.draw(json.loads(data.read_text(encoding="utf-8")), file, kind == "dark")
            images.append(
                nodes.image(
                    uri=f"/{FOLDER}/{file.name}", alt=self.options["alt"], classes=[f"only-{kind}"]
                )
            )
        for image in images:
            self.set_source_info(image)
        return images


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("picture", Picture)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
