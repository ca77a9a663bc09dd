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
    inside: list[str] = []  # the kinds of block that are open
    for token in tokens:
        kind = token.type.removesuffix("_open").removesuffix("_close")
        if token.type == "table_open":
            rows = []
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "table_close":
            builder.rows(rows)
        elif token.type == "inline":
            _inline(token, inside, rows, builder)
        elif token.type in {"fence", "code_block"}:
            builder.block(token.content)
        if token.nesting == 1:
            inside.append(f"h{token.tag[1]}" if kind == "heading" else kind)
        elif token.nesting == -1:
            inside.pop()


def _inline(token: Any, inside: list[str], rows: list[list[str]], builder: Builder) -> None:
    """Put a run of text where the blocks around it say."""
    shown = _shown(token)
    if "table" in inside:
        rows[-1].append(shown)
    elif inside and inside[-1] in {"h1", "h2", "h3", "h4", "h5", "h6"}:
        builder.heading(int(inside[-1][1]), shown)
    elif "list_item" in inside:
        builder.block(f"- {shown}", separator="\n")
    else:
        builder.block(shown)


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
