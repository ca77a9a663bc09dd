from pathlib import Path

import pytest

from rag.evaluate.dataset import Dataset, read_dataset
from tests.evaluate.product import build, write_questions


@pytest.fixture(scope="session")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("product"))


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    return read_dataset(write_questions(tmp_path / "questions.jsonl"))
