"""What an index was built with; one is never silently searched with another."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields

__all__ = ["Fingerprint"]


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """``encoder`` is the hash of its weights; chunk sizes in tokens and sentences; ``analyser`` the terms' version."""

    encoder: str
    dimension: int
    query_prefix: str
    passage_prefix: str
    chunk_tokens: int
    chunk_overlap: int
    analyser: str

    @property
    def digest(self) -> str:
        """Twelve hexadecimal digits that stand for the whole."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:12]

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Fingerprint:
        return cls(**json.loads(text))

    def embeds_as(self, other: Fingerprint) -> bool:
        """Whether a text has the same vector in both."""
        return _encoding(self) == _encoding(other)

    def answers_as(self, other: Fingerprint) -> bool:
        """Whether a question is put to both in the same way: how chunks are cut is no matter of the question."""
        return self.embeds_as(other) and self.analyser == other.analyser

    def differences(self, other: Fingerprint) -> list[str]:
        """The fields in which the two differ, as ``encoder: a → b``."""
        pairs = ((f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return [f"{name}: {mine} → {theirs}" for name, mine, theirs in pairs if mine != theirs]


def _encoding(fingerprint: Fingerprint) -> tuple[str, int, str, str]:
    f = fingerprint
    return f.encoder, f.dimension, f.query_prefix, f.passage_prefix
