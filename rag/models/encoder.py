"""texts → float32[n, d], unit length: the embedded ONNX encoder, or any sentence-transformers model.

The ONNX models run one text to a run. Dynamic int8 takes one scale for all the activations of a run, so in a batch a
text's vector would depend on its neighbours (cosine down to 0.991, entailment logits off by up to 0.4). As many runs go
side by side as there are threads, each on one of them: 20 texts of 160 tokens take 327 ms on two cores so, 436 one
after another on both, 359 in batches of 8 (``tests.bench.engines``).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from rag.config import ModelSettings
from rag.errors import MissingExtra, WeightsDamaged, WeightsMissing
from rag.models.batches import batches
from rag.models.catalogue import Store
from rag.models.saturation import check

__all__ = ["OnnxEncoder", "TransformersEncoder", "Workers", "embed", "load_encoder"]

T = TypeVar("T")

Kind = Literal["query", "passage"]


def padded(ids: Sequence[Sequence[int]], pad: int = 1) -> dict[str, NDArray[np.int64]]:
    """``input_ids`` and ``attention_mask``, int64[n, longest]."""
    longest = max(map(len, ids))
    tokens = np.full((len(ids), longest), pad, np.int64)
    mask = np.zeros((len(ids), longest), np.int64)
    for row, one in enumerate(ids):
        tokens[row, : len(one)] = one
        mask[row, : len(one)] = 1
    return {"input_ids": tokens, "attention_mask": mask}


def embed(session: Any, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
    """Mean of the states under the mask, L2-normalised (the model's own pooling): float32[n, d]."""
    inputs = padded(ids)
    states = session.run(["state"], inputs)[0]
    weights = inputs["attention_mask"][..., None].astype(np.float32)
    pooled = (states * weights).sum(1) / weights.sum(1)
    unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    return unit


def threads_of(settings: ModelSettings) -> int:
    """The number asked for, or the cores this process may run on."""
    if settings.threads:
        return settings.threads
    # Only Linux tells the cores a process is confined to.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """An ONNX session of one thread a run, and ``threads`` runs at a time. Safe to share between threads."""

    def __init__(self, model: Path, threads: int) -> None:
        self.session = OnnxEncoder.session(model, 1)
        check(self.session, model)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="onnx")

    def map(self, work: Callable[[Any, Sequence[int]], T], texts: Iterable[Sequence[int]]) -> Iterator[T]:
        """``work(session, ids)`` of each text, in order; left early, what has not begun is not done."""
        return self._pool.map(partial(work, self.session), texts)


class OnnxEncoder:
    """The embedded encoder: e5, which wants ``query: `` and ``passage: `` before its texts."""

    query_prefix = "query: "
    passage_prefix = "passage: "

    def __init__(self, model: Path, tokenizer: Path, identity: str, threads: int) -> None:
        self.identity = identity
        self._tokenizer = self.tokenizer(tokenizer)
        self._workers = Workers(model, threads)
        self.dimension = int(self._workers.session.get_outputs()[0].shape[-1])

    @staticmethod
    def tokenizer(path: Path, max_length: int = 512) -> Any:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        tokenizer.enable_truncation(max_length, strategy="only_first")
        return tokenizer

    @staticmethod
    def session(path: Path, threads: int) -> Any:
        """Of ``threads`` a run, 0 as onnxruntime likes. Raises WeightsDamaged for what is no model."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        # The decoder and the encoders take turns on the same cores: waiting threads must not spin.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime has an exception for every fault, and no class of them all
            raise WeightsDamaged(
                f"{path} cannot be loaded: {error}",
                subject=str(path),
                hint="Run `lastro models prepare`; for a model of your own, make it again.",
            ) from error

    def encode(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """float32[n, dimension] of unit length, in the order of ``texts``; longer ones are cut at 512 tokens.

        A text's vector is the same to the last bit whatever it is encoded together with.
        """
        prefix = self.query_prefix if kind == "query" else self.passage_prefix
        encodings = self._tokenizer.encode_batch([prefix + text for text in texts])
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        rows = self._workers.map(lambda session, ids: embed(session, [ids]), (found.ids for found in encodings))
        for row, vector in enumerate(rows):
            vectors[row] = vector[0]
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones and the prefix (up to the model's limit)."""
        return [len(e.ids) for e in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)]


_BATCH_TOKENS = 8192
"""Of a batch, padding included: 50 chunks of the default size, and some hundred megabytes of activations."""


class TransformersEncoder:
    """Any hub id or local directory, through sentence-transformers."""

    def __init__(self, name: str, query_prefix: str, passage_prefix: str, threads: int) -> None:
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(name, device="cpu")
        except (OSError, ValueError) as error:
            raise WeightsMissing(
                f"the encoder {name!r} cannot be loaded: {str(error).splitlines()[0]}",
                subject=name,
                hint="Give a hub id that this machine can reach, a local directory, or `embedded`.",
            ) from error
        self.query_prefix, self.passage_prefix = query_prefix, passage_prefix
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self.identity = _identity(name, self._model)

    def encode(self, texts: Sequence[str], kind: Kind) -> NDArray[np.float32]:
        """float32[n, dimension] of unit length, in the order of ``texts``."""
        prefix = self.query_prefix if kind == "query" else self.passage_prefix
        prefixed = [prefix + text for text in texts]
        longest = int(self._model.max_seq_length or _BATCH_TOKENS)
        sizes = [min(size, longest) for size in self.count_tokens(prefixed)]
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for batch in batches(sizes, _BATCH_TOKENS):
            given = [prefixed[index] for index in batch]
            vectors[batch] = self._model.encode(
                given, batch_size=len(batch), normalize_embeddings=True, show_progress_bar=False
            )
        return vectors

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without the special ones."""
        return [len(ids) for ids in self._model.tokenizer(list(texts), add_special_tokens=False)["input_ids"]]


def _identity(name: str, model: Any) -> str:
    """A hash of the weights themselves: the same name may hold other weights tomorrow."""
    digest = hashlib.sha256(Path(name).name.encode())
    for key, tensor in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(tensor.float().cpu().numpy().tobytes())
    return digest.hexdigest()[:16]


def load_encoder(settings: ModelSettings) -> OnnxEncoder | TransformersEncoder:
    """The encoder that ``settings.encoder`` names. Raises WeightsMissing, WeightsDamaged, MissingExtra."""
    threads = threads_of(settings)
    if settings.encoder == "embedded":
        store = Store(settings.cache_dir)
        model, tokenizer = store.path("encoder/model.onnx"), store.path("encoder/tokenizer.json")
        # The source weights name the encoder: int8 files made on two machines may differ in a rounding.
        from rag.models.catalogue import ENCODER_SOURCE, PROFILE

        return OnnxEncoder(model, tokenizer, f"{PROFILE}:{ENCODER_SOURCE.sha256[:16]}", threads)
    try:
        return TransformersEncoder(
            settings.encoder, settings.encoder_query_prefix or "", settings.encoder_passage_prefix or "", threads
        )
    except ImportError as error:
        raise MissingExtra(
            f"sentence-transformers is needed for the encoder {settings.encoder!r}.",
            subject="sentence-transformers",
            hint="pip install sentence-transformers",
        ) from error
