"""Plain text: the encoding is found, never guessed away; no byte is dropped."""

from __future__ import annotations

import codecs
import re

from ingest.read.builder import Builder, Extract
from ingest.read.opaque import require_text, without_encoded
from ingest.read.orthography import plausibility
from rag.errors import UnreadableFile

__all__ = ["decode", "decode_into", "read"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOST_STRANGE = 0.1
"""Share of characters beyond ASCII: one ``‰`` in a page of plain letters does not make it no text."""
_JUDGED = 100_000
"""Characters of the lines that have any beyond ASCII: a book tells its encoding in its first chapter."""
_LEGACY = ("cp1252", "mac_roman", "cp850")


def decode(data: bytes) -> tuple[str, str]:
    """``(text, encoding)``: byte order mark, then strict UTF-8, then the likeliest of the encodings that Portuguese and
    English files came in before it.

    Raises UnreadableFile when the bytes are not text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return data.decode(encoding), encoding
            except UnicodeDecodeError as error:
                raise UnreadableFile(f"begins as {encoding} and is not ({error.reason})") from error
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _legacy(data)


def decode_into(builder: Builder, data: bytes, *, encoded: bool = True) -> str:
    """The text of ``data``; an encoding other than UTF-8 is one of the builder's warnings, and so is what was left out
    of it where it may not stay ``encoded`` (base64, hexadecimal).

    Raises UnreadableFile when the bytes are not text, or all of it is encoded.
    """
    text, encoding = decode(data)
    if encoding not in {"utf-8", "utf-8-sig"}:
        builder.warnings.append(f"read as {encoding}")
    if encoded:
        return text
    text, left_out = without_encoded(text)
    if left_out:
        builder.warnings.append(left_out)
        require_text(text)
    return text


def _legacy(data: bytes) -> tuple[str, str]:
    """Of the ways to read the bytes, the one whose characters best stand where they are written; Windows first.

    charset-normalizer was tried first and reads a short note wrongly one time in five ("cafŽ" for a Mac's "café"): it
    must know a hundred encodings, and here there are three.
    """
    best: tuple[float, str, str] | None = None
    for encoding in _LEGACY:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = plausibility("\n".join(line for line in text.split("\n") if not line.isascii())[:_JUDGED])
        if best is None or score > best[0]:
            best = score, text, encoding
    if best is None or (best[0] < 0 and _strange(best[1]) > _MOST_STRANGE):
        raise UnreadableFile("not text in any encoding we know", hint="Save it as UTF-8.")
    return best[1], best[2]


def _strange(text: str) -> float:
    return sum(not c.isascii() for c in text) / len(text)


_UNDERLINE = re.compile(r"^(=+|-+)$")


def read(data: bytes) -> Extract:
    """Paragraphs as they stand; a line alone in capitals, or underlined, is a heading."""
    builder = Builder()
    text = decode_into(builder, data, encoded=False)
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line for line in block.strip("\n").split("\n") if line.strip()]
        if len(lines) >= 2 and _UNDERLINE.match(lines[1].strip()) and len(lines[0]) <= 100:
            builder.heading(1 if lines[1].strip().startswith("=") else 2, lines[0])
            lines = lines[2:]
        elif len(lines) == 1 and _is_heading(lines[0].strip()):
            builder.heading(2, lines[0])
            lines = []
        if lines:
            builder.block("\n".join(line.rstrip() for line in lines))
    return builder.extract()


def _is_heading(line: str) -> bool:
    letters = [c for c in line if c.isalpha()]
    return len(letters) >= 3 and len(line) <= 80 and all(c.isupper() for c in letters) and not line.endswith((".", ";"))
