import pytest

from ingest import ingest_folder
from ingest.naming import title_from_name
from rag.index import Index
from tests.doubles import HashingEncoder


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("notas/termos-de-garantia.txt", "termos de garantia"),
        ("comprovante-8812.pdf", "comprovante 8812"),
        ("manual_bombas_P-200.pdf", "manual bombas P 200"),
        ("Ata.md", "Ata"),
        ("Política (final).docx", "Política (final)"),
        ("relatório 2024.v2.pdf", "relatório 2024.v2"),
        ("IMG_2034.jpg", ""),
        ("Documento 1.docx", ""),
        ("scan-0003.pdf", ""),
        ("pt-85725a8f43.txt", ""),
        ("2c26b46b-68ff-c68f-f99b.html", ""),
        ("2024-03-12.md", ""),
        ("Sem título.odt", ""),
        ("Untitled-final (2).pdf", ""),
        ("a.txt", ""),
    ],
)
def test_a_name_is_a_title_where_a_word_of_it_means_something(source, title):
    assert title_from_name(source) == title


def test_a_scan_is_under_no_title_and_a_named_note_under_its_own(tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "scan_0003.txt").write_text("A bomba pesa 9,8 kg.", encoding="utf-8")
    (folder / "garantia-bombas.txt").write_text("São 24 meses.", encoding="utf-8")
    ingest_folder(folder, tmp_path / "ix", encoder=HashingEncoder())
    with Index.open(tmp_path / "ix").pin() as snapshot:
        titles = {document.source: document.title for document in snapshot.documents()}
    assert titles == {"scan_0003.txt": "", "garantia-bombas.txt": "garantia bombas"}
