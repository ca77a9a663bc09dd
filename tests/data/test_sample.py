"""The sample folder: its traps are real, and its made files are what their sources say."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ingest.read import extract
from rag.errors import UnreadableFile

DATA = Path(__file__).parents[2] / "data"
SAMPLE = DATA / "sample"


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_sample", DATA / "build_sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["build_sample"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rebuilt(builder: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample")
    builder.build(folder)
    return folder


def test_building_twice_gives_the_same_bytes(builder: ModuleType, rebuilt: Path, tmp_path: Path) -> None:
    builder.build(tmp_path)
    made = sorted(path.name for path in rebuilt.iterdir())
    assert len(made) == 9
    for name in made:
        assert (tmp_path / name).read_bytes() == (rebuilt / name).read_bytes(), name


def test_the_committed_files_say_what_their_sources_say(rebuilt: Path) -> None:
    for path in rebuilt.iterdir():
        if path.name == "comprovante-8812.pdf":
            continue
        committed, made = ((folder / path.name).read_bytes() for folder in (SAMPLE, rebuilt))
        assert extract(committed, path.name)[1].text == extract(made, path.name)[1].text, path.name


def test_every_source_sentence_survives_into_its_made_file(builder: ModuleType) -> None:
    for name in (*builder.WORD, *builder.PDF):
        if name == "comprovante-8812":
            continue
        path = next(SAMPLE.glob(f"{name}.*"))
        text = " ".join(extract(path.read_bytes(), path.name)[1].text.split())
        title, blocks = builder.parse((DATA / "source" / f"{name}.md").read_text(encoding="utf-8"))
        for line in (title, *(line for block in blocks if block.kind != "scan" for line in block.lines)):
            assert line in text, (name, line)


def test_the_folder_holds_two_files_or_more_of_each_format_and_stays_small() -> None:
    files = list(SAMPLE.iterdir())
    for suffix in (".pdf", ".docx", ".html", ".md", ".txt"):
        assert sum(path.suffix == suffix for path in files) >= 2
    assert sum(path.stat().st_size for path in files) < 3_000_000


def test_the_delivery_note_is_a_scan_without_a_text_layer() -> None:
    with pytest.raises(UnreadableFile, match="no text layer"):
        extract((SAMPLE / "comprovante-8812.pdf").read_bytes(), "comprovante-8812.pdf")


def test_the_audit_report_has_a_scanned_page_between_pages_of_text() -> None:
    found = extract((SAMPLE / "supplier-audit-lubrisul.pdf").read_bytes(), "supplier-audit-lubrisul.pdf")[1]
    assert [page.number for page in found.pages] == [1, 3]
    assert any("page 2" in warning for warning in found.warnings)


def test_the_table_of_error_codes_goes_over_a_page_end() -> None:
    found = extract((SAMPLE / "manual-bombas-p.pdf").read_bytes(), "manual-bombas-p.pdf")[1]
    page = {page.number: found.text[page.start : page.end] for page in found.pages}
    assert "Código: E4 | Causa: rotor travado" in page[2]
    assert "Código: E12 | Causa: memória da placa" in page[3]


def test_the_warranty_terms_are_windows_text_and_not_utf_8() -> None:
    data = (SAMPLE / "termos-de-garantia.txt").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert "têm garantia de 24 meses" in data.decode("cp1252")


def test_the_note_from_porto_is_utf_8_misread_as_mac_roman_and_is_repaired() -> None:
    data = (SAMPLE / "nota-porto-pecas.txt").read_bytes()
    assert "escrit√≥rio do Porto" in data.decode("utf-8")
    assert "escritório do Porto" in extract(data, "nota-porto-pecas.txt")[1].text


def test_the_two_expense_policies_are_near_duplicates_that_differ_in_their_numbers() -> None:
    old, new = (
        set(extract((SAMPLE / name).read_bytes(), name)[1].text.split("\n"))
        for name in ("politica-despesas-2023.docx", "politica-despesas-2024.docx")
    )
    assert len((old & new) - {""}) >= 10
    assert any("R$ 280,00" in line for line in old - new)
    assert any("R$ 340,00" in line for line in new - old)
