"""Read the ``E5S1`` file of the bilingual encoder into fp32 tensors and a standard tokenizer.

The file (multilingual-e5-small cut to the English and Portuguese vocabulary) stores weights as Q4_0 blocks and its own
unigram tokenizer. Only its weights are used: written out as a ``transformers`` directory they serve for export, for
training and for anyone's own tools. Layout, little-endian: header, tokenizer, normaliser map, tensor directory, data.
"""

from __future__ import annotations

import io
import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import WeightsDamaged

__all__ = ["Checkpoint", "read", "write_transformers"]

_MAGIC = b"E5S1"
_Q4_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])
_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_TOP_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``config`` holds BertConfig's fields; ``tensors`` are float32 under BertModel's names; ``tokenizer`` is the
    ``tokenizers`` JSON."""

    config: dict[str, Any]
    tensors: dict[str, NDArray[np.float32]]
    tokenizer: dict[str, Any]


def read(path: Path) -> Checkpoint:
    """The whole file, dequantised.

    Raises WeightsDamaged, naming the file, when the magic, a size or an offset does not fit.
    """
    data = path.read_bytes()
    stream = io.BytesIO(data)
    try:
        if stream.read(4) != _MAGIC:
            raise ValueError("the magic is not E5S1")
        _unpack(stream, "<I")
        hidden, layers, heads, ffn, vocab, positions, types = _unpack(stream, "<7i")
        (eps,) = _unpack(stream, "<f")
        _unpack(stream, "<i")
        tokenizer = _tokenizer(stream)
        tensors = _tensors(stream, data)
    except (ValueError, KeyError, struct.error) as error:
        raise WeightsDamaged(
            f"{path.name}: not a readable E5S1 file ({error}).", subject=str(path), hint="Run `lastro models prepare`."
        ) from error
    config = {
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "intermediate_size": ffn,
        "vocab_size": vocab,
        "max_position_embeddings": positions,
        "type_vocab_size": types,
        "layer_norm_eps": float(eps),
        "hidden_act": "gelu",
        "pad_token_id": tokenizer["padding"]["pad_id"],
    }
    shapes = {"embeddings.word_embeddings.weight": (vocab, hidden)}
    return Checkpoint(config, {k: _shape(k, v, config, shapes) for k, v in tensors.items()}, tokenizer)


def _unpack(stream: io.BytesIO, form: str) -> tuple[Any, ...]:
    return struct.unpack(form, stream.read(struct.calcsize(form)))


def _tokenizer(stream: io.BytesIO) -> dict[str, Any]:
    pieces, bos, eos, pad, unk = _unpack(stream, "<5i")
    (blob_length,) = _unpack(stream, "<Q")
    offsets = np.frombuffer(stream.read(4 * (pieces + 1)), "<u4")
    scores = np.frombuffer(stream.read(4 * pieces), "<f4")
    blob = stream.read(blob_length)
    vocabulary = [[blob[offsets[i] : offsets[i + 1]].decode("utf-8"), float(scores[i])] for i in range(pieces)]
    (n,) = _unpack(stream, "<i")
    for _ in range(n):  # the file's own normaliser map: walked over, see _tokenizer_json
        _, count = _unpack(stream, "<IB")
        stream.read(4 * count)
    return _tokenizer_json(vocabulary, bos=bos, eos=eos, pad=pad, unk=unk)


def _tokenizer_json(vocabulary: list[list[Any]], *, bos: int, eos: int, pad: int, unk: int) -> dict[str, Any]:
    """The ``tokenizers`` form. NFKC with collapsed spaces stands for the shipped map, which it matches on text."""
    token = [piece for piece, _ in vocabulary]
    start, end = {"id": token[bos], "type_id": 0}, {"id": token[eos], "type_id": 0}
    special = {token[i]: {"id": token[i], "ids": [i], "tokens": [token[i]]} for i in (bos, eos)}
    one = [{"SpecialToken": start}, {"Sequence": {"id": "A", "type_id": 0}}, {"SpecialToken": end}]
    two = [*one, {"SpecialToken": end}, {"Sequence": {"id": "B", "type_id": 0}}, {"SpecialToken": end}]
    added = [
        {
            "id": i,
            "content": token[i],
            "single_word": False,
            "lstrip": False,
            "rstrip": False,
            "normalized": False,
            "special": True,
        }
        for i in sorted({bos, eos, pad, unk})
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": {
            "strategy": "BatchLongest",
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": pad,
            "pad_type_id": 0,
            "pad_token": token[pad],
        },
        "added_tokens": added,
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFKC"},
                {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
                {"type": "Strip", "strip_left": True, "strip_right": True},
            ],
        },
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "post_processor": {"type": "TemplateProcessing", "single": one, "pair": two, "special_tokens": special},
        "decoder": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": True},
        "model": {"type": "Unigram", "unk_id": unk, "vocab": vocabulary, "byte_fallback": False},
    }


def _tensors(stream: io.BytesIO, data: bytes) -> dict[str, NDArray[np.float32]]:
    (count,) = _unpack(stream, "<i")
    entries = []
    for _ in range(count):
        (length,) = _unpack(stream, "<H")
        name = stream.read(length).decode("ascii")
        entries.append((name, *_unpack(stream, "<BIQQ")))
    base = 0 if all(offset >= stream.tell() for _, _, _, offset, _ in entries) else stream.tell()
    return {
        _name(name): _dequantise(data[base + offset : base + offset + size], dtype, elements)
        for name, dtype, elements, offset, size in entries
    }


def _dequantise(raw: bytes, dtype: int, elements: int) -> NDArray[np.float32]:
    """Float32 values, flat. Q4_0: value = (nibble − 8) × scale, low nibbles are the block's first half."""
    if dtype == 0:
        values = np.frombuffer(raw, "<f4").astype(np.float32)
    else:
        blocks = np.frombuffer(raw, _Q4_BLOCK)
        nibbles = np.concatenate([blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4], axis=1).astype(np.float32)
        values = ((nibbles - 8.0) * blocks["scale"].astype(np.float32)[:, None]).reshape(-1)
    if len(values) != elements:
        raise ValueError(f"a tensor holds {len(values)} values where {elements} were announced")
    return values


def _name(name: str) -> str:
    if name in _TOP_NAMES:
        return _TOP_NAMES[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{_LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"


def _shape(
    name: str, values: NDArray[np.float32], config: dict[str, Any], known: dict[str, tuple[int, int]]
) -> NDArray[np.float32]:
    if name in known:
        return values.reshape(known[name])
    if name.endswith("bias") or "LayerNorm" in name:
        return values
    columns = (
        config["intermediate_size"]
        if name.endswith(".output.dense.weight") and "attention" not in name
        else (config["hidden_size"])
    )
    return values.reshape(-1, columns)


def write_transformers(checkpoint: Checkpoint, folder: Path) -> None:
    """Write ``config.json``, ``model.safetensors`` (fp32, BertModel's names) and ``tokenizer.json`` into ``folder``."""
    from safetensors.numpy import save_file

    folder.mkdir(parents=True, exist_ok=True)
    save_file(checkpoint.tensors, folder / "model.safetensors", metadata={"format": "pt"})
    config = {"model_type": "bert", "architectures": ["BertModel"], **checkpoint.config}
    (folder / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    (folder / "tokenizer.json").write_text(json.dumps(checkpoint.tokenizer, ensure_ascii=False), encoding="utf-8")
    vocabulary = checkpoint.tokenizer["model"]["vocab"]
    special = [entry["content"] for entry in checkpoint.tokenizer["added_tokens"]]
    names = {"bos_token": 0, "eos_token": 2, "sep_token": 2, "cls_token": 0, "unk_token": 3, "pad_token": 1}
    tokenizer_config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": checkpoint.config["max_position_embeddings"],
        **{role: vocabulary[index][0] for role, index in names.items() if vocabulary[index][0] in special},
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer_config), encoding="utf-8")
