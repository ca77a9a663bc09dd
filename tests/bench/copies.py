"""What folding near-duplicates and reading sections are worth: the golden questions, where documents lie about five
times.

    python -m tests.bench.copies [--copies 5] [--duplicates fold,show] [--section 0,800] [--only retrieval]
        [--said FILE] [--kept FILE]

``recall@5``   share of the answerable questions whose evidence is in one of the five best passages, in any copy.
``different``  mean number of different passages among these five.
``right``      answerable questions answered correctly; ``withheld``: unanswerable ones that were not answered. Answers
               are the documents' own sentences, or with ``--said`` the decoder's.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingest import ingest_folder
from rag.config import load_settings
from rag.facade import Lastro, Models
from rag.serialise import answer_json
from tests.bench.golden import DATA
from tests.bench.replay import replayed
from tests.data.judge import correct


def folder_of(copies: int, folder: Path) -> Path:
    """The sample folder so many times, each copy of a file under a name of its own."""
    folder.mkdir(parents=True)
    for file, number in itertools.product(sorted((DATA / "sample").iterdir()), range(copies)):
        name = f"{file.stem} ({number}){file.suffix}" if number else file.name
        (folder / name).write_bytes(file.read_bytes())
    return folder


def asked(app: Lastro, question: dict[str, Any], only: str | None) -> dict[str, Any]:
    """What came of one question: evidence found, different passages, answered rightly, withheld."""
    texts = [" ".join(hit.text.split()) for hit in app.search(question["question"])[:5]]
    answerable = not question["unanswerable"]
    found = {
        "answerable": answerable,
        "found": answerable and any(" ".join(question["evidence"][0]["text"].split()) in text for text in texts),
        "different": len(set(texts)),
    }
    if only == "retrieval":
        return found
    answer = answer_json(app.ask(question["question"]))
    right = answerable and not answer["abstained"] and correct(question, answer["answer"])
    return {**found, "right": right, "withheld": answer["abstained"]}


def line(name: str, found: Sequence[dict[str, Any]]) -> str:
    answerable = [one for one in found if one["answerable"]]
    rest = [one for one in found if not one["answerable"]]
    recall = sum(one["found"] for one in answerable) / len(answerable)
    different = sum(one["different"] for one in found) / len(found)
    said = f"{name:42} recall@5 {recall:.3f}  different {different:.2f}"
    if "right" not in found[0]:
        return said
    right, withheld = sum(one["right"] for one in answerable), sum(one["withheld"] for one in rest)
    return f"{said}  right {right} of {len(answerable)}  withheld {withheld} of {len(rest)}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--copies", type=int, default=5)
    parser.add_argument("--duplicates", default="fold,show")
    parser.add_argument("--section", default="0,800")
    parser.add_argument("--only", choices=("retrieval",))
    parser.add_argument("--said", type=Path, help="the decoder answers; file of what it said, asked nothing twice")
    parser.add_argument("--kept", type=Path, help="file of results: questions of runs before are not asked again")
    options = parser.parse_args()
    lines = (DATA / "golden.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(text) for text in lines]
    before = options.kept.read_text(encoding="utf-8").splitlines() if options.kept and options.kept.exists() else []
    kept = {(row["of"], row["id"]): row for row in map(json.loads, before)}
    models = Models(load_settings())
    if options.said:
        replayed(models, options.said)
    elif not options.only:
        models.__dict__["parts"] = replace(models.parts, generator=None)
    with tempfile.TemporaryDirectory() as work:
        folder = folder_of(options.copies, Path(work) / "docs")
        ingest_folder(folder, Path(work) / "ix", load_settings(ingest={"ocr": False}), encoder=models.encoder)
        for duplicates, section in itertools.product(options.duplicates.split(","), options.section.split(",")):
            name = f"{options.copies}× {duplicates} section {section}{' decoder' * bool(options.said)}"
            settings = load_settings()
            search = settings.search.model_copy(update={"duplicates": duplicates, "section": int(section)})
            app = Lastro.open(Path(work) / "ix", settings.model_copy(update={"search": search}), models)
            found = []
            for question in questions:
                key = name, question["id"]
                row = kept.get(key) or {"of": name, "id": question["id"], **asked(app, question, options.only)}
                found.append(row)
                if options.kept and key not in kept:
                    with options.kept.open("a", encoding="utf-8") as file:
                        file.write(json.dumps(row) + "\n")
            print(line(name, found), flush=True)


if __name__ == "__main__":
    main()
