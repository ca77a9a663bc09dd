"""One edited paragraph of a long document: how many chunks are embedded, counted."""

import random
import textwrap
from pathlib import Path

import pytest
from reportlab.lib.pagesizes import A5
from reportlab.pdfgen.canvas import Canvas

from ingest import ingest_folder
from ingest.split import split
from rag.config import ChunkSettings
from rag.index import Index
from rag.types import Document
from tests.doubles import HashingEncoder

WORDS = "bomba rotor selo mola eixo carcaça garantia prazo óleo pressão vazão motor filtro válvula junta".split()


def sentence(rng: random.Random) -> str:
    words = rng.choices(WORDS, k=rng.randint(6, 16))
    return f"{words[0].capitalize()} {rng.randint(10, 9999)} {' '.join(words[1:])}."


def paragraphs(number: int, longest: int = 6) -> list[str]:
    rng = random.Random(7)
    return [" ".join(sentence(rng) for _ in range(rng.randint(1, longest))) for _ in range(number)]


EDITED = "Este parágrafo foi trocado por outro. Ele diz outra coisa, e é mais curto do que era."


def pdf(path: Path, texts: list[str], of_a_page: int) -> None:
    """A book of so many paragraphs a page."""
    canvas = Canvas(str(path), pagesize=A5)
    for first in range(0, len(texts), of_a_page):
        canvas.setFont("Helvetica", 8)
        y = 570
        for text in texts[first : first + of_a_page]:
            for line in [*textwrap.wrap(text, 88), ""]:
                canvas.drawString(30, y, line)
                y -= 10
        canvas.showPage()
    canvas.save()


def touched(index: Path) -> tuple[int, int]:
    """How many chunks of the index's one document hold some of the edit, and how many there are."""
    with Index.open(index).pin() as snapshot:
        (document,) = snapshot.documents()
        text = snapshot.document(document.doc_id).text
        chunks = snapshot.passages(snapshot.chunk_ids())
    at = text.index("Este parágrafo foi trocado")
    return sum(chunk.start < at + len(EDITED) and at < chunk.end for chunk in chunks), len(chunks)


@pytest.mark.slow
def test_one_edited_paragraph_of_300_printed_pages_embeds_the_chunks_it_touches(tmp_path):
    folder, texts = tmp_path / "docs", paragraphs(300 * 6)
    folder.mkdir()
    pdf(folder / "book.pdf", texts, 6)
    first = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    texts[900] = EDITED
    pdf(folder / "book.pdf", texts, 6)
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert [document.pages for document in snapshot.documents()] == [300]
    held, of = touched(tmp_path / "ix")
    assert first.chunks_embedded > 300
    # Those that hold it, and on either side at most one whose border it moved.
    assert 1 <= report.chunks_embedded <= held + 2
    assert report.chunks_embedded + report.chunks_reused == of


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 333, 900, 1234, 1799])
def test_one_edited_paragraph_of_300_pages_of_text_embeds_the_chunks_it_touches(place, tmp_path):
    folder, texts = tmp_path / "docs", paragraphs(300 * 6)
    folder.mkdir()
    (folder / "book.txt").write_text("\n\n".join(texts), encoding="utf-8")
    assert (folder / "book.txt").stat().st_size > 300 * 1700  # a page of a paperback has so many characters
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    texts[place] = EDITED
    (folder / "book.txt").write_text("\n\n".join(texts), encoding="utf-8")
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    held, of = touched(tmp_path / "ix")
    assert 1 <= report.chunks_embedded <= held + 2
    assert report.chunks_embedded + report.chunks_reused == of


@pytest.mark.parametrize("longest", [2, 6, 12])
def test_wherever_the_edit_is_few_chunks_after_it_change(longest):
    texts = paragraphs(600, longest)
    before = {chunk.text for chunk in chunks_of(texts)}
    beyond = []
    for place in range(20, 580, 46):
        edited = [*texts[:place], EDITED, *texts[place + 1 :]]
        at = len("\n\n".join(texts[:place])) + 2
        made = chunks_of(edited)
        touched = sum(chunk.start < at + len(EDITED) and at < chunk.end for chunk in made)
        beyond.append(sum(chunk.text not in before for chunk in made) - touched)
    assert max(beyond) <= 2
    assert sum(beyond) / len(beyond) < 1


def chunks_of(texts: list[str]):
    text = "\n\n".join(texts)
    return split(Document("d", "d", "", "x", "pt", text, "x"), HashingEncoder(), ChunkSettings(tokens=96))


def test_lines_that_break_elsewhere_are_no_edit(tmp_path):
    folder, text = tmp_path / "docs", " ".join(paragraphs(20))
    folder.mkdir()
    (folder / "a.txt").write_text(textwrap.fill(text, 70), encoding="utf-8")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    (folder / "a.txt").write_text(textwrap.fill(text, 90), encoding="utf-8")
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    assert (report.totals["updated"], report.chunks_embedded) == (1, 0)
