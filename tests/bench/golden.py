"""The golden questions through the whole product: retrieval, answers, abstention, citations, latency.

    python -m tests.bench.golden [--work FOLDER] [--only retrieval] [--answerable P]
    [--replay SAID.jsonl] [--of FOLDER]

Every answer shown is printed with its verdicts and evidence, to be read by hand.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from ingest import ingest_folder
from rag.config import load_settings
from rag.evaluate.intervals import clopper_pearson
from rag.facade import Lastro
from rag.serialise import answer_json
from tests.bench.replay import replayed
from tests.data.judge import correct

DATA = Path(__file__).parents[2] / "data"


def retrieval(app: Lastro, questions: list[dict[str, Any]]) -> None:
    ranks = []
    for question in questions:
        wanted = question["evidence"][0]
        hits = app.search(question["question"])
        text = " ".join(wanted["text"].split())
        rank = next((h.rank for h in hits if h.source == wanted["source"] and text in " ".join(h.text.split())), None)
        ranks.append(rank or 10**6)
        if rank is None or rank > 5:
            print(f"  {question['id']} {question['question']} → rank {rank}")
    for k in (1, 3, 5, 8):
        print(f"recall@{k} of the expected document and span: {np.mean([rank <= k for rank in ranks]):.3f}")


def answers(app: Lastro, questions: list[dict[str, Any]], out: Path) -> None:
    records = []
    for question in questions:
        answer = answer_json(app.ask(question["question"]))
        right = not answer["abstained"] and not question["unanswerable"] and correct(question, answer["answer"])
        records.append({"golden": question, "answer": answer, "right": right})
        shown = "withheld" if answer["abstained"] else answer["answer"]
        flag = "right" if right else ("ok" if question["unanswerable"] and answer["abstained"] else "WRONG")
        relevance = answer["signals"].get("relevance", 0.0)
        print(f"{flag:6} {question['id']} [{relevance:.2f}] {question['question']} → {shown}", flush=True)
        for sentence in answer["sentences"]:
            evidence = sentence["evidence"]["text"] if sentence["evidence"] else sentence["reason"]
            print(f"         {sentence['verdict']} {sentence['score']:.2f} ← {' '.join(str(evidence).split())[:160]}")
        if answer["abstained"]:
            print(f"         {answer['reason']}")
    out.write_text(json.dumps(records, ensure_ascii=False, indent=1), encoding="utf-8")
    summary(app, records)


def tell(what: str, happened: list[bool]) -> None:
    """How often, with the exact 95 % interval of the share."""
    if not happened:
        return
    low, high = clopper_pearson(sum(happened), len(happened))
    print(f"{what}: {sum(happened)} of {len(happened)} [{low:.2f}, {high:.2f}]")


def summary(app: Lastro, records: list[dict[str, Any]]) -> None:
    answerable = [r for r in records if not r["golden"]["unanswerable"]]
    rest = [r for r in records if r["golden"]["unanswerable"]]
    tell("answerable questions answered correctly", [r["right"] for r in answerable])
    tell("answerable questions withheld", [r["answer"]["abstained"] for r in answerable])
    tell("unanswerable questions withheld", [r["answer"]["abstained"] for r in rest])
    with app.index.pin() as snapshot:
        exact = [
            snapshot.document(c["doc_id"]).text[c["start"] : c["end"]] == c["text"]
            for r in records
            for c in [*r["answer"]["citations"], *r["answer"]["closest"]]
        ]
    print(f"citations exact: {sum(exact)} of {len(exact)}")
    generated = [r["answer"]["timings_ms"] for r in records if r["answer"]["timings_ms"]["first_token"] > 0]
    for stage in ("embed", "dense", "sparse", "fuse", "prompt", "first_token", "generate", "verify", "total"):
        values = [timing[stage] for timing in generated]
        print(f"  {stage:12} p50 {np.percentile(values, 50):7.0f} ms   p95 {np.percentile(values, 95):7.0f} ms")
    waits = [
        sum(t[s] for s in ("embed", "dense", "sparse", "fuse", "rerank", "prompt", "first_token")) for t in generated
    ]
    print(f"  to the first token, from the question: p50 {np.percentile(waits, 50):.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", type=Path, help="another folder than the sample: of documents/ and golden.jsonl")
    parser.add_argument("--work", type=Path, default=None)
    parser.add_argument("--only", choices=("retrieval", "answers"))
    parser.add_argument("--answerable", type=float)
    parser.add_argument("--replay", type=Path, help="file of what the decoder said: verification alone is tried again")
    parser.add_argument("--ids", help="comma-separated prefixes of question ids")
    options = parser.parse_args()
    work = options.work or Path(tempfile.mkdtemp(prefix="lastro-golden-"))
    documents, asked = (options.of / "documents", options.of) if options.of else (DATA / "sample", DATA)
    ingest_folder(documents, work / "index", load_settings(ingest={"ocr": False}))
    verify = {} if options.answerable is None else {"answerable": options.answerable}
    app = Lastro.open(work / "index", load_settings(**({"verify": verify} if verify else {})))
    replay = replayed(app.models, options.replay) if options.replay else None
    lines = (asked / "golden.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines]
    if options.ids:
        questions = [q for q in questions if q["id"].startswith(tuple(options.ids.split(",")))]
    if options.only != "answers":
        retrieval(app, [question for question in questions if not question["unanswerable"]])
    if options.only != "retrieval":
        answers(app, questions, work / "golden-answers.json")
    if replay:
        print(f"asked of the decoder: {replay.asked}; the rest is replayed, and its times mean nothing")


if __name__ == "__main__":
    main()
