"""``Lastro``: one index and its models, opened once, asked many times."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.calibration import calibrated, caveat
from rag.config import ModelSettings, Settings, load_settings
from rag.errors import LastroError
from rag.index import Index, Snapshot
from rag.models import load_encoder, load_entailer, load_generator, load_reranker
from rag.pipeline import Event, Parts, ask, check_question, check_text
from rag.search import search
from rag.search.remember import Remembering
from rag.text import ANALYSER_VERSION, detect_language, fold, terms
from rag.types import Answer, Citation, Filter, Hit, Verdict
from rag.verify.claims import claims
from rag.verify.decide import weakest
from rag.verify.entail import judge
from rag.verify.windows import Source

__all__ = ["Lastro", "Models", "Verifier", "term_overlap"]


_LONGEST_CLAIM = 20_000
"""Characters: some hundred sentences."""


class Verifier:
    """Claims against given contexts, without an index."""

    def __init__(self, settings: Settings | None = None, entailer: Any = None) -> None:
        self.settings = settings or load_settings()
        self._entailer = entailer or load_entailer(self.settings.models)

    def verify(self, claim: str, context: str, question: str = "") -> Verdict:
        """The verdict on ``claim``; evidence offsets are into ``context``. ``question`` says what it is about ("It was
        1999."), not what it must answer. A claim of several sentences stands or falls with the weakest of them. Raises
        UsageError for an empty claim and for one of more than 20,000 characters."""
        check_text(claim, "claim", _LONGEST_CLAIM, ("Say what is to be verified.", "Verify its parts one by one."))
        source = Citation(1, "", "", "", None, 0, len(context), context)
        sources = [Source(source, (), detect_language(context))]
        said = [part.text for part in claims(claim, detect_language(claim)) if part.asserts]
        return weakest(
            [
                judge(self._entailer, question, part, (sources, []), self.settings.verify, as_answer=False)
                for part in (said or [claim])
            ]
        )


class Models:
    """The models of one process, loaded when first needed and kept; safe to share between threads and indexes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._loading = threading.RLock()

    @cached_property
    def encoder(self) -> Any:
        with self._loading:
            return load_encoder(self.settings.models)

    @cached_property
    def reranker(self) -> Any:
        with self._loading:
            return load_reranker(self.settings.models)

    @cached_property
    def parts(self) -> Parts:
        """All models, loaded. The decoder's constant prompt is prefilled."""
        with self._loading, ThreadPoolExecutor(1, thread_name_prefix="decoder") as apart:
            decoder = apart.submit(_warm_generator, self.settings.models)  # the largest by far, beside the others
            entailer = load_entailer(self.settings.models)
            reranker = self.reranker
            measured = self.settings.models.entailment == "embedded" or reranker is not None
            judge_of_relevance = (reranker or entailer).relevance if measured else term_overlap
            encoder, generator = self.encoder, decoder.result()
            names = {
                "encoder": str(encoder.identity),
                "entailment": str(entailer.identity),
                "reranker": str(reranker.identity) if reranker and self.settings.search.rerank else "none",
                "relevance": str((reranker or entailer).identity) if measured else "term overlap",
                "generator": str(generator.identity) if generator else "none (extractive)",
            }
            return Parts(
                encoder=encoder,
                entailer=entailer,
                answers_it=judge_of_relevance,
                measured=measured,
                generator=generator,
                # The same sentences are counted for one question after another, each over a loopback port.
                count_tokens=lru_cache(1024)(generator.count_tokens if generator else _estimated_tokens),
                reranker=reranker,
                names=names,
            )


class Lastro:
    """Answers from one index. Models load when first needed and stay; safe to share between threads."""

    def __init__(self, index: Index, settings: Settings, models: Models | None = None) -> None:
        self.index = index
        self.settings = settings
        self.models = models or Models(settings)

    @classmethod
    def open(cls, index_dir: Path | str, settings: Settings | None = None, models: Models | None = None) -> Lastro:
        """What `lastro calibrate` wrote into the index holds unless ``settings`` say otherwise; ``models`` are shared
        with other indexes.

        Raises NoIndex, DamagedIndex, WeightsMissing, and FingerprintMismatch when the encoder is another one.
        """
        index = Index.open(Path(index_dir))
        app = cls(index, calibrated(settings or load_settings(), index.root), models)
        encoder = app.encoder
        wanted = replace(
            app.index.fingerprint,
            encoder=encoder.identity,
            dimension=encoder.dimension,
            query_prefix=encoder.query_prefix,
            passage_prefix=encoder.passage_prefix,
            analyser=ANALYSER_VERSION,
        )
        Index.open(Path(index_dir), wanted)
        return app

    @property
    def caveat(self) -> str | None:
        """What has become of the promise of `lastro calibrate` since the index changed; None where it stands."""
        with self.index.pin() as snapshot:
            return caveat(self.settings, self.index.root, snapshot.generation)

    @property
    def encoder(self) -> Any:
        return self.models.encoder

    @property
    def reranker(self) -> Any:
        return self.models.reranker

    @property
    def parts(self) -> Parts:
        """All models, loaded. The decoder's constant prompt is prefilled."""
        return self.models.parts

    def search(self, question: str, *, where: Filter | None = None, settings: Settings | None = None) -> list[Hit]:
        """The best chunks for ``question``. Raises UsageError."""
        settings = settings or self.settings
        reranker = self.reranker if settings.search.rerank else None
        with self.index.pin() as snapshot:
            asked = check_question(question)
            found = search(snapshot, self.encoder, asked, settings.search, reranker=reranker, where=where)
        return list(found.hits)

    def stream(
        self, question: str, *, where: Filter | None = None, settings: Settings | None = None
    ) -> Generator[Event, None, None]:
        """The answer as it comes: citations, tokens, sentences with their verdicts, then the ``Answer``."""
        check_question(question)
        once = Remembering(self.parts.answers_it)
        parts = replace(self.parts, names=dict(self.parts.names), answers_it=once.relevance)
        with self.index.pin() as snapshot:
            for event in ask(question, snapshot, parts, settings or self.settings, where):
                yield self._stamped(event, snapshot) if event.kind == "answer" else event

    def ask(self, question: str, *, where: Filter | None = None, settings: Settings | None = None) -> Answer:
        """The whole answer. Raises UsageError and what loading the models raises."""
        for event in self.stream(question, where=where, settings=settings):
            if event.kind == "answer":
                answer: Answer = event.data
                return answer
        raise LastroError("the pipeline ended without an answer.", hint="Please report this.")

    def verify(self, claim: str, context: str, question: str = "") -> Verdict:
        """The verdict on ``claim`` against ``context``."""
        return Verifier(self.settings, self.parts.entailer).verify(claim, context, question)

    def _stamped(self, event: Event, snapshot: Snapshot) -> Event:
        index = {"generation": snapshot.generation, "fingerprint": snapshot.fingerprint.digest}
        return replace(event, data=replace(event.data, index=index))


def _estimated_tokens(text: str) -> int:
    return -(-2 * len(text) // 7)


def _warm_generator(settings: ModelSettings) -> Any:
    generator: Any = load_generator(settings)
    if hasattr(generator, "warm"):
        from rag.answer.prompt import constant

        generator.warm(constant())
    return generator


def term_overlap(question: str, texts: Sequence[str]) -> NDArray[np.float32]:
    """Share of the question's terms that each text has, float32[n]: the stand-in where no trained judge is loaded. It
    orders sentences; it never withholds an answer."""
    asked = set(terms(question, detect_language(question)))
    if not asked:
        return np.zeros(len(texts), np.float32)
    shares = [len(asked & set(terms(fold(text), detect_language(question)))) / len(asked) for text in texts]
    return np.array(shares, np.float32)
