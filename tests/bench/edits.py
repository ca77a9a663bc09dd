"""How often a sentence that answers is accepted, and rejected once its number, date, name or sense is changed.

    python -m tests.bench.edits --data QA_FOLDER [--questions 150] [--languages en pt] [--alone] [--show]

Sentences of articles no adapter was trained on: those that SQuAD 1.1 dev has and 2.0 dev has not (English), and those
the shipped adapter's ``config.json`` says were kept out (Portuguese). Each goes through ``rag.verify`` as at run time,
with its question or ``--alone``, against its whole passage. ``--show`` prints what was judged wrongly.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import defaultdict
from pathlib import Path

from rag.config import load_settings
from rag.models import load_entailer
from rag.models.catalogue import SHIPPED
from rag.text import fold, sentences, terms
from rag.train.edits import EDITS
from rag.train.questions import Question, read_qa
from rag.types import Citation
from rag.verify.entail import judge
from rag.verify.windows import Source

KEPT = {"untouched", "short answer"}
"""What is to be accepted."""


def unseen(data: Path) -> dict[str, list[Question]]:
    english = read_qa(data.parent, "squad-v1.1.dev", "squad-v1.1", "en")
    trained = {question.article for question in read_qa(data.parent, "squad-v2.0.dev", "squad-v2.0", "en")}
    kept_out = json.loads((SHIPPED / "config.json").read_text(encoding="utf-8")).get("kept_out", {})
    portuguese = []
    for name, corpus in (("squad-v1.1-pt-sample.train", "squad-v1.1-pt-sample"), ("faquad.train", "faquad")):
        articles = set(kept_out.get(name, ()))
        portuguese += [q for q in read_qa(data.parent, name, corpus, "pt") if q.article in articles]
    return {"en": [question for question in english if question.article not in trained], "pt": portuguese}


def answering(question: Question, parts: list[str]) -> str:
    """The sentence that gives the most of the accepted answers, as words of their own, and of equal ones the one with
    most of the question's terms; "" where none gives the first. The sets do not say which it is."""
    asked = set(terms(question.text, question.language))
    if not question.answers or not any(says(part, question.answers[0]) for part in parts):
        return ""
    given = [sum(says(part, answer) for answer in question.answers) for part in parts]
    shared = [len(asked & set(terms(part, question.language))) for part in parts]
    return parts[max(range(len(parts)), key=lambda i: (given[i], shared[i]))]


def says(sentence: str, answer: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(fold(answer))}(?!\w)", fold(sentence)) is not None


def measure(
    entailer, settings, questions: list[Question], random_: random.Random, limit: int, *, alone: bool, show: bool
) -> dict[str, list[bool]]:
    """Accepted or not, by what was done to the sentence."""
    accepted: dict[str, list[bool]] = defaultdict(list)
    random_.shuffle(questions)
    for question in questions:
        if len(accepted["untouched"]) >= limit:
            break
        text = question.passage
        parts = [text[a:b] for a, b in sentences(text, question.language)]
        sentence = answering(question, parts)
        if not 30 <= len(sentence) <= 400:
            continue
        others = [part for part in parts if part != sentence]
        said = {"untouched": sentence, "short answer": question.answers[0]}
        said |= {name: edit(sentence, question.language, others, random_) for name, edit in EDITS.items()}
        citation = Citation(1, "", "", question.title, None, 0, len(text), text)
        sources = ([Source(citation, (), question.language)], [])
        for name, claim in said.items():
            if claim:
                verdict = judge(entailer, "" if alone else question.text, claim, sources, settings, as_answer=False)
                accepted[name].append(verdict.label == "supported")
                if show and accepted[name][-1] != (name in KEPT):
                    print(f"{name}: {question.text} | {claim}\n    of: {sentence}\n    {verdict}")
    return accepted


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--languages", nargs="+", choices=("en", "pt"), default=("en", "pt"))
    parser.add_argument("--alone", action="store_true", help="judge the sentence without its question")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    settings = load_settings()
    entailer = load_entailer(settings.models)
    questions = unseen(options.data)
    for language in options.languages:
        accepted = measure(
            entailer,
            settings.verify,
            questions[language],
            random.Random(0),
            options.questions,
            alone=options.alone,
            show=options.show,
        )
        for name, values in accepted.items():
            share = sum(values) / len(values)
            told = f"accepted {share:.3f}" if name in KEPT else f"rejected {1 - share:.3f}"
            print(f"{language} {name}: {told} of {len(values)}", flush=True)


if __name__ == "__main__":
    main()
