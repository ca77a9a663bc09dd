"""The golden questions against the files themselves: what they promise must stand in the sample folder."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from ingest.read import Extract, extract
from rag.errors import UnreadableFile
from rag.text import detect_language
from tests.data.judge import correct, says, tokens

DATA = Path(__file__).parents[2] / "data"
LINES = (DATA / "golden.jsonl").read_text(encoding="utf-8").splitlines()
RECORDS: list[dict[str, Any]] = [json.loads(line) for line in LINES]
ANSWERABLE = [record for record in RECORDS if not record["unanswerable"]]
UNANSWERABLE = [record for record in RECORDS if record["unanswerable"]]
KINDS = set("comparison date definition list number person procedure reason table version yesno".split())
FIELDS = {"id", "question", "language", "about", "kind", "answers", "evidence", "unanswerable"}

# What the folder would have to say, in some file, for a question to be answerable after all.
WOULD_ANSWER = {
    "un-pt-01": ("politica-despesas-2024.docx", r"aliment|refei|jantar|meal"),
    "un-pt-02": ("*", r"\bnorte\b|\bnorth(ern)?\b"),
    "un-pt-03": (
        "*",
        r"(SV-1|inversor|inverter)[^.\n]*(garantia|warranty)|(garantia|warranty)[^.\n]*(SV-1|invers|inverter)",
    ),
    "un-pt-04": ("*", r"diretora de recursos humanos[,:(]|(head|director) of human resources|\bHR director"),
    "un-pt-05": ("*", r"P-?250"),
    "un-en-01": (
        "*",
        r"(head|leads?|manager|director) of the (test )?lab|chef\w+ d\w laborat|laborat\w+[,:] (head|chefe)",
    ),
    "un-en-02": ("*", r"P-300[^.;\n]*\bdB\b|\bdB\b[^.;\n]*P-300"),
    "un-en-03": ("*", r"P-220[^.\n]*R\$|R\$[^.\n]*P-220"),
    "un-en-04": ("field-test-note.html", r"P-200"),
    "un-en-05": ("*", r"paternity|paternidade|fathers?'? leave"),
}


@lru_cache(maxsize=1)
def sample() -> dict[str, Extract]:
    """Every readable file of the sample, as ingested."""
    found = {}
    for path in sorted((DATA / "sample").iterdir()):
        try:
            found[path.name] = extract(path.read_bytes(), path.name)[1]
        except UnreadableFile:
            assert path.name == "comprovante-8812.pdf"
    return found


def flat(text: str) -> str:
    return " ".join(text.split())


def proofs(record: dict[str, Any]) -> list[dict[str, Any]]:
    return [*record["evidence"], *record.get("also", [])]


def each(records: list[dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("record", records, ids=[record["id"] for record in records])


def test_there_are_25_questions_in_each_language_and_10_that_the_folder_cannot_answer() -> None:
    assert Counter(record["language"] for record in ANSWERABLE) == {"pt": 25, "en": 25}
    assert Counter(record["language"] for record in UNANSWERABLE) == {"pt": 5, "en": 5}


def test_five_questions_of_each_language_are_about_documents_in_the_other() -> None:
    crossing = Counter(record["language"] for record in ANSWERABLE if record["language"] != record["about"])
    assert crossing == {"pt": 5, "en": 5}


def test_no_two_questions_share_an_id_or_a_wording() -> None:
    assert len({record["id"] for record in RECORDS}) == 60
    assert len({" ".join(tokens(record["question"])) for record in RECORDS}) == 60


def test_every_kind_of_question_is_asked_and_none_makes_up_more_than_a_third() -> None:
    kinds = Counter(record["kind"] for record in ANSWERABLE)
    assert set(kinds) == KINDS
    assert max(kinds.values()) <= len(ANSWERABLE) / 3


def test_every_readable_file_backs_at_least_one_question() -> None:
    assert {proof["source"] for record in ANSWERABLE for proof in record["evidence"]} == set(sample())


@each(RECORDS)
def test_a_record_has_the_documented_fields_and_no_others(record: dict[str, Any]) -> None:
    assert record.keys() >= FIELDS
    assert record.keys() <= FIELDS | {"all_of", "also"}
    assert detect_language(record["question"]) == record["language"]


@each(ANSWERABLE)
def test_the_evidence_stands_in_its_file_on_its_page(record: dict[str, Any]) -> None:
    assert record["evidence"]
    for proof in proofs(record):
        found = sample()[proof["source"]]
        assert ("page" in proof) == proof["source"].endswith(".pdf")
        pages = [page for page in found.pages if page.number == proof.get("page")]
        text = found.text[pages[0].start : pages[0].end] if "page" in proof else found.text
        assert flat(proof["text"]) in flat(text)


@each(ANSWERABLE)
def test_the_evidence_is_in_the_language_that_the_record_names(record: dict[str, Any]) -> None:
    for proof in proofs(record):
        assert detect_language(sample()[proof["source"]].text) == record["about"]


@each(ANSWERABLE)
def test_the_evidence_itself_would_be_judged_a_right_answer(record: dict[str, Any]) -> None:
    assert bool(record["answers"]) != bool(record.get("all_of"))
    assert correct(record, " … ".join(proof["text"] for proof in record["evidence"]))
    for other in record.get("also", []):
        assert correct(record, other["text"])


@each(ANSWERABLE)
def test_the_question_does_not_give_its_answer_away(record: dict[str, Any]) -> None:
    assert not correct(record, record["question"])


@each([record for record in ANSWERABLE if record["kind"] != "yesno"])
def test_a_declined_answer_is_not_judged_right(record: dict[str, Any]) -> None:
    assert not correct(record, "Os documentos não respondem a isso. The documents do not answer this.")


@each(UNANSWERABLE)
def test_no_file_says_what_would_answer_the_question(record: dict[str, Any]) -> None:
    assert record["answers"] == record["evidence"] == []
    assert record["kind"] == "unanswerable"
    source, pattern = WOULD_ANSWER[record["id"]]
    for name, found in sample().items():
        if source in {"*", name}:
            assert not re.search(pattern, flat(found.text), re.IGNORECASE), name


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ("São 8,400 bombas [1].", "8.400"),
        ("A meta é de 8400 bombas.", "8.400"),
        ("Custa R$ 120 por mês", "R$ 120,00"),
        ("às 15h00 em ponto", "15h"),
        ("18% off", "18 %"),
        ("It is 24 m³ a day", "24 m3"),
        ("É 0.8 % por lote", "0,8"),
        ("NAO, não cobre", "não"),
        ("São dois  Anos.", "dois anos"),
    ],
)
def test_a_form_counts_in_any_of_its_spellings(answer: str, form: str) -> None:
    assert says(answer, form)


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ("please note", "no"),
        ("150 dias", "15"),
        ("São 18.400 bombas.", "8.400"),
        ("1.5 m", "5 m"),
        ("15 working days", "15 days"),
        ("eight months [15]", "15"),
    ],
)
def test_a_form_counts_only_as_whole_tokens_in_a_row_and_not_as_a_citation(answer: str, form: str) -> None:
    assert not says(answer, form)


def test_a_list_needs_one_form_of_each_group() -> None:
    record = {"answers": [], "all_of": [["powder"], ["foam"], ["carbon dioxide", "CO2"]]}
    assert correct(record, "Dry powder, foam or CO2.")
    assert not correct(record, "Dry powder or foam.")


def test_the_demonstration_asks_golden_questions_one_in_each_language_and_one_without_an_answer() -> None:
    golden = {record["question"]: record for record in RECORDS}
    demo = json.loads((DATA / "demo.json").read_text(encoding="utf-8"))
    asked = [golden[item["question"]] for item in demo]
    assert sorted(record["language"] for record in asked if not record["unanswerable"]) == ["en", "pt"]
    assert sum(record["unanswerable"] for record in asked) == 1
    for item, record in zip(demo, asked, strict=True):
        assert item["expects"] is None if record["unanswerable"] else correct(record, item["expects"])
