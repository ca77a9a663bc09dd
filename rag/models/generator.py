"""messages → stream of text: llama.cpp in process, a transformers model, or an OpenAI-compatible server.

Each honours every field of ``rag.answer.generate.Decoding`` by its engine's own name for it.
"""

from __future__ import annotations

import json
import queue
import secrets
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rag.config import ModelSettings
from rag.errors import GeneratorFailed, WeightsMissing
from rag.models.catalogue import Store
from rag.models.encoder import threads_of

__all__ = ["Decoding", "LlamaCpp", "OpenAICompatible", "TransformersGenerator", "load_generator"]

Message = Mapping[str, str]


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


def _request(messages: Sequence[Message], decoding: Decoding) -> dict[str, Any]:
    """The chat completion request of llama.cpp's server, a superset of OpenAI's."""
    return {
        "messages": [dict(message) for message in messages],
        "stream": True,
        "temperature": decoding.temperature,
        "top_p": decoding.top_p,
        "top_k": decoding.top_k,
        "max_tokens": decoding.max_tokens,
        "repeat_penalty": decoding.repetition_penalty,
        "presence_penalty": decoding.presence_penalty,
        "frequency_penalty": decoding.frequency_penalty,
        "stop": list(decoding.stop),
        "seed": decoding.seed,
        "cache_prompt": True,
    }


class LlamaCpp:
    """A GGUF file through llama.cpp in this process (xllamacpp: maintained bindings with prebuilt wheels).

    One generation at a time. The prompt's KV cache is kept: a prompt that begins like the last one starts at once.
    """

    def __init__(self, model: Path, *, threads: int, context: int = 4096) -> None:
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
        # The bindings always open a loopback port; nobody else may use it.
        parameters.api_keys = [secrets.token_hex(16)]
        try:
            self._server = xllamacpp.Server(parameters)
        except RuntimeError as error:
            raise GeneratorFailed(
                f"llama.cpp cannot load {model.name}: {error}", subject=str(model), hint="Run `lastro models verify`."
            ) from error
        self.identity = model.stem
        self._one_at_a_time = threading.Lock()

    def stream(self, messages: Sequence[Message], decoding: Decoding) -> Iterator[str]:
        """The answer in pieces; closing the iterator stops the decoder within a token. Raises GeneratorFailed."""
        pieces: queue.Queue[Any] = queue.Queue()
        closed = threading.Event()

        def on_chunk(chunk: Any) -> bool:
            pieces.put(chunk)
            return closed.is_set()

        def work() -> None:
            try:
                self._server.handle_chat_completions(_request(messages, decoding), on_chunk)
                pieces.put(None)
            except RuntimeError as error:
                pieces.put(error)

        with self._one_at_a_time:
            thread = threading.Thread(target=work, name="decoder", daemon=True)
            thread.start()
            try:
                yield from _text(iter(pieces.get, None))
            finally:
                closed.set()
                thread.join()

    def warm(self, messages: Sequence[Message]) -> None:
        """Prefill ``messages`` so that prompts beginning with them start from their KV cache."""
        request = {"messages": [dict(m) for m in messages], "max_tokens": 1, "temperature": 0.0, "cache_prompt": True}
        with self._one_at_a_time:
            self._server.handle_chat_completions(request)

    def count_tokens(self, text: str) -> int:
        """About how many tokens ``text`` is: three and a half characters a token, measured on both languages."""
        return -(-2 * len(text) // 7)


def _text(chunks: Iterator[Any]) -> Iterator[str]:
    for chunk in chunks:
        if isinstance(chunk, Exception):
            raise GeneratorFailed(f"the decoder failed: {chunk}", hint="Run `lastro doctor`.") from chunk
        if "error" in chunk:
            reason = (
                chunk["error"].get("message", chunk["error"]) if isinstance(chunk["error"], dict) else chunk["error"]
            )
            raise GeneratorFailed(f"the decoder refused the prompt: {reason}", hint="Lower answer.prompt_tokens.")
        for choice in chunk.get("choices", ()):
            piece = choice.get("delta", {}).get("content")
            if piece:
                yield piece


class OpenAICompatible:
    """Any server with ``POST {base_url}/chat/completions`` (llama.cpp, vLLM, …), streamed."""

    def __init__(self, base_url: str, model: str, api_key: str | None, timeout_s: float) -> None:
        self._url = base_url.rstrip("/") + "/chat/completions"
        self._model = model
        self._key = api_key
        self._timeout = timeout_s
        self.identity = f"{model or 'default'} at {base_url}"

    def stream(self, messages: Sequence[Message], decoding: Decoding) -> Iterator[str]:
        """The answer in pieces; closing the iterator closes the connection. Raises GeneratorFailed."""
        import httpx

        body = _request(messages, decoding) | {"model": self._model or "default"}
        if decoding.top_k == 0:
            body.pop("top_k")  # servers disagree on what 0 means
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            with httpx.stream("POST", self._url, json=body, headers=headers, timeout=self._timeout) as response:
                if response.status_code != 200:
                    response.read()
                    raise GeneratorFailed(
                        f"{self._url} answered {response.status_code}: {response.text[:200]}",
                        subject=self._url,
                        hint="Check models.generator, its model name and key.",
                    )
                yield from _text(_events(response.iter_lines()))
        except httpx.HTTPError as error:
            raise GeneratorFailed(
                f"{self._url} cannot be reached: {error}", subject=self._url, hint="Is the server running?"
            ) from error

    def count_tokens(self, text: str) -> int:
        """About how many tokens ``text`` is; the server's tokenizer is not known."""
        return -(-2 * len(text) // 7)


def _events(lines: Iterator[str]) -> Iterator[Any]:
    for line in lines:
        if line.startswith("data:"):
            data = line.removeprefix("data:").strip()
            if data == "[DONE]":
                return
            yield json.loads(data)


class TransformersGenerator:
    """Any causal language model with a chat template, by hub id or directory."""

    def __init__(self, name: str, threads: int) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(threads)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(name)
            self._model: Any = AutoModelForCausalLM.from_pretrained(name)
            self._model.requires_grad_(False)
        except (OSError, ValueError) as error:
            raise WeightsMissing(
                f"the generator {name!r} cannot be loaded: {str(error).splitlines()[0]}",
                subject=name,
                hint="Give a hub id that this machine can reach, a local directory, a GGUF file, a URL, or `embedded`.",
            ) from error
        self.identity = Path(name).name

    def stream(self, messages: Sequence[Message], decoding: Decoding) -> Iterator[str]:
        """The answer in pieces; closing the iterator stops the model at its next token."""
        import torch
        from transformers import StoppingCriteria, StoppingCriteriaList, TextIteratorStreamer

        stopped = threading.Event()

        class WhenClosed(StoppingCriteria):  # type: ignore[misc, unused-ignore]
            def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
                return torch.full((input_ids.shape[0],), stopped.is_set(), dtype=torch.bool)

        inputs: Any = self._tokenizer.apply_chat_template(
            [dict(message) for message in messages], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        streamer = TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True)
        torch.manual_seed(decoding.seed)
        arguments = dict(inputs) | self._arguments(decoding)
        arguments |= {"streamer": streamer, "stopping_criteria": StoppingCriteriaList([WhenClosed()])}
        thread = threading.Thread(target=self._model.generate, kwargs=arguments, daemon=True)
        thread.start()
        try:
            yield from _until(iter(streamer), decoding.stop)
        finally:
            stopped.set()
            for _ in streamer:  # the model's thread blocks on a full queue otherwise
                pass
            thread.join()

    def _arguments(self, decoding: Decoding) -> dict[str, Any]:
        arguments: dict[str, Any] = {
            "max_new_tokens": decoding.max_tokens,
            "do_sample": decoding.temperature > 0,
            "repetition_penalty": decoding.repetition_penalty,
        }
        if decoding.temperature > 0:
            arguments |= {"temperature": decoding.temperature, "top_p": decoding.top_p, "top_k": decoding.top_k}
        return arguments

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` by the model's own tokenizer."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])


def _until(pieces: Iterator[str], stops: Sequence[str]) -> Iterator[str]:
    """The pieces up to the first stop sequence, which is left out."""
    text = ""
    shown = 0
    longest = max(map(len, stops), default=1)
    for piece in pieces:
        text += piece
        cut = min((at for stop in stops if (at := text.find(stop)) >= 0), default=None)
        end = cut if cut is not None else len(text) - (longest - 1)
        if end > shown:
            yield text[shown:end]
            shown = end
        if cut is not None:
            return
    if len(text) > shown:
        yield text[shown:]


def load_generator(settings: ModelSettings) -> LlamaCpp | OpenAICompatible | TransformersGenerator | None:
    """The decoder that ``settings.generator`` names; None for ``none``. Raises WeightsMissing, WeightsDamaged."""
    name = settings.generator
    if name == "none":
        return None
    if name.startswith(("http://", "https://")):
        key = settings.generator_api_key
        secret = key.get_secret_value() if key else None
        return OpenAICompatible(name, settings.generator_model, secret, settings.timeout_s)
    threads = threads_of(settings)
    if name == "embedded":
        return LlamaCpp(Store(settings.cache_dir).path("decoder.gguf"), threads=threads)
    if name.endswith(".gguf"):
        return LlamaCpp(Path(name), threads=threads)
    return TransformersGenerator(name, threads)
