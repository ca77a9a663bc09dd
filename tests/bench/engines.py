"""The cross-encoder's engines on this machine: onnxruntime int8 (alone, in pairs, in batches), torch bf16, OpenVINO.

    python -m tests.bench.engines [--repeat 5]

Two loads: 20 passages of 160 tokens (a reranking) and 72 windows of 60 tokens (twelve claims by six windows). Beside
them the tokeniser alone, which is what one tokenisation for both of a cross-encoder's tasks could save once. Medians of
interleaved repetitions, so that a slower minute of the machine is everybody's. OpenVINO is left out where it is not
installed.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from rag.config import load_settings
from rag.models.adapter import merged
from rag.models.catalogue import SHIPPED, Store
from rag.models.cross import run
from rag.models.encoder import OnnxEncoder, padded, threads_of

HEADS = ["classifier"]
LOADS = {"20 x 160": (20, 160), "72 x 60": (72, 60)}

Work = Callable[[list[list[int]]], object]


def engines() -> dict[str, Work]:
    settings = load_settings().models
    store, cores = Store(settings.cache_dir), threads_of(settings)
    path = store.path("entailment/model.onnx")
    wide, narrow = OnnxEncoder.session(path, cores), OnnxEncoder.session(path, 1)
    pool = ThreadPoolExecutor(cores)
    found: dict[str, Work] = {
        f"onnxruntime int8, one at a time on {cores} threads": lambda ids: [run(wide, [one], HEADS) for one in ids],
        f"onnxruntime int8, {cores} at a time on one thread each": lambda ids: list(
            pool.map(lambda one: run(narrow, [one], HEADS), ids)
        ),
        "onnxruntime int8, batches of 8": lambda ids: [run(wide, ids[i : i + 8], HEADS) for i in range(0, len(ids), 8)],
        "torch bfloat16, batches of 8": torch_engine(store, cores),
        "the tokeniser": tokeniser(store),
    }
    try:
        import openvino
    except ImportError:
        print("OpenVINO is not installed: left out")
    else:
        compiled = openvino.Core().compile_model(str(path), "CPU", {"INFERENCE_NUM_THREADS": cores})
        found["OpenVINO int8, one at a time"] = lambda ids: [compiled(padded([one]))["classifier"] for one in ids]
    return found


def torch_engine(store: Store, cores: int) -> Work:
    import torch

    torch.set_num_threads(cores)
    trunk, heads, pooling = merged(store.path("fp32/model.safetensors").parent, SHIPPED)

    @torch.inference_mode()
    def work(ids: list[list[int]]) -> object:
        out = []
        with torch.autocast("cpu", torch.bfloat16):
            for start in range(0, len(ids), 8):
                inputs = {name: torch.from_numpy(value) for name, value in padded(ids[start : start + 8]).items()}
                states = trunk(**inputs).last_hidden_state
                out.append(heads["classifier"](pooling(states, inputs["attention_mask"])))
        return out

    return work


def tokeniser(store: Store) -> Work:
    """Reads texts of as many tokens."""
    reads = OnnxEncoder.tokenizer(store.path("entailment/tokenizer.json"), 512)
    texts: dict[int, list[str]] = {}

    def work(ids: list[list[int]]) -> object:
        key = id(ids)
        if key not in texts:  # in the turn that warms up
            texts[key] = reads.decode_batch(ids)
        return reads.encode_batch(texts[key])

    return work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    random = np.random.default_rng(0)
    works = engines()
    for load, (count, length) in LOADS.items():
        ids = [random.integers(5, 20_000, length).tolist() for _ in range(count)]
        took: dict[str, list[float]] = {name: [] for name in works}
        for turn in range(options.repeat + 1):
            for name, work in works.items():
                clock = time.perf_counter()
                work(ids)
                if turn:  # the first turn warms up
                    took[name].append(1000 * (time.perf_counter() - clock))
        for name, values in took.items():
            print(f"{load} tokens, {name}: {statistics.median(values):.0f} ms", flush=True)


if __name__ == "__main__":
    main()
