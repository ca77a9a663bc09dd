"""fp32 checkpoint (and adapter) → ONNX int8, with parity proved before the file is accepted.

torch.onnx exports; onnxruntime quantises the matrix products dynamically, per output channel (per tensor costs mean
cosine 0.986 against 0.99x). Exported with a padded batch: with an all-ones mask transformers takes a shortcut that
drops the mask from the graph. Weights get 8 bits, or 7 where this CPU asks for it (``rag.models.saturation``).
"""

from __future__ import annotations

import contextlib
import json
import logging
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import WeightsDamaged
from rag.models.catalogue import sha256_of
from rag.models.saturation import FULL, largest_weight, with_probe

__all__ = ["export_cross_encoder", "export_encoder"]

_PARITY_TEXTS = (
    "query: prazo",
    "passage: A garantia da bomba é de vinte e quatro meses, contados da data da nota fiscal de compra.",
    "passage: The committee approved the budget for the second quarter after a long discussion about travel costs, "
    "and asked the finance team to report on the savings before the end of June.",
    "passage: Não.",
)
_PARITY_CLAIMS = (
    "qual o prazo da garantia? 24 meses",
    "what did the committee approve? The budget for the second quarter.",
    "quem aprova as viagens? A diretora.",
    "The committee rejected the budget.",
)
_TELLS_APART = 0.1
"""Mean difference of probability, over pairs, from which a quantised model is another one: 0.02 with weights of 8 bits,
0.03 with 7; a single pair that two labels share moves by 0.4 and says nothing."""


def export_encoder(fp32: Path, out: Path) -> dict[str, Any]:
    """Write ``model.onnx`` (int8; output ``state`` float32[n, length, width]) and ``tokenizer.json`` into ``out``.

    Returns the parity figures. Raises WeightsDamaged when a padded batch does not equal its texts alone.
    """
    import torch
    from transformers import AutoModel

    trunk = AutoModel.from_pretrained(fp32, add_pooling_layer=False, attn_implementation="eager").eval()

    class Trunk(torch.nn.Module):
        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
            return trunk(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state

    shutil.copy(fp32 / "tokenizer.json", out / "tokenizer.json")
    _export(Trunk(), out, ["state"])
    return _encoder_parity(out)


def export_cross_encoder(fp32: Path, adapter: Path, out: Path, *, largest: int | None = None) -> dict[str, Any]:
    """Merge ``adapter`` into the encoder and write ``model.onnx`` (int8, one output a head), tokenizer and config.

    ``largest``: the largest weight, by default what this CPU takes. Returns the parity figures. Raises WeightsDamaged
    when a padded batch does not equal its pairs alone, or int8 is another model than fp32.
    """
    import torch

    from rag.models.adapter import merged

    config = json.loads((adapter / "config.json").read_text(encoding="utf-8"))
    config["adapter_sha256"] = sha256_of(adapter / "adapter.safetensors")
    trunk, heads, pooling = merged(fp32, adapter)

    class CrossEncoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            # Registered, so that the exporter gives each head's tensors names of their own.
            self.trunk = trunk
            self.heads = torch.nn.ModuleDict(heads)

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
            states = self.trunk(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            pooled = pooling(states, attention_mask)
            return tuple(head(pooled) for head in self.heads.values())

    shutil.copy(fp32 / "tokenizer.json", out / "tokenizer.json")
    (out / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    _export(CrossEncoder(), out, list(heads), largest)
    return _cross_parity(out, list(heads))


def _export(model: Any, out: Path, outputs: list[str], largest: int | None = None) -> None:
    import onnx
    import torch
    from onnxruntime.quantization import QuantType, quantize_dynamic

    ids = torch.randint(5, 1000, (3, 24))
    mask = torch.ones_like(ids)
    mask[1, 10:] = 0
    mask[2, 17:] = 0
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=512)
    fp32 = out / "fp32.onnx"
    with _quiet(), torch.no_grad():
        program = torch.onnx.export(
            model.eval(),
            (ids, mask),
            dynamo=True,
            verbose=False,
            dynamic_shapes={"input_ids": {0: batch, 1: length}, "attention_mask": {0: batch, 1: length}},
            input_names=["input_ids", "attention_mask"],
            output_names=outputs,
            opset_version=20,
            external_data=False,
        )
        assert program is not None
        graph = program.model_proto
        # The quantiser turns Gemm into MatMul with a transposed weight and trips over the shapes noted before.
        del graph.graph.value_info[:]
        onnx.save(graph, fp32)
        weight = largest or largest_weight()
        quantize_dynamic(
            fp32,
            out / "model.onnx",
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=weight < FULL,
            weight_type=QuantType.QInt8,
        )
        quantised = onnx.load(out / "model.onnx")
        with_probe(quantised, weight)
        onnx.save(quantised, out / "model.onnx")


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the exporter's deprecations and the quantiser's advice, which nobody who prepares weights can act on."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _encoder_parity(out: Path) -> dict[str, Any]:
    from rag.models.encoder import OnnxEncoder, embed

    tokenizer = OnnxEncoder.tokenizer(out / "tokenizer.json")
    fp32 = OnnxEncoder.session(out / "fp32.onnx", 0)
    int8 = OnnxEncoder.session(out / "model.onnx", 0)
    ids = [tokenizer.encode(text).ids for text in _PARITY_TEXTS]
    exact_batch, exact_alone = embed(fp32, ids), np.vstack([embed(fp32, [one]) for one in ids])
    quick_batch, quick_alone = embed(int8, ids), np.vstack([embed(int8, [one]) for one in ids])
    _require(float(_cosines(exact_batch, exact_alone).min()), 0.9999, "the fp32 encoder's padded batch")
    # Dynamic quantisation picks one scale a tensor, so a batch differs a little from its rows alone.
    _require(float(_cosines(quick_batch, quick_alone).min()), 0.99, "the int8 encoder's padded batch")
    notes = {
        "padded_batch_min_cosine_fp32": float(_cosines(exact_batch, exact_alone).min()),
        "padded_batch_min_cosine_int8": float(_cosines(quick_batch, quick_alone).min()),
        "int8_to_fp32_mean_cosine": float(_cosines(quick_batch, exact_batch).mean()),
    }
    (out / "fp32.onnx").unlink()
    return notes


def _cross_parity(out: Path, heads: list[str]) -> dict[str, Any]:
    from rag.models.cross import run
    from rag.models.encoder import OnnxEncoder

    tokenizer = OnnxEncoder.tokenizer(out / "tokenizer.json")
    ids = [tokenizer.encode(text, claim).ids for text in _PARITY_TEXTS for claim in _PARITY_CLAIMS]
    exact, quick = (OnnxEncoder.session(out / name, 0) for name in ("fp32.onnx", "model.onnx"))
    batch = run(exact, ids, heads)
    # int8 is served a pair at a time: dynamic quantisation picks one scale a tensor, so that a batch would differ.
    alone, served = (
        {head: np.vstack([run(session, [one], heads)[head] for one in ids]) for head in heads}
        for session in (exact, quick)
    )
    worst = max(float(np.abs(batch[head] - alone[head]).max()) for head in heads)
    if worst > 1e-3:
        raise _unfit("fp32.onnx", f"a padded batch differs from its pairs alone by {worst:.3f} (logits)")
    apart = max(float(np.abs(_probability(alone[head]) - _probability(served[head])).mean()) for head in heads)
    if apart > _TELLS_APART:
        raise _unfit("model.onnx", f"int8 differs from fp32 by {apart:.3f} (mean probability)")
    figures = {"padded_batch_worst_logit_fp32": worst, "int8_to_fp32_mean_probability": apart}
    (out / "fp32.onnx").unlink()
    return figures


def _cosines(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.sum(a * b, axis=1), np.float32)


def _require(value: float, least: float, what: str) -> None:
    if value < least:
        differs = f"{what} differs from its texts alone (cosine {value:.4f}, at least {least} is required)"
        raise _unfit("encoder/model.onnx", differs)


def _unfit(name: str, what: str) -> WeightsDamaged:
    return WeightsDamaged(
        f"{name}: {what}.",
        subject=name,
        hint="Run `lastro models prepare` again; if it persists, your onnxruntime does not fit this CPU.",
    )


def _probability(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """float[n, k] → the softmax of each row, or of a single logit the logistic function."""
    if logits.shape[1] == 1:
        logits = np.hstack([logits, np.zeros_like(logits)])
    powers = np.exp(logits - logits.max(1, keepdims=True))
    shares: NDArray[np.float32] = powers / powers.sum(1, keepdims=True)
    return shares
