"""Prompt and decoding speed of the embedded decoder under llama.cpp's settings, one fresh process each.

    python -m tests.bench.decoder [--only NAME]

The prompt is 600 tokens of passages after the product's constant prefix; the answer is greedy and quotes a passage, so
that a setting which changes a single token shows (``same``: equal to the first setting's answer).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from rag.answer.prompt import constant
from rag.config import load_settings
from rag.models.catalogue import Store

SETTINGS = {
    "default": {},
    "ubatch 128": {"n_ubatch": 128},
    "ubatch 256": {"n_ubatch": 256},
    "ubatch 1024": {"n_ubatch": 1024},
    "flash attention off": {"flash_attn_type": "LLAMA_FLASH_ATTN_TYPE_DISABLED"},
    "flash attention on": {"flash_attn_type": "LLAMA_FLASH_ATTN_TYPE_ENABLED"},
    "no repacking": {"no_extra_bufts": True},
    "keys and values in q8_0": {"cache": "GGML_TYPE_Q8_0", "flash_attn_type": "LLAMA_FLASH_ATTN_TYPE_ENABLED"},
    "n-gram simple": {"speculative": "COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE"},
    "n-gram map": {"speculative": "COMMON_SPECULATIVE_TYPE_NGRAM_MAP_K"},
    "n-gram simple, 4 → 12": {
        "speculative": "COMMON_SPECULATIVE_TYPE_NGRAM_SIMPLE",
        "ngram": {"size_n": 4, "size_m": 12, "min_hits": 1},
    },
    "1 thread": {"threads": 1},
}
DATA = Path(__file__).parents[2] / "data"


def prompt() -> list[dict[str, str]]:
    text = next(DATA.rglob("politica-despesas-2024.md")).read_text(encoding="utf-8")[:1900]
    asked = f"Passages:\n[1] {text}\n\nQuestion: Copie, palavra por palavra, as três primeiras regras da política."
    return [*constant(), {"role": "user", "content": asked}]


def one(name: str) -> dict[str, object]:
    import xllamacpp

    wanted = SETTINGS[name]
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(Store(load_settings().models.cache_dir).path("decoder.gguf"))
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity, parameters.cache_ram_mib = 4096, 1, -1, 0
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = int(wanted.get("threads", 2))
    if "n_ubatch" in wanted:
        parameters.n_ubatch = wanted["n_ubatch"]
    if "no_extra_bufts" in wanted:
        parameters.no_extra_bufts = True
    if "flash_attn_type" in wanted:
        parameters.flash_attn_type = getattr(xllamacpp.llama_flash_attn_type, wanted["flash_attn_type"])
    if "cache" in wanted:
        parameters.cache_type_k = parameters.cache_type_v = getattr(xllamacpp.ggml_type, wanted["cache"])
    if "speculative" in wanted:
        parameters.speculative.types = [getattr(xllamacpp.common_speculative_type, wanted["speculative"])]
        for field, value in wanted.get("ngram", {}).items():
            setattr(parameters.speculative.ngram_simple, field, value)
    server = xllamacpp.Server(parameters)
    request = {"temperature": 0.0, "cache_prompt": True}
    server.handle_chat_completions({"messages": constant(), "max_tokens": 1, **request})
    started = time.perf_counter()
    answer = server.handle_chat_completions({"messages": prompt(), "max_tokens": 120, **request})
    timings = answer["timings"]
    return {
        "answer": answer["choices"][0]["message"]["content"],
        "prompt_tokens": timings["prompt_n"],
        "prompt_per_s": round(timings["prompt_per_second"], 1),
        "decode_per_s": round(timings["predicted_per_second"], 1),
        "total_s": round(time.perf_counter() - started, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=SETTINGS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(one(options.only), ensure_ascii=False))
        return
    first = None
    for name in SETTINGS:
        run = subprocess.run(
            [sys.executable, "-m", "tests.bench.decoder", "--only", name], capture_output=True, text=True, check=False
        )
        if run.returncode:
            print(f"{name:26} failed: {run.stderr.strip().splitlines()[-1:]}", flush=True)
            continue
        found = json.loads(run.stdout)
        first = first or found["answer"]
        same = "same" if found.pop("answer") == first else "DIFFERENT"
        print(f"{name:26} {same:9} {' '.join(f'{key}={value}' for key, value in found.items())}", flush=True)


if __name__ == "__main__":
    main()
