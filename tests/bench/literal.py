"""How many right answers the literal checks refuse, and how many wrong ones: without any model.

    python -m tests.bench.literal --data DATA_FOLDER [--answers 1500] [--show]

An accepted answer is right by its passage: it is refused where no window of the passage that has it is left (`gaps_of`)
or it is not of the kind that the question asks for (`lacks_asked_kind`). A wrong one is the answer to another question
about the same passage. The checks were made on documents of other kinds, and this is what they must not cost; most
wrong answers are for the model to reject. ``--data`` holds qa/ (SQuAD 1.1 dev, its Portuguese translation, FaQuAD).
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path

from rag.evaluate.intervals import clopper_pearson
from rag.text import fold
from rag.train.questions import Question, read_qa
from rag.types import Citation, Language
from rag.verify.asked import lacks_asked_kind
from rag.verify.gaps import gaps_of
from rag.verify.windows import Source, windows

SETS: tuple[tuple[str, str, Language], ...] = (
    ("squad-v1.1.dev", "squad-v1.1", "en"),
    ("squad-v1.1-pt-sample.train", "squad-v1.1-pt-sample", "pt"),
    ("faquad.train", "faquad", "pt"),
)


def refusal(question: Question, answer: str) -> str:
    """The first of what is missing, "kind" where it is of another kind than is asked for, or ""."""
    citation = Citation(1, "", "", question.title, None, 0, len(question.passage), question.passage)
    having = [one for one in windows(Source(citation, (), question.language)) if fold(answer) in fold(one.text)]
    gaps = gaps_of(question.text, answer, having, [True] * len(having))
    if gaps and all(gaps):
        return gaps[0][0]
    return "kind" if lacks_asked_kind(question.text, answer) else ""


def told(what: str, refused: list[str]) -> str:
    count = sum(map(bool, refused))
    low, high = clopper_pearson(count, len(refused))
    kinds = refused.count("kind")
    return f"{what} {count} of {len(refused)} [{low:.1%}, {high:.1%}], {kinds} of them by their kind"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--answers", type=int, default=1500, help="questions of each set")
    parser.add_argument("--show", action="store_true", help="print right answers that are refused")
    options = parser.parse_args()
    for name, corpus, language in SETS:
        questions = [question for question in read_qa(options.data, name, corpus, language) if question.answers]
        of_passage: dict[str, list[Question]] = defaultdict(list)
        for question in questions:
            of_passage[question.passage].append(question)
        random_ = random.Random(0)
        random_.shuffle(questions)
        right, wrong = [], []
        for question in questions[: options.answers]:
            if question.answers[0] not in question.passage:
                continue  # translation took the two apart
            right.append(refusal(question, question.answers[0]))
            if options.show and right[-1]:
                print(f"  {right[-1]}: {question.text} → {question.answers[0]}")
            accepted = {fold(answer) for answer in question.answers}
            others = [
                other.answers[0] for other in of_passage[question.passage] if fold(other.answers[0]) not in accepted
            ]
            others = [other for other in others if other in question.passage]
            if others:
                wrong.append(refusal(question, random_.choice(others)))
        print(f"{name}: refused {told('right', right)}; {told('wrong', wrong)}", flush=True)


if __name__ == "__main__":
    main()
