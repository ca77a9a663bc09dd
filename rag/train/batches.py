"""Pairs → token ids → batches of similar length under a token budget."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from rag.train.pairs import Pair

if TYPE_CHECKING:
    from rag.train.model import CrossEncoder

__all__ = ["batches", "encode_pairs", "predict", "tensors"]

_POOL = 4096
_CLAIM_WORDS = 120


def encode_pairs(base: Path, pairs: Sequence[Pair], max_length: int) -> list[list[int]]:
    """Token ids ``<s> first </s></s> second </s>``, the first truncated so that the second is whole."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length, strategy="only_first")
    bounded = [(pair.first, " ".join(pair.second.split()[:_CLAIM_WORDS])) for pair in pairs]
    return [encoding.ids for encoding in tokenizer.encode_batch(bounded)]


def batches(lengths: Sequence[int], budget: int, seed: int, *, shuffle: bool = True) -> list[list[int]]:
    """Indices in batches of similar length with at most ``budget`` padded tokens.

    With ``shuffle`` the batches' order is random within each pool of 4096, and the pools keep the order of the data.
    """
    random_ = random.Random(seed)
    order = list(range(len(lengths)))
    out: list[list[int]] = []
    pool = _POOL if shuffle else len(order)
    for start in range(0, len(order), max(1, pool)):
        batch: list[int] = []
        chunk: list[list[int]] = []
        for index in sorted(order[start : start + pool], key=lambda i: lengths[i]):
            if batch and (len(batch) + 1) * lengths[index] > budget:
                chunk.append(batch)
                batch = []
            batch.append(index)
        chunk.append(batch)
        if shuffle:
            random_.shuffle(chunk)
        out += chunk
    return out


def tensors(encodings: Sequence[Sequence[int]], batch: Sequence[int], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask of a batch, int64[n, longest]."""
    length = max(len(encodings[i]) for i in batch)
    ids = torch.tensor([list(encodings[i]) + [pad] * (length - len(encodings[i])) for i in batch])
    mask = torch.tensor([[1] * len(encodings[i]) + [0] * (length - len(encodings[i])) for i in batch])
    return ids, mask


@torch.no_grad()
def predict(
    model: CrossEncoder, base: Path, pairs: Sequence[Pair], *, max_length: int = 512
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logits ``(entailment float32[n, 3], relevance float32[n])`` in the order of ``pairs``."""
    model.eval()
    encodings = encode_pairs(base, pairs, max_length)
    entailment = np.zeros((len(pairs), 3), np.float32)
    relevance = np.zeros(len(pairs), np.float32)
    for batch in batches([len(e) for e in encodings], 6144, 0, shuffle=False):
        ids, mask = tensors(encodings, batch, model.pad)
        with torch.autocast("cpu", torch.bfloat16):
            first, second = model(ids, mask)
        entailment[batch], relevance[batch] = first.float().numpy(), second.float().numpy()
    return entailment, relevance
