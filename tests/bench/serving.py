"""A server by itself: seconds from a kill to the first answer of /readyz, to the first event of a stream, and of a
search, each with nobody else there: ``python -m tests.bench.serving [--starts 3] [--every 1]``.

The golden questions are asked one after another; a stream is left after its first event, and the next question asked
when the server has let go of it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from ingest import ingest_folder
from rag.config import load_settings
from rag.index import Index

DATA = Path(__file__).parents[2] / "data"


@contextmanager
def served(index: Path) -> Iterator[tuple[httpx.Client, float]]:
    """A client of a new server over ``index``, and the seconds until it was ready. It is killed in the end."""
    started = time.monotonic()
    command = [sys.executable, "-m", "rag.cli", "serve", "--index", str(index), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            assert process.stderr is not None
            said = iter(process.stderr)
            address = next(line for line in said if line.startswith("listening on ")).split()[-1]
            with httpx.Client(base_url=address, timeout=300) as client:
                while client.get("/readyz").status_code != 200:
                    time.sleep(0.02)
                yield client, time.monotonic() - started
        finally:
            process.kill()


def first_event(client: httpx.Client, question: str) -> float:
    """Seconds to the first event, which is that of the citations."""
    started = time.monotonic()
    with client.stream("POST", "/v1/query/stream", json={"question": question}) as response:
        first = next(line for line in response.iter_lines() if line.startswith("event: "))
        took = time.monotonic() - started
    assert first == "event: citations", first
    while 'lastro_queue{line="answers",state="served"} 0.0' not in client.get("/metrics").text:
        time.sleep(0.02)
    return took


def search(client: httpx.Client, question: str) -> float:
    started = time.monotonic()
    client.post("/v1/search", json={"question": question}).raise_for_status()
    return time.monotonic() - started


def percentiles(seconds: list[float]) -> dict[str, float]:
    return {f"p{p}": round(float(np.percentile(seconds, p)), 3) for p in (50, 95)}


def told(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def measured(index: Path, starts: int, questions: list[str]) -> None:
    with Index.open(index).pin() as snapshot:
        committed = snapshot.generation
    ready = []
    for n in range(starts):
        with served(index) as (client, seconds):
            assert client.get("/readyz").json()["generation"] == committed
            ready.append(round(seconds, 2))
            if n < starts - 1:
                continue
            told(seconds_from_kill_to_ready=ready)
            search(client, questions[0])
            told(seconds_search=percentiles([search(client, question) for question in questions]))
            told(seconds_first_event=percentiles([first_event(client, question) for question in questions]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--every", type=int, default=1, help="take each second, third … of the golden questions")
    parser.add_argument("--index", type=Path, help="of the sample folder; made where not given")
    given = parser.parse_args()
    questions = [json.loads(line)["question"] for line in (DATA / "golden.jsonl").read_text("utf-8").splitlines()]
    with tempfile.TemporaryDirectory(prefix="lastro-serving-") as work:
        index = given.index or Path(work) / "index"
        if not index.exists():
            ingest_folder(DATA / "sample", index, load_settings(ingest={"ocr": False}))
        measured(index, given.starts, questions[:: given.every])


if __name__ == "__main__":
    main()
