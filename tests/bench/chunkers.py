"""Chunkers compared: what is found of what was asked for, within as much text, and what of it reaches the prompt.

    python -m tests.bench.chunkers --data DATA [--sets squad] [--chunkers "sentences 160"] [--prompt 60 --section 0,800]

``--data`` is the folder that holds ``ir`` and ``qa`` (see ``tests.bench.retrieval`` for what they are and where from).
The golden questions are asked of ``data/sample``, SQuAD's and FaQuAD's of whole articles (their paragraphs joined, so
that a chunker has something to cut), Pirá's of its abstracts. Columns:

``@5``      share of questions whose evidence (the golden span, the answer in its paragraph) lies whole in the five
            best chunks. Larger chunks have it easier.
``@800``    the same within the first 800 tokens of the list, whatever the chunks' size: what a prompt of that size
            could hold. For Pirá, whose questions have documents and no spans, nDCG@10 of documents.
``prompt``  share of questions whose evidence lies whole in the passages that ``rag.answer.prompt.select`` takes, after
            reranking; ``near`` is how many characters of the section around a hit it may draw from. ``s`` is how long
            search and selection take a question.
"""

from __future__ import annotations

import argparse
import itertools
import random
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

from ingest.split import split
from rag.answer.prompt import select
from rag.config import ChunkSettings, SearchSettings, load_settings
from rag.index import MemoryIndex
from rag.models import load_encoder, load_reranker
from rag.search import search
from rag.text import contextualise
from rag.types import Chunk, Document, Hit
from tests.bench.material import Material, Question, material_of
from tests.bench.retrieval import ndcg

_PROMPT_TOKENS = 300
"""What the default prompt has left for passages, about."""
_BUDGET = 800
_SETS = ("golden", "squad", "faquad", "pira-pt", "pira-en")
_EDIT = "Este parágrafo foi trocado por outro. Ele diz outra coisa, e é mais curto do que era."
Chunker = Callable[[Document, Any], list[Chunk]]


def sentences_of(tokens: int, overlap: int = 1) -> Chunker:
    settings = ChunkSettings(tokens=tokens, overlap_sentences=overlap)
    return lambda document, encoder: split(document, encoder, settings)


def filled_sentences_of(tokens: int) -> Chunker:
    """Each chunk as full as it gets, wherever that ends."""
    cut = sentences_of(tokens)

    def ends(sizes: Sequence[int], overlaps: Sequence[int], ranks: Sequence[Any], budget: int) -> list[int]:
        found, first = [], 0
        while first < len(sizes):
            room, last = budget - overlaps[first] - sizes[first], first
            while last + 1 < len(sizes) and sizes[last + 1] <= room:
                last += 1
                room -= sizes[last]
            found.append(last)
            first = last + 1
        return found

    def filled(document: Document, encoder: Any) -> list[Chunk]:
        with patch("ingest.split.ends", ends):
            return cut(document, encoder)

    return filled


def windows_of(tokens: int, overlap: int) -> Chunker:
    """Words as they come, whatever they say: the chunker of most tutorials."""

    def cut(document: Document, encoder: Any) -> list[Chunk]:
        words = [match.span() for match in re.finditer(r"\S+", document.text)]
        sizes = encoder.count_tokens([document.text[a:b] for a, b in words])
        chunks: list[Chunk] = []
        first = 0
        while first < len(words):
            last = _filled(sizes, first, tokens, 1)
            start, end = words[first][0], words[last][1]
            text = document.text[start:end]
            chunks.append(Chunk(document.doc_id, len(chunks), start, end, text, document.language))
            if last + 1 >= len(words):
                break
            first = max(first + 1, _filled(sizes, last, overlap, -1))
        return chunks

    return cut


def _filled(sizes: Sequence[int], first: int, tokens: int, step: int) -> int:
    """The last word from ``first`` on, in the direction of ``step``, that ``tokens`` have room for."""
    last, spent = first, sizes[first]
    while 0 <= last + step < len(sizes) and spent + sizes[last + step] <= tokens:
        last += step
        spent += sizes[last]
    return last


CHUNKERS: dict[str, Chunker] = {
    "sentences 96": sentences_of(96),
    "sentences 160": sentences_of(160),
    "sentences 256": sentences_of(256),
    "filled sentences 160": filled_sentences_of(160),
    "sections up to 480": sentences_of(480, 0),
    "windows 160 sharing 32": windows_of(160, 32),
}


def indexed(documents: Sequence[Document], chunker: Chunker, encoder: Any) -> tuple[MemoryIndex, dict[int, int]]:
    """The index, and the tokens of each of its chunks."""
    titles = {document.doc_id: document.title for document in documents}
    chunks = [chunk for document in documents for chunk in chunker(document, encoder)]
    texts = [contextualise(titles[chunk.doc_id], chunk.headings, chunk.text) for chunk in chunks]
    sizes = encoder.count_tokens([chunk.text for chunk in chunks])
    return MemoryIndex(documents, chunks, encoder.encode(texts, "passage")), dict(enumerate(sizes))


def holds(spans: Sequence[tuple[str, int, int]], places: Sequence[tuple[str, int, int]]) -> bool:
    """Whether one of ``spans`` is covered by ``places``, alone or together."""
    for doc_id, start, end in spans:
        covered = {at for doc, a, b in places if doc == doc_id for at in range(max(a, start), min(b, end))}
        if len(covered) == end - start:
            return True
    return False


def within(hits: Sequence[Hit], sizes: dict[int, int], tokens: int) -> Iterator[Hit]:
    for hit in hits:
        tokens -= sizes[hit.chunk_id]
        if tokens < 0:
            return
        yield hit


def found_of(index: MemoryIndex, sizes: dict[int, int], material: Material, encoder: Any) -> list[tuple[float, float]]:
    """(@5, @800) of each question; (nDCG@10, nDCG@10) of documents where no spans are known."""
    settings = SearchSettings(k=50, rerank=False, duplicates="show")
    scores = []
    for question in material.questions:
        hits = search(index, encoder, question.text, settings).hits
        if question.documents:
            gain = ndcg(list(dict.fromkeys(hit.doc_id for hit in hits)), set(question.documents))
            scores.append((gain, gain))
            continue
        first = [(hit.doc_id, hit.start, hit.end) for hit in hits[:5]]
        most = [(hit.doc_id, hit.start, hit.end) for hit in within(hits, sizes, _BUDGET)]
        scores.append((float(holds(question.spans, first)), float(holds(question.spans, most))))
    return scores


def prompted(index: MemoryIndex, questions: Sequence[Question], near: int, encoder: Any, judge: Any) -> list[float]:
    settings = SearchSettings(section=near)
    scores = []
    for question in questions:
        hits = search(index, encoder, question.text, settings, reranker=judge).hits
        passages, _ = select(
            question.text, hits, judge.relevance, lambda text: encoder.count_tokens([text])[0], _PROMPT_TOKENS
        )
        scores.append(float(holds(question.spans, [(p.hit.doc_id, p.start, p.end) for p in passages])))
    return scores


def edited(name: str, of: str, options: argparse.Namespace, encoder: Any) -> str:
    """What one edited paragraph costs: chunks that are new, and those of them that do not hold the edit."""
    documents = material_of(of, options.data, 1).documents
    rng = random.Random(0)
    new, beyond, total = [], [], []
    for _ in range(options.edits):
        document = rng.choice(documents)
        paragraphs = document.text.split("\n\n")
        at = rng.randrange(len(paragraphs))
        start = sum(len(paragraph) + 2 for paragraph in paragraphs[:at])
        text = "\n\n".join([*paragraphs[:at], _EDIT, *paragraphs[at + 1 :]])
        before = CHUNKERS[name](document, encoder)
        after = CHUNKERS[name](replace(document, text=text), encoder)
        changed = [chunk for chunk in after if chunk.text not in {chunk.text for chunk in before}]
        new.append(len(changed))
        beyond.append(sum(chunk.end <= start or start + len(_EDIT) <= chunk.start for chunk in changed))
        total.append(len(before))
    of_them = f"{np.mean(total):.0f} chunks"
    return f"of {of_them}, new {np.mean(new):.1f}, most {max(new)}; beyond {np.mean(beyond):.2f}, most {max(beyond)}"


def figures(name: str, of: str, options: argparse.Namespace, encoder: Any, judge: Any) -> Iterator[str]:
    """The lines of one chunker on one set."""
    if options.edits:
        yield edited(name, of, options, encoder)
        return
    material = material_of(of, options.data, options.questions)
    index, sizes = indexed(material.documents, CHUNKERS[name], encoder)
    at_five, at_budget = np.mean(found_of(index, sizes, material, encoder), axis=0)
    cut = f"{len(sizes):5} chunks of {np.mean(list(sizes.values())):4.0f} tokens"
    yield f"{cut}  @5 {at_five:.3f}  @{_BUDGET} {at_budget:.3f}"
    asked = material.questions[: options.prompt]
    for near in (int(near) for near in options.section.split(",")) if asked and asked[0].spans else ():
        started = time.perf_counter()
        share = np.mean(prompted(index, asked, near, encoder, judge))
        yield f"near {near:5}  prompt {share:.3f}  {(time.perf_counter() - started) / len(asked):.2f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--chunkers", default=",".join(CHUNKERS))
    parser.add_argument("--sets", default=",".join(_SETS), help="all but golden need --data")
    parser.add_argument("--questions", type=int, default=200, help="of each public set")
    parser.add_argument("--prompt", type=int, default=0, help="questions of each set to go as far as the prompt with")
    parser.add_argument("--section", default="0", help="comma-separated: characters around a hit, for the prompt")
    parser.add_argument("--edits", type=int, default=0, help="paragraphs to edit, in place of questions to ask")
    parser.add_argument("--kept", type=Path, help="file of lines: those of runs before are not computed again")
    options = parser.parse_args()
    models = load_settings().models
    encoder, judge = load_encoder(models), load_reranker(models)
    before = options.kept.read_text(encoding="utf-8").splitlines() if options.kept and options.kept.exists() else []
    for name, of in itertools.product(options.chunkers.split(","), options.sets.split(",")):
        head = f"{name:24} {of:8}"
        lines = [line for line in before if line.startswith(head)]
        if not lines:
            lines = [f"{head} {figure}" for figure in figures(name, of, options, encoder, judge)]
            if options.kept:
                with options.kept.open("a", encoding="utf-8") as kept:
                    kept.writelines(f"{line}\n" for line in lines)
        print("\n".join(lines), flush=True)


if __name__ == "__main__":
    main()
