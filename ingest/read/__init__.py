"""One format a file; a reader is a function bytes → ``Extract``. The bytes decide which one, the suffix only hints."""

from __future__ import annotations

import importlib
from pathlib import PurePosixPath

from ingest.read.archive import kind
from ingest.read.builder import Extract
from ingest.read.image import image_kind
from ingest.read.ocr import IMAGES, Ocr
from ingest.read.signatures import text_format
from rag.errors import UnreadableFile

__all__ = ["MEDIA_TYPES", "READING_VERSION", "Extract", "extract", "sniff"]

READING_VERSION = "8"
"""Changes whenever the readers or the splitter make something else of a file: files read by another are read again."""

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "epub": "application/epub+zip",
    "html": "text/html",
    "markdown": "text/markdown",
    "plain": "text/plain",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "jsonl": "application/x-ndjson",
    "mail": "message/rfc822",
    "mbox": "application/mbox",
    "rtf": "text/rtf",
    "srt": "application/x-subrip",
    "vtt": "text/vtt",
    "code": "text/plain",
    **{name: f"image/{name}" for name in IMAGES},
}
_READERS = {"tsv": "csv", "jsonl": "json", "srt": "subtitles", "vtt": "subtitles"} | dict.fromkeys(IMAGES, "image")
"""Where one module reads several formats."""
_WITH_PICTURES = frozenset({"pdf", "mail", "mbox", *IMAGES})
"""Their readers take the OCR, for pages and attachments that are pictures."""
_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".xhtml": "html"}
_OLE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The stream in which Office keeps a file that has a password."""
_FLAT = b"urn:oasis:names:tc:opendocument:xmlns:office:1.0"
"""OpenDocument as one XML file, whose text would be found among its markup."""
_OLD_OFFICE = {".msg": "an Outlook message; save it as EML", ".xls": "an old Excel file; save it as XLSX"} | {
    ".ppt": "an old PowerPoint file; save it as PPTX"
}
_KNOWN_BINARY = (
    (_OLE, "an old Office file; save it as DOCX or PDF"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x1f\x8b", "a compressed file"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf", "an archive"),
    (b"SQLite format 3", "a database"),
)


def sniff(data: bytes, source: str) -> str:
    """The reader for ``data``: a key of MEDIA_TYPES. Raises UnreadableFile naming what it is instead."""
    suffix = PurePosixPath(source).suffix.lower()
    head = data[:1024].lstrip()
    # Readers accept a header anywhere in the first 1,024 bytes; a note about PDF may say %PDF- there too.
    if head.startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in data[:1024]):
        return "pdf"
    if suffix == ".pdf":
        raise UnreadableFile("not a PDF, in spite of its name", hint="Give it the name of what it is.")
    if data.startswith(b"PK\x03\x04"):
        return kind(data)
    if data.startswith(_OLE) and _ENCRYPTED in data:
        raise UnreadableFile("protected by a password", hint="Save it without one.")
    if image := image_kind(data):
        return image
    if data.startswith(_OLE) and suffix in _OLD_OFFICE:
        raise UnreadableFile(f"{_OLD_OFFICE[suffix]}: not a format that is read")
    for magic, name in _KNOWN_BINARY:
        if data.startswith(magic):
            raise UnreadableFile(f"{name}: not a format that is read")
    if _FLAT in data[:4096] and head.startswith(b"<"):
        raise UnreadableFile(
            "a flat OpenDocument file (FODT, FODS, FODP)", hint="Save it as ODT, ODS or ODP, its usual form."
        )
    if suffix == ".map" and head.startswith(b"{") and b'"mappings"' in data:
        raise UnreadableFile("a source map, which leads from code to its source: not a format that is read")
    lowered = head[:256].lower()
    if lowered.startswith((b"<!doctype html", b"<html")) or (suffix in {".html", ".htm", ".xhtml"} and b"<" in head):
        return "html"
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))
    if not wide and b"\x00" in data[:65536]:
        raise UnreadableFile("binary data: not a format that is read")
    return text_format(data, suffix) or _SUFFIXES.get(suffix, "plain")


def extract(data: bytes, source: str, ocr: Ocr | None = None) -> tuple[str, Extract]:
    """``(media type, what was read)``, of pictures by ``ocr``. Raises UnreadableFile with the reason, NeedsOcr when it
    is that there is none."""
    name = sniff(data, source)
    try:
        reader = importlib.import_module(f"ingest.read.{_READERS.get(name, name)}")
        found: Extract
        if name == "code":  # a programming language cannot be told from the bytes: its reader alone sees the name
            found = reader.read(data, source)
        elif name in _WITH_PICTURES:
            found = reader.read(data, ocr)
        else:
            found = reader.read(data)
    except RecursionError as error:
        raise UnreadableFile("nested too deeply") from error
    if not any(c.isalnum() for c in found.text):
        raise UnreadableFile("no text in it")
    return MEDIA_TYPES[name], found
