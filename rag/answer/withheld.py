"""What is said when no answer is, and why, in the language of the question."""

from __future__ import annotations

from rag.types import Language

__all__ = ["REASONS", "WITHHELD"]

WITHHELD: dict[Language, str] = {
    "pt": "Os documentos não dizem a resposta a esta pergunta.",
    "en": "The documents do not state the answer to this question.",
}
REASONS: dict[str, dict[Language, str]] = {
    "no_passages": {"pt": "nada parecido foi encontrado", "en": "nothing similar was found"},
    "not_answerable": {
        "pt": "as passagens mais próximas não respondem exatamente a isto",
        "en": "the closest passages do not answer exactly this",
    },
    "declined": {
        "pt": "o modelo não achou a resposta nas passagens",
        "en": "the model found no answer in the passages",
    },
    "no_claim": {"pt": "a resposta nada afirmava", "en": "the answer asserted nothing"},
    "contradicted": {"pt": "os documentos contradizem a resposta", "en": "the documents contradict the answer"},
    "unsupported": {
        "pt": "a resposta gerada não se sustenta nos documentos",
        "en": "the generated answer is not backed by the documents",
    },
    "no_sentence": {
        "pt": "nenhuma frase das passagens responde com segurança",
        "en": "no sentence of the passages surely answers it",
    },
    "unsure": {
        "pt": "a resposta não é segura o bastante para o risco aceito",
        "en": "the answer is not sure enough for the risk allowed",
    },
}
