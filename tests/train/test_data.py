"""What pairs are made of: edited sentences, ranked passages, halves that do not mix."""

import json
import random
import re
from dataclasses import replace

import pytest

from rag.train.anchors import anchors
from rag.train.claims import beside_pairs, claim_pairs, edited_pairs
from rag.train.edits import EDITS, change_date, change_number, change_unit, negate, swap_name
from rag.train.pairs import (
    HALVED_SETS,
    NLI_SETS,
    NOT_SUPPORTED,
    UNLABELLED,
    Pair,
    halves,
    part_of,
    read_nli,
    with_nli_share,
)
from rag.train.questions import Question, read_qa
from rag.train.ranking import asked_in, passage_index, ranking_pairs
from rag.train.table_rows import table_pairs
from rag.train.yes_no import as_question, yes_no_pairs
from tests.doubles import HashingEncoder
from tests.train.sets import write

R = random.Random(0)


@pytest.mark.parametrize(
    ("edit", "sentence", "language", "expected"),
    [
        (negate, "The pump is made of cast iron.", "en", "The pump is not made of cast iron."),
        (negate, "The pump is not made of steel.", "en", "The pump is made of steel."),
        (negate, "A garantia é de dois anos.", "pt", "A garantia não é de dois anos."),
        (negate, "A garantia não é de dois anos.", "pt", "A garantia é de dois anos."),
        (negate, "Nobody never knows.", "en", None),
        (negate, "It cannot be helped and is not.", "en", None),  # two negations: which one matters is not known
        (negate, "Chuva forte.", "pt", None),
        (change_number, "Opened in 1999.", "en", None),  # a year is a date's business
        (change_number, "Sem números.", "pt", None),
        (change_date, "They may pay 30 euros.", "en", None),
        (change_unit, "Many years ago it weighed a ton.", "en", None),  # no number that it counts
        (change_unit, "It runs at 30 m/s.", "en", None),
        (change_unit, "Tem 12 andares.", "pt", None),
        (swap_name, "Nothing here is called anything.", "en", None),
    ],
)
def test_edits_by_hand(edit, sentence, language, expected):
    assert edit(sentence, language, [], random.Random(1)) == expected


def test_an_edited_number_differs_in_one_digit():
    for seed in range(50):
        edited = change_number("It weighs 1,250.5 kg since 2004.", "en", [], random.Random(seed))
        before, after = "It weighs 1,250.5 kg since 2004.", edited
        assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
        assert after.endswith("since 2004.")


def test_an_edited_date_is_another_date():
    for seed in range(50):
        edited = change_date("A reunião foi em 12 de março de 2024.", "pt", [], random.Random(seed))
        assert edited != "A reunião foi em 12 de março de 2024."
        assert edited.startswith("A reunião foi em 12 de ")


def test_an_edited_unit_measures_the_same():
    made = {change_unit("O prazo é de 24 meses.", "pt", [], random.Random(seed)) for seed in range(60)}
    assert made == {f"O prazo é de 24 {unit}." for unit in ("segundos", "minutos", "horas", "dias", "semanas", "anos")}
    assert {change_unit("It weighs 31 kg now.", "en", [], random.Random(seed)) for seed in range(30)} == {
        "It weighs 31 mg now.", "It weighs 31 g now."
    }  # fmt: skip


def test_a_swapped_name_comes_from_the_passage():
    sentence = "The audit was led by Camila Duarte."
    others = ["In March 2024 the pump of Otávio Reis failed.", "Rui Sá was there on Monday."]
    assert swap_name(sentence, "en", others, R) == "The audit was led by Otávio Reis."
    assert swap_name(sentence, "en", ["Only Otávio knew."], R) is None  # of another length


def question(text, answer, passage, number=0, language="en"):
    return Question(text, (answer,) if answer else (), passage, "Pumps", f"a{number}", f"p{number}", language, "own")


def test_edited_pairs_state_the_sentence_and_its_opposites_in_both_languages():
    passage = "The P-200 weighs 98 kg and is blue. It was built by Ana Prado in 1999. Rui Sá was its tester."
    asked = [question("How heavy is it?", "98 kg", passage), question("Who built it?", "Ana Prado", passage)]
    portuguese = {"It was built by Ana Prado in 1999.": "Foi construída por Ana Prado em 1999."}
    pairs = edited_pairs(asked, portuguese, 0)
    supported = {pair.second for pair in pairs if pair.label == 0}
    assert any("Foi construída por Ana Prado em 1999." in text for text in supported)
    stated = (*portuguese, *portuguese.values(), "The P-200 weighs 98 kg and is blue.")
    for pair in pairs:
        as_it_stands = any(pair.second.endswith(text) for text in stated)
        assert as_it_stands == (pair.label == 0), pair
    assert {pair.label for pair in pairs if pair.language == "pt"} == {0, 1}


def test_true_sentences_beside_the_point_are_not_found_and_do_not_answer():
    passage = "The P-200 weighs 98 kg and is blue. It was built by Ana Prado in 1999. Rui Sá was its tester."
    asked = [
        question("How heavy is the P-200?", "98 kg", passage),
        question("Who painted the blue P-200?", "", passage),
    ]
    pairs = beside_pairs(asked * 20, {"How heavy is the P-200?": "Quanto pesa a P-200?"}, 0)
    assert {pair.second for pair in pairs if pair.task == "relevance"} >= {
        "How heavy is the P-200?",
        "Quanto pesa a P-200?",
    }
    for pair in pairs:
        answers = "98 kg" in (pair.second if pair.task == "entailment" else pair.first) and "painted" not in pair.second
        assert pair.label == (({True: 0, False: 2} if pair.task == "entailment" else {True: 1, False: 0})[answers]), (
            pair
        )
    near = next(pair for pair in pairs if pair.task == "relevance" and "painted" in pair.second)
    assert "The P-200 weighs 98 kg and is blue." in near.first


def test_every_edit_changes_something():
    sentence = "In March 2004 Ana Prado was paid 350 euros by Rui Sá."
    for name, edit in EDITS.items():
        assert edit(sentence, "en", ["It was Zé Lima who saw it."], random.Random(3)) not in {sentence, None}, name


def test_ranked_passages_hold_no_answer_but_the_right_one():
    asked = [question(f"What colour is pump {n}?", f"colour{n}", f"Pump {n} is colour{n}.", n) for n in range(30)]
    asked += [question("What colour is no pump?", "", "No pump is grey.", 99)]
    index = passage_index(asked, HashingEncoder())
    pairs = ranking_pairs(asked, index, HashingEncoder(), 0)
    assert sum(pair.label for pair in pairs) == 30
    for pair in pairs:
        number = pair.second.split()[-1].rstrip("?")
        assert (f"colour{number}." in pair.first) == bool(pair.label)
    across = asked_in(asked[3], "De que cor é a bomba 3?", "pt")
    (first, *_), _ = ranking_pairs([across], index, HashingEncoder(), 0), None
    assert (first.second, first.language, first.label) == ("De que cor é a bomba 3?", "pt", 1)


def test_the_halves_of_a_set_share_no_text(tmp_path):
    rows = [f"premise {n // 3}\thypothesis {n}\tentailment" for n in range(300)]
    for name in ("snli.dev", "lingnli.dev", "assin2.dev", "inferbr.dev"):
        write(tmp_path / "nli" / f"{name}.tsv.gz", rows)
    write(
        tmp_path / "nli" / "inferbr.dev.tsv.gz", [*rows, *(f"hypothesis {n}\tother {n}\tneutral" for n in range(300))]
    )
    train, unseen = halves(tmp_path)
    measured = {text for pairs in unseen.values() for pair in pairs for text in (pair.first, pair.second)}
    assert not measured & {text for pair in train for text in (pair.first, pair.second)}
    assert len(train) > 300
    assert sum(map(len, unseen.values())) > 500


def test_a_two_way_set_leaves_open_whether_what_it_does_not_support_is_contradicted(tmp_path):
    rows = ["Um homem dorme.\tNinguém dorme.\tneutral", "Um homem dorme.\tUm homem está dormindo.\tentailment"]
    path = tmp_path / "nli" / "assin2.train.tsv.gz"
    write(path, rows)
    assert [pair.label for pair in read_nli(path, "pt", "assin2.train", two_way=True)] == [NOT_SUPPORTED, 0]
    assert [pair.label for pair in read_nli(path, "pt", "assin2.train")] == [2, 0]


def test_sets_that_do_not_tell_what_contradicts_are_read_as_such():
    of = {spec.name.split(".")[0].split("-")[0] for spec in (*NLI_SETS, *HALVED_SETS) if spec.two_way}
    assert of == {"assin", "assin2"}


def test_claims_make_room_for_plain_pairs_up_to_the_share_asked_for():
    plain = Pair("entailment", "a" * 50, "b" * 50, 0, "snli.dev", "en")
    long = Pair("entailment", "c" * 400, "d" * 100, 0, "squad-v2.0.dev", "en")
    asked = Pair("entailment", "a" * 400, "Is it " + "b" * 93 + "?", 0, "snli.dev>pt:both", "pt")
    kept = with_nli_share([plain, long, asked] * 10, 0.5, random.Random(0))
    assert [pair for pair in kept if pair == plain] == [plain] * 10, "1,000 characters"
    assert len(kept) == 12, "and two of 500"
    assert with_nli_share([plain, long], 0.1, random.Random(0)) == [plain, long]
    assert with_nli_share([plain, long], 1.0, random.Random(0)) == [plain]


def test_divisions_for_different_purposes_are_independent():
    pairs = [Pair("relevance", f"passage {n}", "?", 0, "own", "en") for n in range(2000)]
    first = [pair for pair in pairs if part_of(pair, 10) == 0]
    assert 0.3 < sum(part_of(pair, purpose="calibration") for pair in first) / len(first) < 0.7


def test_questions_come_without_entities_and_claims_know_their_passage(tmp_path):
    passage = {"doc_id": "A#0", "title": "A", "text": "Ela disse &quot;sim&quot; em 1850. Ele saiu em 1900."}
    rows = [
        {"question": "O que ela disse?", "answers": ["&quot;sim&quot;"], "doc_id": "A#0", "unanswerable": False},
        {"question": "Em que ano?", "answers": ["1850"], "doc_id": "A#0", "unanswerable": False},
        {"question": "Em que dia?", "answers": [], "doc_id": "A#0", "unanswerable": True},
        {"question": "Onde?", "answers": ["aqui"], "doc_id": "B#0", "unanswerable": False},
    ]
    write(tmp_path / "qa" / "c.corpus.jsonl.gz", [json.dumps(passage)])
    write(tmp_path / "qa" / "q.jsonl.gz", map(json.dumps, rows))
    questions = read_qa(tmp_path, "q", "c", "pt")
    assert [q.answers for q in questions] == [('"sim"',), ("1850",), ()]
    pairs = claim_pairs(questions, 0)
    assert all("&quot;" not in pair.first + pair.second for pair in pairs)
    assert {pair.label for pair in pairs if pair.second.startswith("Em que ano? 1850")} == {0}
    assert {pair.label for pair in pairs if pair.second.startswith("Em que dia?")} == {2}


@pytest.mark.parametrize(
    ("statement", "language", "question"),
    [
        ("A bomba é de ferro fundido.", "pt", "A bomba é de ferro fundido?"),
        ("The pump is made of cast iron.", "en", "Is the pump made of cast iron?"),
        ("Lewis was supported by them.", "en", "Was Lewis supported by them?"),
        ("The pump that leaks is old.", "en", "Is it true that the pump that leaks is old?"),
        ("The pump runs dry.", "en", "Is it true that the pump runs dry?"),
        ("Is it?", "en", None),
        (" ".join(["word"] * 31), "en", None),
        ("", "pt", None),
    ],
)
def test_a_statement_becomes_its_question(statement, language, question):
    assert as_question(statement, language) == question


def test_yes_is_supported_where_the_statement_is_and_no_where_it_is_contradicted():
    claims = [
        Pair("entailment", f"{n}", "A bomba é de ferro.", label, "own", "pt") for n in range(40) for label in (0, 1, 2)
    ]
    made = yes_no_pairs(claims, 0)
    assert {pair.label for pair, of in zip(made, claims, strict=True) if of.label == 2} == {2}
    for pair, of in zip(made, claims, strict=True):
        answer = pair.second.removeprefix("A bomba é de ferro? ")
        assert answer in {"Sim.", "Não.", "Sim, a bomba é de ferro.", "Não, a bomba não é de ferro."}
        if of.label != 2:
            assert (pair.label == 0) == (answer.startswith("Sim") == (of.label == 0))
    assert {pair.label for pair in made} == {0, 1, 2}


def test_no_is_not_judged_where_nobody_knows_whether_the_claim_is_contradicted():
    claims = [Pair("entailment", f"{n}", "A bomba é de ferro.", NOT_SUPPORTED, "own", "pt") for n in range(40)]
    made = yes_no_pairs(claims, 0)
    assert 5 < len(made) < 35
    assert all(pair.label == NOT_SUPPORTED and "? Sim" in pair.second for pair in made)


def test_claims_on_table_rows_are_labelled_by_what_the_row_says():
    pairs = table_pairs(600, 0)
    assert pairs == table_pairs(600, 0)
    assert {(pair.task, pair.label) for pair in pairs} == {
        ("relevance", 0),
        ("relevance", 1),
        *(("entailment", n) for n in range(3)),
    }
    for pair in pairs:
        assert "|" in pair.first
        number = re.search(r"\b(\d+(?:[.,]\d+)?) (?:kg|dB|°C|kW)\.", pair.second)
        if pair.task == "entailment" and pair.label == 0 and number:
            value = number.group(1)
            assert value in pair.first or value.translate(str.maketrans(".,", ",.")) in pair.first


def test_money_of_another_currency_is_another_value():
    ways = {"R$": r"R\$|reais|BRL", "€": "€|euros|EUR", "$": r"US\$|(?<!R)\$|dólares|dollars", "£": "£|libras|pounds"}

    def currencies(text: str) -> set[str]:
        return {name for name, way in ways.items() if re.search(way, text)}

    told = {True: 0, False: 0}
    for pair in table_pairs(6000, 1):
        row, claim = pair.first.split("\n")[-1], pair.second.split("?")[-1]
        said, there = currencies(claim), currencies(row)
        if pair.task == "entailment" and pair.label < 2 and said and len(there) == 1:
            assert said == there or pair.label == 1, pair
            told[said == there] += 1
    assert min(told.values()) > 25


def test_the_value_of_another_column_is_no_answer():
    pairs = [pair for pair in table_pairs(4000, 2) if pair.task == "entailment" and "? " in pair.second]
    loud = [pair for pair in pairs if re.search(r"^(?:How loud|What is the noise)", pair.second)]
    beside = [pair for pair in loud if not re.search(r"\bdB\b", pair.second)]
    assert len(beside) > 5
    assert {pair.label for pair in beside} == {1, 2}
    assert all(("dB" in pair.first) == (pair.label == 1) for pair in beside)


def test_anchors_are_claims_against_windows_of_their_passage_and_rows_without_a_label():
    passage = "The pump\nIt is red. It weighs nine kilos. It stands in the yard. Nobody uses it."
    claim = Pair("entailment", passage, "How heavy is it? Nine kilos.", 0, "squad-v2.0.dev:edited", "en")
    plain = Pair("entailment", "A pump is red. It runs.", "A pump runs.", 0, "snli.dev", "en")
    short = replace(claim, first="It is red.")
    made = anchors([claim, plain, short] * 40, 30, 0)
    of_claims = [pair for pair in made if pair.set_name == "squad-v2.0.dev"]
    assert len(of_claims) == 40, "only what follows a question and is cut from more than one sentence"
    assert len(made) == 70
    assert {pair.label for pair in made} == {UNLABELLED}
    assert all(pair.first.startswith("The pump\n") and pair.first.partition("\n")[2] in passage for pair in of_claims)
    assert {pair.second for pair in of_claims} == {"Nine kilos.", claim.second}
    assert len({pair.first for pair in of_claims}) > 4
    assert anchors([claim] * 5, 5, 1) == anchors([claim] * 5, 5, 1)
