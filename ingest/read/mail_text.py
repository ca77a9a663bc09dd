"""The words of a mail: charsets that are wrong, encoded header fields (RFC 2047), quoted history."""

from __future__ import annotations

import email.header
import re
from collections.abc import Iterator
from email.errors import HeaderParseError

from ingest.read.plain import decode
from rag.errors import UnreadableFile

__all__ = ["by_charset", "header_text", "own_text_first"]

_ENCODED_WORDS = re.compile(r"=\?[^?\s]+\?[bq]\?[^?]*\?=(?:\s+=\?[^?\s]+\?[bq]\?[^?]*\?=)*", re.IGNORECASE)
_ATTRIBUTION = re.compile(r"\b(?:escreveu|escreveram|wrote|escribió|a écrit)\b[^\n]{0,80}:$", re.IGNORECASE)
_BEGINS_ATTRIBUTION = re.compile(r"(?:Em|No dia|A|Aos|On|El|Le)\b", re.IGNORECASE)
_LONGEST_ATTRIBUTION = 200


def by_charset(data: bytes, charset: str) -> str | None:
    """``data`` in the charset it is said to be in; None when it is not, or when that says nothing (ASCII, unknown)."""
    charset = charset.lower()
    if charset in {"", "us-ascii", "ascii", "unknown-8bit"}:
        return None
    try:
        # Who says Latin-1 means what Windows has, as browsers know.
        return data.decode("cp1252" if charset in {"iso-8859-1", "latin-1", "latin1"} else charset)
    except (LookupError, ValueError):
        return None


def header_text(raw: str) -> str:
    """A header field as its reader sees it, on one line; bytes that no charset was declared for are looked at."""
    unfolded = " ".join(_looked_at(raw.encode("utf-8", "surrogateescape")).split())
    return " ".join(_ENCODED_WORDS.sub(_decoded_words, unfolded).split())


def _decoded_words(match: re.Match[str]) -> str:
    try:
        pieces = email.header.decode_header(match.group())
    except HeaderParseError:
        return match.group()
    return "".join(
        piece if isinstance(piece, str) else by_charset(piece, charset or "") or _looked_at(piece)
        for piece, charset in pieces
    )


def _looked_at(data: bytes) -> str:
    try:
        return decode(data)[0]
    except UnreadableFile:
        return data.decode("utf-8", "replace")


def own_text_first(text: str) -> Iterator[tuple[str, str]]:
    """``(heading, text)``: what the mail says, then what it quotes, under the line that says whose it is.

    Answers among the lines they answer stay there: apart they mean nothing.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    quoted = [number for number, line in enumerate(lines) if line.startswith(">")]
    if not quoted or any(line.strip() and not line.startswith(">") for line in lines[quoted[0] : quoted[-1]]):
        yield "", text
        return
    above, history, below = lines[: quoted[0]], lines[quoted[0] : quoted[-1] + 1], lines[quoted[-1] + 1 :]
    while above and not above[-1].strip():
        above.pop()
    attribution = _attribution(above)
    title = " ".join(" ".join(above[len(above) - attribution :]).split()) if attribution else ""
    yield "", "\n".join([*above[: len(above) - attribution], "", *below]).strip("\n")
    yield title, "\n".join(re.sub(r"^>[> ]*", "", line) for line in history) if title else "\n".join(history)


def _attribution(lines: list[str]) -> int:
    """How many of the last lines say who wrote what follows: programs break that line in two."""
    for number in (1, 2):
        written = " ".join(" ".join(lines[-number:]).split())
        if len(written) <= _LONGEST_ATTRIBUTION and _ATTRIBUTION.search(written) and _BEGINS_ATTRIBUTION.match(written):
            return number
    return 1 if lines and len(lines[-1]) <= _LONGEST_ATTRIBUTION and _ATTRIBUTION.search(lines[-1].strip()) else 0
