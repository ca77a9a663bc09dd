"""Files of almost nothing, of nothing but headings, of one endless line: read whole or refused with the reason."""

import base64
import io
import os
import threading
import time

import docx
import pytest
from reportlab.pdfgen.canvas import Canvas

from ingest.read import Extract, extract
from ingest.read.worker import _answer
from ingest.split import split
from rag.config import ChunkSettings
from rag.errors import UnreadableFile
from rag.types import Chunk, Document
from tests.doubles import HashingEncoder

SUFFIXES = ("txt", "md", "html", "docx", "pdf")


def made(suffix: str, *paragraphs: str, heading: bool = False) -> bytes:
    """A file of these paragraphs, or of these headings, as its usual program writes it."""
    if suffix == "docx":
        document, data = docx.Document(), io.BytesIO()
        for text in paragraphs:
            document.add_paragraph(text, style="Heading 1" if heading else None)
        document.save(data)
        return data.getvalue()
    if suffix == "pdf":
        data = io.BytesIO()
        canvas = Canvas(data)
        for number, text in enumerate(paragraphs):
            canvas.drawString(60, 780 - 30 * number, text.upper() if heading else text)
        canvas.showPage()
        canvas.save()
        return data.getvalue()
    if suffix == "html":
        tag = "h1" if heading else "p"
        return ("<!doctype html>" + "".join(f"<{tag}>{text}</{tag}>" for text in paragraphs)).encode()
    mark = "# " if heading and suffix == "md" else ""
    return "\n\n".join(mark + (text.upper() if heading else text) for text in paragraphs).encode()


def chunks(found: Extract) -> list[Chunk]:
    document = Document("d", "d", "", "x", "pt", found.text, "x", found.pages, found.headings)
    made_of = split(document, HashingEncoder(), ChunkSettings())
    assert all(found.text[chunk.start : chunk.end] == chunk.text for chunk in made_of)
    return made_of


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("data", [b"", b"\n", b" \t\r\n" * 9, b"#", b"<", b"-", b"\xff", b"\x00"])
def test_a_file_of_nothing_is_refused_whatever_its_name(data, suffix):
    with pytest.raises(UnreadableFile):
        extract(data, f"x.{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_document_of_white_space_is_refused(suffix):
    with pytest.raises(UnreadableFile):
        extract(made(suffix, " ", "  "), f"x.{suffix}")


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_document_of_one_letter_is_one_chunk(suffix):
    found = extract(made(suffix, "a"), f"x.{suffix}")[1]
    assert [chunk.text for chunk in chunks(found)] == ["a"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_document_of_headings_alone_is_found_by_all_of_them(suffix):
    found = extract(made(suffix, "Férias coletivas", "Plano de saúde", heading=True), f"x.{suffix}")[1]
    assert len(found.headings) == 2
    assert " ".join(chunk.text for chunk in chunks(found)).casefold() == "férias coletivas\n\nplano de saúde"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("suffix", ["txt", "md", "html", "docx"])
def test_a_line_of_a_million_characters_is_read_whole_in_seconds(suffix):
    line = "palavra " * 125_000
    found = extract(made(suffix, line), f"x.{suffix}")[1]
    assert found.text == line.strip()
    assert " ".join(chunk.text for chunk in chunks(found)) == found.text


@pytest.mark.timeout(60)
def test_a_line_of_a_million_numbers_is_split_in_seconds():
    found = extract(b"1. " * 333_000, "x.txt")[1]
    assert chunks(found)[-1].end == len(found.text)


def test_what_is_nested_deeply_is_read_and_what_follows_it_too():
    page = f"<!doctype html><p>antes</p>{'<div>' * 300}dentro{'</div>' * 300}<p>depois</p>"
    assert extract(page.encode(), "x.html")[1].text == "antes\n\ndentro\n\ndepois"
    items = "\n".join(f"{'  ' * depth}- item {depth}" for depth in range(40))
    assert extract(items.encode(), "x.md")[1].text == "\n".join(f"- item {depth}" for depth in range(40))


def test_what_is_nested_absurdly_is_refused_by_name():
    with pytest.raises(UnreadableFile, match="nested too deeply"):
        extract(f"<!doctype html>{'<div>' * 5000}dentro".encode(), "x.html")


def test_a_file_that_is_written_while_it_is_read_says_so(tmp_path):
    path, ended = tmp_path / "log.txt", threading.Event()

    def write() -> None:
        with path.open("a", encoding="utf-8") as log:
            while not ended.is_set():
                log.write("A bomba parou outra vez.\n" * 40)
                log.flush()

    path.write_text("A bomba parou.\n", encoding="utf-8")
    writer = threading.Thread(target=write)
    writer.start()
    request = {"path": base64.b64encode(os.fsencode(path)).decode(), "source": "log.txt", "known": ""}
    deadline = time.monotonic() + 30
    warnings: tuple[str, ...] = ()
    try:
        while not warnings and time.monotonic() < deadline:
            path.write_bytes(b"A bomba parou.\n")
            warnings = _answer(request)["extract"]["warnings"]
    finally:
        ended.set()
        writer.join()
    assert warnings == ("it was being written while it was read; ingest again once it is at rest",)
    assert _answer(request)["extract"]["warnings"] == ()
