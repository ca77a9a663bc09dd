"""One question's way through the stages, with its clock: what each stage is given, and what its answer is made of."""

from __future__ import annotations

import contextlib
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Generator as PyGenerator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rag.answer.cite import assemble, citation_of, valid
from rag.answer.extract import best_sentences
from rag.answer.generate import Generator, declined, decoding_of, visible
from rag.answer.language import in_other_language, insisting
from rag.answer.prompt import Message, build, constant, select
from rag.answer.withheld import REASONS, WITHHELD
from rag.config import Settings
from rag.errors import GeneratorFailed
from rag.search import Found, QueryEncoder, Reranker
from rag.text import contextualise
from rag.types import Answer, Citation, Language, Passage, ReasonCode, Sentence, Triad, Verdict
from rag.verify.asked import lacks_asked_kind
from rag.verify.claims import claims, echoes, strip_citations
from rag.verify.decide import confidence, groundedness
from rag.verify.entail import SUPPORTED, Entailer, judge
from rag.verify.windows import Source

__all__ = ["Checked", "Course", "Event", "Parts", "Relevance"]

_NEAREST = 2
"""Passages that a second attempt is given."""
_AS_GOOD = 0.1
"""How much less likely than the best a second sentence may be to answer, and still be given with it."""
Relevance = Callable[[str, Sequence[str]], NDArray[np.float32]]
Checked = tuple[str, tuple[Sentence, ...]]
"""An answer with checked citations, and its sentences with their verdicts."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What answers are made with. ``answers_it`` judges whether a text holds the answer to a question; ``measured``
    says that it is a trained judge, whose probability may withhold an answer."""

    encoder: QueryEncoder
    entailer: Entailer
    answers_it: Relevance
    measured: bool
    generator: Generator | None
    count_tokens: Callable[[str], int]
    reranker: Reranker | None = None
    names: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """A step of an answer as it comes: ``citations``, then ``token`` …, ``sentence`` …, and last ``answer``.

    ``retry`` (its data the reason) takes back the tokens before it: another attempt begins, or the documents' own words
    take their place.
    """

    kind: Literal["citations", "token", "retry", "sentence", "answer"]
    data: Any


class Course:
    """One question's way through the stages, with its clock."""

    def __init__(self, question: str, language: Language, parts: Parts, settings: Settings) -> None:
        self.question = question
        self.language = language
        self.parts = parts
        self.settings = settings
        self.started = time.perf_counter()
        self.context_relevance: float | None = None
        self.signals: dict[str, float] = {}
        self.prompt_sha256 = ""
        self.timings = dict.fromkeys(
            ("embed", "dense", "sparse", "fuse", "rerank", "prompt", "first_token", "generate", "verify", "total"), 0.0
        )

    def choose(self, found: Found) -> list[Passage]:
        """The passages for the prompt."""
        clock = time.perf_counter()
        constant_cost = sum(self.parts.count_tokens(message["content"]) for message in constant())
        budget = self.settings.answer.prompt_tokens - constant_cost - self.parts.count_tokens(self.question) - 20
        passages, best = select(
            self.question, found.hits, self.parts.answers_it, self.parts.count_tokens, max(60, budget)
        )
        if self.parts.measured:
            self.context_relevance = best
            self.signals["relevance"] = best
        self.timings["prompt"] = 1000 * (time.perf_counter() - clock)
        return passages

    def attempts(self, passages: Sequence[Passage]) -> Iterator[Sequence[Passage]]:
        """What to ask the decoder from: all passages, and then, since a small decoder mixes up what it reads, the two
        nearest alone. To be taken up only while no answer surely holds."""
        yield passages
        if len(passages) > _NEAREST:
            self.signals["attempts"] = 2.0
            ranked = best_sentences(self.question, passages, self.parts.answers_it, most=None, least=0.0)
            nearest = list(dict.fromkeys(n for n, _, _ in ranked))[:_NEAREST]
            yield [passage for passage in passages if passage.n in nearest]

    def begin(self) -> None:
        """Leave nothing of another question in the decoder, so that what it says does not hang on what came before."""
        begin = getattr(self.parts.generator, "begin", None)
        if begin is not None:
            with contextlib.suppress(GeneratorFailed):  # `generate` will say so
                begin()

    def generate(self, passages: Sequence[Passage]) -> PyGenerator[Event, None, str | None]:
        """Token events; returns the answer's text, or None when there is no decoder or it failed."""
        if self.parts.generator is None:
            return None
        messages = build(self.question, passages, self.language)
        try:
            text = yield from self._stream(messages)
            if not declined(text) and in_other_language(strip_citations(text), self.language):
                yield Event("retry", "other_language")
                text = yield from self._stream(insisting(messages, text, self.language))
        except GeneratorFailed as error:
            self.parts.names["generator"] = f"failed: {error.message}"
            return None
        return text

    def _stream(self, messages: Sequence[Message]) -> PyGenerator[Event, None, str]:
        assert self.parts.generator is not None
        self.prompt_sha256 = hashlib.sha256(json.dumps(messages).encode()).hexdigest()
        clock = time.perf_counter()
        said: list[str] = []

        def listen(pieces: Iterator[str]) -> Iterator[str]:
            for piece in pieces:
                if not self.timings["first_token"]:  # what one waits for, whether or not it is taken back later
                    self.timings["first_token"] = 1000 * (time.perf_counter() - clock)
                said.append(piece)
                yield piece

        with contextlib.closing(self.parts.generator.stream(messages, decoding_of(self.settings.answer))) as pieces:
            for piece in visible(listen(pieces)):
                yield Event("token", piece)
        self.timings["generate"] += 1000 * (time.perf_counter() - clock)
        return "".join(said).strip()

    def verify(self, text: str, passages: Sequence[Passage]) -> Checked:
        """The answer with checked citations, and its sentences with their verdicts."""
        clock = time.perf_counter()
        found: list[tuple[str, tuple[int, ...], Verdict]] = []
        for claim in claims(text, self.language):
            cited = valid(claim.citations, passages)
            verdict = self._judge(claim.text, cited, passages) if claim.asserts else _no_claim()
            if verdict.label == "supported" and echoes(self.question, claim.text, self.language):
                verdict = _rejected(verdict, "it only repeats the question", "repeats_question")
            asked = lacks_asked_kind(self.question, claim.text)
            if verdict.label == "supported" and asked and not found:
                verdict = _rejected(verdict, f"it gives no {asked}", "lacks_kind", asked)
            found.append((claim.text, cited, verdict))
        self.timings["verify"] += 1000 * (time.perf_counter() - clock)
        return assemble(found)

    def _judge(self, claim: str, cited: Sequence[int], passages: Sequence[Passage]) -> Verdict:
        sources = [Source(citation_of(p), p.hit.headings, p.hit.language) for p in passages]
        first = [source for source in sources if source.citation.n in cited]
        others = [source for source in sources if source.citation.n not in cited]
        return judge(self.parts.entailer, self.question, claim, (first, others), self.settings.verify)

    def _answers(self, n: int, text: str, passages: Sequence[Passage]) -> float:
        """The support that the sentence, as the answer to the question, has in itself; 0 where another verdict is
        likelier."""
        found = self.parts.entailer.probabilities([(_in_context(n, text, passages), f"{self.question} {text}")])[0]
        return float(found[SUPPORTED]) if found.argmax() == SUPPORTED else 0.0

    def extract(self, passages: Sequence[Passage], *, least: float) -> Checked | None:
        """The best sentences to the letter, when they hold up as the answer with a support of ``least``; else None."""
        clock = time.perf_counter()
        best = best_sentences(self.question, passages, self.parts.answers_it)
        found = []
        for n, text, _ in best:
            verdict = self._judge(strip_citations(text), (n,), passages)
            # To the letter a sentence always has its backing: what is in doubt is whether it answers.
            answers = self._answers(n, text, passages) if lacks_asked_kind(self.question, text) is None else 0.0
            if verdict.label == "supported" and verdict.score >= least and answers >= self.settings.verify.supported:
                found.append((answers, (text, (n,), verdict)))
        self.timings["verify"] += 1000 * (time.perf_counter() - clock)
        found.sort(key=lambda one: -one[0])
        parts = [part for answers, part in found if answers >= found[0][0] - _AS_GOOD]
        return assemble(parts) if parts else None

    def answer(
        self,
        text: str,
        checked: tuple[Sentence, ...],
        passages: Sequence[Passage],
        *,
        extractive: bool = False,
    ) -> Answer:
        relevance, backing = self._relevance(checked, passages) if self.parts.measured else (None, None)
        triad = Triad(self.context_relevance, groundedness(checked), relevance)
        if backing is not None:
            self.signals["backing"] = backing
        self.signals["confidence"] = confidence(checked, backing)
        citations = tuple(citation_of(passage) for passage in passages)
        return replace(self._answer(text, triad), sentences=checked, citations=citations, extractive=extractive)

    def _relevance(self, checked: Sequence[Sentence], passages: Sequence[Passage]) -> tuple[float, float]:
        """The probabilities that the answer's words, and that the best of what they rest on, answer the question."""
        rests_on = [e for s in checked for e in (s.verdict.evidence, *s.verdict.also) if e is not None]
        texts = [" ".join(strip_citations(sentence.text) for sentence in checked)]
        texts += [_in_context(evidence.citation, evidence.text, passages) for evidence in rests_on]
        judged = self.parts.answers_it(self.question, texts)
        return float(judged[0]), float(judged[1:].max(initial=0.0))

    def give(self, answer: Answer) -> Iterator[Event]:
        """The events of ``answer``, or of withholding it where it is less sure than answers in its language must be.

        Nothing else is tried then: how sure is sure enough was fitted to what is said first.
        """
        if self.signals["confidence"] < self.settings.verify.confidence.get(self.language, 0.0):
            yield Event("answer", self.withhold("unsure", answer.citations))
            return
        yield from (Event("sentence", sentence) for sentence in answer.sentences)
        yield Event("answer", answer)

    def withhold(self, code: str, citations: tuple[Citation, ...]) -> Answer:
        """The answer that says there is none, why, and shows the closest passages."""
        answer = self._answer(WITHHELD[self.language], Triad(self.context_relevance, None, None))
        reason = REASONS[code][self.language]
        return replace(answer, abstained=True, reason=reason, reason_code=code, closest=citations)

    def _answer(self, text: str, triad: Triad) -> Answer:
        self.timings["total"] = 1000 * (time.perf_counter() - self.started)
        return Answer(
            question=self.question,
            language=self.language,
            answer=text,
            abstained=False,
            reason=None,
            sentences=(),
            citations=(),
            triad=triad,
            timings_ms=self.timings,
            models=self.parts.names,
            index={},
            signals=self.signals,
            seed=self.settings.answer.seed,
            prompt_sha256=self.prompt_sha256,
        )


def _in_context(n: int, text: str, passages: Sequence[Passage]) -> str:
    """``text``, of the passage ``n``, under its title and headings."""
    hit = next(passage.hit for passage in passages if passage.n == n)
    return contextualise(hit.title, hit.headings, text)


def _rejected(verdict: Verdict, reason: str, code: ReasonCode, *about: str) -> Verdict:
    found = replace(verdict, label="not_found", evidence=None)
    return replace(found, reason=reason, reason_code=code, reason_about=about)


def _no_claim() -> Verdict:
    return Verdict("not_a_claim", 1.0, {"supported": 0.0, "contradicted": 0.0, "not_found": 0.0})
