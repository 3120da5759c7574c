"""The directive ``command-help``: a command's --help, as the command prints it."""

from __future__ import annotations

import contextlib
import io
import os
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lbfgsb77.__main__ import main


class CommandHelp(SphinxDirective):
    """``{command-help} reference check`` shows ``python -m lbfgsb77 reference check --help``."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self) -> list[nodes.Node]:
        """Make the block of text."""
        words = [*(self.arguments[0].split() if self.arguments else []), "--help"]
        printed = io.StringIO()
        os.environ["COLUMNS"] = "88"
        with contextlib.redirect_stdout(printed), contextlib.suppress(SystemExit):
            main(words)
        text = f"$ python -m lbfgsb77 {' '.join(words)}\n{printed.getvalue().rstrip()}"
        return [nodes.literal_block(text, text, language="text")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the directive."""
    app.add_directive("command-help", CommandHelp)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
