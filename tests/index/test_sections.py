"""The section around a chunk: the same on disk and in memory, whole chunks of the same headings, with their pages."""

from pathlib import Path

import pytest

from ingest.split import split
from rag.config import ChunkSettings
from rag.index import Batch, Fingerprint, Index, MemoryIndex
from rag.pages import page_at, pages_within
from rag.types import Document, Heading, Page
from tests.doubles import HashingEncoder

ENCODER = HashingEncoder()
FINGERPRINT = Fingerprint("hashing-256", 256, "", "", 32, 1, "x")


def manual() -> Document:
    """Two sections of nine sentences of ten words each; a page every five sentences."""
    text, headings, pages = "", [], []
    for number, title in enumerate(("Uso", "Erros")):
        start = len(text)
        text += f"{title}\n\n"
        headings.append(Heading(1, title, start, start + len(title)))
        for sentence in range(9):
            if sentence in (0, 5):
                pages.append((len(text) if pages else 0, "iv" if not pages else ""))
            text += f"Na parte {number} a frase {sentence} diz algo da bomba. "
        text += "\n\n"
    ends = [start for start, _ in pages[1:]] + [len(text)]
    numbered = tuple(
        Page(n, start, end, label) for n, ((start, label), end) in enumerate(zip(pages, ends, strict=True), 1)
    )
    return Document("d", "d.txt", "Manual", "text/plain", "pt", text, "x", numbered, tuple(headings))


@pytest.fixture
def indexes(tmp_path: Path):
    document = manual()
    chunks = split(document, ENCODER, ChunkSettings(tokens=32))
    vectors = ENCODER.encode([chunk.text for chunk in chunks], "passage")
    stored = Index.create(tmp_path / "ix", FINGERPRINT)
    with stored.writer() as writer:
        writer.commit(Batch([(document, chunks, vectors)]))
    with stored.pin() as snapshot:
        yield document, snapshot, MemoryIndex([document], chunks, vectors)


@pytest.mark.parametrize("reach", [0, 50, 150, 400, 10_000])
def test_the_section_is_a_slice_of_the_document_around_the_chunk(indexes, reach):
    document, snapshot, memory = indexes
    ids = snapshot.chunk_ids()
    found = snapshot.sections(ids, reach)
    assert found == memory.sections(range(len(ids)), reach)
    for chunk, section in zip(snapshot.passages(ids), found, strict=True):
        assert document.text[section.start : section.end] == section.text
        assert chunk.start - reach <= section.start <= chunk.start
        assert chunk.end <= section.end <= chunk.end + reach
        assert chunk.text in section.text


def test_without_reach_the_section_is_the_chunk(indexes):
    _, snapshot, _ = indexes
    ids = snapshot.chunk_ids()
    assert [s.text for s in snapshot.sections(ids, 0)] == [c.text for c in snapshot.passages(ids)]


def test_a_section_ends_where_the_headings_change(indexes):
    _, snapshot, _ = indexes
    ids = snapshot.chunk_ids()
    whole = {section.text for section in snapshot.sections(ids, 10_000)}
    assert len(whole) == 2
    assert {("parte 0" in text, "parte 1" in text) for text in whole} == {(True, False), (False, True)}
    assert all("frase 0" in text and "frase 8" in text for text in whole)


def test_a_section_knows_the_pages_it_touches_and_what_is_printed_on_them(indexes):
    _, snapshot, _ = indexes
    first, *_, last = snapshot.sections(snapshot.chunk_ids(), 10_000)
    assert [(page.number, page.label) for page in first.pages] == [(1, "iv"), (2, "")]
    assert [page.number for page in last.pages] == [3, 4]


PAGES = (Page(1, 0, 10), Page(2, 12, 20), Page(3, 22, 30))


@pytest.mark.parametrize(("offset", "number"), [(0, 1), (9, 1), (11, 1), (12, 2), (21, 2), (22, 3), (99, 3)])
def test_a_place_between_two_pages_belongs_to_the_one_before(offset, number):
    assert page_at(PAGES, offset).number == number


def test_a_document_without_pages_has_none():
    assert page_at((), 5) is None
    assert pages_within((), 0, 9) == ()


def test_the_pages_of_a_span_are_those_it_touches():
    assert [page.number for page in pages_within(PAGES, 9, 23)] == [1, 2, 3]
    assert [page.number for page in pages_within(PAGES, 10, 12)] == [1]
