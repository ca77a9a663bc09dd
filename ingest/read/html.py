"""HTML, through lxml: the main content in reading order, without scripts, navigation, headers and footers of the site.

lxml rather than a boilerplate remover: those drop tables and short policy paragraphs, which are what people ask about.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from ingest.read.builder import Builder, Extract
from ingest.read.cascade import Styles
from ingest.read.plain import decode
from ingest.read.tables import Cell, grid
from ingest.read.unseen import drop_hidden
from rag.errors import UnreadableFile

__all__ = ["read", "read_fragment", "read_page"]

_SKIPPED = frozenset("script style nav footer aside noscript template svg iframe button select head".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BLOCKS = frozenset("p pre blockquote figcaption dt dd caption summary address hr".split())
_CONTAINERS = frozenset(
    "html body div section article main header ul ol menu dl figure details center table tbody thead tfoot tr td th "
    "li form fieldset".split()
)
_BREAKING = _HEADINGS | _BLOCKS | _CONTAINERS | {"nav", "footer", "aside"}
_OF_EACH_PAGE = frozenset({"header", "footer"})
"""What LibreOffice writes on the parts that its pages repeat."""
_NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,3}|[*†‡§]{1,3}|[a-z])[\])]?")
_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]+?(?:charset|encoding)\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)

_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]*>", re.IGNORECASE)
_NAMED = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]\w*;")
"""Characters that HTML has names for, and XML not."""


def read(data: bytes) -> Extract:
    """Headings, paragraphs, list items and tables; the declared charset is honoured."""
    tree = _parsed(_decoded(data))
    builder = Builder(hidden=drop_hidden(tree))
    _drop_note_marks(tree)
    title = tree.find(".//title")
    builder.title = " ".join((title.text or "").split()) if title is not None else ""
    mains = _outermost(tree, "self::main or @role='main'") or _outermost(tree, "self::article")
    for root in mains or [tree]:
        _Walk(builder, site_header=not mains).children(root)
    return builder.extract()


def read_fragment(markup: str, builder: Builder) -> None:
    """Write a piece of HTML, as Markdown may hold, into ``builder``."""
    if re.sub(r"<!--.*?-->", "", markup, flags=re.DOTALL).strip():
        tree = _parsed(markup)
        builder.hidden += drop_hidden(tree)
        _drop_note_marks(tree)
        _Walk(builder, site_header=False).children(tree)


def read_page(data: bytes, builder: Builder, styles: Styles, path: str) -> None:
    """Write a page of a book into ``builder``; asides and footers are its notes, not a site's. ``styles`` are the
    book's, ``path`` the page's in it.

    As XML where it is well-formed: there ``<a id="p1"/>`` ends, and in HTML it holds all that follows.
    """
    markup = _decoded(data)
    tree = _parsed_xhtml(markup)
    tree = _parsed(markup) if tree is None else tree
    styles.apply(tree, path)
    builder.hidden += drop_hidden(tree, styled=True)
    _drop_note_marks(tree)
    for note in tree.iter("aside", "footer"):
        note.tag = "div"
    _Walk(builder, site_header=False).children(tree)


def _parsed_xhtml(markup: str) -> Any:
    """The page's root, its names without namespaces; None where it is no XML. A document type is never read."""
    from lxml import etree, html

    markup = _NAMED.sub(lambda match: unescape(match.group()), _DOCTYPE.sub("", markup, count=1))
    parser = html.XHTMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    if "<!DOCTYPE" in markup:
        return None
    try:
        root = etree.fromstring(markup, parser)
    except etree.XMLSyntaxError:
        return None
    for element in root.iter("{*}*"):
        element.tag = etree.QName(element).localname
    return root


def _parsed(markup: str) -> Any:
    from lxml import etree, html

    try:
        # Without huge_tree, what is nested deeper than 256 is dropped, and all that comes after it, without a word.
        return html.document_fromstring(markup, parser=html.HTMLParser(no_network=True, huge_tree=True))
    except etree.ParserError as error:
        raise UnreadableFile(f"not readable as a page ({error})") from error


def _drop_note_marks(tree: Any) -> None:
    """Take out the marks of notes: ``em Aveiro.1 O contrato`` says neither where a sentence ends nor what it says."""
    for link in list(tree.iter("a")):
        around = itertools.islice(link.iterancestors(), 2)
        raised = any(element.tag == "sup" for element in around) or link.find(".//sup") is not None
        raised |= (link.get("class") or "").startswith(("sdfootnote", "sdendnote"))  # LibreOffice, before the note
        if raised and "#" in (link.get("href") or "") and _NOTE_MARK.fullmatch(link.text_content().strip()):
            link.drop_tree()


def _outermost(tree: Any, kind: str) -> list[Any]:
    found: list[Any] = tree.xpath(f"//*[{kind}][not(ancestor::*[{kind}])]")
    return found


def _decoded(data: bytes) -> str:
    """The page as text. lxml refuses a str that declares an encoding of its own, so that declaration is taken off."""
    declared = _CHARSET.search(data[:2048])
    text = ""
    if declared and not data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        name = declared.group(1).decode("ascii").lower()
        # Browsers read what calls itself Latin-1 as Windows-1252, and so do its authors.
        name = "cp1252" if name in {"iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii"} else name
        try:
            text = data.decode(name)
        except (LookupError, UnicodeDecodeError):
            declared = None  # the declaration lies; look at the bytes
    text = text or decode(data)[0]
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text).replace("\x00", "")
    if not text.strip():
        raise UnreadableFile("empty page")
    return text


class _Walk:
    """Writes elements into a builder: blocks as blocks, and the loose text between them as paragraphs."""

    def __init__(self, builder: Builder, *, site_header: bool) -> None:
        self.builder = builder
        self.site_header = site_header

    def children(self, element: Any) -> None:
        """The content of ``element``: its blocks, and each run of loose text and inline elements as a paragraph."""
        run = [element.text or ""]
        for child in element:
            if _is_block(child):
                self._paragraph(run)
                run = []
                if not self._is_left_out(child):
                    self.block(child)
            else:
                run += _texts(child)
            run.append(child.tail or "")
        self._paragraph(run)

    def block(self, element: Any) -> None:
        tag = element.tag
        if tag in _HEADINGS:
            self.builder.heading(int(tag[1]), _shown(element))
        elif tag == "table" and not _is_layout(element):
            self._table(element)
        elif tag == "li":
            self._item(element)
        elif tag == "pre":
            self.builder.block(element.text_content())
        elif tag == "dl":
            self._definitions(element)
        else:
            self.children(element)

    def _paragraph(self, run: list[str]) -> None:
        self.builder.block(_squeezed("".join(run)))

    def _is_left_out(self, element: Any) -> bool:
        if element.tag in _SKIPPED or (element.tag == "div" and element.get("title") in _OF_EACH_PAGE):
            return True
        # A site's banner; one that holds the page's heading is the page's own.
        return element.tag == "header" and self.site_header and not element.xpath(".//h1")

    def _item(self, element: Any) -> None:
        """A list item's own text on a line with its mark, then the blocks inside it."""
        own = [element.text or ""]
        nested: list[Any] = []
        for child in element:
            if _is_block(child) and (child.tag != "p" or nested or _squeezed("".join(own))):
                nested.append(child)
            else:
                own += _texts(child)
            if nested and (child.tail or "").strip():
                nested.append(child.tail)
            else:
                own.append(child.tail or "")
        if text := _squeezed("".join(own)):
            self.builder.block(f"{_mark(element)} {text}", separator="\n")
        for part in nested:
            if isinstance(part, str):
                self.builder.block(_squeezed(part))
            elif not self._is_left_out(part):
                self.block(part)

    def _definitions(self, element: Any) -> None:
        """``dt`` and its ``dd`` on one line: a definition without its term means nothing."""
        term = ""
        for child in element.iter("dt", "dd"):
            if child.tag == "dt":
                self.builder.block(term)
                term = _shown(child)
            else:
                self.builder.block(f"{term}: {_shown(child)}" if term else _shown(child))
                term = ""
        self.builder.block(term)

    def _table(self, element: Any) -> None:
        caption = element.find("caption")
        if caption is not None:
            self.builder.block(_shown(caption))
        rows = element.xpath("./tr | ./thead/tr | ./tbody/tr | ./tfoot/tr")
        self.builder.table(grid([[_cell(cell) for cell in row.xpath("./td | ./th")] for row in rows]))


def _cell(element: Any) -> Cell:
    in_head = element.tag == "th" or element.getparent().getparent().tag == "thead"
    return Cell(_shown(element), _span(element, "colspan"), _span(element, "rowspan"), in_head)


def _span(element: Any, name: str) -> int:
    value = (element.get(name) or "1").strip()
    return int(value) if value.isdigit() else 1


def _is_layout(table: Any) -> bool:
    """A table that lays out a page, not data: it has headings or tables inside."""
    return bool(table.xpath(".//table | .//h1 | .//h2 | .//h3 | .//h4")) or table.get("role") == "presentation"


def _mark(item: Any) -> str:
    parent = item.getparent()
    if parent is None or parent.tag != "ol":
        return "-"
    start = parent.get("start") or "1"
    return f"{(int(start) if start.isdigit() else 1) + len(list(item.itersiblings('li', preceding=True)))}."


def _is_block(element: Any) -> bool:
    """Whether ``element`` breaks the line it stands in, by itself or by what is inside."""
    if not isinstance(element.tag, str):
        return False
    return any(isinstance(inner.tag, str) and inner.tag in _BREAKING for inner in element.iter())


def _shown(element: Any) -> str:
    """The text of ``element`` as a browser lays it out on a line: without its tail and without what is not shown."""
    return _squeezed("".join(_texts(element)))


def _texts(element: Any) -> Iterator[str]:
    if not isinstance(element.tag, str) or element.tag in _SKIPPED:
        return
    apart = " " if element.tag in _BREAKING | {"br"} else ""
    yield apart
    yield element.text or ""
    for child in element:
        yield from _texts(child)
        yield child.tail or ""
    yield apart


def _squeezed(text: str) -> str:
    return " ".join(text.split())
