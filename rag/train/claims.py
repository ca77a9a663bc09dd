"""Claims and questions against passages, built from question-answering sets, because that is what is asked at run time.

A claim is "question? answer". With its passage it is supported; with another answer of the same kind from the same
passage, or with a changed number, contradicted; with a passage of the same article that lacks the answer, or as a
made-up answer to a question the annotators call unanswerable (SQuAD 2.0), not found. The same material says whether a
passage answers a question at all (relevance).
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping, Sequence

from rag.text import fold, sentences, terms
from rag.train.edits import EDITS, change_number
from rag.train.pairs import Pair
from rag.train.questions import Question
from rag.types import Language

__all__ = ["beside_pairs", "claim_pairs", "edited_pairs", "relevance_pairs"]


def claim_pairs(questions: Sequence[Question], seed: int) -> list[Pair]:
    """Entailment pairs, two to four a question."""
    random_ = random.Random(seed)
    by_passage, by_article = _groups(questions)
    pairs = []
    for question in questions:
        neighbours = by_passage[question.passage_id]
        if question.answers:
            pairs += _answerable(question, neighbours, by_article[question.article], random_)
        else:
            answer = _same_kind(question, neighbours, random_)
            if answer:
                premise = _premise(question, answer, random_)
                pairs.append(_claim(question, premise, answer, 2, random_))
    return pairs


def _answerable(
    question: Question, neighbours: Sequence[Question], article: Sequence[Question], random_: random.Random
) -> list[Pair]:
    gold = random_.choice(question.answers)
    if fold(gold) not in fold(question.passage):
        return []
    premise = _premise(question, gold, random_)
    stated = gold
    if random_.random() < 0.25:
        stated = next((s for s in _sentences(question) if fold(gold) in fold(s)), gold)
    pairs = [_claim(question, premise, stated, 0, random_)]
    changed = change_number(gold, question.language, (), random_)
    wrong = _same_kind(question, neighbours, random_)
    if changed and random_.random() < 0.7:
        pairs.append(_claim(question, premise, changed, 1, random_))
    elif wrong and fold(wrong) not in fold(" ".join(question.answers)) and fold(gold) not in fold(wrong):
        pairs.append(_claim(question, premise, wrong, 1, random_))
    elsewhere = [q for q in article if q.passage_id != question.passage_id and fold(gold) not in fold(q.passage)]
    if elsewhere and random_.random() < 0.6:
        other = random_.choice(elsewhere)
        pairs.append(_claim(question, _with_title(other, _window(other, None, random_), random_), gold, 2, random_))
    return pairs


def relevance_pairs(questions: Sequence[Question], seed: int) -> list[Pair]:
    """(passage or window, question) → 1 when it holds the answer. Negatives: SQuAD 2.0's unanswerable questions,
    windows of the right passage without the answer, and the article's passage nearest to the question by shared
    terms."""
    random_ = random.Random(seed)
    _, by_article = _groups(questions)
    pairs = []
    for question in questions:
        if not question.answers:
            premise = _with_title(question, _window(question, None, random_), random_)
            pairs.append(_relevance(question, premise, 0))
            continue
        gold = question.answers[0]
        if fold(gold) not in fold(question.passage):
            continue
        pairs.append(_relevance(question, _premise(question, gold, random_), 1))
        without = [s for s in _sentences(question) if not any(fold(a) in fold(s) for a in question.answers)]
        others = {q.passage_id: q for q in by_article[question.article] if fold(gold) not in fold(q.passage)}
        if without and random_.random() < 0.5:
            pairs.append(_relevance(question, _with_title(question, random_.choice(without), random_), 0))
        elif others:
            asked = set(terms(question.text, question.language))
            shortlist = random_.sample(sorted(others), min(6, len(others)))
            nearest = max(shortlist, key=lambda i: len(asked & set(terms(others[i].passage, others[i].language))))
            other = others[nearest]
            pairs.append(_relevance(question, _with_title(other, _window(other, None, random_), random_), 0))
    return pairs


def _groups(questions: Sequence[Question]) -> tuple[dict[str, list[Question]], dict[str, list[Question]]]:
    by_passage: dict[str, list[Question]] = defaultdict(list)
    by_article: dict[str, list[Question]] = defaultdict(list)
    for question in questions:
        by_passage[question.passage_id].append(question)
        by_article[question.article].append(question)
    return by_passage, by_article


def _claim(question: Question, premise: str, answer: str, label: int, random_: random.Random) -> Pair:
    answer = answer.strip()
    if random_.random() < 0.5:
        answer = answer[:1].upper() + answer[1:] + ("" if answer.endswith((".", "!", "?")) else ".")
    return Pair("entailment", premise, f"{question.text} {answer}", label, question.origin, question.language)


def _relevance(question: Question, premise: str, label: int) -> Pair:
    return Pair("relevance", premise, question.text, label, question.origin, question.language)


def _sentences(question: Question) -> list[str]:
    return [question.passage[a:b] for a, b in sentences(question.passage, question.language)]


def _premise(question: Question, answer: str, random_: random.Random) -> str:
    return _with_title(question, _window(question, answer, random_), random_)


def _window(question: Question, answer: str | None, random_: random.Random) -> str:
    """One to three sentences around ``answer`` (anywhere when None), or the whole passage, about 200 tokens at most."""
    parts = _sentences(question)
    at = [i for i, part in enumerate(parts) if answer is not None and fold(answer) in fold(part)]
    if not at and answer is not None:
        return question.passage[:1100]
    centre = random_.choice(at) if at else random_.randrange(len(parts))
    if random_.random() < 0.35:
        return (
            question.passage[:1100]
            if sum(map(len, parts[: centre + 1])) < 1000
            else " ".join(parts[centre - 2 :])[:1100]
        )
    before, after = random_.choice([(0, 0), (1, 0), (0, 1), (1, 1)])
    return " ".join(parts[max(0, centre - before) : centre + after + 1])


def _with_title(question: Question, text: str, random_: random.Random) -> str:
    return f"{question.title}\n{text}" if question.title and random_.random() < 0.6 else text


def _kind(answer: str) -> str:
    if any(c.isdigit() for c in answer):
        return "number"
    words = answer.split()
    return "name" if words and all(w[:1].isupper() for w in words if len(w) > 3) else "phrase"


def _same_kind(question: Question, neighbours: Sequence[Question], random_: random.Random) -> str | None:
    """Another question's answer from the same passage: same question word first, same kind of answer required when
    this question has one."""
    asked = fold(question.text).split()[:1]
    wanted = _kind(question.answers[0]) if question.answers else None
    candidates = [
        (fold(q.text).split()[:1] == asked, answer)
        for q in neighbours
        if q is not question
        for answer in q.answers[:1]
        if (wanted is None or _kind(answer) == wanted) and fold(answer) not in fold(question.text)
    ]
    if not candidates:
        return None
    same_word = [answer for same, answer in candidates if same]
    if wanted is None and not same_word:
        return None
    return random_.choice(same_word or [answer for _, answer in candidates])


def edited_pairs(questions: Sequence[Question], translations: Mapping[str, str], seed: int) -> list[Pair]:
    """The sentence that answers, as it stands (supported) and changed (contradicted), against a window around it.

    Half of the time with the question before it, as at run time. Where ``translations`` have the sentence it is also
    stated, and changed, in Portuguese against the English passage.
    """
    random_ = random.Random(seed)
    pairs = []
    seen: set[str] = set()
    for question in questions:
        gold = question.answers[0] if question.answers else ""
        sentence = next((s for s in _sentences(question) if gold and fold(gold) in fold(s)), "")
        if not 30 <= len(sentence) <= 400 or sentence in seen:
            continue
        seen.add(sentence)
        premise = _premise(question, gold, random_)
        stated: list[tuple[str, Language]] = [(sentence, question.language)]
        portuguese = translations.get(sentence.replace("\n", " "))
        if portuguese and question.language == "en":
            stated.append((portuguese, "pt"))
        others = [other for other in _sentences(question) if other != sentence]
        for text, language in stated:
            origin = f"{question.origin}{'' if language == question.language else '>pt'}:edited"
            asked = question.text if language == question.language else translations.get(question.text, "")
            made = [(text, 0)]
            edits = [edit(text, language, others, random_) for edit in EDITS.values()]
            made += [(edited, 1) for edited in random_.sample(edits, len(edits)) if edited][:2]
            for claim, label in made:
                with_question = f"{asked} {claim}" if asked and random_.random() < 0.5 else claim
                pairs.append(Pair("entailment", premise, with_question, label, origin, language))
    return pairs


def beside_pairs(questions: Sequence[Question], translations: Mapping[str, str], seed: int) -> list[Pair]:
    """True sentences that do not answer: "question sentence" with a sentence of the passage that lacks the answer is
    not found in it, however literally it stands there; nor does such a sentence answer the question (relevance).

    Of an unanswerable question (SQuAD 2.0) it is the sentence that shares most terms with it. Beside each, the sentence
    that does answer, which is supported and does. Where ``translations`` have the question it is also asked in
    Portuguese of the English passage.
    """
    random_ = random.Random(seed)
    pairs = []
    for question in questions:
        parts = [part for part in _sentences(question) if 20 <= len(part) <= 400]
        without = [part for part in parts if not any(fold(answer) in fold(part) for answer in question.answers)]
        if not without:
            continue
        asked_terms = set(terms(question.text, question.language))
        near = max(without, key=lambda part: len(asked_terms & set(terms(part, question.language))))
        beside = near if not question.answers or random_.random() < 0.5 else random_.choice(without)
        portuguese = translations.get(question.text) if question.language == "en" else None
        asked, language, mark = question.text, question.language, ""
        if portuguese and random_.random() < 0.4:
            asked, language, mark = portuguese, "pt", ">pt"
        told = [(beside, 2, 0)]
        gold = question.answers[0] if question.answers else ""
        right = next((part for part in parts if gold and fold(gold) in fold(part)), "")
        if right and random_.random() < 0.5:
            told.append((right, 0, 1))
        for sentence, label, relevant in told:
            premise = _with_title(question, _window(question, sentence, random_), random_)
            origin = f"{question.origin}{mark}:beside"
            pairs.append(Pair("entailment", premise, f"{asked} {sentence}", label, origin, language))
            alone = _with_title(question, sentence, random_)
            pairs.append(Pair("relevance", alone, asked, relevant, origin, language))
    return pairs
