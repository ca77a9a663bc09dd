import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text import contextualise, detect_language, fold, normalise, query_terms, sentences, terms

PORTUGUESE = st.text(alphabet="abcdeçãõáéíóúâêôàABCÇÃÕÉ .,;:!?()–“”0123456789\n", max_size=200)


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        ("√© um tipo", "é um tipo"),
        ("manuten√ß√£o e ação", "manutenção e ação"),
        ("Ã© bom, já é bom", "é bom, já é bom"),
        ("raiz √2 e 3 £", "raiz √2 e 3 £"),
        ("NÃO À TOA", "NÃO À TOA"),
        ("e\u0301 \u200bfim", "é fim"),
        ("o\ufb01cina", "oficina"),
    ],
)
def test_mojibake_is_repaired_and_right_text_is_left_alone(broken, right):
    assert normalise(broken) == right


@given(PORTUGUESE)
def test_a_utf8_text_once_read_as_mac_roman_comes_back(text):
    expected = normalise(text)
    try:
        broken = expected.encode("utf-8").decode("mac_roman")
    except UnicodeDecodeError:
        return
    accents = set("çãõáéíóúâêôàÇÃÕÉ")
    assert [c for c in normalise(broken) if c in accents] == [c for c in expected if c in accents]


@given(st.text(max_size=300), st.sampled_from(["pt", "en"]))
def test_sentences_cover_every_visible_character_once_in_order(text, language):
    covered = 0
    seen = []
    for start, end in sentences(text, language):
        assert covered <= start < end
        assert not text[start].isspace()
        assert not text[end - 1].isspace()
        seen.append(text[start:end])
        covered = end
    assert "".join("".join(seen).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "language", "count"),
    [
        ("O Sr. Silva pagou R$ 1.234,56 em 3.5.2024. Veja o art. 5.º da Lei n.º 8.078/90.", "pt", 2),
        ("Dr. Smith paid $1,234.56 before the U.S. deadline. See Fig. 3. It was late.", "en", 3),
        ("1. Primeiro item.\n2. Segundo item.", "pt", 2),
        ("Um título sem ponto\n\nUm parágrafo.", "pt", 2),
    ],
)
def test_abbreviations_ordinals_and_list_numbers_do_not_end_sentences(text, language, count):
    assert len(sentences(text, language)) == count


def test_an_identifier_is_a_term_of_its_own_however_it_is_hyphenated():
    assert terms("Quanto pesa a P-220?", "pt")[-1] == "p220" == terms("a bomba P220", "pt")[-1]
    assert "p220" not in terms("Tensão: 220 V, linha P", "pt")
    assert "qa202309" in terms("report QA-2023-09", "en")
    assert not {"email", "bemvindo"} & set(terms("e-mail bem-vindo", "pt"))


def test_words_typed_without_accents_are_the_same_terms():
    assert terms("manutenção das ligações", "pt") == terms("manutencao das ligacoes", "pt")


def test_portuguese_plurals_meet_their_singulars():
    for plural, singular in (("nações", "nação"), ("canais", "canal"), ("papéis", "papel"), ("bombas", "bomba")):
        assert terms(plural, "pt") == terms(singular, "pt")


def test_a_question_is_analysed_in_its_own_language_first_and_then_in_the_other():
    assert query_terms("What are the warranties?")[0] == terms("warranties", "en")[0]
    assert "o" not in query_terms("Qual o prazo?")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Qual o prazo de garantia?", "pt"),
        ("What is the warranty period?", "en"),
        ("horário da reunião", "pt"),
        ("The pump delivers four cubic metres per hour.", "en"),
        ("A bomba não pode funcionar a seco.", "pt"),
    ],
)
def test_short_texts_are_recognised(text, language):
    assert detect_language(text) == language


def test_headings_are_said_once_above_the_text():
    assert contextualise("Manual", ("Manual", "Erros"), "E4") == "Manual › Erros\nE4"
    assert contextualise("", (), "E4") == "E4"


@given(st.text(max_size=100))
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


def test_each_row_of_a_table_is_a_sentence_of_its_own():
    rows = ["Código: E1 | Causa: falta de água", "Código: E2 | Causa: tensão fora da faixa. Ver o manual: p. 3"]
    text = "O painel mostra\num código:\n" + "\n".join(rows) + "\nDepois a bomba\npara."
    found = [text[a:b] for a, b in sentences(text, "pt")]
    assert found[0] == "O painel mostra\num código:"
    assert found[1] == rows[0]
    assert " ".join(found[2:-1]) == rows[1]
    assert found[-1] == "Depois a bomba\npara."
