"""A batch is embedded beside what else goes on: once, in order, and broken off when the run is."""

import threading
from pathlib import Path

import pytest

from ingest import ingest_folder
from ingest.progress import Step
from rag.config import load_settings
from rag.index import Index
from tests.doubles import HashingEncoder

ONE_BY_ONE = load_settings(ingest={"batch_documents": 1, "ocr": False})


def folder_of(path: Path, *texts: str) -> Path:
    path.mkdir()
    for number, text in enumerate(texts):
        (path / f"{number}.md").write_text(f"# Bomba\n\n{text}", encoding="utf-8")
    return path


def test_the_next_file_is_split_while_a_batch_is_embedded(tmp_path):
    split = threading.Event()
    waited: list[bool] = []

    class Waiting(HashingEncoder):
        def encode(self, texts, kind):
            if not waited:
                waited.append(split.wait(30))
            return super().encode(texts, kind)

    def told(step: Step) -> None:
        if (step.stage, step.subject) == ("split", "1.md"):
            split.set()

    folder = folder_of(tmp_path / "docs", "Tem manual.", "Tem garantia.")
    ingest_folder(folder, tmp_path / "ix", ONE_BY_ONE, encoder=Waiting(), progress=told)
    assert waited == [True]


def test_what_the_batch_before_embedded_is_not_embedded_again_though_it_is_not_committed_yet(tmp_path):
    folder = folder_of(tmp_path / "docs", "Tem manual.", "Tem manual.", "Tem manual.", "Tem garantia.")
    encoder = HashingEncoder()
    report = ingest_folder(folder, tmp_path / "ix", ONE_BY_ONE, encoder=encoder)
    assert len(encoder.embedded) == len(set(encoder.embedded)) == 2
    assert (report.chunks_embedded, report.chunks_reused) == (2, 2)


def test_an_encoder_that_fails_ends_the_run_with_its_error_and_what_was_committed_stays(tmp_path):
    class Failing(HashingEncoder):
        def encode(self, texts, kind):
            if len(self.embedded) == 2:
                raise RuntimeError("no more")
            return super().encode(texts, kind)

    folder = folder_of(tmp_path / "docs", "Tem manual.", "Tem garantia.", "Tem selo.", "Tem rotor.")
    with pytest.raises(RuntimeError, match="no more"):
        ingest_folder(folder, tmp_path / "ix", ONE_BY_ONE, encoder=Failing())
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(("embedding", "reading"))]
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert [row.source for row in snapshot.documents()] == ["0.md", "1.md"]
    report = ingest_folder(folder, tmp_path / "ix", ONE_BY_ONE, encoder=HashingEncoder())
    assert (report.totals["unchanged"], report.totals["added"]) == (2, 2)


def test_a_run_that_ends_early_leaves_no_embedding_behind(tmp_path):
    def told(step: Step) -> None:
        if step.stage == "split" and step.subject == "1.md":
            raise KeyboardInterrupt

    long = "\n\n".join(f"## Parte {n}\n\nTem {n} manuais." for n in range(640))
    folder = folder_of(tmp_path / "docs", long, "Tem garantia.")
    with pytest.raises(KeyboardInterrupt):
        ingest_folder(folder, tmp_path / "ix", ONE_BY_ONE, encoder=HashingEncoder(), progress=told)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("embedding")]
    with Index.open(tmp_path / "ix").pin() as snapshot:
        assert snapshot.documents() == []
