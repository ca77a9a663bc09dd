"""Offsets are exact for every chunk of every format, of sound files and of files with a flipped bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import MEDIA_TYPES, Extract, extract
from ingest.read.ocr import IMAGES
from ingest.split import split
from rag.config import ChunkSettings
from rag.types import Document
from tests.doubles import HashingEncoder
from tests.ingest.hostile import sound
from tests.ingest.test_ocr import LINES, needs_tesseract, pdf, picture, reading, saved

SOUND = sound()


def check(found: Extract, name: str, tokens: int) -> int:
    """How many chunks it has; each is the slice its offsets say, on a page and under headings that are there."""
    text = found.text
    document = Document("d", name, "", "", "pt", text, "", found.pages, found.headings)
    chunks = split(document, HashingEncoder(), ChunkSettings(tokens=tokens))
    for heading in found.headings:
        assert 0 <= heading.start <= heading.end <= len(text)
        assert text[heading.start : heading.end] in {heading.title, ""}
    assert [page.number for page in found.pages] == sorted({page.number for page in found.pages})
    assert all(0 <= page.start <= page.end <= len(text) for page in found.pages)
    titles = {heading.title for heading in found.headings}
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.text
        assert set(chunk.headings) <= titles
        assert (chunk.page is None) == (not found.pages)
    return len(chunks)


@pytest.mark.parametrize("tokens", [32, 160])
@pytest.mark.parametrize("name", SOUND)
def test_of_a_sound_file(name, tokens):
    assert check(extract(SOUND[name], name)[1], name, tokens) > 0


@needs_tesseract
@pytest.mark.parametrize("kind", IMAGES)
def test_of_a_picture(kind):
    data = saved(picture(*LINES), kind.upper())
    assert check(extract(data, f"x.{kind}", reading())[1], f"x.{kind}", 32) > 0


@needs_tesseract
def test_of_a_scan():
    assert check(extract(pdf(picture(*LINES), picture(*LINES)), "x.pdf", reading())[1], "x.pdf", 32) > 1


def test_every_format_that_is_read_is_among_them():
    """Pictures, which OCR reads, have tests of their own; ``text/plain`` is plain text and source code."""
    read = {extract(data, name)[0] for name, data in SOUND.items()}
    assert set(MEDIA_TYPES.values()) - read == {f"image/{kind}" for kind in IMAGES}


@pytest.mark.parametrize("name", [name for name in SOUND if not name.endswith(".pdf")])
@settings(max_examples=12)
@given(place=st.floats(0, 0.999), bit=st.integers(0, 7))
def test_of_a_file_with_a_flipped_bit(name, place, bit):
    data = bytearray(SOUND[name])
    data[int(place * len(data))] ^= 1 << bit
    try:
        found = extract(bytes(data), name)[1]
    except Exception:  # noqa: BLE001 — the worker makes a refusal of it; hostile files ask for that
        return
    check(found, name, 64)
