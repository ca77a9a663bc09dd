"""`lastro doctor` against every broken state: a plain line, the remedy, and the code of what is wrong."""

import contextlib
import json
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from ingest import ingest_folder
from rag.doctor import doctor
from rag.index import Index
from tests.faults.disks import ROOT, fill, read_only, small_disk

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def whole(weights, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("doctor")
    (place / "docs").mkdir()
    (place / "docs" / "a.txt").write_text("A garantia da bomba é de 24 meses.", encoding="utf-8")
    (place / "docs" / "b.txt").write_text("O rotor travado dá o erro E4.", encoding="utf-8")
    ingest_folder(place / "docs", place / "ix")
    return place / "ix"


@pytest.fixture
def index(whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LASTRO_MODELS__GENERATOR", "none")
    shutil.copytree(whole, tmp_path / "ix")
    return tmp_path / "ix"


def examined(index: Path) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code, and what is said of each thing looked at."""
    result = CliRunner().invoke(doctor, ["--index", str(index), "--json"], standalone_mode=False)
    assert result.exception is None, result.exception
    checks = {check.pop("name"): check for check in json.loads(result.output)}
    assert all(check["remedy"] for check in checks.values() if not check["well"])
    return result.return_value, checks


def test_all_is_well(index):
    code, checks = examined(index)
    assert code == 0
    assert all(check["well"] and not check["remedy"] for check in checks.values())
    assert checks["caches"]["found"] == "verified"
    assert checks["recall@10 of the dense leg"]["found"].startswith("1.000")
    assert checks["weights: generator"]["found"] == "not used (models.generator is none)"


def test_no_index(index, tmp_path):
    code, checks = examined(tmp_path / "nowhere")
    assert code == 5
    assert "no index in" in checks["index"]["found"]
    assert "lastro ingest FOLDER" in checks["index"]["remedy"]


def test_an_empty_index(index):
    with Index.open(index).writer() as writer:
        writer.forget([state.doc_id for state in writer.files().values() if state.doc_id])
    code, checks = examined(index)
    assert code == 5
    assert checks["chunks"]["found"] == "0"
    assert "lastro ingest" in checks["chunks"]["remedy"]


def test_an_index_of_another_encoder(index):
    with contextlib.closing(sqlite3.connect(index / "catalog.sqlite")) as db, db:
        db.execute("UPDATE meta SET value = replace(value, 'embedded-1', 'other-9') WHERE key = 'fingerprint'")
    code, checks = examined(index)
    assert code == 5
    assert "encoder: other-9" in checks["fingerprint"]["found"]
    assert f"lastro reindex --index {index}" in checks["fingerprint"]["remedy"]
    assert checks["caches"]["well"]


@pytest.mark.parametrize(("pattern", "leg"), [("vectors-*", "vectors"), ("postings-*/*.term", "postings")])
def test_a_damaged_cache_is_mended_and_said(pattern, leg, index):
    (path,) = (index / "cache").glob(pattern)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    code, checks = examined(index)
    assert code == 0
    assert checks["caches"]["found"] == f"mended ({leg} absent or damaged)"
    assert examined(index)[1]["caches"]["found"] == "verified"


def test_what_a_kill_left_beside_the_caches_is_swept_and_said(index):
    (index / "cache" / "tmp-0123").mkdir()
    (index / "cache" / "vectors-0.faiss").write_bytes(b"of an older generation")
    code, checks = examined(index)
    assert code == 0
    assert checks["caches"]["found"] == "mended (left by an interrupted run: tmp-0123, vectors-0.faiss)"
    assert sorted(entry.name for entry in (index / "cache").iterdir()) == ["postings-1", "vectors-1.faiss"]


def test_a_damaged_cache_that_cannot_be_mended(index):
    shutil.rmtree(next((index / "cache").glob("postings-*")))
    with read_only(index):
        code, checks = examined(index)
    assert code == 5
    assert "postings absent or damaged" in checks["caches"]["found"]
    assert "Make the folder writable" in checks["caches"]["remedy"]
    assert checks["recall@10 of the dense leg"]["well"], "what can be known is said all the same"


def test_a_whole_index_on_a_read_only_disk_is_well(index):
    with read_only(index):
        code, checks = examined(index)
    assert code == 0
    assert checks["caches"]["found"] == "verified"


def test_a_cache_that_finds_no_room(index, tmp_path):
    with small_disk(tmp_path / "disk", 1000):
        shutil.copytree(index, tmp_path / "disk" / "ix")
        shutil.rmtree(tmp_path / "disk" / "ix" / "cache")
        fill(tmp_path / "disk")
        code, checks = examined(tmp_path / "disk" / "ix")
    assert code == 7
    assert "is full" in checks["caches"]["found"]
    assert "Free some space" in checks["caches"]["remedy"]


def test_an_index_that_is_being_written_is_named_with_its_writer(index):
    script = "import sys, time\nfrom pathlib import Path\nfrom rag.index import Index\n"
    script += "with Index.open(Path(sys.argv[1])).writer():\n    print('held', flush=True)\n    time.sleep(60)"
    shutil.rmtree(index / "cache")
    command = [sys.executable, "-c", script, str(index)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "held\n"
        code, checks = examined(index)
        writer.kill()
    assert code == 0
    assert f"process {writer.pid} on" in checks["caches"]["found"]
    assert "Wait for it to finish" in checks["caches"]["remedy"]
    assert examined(index)[1]["caches"]["found"].startswith("mended")


@pytest.mark.parametrize("damage", ["no database", "a page"])
def test_a_damaged_catalog(damage, index):
    with (index / "catalog.sqlite").open("r+b") as file:
        if damage == "a page":
            file.seek(4096 * 3)
        file.write(b"\xff" * 4096)
    code, checks = examined(index)
    assert code == 5
    assert "the catalog cannot be read" in checks["index"]["found"]
    assert "Restore it from a backup" in checks["index"]["remedy"]


def test_missing_weights_hide_nothing_of_the_index(index, tmp_path, monkeypatch):
    monkeypatch.setenv("LASTRO_MODELS__CACHE_DIR", str(tmp_path / "empty"))
    code, checks = examined(index)
    assert code == 6
    assert checks["weights: encoder"]["found"].startswith("missing: encoder/model.onnx")
    assert "lastro models prepare" in checks["weights: encoder"]["remedy"]
    assert checks["caches"]["found"] == "verified"
    assert checks["chunks"]["found"] == "2"


def test_damaged_weights_are_named(index, weights, tmp_path, monkeypatch):
    copy = tmp_path / "cache" / weights.folder.name
    copy.mkdir(parents=True)
    for entry in weights.folder.iterdir():
        (copy / entry.name).symlink_to(entry)
    (copy / "entailment").unlink()
    shutil.copytree(weights.folder / "entailment", copy / "entailment")
    (copy / "entailment" / "config.json").write_text("{}")
    monkeypatch.setenv("LASTRO_MODELS__CACHE_DIR", str(tmp_path / "cache"))
    code, checks = examined(index)
    assert code == 6
    assert f"{copy / 'entailment' / 'config.json'} is damaged" in checks["weights: entailment"]["found"]
    assert checks["weights: encoder"]["found"] == "ready"


def test_the_shell_sees_the_code_and_the_remedy(index, tmp_path):
    command = [sys.executable, "-m", "rag.cli", "doctor", "--index", str(tmp_path / "nowhere")]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 5
    assert "✗ index: no index in" in done.stdout
    assert "→ Run `lastro ingest FOLDER" in done.stdout
    assert "Traceback" not in done.stderr
