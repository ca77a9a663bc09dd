"""Which format a text file is in: by how it begins, and by its suffix only where no beginning could tell."""

from __future__ import annotations

import codecs
import re

from ingest.read.code import SUFFIXES as CODE_SUFFIXES

__all__ = ["text_format"]

_LOOKED_AT = 16_384
"""Bytes. The header fields of a mail that went through many servers fill several thousand."""
_CUE = re.compile(r"\s*\d+[ \t]*\n\s*(?:\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}[ \t]*-->")
_POSTMARK = re.compile(r"From \S.*\d{1,2}:\d{2}.*\n")
_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]*):[ \t]*\S?")
_OF_A_MAIL = frozenset({"date", "message-id", "mime-version", "received", "subject", "to"})
_BY_SUFFIX = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".geojson": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".eml": "mail",
    ".mbox": "mbox",
    ".srt": "srt",
    ".vtt": "vtt",
}


def text_format(data: bytes, suffix: str) -> str | None:
    """A key of MEDIA_TYPES for a file of text, or None where neither its beginning nor its suffix says one."""
    head = _head(data)
    if told := _by_beginning(head):
        return told
    return "code" if head.startswith("#!/") or suffix in CODE_SUFFIXES else _BY_SUFFIX.get(suffix)


def _by_beginning(head: str) -> str | None:
    if head.startswith("{\\rtf"):
        return "rtf"
    if re.match(r"WEBVTT(?:[ \t\n]|$)", head):
        return "vtt"
    if _CUE.match(head):
        return "srt"
    if _POSTMARK.match(head) and _header_fields(head.partition("\n")[2]):
        return "mbox"
    fields = _header_fields(head)
    return "mail" if "from" in fields and len(fields & _OF_A_MAIL) >= 2 else None


def _head(data: bytes) -> str:
    """The beginning, whatever the width of its characters; letters beyond ASCII may come out wrong."""
    start = data[:_LOOKED_AT]
    wide = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = start.decode("utf-16", "ignore") if wide else start.removeprefix(codecs.BOM_UTF8).decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip()


def _header_fields(head: str) -> set[str]:
    """The names, in small letters, of the fields before the first blank line; none when some line is no field."""
    names = set()
    header, blank, _ = head.partition("\n\n")
    lines = header.split("\n")
    for line in lines if blank else lines[:-1]:  # without the blank line, the last may be cut
        if not line.startswith((" ", "\t")):
            field = _FIELD.match(line)
            if field is None:
                return set()
            names.add(field.group(1).lower())
    return names
