import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.mojibake import repair_mojibake

LETTERS = "abcxyzçãõáéíóúâêôàABCÇÃÕÁÉÍÓÚÂÊÔÀ"
WORD = st.text(alphabet="abcxyzçãõáéíóúâêôà", min_size=1, max_size=8)
CAPITALS = st.text(alphabet="ABCÇÃÕÁÉÍÓÚÂÊÔÀ", min_size=2, max_size=8)
OPENING = st.sampled_from(["", "(", "“", "‘", '"', "§ ", "√2 ", "R$ ", "£", "¬", "© ", "±"])
CLOSING = st.sampled_from(
    [
        "",
        ".",
        ",",
        "”",
        "”,",
        "’",
        "…",
        "…”",
        " – ",
        "–",
        "—",
        "»",
        "™",
        "®",
        " 1º",
        " 2ª",
        " m²",
        "\u00a0x",
        "!",
        " ß ",
        "; ©",
    ]
)
RIGHT = st.lists(st.tuples(OPENING, WORD | CAPITALS, CLOSING), max_size=6).map(
    lambda parts: " ".join(opening + word + closing for opening, word, closing in parts)
)


@pytest.mark.parametrize(
    ("broken", "right"),
    [
        ("√© um tipo de manuten√ß√£o, já corrigido: ação", "é um tipo de manutenção, já corrigido: ação"),
        ("‚Ç¨ 5 ‚Äì já", "€ 5 – já"),
        ("√Åcido, √çndice, √Ä vista: já", "Ácido, Índice, À vista: já"),
        ("1¬™ vez, n¬∫ 5, 10 ¬µm, já", "1ª vez, nº 5, 10 µm, já"),
        ("OPÃ‡Ã•ES, COLÃ”NIA, ANTÃ“NIO e É", "OPÇÕES, COLÔNIA, ANTÓNIO e É"),
        ("â€œoiâ€\x9d já", "“oi” já"),
        ("R$ 5 Ã\u00a0 vista, 10 Ã— 5, 25 Â° já", "R$ 5 à vista, 10 × 5, 25 ° já"),
        ("twice: ÃƒÂ© já", "twice: é já"),
        ("Ð¿Ñ€Ð¸Ð²ÐµÑ‚", "привет"),
    ],
)
def test_what_was_misread_is_put_right_also_beside_right_accents(broken, right):
    assert repair_mojibake(broken) == right


@pytest.mark.parametrize(
    "right",
    [
        "“MAÇÃ”",
        "AMANHÃ…",
        "MANHÃ–TARDE",
        "IRMÃ\u00a0DULCE",
        "IRMÃ’S",
        "a letra “Ã”",
        "√π ≈ 1,77",
        "√2, ©, £, ß",
        "¬p",
        "ÊàÇ",
        "ÓàÇ",
        "ÔàÇ",
        "sexta –é já",
        "a “área”já",
    ],
)
def test_right_text_that_looks_misread_is_left_alone(right):
    assert repair_mojibake(right) == right


@given(RIGHT)
def test_right_portuguese_and_english_with_symbols_is_left_alone(text):
    assert repair_mojibake(text) == text


@given(st.lists(st.text(alphabet=LETTERS, min_size=1, max_size=8), min_size=1, max_size=6), st.data())
def test_words_misread_as_mac_roman_come_back_whatever_stands_beside_them(words, data):
    shown = [
        word.encode("utf-8").decode("mac_roman") if data.draw(st.booleans(), label="misread") else word
        for word in words
    ]
    assert repair_mojibake(" ".join(shown)) == " ".join(words)
