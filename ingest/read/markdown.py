"""Markdown, through markdown-it-py (CommonMark with tables, maintained by the Executable Books project)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.html import read_fragment
from ingest.read.plain import decode
from ingest.read.tables import Cell

__all__ = ["read"]

_MOST_NESTED = 200
"""Blocks inside one another; what lies deeper is dropped. By default that is 20, ten levels of a list."""


def read(data: bytes) -> Extract:
    """Headings, paragraphs, list items, tables, code and HTML, as a reader sees them; front matter gives the title."""
    from markdown_it import MarkdownIt

    text, _ = decode(data)
    builder = Builder()
    front = re.match(r"\A---\n(.*?)\n---\n", text.replace("\r\n", "\n"), re.DOTALL)
    if front:
        text = text.replace("\r\n", "\n")[front.end() :]
        named = re.search(r"^title:\s*[\"']?(.+?)[\"']?\s*$", front.group(1), re.MULTILINE)
        builder.title = named.group(1) if named else ""
    _walk(MarkdownIt("commonmark", {"maxNesting": _MOST_NESTED}).enable("table").parse(text), builder)
    return builder.extract()


@dataclass(slots=True)
class _Item:
    """An open list item: its mark, until its first words are written."""

    mark: str


def _walk(tokens: Sequence[Any], builder: Builder) -> None:
    rows: list[list[Cell]] = []
    inside: list[str] = []  # the tags of the blocks that are open
    items: list[_Item] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            builder.table(rows)
            rows = []
        elif token.type == "list_item_open":
            items.append(_Item(f"{token.info}{token.markup}" if token.info else "-"))
        elif token.type == "list_item_close":
            items.pop()
        elif token.type == "inline" and inside[-1] in {"th", "td"}:
            rows[-1].append(Cell(_shown(token), header=inside[-1] == "th"))
        elif token.type == "inline" and inside[-1][0] == "h":
            builder.heading(int(inside[-1][1]), _shown(token))
        elif token.type == "inline":
            _paragraph(_shown(token), items, builder)
        elif token.type in {"fence", "code_block"}:
            builder.block(token.content)
        elif token.type == "html_block":
            read_fragment(token.content, builder)
        if token.nesting == 1:
            inside.append(token.tag)
        elif token.nesting == -1:
            inside.pop()


def _paragraph(text: str, items: Sequence[_Item], builder: Builder) -> None:
    """A paragraph; the first of a list item goes on a line with the item's mark."""
    if items and items[-1].mark:
        builder.block(f"{items[-1].mark} {text}", separator="\n")
        items[-1].mark = ""
    else:
        builder.block(text)


def _shown(token: Any) -> str:
    """An inline token's text without its markup."""
    parts = []
    for child in token.children or ():
        if child.type in {"text", "code_inline", "image"}:
            parts.append(child.content)
        elif child.type == "softbreak":
            parts.append(" ")
        elif child.type == "hardbreak" or re.match(r"<br\b", child.content, re.IGNORECASE):
            parts.append("\n")
    return "".join(parts)
