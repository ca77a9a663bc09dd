"""Text that nobody wrote and nobody reads: minified code, and bytes written as letters (base64, hexadecimal). It would
fill an index with chunks that answer nothing, so it is left out, and counted.

Minified is a line of a script or a style sheet that is long and has hardly any white space. In prose, Portuguese and
English, every sixth character is some; in the longest lines of the minified files that were looked at, every fifteenth
at the most, and mostly every fiftieth. What in such a line reads as prose, its messages and texts, stays.

Encoded is a run of letters and digits that no word is: hexadecimal, or of small and capital letters and digits in such
disorder that every second or third follows one of another kind. One of a thousand characters goes; shorter ones are
hashes, of which a person may look for one, and go where a file is full of them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from rag.errors import UnreadableFile

__all__ = ["LEFT_OUT", "require_text", "without_encoded", "without_minified"]

LEFT_OUT = "…"
"""What stands where encoded text stood, so that what is around it does not join."""
_LONG_LINE = 500
_SPACES = 0.08
"""Share of a line that is white space: less is no prose in an alphabet that parts its words."""
_ASCII = 0.9
"""Share of a minified line: scripts that part no words are not judged."""
_WORDS = 5
"""In a row, and they are prose."""
_PLAIN_WORDS = 0.9
_ESCAPED = re.compile(r"\\u([0-9A-Fa-f]{4})|\\x([0-9A-Fa-f]{2})")
_CODE_MARK = re.compile(r"""["`{}\[\]=<>&|\\~^#@*+]|;(?!\s)|(?<!\w)'|'(?!\w)|\\[nrt]|/[/*]""")
_WORD = re.compile(r"""[(“«]?[^\W_](?:[^\W_]|['’%€$/-])*[)”»]?[,.:;!?…]*""")
_RUN = re.compile(r"[A-Za-z0-9+/=_-]{40,}")
_HASH = 40
"""Digits of a hash: those of SHA-1, the shortest that is in use."""
_HEXADECIMAL = re.compile(r"(?=.*\d)(?=.*[a-fA-F])[0-9a-fA-F]+")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_LONG_RUN = 1_000
_DISORDER = 0.4
"""Share of characters that follow one of another kind: 0.6 in random base64, 0.3 in ``namesWrittenLikeThis``."""
_MANY = 100
_FULL = 0.1
"""Share of a text that many short runs are."""


def without_minified(text: str) -> tuple[str, str]:
    """A script or style sheet without its minified lines but for their prose, and the warning that says what was left
    out, empty where nothing was."""
    lines: list[str] = []
    characters = minified = 0
    for line in text.split("\n"):
        prose = list(_prose(line)) if _is_minified(line) else [line]
        kept = sum(map(len, prose))
        if kept < len(line) / 2:
            lines += prose
            minified += 1
            characters += len(line) - kept
        else:
            lines.append(line)
    said = f"minified: {characters} characters of {minified} line{'s' if minified > 1 else ''}, left out"
    return "\n".join(lines), said if minified else ""


def without_encoded(text: str) -> tuple[str, str]:
    """A text with ``LEFT_OUT`` in place of what is encoded in it, and the warning that says so, empty where nothing
    is."""
    runs = [match for match in _RUN.finditer(text) if _is_encoded(match.group())]
    short = [match for match in runs if len(match.group()) < _LONG_RUN]
    if len(short) < _MANY or sum(len(match.group()) for match in short) < _FULL * len(text):
        runs = [match for match in runs if len(match.group()) >= _LONG_RUN]
    if not runs:
        return text, ""
    ends = [0, *(match.end() for match in runs)]
    parts = [text[end : match.start()] for end, match in zip(ends, runs, strict=False)]
    characters = sum(len(match.group()) for match in runs)
    said = f"encoded: {characters} characters in {len(runs)} piece{'s' if len(runs) > 1 else ''}, left out"
    return LEFT_OUT.join([*parts, text[ends[-1] :]]), said


def require_text(left: str) -> None:
    """Raises UnreadableFile when nothing is ``left`` of a text of which something was left out."""
    if not any(c.isalnum() for c in left):
        raise UnreadableFile("minified or encoded: nothing in it reads as text")


def _is_minified(line: str) -> bool:
    if len(line) < _LONG_LINE or sum(map(str.isspace, line)) >= _SPACES * len(line):
        return False
    return sum(map(str.isascii, line)) >= _ASCII * len(line)


def _prose(line: str) -> Iterator[str]:
    """What stands between the marks of the code and reads as words, each once."""
    shown = _ESCAPED.sub(lambda match: chr(int(match.group(1) or match.group(2), 16)), line)
    pieces = (" ".join(piece.split()) for piece in _CODE_MARK.split(shown))
    return iter(dict.fromkeys(piece for piece in pieces if _reads(piece)))


def _reads(piece: str) -> bool:
    words = piece.split()
    return len(words) >= _WORDS and sum(_WORD.fullmatch(word) is not None for word in words) >= _PLAIN_WORDS * len(
        words
    )


def _is_encoded(run: str) -> bool:
    pieces = _PIECE.findall(run)
    if any(len(piece) >= _HASH and _HEXADECIMAL.fullmatch(piece) for piece in pieces):
        return True
    kinds = [[_kind(character) for character in piece] for piece in pieces]
    if len(set(itertools.chain.from_iterable(kinds))) < 3:
        return False
    changes = sum(one != other for piece in kinds for one, other in itertools.pairwise(piece))
    return len(run) >= _LONG_RUN or changes >= _DISORDER * len(run)


def _kind(character: str) -> str:
    return "digit" if character.isdigit() else "capital" if character.isupper() else "small"
