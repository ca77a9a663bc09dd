"""Plain text: the encoding is found, never guessed away; no byte is dropped."""

from __future__ import annotations

import codecs
import re

from ingest.read.builder import Builder, Extract
from rag.errors import UnreadableFile

__all__ = ["decode", "read"]

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ["cp1252", "mac_roman", "cp850"]


def decode(data: bytes) -> tuple[str, str]:
    """``(text, encoding)``: byte order mark, then strict UTF-8, then charset-normalizer among the encodings that
    Portuguese and English files come in.

    Raises UnreadableFile when the bytes are not text.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return data.decode(encoding, "strict"), encoding
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=_CANDIDATES).best()
    if best is None:
        raise UnreadableFile("not text in any encoding we know", hint="Save it as UTF-8.")
    return str(best), str(best.encoding)


_UNDERLINE = re.compile(r"^(=+|-+)$")


def read(data: bytes) -> Extract:
    """Paragraphs as they stand; a line alone in capitals, or underlined, is a heading."""
    text, encoding = decode(data)
    builder = Builder()
    if encoding not in {"utf-8", "utf-8-sig"}:
        builder.warnings.append(f"read as {encoding}")
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
