import pytest

from rag.evaluate.citations import citation_precision, citation_recall, covers, meets, overlap

NEEDS = [[("a", 10, 20), ("b", 0, 10)], [("c", 0, 4)]]


def test_spans_meet_only_in_the_same_document_and_not_end_to_end():
    assert meets(("a", 0, 11), ("a", 10, 20))
    assert not meets(("a", 0, 10), ("a", 10, 20))
    assert not meets(("b", 0, 11), ("a", 10, 20))


def test_half_of_the_expected_characters_cover_it():
    assert covers(("a", 15, 99), ("a", 10, 20))
    assert not covers(("a", 16, 99), ("a", 10, 20))


def test_precision_counts_citations_and_recall_what_is_needed():
    cited = [("b", 5, 6), ("z", 0, 9)]
    assert citation_precision(cited, NEEDS) == 0.5
    assert citation_recall(cited, NEEDS) == 0.5
    assert citation_precision([], NEEDS) == 0.0


def test_overlap_is_the_f1_of_characters_of_the_nearest_place():
    # Found a[10,15) and c[0,4): 9 characters; expected a[10,20) (nearer than b) and c[0,4): 14; 9 shared.
    assert overlap([("a", 10, 15), ("c", 0, 4)], NEEDS) == pytest.approx(2 * 9 / (9 + 14))
    assert overlap([], NEEDS) == 0.0
