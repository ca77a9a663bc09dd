"""A book is its pages in the order of its spine."""

import io
import zipfile

import pytest

from ingest.read import Extract, extract
from rag.errors import UnreadableFile

CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/livro.opf"/></rootfiles></container>'
)
DOCTYPE = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'


def page(body: str, head: str = "<title/>", doctype: str = DOCTYPE) -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?>{doctype}<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head>{head}</head><body>{body}</body></html>'
    )


def book(*pages: str | None, items: str = "", spine: str = "", **members: str) -> bytes:
    """An EPUB of these pages; None is one that the spine names and the archive lacks."""
    names = [f"cap%C3%ADtulo {number}.xhtml" for number in range(len(pages))]
    manifest = "".join(
        f'<item id="p{number}" href="{name}" media-type="application/xhtml+xml"/>' for number, name in enumerate(names)
    )
    order = "".join(f'<itemref idref="p{number}"/>' for number in range(len(pages)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>Manual da Água</dc:title></metadata><manifest>{manifest}{items}</manifest>"
        f"<spine>{spine}{order}</spine></package>"
    )
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for number, content in reversed(list(enumerate(pages))):
            if content is not None:
                archive.writestr(f"OEBPS/capítulo {number}.xhtml", content)
        for name, content in {"META-INF/container.xml": CONTAINER, "OEBPS/livro.opf": package, **members}.items():
            archive.writestr(name, content)
    return data.getvalue()


def read(data: bytes) -> Extract:
    media_type, found = extract(data, "x.epub")
    assert media_type == "application/epub+zip"
    assert all(found.text[h.start : h.end] == h.title for h in found.headings)
    return found


def encryption(uri: str, algorithm: str) -> str:
    return (
        '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" '
        'xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData>'
        f'<e:EncryptionMethod Algorithm="{algorithm}"/><e:CipherData><e:CipherReference URI="{uri}"/></e:CipherData>'
        "</e:EncryptedData></encryption>"
    )


def test_pages_come_in_the_order_of_the_spine_with_their_headings():
    found = read(
        book(
            page("<h1>Captação</h1><p>A água vem do rio.</p>"),
            page("<h2>Tratamento</h2><ul><li>cloro</li></ul><table><tr><th>A</th></tr><tr><td>1</td></tr></table>"),
        )
    )
    assert found.text == "Captação\n\nA água vem do rio.\n\nTratamento\n- cloro\n\nA: 1"
    assert [(h.level, h.title) for h in found.headings] == [(1, "Captação"), (2, "Tratamento")]
    assert found.title == "Manual da Água"
    assert found.warnings == ()


def test_elements_that_end_at_once_names_of_characters_and_notes_lose_nothing():
    body = (
        '<p>A<a id="p1"/> &aacute;gua&nbsp;&mdash; &lt;limpa&gt;</p><script src="x.js"/>'
        '<aside epub:type="footnote"><p>Uma nota.</p></aside><p>fim</p>'
    )
    assert read(book(page(body))).text == "A água — <limpa>\n\nUma nota.\n\nfim"


def test_a_page_that_is_no_xml_is_read_as_html():
    assert read(book("<html><p>Água<br>limpa<p>e fria &amp; boa</html>")).text == "Água limpa\n\ne fria & boa"


def test_entities_of_a_page_are_not_resolved():
    doctype = '<!DOCTYPE html [<!ENTITY senha SYSTEM "file:///etc/passwd"><!ENTITY a "ha ha">]>'
    text = read(book(page("<p>Olá &senha; &a; fim</p>", doctype=doctype))).text
    assert "root:" not in text
    assert "ha ha" not in text.partition("Olá")[2]
    assert text.endswith("fim")


def test_the_navigation_is_left_out_and_what_is_missing_is_counted():
    items = (
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>'
        '<item id="capa" href="capa.svg" media-type="image/svg+xml"/>'
    )
    spine = '<itemref idref="capa"/><itemref idref="nav"/>'
    data = book(page("<p>Olá</p>"), None, items=items, spine=spine, **{"OEBPS/nav.xhtml": page("<p>Índice</p>")})
    found = read(data)
    assert found.text == "Olá"
    assert found.warnings == ("1 part of the book missing", "1 part of the book of a kind that is not read")


@pytest.mark.parametrize(
    ("member", "seller"),
    [("META-INF/rights.xml", " (Adobe)"), ("META-INF/license.lcpl", " (Readium LCP)"), ("META-INF/x.xml", "")],
)
def test_drm_is_refused_by_name(member, seller):
    encrypted = encryption("OEBPS/cap%C3%ADtulo%200.xhtml", "http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    data = book("\x00\x01", **{"META-INF/encryption.xml": encrypted, member: "<x/>"})
    with pytest.raises(UnreadableFile) as raised:
        extract(data, "x.epub")
    assert raised.value.message == f"protected by DRM{seller}"


@pytest.mark.parametrize(
    ("uri", "algorithm"),
    [
        ("OEBPS/letra.otf", "http://www.idpf.org/2008/embedding"),
        ("OEBPS/letra.otf", "http://www.w3.org/2001/04/xmlenc#aes128-cbc"),
    ],
)
def test_scrambled_fonts_are_not_in_the_way(uri, algorithm):
    assert read(book(page("<p>Olá</p>"), **{"META-INF/encryption.xml": encryption(uri, algorithm)})).text == "Olá"


def test_a_book_without_a_spine_or_container_or_whole_archive_is_refused():
    whole = book(page("<p>Olá</p>" * 100))
    for data, reason in (
        (book(), "no spine"),
        (book(page("<p>Olá</p>"), **{"META-INF/container.xml": "<a"}), "no well-formed XML"),
        (
            book(page("<p>Olá</p>"), **{"META-INF/container.xml": CONTAINER.replace("livro", "outro")}),
            "it has no OEBPS",
        ),
        (whole[: len(whole) // 2], "a damaged archive"),
        (book(page("<img/>")), "no text in it"),
    ):
        with pytest.raises(UnreadableFile, match=reason):
            extract(data, "x.epub")
