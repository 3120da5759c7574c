"""The site: ``make docs`` builds it in build/docs."""

from __future__ import annotations

import importlib
import pkgutil
import pprint
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

from sphinx.pycode import ModuleAnalyzer

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

project = "lbfgsb77"
copyright = "the authors of lbfgsb77"
author = "the authors of lbfgsb77"
release = version = installed_version("lbfgsb77")

extensions = [
    "command_output",  # this and the next four are ours, in _extensions
    "faults",
    "mathml",
    "pictures",
    "problem_table",
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx_copybutton",
]
default_role = "py:obj"  # `name` in a docstring is a link where there is something of that name
exclude_patterns = ["_extensions", "_templates", "README.md"]
templates_path = ["_templates"]

# Markdown
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3


def constants(package: str) -> dict[str, tuple[str, str]]:
    """What the comments ``#:`` say about a package's public constants, and their values."""
    public = importlib.import_module(package)
    found = {}
    for module in pkgutil.iter_modules(public.__path__, f"{package}."):
        for (_, name), lines in ModuleAnalyzer.for_module(module.name).find_attr_docs().items():
            if name in public.__all__:
                value = pprint.pformat(getattr(public, name), width=90, sort_dicts=False)
                if value.count("\n") > 30:
                    value = f"{len(getattr(public, name))} items"
                found[f"{package}.{name}"] = " ".join(lines).strip(), value
    return found


# The reference: one page for each name in a module's __all__, made from its docstring.
autosummary_generate = True
autosummary_imported_members = True
autosummary_ignore_module_all = False
autosummary_context = {
    # The package's names in the order in which people need them.
    "sections": {
        "lbfgsb77": {
            "Minimize": ["minimize", "fmin_l_bfgs_b", "LBFGSB", "OptimizeResult"],
            "Many problems, large ones": ["minimize_batch", "BatchResult", "SumOfParts"],
            "Before and after": [
                "check_gradient",
                "GradientCheck",
                "curvature",
                "Curvature",
                "LbfgsInvHessProduct",
            ],
            "Watch a run": ["Progress", "Table", "History"],
            "Under SciPy, and below": [
                "use_in_scipy",
                "backend",
                "build_info",
                "setulb",
                "setulb_int",
                "OptimizeWarning",
            ],
        }
    },
    "constants": constants("lbfgsb77.reference"),
    "elsewhere": [
        # Pages of lbfgsb77.reference.
        "lbfgsb77.reference.problems.Problem",
        "lbfgsb77.reference.problems.Solution",
        # Aliases of types, described where they are used: Problem, sum_of_squares.
        "lbfgsb77.reference.problems.Objective",
        "lbfgsb77.reference.problems.Residual",
    ],
}
autodoc_typehints = "none"  # the docstrings say types and shapes
numpydoc_show_class_members = False
# All of numpydoc's checks but these.
numpydoc_validation_checks = {
    "all",
    "ES01",  # a summary of one line says enough of many things
    "EX01", "SA01",  # of methods, and of what is returned but never made
    "RT01",  # so do the summaries of methods of one line, such as `matvec`
    "PR08",  # a description may begin with a symbol: n pairs
    "YD01",  # of a context manager, which yields nothing to its user
}  # fmt: skip
# Classes that are returned and never made: their attributes are described, not their parameters.
numpydoc_validation_exclude = {
    rf"\.{name}$" for name in ("BatchResult", "Call", "Curvature", "GradientCheck")
}

# Pages
html_theme = "furo"
html_title = f"lbfgsb77 {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_theme_options = {
    "navigation_with_keys": True,
    # Blocks of code stand out from the page.
    "light_css_variables": {"color-code-background": "#f4f6f8"},
    "dark_css_variables": {"color-code-background": "#202020"},
}
html_math_renderer = "mathml"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
toc_object_entries_show_parents = "hide"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def setup(app):
    """Leave out what says nothing: the fields of a named tuple, which its docstring describes."""
    app.connect(
        "autodoc-skip-member",
        lambda app, what, name, member, skip, options: (
            True if (member.__doc__ or "").startswith("Alias for field number") else None
        ),
    )
