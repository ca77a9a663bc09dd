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
_LEGACY = ("cp1252", "mac_roman", "cp850")
_EXPECTED = frozenset("áàâãçéêíóôõúüÁÀÂÃÇÉÊÍÓÔÕÚÜºª“”‘’–—…€£§°•")
_BORROWED = frozenset("èëìïîñòöùûäåæøœßÈÑÖÄØß«»±µ¼½¾²³·´")
_WITHIN_WORDS = frozenset("áâãçéêíóôõúü’")


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


def _legacy(data: bytes) -> tuple[str, str]:
    """Of the ways to read the bytes, the one with the most characters that people write where they write them.

    charset-normalizer was tried first and reads a short note wrongly one time in five ("cafŽ" for a Mac's "café"): it
    must know a hundred encodings, and here there are three.
    """
    best: tuple[float, str, str] | None = None
    for encoding in _LEGACY:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        score = _plausibility(text)
        if best is None or score > best[0]:
            best = score, text, encoding
    if best is None or best[0] < 0:
        raise UnreadableFile("not text in any encoding we know", hint="Save it as UTF-8.")
    return best[1], best[2]


def _plausibility(text: str) -> float:
    """Mean over the characters beyond ASCII: 1 for an expected one, ½ for one of a borrowed word, −1 for others; more
    for a small letter after a small one, less for a capital there and for a symbol between letters."""
    score, count = 0.0, 0
    for at, character in enumerate(text):
        if character.isascii():
            continue
        count += 1
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        score += 1.0 if character in _EXPECTED else 0.5 if character in _BORROWED else -1.0
        if before.islower():
            score += 0.5 if character in _WITHIN_WORDS else -1.5 if character.isupper() or character == "à" else 0.0
        if not character.isalpha() and before.isalpha() and after.isalpha() and character not in "’–—":
            score -= 1.5
    return score / count if count else 0.0


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
