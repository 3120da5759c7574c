"""Small tables for notebooks, which show an object's ``_repr_html_``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def of_items(items: Mapping[str, Any]) -> str:
    """A table of names and values."""
    rows = "".join(
        f'<tr><th style="text-align: right">{_text(name)}</th>'
        f'<td style="text-align: left">{_text(value)}</td></tr>'
        for name, value in items.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def of_rows(head: Sequence[str], rows: Iterable[Sequence[Any]], more: int = 0) -> str:
    """A table of rows with a head; `more` is how many were left out."""
    heads = "".join(f"<th>{_text(name)}</th>" for name in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{_text(value)}</td>" for value in row) + "</tr>" for row in rows
    )
    rest = f'<tr><td colspan="{len(head)}">... and {more} more</td></tr>' if more else ""
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{body}{rest}</tbody></table>"


def _text(value: Any) -> str:
    from html import escape  # which is slow to import

    return escape(str(value)).replace("\n", "<br>")
