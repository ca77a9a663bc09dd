"""A server by itself: seconds from a kill to the first answer of /readyz, to the first event of a stream, and of a
search, each with nobody else there: ``python -m tests.bench.serving [--starts 3] [--every 1]``.

The golden questions are asked one after another; a stream is left after its first event, and the next question asked
when the server has let go of it. Beside the seconds stand those of the cores that the server took meanwhile: on two
cores of one's own half of them go by, and more of the former say that the machine did something else as well.
"""

from __future__ import annotations

import argparse
import json
import os
import re
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
import psutil

from ingest import ingest_folder
from rag.config import load_settings
from rag.index import Index

DATA = Path(__file__).parents[2] / "data"


@contextmanager
def served(index: Path) -> Iterator[tuple[httpx.Client, psutil.Process, float]]:
    """A client of a new server over ``index``, its process, and the seconds until it was ready. It is killed in the
    end."""
    started = time.monotonic()
    command = [sys.executable, "-m", "rag.cli", "serve", "--index", str(index), "--port", "0"]
    with tempfile.NamedTemporaryFile("r") as log, subprocess.Popen(command, stderr=log, env=os.environ) as process:
        try:
            while not (said := re.search(r"listening on (\S+)\n", Path(log.name).read_text("utf-8"))):
                assert process.poll() is None, Path(log.name).read_text("utf-8")
                time.sleep(0.02)
            address = said[1]
            with httpx.Client(base_url=address, timeout=300) as client:
                while client.get("/readyz").status_code != 200:
                    time.sleep(0.02)
                yield client, psutil.Process(process.pid), time.monotonic() - started
        finally:
            process.kill()


class Clock:
    """Seconds since it was made, and those that the cores worked for ``process``."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self._started, self._worked = time.monotonic(), self._work()

    def _work(self) -> float:
        return float(sum(self._process.cpu_times()[:2]))

    def read(self) -> tuple[float, float]:
        return time.monotonic() - self._started, self._work() - self._worked


def first_event(client: httpx.Client, process: psutil.Process, question: str) -> tuple[float, float]:
    """To the first event, which is that of the citations."""
    clock = Clock(process)
    with client.stream("POST", "/v1/query/stream", json={"question": question}) as response:
        first = next(line for line in response.iter_lines() if line.startswith("event: "))
        took = clock.read()
    assert first == "event: citations", first
    while 'lastro_queue{line="answers",state="served"} 0.0' not in client.get("/metrics").text:
        time.sleep(0.02)
    return took


def search(client: httpx.Client, process: psutil.Process, question: str) -> tuple[float, float]:
    clock = Clock(process)
    client.post("/v1/search", json={"question": question}).raise_for_status()
    return clock.read()


def percentiles(took: list[tuple[float, float]]) -> dict[str, float]:
    seconds, worked = zip(*took, strict=True)
    shown = {f"p{p}": round(float(np.percentile(seconds, p)), 3) for p in (50, 95)}
    return shown | {"of_cores_p50": round(float(np.median(worked)), 3)}


def told(**what: Any) -> None:
    print(json.dumps(what), flush=True)


def measured(index: Path, starts: int, questions: list[str]) -> None:
    with Index.open(index).pin() as snapshot:
        committed = snapshot.generation
    ready = []
    for n in range(starts):
        with served(index) as (client, process, seconds):
            assert client.get("/readyz").json()["generation"] == committed
            ready.append(round(seconds, 2))
            if n < starts - 1:
                continue
            told(seconds_from_kill_to_ready=ready)
            search(client, process, questions[0])
            told(seconds_search=percentiles([search(client, process, question) for question in questions]))
            told(seconds_first_event=percentiles([first_event(client, process, question) for question in questions]))


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
