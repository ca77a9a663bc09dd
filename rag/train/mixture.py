"""The mixture the shipped adapter is trained on: NLI, claims, relevance and ranking, in both languages and across."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.search import QueryEncoder
from rag.text import sentences
from rag.train.anchors import anchors
from rag.train.claims import beside_pairs, claim_pairs, edited_pairs, relevance_pairs
from rag.train.pairs import HALVED_SETS, NLI_SETS, Mixture, Pair, halves, sample_nli, with_nli_share
from rag.train.questions import QA_SETS, Question, read_pira, read_qa
from rag.train.ranking import asked_in, passage_index, ranking_pairs
from rag.train.table_rows import table_pairs
from rag.train.translate import translate_all
from rag.train.yes_no import yes_no_pairs
from rag.types import Language

__all__ = ["mixture"]

_ENGLISH_CLAIMS, _ENGLISH_RELEVANCE = 11_000, 6_500
_TRANSLATED_CLAIMS, _TRANSLATED_RELEVANCE = 2_500, 1_500
_RANKED = {"squad-v2.0.dev": 900, "squad-v1.1-pt-sample.train": 800, "faquad.train": 450, "qed-nq.dev": 400}
_RANKED_ACROSS = {"squad-v2.0.dev": 500, "qed-nq.dev": 250}
"""Questions whose passages are ranked, as asked and as put into Portuguese."""
_OF_SENTENCES = 4_000
"""Pairs of edited sentences, and of sentences beside the point, of each set at most."""
_ASKED: dict[Language, int] = {"en": 6_500, "pt": 7_000}
"""Statements asked as yes-or-no questions, by language."""
_OF_TABLES = 12_000
_HALVES_TRANSLATED = {spec.name for spec in HALVED_SETS if spec.translate}


def mixture(
    data: Path, cache: Path, seed: int, encoder: QueryEncoder, nli_share: float = 0.0, *, anchored: bool = False
) -> Mixture:
    """All pairs, shuffled, or with an ``nli_share`` as many as let plain NLI be that share of them; ``anchored``, also
    pairs without a label. ``cache`` is the
    JSON Lines file of translations into Portuguese, extended when needed; those into English are kept beside it.
    ``encoder`` finds passages that are taken for one another."""
    trained_half, unseen = halves(data)
    nli, to_translate = sample_nli(data, NLI_SETS, [pair for pairs in unseen.values() for pair in pairs], seed)
    times = {spec.name: spec.times for spec in HALVED_SETS}
    to_translate += [pair for pair in trained_half if pair.origin in _HALVES_TRANSLATED]
    of = Mixture(nli + [pair for pair in trained_half for _ in range(times[pair.origin])], [], {})
    sets = [_of_articles(data, name, corpus, language, seed) for name, corpus, language, _ in QA_SETS]
    for asked in sets:
        of.kept_out[asked.name] = sorted(asked.kept_out)
        claims, relevance = claim_pairs(asked.inside, seed), relevance_pairs(asked.inside, seed)
        asked.random.shuffle(claims)
        asked.random.shuffle(relevance)
        if asked.name.startswith("squad-v2"):
            to_translate += claims[_ENGLISH_CLAIMS:][:_TRANSLATED_CLAIMS]
            to_translate += relevance[_ENGLISH_RELEVANCE:][:_TRANSLATED_RELEVANCE]
            claims, relevance = claims[:_ENGLISH_CLAIMS], relevance[:_ENGLISH_RELEVANCE]
        of.train.extend(claims + relevance)
        of.dev.extend(claim_pairs(asked.outside, seed) + relevance_pairs(asked.outside, seed))
    random_ = random.Random(seed)
    translated, known = _translated([pair for pair in to_translate if pair.language == "en"], cache, random_)
    of.train.extend(translated)
    portuguese = [pair for pair in to_translate if pair.language == "pt"]
    of.train.extend(_in_english(portuguese, cache.with_stem(f"{cache.stem}-en")))
    for asked in sets:
        for made in (edited_pairs(asked.inside, known, seed), beside_pairs(asked.inside, known, seed)):
            of.train.extend(asked.random.sample(made, min(_OF_SENTENCES, len(made))))
        ranked = _RANKED[asked.name], _RANKED_ACROSS.get(asked.name, 0)
        of.train.extend(_ranked(asked.every, asked.inside, ranked, cache, encoder))
        of.dev.extend(edited_pairs(asked.outside, known, seed) + beside_pairs(asked.outside, known, seed))
    of.train.extend(_pira(data, encoder, seed))
    statements = [pair for pair in of.train if pair.task == "entailment" and "?" not in pair.second]
    for spoken, most in _ASKED.items():
        yes_no = yes_no_pairs([pair for pair in statements if pair.language == spoken], seed)
        of.train.extend(random_.sample(yes_no, min(most, len(yes_no))))
    english = [pair for pair in of.dev if pair.language == "en" and ":" not in pair.origin]
    of.dev.extend(_translated(english[::3], cache, random_)[0])
    of.train.extend(table_pairs(_OF_TABLES, seed))
    if anchored:
        of.train.extend(anchors(of.train, _OF_TABLES, seed + 1))
    random_.shuffle(of.train)
    random_.shuffle(of.dev)
    return replace(of, train=with_nli_share(of.train, nli_share, random_)) if nli_share else of


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question-answering set: the articles ``kept_out`` of training, ``every`` question, those ``inside`` and those
    ``outside`` of what is trained on."""

    name: str
    kept_out: set[str]
    every: list[Question]
    inside: list[Question]
    outside: list[Question]
    random: random.Random


def _of_articles(data: Path, name: str, corpus: str, language: Language, seed: int) -> _Asked:
    random_ = random.Random(f"{seed} {name}")
    every = read_qa(data, name, corpus, language)
    articles = sorted({question.article for question in every})
    random_.shuffle(articles)
    kept_out = set(articles[: max(1, len(articles) // 20)])
    inside = [question for question in every if question.article not in kept_out]
    outside = [question for question in every if question.article in kept_out]
    return _Asked(name, kept_out, every, inside, outside, random_)


def _ranked(
    questions: Sequence[Question],
    inside: Sequence[Question],
    asked: tuple[int, int],
    cache: Path,
    encoder: QueryEncoder,
) -> list[Pair]:
    """``asked``: how many questions as they are, and how many put into Portuguese."""
    random_ = random.Random(len(inside))
    answered = [question for question in inside if question.answers]
    index = passage_index(questions, encoder)
    chosen = random_.sample(answered, min(asked[0], len(answered)))
    across = random_.sample(answered, min(asked[1], len(answered)))
    portuguese = translate_all([question.text for question in across], cache)
    translated = [asked_in(question, portuguese[question.text], "pt") for question in across]
    return ranking_pairs([*chosen, *translated], index, encoder, random_.randrange(2**31))


def _pira(data: Path, encoder: QueryEncoder, seed: int) -> list[Pair]:
    """Pirá 1.0's questions whose passages its later dev and test sets do not have, each in English and Portuguese
    against the English passage."""
    english, portuguese = read_pira(data)
    index = passage_index(english, encoder)
    return ranking_pairs(english, index, encoder, seed) + ranking_pairs(portuguese, index, encoder, seed + 1)


def _translated(pairs: Sequence[Pair], cache: Path, random_: random.Random) -> tuple[list[Pair], dict[str, str]]:
    """Each pair in Portuguese on both sides (half of them), on the second only (40 %), or on the first only; and the
    translations made for that, no matter what else the cache has."""
    sides = [random_.choices(("both", "second", "first"), (0.5, 0.4, 0.1))[0] for _ in pairs]
    texts: list[str] = []
    for pair, side in zip(pairs, sides, strict=True):
        texts += _pieces(pair.first) if side != "second" else []
        texts += _pieces(pair.second) if side != "first" else []
    every = translate_all(texts, cache)
    portuguese = {text: every[text] for text in texts}
    out = []
    for pair, side in zip(pairs, sides, strict=True):
        first = pair.first if side == "second" else " ".join(portuguese[piece] for piece in _pieces(pair.first))
        second = pair.second if side == "first" else " ".join(portuguese[piece] for piece in _pieces(pair.second))
        origin = f"{pair.origin}>pt:{side}"
        out.append(replace(pair, first=first, second=second, origin=origin, language="en" if side == "first" else "pt"))
    return out, portuguese


def _in_english(pairs: Sequence[Pair], cache: Path) -> list[Pair]:
    """Each pair in English on both sides: sentences, translated whole."""
    english = translate_all([text for pair in pairs for text in (pair.first, pair.second)], cache, into="en")
    return [
        replace(pair, first=english[pair.first], second=english[pair.second], origin=f"{pair.origin}>en", language="en")
        for pair in pairs
    ]


def _pieces(text: str) -> list[str]:
    return [text[a:b].replace("\n", " ") for a, b in sentences(text, "en")]
