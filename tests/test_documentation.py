"""Examples in docstrings, on the pages of docs/ and in the README do what they say."""

from __future__ import annotations

import ast
import codeop
import doctest
import importlib
import importlib.util
import pkgutil
import re
from pathlib import Path

import pytest

import lbfgsb77

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    page for page in (ROOT / "docs").rglob("*.md") if ">>> " in page.read_text(encoding="utf-8")
)
MODULES = [
    "lbfgsb77",
    *(
        module.name
        for module in pkgutil.walk_packages(lbfgsb77.__path__, "lbfgsb77.")
        if not module.name.rpartition(".")[2].startswith(("_lbfgsb", "_kernels"))  # not Python
        and not module.name.endswith("__main__")
        # They import Dask and MPI, which do things to a process that it doesn't forget.
        and not module.name.endswith(("on_dask", "by_mpi"))
    ),
]


# What pages show the use of; large, and in no environment of the tests'.
LIBRARIES = ("torch", "jax", "pandas", "sklearn", "statsmodels", "GPy")


def run(test: doctest.DocTest) -> None:
    """Run the examples of one text; where one fails, so does this test, with doctest's report."""
    runner = doctest.DocTestRunner(optionflags=doctest.REPORT_NDIFF)
    report: list[str] = []
    runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_examples_of_a_page(page):
    text = page.read_text(encoding="utf-8")
    if ">>> from scipy" in text:
        pytest.importorskip("scipy", reason="no SciPy")
    for library in LIBRARIES:
        if importlib.util.find_spec(library) is None:
            text = re.sub(
                rf"^```python\n>>> import {library}\b.*?^```$", "", text, flags=re.M | re.S
            )
    # What is drawn runs when the site is built.
    text = re.sub(r"^```\{drawn\}\n.*?^```$", "", text, flags=re.M | re.S)
    # The end of a block also ends what its last example prints.
    text = re.sub(r"^```.*$", "", text, flags=re.MULTILINE)
    run(doctest.DocTestParser().get_doctest(text, {}, page.stem, str(page), 0))


def test_the_reference_has_every_public_name_once():
    source = (ROOT / "docs" / "conf.py").read_text(encoding="utf-8")
    block = re.search(r'"lbfgsb77": (\{.*?\n        \})', source, re.DOTALL)
    names = [name for section in ast.literal_eval(block[1]).values() for name in section]
    assert sorted(names) == sorted(lbfgsb77.__all__)


GUIDES = [ROOT / "docs" / "tutorial.md", *sorted((ROOT / "docs" / "how-to").glob("*.md"))]


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_page_has_a_picture_or_a_reason_for_none(page):
    text = page.read_text(encoding="utf-8")
    reason = re.search(r"^% No picture: .{20,}\.$", text, re.MULTILINE)
    pictures = re.findall(r"^```\{(?:drawn|picture)\}.*\n:alt: (.*)$", text, re.MULTILINE)
    assert bool(reason) != bool(pictures)
    # Whoever doesn't see it is told what there is.
    assert all(len(alt.split()) >= 10 for alt in pictures)


def paste(text: str) -> None:
    """Give the lines behind the prompts to Python as a person does who has copied them."""
    waiting: list[str] = []
    for prompt in re.finditer(r"^ *(?:>>>|\.\.\.)(?: (.*))?$", text, re.MULTILINE):
        waiting.append(prompt[1] or "")
        if codeop.compile_command("\n".join(waiting), symbol="single") is not None:
            waiting.clear()
    if waiting:  # a block that the last line leaves open
        assert codeop.compile_command("\n".join([*waiting, ""]), symbol="single") is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_examples_of_a_page_can_be_pasted(page):
    for block in re.findall(r"^```python$(.*?)^```$", page.read_text("utf-8"), re.M | re.S):
        paste(block)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings_can_be_pasted(name):
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        paste(test.docstring)


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name):
    module = importlib.import_module(name)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        run(test)


def test_every_function_that_people_call_has_an_example():
    for name in lbfgsb77.__all__:
        item = getattr(lbfgsb77, name)
        if not (isinstance(item, type) and issubclass(item, Warning)):
            assert ">>> " in item.__doc__, name


def test_example_of_the_readme(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    exec(compile(block, "README.md", "exec"), {})
    assert capsys.readouterr().out.startswith("[0.5  0.25] 0.25\nthe projected gradient")


@pytest.mark.parametrize(
    "word", ["covariance", "reproducib", "torch", "jax", "scikit-learn", "pandas", "standard error",
             "scaling", "migrat", "SciPy", "dask", "mpi", "conda", "checkpoint"],
)  # fmt: skip
def test_what_people_search_for_is_on_a_page(word):
    # The search looks at titles and texts, in any case.
    pages = [path for path in (ROOT / "docs").rglob("*.md") if "generated" not in path.parts]
    assert any(word.lower() in page.read_text(encoding="utf-8").lower() for page in pages)
