"""Int8 models on CPUs that cannot add products of bytes in 16 bits: emulated, because they are what people have."""

import json
import shutil
import subprocess
import sys

import numpy as np
import onnx
import pytest
import torch
from click.testing import CliRunner

from rag.doctor import doctor
from rag.errors import WeightsDamaged
from rag.models import export
from rag.models.catalogue import ROLES, Store
from rag.models.cli import models as model_commands
from rag.models.encoder import OnnxEncoder, Workers, padded
from rag.models.prepare import _fits, problem
from rag.models.saturation import FULL, REDUCED, check, largest_weight
from tests.faults.disks import ROOT

IDS = [[5, 900, 17, 41, 3], [77, 8, 8, 300]]
RUN = """
import json, sys
from pathlib import Path
from rag.errors import WeightsDamaged
from rag.models.encoder import OnnxEncoder, padded
from rag.models.saturation import check, largest_weight

told = {"largest": largest_weight()}
for folder in map(Path, sys.argv[1:]):
    session = OnnxEncoder.session(folder / "model.onnx", 1)
    try:
        check(session, folder / "model.onnx")
        refused = ""
    except WeightsDamaged as error:
        refused = str(error)
    told[folder.name] = {"refused": refused, "state": session.run(["state"], padded(json.loads(IDS)))[0].tolist()}
print(json.dumps(told))
"""


class Layer(torch.nn.Module):
    """Activations and weights that use their whole range, as a transformer's now and then do."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.embedding = torch.nn.Embedding(1000, 64)
        self.dense = torch.nn.Linear(64, 64, bias=False)
        self.embedding.weight.data.uniform_(0.5, 1.0)
        self.dense.weight.data.uniform_(0.5, 1.0)

    def forward(self, input_ids, attention_mask):
        return self.dense(self.embedding(input_ids)) * attention_mask.unsqueeze(-1)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The layer with weights of 8 bits and of 7."""
    made = {}
    for name, weight in (("full", FULL), ("reduced", REDUCED)):
        made[name] = tmp_path_factory.mktemp("models") / name
        made[name].mkdir()
        export._export(Layer(), made[name], ["state"], weight)
    return made


def state(folder):
    return OnnxEncoder.session(folder / "model.onnx", 1).run(["state"], padded(IDS))[0]


def test_weights_of_seven_bits_serve_everywhere_and_of_eight_where_they_come_out_right(models):
    check(OnnxEncoder.session(models["reduced"] / "model.onnx", 1), models["reduced"])
    if largest_weight() == FULL:
        check(OnnxEncoder.session(models["full"] / "model.onnx", 1), models["full"])
        assert np.allclose(state(models["full"]), state(models["reduced"]), rtol=0.02)
    else:
        with pytest.raises(WeightsDamaged, match="overflow on this CPU"):
            check(OnnxEncoder.session(models["full"] / "model.onnx", 1), models["full"])


def altered(folder, out, change):
    model = onnx.load(folder / "model.onnx")
    change(model.graph)
    onnx.save(model, out / "model.onnx")
    return out / "model.onnx"


def expecting_more(graph):
    """As where a product comes out smaller than it should."""
    (expected,) = (one for one in graph.initializer if one.name == "probe_expected")
    expected.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(expected) + 1, expected.name))


def without_probe(graph):
    """As earlier versions wrote it."""
    del graph.output[1:]
    kept = [node for node in graph.node if not node.name.startswith("probe_")]
    del graph.node[:]
    graph.node.extend(kept)


def test_a_model_whose_products_come_out_wrong_is_not_served_and_is_made_anew(models, tmp_path):
    path = altered(models["reduced"], tmp_path, expecting_more)
    with pytest.raises(WeightsDamaged, match="overflow on this CPU"):
        Workers(path, 1)
    assert not _fits(path)
    assert _fits(models["reduced"] / "model.onnx")


def test_models_verify_and_doctor_tell_weights_that_overflow_here(models, tmp_path, monkeypatch):
    store = Store(tmp_path)
    files = ROLES["encoder"].files
    for name in files:
        (store.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (store.folder / name).write_bytes(b"beside the point")
    shutil.copy(models["reduced"] / "model.onnx", store.folder / "encoder")
    store.record(files)
    assert problem(store, "encoder") is None
    altered(models["reduced"], store.folder / "encoder", expecting_more)
    store.record(files)
    assert "overflow on this CPU" in str(problem(store, "encoder"))
    monkeypatch.setenv("LASTRO_MODELS__CACHE_DIR", str(tmp_path))
    done = CliRunner().invoke(model_commands, ["verify", "--json"], standalone_mode=False)
    states = {row["role"]: row["state"] for row in json.loads(done.stdout)}
    assert (done.return_value, states["encoder"]) == (6, "damaged")
    done = CliRunner().invoke(doctor, ["--json"], standalone_mode=False)
    found = {check["name"]: check["found"] for check in json.loads(done.stdout)}
    assert "overflow on this CPU" in found["weights: encoder"]


def test_a_model_of_which_nobody_knows_is_served_but_made_anew_by_prepare(models, tmp_path):
    path = altered(models["reduced"], tmp_path, without_probe)
    assert np.allclose(Workers(path, 1).session.run(["state"], padded(IDS))[0], state(models["reduced"]))
    assert not _fits(path)


@pytest.mark.skipif(shutil.which("qemu-x86_64") is None, reason="qemu-user, an emulator of old CPUs, is not installed")
def test_on_a_cpu_without_vnni_eight_bits_are_refused_and_seven_are_right(models):
    command = ["qemu-x86_64", "-cpu", "Haswell", sys.executable, "-c", RUN.replace("IDS", repr(json.dumps(IDS)))]
    done = subprocess.run(
        [*command, *map(str, models.values())], cwd=ROOT, capture_output=True, text=True, check=True, timeout=300
    )
    told = json.loads(done.stdout)
    assert told["largest"] == REDUCED
    assert "overflow on this CPU" in told["full"]["refused"]
    assert told["reduced"]["refused"] == ""
    here = state(models["reduced"])
    assert np.allclose(told["reduced"]["state"], here, atol=1e-4)
    assert np.abs(np.array(told["full"]["state"]) - here).max() > 0.1 * np.abs(here).max(), "what would be answered"
