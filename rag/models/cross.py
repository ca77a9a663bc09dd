"""(text, text) pairs → entailment probabilities and relevance; one trunk, one adapter, several heads.

``EmbeddedCross`` runs the shipped adapter on ONNX int8; ``TransformersCross`` any sequence-classification model whose
labels name entailment, contradiction and neutral.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.config import ModelSettings
from rag.errors import ModelError, WeightsMissing
from rag.models.catalogue import Store
from rag.models.encoder import OnnxEncoder, Workers, padded, threads_of

__all__ = ["EmbeddedCross", "TransformersCross", "load_entailer", "load_reranker", "run"]

_LABEL_WORDS = {
    "supported": ("entail", "support"),
    "contradicted": ("contra", "refut"),
    "not_found": ("neutral", "not"),
}


def run(session: Any, ids: Sequence[Sequence[int]], heads: Sequence[str]) -> dict[str, NDArray[np.float32]]:
    """Logits float32[n, labels] of each head, for a batch padded to its longest."""
    return dict(zip(heads, session.run(list(heads), padded(ids)), strict=True))


class EmbeddedCross:
    """The shipped adapter: ``probabilities`` of a claim, and ``relevance`` of passages to a question."""

    def __init__(self, folder: Path, threads: int) -> None:
        self._config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        # The name alone would be that of whatever is trained under it next.
        self.identity = f"{self._config['name']}:{self._config.get('adapter_sha256', '')[:8]}".rstrip(":")
        self.heads = tuple(self._config["heads"])
        self._tokenizer = OnnxEncoder.tokenizer(folder / "tokenizer.json", self._config["max_length"])
        self._workers = Workers(folder / "model.onnx", threads)

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(premise, hypothesis) pairs → float32[n, 3]: supported, contradicted, not found; rows sum to 1."""
        if not pairs:
            return np.zeros((0, 3), np.float32)
        logits = self._logits(pairs, "classifier")
        return _softmax(logits)

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probability that each text holds the answer to ``question``, float32[n]."""
        return self.relevances([(question, text) for text in texts])

    def relevances(self, asked: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(question, text) pairs, of several questions → the same probabilities, float32[n]."""
        if not asked:
            return np.zeros(0, np.float32)
        logits = self._logits([(text, question) for question, text in asked], "relevance")[:, 0]
        return np.asarray(1.0 / (1.0 + np.exp(-logits)), np.float32)

    def _logits(self, pairs: Sequence[tuple[str, str]], head: str) -> NDArray[np.float32]:
        bounded = [(first, self._bounded(second)) for first, second in pairs]
        # One pair at a time, as the encoder's module says: a verdict must not depend on the pairs beside it.
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(bounded)]
        # The longest first: so no core is left alone with a long one at the end.
        order = sorted(range(len(ids)), key=lambda i: -len(ids[i]))
        rows = self._workers.map(lambda session, one: run(session, [one], [head])[head], (ids[i] for i in order))
        logits = np.concatenate(list(rows))[np.argsort(order)]
        return np.asarray(logits / self._config["temperature"][head], np.float32)

    def _bounded(self, hypothesis: str) -> str:
        """The hypothesis, or its beginning if it would take more than half of the model's input.

        Only the premise is truncated by the tokenizer, which fails when the rest leaves it no room.
        """
        most = int(self._config["max_length"]) // 2
        if len(hypothesis) <= most:
            return hypothesis
        tokens = self._tokenizer.encode(hypothesis, add_special_tokens=False)
        return hypothesis if len(tokens.ids) <= most else hypothesis[: tokens.offsets[most - 1][1]]


class TransformersCross:
    """Any sequence-classification model, by hub id or directory."""

    def __init__(self, name: str, threads: int) -> None:
        import torch
        from sentence_transformers import CrossEncoder

        torch.set_num_threads(threads)
        try:
            self._model = CrossEncoder(name, device="cpu")
        except (OSError, ValueError) as error:
            raise WeightsMissing(
                f"the cross-encoder {name!r} cannot be loaded: {str(error).splitlines()[0]}",
                subject=name,
                hint="Give a hub id that this machine can reach, a local directory, or `embedded`.",
            ) from error
        self.identity = Path(name).name
        self._labels = dict(self._model.model.config.id2label)

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(premise, hypothesis) pairs → float32[n, 3]. Raises ModelError when the labels cannot be mapped."""
        columns = [self._column(label) for label in ("supported", "contradicted", "not_found")]
        logits = np.asarray(self._logits(list(pairs)), np.float32)
        return _softmax(logits.reshape(len(pairs), -1)[:, columns])

    def relevance(self, question: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Probability that each text answers ``question``: a one-label model's logit through a sigmoid."""
        return self.relevances([(question, text) for text in texts])

    def relevances(self, asked: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """(question, text) pairs, of several questions → the same probabilities, float32[n]."""
        if len(self._labels) != 1:
            raise ModelError(
                f"{self.identity} has {len(self._labels)} labels; a reranker has one.",
                subject=self.identity,
                hint="Set models.reranker to a model with a single relevance output.",
            )
        logits = self._logits(list(asked))
        return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(logits, np.float64).reshape(-1))), np.float32)

    def _logits(self, pairs: list[tuple[str, str]]) -> NDArray[np.float32]:
        import torch

        # sentence-transformers applies an activation of its own choosing unless told otherwise.
        return np.asarray(self._model.predict(pairs, activation_fn=torch.nn.Identity(), convert_to_numpy=True))

    def _column(self, label: str) -> int:
        for index, name in self._labels.items():
            if str(name).lower().startswith(_LABEL_WORDS[label]):
                return int(index)
        raise ModelError(
            f"{self.identity} has labels {sorted(map(str, self._labels.values()))}; none means {label!r}.",
            subject=self.identity,
            hint="An entailment model names its labels entailment, contradiction and neutral in config.json.",
        )


def _softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    powers = np.exp(logits - logits.max(1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(1, keepdims=True)
    return probabilities


def load_entailer(settings: ModelSettings) -> EmbeddedCross | TransformersCross:
    """The model that checks claims: the shipped adapter, one made by `lastro train`, or any of transformers'.

    Raises WeightsMissing, WeightsDamaged, and ModelError when the adapter was trained for something else.
    """
    return _load(settings.entailment, "classifier", settings)


def load_reranker(settings: ModelSettings) -> EmbeddedCross | TransformersCross | None:
    """The reranker, or None when the settings name none. Raises as ``load_entailer``."""
    return None if settings.reranker == "none" else _load(settings.reranker, "relevance", settings)


def _load(name: str, head: str, settings: ModelSettings) -> EmbeddedCross | TransformersCross:
    threads = threads_of(settings)
    if name == "embedded":
        store = Store(settings.cache_dir)
        folders = [store.path(f"entailment/{file}").parent for file in ("model.onnx", "tokenizer.json", "config.json")]
        return _shared(folders[0], threads)
    if not (Path(name) / "model.onnx").is_file():
        return TransformersCross(name, threads)
    trained = _shared(Path(name).resolve(), threads)
    if head not in trained.heads:
        raise ModelError(
            f"{name} was trained for {' and '.join(trained.heads)}, not for {head}.",
            subject=name,
            hint="`lastro train entailment` makes a model that checks claims, `lastro train reranker` one that ranks.",
        )
    return trained


@lru_cache(maxsize=4)
def _shared(folder: Path, threads: int) -> EmbeddedCross:
    """One session a folder: the roles that name the same adapter share its memory."""
    return EmbeddedCross(folder, threads)
