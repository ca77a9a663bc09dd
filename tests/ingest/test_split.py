import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.split import split
from rag.config import ChunkSettings
from rag.types import Document, Heading, Page
from tests.doubles import HashingEncoder

TEXT = st.text(alphabet=st.sampled_from("abc dé.,!? \n|0"), max_size=1500)


def made(text: str, headings: tuple[Heading, ...] = (), pages: tuple[Page, ...] = ()) -> Document:
    return Document("d", "d.txt", "T", "text/plain", "pt", text, "x", pages, headings)


@settings(max_examples=200, deadline=None)
@given(TEXT, st.integers(32, 60))
def test_every_chunk_is_a_slice_and_every_visible_character_is_in_one(text, tokens):
    document = made(text)
    chunks = split(document, HashingEncoder(), ChunkSettings(tokens=tokens))
    covered = set()
    for chunk in chunks:
        assert document.text[chunk.start : chunk.end] == chunk.text
        covered |= set(range(chunk.start, chunk.end))
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)
    assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
    assert [chunk.start for chunk in chunks] == sorted({chunk.start for chunk in chunks})


def test_chunks_keep_to_the_budget_and_share_a_sentence():
    text = " ".join(f"Esta é a frase número {n} do texto." for n in range(40))
    chunks = split(made(text), HashingEncoder(), ChunkSettings(tokens=40, overlap_sentences=1))
    counts = HashingEncoder().count_tokens([chunk.text for chunk in chunks])
    assert max(counts) <= 40
    for before, after in itertools.pairwise(chunks):
        assert before.start < after.start < before.end


def test_a_sentence_longer_than_the_budget_is_cut_at_word_borders():
    text = " ".join(f"palavra{n}" for n in range(300))
    chunks = split(made(text), HashingEncoder(), ChunkSettings(tokens=50))
    assert len(chunks) > 5
    assert " ".join(chunk.text for chunk in chunks) == text


def test_a_chunk_stays_inside_its_section_and_carries_the_path_of_headings():
    text = "Manual\n\nLigue a bomba.\n\nErros\n\nE4 é rotor travado."
    headings = (Heading(1, "Manual", 0, 6), Heading(2, "Erros", 24, 29))
    chunks = split(made(text, headings), HashingEncoder(), ChunkSettings())
    assert [(c.text, c.headings) for c in chunks] == [
        ("Ligue a bomba.", ("Manual",)),
        ("E4 é rotor travado.", ("Manual", "Erros")),
    ]


def test_a_chunk_knows_the_page_it_begins_on():
    text = "Primeira página.\n\nSegunda página."
    pages = (Page(1, 0, 16), Page(2, 18, 33))
    chunks = split(made(text, (Heading(1, "x", 17, 17),), pages), HashingEncoder(), ChunkSettings())
    assert [chunk.page for chunk in chunks] == [1, 2]


def headed(*lines: str) -> Document:
    """A document of lines apart by blank ones; those that begin with ``#`` are headings of that level."""
    text, headings = "", []
    for line in lines:
        title = line.lstrip("#")
        start = len(text) + (2 if text else 0)
        text += f"\n\n{title}" if text else title
        if title != line:
            headings.append(Heading(len(line) - len(title), title, start, len(text)))
    return made(text, tuple(headings))


def found(document: Document) -> list[tuple[str, tuple[str, ...]]]:
    chunks = split(document, HashingEncoder(), ChunkSettings())
    assert all(document.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    return [(chunk.text, chunk.headings) for chunk in chunks]


def test_a_document_of_headings_is_found_by_them():
    assert found(headed("#Plano 2025", "##Abrir a filial de Recife", "##Contratar dez técnicos")) == [
        ("Plano 2025\n\nAbrir a filial de Recife\n\nContratar dez técnicos", ())
    ]


def test_headings_above_no_text_are_a_chunk_among_those_that_are_a_path():
    document = headed("#Manual", "Ligue a bomba.", "##Fim das vendas em 2026", "##Cores", "##Erros", "E4 é o rotor.")
    assert found(document) == [
        ("Ligue a bomba.", ("Manual",)),
        ("Fim das vendas em 2026\n\nCores", ("Manual",)),
        ("E4 é o rotor.", ("Manual", "Erros")),
    ]


def test_a_heading_without_text_stays_under_its_own_path():
    assert found(headed("#A", "texto a", "##Vazio", "#Também vazio")) == [
        ("texto a", ("A",)),
        ("Vazio", ("A",)),
        ("Também vazio", ()),
    ]
