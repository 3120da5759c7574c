"""Changes of the source that some test should notice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "python" / "lbfgsb77"
KERNEL = ROOT / "fortran"

OTHER = {
    ast.Lt: ("<", "<="),
    ast.LtE: ("<=", "<"),
    ast.Gt: (">", ">="),
    ast.GtE: (">=", ">"),
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Add: ("+", "-"),
    ast.Sub: ("-", "+"),
    ast.Mult: ("*", "/"),
    ast.Div: ("/", "*"),
    ast.And: ("and", "or"),
    ast.Or: ("or", "and"),
}


@dataclass(frozen=True)
class Mutant:
    """One change of one file."""

    file: Path
    start: int  # where in the text, as characters
    end: int
    new: str

    @property
    def line(self) -> int:
        """Its line, from 1."""
        return self.file.read_text(encoding="utf-8").count("\n", 0, self.start) + 1

    @property
    def name(self) -> str:
        """What it does: file, line's text before and after."""
        text = self.file.read_text(encoding="utf-8")
        first = text.rfind("\n", 0, self.start) + 1
        last = text.find("\n", self.end)
        before, after = text[first : self.start], text[self.end : last]
        old = " ".join(text[first:last].split())
        new = " ".join(f"{before}{self.new}{after}".split())
        return f"{self.file.relative_to(ROOT)}: {old}  ->  {new}"

    def text(self) -> str:
        """The file with the change."""
        text = self.file.read_text(encoding="utf-8")
        return text[: self.start] + self.new + text[self.end :]


def named(file: str, old: str, new: str) -> Mutant:
    """The change of a text that stands once in a file."""
    path = ROOT / file
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise ValueError(f"{file}: {old!r} stands {text.count(old)} times there")
    start = text.index(old)
    return Mutant(path, start, start + len(old), new)


def of_python(file: Path) -> Iterator[Mutant]:
    """Comparisons, operators, numbers, conditions and statements that could be others."""
    text = file.read_text(encoding="utf-8")
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def at(line: int, column: int) -> int:
        # Columns count bytes of UTF-8.
        row = text[starts[line - 1] : starts[line]].encode()
        return starts[line - 1] + len(row[:column].decode())

    def span(node: ast.expr | ast.stmt) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)

    def between(left: ast.expr, right: ast.expr, kind: type) -> Iterator[Mutant]:
        if kind not in OTHER:
            return
        old, new = OTHER[kind]
        first, last = span(left)[1], span(right)[0]
        place = re.search(rf"(?<![\w<>=!]){re.escape(old)}(?![\w=])", text[first:last])
        if place is not None:
            yield Mutant(file, first + place.start(), first + place.end(), new)

    for node in _code(ast.parse(text)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            for left, right, op in zip(sides, sides[1:], node.ops, strict=False):
                yield from between(left, right, type(op))
        elif isinstance(node, ast.BinOp):
            yield from between(node.left, node.right, type(node.op))
        elif isinstance(node, ast.BoolOp):
            yield from between(node.values[0], node.values[1], type(node.op))
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            start, _ = span(node)
            yield Mutant(file, start, span(node.operand)[0], "")
        elif isinstance(node, ast.Constant) and type(node.value) in (bool, int, float):
            start, end = span(node)
            if isinstance(node.value, bool):
                yield Mutant(file, start, end, repr(not node.value))
            else:
                yield Mutant(file, start, end, f"({text[start:end]} + 1)")
        elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
            start, end = span(node.test)
            yield Mutant(file, start, end, f"(not ({text[start:end]}))")
        elif isinstance(node, ast.Return) and node.value is not None:
            start, end = span(node.value)
            if text[start:end] != "None":
                yield Mutant(file, start, end, "None")
        elif (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)) or (
            isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name | ast.Tuple)
        ):
            yield Mutant(file, *span(node), "pass")


def _code(tree: ast.AST) -> Iterator[ast.AST]:
    """Nodes that are executed in a call: no annotations, no lists of names."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.AnnAssign):
            if child.value is not None:
                yield from _with_children(child.value)
        elif isinstance(child, ast.arg | ast.Import | ast.ImportFrom):
            continue
        elif isinstance(child, ast.Assign) and isinstance(child.targets[0], ast.Name):
            if not child.targets[0].id.startswith("__"):
                yield from _with_children(child)
        elif isinstance(child, ast.FunctionDef):
            yield from _with_children(child.args)
            for statement in child.body:
                yield from _with_children(statement)
        else:
            yield from _with_children(child)


def _with_children(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    yield from _code(node)


# Lines that only declare.
_DECLARATION = re.compile(
    r"^ +(use|implicit|integer|logical|character|double precision|(end )?(module|subroutine)|"
    r"recursive|contains|private|public|end\b)"
)
_FORTRAN = (
    (re.compile(r" (<=|>=|<|>|==|/=) "), {
        "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "/=", "/=": "==",
    }),
    (re.compile(r" (\+|-) "), {"+": "-", "-": "+"}),
    (re.compile(r"(\.and\.|\.or\.)"), {".and.": ".or.", ".or.": ".and."}),
    (re.compile(r"(?<![\w.])(\d+(?:\.\d+)?(?:d-?\d+)?)(?![\w.])"), None),
)  # fmt: skip


_C = (
    (re.compile(r" (<=|>=|<|>|==|!=) "), {
        "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
    }),
    (re.compile(r" (\+|-) "), {"+": "-", "-": "+"}),
    (re.compile(r" (&|\|) "), {"&": "|", "|": "&"}),
    (re.compile(r"(?<![\w.])(\d+)(?![\w.])"), {"0": "1", "1": "2", "2": "3", "3": "2"}),
)  # fmt: skip


def of_c(file: Path) -> Iterator[Mutant]:
    """The same of a loop in C, comments and what the preprocessor reads left alone."""
    text = file.read_text(encoding="utf-8")
    code = re.sub(
        r"/\*.*?\*/|^#[^\n]*$|\[\w+\]",
        lambda found: re.sub(r"[^\n]", " ", found[0]),
        text,
        flags=re.DOTALL | re.MULTILINE,
    )
    for pattern, others in _C:
        for found in pattern.finditer(code):
            if found[1] in others:
                yield Mutant(file, found.start(1), found.end(1), others[found[1]])


def of_fortran(file: Path) -> Iterator[Mutant]:
    """Comparisons, signs and numbers that could be others."""
    place = 0
    declared = False
    for line in file.read_text(encoding="utf-8").splitlines(keepends=True):
        code = line.partition("!")[0]
        continued = code.startswith("     &")
        if not continued:
            declared = bool(_DECLARATION.match(code)) and "parameter" not in code
        if not line.startswith("c") and not declared:
            for pattern, others in _FORTRAN:
                for found in pattern.finditer(code, 6):
                    old = found[1]
                    new = others[old] if others else ("3" if old == "2" else "2") + old[len(old) :]
                    if others is None and "d" in old:
                        new = "2d0" if old != "2d0" else "3d0"
                    yield Mutant(file, place + found.start(1), place + found.end(1), new)
        place += len(line)
