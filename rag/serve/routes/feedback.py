"""``/v1/feedback``: what people think of answers, and all of it as an evaluation set."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Response
from starlette.concurrency import run_in_threadpool

from rag.serve.problems import PROBLEMS
from rag.serve.replies import FeedbackReply
from rag.serve.schemas import FeedbackRequest
from rag.serve.service import Asker, Owner, Served, check_collection
from rag.serve.strict import StrictRoute

__all__ = ["evaluation_rows", "router"]

router = APIRouter(prefix="/v1/feedback", tags=["feedback"], route_class=StrictRoute)


@router.post("", status_code=201, response_model=FeedbackReply, responses=PROBLEMS())
async def given(asked: FeedbackRequest, service: Served, caller: Asker) -> dict[str, str]:
    """Thumbs up or down on an answer; the answer is kept with it."""
    kept = service.state.answer(asked.answer_id)
    check_collection(caller, kept.collection)
    feedback_id = uuid.uuid4().hex
    about = replace(kept, caller=caller.name)
    await run_in_threadpool(service.state.add_feedback, feedback_id, about, asked.thumbs, asked.comment, asked.expected)
    return {"id": feedback_id, "answer_id": kept.id}


@router.get(
    "/export",
    response_class=Response,
    responses={**PROBLEMS(), 200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
)
async def exported(service: Served, caller: Owner) -> Response:
    """All feedback as JSON Lines that `lastro eval` takes: one question a line, with the answer people expect."""
    rows = await run_in_threadpool(service.state.feedback)
    lines = [
        json.dumps(row, ensure_ascii=False) for row in evaluation_rows(rows) if caller.may_use(str(row["collection"]))
    ]
    return Response("".join(line + "\n" for line in lines), media_type="application/x-ndjson")


def evaluation_rows(feedback: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Feedback as the golden questions are written.

    What was praised, or said to be expected, is the answer, and its evidence the passage; a praised abstention is a
    question that cannot be answered. What was only blamed has no known answer: its ``answers`` are empty.
    """
    for row in feedback:
        answer: Mapping[str, Any] = row["answer"]
        good = row["thumbs"] == "up"
        expected = [row["expected"]] if row["expected"] else [answer["answer"]] if good else []
        cited = {citation["n"]: citation for citation in answer["citations"]}
        evidence = [sentence["evidence"] for sentence in answer["sentences"] if sentence["evidence"]] if good else []
        yield {
            "id": row["id"],
            "question": answer["standalone_question"],
            "language": answer["language"],
            "answers": [] if good and answer["abstained"] else expected,
            "evidence": [{"source": cited[span["citation"]]["source"], "text": span["text"]} for span in evidence],
            "unanswerable": good and answer["abstained"],
            "collection": row["collection"],
            "thumbs": row["thumbs"],
            "comment": row["comment"],
        }
