"""Type checkers find the package's annotations, and they are complete where they can't be seen."""

from __future__ import annotations

import ast
import re
from importlib import resources

import lbfgsb77
from lbfgsb77 import _lbfgsb

INSTALLED = resources.files(lbfgsb77)


def test_the_marker_of_typed_packages_is_installed():
    assert INSTALLED.joinpath("py.typed").is_file()


def test_the_stub_has_each_routine_of_the_extension_with_its_arguments():
    stub = ast.parse(INSTALLED.joinpath("_lbfgsb.pyi").read_text(encoding="utf-8"))
    described = {
        node.name: [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        for node in stub.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("__")
    }
    # f2py's docstrings begin with the call: "advance(reals,integers,text)".
    compiled = {}
    for name in dir(_lbfgsb):
        routine = getattr(_lbfgsb, name)
        if type(routine).__name__ in ("fortran", "builtin_function_or_method"):
            call = re.match(r"\w+\((.*)\)", routine.__doc__).group(1)
            compiled[name] = re.findall(r"\w+", call)
    assert described == compiled
