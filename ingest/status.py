"""What an index holds, as ``lastro status`` and the report of an ingest tell it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rag.index import DocumentRow, FileState, Snapshot

__all__ = ["Holdings", "Share", "holdings", "type_name"]

_TYPE_NAMES = {
    "application/epub+zip": "EPUB",
    "application/json": "JSON",
    "application/mbox": "mailbox",
    "application/pdf": "PDF",
    "application/vnd.oasis.opendocument.presentation": "OpenDocument slides",
    "application/vnd.oasis.opendocument.spreadsheet": "OpenDocument sheet",
    "application/vnd.oasis.opendocument.text": "OpenDocument text",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
    "application/x-ndjson": "JSON Lines",
    "application/x-subrip": "subtitles (SRT)",
    "image/bmp": "picture (BMP)",
    "image/gif": "picture (GIF)",
    "image/jpeg": "picture (JPEG)",
    "image/png": "picture (PNG)",
    "image/tiff": "picture (TIFF)",
    "image/webp": "picture (WebP)",
    "message/rfc822": "mail",
    "text/csv": "CSV",
    "text/html": "HTML",
    "text/markdown": "Markdown",
    "text/plain": "plain text",
    "text/rtf": "RTF",
    "text/tab-separated-values": "TSV",
    "text/vtt": "subtitles (WebVTT)",
}
_LANGUAGES = {"pt": "Portuguese", "en": "English"}


@dataclass(frozen=True, slots=True)
class Share:
    """Documents and chunks of one type or language, under the name people call it by."""

    name: str
    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Holdings:
    """One generation's documents and refused files. ``fingerprint`` is what the index was built with."""

    documents: Sequence[DocumentRow]
    refused: Sequence[FileState]
    generation: int
    fingerprint: str

    @property
    def chunks(self) -> int:
        return sum(row.chunks for row in self.documents)

    @property
    def pages(self) -> int:
        return sum(row.pages for row in self.documents)

    @property
    def by_type(self) -> list[Share]:
        """Most documents first."""
        return _shares((type_name(row.media_type), row) for row in self.documents)

    @property
    def by_language(self) -> list[Share]:
        """Most documents first."""
        return _shares((_LANGUAGES.get(row.language, row.language), row) for row in self.documents)

    def to_json(self) -> dict[str, Any]:
        """The answer of ``lastro status --json``."""
        return {
            "documents": len(self.documents),
            "chunks": self.chunks,
            "pages": self.pages,
            "types": dict(Counter(row.media_type for row in self.documents)),
            "languages": dict(Counter(row.language for row in self.documents)),
            "generation": self.generation,
            "fingerprint": self.fingerprint,
            "sources": [
                {
                    "doc_id": row.doc_id,
                    "source": row.source,
                    "title": row.title,
                    "media_type": row.media_type,
                    "language": row.language,
                    "pages": row.pages,
                    "chunks": row.chunks,
                    "warnings": list(row.warnings),
                }
                for row in self.documents
            ],
            "refused": [{"source": state.source, "reason": state.reason} for state in self.refused],
        }


def holdings(snapshot: Snapshot) -> Holdings:
    """What ``snapshot`` holds."""
    return Holdings(snapshot.documents(), snapshot.refused(), snapshot.generation, str(snapshot.fingerprint.digest))


def type_name(media_type: str) -> str:
    """What people call it: ``PDF`` for ``application/pdf``; a type without a name keeps its own."""
    return _TYPE_NAMES.get(media_type, media_type.rsplit("/", maxsplit=1)[-1])


def _shares(named: Iterable[tuple[str, DocumentRow]]) -> list[Share]:
    rows: dict[str, list[DocumentRow]] = {}
    for name, row in named:
        rows.setdefault(name, []).append(row)
    shares = [Share(name, len(of_name), sum(row.chunks for row in of_name)) for name, of_name in rows.items()]
    return sorted(shares, key=lambda share: (-share.documents, share.name))
