"""The benches' own logic, by hand: what is left out, what is asked, how contexts are cut."""

import gzip
import json

import pytest

from rag.evaluate.dataset import read_dataset
from tests.bench.paired import changed
from tests.bench.public_sets import PublicSet, _with_passages_left_out, read_set, write_folder, write_questions
from tests.bench.triad import pieces

PASSAGES = [{"doc_id": f"A#{i}", "title": "A", "text": f"Number {i} weighs {i + 10} kilos."} for i in range(8)]
ASKED = [
    {"id": i, "question": f"How heavy is {i}?", "answers": [f"{i + 10}"], "doc_id": f"A#{i}", "unanswerable": False}
    for i in range(8)
]


def test_what_was_asked_about_a_passage_left_out_has_no_answer_any_more():
    found = _with_passages_left_out(ASKED, PASSAGES, "en")
    there = {document["doc_id"] for document in found.documents}
    assert len(there) == 6  # a quarter of eight leaves
    assert {row["doc_id"] for row in found.asked if row["unanswerable"]} == {d["doc_id"] for d in PASSAGES} - there
    assert all(row["unanswerable"] is not bool(row["answers"]) for row in found.asked)


def test_a_question_whose_answer_stays_elsewhere_is_not_called_unanswerable():
    said_by_all = [document | {"text": document["text"] + " All cost 99 euros."} for document in PASSAGES]
    asked = [row | {"answers": ["99 euros"]} for row in ASKED]
    found = _with_passages_left_out(asked, said_by_all, "en")
    assert len(found.asked) == 6
    assert not any(row["unanswerable"] for row in found.asked)


def test_a_third_of_the_questions_drawn_has_no_answer_and_more_of_them_begin_with_the_same(tmp_path):
    asked = [*ASKED, *(row | {"id": f"u{row['id']}", "unanswerable": True, "answers": []} for row in ASKED)]
    public = PublicSet(tuple(PASSAGES), tuple(asked), "en")
    six, nine = (read_dataset(write_questions(public, count, tmp_path / f"{count}.jsonl")) for count in (6, 9))
    assert [q.unanswerable for q in six.questions] == [False] * 4 + [True] * 2
    answered = [[q.id for q in of.questions if not q.unanswerable] for of in (six, nine)]
    assert answered[1][:4] == answered[0]


def test_a_set_becomes_a_folder_whose_files_its_evidence_names(tmp_path):
    (tmp_path / "qa").mkdir()
    for name, rows in (("faquad.train", ASKED), ("faquad.corpus", PASSAGES)):
        with gzip.open(tmp_path / "qa" / f"{name}.jsonl.gz", "wt") as lines:
            lines.write("".join(json.dumps(row) + "\n" for row in rows))
    public = read_set("faquad", tmp_path)
    write_folder(public, tmp_path / "documents")
    dataset = read_dataset(write_questions(public, 8, tmp_path / "q.jsonl"))
    named = {target.source for question in dataset.questions for target in question.evidence}
    assert named == {path.name for path in (tmp_path / "documents").iterdir()}
    assert (tmp_path / "documents" / "A_3.md").read_text() == "# A\n\nNumber 3 weighs 13 kilos.\n"


@pytest.mark.parametrize("sentences", [1, 40, 200])
def test_a_context_is_cut_between_sentences_and_nothing_is_lost(sentences):
    text = "The pump of the north hall makes sixty-two decibels. " * sentences
    cut = pieces(text)
    assert "".join(cut) == text
    assert all(len(piece) <= 1_000 for piece in cut)
    assert all(piece.startswith("The pump") for piece in cut)


def test_of_two_runs_only_questions_that_changed_are_counted():
    before = {"a": "right", "b": "wrong", "c": "wrong", "d": "withheld", "e": "wrong", "f": "wrong"}
    after = {"a": "right", "b": "right", "c": "withheld", "d": "wrong", "e": "wrong", "f": "declined"}
    assert changed(before, after, "wrong") == (1, 3, pytest.approx(0.625))  # (1 + 4) / 2⁴ on either side
    assert changed(before, after, "right") == (1, 0, 1.0)
    assert changed(before, before, "wrong") == (0, 0, 1.0)
