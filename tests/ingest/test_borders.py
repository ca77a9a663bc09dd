"""Where chunks end: within the budget, whatever the sentences; and what is edited moves no border far from it."""

import itertools
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.borders import ends

SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=120)


@settings(max_examples=200)
@given(SIZES, st.data())
def test_every_chunk_keeps_to_the_budget_with_its_overlap_and_the_last_sentence_ends_one(sizes, data):
    ranks = data.draw(st.lists(st.integers(0, 9), min_size=len(sizes), max_size=len(sizes)))
    overlaps = [0, *(size if size <= 33 else 0 for size in sizes[:-1])]
    found = ends(sizes, overlaps, ranks, 100)
    assert found == sorted(set(found))
    assert found[-1] == len(sizes) - 1
    for begin, last in zip([0, *(at + 1 for at in found)], found, strict=False):
        assert begin == last or sum(sizes[begin : last + 1]) + overlaps[begin] <= 100


def test_what_fits_is_one_chunk():
    assert ends([40, 60], [0, 0], [0, 0], 100) == [1]


def test_a_chunk_ends_at_the_least_rank_around():
    assert ends([20] * 8, [0] * 8, [5, 4, 6, 1, 7, 8, 9, 2], 100) == [3, 7]


@pytest.mark.parametrize("ranks", [[0] * 20_000, list(range(20_000)), list(range(20_000, 0, -1))])
def test_equal_rising_and_falling_ranks_give_chunks_of_a_fair_size_in_no_time(ranks):
    started = time.process_time()
    found = ends([10] * len(ranks), [0] * len(ranks), ranks, 100)
    assert time.process_time() - started < 5
    whole = [after - before for before, after in itertools.pairwise([-1, *found])]
    assert max(whole) <= 10
    assert min(whole) >= 2
    assert sum(whole) / len(whole) >= 5


def test_an_edit_moves_no_border_further_away_than_its_own_and_the_next_stretch():
    """A stretch lies between two sentences whose rank is the least around: on average two budgets long, here."""
    rng = random.Random(3)
    furthest = []
    for _ in range(200):
        sizes = [rng.randint(5, 30) for _ in range(200)]
        ranks = [rng.random() for _ in sizes]
        at = rng.randrange(60, 140)
        edited = [*sizes[:at], rng.randint(5, 30), *sizes[at + 1 :]]
        other = [*ranks[:at], rng.random(), *ranks[at + 1 :]]
        moved = set(ends(sizes, [0] * 200, ranks, 100)) ^ set(ends(edited, [0] * 200, other, 100))
        furthest.append(max((abs(sum(sizes[min(at, end) : max(at, end)])) for end in moved), default=0))
    assert max(furthest) <= 300
    assert sum(furthest) / len(furthest) < 60
