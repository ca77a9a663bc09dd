"""The mixture the shipped adapter is trained on: NLI, claims and relevance, in both languages and across them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.text import sentences
from rag.train.claims import QA_SETS, claim_pairs, read_qa, relevance_pairs
from rag.train.pairs import NLI_SETS, Pair, read_nli, sample_nli
from rag.train.translate import translate_all
from rag.types import Language

__all__ = ["DEV_SETS", "dev_pairs", "entailment_mixture"]

DEV_SETS: tuple[tuple[str, Language], ...] = (
    ("snli.dev", "en"),
    ("lingnli.dev", "en"),
    ("assin2.dev", "pt"),
    ("inferbr.dev", "pt"),
)
_ENGLISH_CLAIMS, _ENGLISH_RELEVANCE = 11_000, 6_500
_TRANSLATED_CLAIMS, _TRANSLATED_RELEVANCE = 8_000, 5_000
_WARM_START = 14_000
_QA_ORIGINS = tuple(name for name, *_ in QA_SETS)


def dev_pairs(data: Path) -> dict[str, list[Pair]]:
    """The held-out NLI sets the card reports on."""
    return {name: read_nli(data / "nli" / f"{name}.tsv.gz", language, name) for name, language in DEV_SETS}


def entailment_mixture(data: Path, cache: Path, seed: int) -> tuple[list[Pair], list[Pair]]:
    """``(train, dev)``: all pairs, shuffled; ``dev`` are claims and questions of articles kept out of training (5 %).

    ``cache`` is the JSON Lines file of translations, extended when needed.
    """
    random_ = random.Random(seed)
    held_out = [pair for pairs in dev_pairs(data).values() for pair in pairs]
    nli, nli_to_translate = sample_nli(data, NLI_SETS, held_out, seed)
    train, dev = nli, []
    to_translate = nli_to_translate
    for name, corpus, language, _ in QA_SETS:
        questions = read_qa(data, name, corpus, "pt" if language == "pt" else "en")
        articles = sorted({question.article for question in questions})
        random_.shuffle(articles)
        kept_out = set(articles[: max(1, len(articles) // 20)])
        inside = [question for question in questions if question.article not in kept_out]
        outside = [question for question in questions if question.article in kept_out]
        claims, relevance = claim_pairs(inside, seed), relevance_pairs(inside, seed)
        random_.shuffle(claims)
        random_.shuffle(relevance)
        dev += claim_pairs(outside, seed) + relevance_pairs(outside, seed)
        if name.startswith("squad-v2"):
            to_translate += claims[_ENGLISH_CLAIMS:][:_TRANSLATED_CLAIMS]
            to_translate += relevance[_ENGLISH_RELEVANCE:][:_TRANSLATED_RELEVANCE]
            claims, relevance = claims[:_ENGLISH_CLAIMS], relevance[:_ENGLISH_RELEVANCE]
        train = train + claims + relevance
    dev_to_translate = [pair for pair in dev if pair.language == "en"][::3]
    train = train + _translated(to_translate, cache, random_)
    dev = dev + _translated(dev_to_translate, cache, random_)
    random_.shuffle(train)
    return _short_nli_first(train), dev


def _short_nli_first(pairs: list[Pair]) -> list[Pair]:
    """The first ``_WARM_START`` NLI pairs without QA claims, then everything else in its order."""
    warm = [pair for pair in pairs if not pair.origin.startswith(_QA_ORIGINS)][:_WARM_START]
    chosen = set(map(id, warm))
    return warm + [pair for pair in pairs if id(pair) not in chosen]


def _translated(pairs: Sequence[Pair], cache: Path, random_: random.Random) -> list[Pair]:
    """Each pair in Portuguese on both sides (half of them), on the second only (40 %), or on the first only."""
    sides = [random_.choices(("both", "second", "first"), (0.5, 0.4, 0.1))[0] for _ in pairs]
    texts: list[str] = []
    for pair, side in zip(pairs, sides, strict=True):
        texts += _pieces(pair.first) if side != "second" else []
        texts += _pieces(pair.second) if side != "first" else []
    portuguese = translate_all(texts, cache)
    out = []
    for pair, side in zip(pairs, sides, strict=True):
        first = pair.first if side == "second" else " ".join(portuguese[piece] for piece in _pieces(pair.first))
        second = pair.second if side == "first" else " ".join(portuguese[piece] for piece in _pieces(pair.second))
        origin = f"{pair.origin}>pt:{side}"
        out.append(replace(pair, first=first, second=second, origin=origin, language="en" if side == "first" else "pt"))
    return out


def _pieces(text: str) -> list[str]:
    return [text[a:b].replace("\n", " ") for a, b in sentences(text, "en")]
