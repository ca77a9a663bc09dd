"""Any causal language model with a chat template, by hub id or local directory, through transformers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from rag.errors import GeneratorFailed, WeightsMissing
from rag.models.generator import Decoding, Message, streamed

__all__ = ["CausalModel"]


class CausalModel:
    """One generation at a time, on the CPU; others wait for it."""

    def __init__(self, name: str, threads: int) -> None:
        import torch
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(threads)
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(name)
            self._model: Any = AutoModelForCausalLM.from_pretrained(name)
            self._model.requires_grad_(False)
        except (OSError, ValueError) as error:
            raise WeightsMissing(
                f"the generator {name!r} cannot be loaded: {str(error).splitlines()[0]}",
                subject=name,
                hint="Give a hub id that this machine can reach, a local directory, a GGUF file, a URL, or `embedded`.",
            ) from error
        self.identity = Path(name).name
        self._one_at_a_time = threading.Lock()

    def stream(self, messages: Sequence[Message], decoding: Decoding) -> Generator[str, None, None]:
        """The answer in pieces; closing the iterator stops the model at its next token. Raises GeneratorFailed."""
        inputs: Any = self._tokenizer.apply_chat_template(
            [dict(message) for message in messages], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )
        self._check_length(inputs["input_ids"].shape[1] + decoding.max_tokens)

        def work(put: Callable[[str], bool]) -> None:
            import torch

            with self._one_at_a_time:  # torch's seed is one for the process
                torch.manual_seed(decoding.seed)
                self._model.generate(**inputs, **self._arguments(decoding, inputs["input_ids"].shape[1], put))

        try:
            with closing(streamed(work)) as pieces:
                yield from _until(pieces, decoding.stop)
        except (RuntimeError, ValueError) as error:
            raise GeneratorFailed(
                f"{self.identity} failed: {error}", subject=self.identity, hint="Run `lastro doctor`."
            ) from error

    def count_tokens(self, text: str) -> int:
        """Tokens of ``text`` by the model's own tokenizer."""
        return len(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _check_length(self, wanted: int) -> None:
        most = getattr(self._model.config, "max_position_embeddings", None)
        if most is not None and wanted > most:
            raise GeneratorFailed(
                f"the prompt and its answer may need {wanted} tokens; {self.identity} takes {most}.",
                subject=self.identity,
                hint="Lower answer.prompt_tokens or answer.max_tokens.",
            )

    def _arguments(self, decoding: Decoding, prompt: int, put: Callable[[str], bool]) -> dict[str, Any]:
        from transformers import LogitsProcessorList, StoppingCriteriaList

        streamer, closed = _reader(self._tokenizer, put)
        arguments: dict[str, Any] = {
            "max_new_tokens": decoding.max_tokens,
            "do_sample": decoding.temperature > 0,
            "repetition_penalty": decoding.repetition_penalty,
            "logits_processor": LogitsProcessorList([_penalties(decoding, prompt)]),
            "streamer": streamer,
            "stopping_criteria": StoppingCriteriaList([closed]),
        }
        if decoding.temperature > 0:
            arguments |= {"temperature": decoding.temperature, "top_p": decoding.top_p, "top_k": decoding.top_k}
        return arguments


def _reader(tokenizer: Any, put: Callable[[str], bool]) -> tuple[Any, Any]:
    """A transformers streamer that hands each token's text to ``put``, and the criterion that heeds its answer."""
    import torch
    from transformers import StoppingCriteria, TextStreamer

    class Reader(TextStreamer):  # type: ignore[misc, unused-ignore]
        gone = False

        def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
            self.gone = put(text)

    reader = Reader(tokenizer, skip_prompt=True, skip_special_tokens=True)

    class Closed(StoppingCriteria):  # type: ignore[misc, unused-ignore]
        def __call__(self, input_ids: Any, scores: Any, **kwargs: Any) -> Any:
            return torch.full((input_ids.shape[0],), reader.gone, dtype=torch.bool)

    return reader, Closed()


def _penalties(decoding: Decoding, prompt: int) -> Any:
    """OpenAI's two additive penalties, which transformers lacks: over the answer's tokens so far, not the prompt's,

    ``logit[t] -= presence * (count[t] > 0) + frequency * count[t]``.
    """
    import torch
    from transformers import LogitsProcessor

    class Penalties(LogitsProcessor):  # type: ignore[misc, unused-ignore]
        def __call__(self, input_ids: Any, scores: Any) -> Any:
            said = input_ids[:, prompt:]
            counts = torch.zeros_like(scores).scatter_add_(1, said, torch.ones_like(said, dtype=scores.dtype))
            return scores - decoding.presence_penalty * (counts > 0) - decoding.frequency_penalty * counts

    return Penalties()


def _until(pieces: Iterator[str], stops: Sequence[str]) -> Iterator[str]:
    """The pieces up to the first stop sequence, which is left out; what may still become one is held back."""
    text = ""
    shown = 0
    longest = max(map(len, stops), default=1)
    for piece in pieces:
        text += piece
        cut = min((at for stop in stops if (at := text.find(stop, max(0, shown - longest))) >= 0), default=None)
        end = cut if cut is not None else len(text) - (longest - 1)
        if end > shown:
            yield text[shown:end]
            shown = end
        if cut is not None:
            return
    if len(text) > shown:
        yield text[shown:]
