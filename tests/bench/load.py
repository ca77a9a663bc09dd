"""What a server does under load: ``python -m tests.bench.load http://127.0.0.1:8321 search --clients 200``.

Prints one JSON line: requests by status, requests a second, and p50/p95/p99 seconds of those answered; for ``query``
also of the first event. With ``--pid`` the server's memory by minute, and its slope after the first minute. A client
that is told to come back later (429, 503) waits for as long as it was told, at most five seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import time
from collections import Counter
from pathlib import Path

import httpx
import numpy as np
import psutil

GOLDEN = Path(__file__).parents[2] / "data" / "golden.jsonl"


class Load:
    """Clients that ask the golden questions until the time is over."""

    def __init__(self, address: str, kind: str, seconds: float, key: str | None) -> None:
        self.address = address
        self.kind = kind
        self.until = time.monotonic() + seconds
        self.headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.questions = [json.loads(line)["question"] for line in GOLDEN.read_text(encoding="utf-8").splitlines()]
        # One for all: made for each client, it is seconds of work on the cores that are measured.
        self.trusted = ssl.create_default_context()
        self.statuses: Counter[str] = Counter()
        self.took: list[float] = []
        self.first: list[float] = []

    async def client(self, number: int) -> None:
        """Ask one question after another, each client beginning at another one."""
        async with httpx.AsyncClient(
            base_url=self.address, headers=self.headers, timeout=300, verify=self.trusted
        ) as client:
            turn = number
            while time.monotonic() < self.until:
                question = self.questions[turn % len(self.questions)]
                turn += 1
                try:
                    wait = await (
                        self.search(client, question) if self.kind == "search" else self.query(client, question)
                    )
                except httpx.HTTPError as error:
                    self.statuses[type(error).__name__] += 1
                    wait = 1.0
                await asyncio.sleep(wait)

    async def search(self, client: httpx.AsyncClient, question: str) -> float:
        """Seconds to wait before the next."""
        started = time.monotonic()
        response = await client.post("/v1/search", json={"question": question})
        return self.note(response, time.monotonic() - started)

    async def query(self, client: httpx.AsyncClient, question: str) -> float:
        """Seconds to wait before the next."""
        started = time.monotonic()
        async with client.stream("POST", "/v1/query/stream", json={"question": question}) as response:
            name = ""
            async for line in response.aiter_lines():
                if line.startswith("event: "):
                    if not name and response.status_code == 200:
                        self.first.append(time.monotonic() - started)
                    name = line[7:]
            if name == "error":
                self.statuses["error event"] += 1
                return 1.0
            return self.note(response, time.monotonic() - started)

    def note(self, response: httpx.Response, took: float) -> float:
        self.statuses[str(response.status_code)] += 1
        if response.status_code == 200:
            self.took.append(took)
            return 0.0
        return min(5.0, float(response.headers.get("retry-after", 1)))


async def watch(pid: int | None, until: float, every: float = 5.0) -> list[tuple[float, float]]:
    """(minutes, MB) of the process and its children."""
    found: list[tuple[float, float]] = []
    started = time.monotonic()
    while pid and time.monotonic() < until:
        process = psutil.Process(pid)
        total = sum(one.memory_info().rss for one in [process, *process.children(recursive=True)])
        found.append(((time.monotonic() - started) / 60, total / 1e6))
        await asyncio.sleep(every)
    return found


def percentiles(seconds: list[float]) -> dict[str, float] | None:
    if not seconds:
        return None
    return {f"p{p}": round(float(np.percentile(seconds, p)), 3) for p in (50, 95, 99)}


def slope(memory: list[tuple[float, float]]) -> float | None:
    """MB a minute by least squares, after the first minute."""
    later = [(minute, size) for minute, size in memory if minute >= 1]
    return round(float(np.polyfit(*np.array(later).T, 1)[0]), 2) if len(later) > 2 else None


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("kind", choices=["search", "query"])
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--key")
    parser.add_argument("--pid", type=int)
    given = parser.parse_args()
    load = Load(given.address, given.kind, given.seconds, given.key)
    memory, *_ = await asyncio.gather(watch(given.pid, load.until), *(load.client(n) for n in range(given.clients)))
    print(
        json.dumps(
            {
                "kind": given.kind,
                "clients": given.clients,
                "seconds": given.seconds,
                "statuses": dict(load.statuses),
                "answered_per_s": round(len(load.took) / given.seconds, 2),
                "seconds_answered": percentiles(load.took),
                "seconds_first_event": percentiles(load.first),
                "memory_mb": [round(size) for _, size in memory[:: max(1, len(memory) // 10)]],
                "memory_slope_mb_per_min": slope(memory),
            }
        )
    )


if __name__ == "__main__":
    asyncio.run(main())
