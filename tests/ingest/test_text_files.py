"""RTF, subtitles and source code: what is shown, with what points into it."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import Extract, extract
from rag.errors import UnreadableFile

HEAD = r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fswiss\fcharset0 Calibri;}{\f1\fcharset204 Arial;}}"


def rtf(body: str, head: str = HEAD) -> Extract:
    media_type, found = extract((head + body + "}").encode("cp1252"), "d.rtf")
    assert media_type == "text/rtf"
    assert all(found.text[h.start : h.end] == h.title for h in found.headings)
    return found


def captions(text: str, name: str = "f.vtt") -> list[str]:
    return extract(text.encode(), name)[1].text.split("\n\n")


def code(text: str, name: str) -> list[tuple[int, str]]:
    _, found = extract(text.encode(), name)
    assert found.text == text.rstrip()
    assert found.title == name
    assert all(found.text[h.start : h.end] == h.title for h in found.headings)
    return [(h.level, h.title) for h in found.headings]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"A manuten\'e7\'e3o {\b \'e9} semestral.\par Fim\line aqui", "A manutenção é semestral.\n\nFim\naqui"),
        (r"\uc1 Lu\u237?s \uc0\u233 tudo {\uc2\u231 ??}a \uc1\u-10179?\u-8703?", "Luís étudo ça 😁"),
        (r"\u231\'e7\'e3o", "ção"),
        (r"{\f1 \'cf\'f0\'e8\'e2\'e5\'f2} ol\'e1", "Привет olá"),
        (r"a\~b\_c\-d \{e\} \\ \ldblquote f\rdblquote \endash\tab g", "a\u00a0b-cd {e} \\ “f”–\tg"),
        (r"Antes {\v escondido}{\deleted apagado}\v0 depois", "Antes depois"),
        (r"{\field{\*\fldinst HYPERLINK 'http://x'}{\fldrslt o s\'edtio}} aqui", "o sítio aqui"),
        (r"{\header topo\par}{\footer p. 1}{\*\generator X;}{\stylesheet{\s1 Normal;}}Corpo.", "Corpo."),
        (r"{\pict\bin4 }}\}}fim{\*\shppict{\pict 0a0b}}{\nonshppict{\pict 0a}}", "fim"),
        (r"Vale.{\footnote\pard Salvo\par nota.} Sempre.\par Fim.", "Vale. Sempre.\n\nFim.\n\nSalvo nota."),
        (r"Um{\shp{\*\shpinst{\sp{\sn n}{\sv 1}}{\shptxt caixa\par}}{\shprslt{\shptxt caixa}}}", "Umcaixa"),
        (r"um\
dois", "um\n\ndois"),
    ],
)  # fmt: skip
def test_rich_text_is_read_as_it_is_shown(body, text):
    assert rtf(body).text == text


def test_rows_of_a_rich_text_table_say_their_columns():
    body = (
        r"Preços:\par\trowd\cellx1\cellx2\pard\intbl Modelo\cell Pot\'eancia\cell\row"
        r"\trowd\cellx1\cellx2\pard\intbl P-200\cell 0,75\par kW\cell\row\pard Depois.\par"
    ).replace("ç", r"\'e7")
    assert rtf(body).text == "Preços:\n\nModelo: P-200 | Potência: 0,75 kW\n\nDepois."


def test_a_title_and_outline_levels_are_kept():
    found = rtf(r"{\info{\title Relat\'f3rio}{\author Ana}}\pard\outlinelevel1 Prazo\par\pard 30 dias.\par")
    assert found.title == "Relatório"
    assert [(h.level, h.title) for h in found.headings] == [(2, "Prazo")]
    assert found.text == "Prazo\n\n30 dias."


@pytest.mark.parametrize(
    ("head", "body", "text"),
    [
        (r"{\rtf1\mac ", r"caf\'8e", "café"),
        (r"{\rtf1\ansi\ansicpg1250", r"\'e8aj", "čaj"),
        (r"{\rtf1\ansi\ansicpg932", r"\'93\'fa\'96\'7b", "日本"),
        (r"{\rtf1\ansi\ansicpg99999", r"\'e9 isso", "é isso"),
        (r"{\rtf1 ", "já está", "já está"),
    ],
)
def test_rich_text_is_decoded_by_the_code_page_it_names(head, body, text):
    assert rtf(body, head).text == text


def test_rich_text_in_raw_utf8_is_read():
    assert extract(r"{\rtf1\ansi A manutenção.}".encode(), "d.rtf")[1].text == "A manutenção."


def test_rich_text_cut_short_is_read_as_far_as_it_goes_and_that_is_said():
    whole = HEAD + r"Um par\'e1grafo.\par Outro"
    _, found = extract(whole.encode(), "d.rtf")
    assert found.text == "Um parágrafo.\n\nOutro"
    assert found.warnings == ("it ends too early: read as far as it goes",)


def test_rich_text_nested_absurdly_is_read():
    assert extract(b"{\\rtf1 " + b"{" * 200_000 + b"dentro" + b"}" * 200_001, "d.rtf")[1].text == "dentro"


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from([
    b"{", b"}", b"\\", b"\\'e", b"\\'e7", b"\\u231?", b"\\u-1", b"\\uc9", b"\\bin5", b"\\bin-5 ", b"\\cell ", b"\\row ",
    b"\\intbl ", b"\\par ", b"\\*", b"\\footnote ", b"\\shptxt ", b"\\title ", b"\\fonttbl", b"\\f0", b"\\fcharset128 ",
    b"\\ansicpg65001 ", b"\\ansicpg0 ", b"\\v ", b"\\plain ", b"palavra", b"\xe7\xe3", b"\x93", b"\r\n",
    b"\\outlinelevel3 ", b"\\outlinelevel99999999 ",
])))  # fmt: skip
def test_any_rich_text_is_read_or_refused_with_a_reason(tokens):
    with contextlib.suppress(UnreadableFile):
        _, found = extract(b"{\\rtf1 " + b"".join(tokens), "d.rtf")
        assert all(found.text[h.start : h.end] == h.title for h in found.headings)


FILM = (
    "1\n00:00:01,000 --> 00:00:02,000\n<i>Bom dia,</i>\nsenhora.\n\n2\n00:00:02,200 --> 00:00:03,000\nEntre, já.\n\n"
    "3\n00:01:23,500 --> 00:01:25,000\n- Quantas bombas?\n- Não sei.\n\n4\n01:00:00,000 --> 01:00:01,000\n12\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["filme.srt", "filme"])
def test_subtitles_are_paragraphs_with_the_time_they_begin_at(encoding, newline, name):
    media_type, found = extract(FILM.replace("\n", newline).encode(encoding), name)
    assert media_type == "application/x-subrip"
    assert found.text.split("\n\n") == [
        "[00:00:01] Bom dia, senhora. Entre, já.",
        "[00:01:23] Quantas bombas?",
        "[00:01:23] Não sei.",
        "[01:00:00] 12",
    ]


def test_voices_names_and_entities_of_web_captions():
    text = (
        "WEBVTT - aula\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE nada disto\n\nintro\n"
        "00:01.000 --> 00:02.000 align:start\n<v Ana Lima>Bom dia.</v>\n<v.loud Rui>Olá &amp; <c.x>bem</c>\n\n"
        "NOTE nem isto\n\n00:02.100 --> 00:03.000\nANA: Sim.\n\n00:03.100 --> 00:04.000\nPronto.\n"
    )
    assert extract(text.encode(), "aula.txt")[0] == "text/vtt"
    assert captions(text) == ["[00:00:01] Ana Lima: Bom dia.", "[00:00:01] Rui: Olá & bem",
                              "[00:00:02] ANA: Sim. Pronto."]  # fmt: skip


def test_captions_that_roll_up_say_each_line_once():
    text = (
        "WEBVTT\n\n00:00:00.000 --> 00:00:02.000 align:start position:0%\n \nhoje<00:00:00.500><c> vamos ver</c>\n\n"
        "00:00:02.000 --> 00:00:02.010\nhoje vamos ver\n \n\n"
        "00:00:02.010 --> 00:00:04.000\nhoje vamos ver\na<00:00:02.500><c> bomba</c>\n\n"
        "00:00:04.000 --> 00:00:04.010\na bomba\n \n\n00:00:04.010 --> 00:00:06.000\na bomba\nnova\n\n"
        "00:00:06.000 --> 00:00:07.000\nnova mesmo.\n"
    )
    assert captions(text) == ["[00:00:00] hoje vamos ver a bomba nova mesmo."]


def test_what_is_said_again_later_is_said_twice():
    text = "1\n00:00:01,000 --> 00:00:02,000\nNão!\n\n2\n00:00:02,500 --> 00:00:03,000\nNão!\n"
    assert captions(text, "f.srt") == ["[00:00:01] Não! Não!"]


def test_a_long_speech_is_cut_about_once_a_minute_where_a_sentence_ends():
    cues = "".join(
        f"00:{n // 6:02}:{n % 6}0,000 --> 00:{n // 6:02}:{n % 6}9,900\nparte {n}{'.' if n % 4 == 3 else ''}\n\n"
        for n in range(20)
    )
    assert [paragraph[:20] for paragraph in captions(cues, "f.srt")] == [
        "[00:00:00] parte 0 p",
        "[00:01:20] parte 8 p",
        "[00:02:40] parte 16 ",
    ]


def test_subtitles_without_numbers_or_blank_lines_are_read():
    assert captions("00:01,5 --> 00:02\num\n2\n00:00:02,500 --> 00:00:03,000\ndois\n", "f.srt") == [
        "[00:00:01] um dois"
    ]


def test_a_file_without_subtitles_is_refused():
    for data in (b"WEBVTT\n\nNOTE nothing\n", b"1\nno times at all\n"):
        with pytest.raises(UnreadableFile, match="no subtitle in it"):
            extract(data, "f.srt")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5000), st.text("abãé ,.", min_size=1, max_size=20)), min_size=1, max_size=8))
def test_every_word_of_a_film_is_in_the_text(said):
    clock, blocks, words = 0, [], []
    for number, (pause, text) in enumerate(said, 1):
        clock += pause + 200
        start, end = (f"00:00:{t // 1000:02},{t % 1000:03}" for t in (clock, clock + 500))
        blocks.append(f"{number}\n{start} --> {end}\n{text}\n")
        words += text.split()
        clock += 500
    try:
        found = extract("\n".join(blocks).encode(), "f.srt")[1]
    except UnreadableFile as error:
        assert error.message == "no text in it"  # noqa: PT017 — signs alone
        return
    assert [word for word in found.text.split() if not word.startswith("[")] == words


PYTHON = '''    # recuado
import os


@cache
def área(r: float) -> float:
    """A área do círculo."""
    return 3.14 * r**2



class Bomba:
\tdef liga(self): ...

# Soma dois números.
# E mais nada.
async def soma(a, b): return a + b
'''


def test_python_is_kept_to_the_letter_with_its_definitions_as_headings():
    assert code(PYTHON, "área.py") == [
        (1, "@cache"),
        (2, "def área(r: float) -> float:"),
        (1, "class Bomba:"),
        (1, "Soma dois números."),
        (2, "async def soma(a, b): return a + b"),
    ]


@pytest.mark.parametrize("text", ["def f(:\n    pass", "(" * 5000, "-" * 200_000 + "1", "print 'x'\ndef f(): pass"])
def test_python_that_does_not_parse_has_no_headings(text):
    assert code(text + "x", "m.py") == []


def test_an_escape_that_is_none_is_the_files_affair():
    assert code('def f():\n    return "\\d"\n', "m.py") == [(1, "def f():")]


@pytest.mark.parametrize(
    ("name", "text", "headings"),
    [
        ("A.java", "/**\n * Soma dois.\n */\npublic final class Soma {\n  int x;\n}\n",
         [(1, "Soma dois."), (2, "public final class Soma {")]),
        ("a.c", "#include <x.h>\nint main(int c)\n{\n  return 0;\n}\nint proto(void);\nstruct p {\n};\n",
         [(1, "int main(int c)"), (1, "struct p {")]),
        ("a.ts", "export const f = async (x) => {\n}\nconst y = 3\nexport default class A {}\n",
         [(1, "export const f = async (x) => {"), (1, "export default class A {}")]),
        ("a.go", "// Soma soma.\nfunc Soma(a int) int {\n}\ntype T struct {\n}\n",
         [(1, "Soma soma."), (2, "func Soma(a int) int {"), (1, "type T struct {")]),
        ("a.rs", "#[derive(Debug)]\npub struct A;\nimpl<T> X for A {}\n",
         [(1, "#[derive(Debug)]"), (2, "pub struct A;"), (1, "impl<T> X for A {}")]),
        ("a.rb", "module M\n  def x; end\nend\n", [(1, "module M")]),
        ("a.sql", "-- clientes\nCREATE TABLE cliente (\n  id int\n);\nselect 1;\n",
         [(1, "clientes"), (2, "CREATE TABLE cliente (")]),
        ("a.r", "área <- function(r) {\n  r\n}\n", [(1, "área <- function(r) {")]),
        ("a.toml", 'title = "x"\n\n[tool.ruff]\nline-length = 120\n', [(1, "[tool.ruff]")]),
        ("a.ini", "; notas\n[base]\nnome = Évora\n", [(1, "notas"), (2, "[base]")]),
        ("a.css", "p {\n  color: red;\n}\n", []),
        ("a.yaml", "lojas:\n  - nome: Évora\n    peças: 3\n", []),
        ("a.xml", '<?xml version="1.0"?>\n<a>\n  <b>Évora</b>\n</a>\n', []),
        ("instala", "#!/bin/sh\ninstala() {\n\tcp a b\n}\n", [(1, "instala() {")]),
    ],
)  # fmt: skip
def test_source_code_is_kept_to_the_letter_with_what_it_defines_as_headings(name, text, headings):
    assert code(text, name) == headings


@pytest.mark.parametrize(("encoding", "warnings"), [("cp1252", ("read as cp1252",)), ("utf-16", ("read as utf-16",))])
def test_source_code_in_old_encodings_is_read(encoding, warnings):
    _, found = extract("[peças]\r\nválvula = 3\r\n".encode(encoding), "p.ini")
    assert found.text == "[peças]\nválvula = 3"
    assert found.warnings == warnings


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["a.go", "a.c", "a.java", "a.rs", "a.sql", "a.toml", "a.py"])
def test_a_line_of_a_million_characters_of_code_is_read_in_seconds(name):
    for text in ("a" * 1_000_000, "export const x = (" * 50_000, "public static " * 70_000, "[" * 1_000_000 + "a"):
        assert extract(text.encode(), name)[1].text == text.strip()


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([b"", b"WEBVTT\n\n", b"1\n00:00:01,0 --> 00:00:02,0\n", b"{\\rtf1 ", b"From: a\nTo: b\nDate: c\n",
                     b"From a 10:00\nFrom: b\n", b"{", b"[", b"a;b\n", b'"', b"sep=;\n", b"#!/bin/sh\n"]),
    st.binary(max_size=120) | st.text(max_size=120).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.sampled_from("x.csv x.tsv x.json x.jsonl x.eml x.mbox x.rtf x.srt x.vtt x.py x.c x.toml x.xml x".split()),
)  # fmt: skip
def test_any_bytes_are_text_or_refused_with_a_reason(start, rest, name):
    with contextlib.suppress(UnreadableFile):
        _, found = extract(start + rest, name)
        assert any(c.isalnum() for c in found.text)
        assert all(found.text[h.start : h.end] == h.title for h in found.headings)
        assert found.text.encode("utf-8").decode("utf-8") == found.text
