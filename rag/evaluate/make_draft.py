"""What the decoder is asked to write about a passage, and what it wrote."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rag.answer.generate import Generator, decoding_of
from rag.answer.prompt import Message
from rag.config import AnswerSettings
from rag.index import StoredChunk
from rag.text import contextualise, terms

__all__ = ["Draft", "borrowed", "parse_reply", "requests", "write"]

_Asked = tuple[str, tuple[str, str], tuple[str, str]]
"""The rule and two examples of (passage, reply)."""
_RULES: dict[str, _Asked] = {
    "pt": (
        "Escreva uma pergunta curta, com palavras suas, que pede um só dado do trecho: um número, um prazo, um nome, "
        "um lugar ou um motivo. Quem pergunta não vê o trecho: diga na pergunta de que produto, documento ou assunto "
        "se trata, e o ano, se o título tem um. A resposta são poucas palavras copiadas do trecho. Só duas linhas:\n"
        "Pergunta: …\nResposta: …",
        (
            "Trecho (Regulamento da biblioteca 2021 › Empréstimo): O prazo é de 14 dias e pode ser renovado uma vez no "
            "balcão.",
            "Pergunta: Pelo regulamento de 2021, por quanto tempo posso ficar com um livro da biblioteca?\n"
            "Resposta: 14 dias",
        ),
        (
            "Trecho (Forno F-40 › Limpeza): Depois de cada dia de uso a câmara é limpa com pano úmido. Produtos com "
            "cloro mancham o aço e não devem ser usados.",
            "Pergunta: Por que não se usa cloro na limpeza do forno F-40?\nResposta: mancham o aço",
        ),
    ),
    "en": (
        "Write a short question in your own words that asks for one single fact of the passage: a number, a period, a "
        "name, a place or a reason. Who asks does not see the passage: say in the question which product, document or "
        "subject it is about, and the year where the title has one. The answer is a few words copied from the passage. "
        "Two lines only:\nQuestion: …\nAnswer: …",
        (
            "Passage (Pool rules 2021 › Closing times): The pool closes at 22:00 and the sauna at 21:00 on weekdays.",
            "Question: Under the pool rules of 2021, when must I leave the sauna on a Tuesday?\nAnswer: 21:00",
        ),
        (
            "Passage (Oven F-40 › Cleaning): The chamber is wiped with a damp cloth after each day of use. Products "
            "with chlorine stain the steel and must not be used.",
            "Question: Why is the F-40 oven not cleaned with chlorine?\nAnswer: stain the steel",
        ),
    ),
}
_LACKING: dict[str, _Asked] = {
    "pt": (
        "Escreva uma pergunta curta sobre o assunto dado, que pede um número, uma data, um preço ou um nome que um "
        "documento raramente diz. Ela começa com Quanto, Quantos, Quando, Quem ou Onde e diz de que produto, documento "
        "ou assunto se trata. Só uma linha:\nPergunta: …",
        (
            "Assunto: Regulamento da biblioteca 2021 › Empréstimo",
            "Pergunta: Quantos livros da biblioteca se perderam em 2021?",
        ),
        ("Assunto: Forno F-40 › Limpeza", "Pergunta: Quanto custa o pano para limpar o forno F-40?"),
    ),
    "en": (
        "Write a short question about the given subject that asks for a number, a date, a price or a name that a "
        "document seldom tells. It begins with How much, How many, When, Who or Where and says which product, document "
        "or subject it is about. One line only:\nQuestion: …",
        ("Subject: Pool rules 2021 › Closing times", "Question: How many people used the sauna of the pool in 2021?"),
        ("Subject: Oven F-40 › Cleaning", "Question: Who designed the cleaning cloth of the F-40 oven?"),
    ),
}
"""Shown the subject alone: shown a passage, a small decoder asks for what is there, whatever it is told."""
_EXAMPLES = {"pt": "biblioteca livro forno cloro pano", "en": "pool sauna oven chlorine cloth"}
_LINE = re.compile(r"^\s*(pergunta|question|resposta|answer)\s*:\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Draft:
    """A question about ``chunk`` as the decoder wrote it; ``answer`` is empty where one was asked that it ``lacks``."""

    chunk: StoredChunk
    question: str
    answer: str
    lacks: bool


def write(generator: Generator, settings: AnswerSettings, chunk: StoredChunk, *, lacks: bool) -> Draft:
    """Raises what the decoder raises."""
    reply = "".join(generator.stream(requests(chunk, lacks=lacks), decoding_of(settings)))
    question, answer = parse_reply(reply)
    return Draft(chunk, question, "" if lacks else answer, lacks)


def requests(chunk: StoredChunk, *, lacks: bool) -> list[Message]:
    """What the decoder is asked: the rule with two examples, and the passage, or its subject alone, which are data."""
    rule, *examples = (_LACKING if lacks else _RULES)[chunk.language]
    title = chunk.title or chunk.source
    path = " › ".join([title, *(heading for heading in chunk.headings if heading != title)])
    messages: list[Message] = [{"role": "system", "content": rule}]
    for shown, reply in examples:
        messages += [{"role": "user", "content": shown}, {"role": "assistant", "content": reply}]
    subject, passage = ("Assunto", "Trecho") if chunk.language == "pt" else ("Subject", "Passage")
    shown = f"{subject}: {path}" if lacks else f"{passage} ({path}): {' '.join(chunk.text.split())}"
    return [*messages, {"role": "user", "content": shown}]


def parse_reply(text: str) -> tuple[str, str]:
    """``(question, answer)`` of the decoder's lines; empty where there is none."""
    found = {"question": "", "answer": ""}
    for name, said in _LINE.findall(text):
        kind = "question" if name.lower() in {"pergunta", "question"} else "answer"
        found[kind] = found[kind] or said.strip(" \"'“”")
    return found["question"], found["answer"].rstrip(".")


def borrowed(draft: Draft) -> bool:
    """Whether the question is about what an example is about, and its passage is not."""
    chunk = draft.chunk
    own = terms(contextualise(chunk.title, chunk.headings, chunk.text), chunk.language)
    example = set(terms(_EXAMPLES[chunk.language], chunk.language)) - set(own)
    return bool(example & set(terms(draft.question, chunk.language)))
