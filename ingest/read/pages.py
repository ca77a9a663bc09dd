"""Pages as they were read → one document: what is missing reported, running lines taken out, paragraphs made whole."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.read.builder import Builder, Extract
from ingest.read.layout import Block, Style, blocks, continues, seam
from ingest.read.lines import Line
from ingest.read.ocr import HINT, NeedsOcr, Ocr, OutOfTime
from ingest.read.running import without_running_lines
from rag.errors import UnreadableFile

__all__ = ["Sheet", "document_of"]

_APART = "\n\n"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page as it was read. ``remark`` says why it has no lines, or whence they are; ``hidden`` counts the characters
    left out; ``label`` is what is printed as its number, where that is another; ``late``: OCR had no time for it."""

    lines: Sequence[Line]
    remark: str = ""
    label: str = ""
    hidden: int = 0
    late: bool = False


def document_of(sheets: Sequence[Sheet], title: str, ocr: Ocr | None) -> Extract:
    """Pages with exact offsets. Raises UnreadableFile when no page has text: NeedsOcr where there is no OCR, OutOfTime
    where its time ended before."""
    if not any(sheet.lines for sheet in sheets):
        remark = sheets[0].remark
        if ocr is None:
            raise NeedsOcr(remark, hint=HINT)
        raise (OutOfTime if any(sheet.late for sheet in sheets) else UnreadableFile)(remark)
    builder = Builder(title=title)
    builder.warnings += _warnings(sheets)
    _write(without_running_lines([sheet.lines for sheet in sheets]), [sheet.label for sheet in sheets], builder)
    return builder.extract()


def _warnings(sheets: Sequence[Sheet]) -> Iterator[str]:
    """What there is to report of the pages; neighbours of which the same is said are named together."""
    for number, sheet in enumerate(sheets, 1):
        if sheet.hidden:
            characters = "character" if sheet.hidden == 1 else "characters"
            yield f"hidden text on page {number}: {sheet.hidden} {characters}, left out"
    for remark, group in itertools.groupby(enumerate(sheets, 1), key=lambda pair: pair[1].remark):
        numbers = [number for number, _ in group]
        if remark and len(numbers) == 1:
            yield f"page {numbers[0]}: {remark}"
        elif remark:
            yield f"pages {numbers[0]}–{numbers[-1]}: {remark}"


def _write(pages: Sequence[Sequence[Line]], labels: Sequence[str], builder: Builder) -> None:
    """The pages' blocks. A paragraph that runs on over a page's end is one: the next page begins inside it."""
    style = Style.of([line for lines in pages for line in lines])
    section = 0
    found: list[list[Block]] = []
    for lines in pages:
        of_page, section = blocks(lines, style, section)
        found.append(of_page)
    separator = _APART
    for number, of_page in enumerate(found, 1):
        start = builder.begin_page(separator)
        following = found[number][0] if number < len(found) and found[number] else None
        for at, block in enumerate(of_page):
            text, after = block.text, _APART
            if following and at == len(of_page) - 1 and continues(block, following):
                text, after = seam(text, following.text)
            if block.level:
                builder.heading(block.level, text)
            else:
                builder.block(text, separator=separator)
            separator = after
        builder.end_page(number, start, labels[number - 1])
