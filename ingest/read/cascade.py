"""The style sheets of a book, written onto the elements of its pages: what they say of an element stands in its
``style`` afterwards, where ``unseen`` looks for what is not shown.

tinycss2 parses, cssselect makes the selectors into XPath; here is the order in which declarations win (CSS Cascading
and Inheritance Level 4, section 6): importance, then specificity, then place. Only what can hide text is written.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urldefrag

__all__ = ["Styles"]

_HIDING = frozenset(
    "display visibility opacity color background background-color font font-size text-indent left top margin-left "
    "overflow height width".split()
)
_MEDIA = frozenset({"", "all", "screen"})
"""What a page is shown on. Others are for print, or for one maker's readers."""
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_NOTES = frozenset({"footnote", "endnote", "rearnote", "note", "doc-footnote", "doc-endnote"})
_MOST_IMPORTS = 20
"""Sheets that a sheet may bring in, one through another."""

Specificity = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Rule:
    """A selector with its declarations, each ``name: value``, important ones apart. ``classes`` are those that an
    element or one around it must be of."""

    matching: Callable[[Any], Any]
    specificity: Specificity
    classes: frozenset[str]
    plain: str
    important: str


class Styles:
    """The sheets of a book; ``load`` gives a member's bytes by its path, None where there is none."""

    def __init__(self, load: Callable[[str], bytes | None]) -> None:
        self._load = load
        self._sheets: dict[str, list[_Rule]] = {}

    def apply(self, tree: Any, page: str) -> None:
        """Write onto the elements of ``tree``, the page of that path, what its sheets and ``<style>`` say of them."""
        rules = sorted(self._rules(tree, posixpath.dirname(page)), key=lambda rule: rule.specificity)
        present = {name for element in tree.iter() for name in (element.get("class") or "").split()}
        said: dict[Any, list[_Rule]] = {}
        for rule in rules:
            if rule.classes <= present:
                for element in rule.matching(tree):
                    said.setdefault(element, []).append(rule)
        for element, theirs in said.items():
            own = element.get("style") or ""
            parts = [*(rule.plain for rule in theirs), own, *(rule.important for rule in theirs)]
            element.set("style", "; ".join(part for part in parts if part))
        _show_notes(tree)

    def _rules(self, tree: Any, folder: str) -> Iterator[_Rule]:
        for element in tree.iter("link", "style"):
            if (element.get("media") or "").strip().lower() not in _MEDIA:
                continue
            if element.tag == "style":
                yield from self._parsed(element.text_content().encode(), folder, _MOST_IMPORTS)
            elif (element.get("rel") or "").strip().lower() == "stylesheet":
                yield from self._sheet(_path(folder, element.get("href") or ""), _MOST_IMPORTS)

    def _sheet(self, path: str, imports: int) -> list[_Rule]:
        if path not in self._sheets:
            self._sheets[path] = []  # what brings itself in again adds nothing
            content = self._load(path)
            self._sheets[path] = list(self._parsed(content, posixpath.dirname(path), imports)) if content else []
        return self._sheets[path]

    def _parsed(self, content: bytes, folder: str, imports: int) -> Iterator[_Rule]:
        from tinycss2 import parse_stylesheet_bytes

        nodes, _ = parse_stylesheet_bytes(content, skip_comments=True, skip_whitespace=True)
        for node in _shown(nodes):
            if node.type == "qualified-rule":
                yield from _rules_of(node)
            elif imports > 0 and (target := _imported(node)):
                yield from self._sheet(_path(folder, target), imports - 1)


def _path(folder: str, href: str) -> str:
    return posixpath.normpath(posixpath.join(folder, unquote(urldefrag(href).url)))


def _shown(nodes: Iterable[Any]) -> Iterator[Any]:
    """The rules, and those inside ``@media`` that are for a screen."""
    from tinycss2 import parse_rule_list, serialize

    for node in nodes:
        if node.type == "at-rule" and node.lower_at_keyword == "media" and node.content is not None:
            if serialize(node.prelude).strip().lower() in _MEDIA:
                yield from _shown(parse_rule_list(node.content, skip_comments=True, skip_whitespace=True))
        else:
            yield node


def _imported(node: Any) -> str:
    """What an ``@import`` without conditions brings in; empty for any other node."""
    if node.type != "at-rule" or node.lower_at_keyword != "import":
        return ""
    named = [token for token in node.prelude if token.type != "whitespace"]
    if len(named) == 1 and named[0].type == "function" and named[0].lower_name == "url":
        named = named[0].arguments
    return str(named[0].value) if len(named) == 1 and named[0].type in {"url", "string"} else ""


def _rules_of(node: Any) -> Iterator[_Rule]:
    """One rule a selector; none for those that are of no element, or beyond cssselect."""
    from cssselect import HTMLTranslator, SelectorError, parse
    from lxml.etree import XPath, XPathError
    from tinycss2 import parse_blocks_contents, serialize

    said = [
        (f"{declaration.lower_name}: {serialize(declaration.value).strip()}", declaration.important)
        for declaration in parse_blocks_contents(node.content)
        if declaration.type == "declaration" and declaration.lower_name in _HIDING
    ]
    if not said:
        return
    plain, important = ("; ".join(text for text, of in said if of is which) for which in (False, True))
    try:
        selectors = parse(serialize(node.prelude).strip())
    except SelectorError:
        return
    for selector in selectors:
        if selector.pseudo_element is not None:  # what is put before or after an element is not the element
            continue
        written = selector.canonical()
        classes = frozenset() if {":", "["} & set(written) else frozenset(_CLASS.findall(written))
        try:
            matching = XPath(HTMLTranslator().selector_to_xpath(selector))
        except (SelectorError, XPathError):
            continue
        yield _Rule(matching, selector.specificity(), classes, plain, important)


def _show_notes(tree: Any) -> None:
    """A note that the page leads to is shown when it is asked for: books hide it in its place (EPUB 3.3, 5.9)."""
    led_to = {(link.get("href") or "").rpartition("#")[2] for link in tree.iter("a")} - {""}
    for element in tree.iter():
        if element.get("id") in led_to and _NOTES & set(_kinds(element)):
            element.attrib.pop("hidden", None)
            element.set("style", f"{element.get('style') or ''}; display: block")


def _kinds(element: Any) -> Iterable[str]:
    names = ("{http://www.idpf.org/2007/ops}type", "epub:type", "role")
    return itertools.chain.from_iterable((element.get(name) or "").split() for name in names)
