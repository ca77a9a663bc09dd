"""The questions about the other folders against their files: what they promise must stand there."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ingest.read import extract
from tests.data.judge import correct

FOLDERS = sorted(path.parent for path in (Path(__file__).parents[1] / "bench" / "folders").glob("*/golden.jsonl"))


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_evidence_is_in_its_file_and_says_what_is_accepted(folder):
    records = [json.loads(line) for line in (folder / "golden.jsonl").read_text(encoding="utf-8").splitlines()]
    files = {
        path.name: flat(extract(path.read_bytes(), path.name)[1].text) for path in (folder / "documents").iterdir()
    }
    assert len({record["id"] for record in records}) == len(records)
    assert Counter((r["language"], r["unanswerable"]) for r in records) == {
        ("pt", False): 25, ("en", False): 25, ("pt", True): 10, ("en", True): 10
    }  # fmt: skip
    for record in records:
        if record["unanswerable"]:
            assert not any(record.get(label) for label in ("answers", "all_of", "evidence"))
            continue
        assert record["evidence"]
        for proof in record["evidence"]:
            assert flat(proof["text"]) in files[proof["source"]], record["id"]
        assert correct(record, " ".join(proof["text"] for proof in record["evidence"])), record["id"]


def test_there_are_two():
    assert [folder.name for folder in FOLDERS] == ["clinic", "library"]
