"""What Prometheus reads at ``/metrics``, by prometheus-client: the format's own library, without dependencies."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from rag.serve.line import Line
from rag.types import Answer

__all__ = ["CONTENT_TYPE", "Metrics"]

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)


class _Gauges(Collector):
    """Read when they are asked for, so that they are never stale."""

    def __init__(self, lines: dict[str, Line], generations: dict[str, int]) -> None:
        self._lines = lines
        self._generations = generations

    def collect(self) -> Iterator[Metric]:
        queue = GaugeMetricFamily("lastro_queue", "Requests served and waiting.", labels=["line", "state"])
        for name, line in self._lines.items():
            queue.add_metric([name, "served"], min(len(line), line.abreast))
            queue.add_metric([name, "waiting"], max(0, len(line) - line.abreast))
        yield queue
        generation = GaugeMetricFamily(
            "lastro_index_generation", "Generation last answered from.", labels=["collection"]
        )
        for name, number in self._generations.items():
            generation.add_metric([name], number)
        yield generation


class Metrics:
    """The series of one server. ``generations`` is the newest generation answered from, by collection."""

    def __init__(self, lines: dict[str, Line]) -> None:
        self.registry = CollectorRegistry()
        self.generations: dict[str, int] = {}
        self.registry.register(_Gauges(lines, self.generations))
        self._requests = Histogram(
            "lastro_request_seconds",
            "Requests by route.",
            ["method", "route", "status"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._stages = Histogram(
            "lastro_stage_seconds", "Stages of answers.", ["stage"], buckets=_SECONDS, registry=self.registry
        )
        self._tokens = Counter("lastro_tokens", "Pieces of text generated, about a token each.", registry=self.registry)
        self._answers = Counter("lastro_answers", "Answers by outcome.", ["outcome"], registry=self.registry)
        self._verdicts = Counter("lastro_verdicts", "Sentences by verdict.", ["verdict"], registry=self.registry)
        for outcome in ("generated", "extractive", "abstained"):
            self._answers.labels(outcome)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).observe(seconds)

    def token(self) -> None:
        self._tokens.inc()

    def answer(self, answer: Answer, collection: str) -> None:
        """Count a whole answer: its outcome, verdicts and stages."""
        outcome = "abstained" if answer.abstained else "extractive" if answer.extractive else "generated"
        self._answers.labels(outcome).inc()
        for sentence in answer.sentences:
            self._verdicts.labels(sentence.verdict.label).inc()
        for stage, milliseconds in answer.timings_ms.items():
            self._stages.labels(stage).observe(milliseconds / 1000)
        self.generations[collection] = int(answer.index["generation"])

    def text(self) -> bytes:
        return generate_latest(self.registry)
