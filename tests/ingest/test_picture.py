"""A page of a PDF is drawn with a span marked, by a child that no file can make more of than a refusal."""

import hashlib
import io
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ingest.read import extract
from ingest.read.picture import Painter, Picture
from rag.config import IngestSettings
from rag.errors import SourceChanged, SourceGone, UnreadableFile
from rag.types import Document

WIDTH, HEIGHT = 595.0, 842.0
LINE = "A garantia cobre as partes durante dois anos."


def pdf(*pages: str, size: tuple[float, float] = (WIDTH, HEIGHT)) -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data, pagesize=size)
    for text in pages:
        canvas.setFont("Helvetica", 20)
        canvas.drawString(60, size[1] - 100, text)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def document_at(path: Path, data: bytes) -> Document:
    path.write_bytes(data)
    found = extract(data, path.name)[1]
    digest = hashlib.sha256(data).hexdigest()
    return Document("d", path.name, "", "application/pdf", "pt", found.text, digest, found.pages)


@pytest.fixture
def painter() -> Iterator[Painter]:
    with closing(Painter(IngestSettings())) as painter:
        yield painter


def drawn(painter: Painter, path: Path, document: Document, said: str, page: int = 1, width: int = 595) -> Picture:
    start = document.text.index(said)
    return painter.paint(path, document, page, (start, start + len(said)), width)


def pixels(picture: Picture) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(picture.png)).convert("RGB"))


def test_what_is_marked_is_yellow_and_its_letters_stay_black(painter, tmp_path):
    path = tmp_path / "m.pdf"
    picture = drawn(painter, path, document_at(path, pdf(LINE)), "garantia cobre")
    image = pixels(picture)
    [(left, top, right, bottom)] = picture.boxes
    marked = image[int(top * 842) : int(bottom * 842), int(left * 595) : int(right * 595)]
    assert np.median(marked, axis=(0, 1)).tolist() == [255, 226, 110]
    assert marked.min() < 40
    outside = image.copy()
    outside[int(top * 842) - 4 : int(bottom * 842) + 4, int(left * 595) - 4 : int(right * 595) + 4] = 255
    assert (outside.max(axis=2) - outside.min(axis=2)).max() == 0  # black, white and grey


def test_boxes_are_shares_of_the_page(painter, tmp_path):
    path = tmp_path / "m.pdf"
    [(left, top, _, bottom)] = drawn(painter, path, document_at(path, pdf(LINE)), "A garantia").boxes
    assert left == pytest.approx(60 / WIDTH, abs=0.002)
    assert top < 100 / HEIGHT < bottom  # the base line


def test_a_span_of_another_page_marks_nothing(painter, tmp_path):
    path = tmp_path / "m.pdf"
    document = document_at(path, pdf(LINE, "Outra coisa."))
    assert drawn(painter, path, document, "garantia", page=2).boxes == ()
    assert drawn(painter, path, document, "Outra", page=2).boxes != ()


def test_a_picture_is_as_wide_as_asked_and_as_high_as_its_page_needs(painter, tmp_path):
    path = tmp_path / "m.pdf"
    picture = drawn(painter, path, document_at(path, pdf(LINE)), "garantia", width=1190)
    assert (picture.width, picture.height) == (1190, 1684)
    assert Image.open(io.BytesIO(picture.png)).size == (1190, 1684)


def test_a_page_as_long_as_a_roll_is_drawn_smaller(painter, tmp_path):
    path = tmp_path / "m.pdf"
    picture = drawn(painter, path, document_at(path, pdf(LINE, size=(200, 14_000))), "A", width=2400)
    assert picture.width * picture.height < 12.1e6


def test_a_file_that_has_changed_is_not_drawn(painter, tmp_path):
    path = tmp_path / "m.pdf"
    document = document_at(path, pdf(LINE))
    path.write_bytes(pdf("Outra versão."))
    with pytest.raises(SourceChanged, match=r"m\.pdf has changed"):
        drawn(painter, path, document, "garantia")


@pytest.mark.timeout(30)  # opened as a file, a pipe would wait for as long as a page may take
def test_a_file_that_became_a_pipe_is_said_to_have_changed_at_once(painter, tmp_path):
    path = tmp_path / "m.pdf"
    document = document_at(path, pdf(LINE))
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SourceChanged, match=r"m\.pdf has changed"):
        drawn(painter, path, document, "garantia")


def test_a_file_that_is_gone_is_said_to_be(painter, tmp_path):
    path = tmp_path / "m.pdf"
    document = document_at(path, pdf(LINE))
    path.unlink()
    with pytest.raises(SourceGone, match="not there"):
        drawn(painter, path, document, "garantia")


def test_a_file_that_pdfium_cannot_open_is_refused(painter, tmp_path):
    path = tmp_path / "m.pdf"
    document = document_at(path, pdf(LINE))
    path.write_bytes(b"%PDF-1.7 nothing else")
    broken = replace(document, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(UnreadableFile, match="not a PDF that can be opened"):
        drawn(painter, path, broken, "garantia")


def test_a_child_that_dies_costs_one_picture(painter, tmp_path):
    path = tmp_path / "m.pdf"
    document = document_at(path, pdf(LINE))
    first = drawn(painter, path, document, "garantia")
    assert painter._child.pid is not None
    os.kill(painter._child.pid, signal.SIGSTOP)
    os.kill(painter._child.pid, signal.SIGKILL)
    with pytest.raises(UnreadableFile, match="time or memory"):
        drawn(painter, path, document, "garantia")
    assert drawn(painter, path, document, "garantia") == first


def test_a_page_that_takes_too_long_is_refused(tmp_path):
    path = tmp_path / "m.pdf"
    document = document_at(path, pdf(LINE))
    with (
        closing(Painter(IngestSettings(file_timeout_s=0.01))) as painter,
        pytest.raises(UnreadableFile, match="time or memory"),
    ):
        drawn(painter, path, document, "garantia")


def test_a_page_that_needs_too_much_memory_is_refused(tmp_path):
    path = tmp_path / "m.pdf"
    document = document_at(path, pdf(LINE))
    with (
        closing(Painter(IngestSettings(file_memory_bytes=100_000_000))) as painter,
        pytest.raises(UnreadableFile, match="memory"),
    ):
        drawn(painter, path, document, "garantia")


def test_the_child_ends_with_its_painter(tmp_path):
    path = tmp_path / "m.pdf"
    painter = Painter(IngestSettings())
    drawn(painter, path, document_at(path, pdf(LINE)), "garantia")
    assert painter._child.pid is not None
    pid = painter._child.pid
    painter.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
