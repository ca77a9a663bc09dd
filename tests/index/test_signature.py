import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.index.duplicates import clusters
from rag.index.signature import THRESHOLD, Signature, resemblance, sign

PLAIN = "bomba motor rotor selo prazo entrega contrato garantia empresa viagem hotel paga recebe quando onde".split()
TEXTS = st.lists(st.sampled_from([*PLAIN, "30", "dias", "Acme", "não"]), min_size=1, max_size=60).map(" ".join)
POLICY = (
    "O limite da diária de hotel é de R$ 280,00 nas capitais e de R$ 210,00 nas demais cidades, com café da manhã. "
    "A reserva é feita pela agência contratada e as notas são entregues em até 20 dias depois da volta, sem exceção."
)


def same(one: str, other: str) -> bool:
    return resemblance(sign("", (), one), sign("", (), other)) >= THRESHOLD


@given(st.text(min_size=1))
def test_a_text_resembles_itself_entirely(text):
    assert sign("t", ("h",), text) == sign("t", ("h",), text)
    assert same(text, text)


@given(TEXTS)
def test_line_breaks_spaces_and_how_accents_are_written_are_no_difference(text):
    assert sign("", (), text) == sign("", (), unicodedata.normalize("NFD", text.replace(" ", " \n ")))


@given(TEXTS, st.integers(0, 59), st.integers(0, 999), st.integers(0, 999))
def test_one_changed_number_is_never_a_duplicate(text, place, number, another):
    assume(number != another)
    words = text.split()
    place %= len(words)
    one, other = (" ".join([*words[:place], str(n), *words[place:]]) for n in (number, another))
    assert resemblance(sign("", (), one), sign("", (), other)) == 0


@given(st.permutations(PLAIN))
def test_other_word_order_is_no_duplicate(words):
    assume(list(words) != PLAIN)
    # 15 words have 11 shingles: at 0.95 none of them may be missing.
    assert not same(" ".join(PLAIN), " ".join(words))


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("280,00", "340,00"),
        ("280,00", "28,000"),
        ("R$ 280", "US$ 280"),
        ("R$ 280", "€ 280"),
        ("20 dias", "20 horas"),
        ("em até 20", "depois de 20"),
        ("280,00 nas capitais e de R$ 210,00", "210,00 nas capitais e de R$ 280,00"),
        ("sem exceção", "com exceção"),
        ("é feita", "não é feita"),
        ("agência", "Agência Sul"),
        ("20 dias", "vinte dias"),
        ("20 dias", "-20 dias"),
        ("20 dias", "20% dias"),
    ],
)
def test_what_a_version_says_differently_makes_it_no_duplicate(was, becomes):
    assert POLICY.count(was) == 1
    long = f"{POLICY} {' '.join(PLAIN * 20)}"  # so long that a few shingles do not matter
    assert resemblance(sign("", (), long), sign("", (), long.replace(was, becomes))) == 0


def test_plain_words_matter_as_much_as_they_are_many():
    words = [f"{a}{b}" for a in PLAIN for b in "abcdefg"]  # 105 words, 101 shingles
    text, shortened, changed = " ".join(words), " ".join(words[2:]), " ".join([*words[:50], "outra", *words[51:]])
    assert resemblance(sign("", (), text), sign("", (), shortened)) * 101 == 99
    assert resemblance(sign("", (), text), sign("", (), changed)) * 106 == 96
    assert same(text, shortened)
    assert not same(text, changed)


@pytest.mark.parametrize(
    ("title", "other", "equal"),
    [
        ("Política 2023", "Política 2024", False),
        ("Anexo IV", "Anexo V", False),
        ("contrato", "contrato (1)", True),
        ("contrato", "contrato - Cópia (2)", True),
        ("contract", "contract copy 3", True),
        ("contrato", "contrato v2", False),
        ("Contrato de locação", "contrato assinado", True),
    ],
)
def test_numbers_of_title_and_headings_tell_versions_apart_and_marks_of_copies_do_not(title, other, equal):
    assert (sign(title, (), POLICY) == sign(other, (), POLICY)) is equal
    if not title.startswith("contra"):
        assert (sign("", (title,), POLICY) == sign("", (other,), POLICY)) is equal


def test_texts_without_words_are_themselves():
    assert same("* * *", " * * *\n")
    assert not same("* * *", "———")


SETS = st.sets(st.integers(0, 70), min_size=1, max_size=60).map(lambda s: Signature(tuple(sorted(s))))
NEAR = st.tuples(st.integers(19, 60), st.sets(st.integers(0, 70), max_size=3)).map(
    lambda pair: Signature(tuple(sorted(set(range(pair[0])) ^ pair[1])))
)


def jaccard(one: Signature, other: Signature) -> float:
    a, b = set(one.shingles), set(other.shingles)
    return len(a & b) / len(a | b)


@given(SETS | NEAR, SETS | NEAR)
def test_the_sketch_misses_no_pair(one, other):
    assert float(resemblance(one, other)) == pytest.approx(jaccard(one, other))
    if jaccard(one, other) >= 0.95:
        assert set(one.sketch) & set(other.sketch)


def components(signatures: list[Signature]) -> set[frozenset[int]]:
    """By brute force: every pair compared, groups grown until nothing more joins."""
    groups = [{i} for i in range(len(signatures))]
    for i in range(len(signatures)):
        near = {j for j, other in enumerate(signatures) if jaccard(signatures[i], other) >= 0.95}
        touched = [group for group in groups if group & near]
        groups = [group for group in groups if not group & near] + [set().union(*touched)]
    return {frozenset(group) for group in groups if len(group) > 1}


@given(st.lists(NEAR, max_size=25))
def test_clusters_are_those_of_comparing_every_pair(signatures):
    assert {frozenset(group) for group in clusters(signatures)} == components(signatures)


def test_what_is_kept_in_catalogs_does_not_change_by_itself():
    # By hand: change SIGNATURE_VERSION together with this, or indexes keep signatures of another kind.
    signature = sign("Manual 2", ("Garantia",), "A garantia da bomba é de 24 meses.")
    assert (len(signature.shingles), signature.digest.hex()[:8]) == (4, "ff23f1c1")
