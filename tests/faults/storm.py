"""SIGKILL at random moments of ingests, and what the index is after each.

    python -m tests.faults.storm 1000 [--seed 0]

A folder changes (files come, go, move and are edited), an ingest of it is killed after a random time, and the index is
looked at. Each round is a fork of one process that has everything imported, so that the kills fall on the work and not
on Python's start.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ingest import ingest_folder
from rag.config import load_settings
from rag.errors import NoIndex
from rag.index import Index, Snapshot, StoredChunk, encoded
from rag.index.postings import Postings
from rag.text import contextualise, terms
from tests.doubles import HashingEncoder

__all__ = ["Storm", "storm"]

_TERMS = ("bomb", "pec")
_LATER = 1.1
"""Times as late the next kill may come where the last came before anything was committed."""
Held = dict[str, str]
"""Text by source."""


@dataclass(slots=True)
class Storm:
    """How many rounds were killed, and how many of these left the index as it was ``before`` the round, as the folder
    was ``after`` it, or with some of its batches (``between``)."""

    killed: int = 0
    before: int = 0
    between: int = 0
    after: int = 0


def storm(rounds: int, seed: int, work: Path) -> Storm:
    """Raises AssertionError naming the round after which the index was not what it may be."""
    rng = random.Random(seed)
    folder, index, found = work / "docs", work / "ix", Storm()
    folder.mkdir(parents=True)
    longest = math.inf  # the first is let end, to know how long one takes here
    for number in range(rounds):
        _change(folder, rng)
        before, after = _held(index), _texts(folder)
        started = time.monotonic()
        if not _dies(lambda: _ingest(folder, index), rng.uniform(0, longest) if number else longest):
            longest = 1.2 * (time.monotonic() - started)
            assert _held(index) == after, f"round {number} ended and left something else"
            continue
        found.killed += 1
        held = _held(index)
        _check(number, held, before, after)
        found.before += held == before
        # What is never committed is more to do each time: kills must not fall ever earlier in it.
        longest *= _LATER if held == before else 1.0
        found.after += held == after != before
        found.between += held not in (before, after)
    _ingest(folder, index)
    assert _held(index) == _texts(folder)
    assert Index.open(index).check() == []
    return found


def _check(number: int, held: Held, before: Held, after: Held) -> None:
    """Each document is as it was or as it is, whole; none is there that never was."""
    for source, text in held.items():
        assert text in {before.get(source), after.get(source)}, f"round {number}: {source} was never so"
    for source in before.keys() & after.keys():
        assert source in held, f"round {number}: {source} is lost"


def _change(folder: Path, rng: random.Random) -> None:
    files = sorted(folder.iterdir())
    for _ in range(rng.randint(1, 4)):
        kind = rng.choice(("new", "new", "edited", "moved", "gone")) if files else "new"
        name = f"{rng.randrange(10**6):06}.txt"
        if kind == "new":
            _write(folder / name, rng)
        elif kind == "edited":
            _write(rng.choice(files), rng)
        elif kind == "moved":
            rng.choice(files).rename(folder / name)
        elif len(files) > 5:
            rng.choice(files).unlink()
        files = sorted(folder.iterdir())


def _write(path: Path, rng: random.Random) -> None:
    sentences = (f"A bomba {rng.randrange(999)} tem a peça {rng.randrange(999)}." for _ in range(rng.randint(1, 40)))
    path.write_text(" ".join(sentences), encoding="utf-8")


def _texts(folder: Path) -> Held:
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def _ingest(folder: Path, index: Path) -> None:
    ingest_folder(folder, index, load_settings(ingest={"batch_documents": 2}), encoder=HashingEncoder())


def _held(index: Path) -> Held:
    """The documents, after every one of their chunks was compared with both legs, row by row."""
    try:
        opened = Index.open(index)
    except NoIndex:
        return {}
    with opened.pin() as snapshot:
        texts = {row.source: snapshot.document(row.doc_id).text for row in snapshot.documents()}
        chunks = snapshot.passages(snapshot.chunk_ids())
        assert len(texts) == len(snapshot.documents()), "a source is there twice"
        assert {chunk.source for chunk in chunks} == texts.keys(), "a document has no chunk, or a chunk no document"
        assert len({(chunk.doc_id, chunk.start) for chunk in chunks}) == len(chunks), "a chunk is there twice"
        assert all(texts[chunk.source][chunk.start : chunk.end] == chunk.text for chunk in chunks)
        _check_legs(snapshot, chunks)
        return texts


def _check_legs(snapshot: Snapshot, chunks: Sequence[StoredChunk]) -> None:
    encoder, ids = HashingEncoder(), np.array([chunk.chunk_id for chunk in chunks], np.int64)
    query = encoder.encode(["a bomba tem a peça 7"], "query")[0]
    expected = encoder.encode([encoded(c.title, c.headings, c.text) for c in chunks], "passage") @ query
    dense, sparse = snapshot.scores(ids, query, _TERMS)
    assert len(snapshot.vectors) == len(ids)
    assert np.allclose(dense, expected, atol=1e-5), "a vector is not its chunk's"
    said = ((c.chunk_id, " ".join(terms(contextualise(c.title, c.headings, c.text), c.language))) for c in chunks)
    assert np.allclose(sparse, Postings.build(said).scores(ids, _TERMS), atol=1e-5), "the postings are not the chunks'"


def _dies(work: Callable[[], None], after_s: float) -> bool:
    """Do ``work`` in a fork and kill it, with all it started, after so long; whether it was still at it."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.setsid()
            work()
            status = 0
        finally:
            os._exit(status)
    deadline = time.monotonic() + after_s
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, "an ingest failed by itself"
            return False
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        started = time.monotonic()
        print(storm(options.rounds, options.seed, Path(work)), f"{time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
