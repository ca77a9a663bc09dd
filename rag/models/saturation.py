"""Whether this CPU multiplies the bytes of an int8 model right.

x86 without VNNI (before Ice Lake and Zen 4) adds products of bytes in 16 bits that saturate: weights of all 8 bits give
wrong results there, and nothing says so. Weights of 7 bits fit. So the weights are made for the CPU at hand, and every
model carries one output more, the largest products its weights can be in less what they should come to: where that is
not zero, the file was made on another machine, and loading it says so. The product is tried, not looked up by the
names of CPUs.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import WeightsDamaged

__all__ = ["FULL", "REDUCED", "carries_probe", "check", "largest_weight", "with_probe"]

_OUTPUT = "overflow"
_DEPTH, _WIDTH = 64, 16
_BYTE = 255
FULL, REDUCED = 127, 64
"""The largest weight of 8 bits, and of 7 as onnxruntime reduces them."""


def largest_weight() -> int:
    """FULL where products of bytes come out right on this CPU, else REDUCED."""
    import onnxruntime
    from onnx import helper

    model = helper.make_model(helper.make_graph([], "probe", [], []), opset_imports=[helper.make_opsetid("", 20)])
    model.ir_version = 10
    with_probe(model, FULL)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return REDUCED if session.run([_OUTPUT], {})[0].any() else FULL


def with_probe(model: Any, weight: int) -> None:
    """Give an ``onnx.ModelProto`` the output that ``check`` looks at, for weights no larger than ``weight``."""
    from onnx import TensorProto, helper, numpy_helper

    constants: dict[str, NDArray[Any]] = {
        "probe_bytes": np.full((1, _DEPTH), _BYTE, np.uint8),
        "probe_weights": np.full((_DEPTH, _WIDTH), weight, np.int8),
        "probe_expected": np.full((1, _WIDTH), _DEPTH * _BYTE * weight, np.int32),
    }
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in constants.items())
    model.graph.node.extend(
        [
            helper.make_node("MatMulInteger", ["probe_bytes", "probe_weights"], ["probe_product"], "probe_product"),
            helper.make_node("Sub", ["probe_product", "probe_expected"], [_OUTPUT], "probe_difference"),
        ]
    )
    model.graph.output.append(helper.make_tensor_value_info(_OUTPUT, TensorProto.INT32, (1, _WIDTH)))


def carries_probe(session: Any) -> bool:
    """Whether the model of ``session`` has the output that ``check`` looks at."""
    return _OUTPUT in {output.name for output in session.get_outputs()}


def check(session: Any, path: Path) -> None:
    """Raises WeightsDamaged where the weights of ``session``, loaded from ``path``, overflow on this CPU.

    A model that does not carry the output is not judged.
    """
    if not carries_probe(session):
        return
    nothing = np.zeros((1, 2), np.int64)
    inputs = {one.name: nothing + (one.name == "attention_mask") for one in session.get_inputs()}
    if session.run([_OUTPUT], inputs)[0].any():
        raise WeightsDamaged(
            f"{path} was made on a machine with other instructions: its 8-bit weights overflow on this CPU.",
            subject=str(path),
            hint="Run `lastro models prepare` here; for a model of your own, the `lastro train` it came from.",
        )
