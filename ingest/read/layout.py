"""Lines as they stand on pages → headings and paragraphs.

A heading is told by its font first: a line markedly larger than the body, or as large, bold and alone. Where the file
says nothing of fonts, or sets its headings like its text, numbers (``2.1 Alcance``) and capitals tell.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.read.lines import Line, code_lines, table_rows
from ingest.read.tables import table_lines

__all__ = ["Block", "Style", "blocks", "continues", "seam"]

_NUMBERED = re.compile(r"^(\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+[A-ZÀ-Ý]")
_ROW_NAME = re.compile(r"[A-Z]{1,3}-?\d{1,4}\b|\d{1,3}\s+\S")
_ITEM = re.compile(r"^\s*(?:[-–*]\s|\d{1,2}[.)]\s|[a-z]\)\s)")
_DOT = re.compile(r"^[•▪●◦‣\ue000-\uf8ff]\s*(?=\w)")
"""The dot of a list, or a sign of a font of signs."""
_HYPHENATED = re.compile(r"[a-zà-ÿ][-\u2010]$|\w\u00ad$")
_ENDS_SENTENCE = re.compile(r"[.!?:;…][\"'”’»)\]]*$")
_LEADERS = re.compile(r"(?:\. ?){4}")
"""The dots of a table of contents."""
_ALIKE = 0.1
"""Share by which sizes differ that are one: a word in another font changes a line's size a little."""
_GAP = 1.6
"""Times the step from line to line: what stands further down begins anew."""
_LARGER = 1.15
"""Times the body's size: headings are set a sixth larger or more; what is nearer is a matter of taste or of fonts."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of ``level`` 1 or deeper, or else a table row or a paragraph. ``size`` is of its last line's font."""

    text: str
    level: int = 0
    row: bool = False
    size: float = 0.0


@dataclass(frozen=True, slots=True)
class Style:
    """A document's fonts: the body's ``size``, and the sizes of what stands out from it, the largest first; a bold line
    of the body's own size comes after them. ``step`` is how far the body's lines stand apart, in points; ``fixed`` when
    it is typewritten."""

    size: float
    bold: bool
    larger: tuple[float, ...] = ()
    numbered: bool = False
    step: float = 0.0
    fixed: bool = False

    @classmethod
    def of(cls, lines: Sequence[Line]) -> Style:
        """``numbered``: some numbered heading stands out, so that a plain numbered line is none."""
        sizes: Counter[tuple[float, bool]] = Counter()
        for line in lines:
            sizes[line.size, line.bold] += len(line.text)
        (size, bold), _ = sizes.most_common(1)[0] if sizes else ((0.0, False), 0)
        body = cls(size, bold)
        outstanding = [line for line in lines if body.stands_out(line)]
        larger = sorted({line.size for line in outstanding if body.is_larger(line)}, reverse=True)
        numbered = any(_NUMBERED.match(line.text.strip()) for line in outstanding)
        typed = sum(len(line.text) for line in lines if line.fixed)
        fixed = 2 * typed > sum(len(line.text) for line in lines)
        return cls(size, bold, tuple(larger), numbered, _step(lines, size), fixed)

    def is_larger(self, line: Line) -> bool:
        return line.size >= _LARGER * self.size > 0

    def stands_out(self, line: Line) -> bool:
        """Whether the font of ``line`` is a heading's."""
        text = line.text.strip()
        if (
            not 3 <= len(text) <= 150
            or sum(c.isalpha() for c in text) < 3
            or len(line.groups) > 1
            or _LEADERS.search(text)
        ):
            return False
        if self.is_larger(line):
            return not text.endswith((",", ";"))
        emphasised = line.bold and not self.bold and line.size >= 0.95 * self.size > 0
        return emphasised and not text.endswith((".", ",", ";", ":"))

    def level(self, line: Line) -> int:
        """1 for the largest; a numbered one is deeper by its number's points."""
        rank = self.larger.index(line.size) if line.size in self.larger else len(self.larger)
        return 1 + rank + _points(line.text.strip())


def blocks(lines: Sequence[Line], style: Style, section: int) -> tuple[list[Block], int]:
    """The blocks of a page's lines, and the number of the last section, ``section`` before these lines.

    Lines are joined into paragraphs; headings, items and table rows stay apart.
    """
    widest = max((len(line.text) for line in lines), default=0)
    outstanding = _outstanding(lines, style)
    found: list[Block] = []
    paragraph = ""
    size = 0.0
    within = 0  # the table, or the piece of code, that ends here
    for index, line in enumerate(lines):
        if index < within:
            continue
        kept, number = _kept_lines(lines, index, style)
        if number:
            found += [Block(paragraph, size=size), Block("\n".join(kept), row=True, size=line.size)]
            paragraph, within = "", index + number
            continue
        text = _DOT.sub("- ", line.text.strip())
        after = lines[index + 1].text.strip() if index + 1 < len(lines) else ""
        level = style.level(line) if index in outstanding else 0
        if not level:
            level, section = _plain_level(text, after, style, section)
        apart = bool(level) or _is_row(text)
        begins = bool(_ITEM.match(text)) or (index > 0 and _is_further_down(lines[index - 1], line, style))
        if not text or apart or begins or not (_alike(line.size, size) or text[0].islower()):
            found.append(Block(paragraph, size=size))
            paragraph = ""
        size = line.size
        if apart:
            found.append(Block(text, level, not level, size))
        elif text:
            paragraph = joined(paragraph, text)
            if _ends_block(text, after, widest):
                found.append(Block(paragraph, row=bool(_ROW_NAME.match(text)), size=size))
                paragraph = ""
    found.append(Block(paragraph, size=size))
    return _whole_headings([block for block in found if block.text], lines), section


def _kept_lines(lines: Sequence[Line], first: int, style: Style) -> tuple[list[str], int]:
    """What begins here and is no paragraph, line by line: a table's rows, or code; and of how many lines it is made."""
    rows = table_rows(lines, first)
    code = [] if rows or style.fixed else code_lines(lines, first)
    return (table_lines(rows), len(rows)) if rows else (code, len(code))


def _step(lines: Sequence[Line], size: float) -> float:
    """The median distance of lines of the body's size from the ones below them; 0 where places are not known."""
    pairs = [(upper, lower) for upper, lower in itertools.pairwise(lines) if upper.size == lower.size == size]
    steps = sorted(upper.height - lower.height for upper, lower in pairs if 0 < upper.height - lower.height < 3 * size)
    return steps[len(steps) // 2] if steps else 0.0


def _is_further_down(line: Line, after: Line, style: Style) -> bool:
    """Whether ``after`` stands so far below ``line`` that it is no part of its paragraph; a sentence goes on all the
    same, around a picture or a note."""
    if not (style.step and line.groups and after.groups) or line.height - after.height <= _GAP * style.step:
        return False
    return bool(_ENDS_SENTENCE.search(line.text)) or not after.text[:1].islower()


def _outstanding(lines: Sequence[Line], style: Style) -> set[int]:
    """The lines whose font makes them headings. Bold ones must be alone, or two at most: more are a bold paragraph."""
    found: set[int] = set()
    run: list[int] = []
    for index, line in enumerate([*lines, Line("")]):
        goes_on = bool(run) and (line.size, line.bold) == (lines[run[-1]].size, lines[run[-1]].bold)
        if run and not (goes_on and line.text.strip()):
            most = 4 if style.is_larger(lines[run[0]]) else 2
            found |= {at for at in run if style.stands_out(lines[at])} if len(run) <= most else set()
            run = []
        if line.text.strip() and (goes_on or style.stands_out(line)):
            run.append(index)
    return found


def _plain_level(text: str, after: str, style: Style, section: int) -> tuple[int, int]:
    """The level of a line set like the body, by its number or its capitals; and the last section's number after it."""
    level = _heading_level(text)
    numbered = _NUMBERED.match(text) if level else None
    if numbered:
        # Rows of a numbered table look like headings: sections count on by one and have text after them.
        number = int(numbered.group(1).split(".")[0])
        if style.numbered or number not in {section, section + 1} or _NUMBERED.match(after):
            return 0, section
        section = number
    return level + len(style.larger) if level else 0, section


def _whole_headings(found: Sequence[Block], lines: Sequence[Line]) -> list[Block]:
    """A heading that takes two lines is one: its first goes on to the text's margin, or its second in lower case."""
    titles = {block.text for block in found if block.level}
    right = max((line.right for line in lines if line.text.strip() not in titles), default=0.0)
    ends = {line.text.strip(): line.right for line in lines}
    whole: list[Block] = []
    for block in found:
        before = whole[-1] if whole else Block("")
        alike = block.level and (block.level, block.size) == (before.level, before.size) and block.size
        if alike and (block.text[0].islower() or ends.get(before.text, 0.0) > 0.8 * right > 0):
            whole[-1] = Block(joined(before.text, block.text), block.level, size=block.size)
        else:
            whole.append(block)
    return whole


def continues(before: Block, after: Block) -> bool:
    """Whether a sentence of ``before``, the last of its page, runs on in ``after``, the first of the next."""
    if before.level or before.row or after.level or after.row or _ITEM.match(after.text):
        return False
    if not _alike(before.size, after.size) or _ENDS_SENTENCE.search(before.text):
        return False
    return after.text[0].islower() or before.text.endswith(",")


def _alike(size: float, other: float) -> bool:
    return abs(size - other) <= _ALIKE * max(size, other)


def joined(paragraph: str, line: str) -> str:
    """The paragraph with the line at its end, a hyphenated word made whole."""
    if not paragraph:
        return line
    head, between = seam(paragraph, line)
    return head + between + line


def seam(before: str, after: str) -> tuple[str, str]:
    """``before`` as it stands ahead of ``after``, without the hyphen of a divided word, and what goes between."""
    if _HYPHENATED.search(before) and after[:1].islower():
        return before[:-1], ""
    return before, " "


def _ends_block(line: str, after: str, widest: int) -> bool:
    """A line well short of the widest ends its paragraph, unless the next goes on in lower case; so does a table row
    (``E3 …``) before another."""
    if _ROW_NAME.match(line) and _ROW_NAME.match(after):
        return True
    return len(line) < 0.75 * widest and not (after[:1].islower() and not line.endswith((".", "!", "?", ":")))


def _is_row(line: str) -> bool:
    """A table row, as pdfium lays it out: cells apart by two spaces or more."""
    return len(re.findall(r"\S\s{2,}\S", line)) >= 2


def _points(line: str) -> int:
    numbered = _NUMBERED.match(line)
    return numbered.group(1).count(".") if numbered else 0


def _heading_level(line: str) -> int:
    if not 3 <= len(line) <= 90 or line.endswith((".", ",", ";", ":")) or _LEADERS.search(line):
        return 0
    if _NUMBERED.match(line) and len(line.split()) <= 12:
        return 1 + _points(line)
    letters = [c for c in line if c.isalpha()]
    return 1 if len(letters) >= 4 and all(c.isupper() for c in letters) and len(line.split()) <= 10 else 0
