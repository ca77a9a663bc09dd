"""What folding near-duplicates costs a chunk, and how often it is right: copies told from versions, by threshold.

    python -m tests.bench.duplicates [--folder data/sample] [--corpus CORPUS.jsonl.gz ...] [--seed 0]

The chunks of a folder, and of BEIR-form collections if any are given, are each edited: as copies of one text differ
(line breaks, typography, a slip of the keys, a word lost at an edge) and as versions do (a number, a date, a unit, a
name, a negation). ``told apart`` is by ``rag.index.signature``, ``shingles alone`` by the same resemblance without what
a chunk tells. A replaced plain word is listed by itself: without knowing the words it is neither.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import tempfile
import textwrap
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from ingest.read import extract
from ingest.split import split
from rag.config import ChunkSettings
from rag.errors import UnreadableFile
from rag.index import Batch, Catalog, Fingerprint
from rag.index.signature import THRESHOLD, Signature, resemblance, sign
from rag.text import detect_language, fold
from rag.train.edits import EDITS
from rag.types import Chunk, Document

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
THRESHOLDS = [Fraction(percent, 100) for percent in (60, 70, 80, 85, 90, 95, 100)]
Edit = Callable[[str, random.Random], str | None]


class Words:
    """Tokens estimated from words, as the encoder's tokenizer cuts Portuguese and English: 1.45 a word."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [round(1.45 * len(text.split())) for text in texts]


def documents(folder: Path, corpora: Sequence[Path]) -> list[Document]:
    found = []
    for path in sorted(folder.iterdir()):
        try:
            media_type, read = extract(path.read_bytes(), path.name)
        except UnreadableFile:
            continue
        language = detect_language(read.text)
        title = read.title or path.stem
        found.append(
            Document(path.name, path.name, title, media_type, language, read.text, "", read.pages, read.headings)
        )
    for corpus in corpora:
        with gzip.open(corpus, "rt", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                name, text = f"{corpus.parent.name}/{row['_id']}", row["text"]
                found.append(Document(name, name, row.get("title", ""), "text/plain", detect_language(text), text, ""))
    return found


def wrapped(text: str, random_: random.Random) -> str:
    return textwrap.fill(text, 60)


def typography(text: str, random_: random.Random) -> str:
    changed = text.replace('"', "”").replace("'", "’").replace(" ", "\u00a0", 3).replace("ç", "c\u0327")
    return re.sub(r"(?<=\w);", ",", changed).replace(" - ", " – ")


def slip(text: str, random_: random.Random) -> str | None:
    """Two letters of one plain word exchanged."""
    words = [match for match in re.finditer(r"\b[a-zà-ÿ]{6,}\b", text) if match.group()[2] != match.group()[3]]
    if not words:
        return None
    at = random_.choice(words).start()
    return text[: at + 2] + text[at + 3] + text[at + 2] + text[at + 4 :]


def two_slips(text: str, random_: random.Random) -> str | None:
    once = slip(text, random_)
    return once and slip(once, random_)


def first_word_lost(text: str, random_: random.Random) -> str | None:
    return text.split(maxsplit=1)[1] if len(text.split()) > 1 else None


def last_words_lost(text: str, random_: random.Random) -> str | None:
    return text.rsplit(maxsplit=3)[0] if len(text.split()) > 3 else None


def unit(text: str, random_: random.Random) -> str | None:
    """The word after a number replaced."""
    found = list(re.finditer(r"(?<=\d )[a-zà-ÿ]{2,}", text))
    return _replaced(text, random_.choice(found), "semanas") if found else None


def limit(text: str, random_: random.Random) -> str | None:
    """The word before a number replaced."""
    found = list(re.finditer(r"\b[a-zà-ÿ]{2,}(?= \d)", text))
    return _replaced(text, random_.choice(found), "sobre") if found else None


def word(text: str, random_: random.Random) -> str | None:
    """One plain word replaced by another of the text."""
    found = list(re.finditer(r"\b[a-zà-ÿ]{5,}\b", text))
    if len(found) < 2:
        return None
    one, other = random_.sample(found, 2)
    return _replaced(text, one, other.group()) if one.group() != other.group() else None


def _replaced(text: str, match: re.Match[str], by: str) -> str:
    return text[: match.start()] + by + text[match.end() :]


COPIES: dict[str, Edit] = {
    "wrapped": wrapped,
    "typography": typography,
    "a slip": slip,
    "two slips": two_slips,
    "first word lost": first_word_lost,
    "last words lost": last_words_lost,
}


def edits(document: Document, chunk: Chunk, random_: random.Random) -> dict[str, str]:
    """The chunk's text by what was done to it; edits that cannot be made, or change nothing, are left out."""
    others = re.split(r"(?<=[.!?])\s", document.text)
    made = {name: edit(chunk.text, random_) for name, edit in COPIES.items()}
    made |= {name: edit(chunk.text, chunk.language, others, random_) for name, edit in EDITS.items()}
    made |= {
        "unit": unit(chunk.text, random_),
        "limit": limit(chunk.text, random_),
        "a word": word(chunk.text, random_),
    }
    return {name: text for name, text in made.items() if text is not None and text != chunk.text}


def alone(one: str, other: str) -> Fraction:
    """Resemblance of the 5-word shingles and nothing else."""
    first, second = _shingles(one), _shingles(other)
    return Fraction(len(first & second), len(first | second))


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[^\W_]+", fold(text)) or [text]
    return {tuple(words[i : i + 5]) for i in range(max(1, len(words) - 4))}


def natural(signatures: Sequence[Signature]) -> list[tuple[int, int, Fraction]]:
    """Pairs of chunks nobody edited that resemble each other enough."""
    having = defaultdict(set)
    for number, signature in enumerate(signatures):
        for value in signature.sketch:
            having[value].add(number)
    pairs = {(a, b) for numbers in having.values() for a in numbers for b in numbers if a < b}
    judged = [(a, b, resemblance(signatures[a], signatures[b])) for a, b in pairs]
    return [pair for pair in judged if pair[2] >= THRESHOLD]


def stored(chunks: Sequence[tuple[Document, Chunk]]) -> None:
    """Commit each document three times, under other names, and look up what a search would."""
    by_document: dict[str, list[tuple[Document, Chunk]]] = defaultdict(list)
    for document, chunk in chunks:
        by_document[document.doc_id].append((document, chunk))
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(Catalog.create(Path(folder) / "catalog.sqlite", Fingerprint("", 8, "", "", 160, 1, ""))) as catalog,
    ):
        for copy in ("first", "second", "third"):
            clock, computing = time.perf_counter(), time.process_time()
            for own in by_document.values():
                name = f"{copy}/{own[0][0].doc_id}"
                renamed = [replace(chunk, doc_id=name) for _, chunk in own]
                vectors = np.zeros((len(own), 8), np.float32)
                catalog.commit(Batch([(replace(own[0][0], doc_id=name, source=name), renamed, vectors)]))
            each = 1000 / len(chunks)
            took, computing = each * (time.perf_counter() - clock), each * (time.process_time() - computing)
            print(f"{copy} copies committed in {took:.2f} ms a chunk, {computing:.2f} of it computing")
        ids, times = catalog.vectors()[0], []
        for seed in range(50):
            some = np.random.default_rng(seed).choice(ids, min(200, len(ids)), replace=False).tolist()
            clock = time.perf_counter()
            catalog.near_duplicates(some, None)
            times.append(1000 * (time.perf_counter() - clock))
        print(f"groups of 200 among {len(ids)} chunks looked up in {statistics.median(times):.2f} ms")


def row(name: str, values: Sequence[Fraction]) -> str:
    shares = (sum(value >= threshold for value in values) / len(values) for threshold in THRESHOLDS)
    return f"{name:24}{len(values):6}" + "".join(f"{share:8.3f}" for share in shares)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=SAMPLE)
    parser.add_argument("--corpus", type=Path, nargs="*", default=[])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random_ = random.Random(options.seed)
    chunks = [(d, c) for d in documents(options.folder, options.corpus) for c in split(d, Words(), ChunkSettings())]
    took, signatures = [], []
    for document, chunk in chunks:
        clock = time.perf_counter()
        signatures.append(sign(document.title, chunk.headings, chunk.text))
        took.append(1000 * (time.perf_counter() - clock))
    sizes = [len(signature.shingles) for signature in signatures]
    print(f"{len(chunks)} chunks, {statistics.mean(sizes):.0f} shingles each, of which the sketch keeps", end=" ")
    print(f"{statistics.mean(len(s.sketch) for s in signatures):.1f}; signed in {statistics.median(took):.2f} ms each")
    ours, plain = defaultdict(list), defaultdict(list)
    for (document, chunk), signature in zip(chunks, signatures, strict=True):
        for name, text in edits(document, chunk, random_).items():
            ours[name].append(resemblance(signature, sign(document.title, chunk.headings, text)))
            plain[name].append(alone(chunk.text, text))
    for title, found in (("told apart", ours), ("shingles alone", plain)):
        print(f"\n{title:24}{'n':>6}" + "".join(f"{float(threshold):8.2f}" for threshold in THRESHOLDS))
        copies = [value for name in COPIES for value in found[name]]
        versions = [value for name in (*EDITS, "unit", "limit") for value in found[name]]
        for name, values in found.items():
            print(row(f"  {name}{' (copy)' if name in COPIES else ''}", values))
        print(row("recall of copies", copies))
        folded = [[sum(value >= t for value in values) for t in THRESHOLDS] for values in (copies, versions)]
        shares = (right / (right + wrong) if right + wrong else 1.0 for right, wrong in zip(*folded, strict=True))
        print(f"{'precision':24}{'':6}" + "".join(f"{share:8.3f}" for share in shares))
    pairs = natural(signatures)
    identical = sum(chunks[a][1].text.split() == chunks[b][1].text.split() for a, b, _ in pairs)
    print(f"\nunedited chunks at {float(THRESHOLD):.2f}: {len(pairs)} pairs, {identical} of them equal to the letter")
    stored(chunks)


if __name__ == "__main__":
    main()
