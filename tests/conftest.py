"""Fixtures shared by the suite."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import hypothesis
import pytest

from rag.config import load_settings
from rag.models.catalogue import ROLES, Store

# CI asks the same examples every time, so that red means a change; developers' runs go on searching. A machine that
# does something else besides makes any example slow: how long one takes proves nothing.
hypothesis.settings.register_profile("ci", derandomize=True, deadline=None)
hypothesis.settings.register_profile("search", deadline=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "search")

# What is expected of scans must not depend on whether tesseract is installed; the tests of OCR ask for it.
os.environ["LASTRO_INGEST__OCR"] = "false"

# A suite started in the background inherits that Ctrl-C is ignored, and so would every process it starts; the tests of
# Ctrl-C would wait for ever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the developer's lastro.toml."""
    monkeypatch.setenv("LASTRO_CONFIG", str(tmp_path / "absent.toml"))


@pytest.fixture(scope="session")
def weights() -> Store:
    """The prepared embedded weights. `make test` prepares them; a plain `pytest` without them fails with the remedy."""
    store = Store(load_settings().models.cache_dir)
    missing = [role for role in ROLES if store.state(role) != "ready"]
    if missing:
        pytest.fail(f"weights not prepared: {', '.join(missing)}. Run `lastro models prepare`, or `-m 'not weights'`.")
    return store


@pytest.fixture(scope="session")
def sample_index(weights: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample folder ingested with the real encoder."""
    from ingest import ingest_folder

    index = tmp_path_factory.mktemp("sample") / "index"
    ingest_folder(SAMPLE, index)
    return index
