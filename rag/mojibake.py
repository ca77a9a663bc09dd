"""Mojibake, UTF-8 that was once decoded as something else, put right: ``√© um tipo`` → ``é um tipo``.

ftfy repairs a line when all of it was misread, from any of a dozen encodings. Notes pasted together mix good accents
with bad ones in a line, and there it does nothing; so the characters of Portuguese and English as Mac Roman and
Windows-1252 show them are looked for first, wherever they stand.

What is right must stay. ``√2``, ``©`` and ``£`` are no misreadings, but capitals that end in Ã before a closing quote
or a dash look like one (``“MAÇÃ”``: Ã” is how Ô is misread), and so does ``√π``. The first are told by what stands
around them, and ftfy is kept off them; characters that neither language writes (ù, ¹) are not put in.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["repair_mojibake"]

_WRITTEN = "ÀÁÂÃÇÈÉÊËÍÏÑÓÔÕÖÚÜàáâãçèéêëíïñóôõöúüªº°§£¢©®«»½¼¾²³µ±·´¡¿×÷\u00a0–—‘’‚“”„•…‹›†‡‰€™−≤≥≠ﬁﬂ\ufeff"


def _misread(character: str, encoding: str) -> str:
    """How the character's UTF-8 bytes look in ``encoding``; bytes it lacks are taken as in Latin-1, as browsers do."""
    shown = []
    for byte in character.encode("utf-8"):
        try:
            shown.append(bytes([byte]).decode(encoding))
        except UnicodeDecodeError:
            shown.append(chr(byte))
    return "".join(shown)


_RIGHT = {_misread(c, encoding): c for encoding in ("cp1252", "mac_roman") for c in _WRITTEN}
_WRONG = re.compile("|".join(re.escape(wrong) for wrong in sorted(_RIGHT, key=len, reverse=True)))

_MAY_FOLLOW_A_WORD = "“”‘’…–—«»‹›•™®©§°ºª²³´·\u00a0"
_QUOTES = "“”‘’…"
_LETTERS_OF_A_WORD = 4
_JUDGED_RIGHT = re.compile(rf"(?<=[ÂÃ])(?=[{_MAY_FOLLOW_A_WORD}])")


def repair_mojibake(text: str) -> str:
    """``text`` with its misread characters put right, read wrongly up to three times over; the same text when none."""
    if text.isascii():
        return text
    for _ in range(3):
        repaired = _WRONG.sub(_right, text)
        if repaired == text:
            break
        text = repaired
    return "\n".join(line if line.isascii() else _whole_line(line) for line in text.split("\n"))


def _right(match: re.Match[str]) -> str:
    wrong = match.group()
    text, at = match.string, match.start()
    before, after = text[max(at - 1, 0) : at], text[match.end() : match.end() + 1]
    if wrong[0] in "ÂÃ" and wrong[1] in _MAY_FOLLOW_A_WORD:
        # A quote or a bullet between two letters is none: COLÃ”NIA.
        ends_capitals = before.isupper() and not (wrong[1] in "“”•" and after.isalpha())
        stands_alone = not before.isalpha() and wrong[1] in _QUOTES and not after.isalnum()
        if ends_capitals or stands_alone:
            return wrong
    return _RIGHT[wrong]


def _whole_line(line: str) -> str:
    import ftfy

    # Of its steps, only the one that takes a line as a whole: the others guess at single characters.
    config = ftfy.TextFixerConfig(restore_byte_a0=False, replace_lossy_sequences=False, decode_inconsistent_utf8=False)
    repaired = "".join(ftfy.fix_encoding(part, config) for part in _JUDGED_RIGHT.split(line))
    foreign = [c for c in repaired if c not in line and _is_foreign(c)]
    # ÊàÇ are also the bytes of 戂, –é those of Ў: one or two such characters are a coincidence, a word of them is not.
    return line if 0 < len(foreign) < _LETTERS_OF_A_WORD else repaired


def _is_foreign(character: str) -> bool:
    """Neither ASCII, a Latin letter, a sign that Portuguese and English write, nor a pictograph."""
    if character.isascii() or character in _WRITTEN or ord(character) >= 0x1F000:
        return False
    return not unicodedata.name(character, "").startswith("LATIN")
