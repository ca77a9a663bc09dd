"""A test set from one's own folder: questions written from its passages by the decoder, kept only if they hold up.

A small decoder writes many poor questions, so that the work is in the filters; each says what it threw out:

* *round trip*: the answer stands in the passage to the letter, the cross-encoder judges the passage relevant, and the
  sentence that holds the answer entails it as the answer (Alberti et al., ACL 2019, keep a question when a reader
  finds the same answer again);
* *only here*: no other passage that the search finds says the answer and is judged relevant;
* *in its own words*: no long run of the question's words stands in the passage, or lexical search would find it blind.

Questions without an answer are asked about the same passage, for a fact it lacks; they are kept when no passage that is
found entails any sentence as an answer. What passes the product's own models is easier for it than what people ask:
such a set compares configurations and guards against regressions, and a person should look through it (`--review`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from rag.answer.generate import decoding_of
from rag.answer.prompt import Message
from rag.errors import ModelError
from rag.evaluate.answers import comparable, says
from rag.evaluate.dataset import Question, Target
from rag.facade import Lastro
from rag.index import Snapshot, StoredChunk
from rag.text import contextualise, detect_language, sentences
from rag.types import Hit
from rag.verify.entail import SUPPORTED

__all__ = ["copied", "make", "parse_reply", "requests"]

_SHORTEST = 80
"""Characters of a passage worth asking about."""
_LONGEST_ANSWER = 12
_COPIED = 6
"""Words in a row that make a question a copy."""
_RELEVANT = 0.5
_ENTAILED = 0.5
_UNANSWERABLE = 5
"""Of so many questions one is to have no answer."""

_RULES = {
    "pt": (
        "Leia o trecho e escreva uma pergunta curta, com palavras suas, cuja resposta está no trecho, e a resposta "
        "copiada do trecho em poucas palavras. Só duas linhas:\nPergunta: …\nResposta: …",
        "Trecho (Biblioteca): O empréstimo dura 14 dias e pode ser renovado uma vez no balcão.",
        "Pergunta: Por quanto tempo posso ficar com um livro da biblioteca?\nResposta: 14 dias",
    ),
    "en": (
        "Read the passage and write a short question in your own words whose answer is in the passage, and the answer "
        "copied from the passage in a few words. Two lines only:\nQuestion: …\nAnswer: …",
        "Passage (Pool rules): The pool closes at 22:00 and the sauna at 21:00 on weekdays.",
        "Question: When must I leave the sauna on a Tuesday?\nAnswer: 21:00",
    ),
}
_LACKING = {
    "pt": (
        "Leia o trecho e escreva uma pergunta curta sobre o mesmo assunto, pedindo um dado que o trecho não diz. "
        "Só uma linha:\nPergunta: …",
        "Trecho (Biblioteca): O empréstimo dura 14 dias e pode ser renovado uma vez no balcão.",
        "Pergunta: Qual é a multa por dia de atraso na biblioteca?",
    ),
    "en": (
        "Read the passage and write a short question about the same subject that asks for a fact the passage does not "
        "state. One line only:\nQuestion: …",
        "Passage (Pool rules): The pool closes at 22:00 and the sauna at 21:00 on weekdays.",
        "Question: How hot is the sauna?",
    ),
}
_LINE = re.compile(r"^\s*(pergunta|question|resposta|answer)\s*:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)


def make(app: Lastro, count: int, *, seed: int = 0) -> Iterator[Question | str]:
    """Up to ``count`` questions as they hold up, and for each that does not the reason; one in five has no answer.

    Ends when every passage was asked about once. Raises ModelError without a decoder, and what the decoder raises.
    """
    if app.parts.generator is None:
        raise ModelError(
            "questions are written by the decoder, and there is none.",
            subject="models.generator",
            hint="Set models.generator to `embedded` or to a server.",
        )
    kept: list[Question] = []
    with app.index.pin() as snapshot:
        for chunk in _drawn(snapshot, seed):
            if len(kept) >= count:
                return
            lacking = sum(bool(question.unanswerable) for question in kept)
            if lacking < (len(kept) + 1) // _UNANSWERABLE:
                found = _without_answer(app, chunk, f"u{lacking + 1}")
            else:
                found = _with_answer(app, chunk, f"q{len(kept) - lacking + 1}")
            if isinstance(found, Question):
                if any(found.question == other.question for other in kept):
                    yield "asked twice"
                    continue
                kept.append(found)
            yield found


def requests(chunk: StoredChunk, *, answerable: bool) -> list[Message]:
    """What the decoder is asked: the rule with an example, and the passage, which is data."""
    rule, passage, reply = (_RULES if answerable else _LACKING)[chunk.language]
    name = "Trecho" if chunk.language == "pt" else "Passage"
    shown = f"{name} ({chunk.title or chunk.source}): {' '.join(chunk.text.split())}"
    return [
        {"role": "system", "content": rule},
        {"role": "user", "content": passage},
        {"role": "assistant", "content": reply},
        {"role": "user", "content": shown},
    ]


def parse_reply(text: str) -> tuple[str, str]:
    """``(question, answer)`` of the decoder's lines; empty where there is none."""
    found = {"question": "", "answer": ""}
    for name, said in _LINE.findall(text):
        kind = "question" if name.lower() in {"pergunta", "question"} else "answer"
        found[kind] = found[kind] or said.strip(" \"'“”")
    return found["question"], found["answer"].rstrip(".")


def copied(question: str, text: str) -> bool:
    """Whether ``_COPIED`` words of the question stand in ``text`` in a row."""
    asked, held = comparable(question), comparable(text)
    runs = {tuple(held[i : i + _COPIED]) for i in range(len(held) - _COPIED + 1)}
    return any(tuple(asked[i : i + _COPIED]) in runs for i in range(len(asked) - _COPIED + 1))


def _drawn(snapshot: Snapshot, seed: int) -> Iterator[StoredChunk]:
    """Passages in an order in which every document comes once before any comes twice."""
    generator = np.random.default_rng(seed)
    by_document: dict[str, list[StoredChunk]] = {}
    for chunk in snapshot.passages(snapshot.chunk_ids()):
        if len(chunk.text) >= _SHORTEST:
            by_document.setdefault(chunk.doc_id, []).append(chunk)
    decks = [[deck[i] for i in generator.permutation(len(deck))] for deck in by_document.values()]
    for turn in range(max(map(len, decks), default=0)):
        for place in generator.permutation(len(decks)).tolist():
            if turn < len(decks[place]):
                yield decks[place][turn]


def _with_answer(app: Lastro, chunk: StoredChunk, name: str) -> Question | str:
    question, answer = parse_reply(_said(app, chunk, answerable=True))
    flaw = _ill_formed(question, chunk) or _ill_answered(question, answer, chunk)
    if flaw is not None:
        return flaw
    sentence = _holding(chunk, answer)
    if sentence is None or not _answers(app, question, answer, chunk, sentence):
        return "the passage does not answer it"
    others = [hit for hit in app.search(question) if not _same_place(hit, chunk) and says(hit.text, answer)]
    if others and float(app.parts.answers_it(question, [hit.text for hit in others]).max()) >= _RELEVANT:
        return "another passage answers it too"
    target = Target(chunk.source, chunk.page, chunk.text[sentence[0] : sentence[1]])
    return Question(name, question, chunk.language, ((answer,),), (target,), (), False, "made")


def _without_answer(app: Lastro, chunk: StoredChunk, name: str) -> Question | str:
    question, _ = parse_reply(_said(app, chunk, answerable=False))
    flaw = _ill_formed(question, chunk)
    if flaw is not None:
        return flaw
    for hit in app.search(question):
        spans = [hit.text[start:end] for start, end in sentences(hit.text, hit.language)]
        pairs = [(contextualise(hit.title, hit.headings, text), f"{question} {text}") for text in spans]
        if pairs and float(app.parts.entailer.probabilities(pairs)[:, SUPPORTED].max()) >= _ENTAILED:
            return "something may answer it"
    return Question(name, question, chunk.language, (), (), (), True, "made")


def _said(app: Lastro, chunk: StoredChunk, *, answerable: bool) -> str:
    assert app.parts.generator is not None
    return "".join(app.parts.generator.stream(requests(chunk, answerable=answerable), decoding_of(app.settings.answer)))


def _ill_formed(question: str, chunk: StoredChunk) -> str | None:
    """Why the question cannot be asked of anyone, or None."""
    if not question.endswith("?") or not 3 <= len(question.split()) <= 30:
        return "it is no question"
    if detect_language(question, chunk.language) != chunk.language:
        return "it is in the other language"
    return "it copies the passage" if copied(question, chunk.text) else None


def _ill_answered(question: str, answer: str, chunk: StoredChunk) -> str | None:
    """Why the answer is none, or None."""
    if not answer or len(comparable(answer)) > _LONGEST_ANSWER or not says(chunk.text, answer):
        return "its answer does not stand in the passage"
    return "it tells its own answer" if says(question, answer) else None


def _holding(chunk: StoredChunk, answer: str) -> tuple[int, int] | None:
    """Offsets of the first sentence that says the answer; None when it goes over a sentence's end."""
    spans: Sequence[tuple[int, int]] = sentences(chunk.text, chunk.language)
    return next((span for span in spans if says(chunk.text[span[0] : span[1]], answer)), None)


def _answers(app: Lastro, question: str, answer: str, chunk: StoredChunk, sentence: tuple[int, int]) -> bool:
    premise = contextualise(chunk.title, chunk.headings, chunk.text[sentence[0] : sentence[1]])
    whole = contextualise(chunk.title, chunk.headings, chunk.text)
    entailed = float(app.parts.entailer.probabilities([(premise, f"{question} {answer}")])[0, SUPPORTED])
    return entailed >= _ENTAILED and float(app.parts.answers_it(question, [whole])[0]) >= _RELEVANT


def _same_place(hit: Hit, chunk: StoredChunk) -> bool:
    """Whether the hit is the passage itself, overlaps it, or is a copy of it."""
    places = [(hit.doc_id, hit.start, hit.end), *((d.doc_id, d.start, d.end) for d in hit.duplicates)]
    return any(doc == chunk.doc_id and start < chunk.end and chunk.start < end for doc, start, end in places)
