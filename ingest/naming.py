"""A title for a file that gives itself none: its name, where that says anything."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from rag.text import fold

__all__ = ["title_from_name"]

_SAYS_NOTHING = frozenset(
    "img image imagem foto photo picture dsc pxl scan scanned scanner digitalizado digitalizacao captura tela ecra"
    " screenshot screen shot whatsapp doc docs document documento file ficheiro arquivo download page pagina text texto"
    " untitled unnamed sem titulo nome new novo nova copy copia copie final version versao draft rascunho tmp temp test"
    " teste the of and de do da dos das para com pdf".split()
)
_VOWEL = re.compile(r"[aeiouy]")


def title_from_name(source: str) -> str:
    """The name of the file without its ending, its words parted by spaces; empty where not one of them means anything
    ("IMG_2034", "scan 3", a hash).

    A title is read as what a passage is about: by the encoder, the decoder and the checks of an answer.
    """
    stem = re.sub(r"[_-]", " ", PurePosixPath(source).stem).strip()
    return stem if any(_means_something(word) for word in re.split(r"[\s.,()\[\]]+", fold(stem))) else ""


def _means_something(word: str) -> bool:
    """Of three letters at least, sayable, and no word for files as such. Numbers and codes may stand beside such."""
    return len(word) >= 3 and word.isalpha() and _VOWEL.search(word) is not None and word not in _SAYS_NOTHING
