"""ODT: headings by their outline level, paragraphs, lists and tables, then the notes.

Tracked deletions, comments, tables of contents, headers and footers are left out on purpose.
"""

from __future__ import annotations

from ingest.read.builder import Builder, Extract
from ingest.read.odf import OpenDocument, Walk

__all__ = ["read"]


def read(data: bytes) -> Extract:
    """The text in the order of the document, footnotes and endnotes after it.

    Raises UnreadableFile for an archive that is broken, encrypted or unpacks to too much.
    """
    document = OpenDocument(data)
    builder = Builder(title=document.title, hidden=document.hidden)
    walk = Walk(document, builder)
    walk.blocks(document.body)
    for note in walk.notes:
        builder.block(note)
    if walk.hidden_sections:
        count = walk.hidden_sections
        builder.warnings.append(f"{count} hidden section{'s' if count > 1 else ''} left out")
    return builder.extract()
