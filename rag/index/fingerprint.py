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

    def differences(self, other: Fingerprint) -> list[str]:
        """The fields in which the two differ, as ``encoder: a → b``."""
        pairs = ((f.name, getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return [f"{name}: {mine} → {theirs}" for name, mine, theirs in pairs if mine != theirs]
