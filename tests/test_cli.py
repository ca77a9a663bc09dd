import json
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from rag.cli import lastro
from rag.config import load_settings
from rag.errors import ConfigError, LastroError
from tests.conftest import SAMPLE


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "rag.cli", *arguments], capture_output=True, text=True, check=False)


def test_help_teaches_and_loads_nothing_heavy():
    code = "import sys, rag.cli; sys.exit(any(m in sys.modules for m in ('torch', 'faiss', 'numpy', 'pydantic')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    started = time.perf_counter()
    result = command("--help")
    assert time.perf_counter() - started < 5
    for name in ("ingest", "ask", "search", "verify", "models", "doctor", "serve", "status"):
        assert name in result.stdout


@pytest.mark.parametrize("name", ["ingest", "ask", "search", "verify", "models", "doctor", "serve", "status"])
def test_every_command_has_help(name):
    assert CliRunner().invoke(lastro, [name, "--help"]).exit_code == 0


def test_a_missing_index_says_no_index_and_exits_five(tmp_path):
    result = command("status", "--index", str(tmp_path / "nowhere"))
    assert result.returncode == 5
    assert "no index" in result.stderr
    assert "lastro ingest" in result.stderr


def test_wrong_usage_exits_two(tmp_path):
    assert command("ask").returncode == 2
    assert command("ingest", str(tmp_path / "absent"), "--index", str(tmp_path / "ix")).returncode == 4


def test_settings_name_the_field_that_is_wrong(monkeypatch, tmp_path):
    monkeypatch.setenv("LASTRO_SEARCH__ALPHA", "2")
    with pytest.raises(ConfigError, match=r"search\.alpha"):
        load_settings()
    monkeypatch.delenv("LASTRO_SEARCH__ALPHA")
    file = tmp_path / "lastro.toml"
    file.write_text("[search]\nalfa = 0.5\n")
    monkeypatch.setenv("LASTRO_CONFIG", str(file))
    with pytest.raises(ConfigError, match=r"search\.alfa"):
        load_settings()
    file.write_text("[search]\nalpha = 0.25\n")
    assert load_settings().search.alpha == 0.25


def test_every_error_has_an_exit_code_a_status_and_a_place_in_the_tree():
    from rag import errors

    for name in errors.__all__:
        leaf = getattr(errors, name)
        assert issubclass(leaf, LastroError)
        assert leaf.exit_code > 0
        assert 400 <= leaf.http_status < 600
        assert name in (errors.__doc__ or "")


@pytest.mark.weights
def test_ingest_search_verify_and_status_from_the_shell(weights, tmp_path):
    index = str(tmp_path / "ix")
    report = command("ingest", str(SAMPLE), "--index", index, "--json")
    assert report.returncode == 3  # the scanned page
    found = json.loads(report.stdout)
    assert found["totals"]["added"] == 17
    assert [f["source"] for f in found["files"] if f["outcome"] == "refused"] == ["comprovante-8812.pdf"]
    batch = tmp_path / "questions.jsonl"
    batch.write_text('{"id": 1, "question": "erro E4"}\n{"id": "b", "question": "SV-1 price"}\n')
    lines = command("search", "--index", index, "--batch", str(batch), "-k", "3").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == [1, "b"]
    assert all(len(json.loads(line)["hits"]) == 3 for line in lines)
    status = json.loads(command("status", "--index", index, "--json").stdout)
    assert status["documents"] == 17
    assert status["refused"][0]["source"] == "comprovante-8812.pdf"
    claims = tmp_path / "claims.jsonl"
    claims.write_text(
        '{"id": 1, "claim": "São 24 meses.", "context": "Olá. O prazo é de 24 meses.", "question": "?"}\n'
    )
    verdict = json.loads(command("verify", "--batch", str(claims)).stdout)
    assert set(verdict) >= {"id", "verdict", "score", "probs", "evidence"}
    assert abs(sum(verdict["probs"].values()) - 1) < 1e-4
    bad = command("search", "x", "--index", index, "--alpha", "2")
    assert bad.returncode == 2
    assert "alpha" in bad.stderr
