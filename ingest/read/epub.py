"""EPUB: the pages of the book in the order of its spine, each read as HTML is, as its style sheets show it.

The navigation document is left out on purpose: it says everything twice. DRM is refused by name; scrambled fonts, which
books without DRM have too, are not in the way.
"""

from __future__ import annotations

import posixpath
from typing import Any
from urllib.parse import unquote, urldefrag

from ingest.read.archive import Archive
from ingest.read.builder import Builder, Extract
from ingest.read.cascade import Styles
from ingest.read.html import read_page
from rag.errors import UnreadableFile

__all__ = ["read"]

_DC = "{http://purl.org/dc/elements/1.1/}"
_OPF = "{http://www.idpf.org/2007/opf}"
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_ENCRYPTED = "{http://www.w3.org/2001/04/xmlenc#}"
_FONTS = frozenset({"http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"})
_DRM = (
    ("META-INF/rights.xml", "Adobe"),
    ("META-INF/sinf.xml", "Apple"),
    ("META-INF/license.lcpl", "Readium LCP"),
)
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document"})


def read(data: bytes) -> Extract:
    """The text of the book; its title is that of its metadata.

    Raises UnreadableFile for an archive that is broken or unpacks to too much, for DRM, and for a book without a spine.
    """
    archive = Archive(data)
    container = archive.xml("META-INF/container.xml")
    path = next((root.get("full-path", "") for root in container.iter(f"{_CONTAINER}rootfile")), "")
    package = archive.xml(path)
    pages, others = _spine(package, posixpath.dirname(path))
    _refuse_drm(archive, {path, *pages})
    styles = Styles(lambda member: archive.read(member) if member in archive.names else None)
    builder = Builder(title=package.findtext(f".//{_DC}title") or "")
    missing = 0
    for page in pages:
        if page in archive.names:
            markup = archive.read(page)
            if markup.strip():
                read_page(markup, builder, styles, page)
        else:
            missing += 1
    for count, what in ((missing, "missing"), (others, "of a kind that is not read")):
        if count:
            builder.warnings.append(f"{count} part{'s' if count > 1 else ''} of the book {what}")
    return builder.extract()


def _spine(package: Any, folder: str) -> tuple[list[str], int]:
    """The members that are pages, in order, and how many parts of the spine are something else."""
    items = {item.get("id"): item for item in package.iter(f"{_OPF}item")}
    pages: list[str] = []
    others = 0
    for reference in package.iter(f"{_OPF}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or item.get("media-type") not in _PAGES:
            others += 1
        elif "nav" not in (item.get("properties") or "").split():
            pages.append(posixpath.normpath(posixpath.join(folder, unquote(urldefrag(item.get("href") or "").url))))
    if not pages and not others:
        raise UnreadableFile("damaged: the book has no spine")
    return pages, others


def _refuse_drm(archive: Archive, needed: set[str]) -> None:
    if "META-INF/encryption.xml" not in archive.names:
        return
    for encrypted in archive.xml("META-INF/encryption.xml").iter(f"{_ENCRYPTED}EncryptedData"):
        method = encrypted.find(f"{_ENCRYPTED}EncryptionMethod")
        if method is not None and method.get("Algorithm") in _FONTS:
            continue
        for reference in encrypted.iter(f"{_ENCRYPTED}CipherReference"):
            if unquote(reference.get("URI") or "") in needed:
                name = next((f" ({name})" for member, name in _DRM if member in archive.names), "")
                raise UnreadableFile(f"protected by DRM{name}", hint="Only its seller's programs can read it.")
