"""Subtitles (SubRip and WebVTT): what is said, in paragraphs that begin with the time they begin at.

Read here: of the libraries, webvtt-py gives one voice to a cue that has two, pysubs2 none, and neither knows what
captions that roll up say again.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ingest.read.builder import Builder, Extract
from ingest.read.plain import decode_into
from rag.errors import UnreadableFile

__all__ = ["read"]

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})(?:[.,](\d{1,3}))?"
_TIMES = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*$", re.MULTILINE)
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?\s+([^>]+)>")
_NAMED = re.compile(r"(?:-\s*)?([^\W\d_][^\n:!?.,]{0,30}):\s+(?=\S)")
_TURN = re.compile(r"[-–—]\s*(?=\S)")
_TAG = re.compile(r"</?[^<>\n]*>|\{\\[^}\n]*\}")
_PAUSE = 2.0
"""Seconds of silence that end a paragraph."""
_LONGEST = 60.0
"""Seconds after which a paragraph ends with the sentence; after twice as many it ends anyway."""
_ADJOINING = 0.1
"""Seconds between a caption and the one that says it again with more."""
_ENDS_SENTENCE = re.compile(r"[.!?…][\"”’»)\]]*$")


@dataclass(frozen=True, slots=True)
class _Cue:
    """What is shown from ``start`` to ``end``, in seconds: its lines, each with who says it, if that is known."""

    start: float
    end: float
    lines: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class _Paragraph:
    start: float
    speaker: str
    end: float
    texts: list[str] = field(default_factory=list)


def read(data: bytes) -> Extract:
    """``[00:01:23] Ana: Bom dia.``: a paragraph for each turn of a speaker, cut at pauses and about once a minute.

    Raises UnreadableFile when there is no cue.
    """
    builder = Builder()
    text = decode_into(builder, data).replace("\r\n", "\n").replace("\r", "\n")
    if not _TIMES.search(text):
        raise UnreadableFile("no subtitle in it", hint="Name it .txt to have it read as plain text.")
    for paragraph in _paragraphs(_without_repeats(_cues(text))):
        speaker = f"{paragraph.speaker}: " if paragraph.speaker else ""
        builder.block(f"[{_clock(paragraph.start)}] {speaker}{' '.join(paragraph.texts)}")
    return builder.extract()


def _cues(text: str) -> Iterator[_Cue]:
    """The cues as they come. A cue's number or name, the line before its times, belongs to it."""
    times = list(_TIMES.finditer(text))
    ends = [time.start() for time in times[1:]] + [len(text)]
    for time, end in zip(times, ends, strict=True):
        block = text[time.end() : end].lstrip("\n")
        if end < len(text):
            block = re.sub(r"(?:\A|\n)[^\n]+\n\Z", "\n", block) if _is_named(block) else block
        said = re.split(r"\n[ \t]*\n(?=\s*(?:NOTE|STYLE|REGION)\b)", block)[0]
        yield _Cue(_seconds(time.groups()[:4]), _seconds(time.groups()[4:]), tuple(_lines(said)))


def _is_named(block: str) -> bool:
    """Whether the last line of ``block`` is the name of the cue that follows: it stands alone, or is a number."""
    last = re.search(r"(?:\A|\n)(\n[ \t]*)?([^\n]+)\n\Z", block)
    return last is not None and (last.group(1) is not None or last.group(2).strip().isdigit())


def _lines(block: str) -> Iterator[tuple[str, str]]:
    """``(speaker, text)`` of each line with something on it."""
    speaker = ""
    for line in block.split("\n"):
        voice = _VOICE.search(line)
        speaker = " ".join(html.unescape(voice.group(1)).split()) if voice else speaker
        text = " ".join(html.unescape(_TAG.sub("", line)).split())
        if "</v>" in line:
            yield speaker, text
            speaker = ""
        elif text:
            yield speaker, text


def _without_repeats(cues: Iterator[_Cue]) -> Iterator[_Cue]:
    """Captions that roll up show a line again below which the next appears, or a line again with one word more."""
    before = _Cue(0.0, -1.0, ())
    for cue in cues:
        lines = cue.lines
        if abs(cue.start - before.end) <= _ADJOINING or before.start <= cue.start < before.end:
            lines = _new_of(before.lines, lines)
        if lines:
            yield _Cue(cue.start, cue.end, lines)
        if cue.lines:
            before = cue


def _new_of(before: tuple[tuple[str, str], ...], lines: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    for first in range(len(before)):
        shown = before[first:]
        if lines[: len(shown)] == shown:
            return lines[len(shown) :]
        grown = lines[len(shown) - 1] if len(lines) >= len(shown) else ("", "")
        speaker, text = shown[-1]
        if lines[: len(shown) - 1] == shown[:-1] and grown[0] == speaker and grown[1].startswith(f"{text} "):
            return ((speaker, grown[1][len(text) + 1 :]), *lines[len(shown) :])
    return lines


def _paragraphs(cues: Iterator[_Cue]) -> Iterator[_Paragraph]:
    open_one: _Paragraph | None = None
    for cue in cues:
        for voice, line in cue.lines:
            speaker, text, turns = _turn(voice, line)
            if open_one is None or turns or speaker not in {"", open_one.speaker} or _is_over(open_one, cue):
                if open_one is not None:
                    yield open_one
                open_one = _Paragraph(cue.start, speaker, cue.end)
            open_one.texts.append(text)
            open_one.end = cue.end
    if open_one is not None:
        yield open_one


def _turn(voice: str, line: str) -> tuple[str, str, bool]:
    """``(speaker, what is said, whether another speaks)``; a dash begins a turn of somebody unnamed."""
    if voice:
        return voice, line, False
    if named := _NAMED.match(line):
        return named.group(1).strip(), line[named.end() :], False
    dash = _TURN.match(line)
    return "", line[dash.end() :] if dash else line, dash is not None


def _is_over(paragraph: _Paragraph, cue: _Cue) -> bool:
    """Whether ``cue`` comes after a pause, or the paragraph is long enough."""
    length = cue.start - paragraph.start
    ended = bool(_ENDS_SENTENCE.search(paragraph.texts[-1]))
    return cue.start - paragraph.end >= _PAUSE or length >= 2 * _LONGEST or (length >= _LONGEST and ended)


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, fraction = parts
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0) + float(f"0.{fraction or 0}")


def _clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"
