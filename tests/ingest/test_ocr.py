"""Scans and images: reported without OCR, read with it. The first tests use tesseract itself, where it is installed."""

import io
import os
import stat
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
import reportlab
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from ingest import ingest_folder
from ingest.read import extract, ocr
from ingest.read.ocr import HINT, NeedsOcr, Ocr, OutOfTime, Tesseract
from ingest.read.worker import Reader
from rag.config import IngestSettings, Settings
from rag.doctor import doctor
from rag.errors import UnreadableFile
from rag.index import Index
from tests.conftest import SAMPLE
from tests.doubles import HashingEncoder
from tests.ingest.test_pdf_pages import PRIVATE, PROSE, with_font

ENGINE = ocr.installed()
needs_tesseract = pytest.mark.skipif(
    ENGINE is None or set(ENGINE.languages) != {"por", "eng"},
    reason="tesseract with Portuguese and English is not installed",
)
LINES = ("A garantia da bomba é de 24 meses,", "contados da entrega. Não cobre os selos", "nem os anéis de borracha.")
TEXT = "A garantia da bomba é de 24 meses, contados da entrega. Não cobre os selos nem os anéis de borracha."
FIRST_PAGE = "O crivo deve ser limpo uma vez por semana."


def reading(seconds: float = 60) -> Ocr:
    assert ENGINE is not None
    return Ocr(ENGINE, time.monotonic() + seconds)


def picture(*lines: str, size: tuple[int, int] = (1240, 700)) -> Image.Image:
    """Lines as a scanner at 150 dots an inch gives them."""
    image = Image.new("L", size, 250)
    font = ImageFont.truetype(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf", 32)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((100, 80 + 48 * number), line, fill=20, font=font)
    return image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, dpi=(150, 150), **options)
    return data.getvalue()


def pdf(*pages: str | Image.Image) -> bytes:
    data = io.BytesIO()
    canvas = Canvas(data)
    for page in pages:
        if isinstance(page, str):
            canvas.drawString(60, 780, page)
        else:
            canvas.drawImage(ImageReader(page), 0, 400, 595, 336)
        canvas.showPage()
    canvas.save()
    return data.getvalue()


def said(text: str) -> str:
    return " ".join(text.split())


@needs_tesseract
@pytest.mark.parametrize(
    ("kind", "suffix"),
    [("PNG", "png"), ("JPEG", "jpg"), ("TIFF", "tif"), ("GIF", "gif"), ("BMP", "bmp"), ("WEBP", "webp")],
)
def test_an_image_is_read(kind, suffix):
    media_type, found = extract(saved(picture(*LINES), kind), f"x.{suffix}", reading())
    assert media_type == f"image/{kind.lower()}"
    assert said(found.text) == TEXT
    assert found.warnings == ("page 1: read by OCR",)


@needs_tesseract
def test_the_pictures_of_a_tiff_are_pages():
    data = saved(picture(*LINES), "TIFF", save_all=True, append_images=[picture(FIRST_PAGE)])
    found = extract(data, "x.tiff", reading())[1]
    assert [said(found.text[page.start : page.end]) for page in found.pages] == [TEXT, FIRST_PAGE]
    assert found.warnings == ("pages 1–2: read by OCR",)


@needs_tesseract
def test_a_photograph_taken_sideways_and_a_transparent_drawing_are_read():
    exif = Image.Exif()
    exif[0x0112] = 6
    sideways = saved(picture(*LINES).rotate(90, expand=True), "JPEG", exif=exif)
    assert said(extract(sideways, "x.jpg", reading())[1].text) == TEXT
    ink = picture(*LINES)
    drawing = Image.new("RGBA", ink.size, (0, 0, 0, 0))
    drawing.putalpha(ink.point(lambda grey: 255 - grey if grey < 128 else 0))
    assert said(extract(saved(drawing, "PNG"), "x.png", reading())[1].text) == TEXT


@needs_tesseract
def test_of_a_pdf_the_scanned_page_is_read_and_the_other_kept():
    found = extract(pdf(FIRST_PAGE, picture(*LINES)), "m.pdf", reading())[1]
    assert [said(found.text[page.start : page.end]) for page in found.pages] == [FIRST_PAGE, TEXT]
    assert found.warnings == ("page 2: no text layer (a scan?); read by OCR",)


def stamped() -> bytes:
    """A scan over the whole page, and the line that a scanning program writes below it."""
    data = io.BytesIO()
    canvas = Canvas(data)
    canvas.drawImage(ImageReader(picture(*LINES, size=(1240, 1754))), 0, 0, 595, 842)
    canvas.drawString(60, 20, "Digitalizado com Escaner")
    canvas.save()
    return data.getvalue()


@needs_tesseract
def test_a_scan_with_a_stamp_is_read_whole():
    found = extract(stamped(), "m.pdf", reading())[1]
    assert said(found.text).startswith(TEXT)
    assert found.warnings == ("page 1: a picture with little text (a scan?); read by OCR",)


def test_without_ocr_a_scan_with_a_stamp_is_reported():
    assert extract(stamped(), "m.pdf")[1].warnings == ("page 1: a picture with little text (a scan?)",)


@needs_tesseract
def test_a_garbled_page_is_read_as_it_looks():
    found = extract(with_font(PRIVATE), "m.pdf", reading())[1]
    assert [said(found.text[page.start : page.end]) for page in found.pages] == [" ".join(PROSE)] * 2
    assert found.warnings == ("page 2: its text layer is garbled; read by OCR",)


@needs_tesseract
def test_of_a_moving_picture_the_first_is_read():
    moving = saved(picture(*LINES), "GIF", save_all=True, append_images=[picture("Outra coisa."), picture("Mais uma.")])
    assert said(extract(moving, "m.gif", reading())[1].text) == TEXT


def test_a_note_that_begins_like_a_picture_is_a_note():
    assert extract(b"BMW, RIFF e GIF8 na mesma frase.", "carros")[0] == "text/plain"


@needs_tesseract
def test_the_scan_of_the_sample_is_read():
    found = extract((SAMPLE / "comprovante-8812.pdf").read_bytes(), "c.pdf", reading())[1]
    assert "8812" in found.text


@needs_tesseract
def test_a_picture_without_writing_is_refused_and_an_empty_page_is_not_asked_about():
    noise = Image.effect_noise((900, 600), 80)
    with pytest.raises(UnreadableFile, match="OCR: no text found"):
        extract(pdf(noise), "m.pdf", reading())
    assert extract(pdf(FIRST_PAGE, ""), "m.pdf", reading())[1].warnings == ("page 2: no text layer (a scan?)",)


@needs_tesseract
def test_a_file_refused_for_want_of_ocr_is_read_once_there_is_one(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "scan.pdf").write_bytes(pdf(picture(*LINES)))
    (tmp_path / "docs" / "foto.png").write_bytes(saved(picture(FIRST_PAGE), "PNG"))

    def outcomes(with_ocr: bool) -> list[tuple[str, str]]:
        settings = Settings(ingest=IngestSettings(ocr=with_ocr))
        report = ingest_folder(tmp_path / "docs", tmp_path / "ix", settings, encoder=HashingEncoder())
        return [(line.source, line.outcome) for line in report.files]

    assert outcomes(False) == [("foto.png", "refused"), ("scan.pdf", "refused")]
    assert outcomes(False) == [("foto.png", "refused"), ("scan.pdf", "refused")]
    assert outcomes(True) == [("foto.png", "added"), ("scan.pdf", "added")]
    assert outcomes(True) == [("foto.png", "unchanged"), ("scan.pdf", "unchanged")]
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert {said(chunk.text) for chunk in snapshot.passages(snapshot.chunk_ids())} == {TEXT, FIRST_PAGE}


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (pdf(picture(*LINES)), "m.pdf", "no text layer (a scan?)"),
        (with_font(PRIVATE, pages=1), "m.pdf", "its text layer is garbled"),
        (saved(picture(*LINES), "PNG"), "x.png", "an image (PNG)"),
        (saved(picture(*LINES), "JPEG"), "x.jpg", "an image (JPEG)"),
        (saved(picture(*LINES), "TIFF"), "x.tif", "an image (TIFF)"),
    ],
)
def test_without_ocr_pictures_are_refused_with_what_to_do(data, name, reason):
    with pytest.raises(NeedsOcr) as refused:
        extract(data, name)
    assert (refused.value.message, refused.value.hint) == (reason, HINT)
    assert str(refused.value) in ocr.refusals()


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Puts a program of this name and text first on the path."""

    def make(script: str) -> Tesseract:
        program = tmp_path / "bin" / "tesseract"
        program.parent.mkdir(exist_ok=True)
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
        return Tesseract(str(program), "5", ("por",), False)

    return make


def test_a_page_that_the_program_fails_on_is_named_and_the_others_kept(stand_in):
    engine = stand_in("echo 'Image too small' >&2; exit 1")
    found = extract(pdf(FIRST_PAGE, picture(*LINES)), "m.pdf", Ocr(engine, time.monotonic() + 9))[1]
    assert found.text == FIRST_PAGE
    assert found.warnings == ("page 2: no text layer (a scan?); OCR: tesseract failed (Image too small)",)


def test_pages_left_when_the_files_time_ends_are_named_and_a_file_of_them_is_late(stand_in):
    engine = stand_in("exec sleep 30")
    started = time.monotonic()
    found = extract(pdf(FIRST_PAGE, picture(*LINES)), "m.pdf", Ocr(engine, started + 0.3))[1]
    late = "page 2: no text layer (a scan?); OCR: no time left (ingest.file_timeout_s)"
    assert (found.text, found.warnings) == (FIRST_PAGE, (late,))
    with pytest.raises(OutOfTime):
        extract(pdf(picture(*LINES)), "m.pdf", Ocr(engine, time.monotonic() + 0.3))
    assert time.monotonic() - started < 20


def test_a_scan_that_takes_too_long_is_refused_by_the_readers_limit(stand_in, tmp_path):
    stand_in('case "$1" in --version) echo tesseract 5;; --list-langs) echo por;; *) exec sleep 30;; esac')
    file = tmp_path / "m.pdf"
    file.write_bytes(pdf(picture(*LINES)))
    reader = Reader(IngestSettings(ocr=True, file_timeout_s=3))
    try:
        refusal = reader.read(file, "m.pdf").refusal
        assert refusal == "took longer than 3 s (ingest.file_timeout_s)"
        assert refusal in reader.limits
    finally:
        reader.close()


def checked(monkeypatch, tmp_path, wanted: str = "true") -> dict[str, str]:
    import json

    from click.testing import CliRunner

    monkeypatch.setenv("LASTRO_INGEST__OCR", wanted)
    monkeypatch.setenv("LASTRO_MODELS__CACHE_DIR", str(tmp_path))
    result = CliRunner().invoke(doctor, ["--json"], standalone_mode=False)
    return next(check for check in json.loads(result.stdout) if check["name"] == "OCR")


def test_the_doctor_says_whether_there_is_ocr_and_how_to_have_it(stand_in, monkeypatch, tmp_path):
    stand_in('if [ "$1" = --version ]; then echo tesseract 5.3.0; else echo osd eng por; fi')
    assert checked(monkeypatch, tmp_path)["found"] == "tesseract 5.3.0 (por, eng)"
    stand_in('if [ "$1" = --version ]; then echo tesseract 5.3.0; else echo eng; fi')
    assert checked(monkeypatch, tmp_path)["remedy"] == "Install its language data: tesseract-ocr-por."
    assert "switched off" in checked(monkeypatch, tmp_path, "false")["found"]
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    without = checked(monkeypatch, tmp_path)
    assert without["well"]
    assert without["remedy"] == HINT


def test_a_broken_or_huge_image_is_refused(stand_in):
    engine = stand_in("exit 0")
    whole = saved(picture(*LINES), "PNG")
    for data, reason in ((whole[:300], "broken image"), (b"\x89PNG\r\n\x1a\n" + b"0" * 50, "broken image")):
        with pytest.raises(UnreadableFile, match=reason):
            extract(data, "x.png", Ocr(engine, time.monotonic() + 9))
    for side in (9_300, 9_600, 20_000):
        with pytest.raises(UnreadableFile, match="more than 85 million pixels"):
            extract(saved(Image.new("1", (side, side)), "PNG"), "x.png", Ocr(engine, time.monotonic() + 9))


@needs_tesseract
@pytest.mark.parametrize("kind", ["eml", "mbox"])
def test_a_picture_that_came_by_mail_is_read(kind):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Garantia", "a@x.example", "b@x.example"
    message["Date"] = "Tue, 5 Mar 2024 10:00:00 -0300"
    message.set_content("Segue a foto do termo.")
    message.add_attachment(saved(picture(*LINES), "PNG"), "image", "png", filename="termo.png")
    data = bytes(message)
    if kind == "mbox":
        data = b"From a@x.example Tue Mar  5 10:00:00 2024\n" + data
    found = extract(data, f"x.{kind}", reading())[1]
    assert TEXT in " ".join(found.text.split())
    assert "termo.png" in [heading.title for heading in found.headings]
    without = extract(data, f"x.{kind}")[1]
    assert TEXT not in " ".join(without.text.split())
    assert "termo.png" in without.warnings[0]
