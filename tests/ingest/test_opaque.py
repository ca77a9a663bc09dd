"""Minified code and encoded bytes stay out of the index, and are counted; what a person wrote never goes."""

import base64
import hashlib
import json
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.read import Extract, extract
from ingest.read.opaque import without_encoded, without_minified
from ingest.refusals import group_refusals
from rag.errors import UnreadableFile
from tests.conftest import SAMPLE

PROSE = [path.read_text("utf-8") for path in sorted(SAMPLE.glob("*.md"))]
MINIFIED = "!function(e,t){var n=e.r||{};for(var o in t)n[o]=t[o]*2;return e.r=n,void 0!==t&&n.q(e)}(window,{a:1,b:2});"
MESSAGE = "O prazo de garantia da bomba é de 24 meses, contados da entrega."


def read(data: bytes | str, name: str) -> Extract:
    return extract(data.encode() if isinstance(data, str) else data, name)[1]


def blob(size: int, seed: int = 0) -> str:
    return base64.b64encode(random.Random(seed).randbytes(size)).decode()


def hashes(number: int) -> list[str]:
    return [hashlib.sha256(str(n).encode()).hexdigest() for n in range(number)]


def test_minified_code_is_left_out_and_counted_and_its_messages_stay():
    line = MINIFIED * 50
    found = read(f"/* Bombas do Vouga, versão 2 */\n{line}throw new Error('{MESSAGE}');{line}\n", "bundle.min.js")
    assert found.text == f"/* Bombas do Vouga, versão 2 */\n{MESSAGE}"
    left = 2 * len(line) + len(f"throw new Error('{MESSAGE}');") - len(MESSAGE)
    assert found.warnings == (f"minified: {left} characters of 1 line, left out",)


def test_a_message_of_minified_code_is_read_as_it_is_shown():
    escaped = MESSAGE.replace("é", "\\u00e9")
    assert read(f'{MINIFIED * 10}alert("{escaped}")', "x.js").text == MESSAGE
    assert read(f'{MINIFIED * 10}alert("The rotor doesn\'t turn any more.")', "x.js").text.startswith(
        "The rotor doesn't"
    )


def test_a_bundle_without_a_word_is_refused_and_its_kind_says_that_nothing_is_lost():
    with pytest.raises(UnreadableFile) as raised:
        read(MINIFIED * 9_000, "bundle.min.js")
    assert raised.value.message == "minified or encoded: nothing in it reads as text"
    (group,) = group_refusals([("bundle.min.js", raised.value.message)])
    assert (group.kind, group.remedy) == (
        "not written for people",
        "Nothing is lost if their sources are in the folder.",
    )


def test_a_minified_style_sheet_is_refused_and_one_of_a_person_is_read():
    with pytest.raises(UnreadableFile, match="minified"):
        read(".a{color:#fff;margin:0 1px}.b>p{display:none}" * 200, "x.css")
    assert "color: #333" in read("/* Os títulos */\nh1 {\n  color: #333;\n}\n" * 200, "x.css").text


@pytest.mark.parametrize("name", ["x.xml", "x.sql", "x.py", "x.yaml", "x.txt", "x.md"])
def test_a_long_line_of_anything_but_scripts_and_styles_is_its_content(name):
    fields = "".join(f"<xNome>Cliente{n}</xNome><vProd>{n}.00</vProd>" for n in range(300))
    assert "Cliente299" in read(f"<nfe>{fields}</nfe>", name).text


def test_a_script_of_a_language_without_spaces_is_not_judged():
    line = f'const textos = ["{"水泵的保修期为二十四个月。" * 60}"];'
    assert read(line, "x.js").text == line


@pytest.mark.parametrize("name", ["x.b64", "x.txt", "x.csv", "x.json", "x.py"])
def test_a_blob_of_base64_is_left_out_whatever_it_is_in(name):
    data = blob(30_000)
    text = json.dumps({"nota": MESSAGE, "imagem": data}) if name == "x.json" else f'"{MESSAGE}"\n"{data}"\n'
    found = read(text, name)
    assert MESSAGE.partition("é")[0] in found.text
    assert len(found.text) < 200
    assert found.warnings == ("encoded: 40000 characters in 1 piece, left out",)


def test_a_file_of_base64_alone_is_refused():
    lines = "\n".join(blob(57, seed) for seed in range(500))
    with pytest.raises(UnreadableFile, match="minified or encoded"):
        read(lines, "certidoes.txt")


def test_a_lock_file_keeps_its_names_and_versions_and_not_its_hashes():
    packages = {f"node_modules/pacote-{n}": {"version": f"1.{n}.0", "integrity": f"sha256-{h}"} for n, h in
                enumerate(hashes(300))}  # fmt: skip
    found = read(json.dumps({"packages": packages}), "package-lock.json")
    assert "pacote-299" in found.text
    assert "1.299.0" in found.text
    assert hashes(1)[0] not in found.text
    assert found.warnings == ("encoded: 21300 characters in 300 pieces, left out",)


def test_a_hash_that_somebody_wrote_down_stays():
    note = f"{MESSAGE} A entrega foi a de {hashes(1)[0]}.\n" * 20
    assert read(note, "nota.txt").text.count(hashes(1)[0]) == 20
    few = "\n".join(hashes(20))
    assert read(few, "lista.txt").text == few


def test_a_source_map_is_refused_by_name():
    data = json.dumps({"version": 3, "sources": ["a.ts"], "mappings": "AAAA,SAAS" * 99})
    with pytest.raises(UnreadableFile, match="a source map"):
        read(data, "bundle.js.map")
    assert read("Mapa do tesouro.", "tesouro.map").text == "Mapa do tesouro."


WORDY = [
    "https://exemplo.pt/Documentos/2024/03/Relatorio-Anual-De-Manutencao-Das-Bombas-Da-Linha-P/anexo-7-b",
    "/home/ana/Documentos/Contratos2024/BombasDaLinhaP/Relatorio_Final_Versao3_Assinado",
    "35240114200166000187550010000000461234567890123",
    "getCustomerInvoiceTotalWithDiscountForMonth2024AndYearBefore",
    "GARANTIA_DA_BOMBA_MAXIMO_DE_MESES_CONTADOS_DA_ENTREGA_2024",
    "anticonstitucionalissimamente-otorrinolaringologista-pneumoultramicroscopico",
    "=" * 200,
    "_" * 3000,
    "a1" * 10,
]


@pytest.mark.parametrize("word", WORDY)
def test_addresses_paths_numbers_names_and_rules_are_not_taken_for_encoded(word):
    text = f"{word}\n" * 500
    assert without_encoded(text) == (text, "")


@pytest.mark.parametrize("text", PROSE)
@pytest.mark.parametrize("join", ["\n", " "])
def test_no_prose_is_ever_taken_for_minified_or_encoded(text, join):
    text = join.join(text.split("\n"))
    assert without_encoded(text) == (text, "")
    assert without_minified(text) == (text, "")


@pytest.mark.parametrize("name", ["x.txt", "x.md", "x.html", "x.csv", "x.json"])
def test_prose_in_one_line_of_any_format_is_whole(name):
    words = " ".join(PROSE[0].replace('"', "").split())
    text = json.dumps({"texto": words}, ensure_ascii=False) if name == "x.json" else words
    found = read(f"<!doctype html><p>{text}" if name == "x.html" else text, name)
    assert not any("left out" in warning for warning in found.warnings)
    assert len(found.text) > 0.9 * len(words)


@given(st.lists(st.sampled_from(" ".join(PROSE).split()), min_size=1, max_size=400))
def test_words_of_real_documents_in_any_order_stay(words):
    text = " ".join(words)
    assert without_encoded(text) == (text, "")
    if all(len(word) < 12 for word in words):
        assert without_minified(text) == (text, "")


@given(st.binary(min_size=800, max_size=4_000), st.sampled_from(PROSE))
def test_what_is_around_a_blob_stays_to_the_letter(data, text):
    encoded = base64.b64encode(data).decode()
    found, warning = without_encoded(f"{text}\n{encoded}\n{text}")
    assert found in {f"{text}\n…\n{text}", f"{text}\n{encoded}\n{text}"}
    assert bool(warning) is ("…" in found.replace(text, ""))


@pytest.mark.timeout(60)
def test_ten_megabytes_are_judged_in_seconds():
    started = time.process_time()
    for text in (MINIFIED * 90_000, blob(7_500_000), "a" * 10_000_000, "a1B" * 3_000_000, "'" * 10_000_000):
        without_encoded(without_minified(text)[0])
    assert time.process_time() - started < 30
