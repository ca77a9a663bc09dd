"""Work of several requests for one model, done together: what comes while it is at work goes into one call after it.

Nobody waits for company, so that a request alone is as quick as without; the batch is whatever came meanwhile (the way
of infinity's and vLLM's queues). There is no thread for it: of those that wait, one does the work of all.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Sequence
from typing import Generic, TypeVar

from rag.serve.work import ClientGone

__all__ = ["Batches"]

Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")


class _Job(Generic[Item, Result]):
    """What one request asks for, and the results by item so far; ``gone`` when nobody waits for them any more."""

    def __init__(self, items: Sequence[Item], wanted: Callable[[], bool]) -> None:
        self.missing = deque(dict.fromkeys(items))
        self.different = len(self.missing)
        self.wanted = wanted
        self.results: dict[Item, Result] = {}
        self.gone = False

    @property
    def done(self) -> bool:
        return self.gone or len(self.results) == self.different


class Batches(Generic[Item, Result]):
    """``compute`` gives a result for each item, in order; it is never called by two threads at once, and with no more
    than ``most`` items. Safe to share between threads."""

    def __init__(self, compute: Callable[[Sequence[Item]], Sequence[Result]], most: int) -> None:
        self._compute = compute
        self._most = most
        self._jobs: list[_Job[Item, Result]] = []
        self._moved = threading.Condition()
        self._at_work = False

    def results(self, items: Sequence[Item], wanted: Callable[[], bool]) -> list[Result]:
        """A result for each item, in order. Raises ClientGone once ``wanted`` says no, and what ``compute`` raises."""
        job: _Job[Item, Result] = _Job(items, wanted)
        with self._moved:
            self._jobs.append(job)
            self._moved.wait_for(lambda: job.done or not self._at_work)
            leads = not job.done
            self._at_work = self._at_work or leads
        if leads:
            self._lead(job)
        if job.gone:
            raise ClientGone
        return [job.results[item] for item in items]

    def _lead(self, job: _Job[Item, Result]) -> None:
        """Do batch after batch until ``job`` is done; then another of those that wait goes on.

        After a failure only its own items: whether they are what failed must not depend on who else was there.
        """
        alone = False
        try:
            while batch := self._batch(job, alone=alone):
                try:
                    self._do(batch)
                except Exception:
                    if alone:
                        raise
                    alone = True
        finally:
            with self._moved:
                if not job.done:  # it failed
                    self._jobs.remove(job)
                self._at_work = False
                self._moved.notify_all()

    def _batch(self, leader: _Job[Item, Result], *, alone: bool) -> dict[Item, list[_Job[Item, Result]]]:
        """The next items and whose they are: one of each job in turn, so that a large one does not hold up a small one;
        what two ask for is done once. ``alone``: the leader's only. Empty when nothing is left to do for it."""
        batch: dict[Item, list[_Job[Item, Result]]] = {}
        with self._moved:
            for job in self._jobs:
                job.gone = not job.wanted()
            self._jobs = [job for job in self._jobs if not job.done]
            jobs = [leader] if alone else self._jobs
            while not leader.done and len(batch) < self._most and any(job.missing for job in jobs):
                for job in jobs:
                    if job.missing and len(batch) < self._most:
                        batch.setdefault(job.missing.popleft(), []).append(job)
            self._moved.notify_all()
        return batch

    def _do(self, batch: dict[Item, list[_Job[Item, Result]]]) -> None:
        """Raises what ``compute`` raises; what it should have done is missing again then."""
        try:
            results = self._compute(tuple(batch))
        except BaseException:
            with self._moved:
                for item, jobs in batch.items():
                    for job in jobs:
                        job.missing.append(item)
            raise
        with self._moved:
            for (item, jobs), result in zip(batch.items(), results, strict=True):
                for job in jobs:
                    job.results[item] = result
