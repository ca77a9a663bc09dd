"""HTML, through lxml: the main content in reading order, without scripts, navigation, headers and footers of the site.

lxml rather than a boilerplate remover: those drop tables and short policy paragraphs, which are what people ask about.
"""

from __future__ import annotations

import re
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.plain import decode
from rag.errors import UnreadableFile

__all__ = ["read"]

_SKIPPED = frozenset("script style nav footer aside form noscript template svg iframe button select head".split())
_BLOCKS = frozenset("p pre blockquote figcaption dt dd caption summary address".split())
_CONTAINERS = frozenset("html body div section article main header ul ol dl figure details center span".split())
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)


def read(data: bytes) -> Extract:
    """Headings, paragraphs, list items and tables; the declared charset is honoured."""
    from lxml import html

    tree = html.document_fromstring(_decoded(data), parser=html.HTMLParser(no_network=True, huge_tree=False))
    builder = Builder()
    title = tree.find(".//title")
    builder.title = " ".join((title.text or "").split()) if title is not None else ""
    mains = tree.xpath("//main | //*[@role='main']") or tree.xpath("//article")
    for root in mains or [tree]:
        _walk(root, builder, site_header=not mains)
    return builder.extract()


def _decoded(data: bytes) -> str:
    declared = _CHARSET.search(data[:2048])
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode(declared.group(1).decode("ascii"))
        except (LookupError, UnicodeDecodeError):
            pass  # the declaration lies; look at the bytes
    text, _ = decode(data)
    # lxml refuses a str that declares an encoding of its own.
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    if not text.strip():
        raise UnreadableFile("empty page")
    return text


def _walk(element: Any, builder: Builder, *, site_header: bool) -> None:
    tag = element.tag if isinstance(element.tag, str) else ""
    if not tag or tag in _SKIPPED or (tag == "header" and site_header) or _hidden(element):
        return
    if re.fullmatch(r"h[1-6]", tag):
        builder.heading(int(tag[1]), _text(element))
    elif tag == "table":
        caption = element.find("caption")
        if caption is not None:
            builder.block(_text(caption))
        builder.rows([[_text(cell) for cell in row.xpath("./td | ./th")] for row in element.iter("tr")])
    elif tag == "li":
        nested = element.xpath("./ul | ./ol")
        builder.block(f"- {_text(element, without=nested)}", separator="\n")
        for child in nested:
            _walk(child, builder, site_header=site_header)
    elif tag in _BLOCKS or not any(_is_block(child) for child in element.iter() if child is not element):
        builder.block(_text(element))
    else:
        if (element.text or "").strip():
            builder.block(element.text)
        for child in element:
            _walk(child, builder, site_header=site_header)
            if (child.tail or "").strip():
                builder.block(child.tail)


def _is_block(element: Any) -> bool:
    tag = element.tag
    return isinstance(tag, str) and (
        tag in _BLOCKS or tag in _CONTAINERS - {"span"} or tag in {"li", "table"} or bool(re.fullmatch(r"h[1-6]", tag))
    )


def _hidden(element: Any) -> bool:
    style = (element.get("style") or "").replace(" ", "").lower()
    return element.get("hidden") is not None or "display:none" in style or "visibility:hidden" in style


def _text(element: Any, without: list[Any] | None = None) -> str:
    skipped = {id(node) for part in without or () for node in part.iter()}
    parts: list[str] = []
    for node in element.iter():
        if id(node) in skipped or not isinstance(node.tag, str) or node.tag in _SKIPPED:
            continue
        if node.tag == "br":
            parts.append("\n")
        parts.append(node.text or "")
        if node is not element and id(node) not in skipped:
            parts.append(" " if node.tag in {"td", "th", "p", "div"} else "")
    # Tails in document order: text_content does that, and is right when nothing is left out.
    if not skipped:
        return " ".join(element.text_content().split())
    return " ".join("".join(parts).split())
