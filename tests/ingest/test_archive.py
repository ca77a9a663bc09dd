"""A zip is read within limits, whatever its headers say; what it holds is told by what it says it is."""

import io
import struct
import zipfile

import pytest
from docx import Document
from openpyxl import Workbook
from pptx import Presentation

from ingest.read import archive, extract
from ingest.read.archive import Archive
from rag.errors import UnreadableFile

CONTENT = (
    '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:text>'
    "<text:p>Olá &lol;</text:p></office:text></office:body></office:document-content>"
)
BILLION_LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha ha"><!ENTITY lol "&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY lol SYSTEM "file:///etc/passwd">]>'
ODT = "application/vnd.oasis.opendocument.text"


def zipped(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return data.getvalue()


def office(suffix: str) -> bytes:
    """A file of the one word ``segredo``, as its library writes it."""
    data = io.BytesIO()
    if suffix == "docx":
        document = Document()
        document.add_paragraph("segredo")
        document.save(data)
    elif suffix == "xlsx":
        workbook = Workbook()
        workbook.active["A1"] = "segredo"
        workbook.save(data)
    else:
        presentation = Presentation()
        presentation.slides.add_slide(presentation.slide_layouts[5]).shapes.title.text = "segredo"
        presentation.save(data)
    return data.getvalue()


def changed(data: bytes, **members: bytes) -> bytes:
    """The same package with these members in it, in place of those of the same name."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        return zipped({name: old.read(name) for name in old.namelist()} | members)


def main_part(data: bytes) -> str:
    names = {"word/document.xml", "xl/workbook.xml", "ppt/presentation.xml"}
    return (names & Archive(data).names).pop()


def flagged(data: bytes) -> bytes:
    """The same zip with every member marked as encrypted, in both of its headers."""
    out = bytearray(data)
    for magic, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(magic)
        while at >= 0:
            out[at + offset] |= 1
            at = data.find(magic, at + 4)
    return bytes(out)


OFFICE = ["docx", "xlsx", "pptx"]


@pytest.mark.parametrize("suffix", OFFICE)
@pytest.mark.parametrize("name", ["x", "x.pptx", "x.zip", "x.txt"])
def test_the_bytes_tell_the_format_whatever_the_name(suffix, name):
    media_type, found = extract(office(suffix), name)
    assert "openxmlformats" in media_type
    assert found.text.endswith("segredo")


@pytest.mark.parametrize("suffix", OFFICE)
def test_a_member_that_unpacks_to_hundreds_of_times_its_size_is_refused(suffix):
    with pytest.raises(
        UnreadableFile, match=r"unpacks to more than 200 times its size in x\.bin: refused as a zip bomb"
    ):
        extract(changed(office(suffix), **{"x.bin": bytes(20_000_000)}), f"x.{suffix}")


@pytest.mark.parametrize("suffix", OFFICE)
def test_an_archive_of_too_many_members_is_refused(suffix):
    many = {f"x/{number}": b"" for number in range(archive.MAX_MEMBERS)}
    with pytest.raises(UnreadableFile, match="more than 10000 parts"):
        extract(changed(office(suffix), **many), f"x.{suffix}")


def test_the_sum_of_all_members_is_limited_and_not_only_each(monkeypatch):
    monkeypatch.setattr(archive, "MAX_UNPACKED", 3_000_000)
    data = zipped({str(number): bytes(range(256)) * 4_000 for number in range(4)}, zipfile.ZIP_STORED)
    with pytest.raises(UnreadableFile, match="unpacks to more than 3 MB"):
        archive.check(data)


def test_one_member_is_limited(monkeypatch):
    monkeypatch.setattr(archive, "MAX_MEMBER", 1_000_000)
    with pytest.raises(UnreadableFile, match="unpacks to more than 1 MB in 0"):
        archive.check(zipped({"0": bytes(range(256)) * 4_000}, zipfile.ZIP_STORED))


def test_members_that_share_their_bytes_are_counted_each():
    data = zipped({"x": bytes(5_000_000)})
    entry, end = data.rfind(b"PK\x01\x02"), data.rfind(b"PK\x05\x06")
    archive.check(data)
    listed = 60
    tail = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, listed, listed, listed * (end - entry), entry, 0)
    with pytest.raises(UnreadableFile, match="refused as a zip bomb"):
        archive.check(data[:entry] + data[entry:end] * listed + tail)


@pytest.mark.parametrize("said", [1, 100, 4_000_000_000])
def test_a_header_that_lies_about_the_size_gains_nothing(said):
    data = zipped({"x": bytes(30_000_000)})
    out = bytearray(data)
    struct.pack_into("<I", out, data.find(b"PK\x03\x04") + 22, said)
    struct.pack_into("<I", out, data.rfind(b"PK\x01\x02") + 24, said)
    with pytest.raises(UnreadableFile, match=r"damaged|zip bomb"):
        archive.check(bytes(out))


def test_a_header_that_claims_a_size_too_large_does_not_make_a_small_file_a_bomb():
    data = zipped({"x": b"segredo"})
    out = bytearray(data)
    struct.pack_into("<I", out, data.rfind(b"PK\x01\x02") + 24, 4_000_000_000)
    assert Archive(bytes(out)).read("x") == b"segredo"


@pytest.mark.parametrize("suffix", OFFICE)
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_a_truncated_file_is_refused_as_damaged(suffix, kept):
    data = office(suffix)
    with pytest.raises(UnreadableFile, match="a damaged archive or Office file"):
        extract(data[: int(len(data) * kept)], f"x.{suffix}")


@pytest.mark.parametrize("suffix", OFFICE)
def test_a_file_damaged_inside_is_refused_as_damaged(suffix):
    data = office(suffix)
    member = zipfile.ZipFile(io.BytesIO(data)).getinfo(main_part(data))
    at = member.header_offset + 30 + len(member.filename) + member.compress_size // 2
    with pytest.raises(UnreadableFile, match="a damaged archive or Office file"):
        extract(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :], f"x.{suffix}")


@pytest.mark.parametrize("suffix", OFFICE)
def test_encrypted_members_are_refused_as_such(suffix):
    with pytest.raises(UnreadableFile, match="protected by a password"):
        extract(flagged(office(suffix)), f"x.{suffix}")


def test_an_office_file_with_a_password_is_refused_as_such():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + "EncryptedPackage".encode("utf-16-le") + bytes(900)
    with pytest.raises(UnreadableFile, match="protected by a password"):
        extract(data, "x.xlsx")
    with pytest.raises(UnreadableFile, match="an old Excel file; save it as XLSX"):
        extract(data[:1000], "x.xls")


@pytest.mark.parametrize("suffix", OFFICE)
@pytest.mark.parametrize("doctype", [BILLION_LAUGHS, EXTERNAL, "<!DOCTYPE x>"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_in_an_office_file_is_refused(suffix, doctype, encoding):
    data = office(suffix)
    part = main_part(data)
    xml = Archive(data).read(part).decode().partition("?>")[2]
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!-- {"x" * 3_000_000} -->{doctype}{xml}'.encode(encoding)
    with pytest.raises(UnreadableFile, match=f"declares a document type in {part}"):
        extract(changed(data, **{part: bomb}), f"x.{suffix}")


@pytest.mark.parametrize("doctype", [BILLION_LAUGHS, EXTERNAL])
def test_entities_in_an_opendocument_are_refused(doctype):
    data = zipped({"mimetype": ODT, "content.xml": f"<?xml version='1.0'?>{doctype}{CONTENT}"})
    with pytest.raises(UnreadableFile, match=r"declares a document type in content\.xml"):
        extract(data, "x.odt")


def test_an_entity_that_nobody_declared_is_no_xml():
    with pytest.raises(UnreadableFile, match=r"content\.xml is no well-formed XML"):
        extract(zipped({"mimetype": ODT, "content.xml": CONTENT}), "x.odt")


def test_what_is_packed_by_another_method_is_refused():
    with pytest.raises(UnreadableFile, match="packed by a method that Office files do not use"):
        archive.check(zipped({"x": b"segredo"}, zipfile.ZIP_LZMA))


def test_an_archive_inside_one_is_not_opened():
    inner = zipped({"bomb": bytes(30_000_000)})
    assert extract(changed(office("docx"), **{"word/embeddings/x.zip": inner}), "x.docx")[1].text == "segredo"


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"a.txt": "olá"}, "an archive: unpack it"),
        ({"mimetype": "application/x-krita"}, "a file of type application/x-krita"),
        ({"[Content_Types].xml": "application/vnd.ms-excel.sheet.binary.macroEnabled.main"}, "a binary workbook"),
        ({"[Content_Types].xml": "application/vnd.ms-word.document.macroEnabled.main+xml"}, "with macros"),
        ({"[Content_Types].xml": "presentationml.slideshow.main+xml"}, "a slide show or template: save it as PPTX"),
        ({"[Content_Types].xml": "ms-powerpoint.slideshow.macroEnabled.main+xml"}, "save it as PPTX"),
        ({"[Content_Types].xml": "wordprocessingml.template.main+xml"}, "a Word template: save it as DOCX"),
        ({"mimetype": ODT}, "it has no content.xml"),
    ],
)
def test_other_archives_are_named(members, reason):
    with pytest.raises(UnreadableFile, match=reason):
        extract(zipped(members), "x.zip")


@pytest.mark.parametrize("suffix", ["fodt", "fods", "xml"])
def test_a_flat_opendocument_file_is_named_and_not_found_among_its_markup(suffix):
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n{CONTENT.replace("document-content", "document")}'
    with pytest.raises(UnreadableFile, match="a flat OpenDocument file") as caught:
        extract(content.encode(), f"x.{suffix}")
    assert "Save it as ODT" in (caught.value.hint or "")


def test_a_version_of_zip_that_there_is_not_is_damage():
    data = bytearray(office("docx"))
    at = data.find(b"PK\x01\x02")
    data[at + 6] = 200  # "version needed to extract", in tenths
    with pytest.raises(UnreadableFile, match="damaged archive"):
        extract(bytes(data), "x.docx")
