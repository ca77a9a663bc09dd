"""Chunk → signature: which of its words stand next to one another, and what it says that a version may say differently.

Near-duplicates are passages whose 5-word shingles resemble each other (Broder, "On the resemblance and containment of
documents", 1997) *and* that tell the same: numbers with the words around them, names, negations, limits, and the
numbers of their title and headings, all in the same order. Two versions of a policy resemble each other as two copies
do, but what was changed between them is what will be asked about: resemblance alone must put neither out of sight.

What a chunk tells is hashed into each of its shingles. Chunks that tell different things then share none, and one
comparison answers both questions.
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from rag.text import unaccented

__all__ = ["SIGNATURE_VERSION", "THRESHOLD", "Signature", "resemblance", "sign"]

SIGNATURE_VERSION = "1"
"""Kept in the catalog: raise it whenever ``sign`` or ``THRESHOLD`` changes, and writers sign every chunk again."""

THRESHOLD = Fraction(19, 20)
"""Least resemblance of near-duplicates.

By ``tests/bench/duplicates.py`` on 2,725 chunks of real text, a changed number, date, unit or negation is folded at no
threshold, for the chunks tell different things; one plain word replaced by another (``contratante`` by ``contratado``)
is, in 36 % of the chunks at 0.90 and in 3 % here. Counting words cannot tell such a version from a slip of the keys,
and a copy shown twice does less harm than a version not shown.
"""

_SHINGLE = 5
_TOKEN = re.compile(r"[$€£¥%‰°±<>≤≥]|(?<![\w)])[-−–+](?=\d)|[^\W_]+(?:[.,/]\d+)*")
_DIGIT = re.compile(r"\d")
_NUMERAL = re.compile(r"[IVXLCDM]+|[A-Z]")
_NUMBER_WORDS = frozenset(
    (
        "zero dois duas tres quatro cinco seis sete oito nove dez onze doze treze quatorze catorze quinze dezesseis "
        "dezasseis dezessete dezassete dezoito dezenove dezanove vinte trinta quarenta cinquenta sessenta setenta "
        "oitenta noventa cem cento duzentos trezentos quinhentos mil milhao milhoes metade dobro triplo "
        "primeiro primeira segundo segunda terceiro terceira quarto quarta quinto quinta sexta sabado domingo "
        "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million half double "
        "triple twice first second third fourth fifth "
        "janeiro fevereiro marco abril maio junho julho agosto setembro outubro novembro dezembro"
    ).split()
)
_TURNING_WORDS = frozenset(
    (
        "nao nem nunca jamais sem exceto salvo nenhum nenhuma todo toda todos todas apenas somente so mais menos "
        "maximo minimo ate acima abaixo antes depois deve devem pode podem devera podera proibido permitido "
        "obrigatorio not no nor never none without except unless t all any only more less most least maximum minimum "
        "until above below before after must may shall should can cannot"
    ).split()
)
"""Words that turn a sentence around, or that its limit hangs on; ``t`` is what is left of ``don't``."""

_COPY = re.compile(r"(?:[\s_-]+(?:c[oó]pia|copy)(?:[\s_]*\(?\d{1,2}\)?)?|\s*\(\d{1,2}\))+$", re.IGNORECASE)
"""What browsers and file managers write after the name of a copy: ``contrato (1)``, ``contract copy 2``."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The hashes of a chunk's shingles, 64 bits signed, ascending, each once; at least one."""

    shingles: tuple[int, ...]

    @property
    def digest(self) -> bytes:
        """16 bytes, equal for equal signatures."""
        return hashlib.blake2b(struct.pack(f"<{len(self.shingles)}q", *self.shingles), digest_size=16).digest()

    @property
    def sketch(self) -> tuple[int, ...]:
        """The smallest hashes, so many that signatures with ``resemblance >= THRESHOLD`` always share one.

        A resemblance of t needs an overlap of at least ``t * n`` of a set's n members; of two sets with an overlap of o
        the first ``n - o + 1`` members, in an order common to both, share one (prefix filter: Chaudhuri, Ganti and
        Kaushik, ICDE 2006; Bayardo, Ma and Srikant, WWW 2007). In the order of hashes these are Broder's bottom-k
        sketch, but with a k that misses no pair.
        """
        count = len(self.shingles)
        return self.shingles[: count - math.ceil(THRESHOLD * count) + 1]


def sign(title: str, headings: Sequence[str], text: str) -> Signature:
    """The signature of a chunk under its document's title and its path of headings."""
    words, told = _read(text)
    above = [word for part in (_COPY.sub("", title), *headings) for word in _numbers(part)]
    keyed = hashlib.blake2b("\0".join([*above, "", *told]).encode("utf-8", "surrogatepass"), digest_size=8)
    if not words:  # dashes, dots, pictures of letters: they are their own only shingle
        words = [text.strip()]
    runs = (words[i : i + _SHINGLE] for i in range(max(1, len(words) - _SHINGLE + 1)))
    hashes = set()
    for run in runs:
        hashed = keyed.copy()
        hashed.update(" ".join(["\0", *run]).encode("utf-8", "surrogatepass"))
        hashes.add(int.from_bytes(hashed.digest(), "little", signed=True))
    return Signature(tuple(sorted(hashes)))


def resemblance(one: Signature, other: Signature) -> Fraction:
    """``|A ∩ B| / |A ∪ B|`` of their shingles (Jaccard; Broder 1997), in [0, 1]; 0 where they tell different things."""
    shared = len(frozenset(one.shingles).intersection(other.shingles))
    return Fraction(shared, len(one.shingles) + len(other.shingles) - shared)


def _tokens(text: str) -> list[str]:
    """Words and the signs that belong to numbers, without accents, their case kept."""
    return _TOKEN.findall(unaccented(text))


def _read(text: str) -> tuple[list[str], list[str]]:
    """The words of ``text``, and those of its words and signs that a version may say differently."""
    tokens = _tokens(text)
    folded = [token.casefold() for token in tokens]
    numbers = [place for place, word in enumerate(folded) if _is_number(word)]
    # What is counted and which limit it is: "até 30 dias", "mais de 30 meses".
    near = {place + step for place in numbers for step in (-2, -1, 0, 1)}
    told = [
        word
        for place, (token, word) in enumerate(zip(tokens, folded, strict=True))
        if place in near or word in _TURNING_WORDS or token != token.lower() or not token[0].isalnum()
    ]
    return [word for word in folded if word[0].isalnum()], told


def _numbers(text: str) -> Iterable[str]:
    return (t.casefold() for t in _tokens(text) if _is_number(t.casefold()) or _NUMERAL.fullmatch(t))


def _is_number(word: str) -> bool:
    return word in _NUMBER_WORDS or _DIGIT.search(word) is not None
