"""One edited paragraph of a long document: how many chunks are embedded, counted."""

import random
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
    return f"{' '.join(words).capitalize()} {rng.randint(10, 9999)}."


def paragraphs(number: int, longest: int = 6) -> list[str]:
    rng = random.Random(7)
    return [" ".join(sentence(rng) for _ in range(rng.randint(1, longest))) for _ in range(number)]


EDITED = "Este parágrafo foi trocado por outro. Ele diz outra coisa, e é mais curto do que era."


def pdf(path: Path, texts: list[str]) -> int:
    """``texts`` on pages of a small book, and how many pages that took."""
    canvas = Canvas(str(path), pagesize=A5)
    canvas.setFont("Helvetica", 10)
    y, pages = 560, 1
    for text in texts:
        lines, line = [], ""
        for word in text.split():
            if len(line) + len(word) > 68:
                lines.append(line)
                line = ""
            line += f" {word}" if line else word
        for shown in [*lines, line]:
            if y < 40:
                canvas.showPage()
                canvas.setFont("Helvetica", 10)
                y, pages = 560, pages + 1
            canvas.drawString(30, y, shown)
            y -= 13
        y -= 13
    canvas.save()
    return pages


@pytest.mark.slow
def test_one_edited_paragraph_of_300_pages_embeds_the_chunks_it_touches(tmp_path):
    folder, texts = tmp_path / "docs", paragraphs(2400)
    folder.mkdir()
    assert pdf(folder / "book.pdf", texts) >= 300
    first = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    texts[1200] = EDITED
    pdf(folder / "book.pdf", texts)
    report = ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    with Index.open(tmp_path / "ix").pin() as snapshot:
        (document,) = snapshot.documents()
        text = snapshot.document(document.doc_id).text
        chunks = snapshot.passages(snapshot.chunk_ids())
    at = text.index("Este parágrafo foi trocado")
    touched = [chunk for chunk in chunks if chunk.start < at + len(EDITED) and at < chunk.end]
    assert first.chunks_embedded > 300
    # Its own, and on either side at most one whose border it moved.
    assert 1 <= report.chunks_embedded <= len(touched) + 2
    assert report.chunks_embedded + report.chunks_reused == len(chunks)


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
    assert max(beyond) <= 8
    assert sum(beyond) / len(beyond) < 1


def chunks_of(texts: list[str]):
    text = "\n\n".join(texts)
    return split(Document("d", "d", "", "x", "pt", text, "x"), HashingEncoder(), ChunkSettings(tokens=96))
