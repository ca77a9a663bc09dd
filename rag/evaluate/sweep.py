"""One setting of the search through its range: what every question's retrieval would be at each value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rag.config import SearchSettings
from rag.evaluate import retrieval
from rag.evaluate.dataset import Dataset, Question
from rag.evaluate.locate import Library, span_ranks
from rag.evaluate.run import DEPTH
from rag.facade import Lastro
from rag.search import QueryEncoder, search
from rag.search.rerank import Reranker
from rag.serialise import hit_json

__all__ = ["ALPHAS", "Sweep", "sweep", "sweep_alpha"]

ALPHAS = tuple(round(0.1 * step, 1) for step in range(11))


@dataclass(frozen=True, slots=True)
class Sweep:
    """``recall`` at each cut and ``ndcg`` are float64[values, questions]; questions are those with known evidence."""

    setting: str
    values: tuple[float, ...]
    ids: tuple[str, ...]
    recall: Mapping[int, NDArray[np.float64]]
    ndcg: NDArray[np.float64]


class _Embedded:
    """An encoder that embeds a question once, however many values it is searched for with."""

    def __init__(self, encoder: QueryEncoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str], kind: Literal["query", "passage"]) -> NDArray[np.float32]:
        for text in texts:
            if text not in self._vectors:
                self._vectors[text] = self._encoder.encode([text], kind)[0]
        return np.stack([self._vectors[text] for text in texts])


def sweep_alpha(app: Lastro, dataset: Dataset, cuts: Sequence[int] = (1, 3, 5)) -> Sweep:
    """Retrieval at each alpha from 0 (sparse only) to 1 (dense only), before reranking: the fusion alone."""
    settings = [
        app.settings.search.model_copy(update={"alpha": alpha, "rerank": False, "k": DEPTH}) for alpha in ALPHAS
    ]
    return sweep(app, dataset, "alpha", ALPHAS, settings, cuts=cuts)


def sweep(
    app: Lastro,
    dataset: Dataset,
    setting: str,
    values: Sequence[float],
    settings: Sequence[SearchSettings],
    *,
    reranker: Reranker | None = None,
    cuts: Sequence[int] = (1, 3, 5),
) -> Sweep:
    """Every labelled question searched for with each of ``settings``, one for each of ``values``."""
    encoder = _Embedded(app.encoder)
    with app.index.pin() as snapshot:
        library = Library(snapshot)
        asked = [(question, library.needs(question)) for question in dataset.questions if question.evidence]
        recall = {k: np.zeros((len(values), len(asked))) for k in cuts}
        ndcg = np.zeros((len(values), len(asked)))
        for column, (question, needs) in enumerate(asked):
            for row, one in enumerate(settings):
                found = search(snapshot, encoder, question.question, one, reranker=reranker)
                ranks = span_ranks([hit_json(hit) for hit in found.hits], needs)
                ndcg[row, column] = retrieval.ndcg(ranks.found, ranks.relevant, 10)
                for k in cuts:
                    recall[k][row, column] = retrieval.recall(ranks.found, ranks.relevant, k)
    return Sweep(setting, tuple(values), tuple(_ids(asked)), recall, ndcg)


def _ids(asked: Sequence[tuple[Question, object]]) -> list[str]:
    return [question.id for question, _ in asked]
