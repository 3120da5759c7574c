"""The directive ``command-output``: a command of the package and what it prints."""

from __future__ import annotations

import contextlib
import io
import os
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lbfgsb77.__main__ import main


class CommandOutput(SphinxDirective):
    """``{command-output} reference list`` shows ``python -m lbfgsb77 reference list``."""

    required_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Make the block of text."""
        words = self.arguments[0].split()
        printed = io.StringIO()
        os.environ["COLUMNS"] = "88"
        with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
            main(words)
        text = f"$ python -m lbfgsb77 {' '.join(words)}\n{printed.getvalue().rstrip()}"
        return [nodes.literal_block(text, text, language="text")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("command-output", CommandOutput)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
