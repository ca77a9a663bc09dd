import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.split import split
from rag.config import ChunkSettings, load_settings
from rag.models import load_encoder
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


class CharacterCounter:
    """One token a letter that is not a vowel, and four an emoji; as an encoder, it sees no more than 512."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [min(512, sum(4 if c > "\uffff" else c not in "aeiou " for c in text)) for text in texts]


@pytest.mark.parametrize(
    "text",
    [
        "vivo e bem, " * 800,
        "aeiou " * 400 + "xyz " * 900,
        "xyz" * 40_000,
        "🙂" * 3000,
        "www.exemplo.com.br/" * 300,
    ],
)
def test_no_piece_of_a_long_sentence_has_more_tokens_than_the_budget(text):
    document = made(text)
    chunks = split(document, CharacterCounter(), ChunkSettings(tokens=64, overlap_sentences=0))
    counts = CharacterCounter().count_tokens([chunk.text for chunk in chunks])
    assert max(counts) <= 64
    assert sum(counts) / len(counts) > 20
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(text.split())


class JoiningCounter(HashingEncoder):
    """Words, and one token more where sentences are joined."""

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) + text.count(". ") for text in texts]


def test_a_chunk_that_counts_more_than_its_sentences_is_divided():
    document = made(" ".join(f"Esta é a frase número {n} do texto." for n in range(40)))
    chunks = split(document, JoiningCounter(), ChunkSettings(tokens=32, overlap_sentences=0))
    assert max(JoiningCounter().count_tokens([chunk.text for chunk in chunks])) <= 32
    assert " ".join(chunk.text for chunk in chunks) == document.text


@pytest.mark.weights
@settings(max_examples=40, deadline=None)
@given(text=st.text(alphabet="abcç dé.,; 0-😀漢", min_size=200, max_size=3000), tokens=st.sampled_from([32, 160]))
def test_no_chunk_has_more_of_the_encoders_tokens_than_the_budget(encoder, text, tokens):
    chunks = split(made(text), encoder, ChunkSettings(tokens=tokens))
    assert max(encoder.count_tokens([chunk.text for chunk in chunks]), default=0) <= tokens


@pytest.fixture(scope="module")
def encoder(weights):
    return load_encoder(load_settings().models)
