from hypothesis import given
from hypothesis import strategies as st

from rag.models.batches import batches

SIZES = st.lists(st.integers(0, 600), max_size=200)


def test_texts_of_like_length_share_a_batch_as_far_as_its_budget_goes():
    assert batches([5, 90, 6, 100, 4], 200) == [[4, 0, 2], [1, 3]]


def test_a_text_longer_than_the_budget_is_alone():
    assert batches([300, 1, 300], 200) == [[1], [0], [2]]


@given(SIZES, st.integers(1, 2000))
def test_every_text_is_in_one_batch_and_no_batch_of_several_is_over_the_budget(sizes, budget):
    found = batches(sizes, budget)
    assert sorted(index for batch in found for index in batch) == list(range(len(sizes)))
    assert all(len(batch) == 1 or len(batch) * max(sizes[i] for i in batch) <= budget for batch in found)
    lengths = [sizes[index] for batch in found for index in batch]
    assert lengths == sorted(lengths)
