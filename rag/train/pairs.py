"""Training pairs from NLI sets: read, clean, filter leakage, sample with a seed.

``LICENCES`` has every set a shipped adapter is trained on: model cards are written from it. Of the sets that are also
measured on, one half is trained on and the other half kept for measuring (``halves``).
"""

from __future__ import annotations

import gzip
import hashlib
import itertools
import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.errors import InputError
from rag.types import Language

__all__ = [
    "ENTAILMENT_LABELS",
    "HALVED_SETS",
    "LICENCES",
    "NLI_SETS",
    "NOT_SUPPORTED",
    "UNLABELLED",
    "Mixture",
    "NliSet",
    "Pair",
    "halves",
    "is_plain",
    "part_of",
    "read_nli",
    "sample_nli",
    "with_nli_share",
]

ENTAILMENT_LABELS = ("supported", "contradicted", "not_found")
NOT_SUPPORTED = 3
"""The label of a pair that is contradicted or not found: of which of the two, its set does not say."""
UNLABELLED = 4
"""The label of a pair of which only what another adapter says is known."""
_NLI_LABEL = {"entailment": 0, "contradiction": 1, "neutral": 2}
_TWO_WAY_LABEL = {"entailment": 0, "neutral": NOT_SUPPORTED}

Task = Literal["entailment", "relevance"]


@dataclass(frozen=True, slots=True)
class Pair:
    """``first`` is the passage, ``second`` the claim (entailment) or the question (relevance).

    ``label``: an index into ENTAILMENT_LABELS or NOT_SUPPORTED, or 1 when the passage answers the question, else 0; or
    UNLABELLED.
    """

    task: Task
    first: str
    second: str
    label: int
    origin: str
    language: Language

    @property
    def set_name(self) -> str:
        """The set it was made from: its origin without what was done to it."""
        return re.split("[>:]", self.origin)[0]


@dataclass(frozen=True, slots=True)
class Mixture:
    """What a run learns from: ``dev`` are pairs of the articles ``kept_out`` of ``train``, by set."""

    train: list[Pair]
    dev: list[Pair]
    kept_out: dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class NliSet:
    """One file ``nli/NAME.tsv.gz``: at most ``limit`` rows, seen so many ``times`` in a pass; ``translate`` rows,
    others where there are more than ``limit``, go into the other language: English ones whole or one side of them,
    Portuguese ones whole. ``two_way``: what it calls neutral may be contradicted."""

    name: str
    language: Language
    limit: int
    licence: str
    translate: int = 0
    times: int = 1
    two_way: bool = False


NLI_SETS = (
    NliSet("lingnli.train", "en", 45_000, "no licence file; premises from MultiNLI (mostly OANC)", translate=5_000),
    NliSet("cad-snli.train", "en", 8_330, "Apache-2.0", translate=3_000),
    NliSet("cad-snli.dev", "en", 1_000, "Apache-2.0"),
    NliSet("conjnli.train", "en", 3_000, "MIT"),
    NliSet("conjnli.dev", "en", 623, "MIT"),
    NliSet("mnli-taxinli.train", "en", 2_344, "C-UDA 1.0; MultiNLI mostly OANC"),
    NliSet("mnli-taxinli.dev", "en", 7_727, "C-UDA 1.0; MultiNLI mostly OANC"),
    NliSet("fever-nli-ggkorn.dev", "en", 6_000, "FEVER, CC BY-SA 3.0", translate=1_000),
    NliSet("fever-symmetric.dev", "en", 708, "CC BY-SA 3.0"),
    NliSet("foolmetwice.dev", "en", 1_169, "Apache-2.0", translate=300),
    NliSet("assin-ptbr.train", "pt", 2_500, "MIT; ASSIN shared task", two_way=True),
    NliSet("assin-ptpt.train", "pt", 2_500, "MIT; ASSIN shared task", two_way=True),
    NliSet("assin-ptbr.dev", "pt", 500, "MIT; ASSIN shared task", two_way=True),
    NliSet("assin-ptpt.dev", "pt", 500, "MIT; ASSIN shared task", two_way=True),
    NliSet("assin2.train", "pt", 6_500, "MIT; ASSIN 2 shared task", times=2, two_way=True),
    NliSet("inferbr.train", "pt", 8_399, "MIT", translate=8_399, times=2),
)

HALVED_SETS = (
    NliSet("snli.dev", "en", 10_000, "CC BY-SA 4.0", translate=10_000, times=2),
    NliSet("lingnli.dev", "en", 10_000, "no licence file; premises from MultiNLI (mostly OANC)", times=2),
    NliSet("assin2.dev", "pt", 500, "MIT; ASSIN 2 shared task", times=2, two_way=True),
    NliSet("inferbr.dev", "pt", 646, "MIT", times=2),
)
"""Their trained halves are small and the nearest to what is measured: they are seen twice."""
QA_LICENCES = {
    "squad-v2.0.dev": "CC BY-SA 4.0",
    "squad-v1.1-pt-sample.train": "CC BY-SA 4.0",
    "faquad.train": "CC BY 4.0",
    "qed-nq.dev": "CC BY-SA 3.0",
    "pira.train1.0": "CC0 1.0",
    "table-rows": "made by rag/train/table_rows.py; Apache-2.0",
}
LICENCES = {spec.name: spec.licence for spec in (*NLI_SETS, *HALVED_SETS)} | QA_LICENCES

_TOKENISED = (
    (re.compile(r"\s+([.,;:!?%)\]}])"), r"\1"),
    (re.compile(r"([(\[{])\s+"), r"\1"),
    (re.compile(r"-LRB-\s*"), "("),
    (re.compile(r"\s*-RRB-"), ")"),
    (re.compile(r"-L[SC]B-\s*"), "["),
    (re.compile(r"\s*-R[SC]B-"), "]"),
    (re.compile(r"``\s*|\s*''"), '"'),
    (re.compile(r"\s+('s|'t|'re|'ve|'ll|'d|'m|n't)\b"), r"\1"),
    (re.compile(r"\s+--\s+"), " – "),
)


def detokenise(text: str) -> str:
    """Undo the spaces that treebank tokenisation left before punctuation."""
    for pattern, replacement in _TOKENISED:
        text = pattern.sub(replacement, text)
    return text.strip()


def read_nli(path: Path, language: Language, origin: str, *, two_way: bool = False) -> list[Pair]:
    """All rows of ``premise<TAB>hypothesis<TAB>label`` (gzip) that are labelled entailment, contradiction or neutral;
    ``two_way``: a neutral one is NOT_SUPPORTED.

    Raises InputError naming the file when it is absent.
    """
    if not path.is_file():
        raise InputError(
            f"training set {path.name} not found in {path.parent}.", subject=str(path), hint="Point --data at the sets."
        )
    labels = _TWO_WAY_LABEL if two_way else _NLI_LABEL
    pairs = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = line.rstrip("\n").split("\t")
            if len(row) == 3 and row[2] in labels:
                pair = Pair("entailment", detokenise(row[0]), detokenise(row[1]), labels[row[2]], origin, language)
                pairs.append(pair)
    return pairs


def sample_nli(
    data: Path, sets: Sequence[NliSet], held_out: Iterable[Pair], seed: int
) -> tuple[list[Pair], list[Pair]]:
    """``(pairs, to_translate)``: rows for training, and rows meant to be trained on in translation.

    A row whose premise or hypothesis occurs in ``held_out`` is dropped: several sets share sentences.
    """
    random_ = random.Random(seed)
    forbidden = _texts(held_out)
    kept: list[Pair] = []
    translate: list[Pair] = []
    for spec in sets:
        rows = read_nli(data / "nli" / f"{spec.name}.tsv.gz", spec.language, spec.name, two_way=spec.two_way)
        rows = _apart(rows, forbidden)
        random_.shuffle(rows)
        kept += rows[: spec.limit] * spec.times
        translate += rows[spec.limit :][: spec.translate] if len(rows) > spec.limit else rows[: spec.translate]
    return kept, translate


def with_nli_share(pairs: Sequence[Pair], share: float, random_: random.Random) -> list[Pair]:
    """``pairs`` in their order, without so many that are no plain NLI that NLI is ``share`` of all characters; all of
    them where it is that already. 0 < ``share`` <= 1.

    Claims against passages are long: of what a run bounded by the clock sees they take the most.
    """
    lengths = [len(pair.first) + len(pair.second) for pair in pairs]
    plain = [is_plain(pair) for pair in pairs]
    allowed = sum(itertools.compress(lengths, plain)) * (1 - share) / share
    others = [at for at, is_plain in enumerate(plain) if not is_plain]
    random_.shuffle(others)
    running = itertools.accumulate(lengths[at] for at in others)
    kept = {at for at, length in zip(others, running, strict=True) if length <= allowed}
    return [pair for at, pair in enumerate(pairs) if plain[at] or at in kept]


def is_plain(pair: Pair) -> bool:
    """Whether it is a pair of sentences of a set of natural language inference, with no question before the second."""
    return pair.set_name in _PLAIN and "?" not in pair.second


_PLAIN = {spec.name for spec in (*NLI_SETS, *HALVED_SETS)}


def part_of(pair: Pair, parts: int = 2, purpose: str = "") -> int:
    """A number below ``parts`` that goes by the passage: pairs that share it stand on one side.

    Divisions for different purposes are independent of each other.
    """
    return int.from_bytes(hashlib.sha256((purpose + _key(pair.first)).encode()).digest()[:4], "little") % parts


def halves(data: Path) -> tuple[list[Pair], dict[str, list[Pair]]]:
    """``(trained on, {name: kept for measuring})`` of ``HALVED_SETS``; what is trained on shares no text with what is
    measured on."""
    train: list[Pair] = []
    unseen: dict[str, list[Pair]] = {}
    for spec in HALVED_SETS:
        pairs = read_nli(data / "nli" / f"{spec.name}.tsv.gz", spec.language, spec.name, two_way=spec.two_way)
        train += [pair for pair in pairs if part_of(pair) == 1]
        unseen[spec.name] = [pair for pair in pairs if part_of(pair) == 0]
    return _apart(train, _texts(pair for pairs in unseen.values() for pair in pairs)), unseen


def _texts(pairs: Iterable[Pair]) -> set[str]:
    return {_key(text) for pair in pairs for text in (pair.first, pair.second)}


def _apart(pairs: Iterable[Pair], forbidden: set[str]) -> list[Pair]:
    """Those of ``pairs`` whose texts are none of the ``forbidden``."""
    return [pair for pair in pairs if _key(pair.first) not in forbidden and _key(pair.second) not in forbidden]


def _key(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()
