"""messages → stream of text: llama.cpp in process, a transformers model, or an OpenAI-compatible server.

Each engine honours every field of ``rag.answer.generate.Decoding`` by its own name for it. This module holds what they
share: what they read of a request, the thread that turns a blocking engine into an iterator, and the choice of one.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol, TypeVar

from rag.config import ModelSettings
from rag.models.catalogue import ROLES, Store
from rag.models.encoder import threads_of
from rag.terminal import DECODER

__all__ = ["Decoding", "Engine", "Message", "estimated_tokens", "load_generator", "streamed"]

Message = Mapping[str, str]
Piece = TypeVar("Piece")


class Decoding(Protocol):
    """What a generator reads of a decoding request (``rag.answer.generate.Decoding`` is one)."""

    @property
    def temperature(self) -> float: ...
    @property
    def top_p(self) -> float: ...
    @property
    def top_k(self) -> int: ...
    @property
    def max_tokens(self) -> int: ...
    @property
    def repetition_penalty(self) -> float: ...
    @property
    def presence_penalty(self) -> float: ...
    @property
    def frequency_penalty(self) -> float: ...
    @property
    def stop(self) -> tuple[str, ...]: ...
    @property
    def seed(self) -> int: ...


class Engine(Protocol):
    """What every engine here offers: ``identity`` names it in answers."""

    @property
    def identity(self) -> str: ...
    def stream(self, messages: Sequence[Message], decoding: Decoding) -> Generator[str, None, None]: ...
    def count_tokens(self, text: str) -> int: ...


def streamed(work: Callable[[Callable[[Piece], bool]], None]) -> Generator[Piece, None, None]:
    """What ``work`` hands to its callback, in order, while it runs in a thread of its own.

    The callback returns True once the reader has gone, and ``work`` is then to stop. Whatever ``work`` raises is raised
    here, after the pieces that came before it.
    """
    pieces: queue.Queue[Any] = queue.Queue()
    end = object()
    gone = False

    def put(piece: Piece) -> bool:
        pieces.put(piece)
        return gone

    pool = ThreadPoolExecutor(1, thread_name_prefix=DECODER)
    done = pool.submit(work, put)
    done.add_done_callback(lambda _: pieces.put(end))
    pool.shutdown(wait=False)
    try:
        while (piece := pieces.get()) is not end:
            yield piece
        done.result()
    finally:
        # Only a flag, no join: an abandoned iterator is closed by the garbage collector, which once ran inside
        # threading's own lock, and a join there waits for itself.
        gone = True


def estimated_tokens(text: str) -> int:
    """About how many tokens ``text`` is, where no tokenizer is at hand.

    Three characters a token: the embedded decoder's tokenizer takes 2.7 to 3.5 a token on the sample folder's
    Portuguese and 2.8 to 4.1 on its English, so this errs on the side of a prompt too short.
    """
    return -(-len(text) // 3)


def load_generator(settings: ModelSettings) -> Engine | None:
    """The decoder that ``settings.generator`` names; None for ``none``.

    ``embedded``, a ``.gguf`` file, the base URL of an OpenAI-compatible server, a local directory or a hub id.
    Raises WeightsMissing, WeightsDamaged, GeneratorFailed.
    """
    name = settings.generator
    if name == "none":
        return None
    if name.startswith(("http://", "https://")):
        from rag.models.hosted import OpenAICompatible

        key = settings.generator_api_key
        return OpenAICompatible(
            name, settings.generator_model, key.get_secret_value() if key else None, settings.timeout_s
        )
    threads = threads_of(settings)
    if name == "embedded" or name.endswith(".gguf"):
        from rag.models.llama import LlamaCpp

        kept = settings.cache_dir / "prefilled"
        if name == "embedded":
            model = Store(settings.cache_dir).path("decoder.gguf")
            return LlamaCpp(model, threads=threads, name=ROLES["generator"].model, kept=kept)
        return LlamaCpp(Path(name), threads=threads, kept=kept)
    from rag.models.causal import CausalModel

    return CausalModel(name, threads)
