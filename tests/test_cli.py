import json
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner

from ingest.cli import ingest
from rag.cli import lastro
from rag.config import load_settings
from rag.errors import ConfigError, FolderError, LastroError, UsageError
from tests.conftest import SAMPLE
from tests.doubles import HashingEncoder


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


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--watch", "--dry-run"], "--watch and --dry-run"),
        (["--watch", "--forget"], "--watch and --forget"),
        (["--watch", "--report", "a.html"], "--watch and --report"),
        (["--dry-run", "--forget"], "--dry-run and --forget"),
        (["--dry-run", "--report", "a.html"], "--dry-run and --report"),
        (["--forget", "--report", "a.html"], "--forget and --report"),
    ],
)
def test_options_of_ingest_that_exclude_each_other_are_named(options, named, tmp_path):
    with pytest.raises(UsageError, match=named) as raised:
        CliRunner().invoke(ingest, [str(tmp_path), "--index", str(tmp_path / "ix"), *options], catch_exceptions=False)
    assert raised.value.hint


def test_a_dry_run_says_what_would_happen_makes_no_index_and_exits_zero(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("A bomba.", encoding="utf-8")
    (tmp_path / "docs" / "b.txt").write_bytes(b"")
    arguments = ["ingest", str(tmp_path / "docs"), "--index", str(tmp_path / "ix"), "--dry-run"]
    shown = CliRunner().invoke(lastro, arguments, standalone_mode=False, catch_exceptions=False)
    assert shown.return_value == 0
    assert "would be: 1 added, 1 refused" in shown.output
    found = json.loads(CliRunner().invoke(lastro, [*arguments, "--json"], standalone_mode=False).output)
    assert found["dry_run"] is True
    assert {file["source"]: file["outcome"] for file in found["files"]} == {"a.txt": "added", "b.txt": "refused"}
    assert not (tmp_path / "ix").exists()


def test_a_report_goes_into_a_folder_that_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.models.load_encoder", lambda _: HashingEncoder())
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("A bomba.", encoding="utf-8")
    arguments = ["ingest", str(tmp_path / "docs"), "--index", str(tmp_path / "ix"), "--report"]
    with pytest.raises(FolderError, match="--report"):
        CliRunner().invoke(lastro, [*arguments, str(tmp_path / "none" / "r.html")], catch_exceptions=False)
    assert not (tmp_path / "ix").exists(), "it is said before anything is done"
    CliRunner().invoke(lastro, [*arguments, str(tmp_path / "r.html")], catch_exceptions=False)
    assert "<h1>docs</h1>" in (tmp_path / "r.html").read_text(encoding="utf-8")


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


def run_here(body: str) -> list[str]:
    lines = ["import click, sys, threading, time", "from rag import terminal", "@click.command()", "def told():"]
    lines += [f"    {line}" for line in body.splitlines()]
    return [sys.executable, "-c", "\n".join([*lines, "terminal.run(told, [])"])]


def test_ctrl_c_does_not_wait_for_the_decoder_to_read_its_prompt():
    works = """from concurrent.futures import ThreadPoolExecutor
ThreadPoolExecutor(1, thread_name_prefix=terminal.DECODER).submit(time.sleep, 30)
raise KeyboardInterrupt"""
    started = time.perf_counter()
    result = subprocess.run(run_here(works), capture_output=True, text=True, check=False)
    assert result.returncode == 130
    assert "interrupted" in result.stderr
    assert "Traceback" not in result.stderr
    assert time.perf_counter() - started < 20


def test_a_reader_that_has_seen_enough_is_no_error():
    told = run_here("for number in range(200_000): click.echo(number)")
    with subprocess.Popen(told, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        assert process.wait(60) == 0
        assert process.stderr.read() == b""
