"""The product over a small folder with stand-ins that behave: what the evaluation's tests evaluate."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ingest import ingest_folder
from rag.config import load_settings
from rag.facade import Lastro
from rag.index import Index
from rag.pipeline import Parts
from tests.doubles import HashingEncoder

FILES = {
    "garantia.txt": "A garantia da bomba P-220 dura 24 meses.",
    "frete.txt": "O frete para o Norte custa 40 reais por caixa.",
    "peso.txt": "A bomba P-300 pesa 31 quilos sem a base.",
    "noise.txt": "The pump makes 62 decibels at full speed.",
    "office.txt": "The office opens at eight and closes at five.",
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "id": "1",
        "question": "Quanto dura a garantia da bomba P-220?",
        "answers": ["24 meses"],
        "evidence": [{"source": "garantia.txt", "text": "A garantia da bomba P-220 dura 24 meses."}],
    },
    {
        "id": "2",
        "question": "Quanto custa o frete para o Norte?",
        "answers": ["40 reais"],
        "evidence": [{"source": "frete.txt", "text": "O frete para o Norte custa 40 reais por caixa."}],
    },
    {
        "id": "3",
        "question": "How loud is the pump at full speed?",
        "answers": ["62 decibels"],
        "evidence": [{"source": "noise.txt", "text": "The pump makes 62 decibels at full speed."}],
    },
    {"id": "4", "question": "Who founded the observatory?", "unanswerable": True},
    {"id": "5", "question": "When does the office open?"},
]


class Shared:
    """Supported as far as the hypothesis' words stand in the premise, numbers most of all."""

    identity = "shared words"

    def probabilities(self, pairs: Sequence[tuple[str, str]]) -> np.ndarray:
        rows = []
        for premise, hypothesis in pairs:
            said, held = (set(re.findall(r"\w{4,}|\d+", text.lower())) for text in (hypothesis, premise))
            share = len(said & held) / max(1, len(said))
            rows.append((0.1 + 0.85 * share, 0.05, 0.85 - 0.85 * share))
        return np.array(rows, np.float32)

    def relevance(self, question: str, texts: Sequence[str]) -> np.ndarray:
        asked = set(re.findall(r"\w{4,}", question.lower()))
        shares = [len(asked & set(re.findall(r"\w{4,}", text.lower()))) / max(1, len(asked)) for text in texts]
        return np.array(shares, np.float32)


def build(folder: Path, files: dict[str, str] = FILES) -> Path:
    """The index of ``files``, in ``folder``."""
    (folder / "docs").mkdir(parents=True)
    for name, text in files.items():
        (folder / "docs" / name).write_text(text, encoding="utf-8")
    ingest_folder(folder / "docs", folder / "index", encoder=HashingEncoder())
    return folder / "index"


def product(index: Path, generator: Any = None, **sections: Any) -> Lastro:
    """Lastro over ``index`` with the stand-ins in the place of weights."""
    app = Lastro(Index.open(index), load_settings(**{"search": {"rerank": False}, **sections}))
    judge = Shared()
    app.__dict__["encoder"] = HashingEncoder()
    app.__dict__["reranker"] = judge
    app.__dict__["parts"] = Parts(
        HashingEncoder(),
        judge,
        judge.relevance,
        True,
        generator,
        lambda text: len(text.split()),
        judge,
        {"generator": "none"},
    )
    return app


def write_questions(path: Path, rows: Sequence[dict[str, Any]] = QUESTIONS) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path
