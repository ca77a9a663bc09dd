"""Markdown, through markdown-it-py (CommonMark with tables, maintained by the Executable Books project)."""

from __future__ import annotations

import re
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.plain import decode

__all__ = ["read"]


def read(data: bytes) -> Extract:
    """Headings, paragraphs, list items, tables and code, as a reader sees them; front matter gives the title."""
    from markdown_it import MarkdownIt

    text, _ = decode(data)
    builder = Builder()
    front = re.match(r"\A---\n(.*?)\n---\n", text.replace("\r\n", "\n"), re.DOTALL)
    if front:
        text = text.replace("\r\n", "\n")[front.end() :]
        named = re.search(r"^title:\s*[\"']?(.+?)[\"']?\s*$", front.group(1), re.MULTILINE)
        builder.title = named.group(1) if named else ""
    _walk(MarkdownIt("commonmark").enable("table").parse(text), builder)
    return builder.extract()


def _walk(tokens: list[Any], builder: Builder) -> None:
    rows: list[list[str]] = []
    in_item = 0
    heading = 0
    in_table = False
    for token in tokens:
        if token.type == "heading_open":
            heading = int(token.tag[1])
        elif token.type == "list_item_open":
            in_item += 1
        elif token.type == "list_item_close":
            in_item -= 1
        elif token.type == "table_open":
            rows, in_table = [], True
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            builder.rows(rows)
            in_table = False
        elif token.type == "inline":
            shown = _shown(token)
            if in_table:
                rows[-1].append(shown)
            elif heading:
                builder.heading(heading, shown)
                heading = 0
            elif in_item:
                builder.block(f"- {shown}", separator="\n")
            else:
                builder.block(shown)
        elif token.type in {"fence", "code_block"}:
            builder.block(token.content)


def _shown(token: Any) -> str:
    """An inline token's text without its markup."""
    parts = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" " if child.type == "softbreak" else "\n")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts)
