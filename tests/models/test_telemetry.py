"""What runs the models tells nobody about it."""

import os
import subprocess
import sys
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

ROOT = Path(__file__).parents[2]


@pytest.fixture
def model(tmp_path_factory):
    """A graph that gives back what it gets."""
    given, taken = (helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("given", "taken"))
    graph = helper.make_graph([helper.make_node("Identity", ["given"], ["taken"])], "identity", [given], [taken])
    file = tmp_path_factory.mktemp("model") / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file)
    return file


def test_onnx_runtime_keeps_no_number_of_this_machine_and_nothing_to_send(model, tmp_path):
    program = (
        "import sys; from pathlib import Path; from rag.models.encoder import OnnxEncoder\n"
        "session = OnnxEncoder.session(Path(sys.argv[1]), 1)\n"
        "import numpy as np; assert session.run(None, {'given': np.ones(1, np.float32)})[0] == [1]\n"
    )
    # It keeps quiet under CI by itself, and where it was told to: neither is so on a user's machine.
    told = {"CI", "ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME"}
    environment = {name: value for name, value in os.environ.items() if name not in told}
    environment |= {"HOME": str(tmp_path), "TMPDIR": str(tmp_path), "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", program, model], cwd=tmp_path, env=environment, check=True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
