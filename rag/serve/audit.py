"""What an answer was made of, so that it can be made again and compared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from rag.config import AnswerSettings, SearchSettings, Settings, VerifySettings
from rag.facade import Models
from rag.models.catalogue import Store
from rag.types import Answer, Citation, Filter

__all__ = ["differences", "record_of", "settings_of", "where_of"]

_COMPARED = ("answer", "abstained", "prompt_sha256", "passages", "verdicts", "models", "weights", "index")


def record_of(answer: Answer, settings: Settings, where: Filter | None, models: Models) -> dict[str, Any]:
    """Question, passages by hash, prompt by hash, models and weights, parameters, seed and verdicts."""
    return {
        "question": answer.question,
        "answer": answer.answer,
        "abstained": answer.abstained,
        "reason": answer.reason,
        "extractive": answer.extractive,
        "prompt_sha256": answer.prompt_sha256,
        "passages": [_passage(citation) for citation in (answer.citations or answer.closest)],
        "verdicts": [
            {"label": s.verdict.label, "score": round(s.verdict.score, 4), "citations": list(s.citations)}
            for s in answer.sentences
        ],
        "models": dict(answer.models),
        "weights": _weights(models),
        "index": dict(answer.index),
        "seed": answer.seed,
        "filter": None if where is None else asdict(where),
        "settings": {
            "search": settings.search.model_dump(mode="json"),
            "answer": settings.answer.model_dump(mode="json"),
            "verify": settings.verify.model_dump(mode="json"),
        },
    }


def _passage(citation: Citation) -> dict[str, Any]:
    digest = hashlib.sha256(citation.text.encode()).hexdigest()
    return {"doc_id": citation.doc_id, "start": citation.start, "end": citation.end, "sha256": digest}


def _weights(models: Models) -> dict[str, str]:
    """The SHA-256 of each prepared file in use; other models are named, with what identifies them, in ``models``."""
    named = models.settings.models
    used = {"encoder": named.encoder, "entailment": named.entailment, "generator": named.generator}
    store = Store(named.cache_dir)
    recorded = store.manifest()["files"]
    files = [name for role, model in used.items() if model == "embedded" for name in store.profile.roles[role].files]
    return {name: recorded[name]["sha256"] for name in files if name in recorded}


def settings_of(record: Mapping[str, Any], base: Settings) -> Settings:
    """``base`` with the parameters the recorded answer was made with."""
    kept = record["settings"]
    return base.model_copy(
        update={
            "search": SearchSettings.model_validate(kept["search"]),
            "answer": AnswerSettings.model_validate(kept["answer"]),
            "verify": VerifySettings.model_validate(kept["verify"]),
        }
    )


def where_of(record: Mapping[str, Any]) -> Filter | None:
    """The filter the recorded answer was made with."""
    kept = record["filter"]
    if kept is None:
        return None
    fields: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    return Filter(**fields)


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What two records of one question do not share: name → (before, now)."""
    return {name: (before[name], now[name]) for name in _COMPARED if before[name] != now[name]}
