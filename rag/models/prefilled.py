"""A prompt's beginning as a decoder has read it (its KV cache), kept on disk from one process to the next.

Reading the constant part of the prompt takes two cores five seconds, and reading what was kept, milliseconds: a server
is back so much sooner. A file's name holds what it is of and the hash of its bytes; it is used only if both are right.
"""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from rag.durable import put
from rag.models.catalogue import sha256_of

__all__ = ["Prefilled"]

_KEPT = 4
"""Files in the folder: each is some megabytes, and those of former versions serve nobody."""


class Prefilled:
    """The files in ``folder`` of the decoder that ``identity`` names: weights, engine, context length.

    Where the folder cannot be written there are none, and every process reads for itself.
    """

    def __init__(self, folder: Path, identity: str) -> None:
        self.folder = folder
        self._identity = identity
        with suppress(OSError):  # a cache on a read-only disk
            folder.mkdir(parents=True, exist_ok=True)

    def restore(self, messages: Sequence[Mapping[str, str]], load: Callable[[str], bool]) -> bool:
        """Whether ``load``, given the name of a file of ``messages``, took it. One that is not whole is deleted."""
        for path in self.folder.glob(f"{self._key(messages)}-*.kv"):
            taken = path.stem.endswith(sha256_of(path)) and load(path.name)
            with suppress(OSError):  # a cache that others prepared: what cannot be written can be read
                os.utime(path) if taken else path.unlink(missing_ok=True)
            if taken:
                return True
        return False

    def keep(self, messages: Sequence[Mapping[str, str]], save: Callable[[str], bool]) -> None:
        """Keep what ``save`` writes under the name it is given; where it cannot, nothing is kept."""
        temporary = self.folder / f"{uuid.uuid4().hex}.tmp"
        if not os.access(self.folder, os.W_OK):
            return
        try:
            if save(temporary.name):
                put(temporary, self.folder / f"{self._key(messages)}-{sha256_of(temporary)}.kv")
        finally:
            temporary.unlink(missing_ok=True)
        newest = sorted(self.folder.glob("*.kv"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for old in newest[_KEPT:]:
            old.unlink(missing_ok=True)

    def _key(self, messages: Sequence[Mapping[str, str]]) -> str:
        whole = json.dumps([self._identity, [dict(message) for message in messages]])
        return hashlib.sha256(whole.encode()).hexdigest()[:32]
