"""Questions against passages as search finds them: the right one beside those our hybrid search confuses with it.

A negative is a passage that search puts among the first ``_DEPTH`` for the question and that holds none of its answers:
what a reranker is asked to tell apart at run time. Passages carry their title, as they do there. A question may be
asked in another language than its passages are in.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from rag.config import SearchSettings
from rag.index.memory import MemoryIndex
from rag.search import QueryEncoder, search
from rag.text import contextualise, fold
from rag.train.pairs import Pair
from rag.train.questions import Question
from rag.types import Chunk, Document, Language

__all__ = ["asked_in", "passage_index", "ranking_pairs"]

_DEPTH = 12


def passage_index(questions: Sequence[Question], encoder: QueryEncoder) -> MemoryIndex:
    """An index of the questions' passages, a chunk each; a chunk's ``doc_id`` is its passage's id."""
    passages = {question.passage_id: question for question in questions}
    documents, chunks = [], []
    for passage_id, of in passages.items():
        documents.append(Document(passage_id, passage_id, of.title, "text/plain", of.language, of.passage, passage_id))
        chunks.append(Chunk(passage_id, 0, 0, len(of.passage), of.passage, of.language))
    texts = [contextualise(of.title, (), of.passage) for of in passages.values()]
    return MemoryIndex(documents, chunks, encoder.encode(texts, "passage"))


def ranking_pairs(
    questions: Sequence[Question], index: MemoryIndex, encoder: QueryEncoder, seed: int, negatives: int = 2
) -> list[Pair]:
    """Relevance pairs, one positive and up to ``negatives`` negatives a question; each question's stand together.

    Questions without an answer are left out; a passage counts as negative only if no answer occurs in it.
    """
    random_ = random.Random(seed)
    settings = SearchSettings(k=_DEPTH, candidates=50, duplicates="show")
    pairs = []
    for question in questions:
        if not question.answers:
            continue
        hits = search(index, encoder, question.text, settings).hits
        answers = [fold(answer) for answer in question.answers]
        wrong = [
            hit
            for hit in hits
            if hit.doc_id != question.passage_id and not any(answer in fold(hit.text) for answer in answers)
        ]
        # The best ranked is always one of them; the others come from anywhere in the list.
        chosen = wrong[:1] + random_.sample(wrong[1:], min(negatives - 1, len(wrong[1:])))
        pairs.append(_pair(question, contextualise(question.title, (), question.passage), 1))
        pairs += [_pair(question, contextualise(hit.title, (), hit.text), 0) for hit in chosen]
    return pairs


def asked_in(question: Question, text: str, language: Language) -> Question:
    """The same question put in other words, of ``language``; its passage stays as it is."""
    return replace(question, text=text, language=language, origin=f"{question.origin}>{language}")


def _pair(question: Question, passage: str, label: int) -> Pair:
    return Pair("relevance", passage, question.text, label, f"{question.origin}:ranked", question.language)
