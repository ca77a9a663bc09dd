"""Work of several requests for one model: together, in turn, once, and for nobody who has gone."""

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from rag.facade import Lastro
from rag.serve.batches import Batches
from rag.serve.shared import SharedModels
from rag.serve.work import ClientGone
from tests.serve.small import small_lastro
from tests.serve.test_load import until


class Doubling:
    """Twice each number, when it is let; ``seen`` are the batches it was given."""

    def __init__(self):
        self.seen = []
        self.going = threading.Event()

    def __call__(self, items):
        self.seen.append(items)
        assert self.going.wait(60)
        if -1 in items:
            raise ValueError("no negative numbers")
        return [2 * item for item in items]


@pytest.fixture
def doubling():
    return Doubling()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as pool:
        yield pool


def always():
    return True


def behind(batches, doubling, pool, *jobs, first=(1,)):
    """Futures of ``jobs``, each (items, wanted), which came while the model was at work on ``first``."""
    at_work = pool.submit(batches.results, first, always)
    until(lambda: doubling.seen)
    waiting = []
    for items, wanted in jobs:
        waiting.append(pool.submit(batches.results, items, wanted))
        until(lambda: len(batches._jobs) == 1 + len(waiting))
    return [at_work, *waiting]


def test_a_request_alone_is_one_call(doubling):
    doubling.going.set()
    assert Batches(doubling, 16).results([3, 1, 2], always) == [6, 2, 4]
    assert doubling.seen == [(3, 1, 2)]


def test_nothing_to_do_is_no_call(doubling):
    assert Batches(doubling, 16).results([], always) == []
    assert doubling.seen == []


def test_requests_that_come_while_the_model_is_at_work_go_together_in_the_next_call(doubling, pool):
    batches = Batches(doubling, 16)
    found = behind(batches, doubling, pool, ([2, 3], always), ([4], always), ([5], always))
    doubling.going.set()
    assert [future.result(60) for future in found] == [[2], [4, 6], [8], [10]]
    assert doubling.seen == [(1,), (2, 4, 5, 3)]


def test_a_large_request_does_not_hold_up_a_small_one(doubling, pool):
    batches = Batches(doubling, 2)
    found = behind(batches, doubling, pool, ([9], always), first=tuple(range(6)))
    doubling.going.set()
    assert [future.result(60) for future in found] == [[0, 2, 4, 6, 8, 10], [18]]
    assert doubling.seen == [(0, 1), (2, 9), (3, 4), (5,)]


def test_what_two_requests_ask_for_is_done_once(doubling, pool):
    batches = Batches(doubling, 16)
    found = behind(batches, doubling, pool, ([2, 3, 2], always), ([3, 4], always))
    doubling.going.set()
    assert [future.result(60) for future in found] == [[2], [4, 6, 4], [6, 8]]
    assert doubling.seen == [(1,), (2, 3, 4)]


def test_nothing_more_is_done_for_a_request_that_nobody_waits_for(doubling, pool):
    batches = Batches(doubling, 2)
    gone = threading.Event()
    found = behind(batches, doubling, pool, ([7, 8], lambda: not gone.is_set()), ([9], always), first=(1, 2))
    gone.set()
    doubling.going.set()
    with pytest.raises(ClientGone):
        found[1].result(60)
    assert (found[0].result(60), found[2].result(60)) == ([2, 4], [18])
    assert doubling.seen == [(1, 2), (9,)]


def test_a_request_at_work_ends_after_the_batch_in_which_its_client_left(doubling, pool):
    batches = Batches(doubling, 2)
    gone = threading.Event()
    future = pool.submit(batches.results, (1, 2, 3, 4), lambda: not gone.is_set())
    until(lambda: doubling.seen)
    gone.set()
    doubling.going.set()
    with pytest.raises(ClientGone):
        future.result(60)
    assert doubling.seen == [(1, 2)]


def test_a_failure_is_its_own_requests_and_those_of_the_same_batch_are_tried_without_it(doubling, pool):
    batches = Batches(doubling, 16)
    found = behind(batches, doubling, pool, ([-1], always), ([2], always), ([3], always))
    doubling.going.set()
    with pytest.raises(ValueError, match="no negative numbers"):
        found[1].result(60)
    assert [found[0].result(60), found[2].result(60), found[3].result(60)] == [[2], [4], [6]]
    assert batches.results([4], always) == [8], "and the next finds nobody at work"


def test_hundreds_of_requests_at_once_each_get_their_own(pool):
    batches = Batches(lambda items: [item * item for item in items], 8)
    jobs = [[(n * step) % 37 for step in range(n % 11)] for n in range(400)]
    found = list(pool.map(lambda items: batches.results(items, always), jobs))
    assert found == [[item * item for item in items] for items in jobs]


def test_shared_models_say_what_the_models_say(tmp_path):
    lastro = small_lastro(tmp_path)
    shared = Lastro(lastro.index, lastro.settings, SharedModels(lastro.models).of(always))
    question = "Quanto pesa a bomba P-220?"
    assert shared.search(question) == lastro.search(question)
    one, other = shared.ask(question), lastro.ask(question)
    assert (one.answer, one.sentences, one.citations) == (other.answer, other.sentences, other.citations)


def test_shared_models_of_somebody_who_has_gone_end_a_search_at_its_first_stage(tmp_path):
    lastro = small_lastro(tmp_path)
    shared = Lastro(lastro.index, lastro.settings, SharedModels(lastro.models).of(lambda: False))
    with pytest.raises(ClientGone):
        shared.search("Quanto pesa a bomba P-220?")


@pytest.mark.weights
def test_real_models_say_the_same_to_the_last_bit_however_many_ask(sample_index, pool):
    lastro = Lastro.open(sample_index)
    shared = SharedModels(lastro.models)
    questions = ["Qual é o prazo de garantia?", "How loud is the P-220?", "Quem assina o contrato?", "What is HG-2?"]

    def found(question):
        return Lastro(lastro.index, lastro.settings, shared.of(always)).search(question)

    together = list(pool.map(found, questions * 2))
    assert together == [lastro.search(question) for question in questions * 2]
    claims = [("The pump weighs 31 kg.", f"The pump weighs {n} kg.") for n in range(28, 34)]
    entailer = shared.of(always).parts.entailer
    both = list(pool.map(entailer.probabilities, [claims, claims[:3]]))
    np.testing.assert_array_equal(both[0], lastro.parts.entailer.probabilities(claims))
    np.testing.assert_array_equal(both[1], both[0][:3])
