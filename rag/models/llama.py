"""A GGUF file through llama.cpp in this process.

xllamacpp, because its wheels carry llama.cpp built and its ``Server`` brings the chat template, the sampling chain and
the prompt cache along, which plain bindings leave to the caller.
"""

from __future__ import annotations

import http.client
import json
import math
import secrets
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rag.errors import GeneratorFailed, UsageError, WeightsDamaged, WeightsMissing
from rag.models.generator import Decoding, Message, streamed
from rag.models.hosted import chat_request, contents, reason
from rag.models.prefilled import Prefilled

__all__ = ["LlamaCpp"]

_LIKELIEST = 100
"""How many next tokens ``choice`` looks among."""


class LlamaCpp:
    """One generation at a time; others wait in the engine's queue.

    The prompt's KV cache is kept: a prompt that begins like the last one starts at once. In the folder ``kept``, where
    one is given, also from one process to the next.
    """

    def __init__(
        self, model: Path, *, threads: int, context: int = 4096, name: str = "", kept: Path | None = None
    ) -> None:
        import xllamacpp

        if not model.is_file():
            raise WeightsMissing(f"no GGUF file {model}.", subject=str(model), hint="Run `lastro models prepare`.")
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(model)
        parameters.n_ctx = context
        parameters.n_parallel = 1
        parameters.cpuparams.n_threads = threads
        parameters.cpuparams_batch.n_threads = threads
        parameters.verbosity = -1
        parameters.cache_ram_mib = 0
        # Both run through the weights once before the first prompt does: half of the time that loading takes.
        parameters.warmup = parameters.fit_params = False
        self._prefilled = None if kept is None else _prefilled(kept, model, context)
        if kept is not None:
            parameters.slot_save_path = f"{kept}/"
        # The bindings always open a loopback port; nobody else may use it.
        self._key = secrets.token_hex(16)
        parameters.api_keys = [self._key]
        try:
            self._server = xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise WeightsDamaged(
                f"llama.cpp cannot load {model}: {error}", subject=str(model), hint="Run `lastro models verify`."
            ) from error
        self.identity = name or model.stem
        self._constant: Sequence[Message] = ()

    def stream(self, messages: Sequence[Message], decoding: Decoding) -> Generator[str, None, None]:
        """The answer in pieces; closing the iterator stops the decoder within a token. Raises GeneratorFailed."""
        request = chat_request(messages, decoding) | {
            "top_k": decoding.top_k,
            "min_p": 0.0,  # llama.cpp's own 0.05 would cut tails that were asked for
            "cache_prompt": True,
        }

        def work(put: Callable[[Any], bool]) -> None:
            self._server.handle_chat_completions(request, put)

        try:
            with closing(streamed(work)) as chunks:
                yield from contents(chunks)
        except (RuntimeError, ValueError) as error:
            raise GeneratorFailed(
                f"the decoder failed: {error}", subject=self.identity, hint="Run `lastro doctor`."
            ) from error

    def warm(self, messages: Sequence[Message]) -> None:
        """Prefill ``messages`` so that prompts beginning with them start from their KV cache."""
        self._constant = messages
        kept = self._prefilled
        if kept is None:
            self._one_token(messages)
        elif not kept.restore(messages, lambda name: self._slot("restore", name)):
            self._one_token(messages)
            kept.keep(messages, lambda name: self._slot("save", name))

    def begin(self) -> None:
        """Go back to what `warm` prefilled. Of a prompt that had more in common with the one before, less would be read
        now, in other batches: sums differ in their last digits then, and of two words as likely the other comes.

        Raises GeneratorFailed.
        """
        if self._constant:
            self.warm(self._constant)

    def _slot(self, action: str, name: str) -> bool:
        """Whether the KV cache was saved as, or restored from, the file ``name``."""
        return "error" not in self._posted(f"/slots/0?action={action}", {"filename": name})

    def choice(self, messages: Sequence[Message], options: Sequence[str]) -> list[float]:
        """The model's probability that its answer begins with each option's first token, before any sampling.

        0.0 for one that is not among the hundred likeliest. Raises UsageError where two options begin alike.
        """
        first = [self._tokens(option)[:1] for option in options]
        if [] in first or len({ids[0] for ids in first}) < len(first):
            raise UsageError(
                f"the options {list(options)} cannot be told apart by their first token.",
                subject="options",
                hint="Give options that begin differently.",
            )
        answer = self._one_token(messages, logprobs=True, top_logprobs=_LIKELIEST)
        likeliest = answer["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        probability = {entry["id"]: math.exp(entry["logprob"]) for entry in likeliest}
        return [probability.get(ids[0], 0.0) for ids in first]

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` by the model's own tokenizer."""
        return len(self._tokens(text))

    def _one_token(self, messages: Sequence[Message], **more: Any) -> Any:
        request = {"messages": [dict(m) for m in messages], "max_tokens": 1, "temperature": 0.0, "cache_prompt": True}
        try:
            answer = self._server.handle_chat_completions(request | more)
        except (RuntimeError, ValueError) as error:
            answer = {"error": str(error)}
        if "error" in answer:
            raise GeneratorFailed(
                f"the decoder failed: {reason(answer)}", subject=self.identity, hint="Run `lastro doctor`."
            )
        return answer

    def _tokens(self, text: str) -> list[int]:
        answer = self._posted("/tokenize", {"content": text})  # which does not wait for a generation
        if "error" in answer:
            raise GeneratorFailed(f"the tokenizer failed: {reason(answer)}", subject=self.identity)
        tokens: list[int] = answer["tokens"]
        return tokens

    def _posted(self, path: str, body: Mapping[str, str]) -> Any:
        # The bindings reach tokenizer and slots only through their loopback port.
        with closing(http.client.HTTPConnection(urlsplit(self._server.listening_address).netloc)) as connection:
            connection.request("POST", path, json.dumps(body), {"Authorization": f"Bearer {self._key}"})
            return json.load(connection.getresponse())


def _prefilled(folder: Path, model: Path, context: int) -> Prefilled:
    import xllamacpp

    state = model.stat()
    return Prefilled(folder, f"{model.name} {state.st_size} {state.st_mtime_ns} {xllamacpp.__version__} {context}")
