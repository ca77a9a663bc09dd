"""Stand-ins with real behaviour, for tests that are about something else than the weights."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rag.text import terms
from rag.types import Chunk, Document


class HashingEncoder:
    """Feature hashing of the analysed terms into 256 dimensions: texts that share terms are near each other."""

    identity = "hashing-256"
    dimension = 256
    query_prefix = ""
    passage_prefix = ""

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def encode(self, texts: Sequence[str], kind: str) -> NDArray[np.float32]:
        if kind == "passage":
            self.embedded += texts
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            for term in terms(text, "pt"):
                digest = hashlib.sha256(term.encode()).digest()
                vectors[row, digest[0]] += 1.0 if digest[1] % 2 else -1.0
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors[norms[:, 0] == 0, 0] = 1.0
        unit: NDArray[np.float32] = vectors / np.maximum(norms, 1e-9)
        return np.where(norms == 0, vectors, unit).astype(np.float32)

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]


def document(name: str, text: str, language: str = "pt", title: str = "") -> Document:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Document(name, f"{name}.txt", title, "text/plain", language, text, digest)  # type: ignore[arg-type]


def whole(doc: Document) -> Chunk:
    """The document as one chunk."""
    return Chunk(doc.doc_id, 0, 0, len(doc.text), doc.text, doc.language)
