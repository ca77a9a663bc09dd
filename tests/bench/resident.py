"""What two tasks on one backbone take of memory, beside one of them alone.

    python -m tests.bench.resident

Each case is a process of its own that loads what it names, judges sixteen pairs and reads its resident memory.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

import psutil

from rag.config import load_settings
from rag.models import load_entailer, load_reranker

CASES = {"nothing": (), "entailment": ("entailment",), "reranker": ("reranker",), "both": ("entailment", "reranker")}
TEXTS = [f"O modelo {n} pesa {n} quilos e faz {n + 40} dB a um metro." for n in range(16)]


def judge(tasks: tuple[str, ...]) -> int:
    """Resident memory in bytes after every task has judged."""
    settings = load_settings().models
    if "entailment" in tasks:
        load_entailer(settings).probabilities([(text, "O modelo pesa 9 quilos.") for text in TEXTS])
    if "reranker" in tasks:
        load_reranker(settings).relevance("Quanto pesa o modelo 9?", TEXTS)
    return psutil.Process().memory_info().rss


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", choices=CASES, help="this one, in this process, and print its bytes")
    options = parser.parse_args()
    if options.case:
        print(judge(CASES[options.case]))
        return
    taken = {}
    for case in CASES:
        command = [sys.executable, "-m", "tests.bench.resident", "--case", case]
        taken[case] = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1])
        print(f"{case}: {taken[case] / 2**20:.0f} MiB", flush=True)
    alone = max(taken["entailment"], taken["reranker"])
    print(f"both beside the larger one alone: {taken['both'] / alone:.2f}")
    apart = taken["both"] - taken["nothing"], alone - taken["nothing"]
    print(f"without what an empty process takes: {apart[0] / apart[1]:.2f}")


if __name__ == "__main__":
    main()
