"""Text made comparable: normalise, detect the language, split sentences, analyse terms.

One place, used by the index and by the query, so that the two cannot differ. Libraries, and why: ftfy knows what breaks
text on its way; py3langid is a language identifier that needs no download; sentencex (Wikimedia) splits without
destroying, with offsets, and knows Portuguese; PyStemmer is Snowball in C.

Terms are accent-folded *before* they are stemmed, so that ``manutencao`` typed without accents finds ``manutenção``
(measured on Pirá-pt: as good as stemming first). A plural step (-ões → -ão, -ais → -al, …) goes before the Portuguese
Snowball stemmer, which leaves ``nações`` and ``nação`` apart; it is the first step of the RSLP stemmer
(Orengo and Huyck, 2001).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from rag.mojibake import repair_mojibake
from rag.types import Language

__all__ = [
    "ANALYSER_VERSION",
    "contextualise",
    "detect_language",
    "fold",
    "invisible",
    "normalise",
    "paragraphs",
    "query_terms",
    "repair_mojibake",
    "sentences",
    "terms",
    "tidy",
    "unaccented",
]

ANALYSER_VERSION = "2"
"""Part of the index fingerprint: raise it whenever ``terms`` changes what it returns."""

_WORD = re.compile(r"\w+(?:[.,/]\d+)*", re.UNICODE)
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ZERO_WIDTH = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
"""Characters that show nothing: joiners, fillers, variation selectors, and the tags in which whole sentences hide."""
_BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that turn the writing's direction: a line may read otherwise than it is written."""
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad]")
_DIVIDED = re.compile("\u00ad[ \t]*\r?\n[ \t]*")
"""A word's soft hyphen at the end of a line."""
_STOP_PT = frozenset(
    (
        "a ao aos aquela aquelas aquele aqueles aquilo as ate com como da das de dela delas dele deles depois do dos "
        "e ela elas ele eles em entre era eram essa essas esse esses esta estas este estes eu foi foram ha isso isto "
        "ja lhe lhes mais mas me mesmo meu meus minha minhas muito na nao nas nem no nos nossa nossas nosso nossos "
        "num numa o onde os ou para pela pelas pelo pelos por quais qual qualquer quando quanta quantas quanto "
        "quantos que quem sao se sem ser sera seu seus so sua suas tambem te tem teu tua um uma voce voces vos"
    ).split()
)
_STOP_EN = frozenset(
    (
        "a about after all also an and any are as at be been before being between both but by can could did do does "
        "doing each few for from further had has have having he her here hers him his how i if in into is it its "
        "itself just me more most my no nor not of off on once only or other our ours out over own same she should so "
        "some such than that the their theirs them then there these they this those through to too under until up "
        "very was we were what when where which while who whom why will with would you your yours"
    ).split()
)
_PLURALS = (("oes", "ao"), ("aes", "ao"), ("ais", "al"), ("eis", "el"), ("ns", "m"))
# Where sentencex stops and a reader of Portuguese or English does not.
_NOT_AN_END = re.compile(
    r"(?:\b(?:n|p|ex|art|arts|inc|cap|fl|fls|cia|ltda|dr|dra|sr|sra|prof|profa|av|tel|núm|num|pág|pag|pp|vol|ed|fig|"
    r"tab|sec|eq|no|vs|al|i\.e|e\.g|approx|dept|est|st|mr|mrs|ms|min|máx|max|obs|ref|séc)\.|(?:^|\s)\d{1,2}\.|\b[A-ZÀ-Ý]\.)\s*$",
    re.IGNORECASE,
)
_STARTS_LOWER = re.compile(r"\s*[a-zà-ÿ0-9º°ª,;)]")
_NEXT_TO = 32
"""Characters on each side of a break that tell whether it is one."""
_LIST_NUMBER = re.compile(r"^\s*\(?\d{1,3}[.)]\s*$")


def normalise(text: str) -> str:
    """Mojibake repaired and the rest tidied. Applied to a document once, before any offset is taken."""
    return tidy(repair_mojibake(text))


def tidy(text: str) -> str:
    """Fold to NFC, unify line ends, drop control, zero-width and bidirectional characters and soft hyphens.

    Ligatures become letters (``ﬁ`` → ``fi``), half surrogates U+FFFD; nothing else is rewritten.
    """
    import ftfy

    config = ftfy.TextFixerConfig(
        fix_encoding=False,
        unescape_html=False,
        uncurl_quotes=False,
        fix_character_width=False,
        fix_latin_ligatures=True,
        normalization="NFC",
    )
    if not text.isascii():
        text = _BIDIRECTIONAL.sub("", _ZERO_WIDTH.sub("", _DIVIDED.sub("", text)))
    text = ftfy.fix_text(text.replace("\r\n", "\n").replace("\r", "\n"), config=config)
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))


def invisible(text: str) -> tuple[int, int]:
    """How many zero-width and how many bidirectional characters ``tidy`` drops from ``text``."""
    if text.isascii():
        return 0, 0
    return len(_ZERO_WIDTH.findall(text)), len(_BIDIRECTIONAL.findall(text))


def fold(text: str) -> str:
    """Case-folded, without combining marks: ``Manutenção`` → ``manutencao``."""
    return unaccented(text).casefold()


def unaccented(text: str) -> str:
    """Decomposed (NFKD), without combining marks: ``Manutenção`` → ``Manutencao``."""
    if text.isascii():
        return text
    return _BEYOND_ASCII.sub(_unless_mark, unicodedata.normalize("NFKD", text))


def _unless_mark(character: re.Match[str]) -> str:
    return "" if unicodedata.combining(character[0]) else character[0]


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(["pt", "en"])
    return identifier


def detect_language(text: str, default: Language = "pt") -> Language:
    """``pt`` or ``en``, whichever is likelier; ``default`` when there are no letters to judge by.

    Function words of the two languages are counted first: they decide short questions, where byte statistics do not.
    """
    words = [word for word in fold(text[:5000]).split() if word.isalpha()]
    if not words:
        return default
    only_pt = _STOP_PT - _STOP_EN
    only_en = _STOP_EN - _STOP_PT
    portuguese = sum(word in only_pt for word in words)
    english = sum(word in only_en for word in words)
    if abs(portuguese - english) >= 2 or (portuguese > 0) != (english > 0):
        return "pt" if portuguese > english else "en"
    language, _ = _identifier().classify(text[:5000])
    return "pt" if language == "pt" else "en"


def paragraphs(text: str) -> list[tuple[int, int]]:
    """Offsets of the runs between blank lines, trimmed of white space; empty ones left out."""
    spans = []
    for match in re.finditer(r"(?:[^\n]|\n(?!\s*\n))+", text):
        start, end = _trim(text, match.start(), match.end())
        if start < end:
            spans.append((start, end))
    return spans


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def sentences(text: str, language: Language) -> list[tuple[int, int]]:
    """Offsets of the sentences of ``text``, in order, disjoint, trimmed of white space.

    Every character that is not white space belongs to exactly one sentence. A paragraph break always ends a sentence;
    so does a line break before a list item or a table row.
    """
    import sentencex

    spans: list[tuple[int, int]] = []
    for block_start, block_end in paragraphs(text):
        for line_start, line_end in _blocks(text, block_start, block_end):
            block = text[line_start:line_end]
            cuts = [0]
            for boundary in sentencex.get_sentence_boundaries(language, block):
                cuts.append(boundary["end_index"])
            cuts = [cut for cut in cuts if cut < len(block)] + [len(block)]
            start = cuts[0]
            for end in cuts[1:]:
                # What decides stands next to the break: whole, a line of a million numbers takes hours.
                before, rest = block[max(start, end - _NEXT_TO) : end], block[end : end + _NEXT_TO]
                if end < len(block) and _joins(before, rest):
                    continue
                spans.append(_trim(text, line_start + start, line_start + end))
                start = end
    return [(start, end) for start, end in spans if start < end]


def _joins(piece: str, rest: str) -> bool:
    """Whether the break after ``piece`` is an abbreviation's, a list number's or an initial's, not a sentence's."""
    if not piece.strip() or _LIST_NUMBER.match(piece):
        return True
    if _NOT_AN_END.search(piece) and not piece.rstrip().endswith(("?", "!")):
        # "em 2024." at the end of a sentence is also digits and a stop: only one or two digits alone join.
        return bool(_STARTS_LOWER.match(rest)) or not re.search(r"\d{1,2}\.\s*$", piece)
    return False


_ITEM = re.compile(r"\n(?=[ \t]*(?:[-*•–·]\s|\d{1,3}[.)]\s|[a-z]\)\s|\|))")


_WRITTEN_ROW = r"(?:[^\n|:]{1,60}: [^\n|]{0,200} \| |[^\n›]{1,60} › )"
_ROW = re.compile(rf"^{_WRITTEN_ROW}.*\n|\n(?={_WRITTEN_ROW})", re.MULTILINE)
"""The end of a line, or the break before one, that readers wrote for a table's row (``Name: value | Name: value``) or
for a value and where it stands (``outer › inner: value``)."""


def _blocks(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A paragraph cut before its list items and around its table rows."""
    inside = {match.end() for pattern in (_ITEM, _ROW) for match in pattern.finditer(text, start, end)}
    cuts = [start, *sorted(inside), end]
    return [span for a, b in itertools.pairwise(cuts) if (span := _trim(text, a, b))[0] < span[1]]


@lru_cache(maxsize=2)
def _stemmer(language: Language) -> Any:
    import Stemmer

    return Stemmer.Stemmer("portuguese" if language == "pt" else "english")


def _singular(word: str) -> str:
    if len(word) > 4:
        for ending, replacement in _PLURALS:
            if word.endswith(ending):
                return word[: -len(ending)] + replacement
    return word


_HYPHENATED = re.compile(r"\b[a-z]+(?:-[a-z]*\d+[a-z]*)+\b")


def terms(text: str, language: Language) -> list[str]:
    """The terms BM25 counts, in order: folded words without stop words, stemmed by ``language``.

    Numbers stay whole: ``1.234,56`` and ``3/2024`` are one term each. An identifier with a hyphen is also one term,
    after all others: ``P-220`` gives ``p``, ``220`` and ``p220``, so that 220 volts are not taken for it.
    """
    stop = _STOP_PT if language == "pt" else _STOP_EN
    folded = fold(text)
    words = [word for word in _WORD.findall(folded) if word not in stop]
    if language == "pt":
        words = [_singular(word) for word in words]
    stems: list[str] = _stemmer(language).stemWords(words)
    return stems + [name.replace("-", "") for name in _HYPHENATED.findall(folded)]


def query_terms(question: str) -> list[str]:
    """The question's terms under both analysers, each once: a folder holds both languages, and names and numbers
    cross between them. Terms of the question's own language come first."""
    first = detect_language(question)
    second: Language = "en" if first == "pt" else "pt"
    content = " ".join(word for word in _WORD.findall(fold(question)) if word not in _STOP_PT | _STOP_EN)
    return list(dict.fromkeys([*terms(question, first), *terms(content, second)]))


def contextualise(title: str, headings: Sequence[str], text: str) -> str:
    """What the encoder and the postings see of a chunk: title and headings, then its text.

    The headings locate a chunk whose own words do not ("Prazo: 30 dias" under "Garantia"); a heading equal to the
    title is not said twice.
    """
    path = [title, *(heading for heading in headings if heading != title)]
    return "\n".join([" › ".join(part for part in path if part), text]) if any(path) else text
