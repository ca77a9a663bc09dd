"""A whole llama.cpp model of 130 kB, random weights and its own tokenizer, written in a few milliseconds.

Small enough for every test to run the real engine; deterministic, so a wrong answer is reproducible.
"""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

_WIDTH, _INNER, _HEADS, _LAYERS, CONTEXT = 32, 64, 2, 2, 512
_LETTERS = [*map(chr, range(33, 127)), "\n", *"áâãàçéêíóôõúÁÂÃÇÉÊÍÓÔÕÚ—", "▁"]
_TEMPLATE = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"


def tiny_gguf(path: Path, seed: int = 0) -> Path:
    """Write the model to ``path``. Its vocabulary is letters, so whatever it says is valid text."""
    random = np.random.default_rng(seed)
    tokens = ["<unk>", "<s>", "</s>", *_LETTERS]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_block_count(_LAYERS)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(tokens)
    writer.add_token_scores([-float(n) for n in range(len(tokens))])
    writer.add_token_types(
        [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
        + [gguf.TokenType.NORMAL] * (len(tokens) - 3)
    )
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(_TEMPLATE)

    def tensor(name: str, *shape: int, scale: float = 1.0) -> None:
        writer.add_tensor(name, (scale * random.standard_normal(shape)).astype(np.float32))

    def ones(name: str) -> None:
        writer.add_tensor(name, np.ones(_WIDTH, np.float32))

    tensor("token_embd.weight", len(tokens), _WIDTH)
    ones("output_norm.weight")
    output = random.standard_normal((len(tokens), _WIDTH)).astype(np.float32)
    output[:3] = 0  # the special tokens are never the likeliest: an answer ends at its limit
    writer.add_tensor("output.weight", output)
    for layer in range(_LAYERS):
        ones(f"blk.{layer}.attn_norm.weight")
        ones(f"blk.{layer}.ffn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            tensor(f"blk.{layer}.{part}.weight", _WIDTH, _WIDTH, scale=0.2)
        tensor(f"blk.{layer}.ffn_gate.weight", _INNER, _WIDTH, scale=0.2)
        tensor(f"blk.{layer}.ffn_up.weight", _INNER, _WIDTH, scale=0.2)
        tensor(f"blk.{layer}.ffn_down.weight", _WIDTH, _INNER, scale=0.2)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
