import pytest

from rag.evaluate.dataset import Target, parse_question
from rag.evaluate.locate import Library, Need, Ranks, document_ranks, span_ranks
from rag.index import Index


def hit(doc, start, end, duplicates=()):
    return {"doc_id": doc, "start": start, "end": end, "duplicates": list(duplicates)}


def needs(*places):
    return [Need((place,)) for place in places]


def test_a_text_is_found_whatever_its_white_space(index):
    with Index.open(index).pin() as snapshot:
        library = Library(snapshot)
        ((doc_id, start, end),) = library.spans(Target("frete.txt", None, "o Norte\n custa   40 reais"))
        assert snapshot.document(doc_id).text[start:end] == "o Norte custa 40 reais"
        assert library.spans(Target("frete.txt", None, "custa 50 reais")) == []
        assert library.spans(Target("absent.txt")) == []
        ((_, start, end),) = library.spans(Target("frete.txt"))
        assert (start, end) == (0, len(snapshot.document(doc_id).text))


def test_another_place_serves_as_well_as_the_one_expected(index):
    row = {"id": "1", "question": "x?", "evidence": [{"source": "frete.txt"}], "also": [{"source": "peso.txt"}]}
    with Index.open(index).pin() as snapshot:
        (need,) = Library(snapshot).needs(parse_question(row, "line"))
    assert len({document for document, _, _ in need.places}) == 2


def test_a_hit_counts_when_it_holds_half_of_what_is_needed():
    hits = [hit("a", 0, 4), hit("a", 4, 20), hit("b", 0, 9)]
    assert span_ranks(hits, needs(("a", 0, 10))) == Ranks((2,), 1)
    assert span_ranks(hits, needs(("c", 0, 10))) == Ranks((), 1)


def test_any_passage_of_an_expected_page_will_do():
    hits = [hit("a", 500, 600), hit("a", 0, 4)]
    assert span_ranks(hits, [Need((("a", 0, 100),), whole=True)]) == Ranks((2,), 1)


def test_two_sentences_of_one_passage_are_one_thing_to_find():
    hits = [hit("a", 0, 50), hit("b", 0, 9)]
    assert span_ranks(hits, needs(("a", 0, 10), ("a", 20, 30))) == Ranks((1,), 1)
    assert span_ranks(hits, needs(("a", 0, 10), ("b", 0, 9), ("z", 0, 9))) == Ranks((1, 2), 3)


def test_a_near_duplicate_folded_into_a_hit_counts_as_found():
    hits = [hit("a", 0, 9, [{"doc_id": "b", "start": 0, "end": 9}])]
    assert span_ranks(hits, needs(("b", 0, 9))) == Ranks((1,), 1)


def test_documents_count_once_and_in_the_order_of_their_best_hit():
    hits = [hit("a", 0, 4), hit("a", 4, 20), hit("b", 0, 9), hit("c", 0, 9)]
    assert document_ranks(hits, needs(("c", 50, 60)), 1) == Ranks((3,), 1)
    assert document_ranks(hits, needs(("a", 0, 1), ("b", 0, 1)), 2) == Ranks((1, 2), 2)


@pytest.mark.parametrize("page", [1, 2])
def test_a_page_that_a_document_without_pages_cannot_have_is_not_asked_of_it(index, page):
    with Index.open(index).pin() as snapshot:
        assert len(Library(snapshot).spans(Target("frete.txt", page, "o Norte"))) == 1
