"""Pictures that the build draws, for light pages and for dark ones.

``{picture} examples/disagreement.py explanation/disagreement.json`` calls the function ``draw(data,
file, dark)`` of the program with what the JSON file holds. ``{drawn}`` runs the code in it, which
draws into ``figure`` and can be folded out below the picture.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from matplotlib import rc_context, style
from matplotlib.figure import Figure
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

DOCS = Path(__file__).resolve().parents[1]
FOLDER = "generated"  # below docs; not in the repository


class _TwoImages(SphinxDirective):
    """Two images of the same, of which the page shows the one that suits it."""

    option_spec: ClassVar = {
        "alt": directives.unchanged_required,
        "size": directives.unchanged_required,  # in inches
    }

    def images(self, name: str, draw: Callable[[Path, bool], None]) -> list[nodes.Node]:
        """Make the two."""
        (DOCS / FOLDER).mkdir(exist_ok=True)
        images: list[nodes.Node] = []
        for kind in ("light", "dark"):
            file = DOCS / FOLDER / f"{name}-{kind}.svg"
            draw(file, kind == "dark")
            image = nodes.image(
                uri=f"/{FOLDER}/{file.name}", alt=self.options["alt"], classes=[f"only-{kind}"]
            )
            self.set_source_info(image)
            images.append(image)
        return images


class Picture(_TwoImages):
    """What a program draws of data that were measured."""

    required_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Load the program and call its function."""
        program, data = DOCS.parent / self.arguments[0], DOCS / self.arguments[1]
        for source in (program, data):
            self.env.note_dependency(str(source))
        spec = importlib.util.spec_from_file_location(program.stem, program)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # a dataclass looks its module up
        spec.loader.exec_module(module)
        held = json.loads(data.read_text(encoding="utf-8"))
        return self.images(data.stem, lambda file, dark: module.draw(held, file, dark))


class Drawn(_TwoImages):
    """What the code in it draws."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """Run the code twice, and show it below the picture, folded."""
        code = "\n".join(self.content)
        width, height = map(float, self.options.get("size", "7 3.4").split())

        def draw(file: Path, dark: bool) -> None:
            # The same file in every build.
            same = {"svg.hashsalt": "lbfgsb77", "savefig.transparent": True}
            with style.context("dark_background" if dark else "default"), rc_context(same):
                figure = Figure((width, height), layout="constrained")
                exec(compile(code, f"{self.env.docname}, a picture", "exec"), {"figure": figure})
                figure.savefig(file, metadata={"Date": None})

        images = self.images(hashlib.sha256(code.encode()).hexdigest()[:16], draw)
        block = nodes.literal_block(code, code, language="python")
        self.set_source_info(block)
        fold = nodes.container("", classes=["drawn"])
        fold += nodes.raw("", "<details><summary>The code of this picture</summary>", format="html")
        fold += block
        fold += nodes.raw("", "</details>", format="html")
        return [*images, fold]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("picture", Picture)
    app.add_directive("drawn", Drawn)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
