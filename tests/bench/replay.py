"""What the decoder said, kept in a file: a change of verification is measured again without its hour of decoding."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.facade import Models

__all__ = ["Replay", "replayed"]


class Replay:
    """A generator that says what ``path`` has of the same decoder, settings and messages, and else asks ``decoder`` and
    keeps what it said.

    The file is JSON Lines of ``{by, messages: hash, said}``, written as it comes. Times of what is replayed mean
    nothing.
    """

    def __init__(self, decoder: Any, path: Path) -> None:
        self.decoder, self.path, self.asked = decoder, path, 0
        self.identity, self.count_tokens = decoder.identity, decoder.count_tokens
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.said = {(row["by"], row["messages"]): row["said"] for row in map(json.loads, lines)}

    def stream(self, messages: Any, decoding: Any) -> Iterator[str]:
        by, hashed = f"{self.identity} {decoding}", hashlib.sha256(json.dumps(messages).encode()).hexdigest()[:16]
        key = by, hashed
        if key not in self.said:
            self.said[key] = "".join(self.decoder.stream(messages, decoding))
            self.asked += 1
            with self.path.open("a", encoding="utf-8") as file:
                file.write(
                    json.dumps({"by": by, "messages": hashed, "said": self.said[key]}, ensure_ascii=False) + "\n"
                )
        yield self.said[key]


def replayed(models: Models, path: Path) -> Replay:
    """``models`` with their decoder behind ``path``."""
    replay = Replay(models.parts.generator, path)
    models.__dict__["parts"] = replace(models.parts, generator=replay)
    return replay
