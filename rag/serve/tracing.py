"""Answers as OpenTelemetry spans, one a stage. Only the API is used: without a configured SDK this does nothing.

``opentelemetry-instrument lastro serve …`` configures one from the standard OTEL_ variables.
"""

from __future__ import annotations

from opentelemetry import trace

from rag.types import Answer

__all__ = ["trace_answer"]

_IN_TURN = (("embed",), ("dense", "sparse"), ("fuse",), ("rerank",), ("prompt",), ("generate",), ("verify",))
"""Stages in their order; those that stand together run side by side."""


def trace_answer(answer: Answer, started_ns: int) -> None:
    """Report a finished answer that began at ``started_ns`` (since 1970), its stages laid end to end as measured."""
    tracer = trace.get_tracer("lastro")
    with tracer.start_as_current_span(
        "lastro.answer",
        start_time=started_ns,
        attributes={
            "lastro.abstained": answer.abstained,
            "lastro.extractive": answer.extractive,
            "lastro.language": answer.language,
            "lastro.generator": answer.models["generator"],
            "lastro.generation": answer.index["generation"],
            "lastro.first_token_ms": answer.timings_ms["first_token"],
        },
    ):
        at = started_ns
        for stages in _IN_TURN:
            for stage in stages:
                span = tracer.start_span(f"lastro.{stage}", start_time=at)
                span.end(at + _nanoseconds(answer, stage))
            at += max(_nanoseconds(answer, stage) for stage in stages)


def _nanoseconds(answer: Answer, stage: str) -> int:
    return round(answer.timings_ms[stage] * 1e6)
