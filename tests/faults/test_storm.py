"""30 SIGKILLs at random moments; ``python -m tests.faults.storm 1000`` is the long one."""

import re
import subprocess
import sys

import pytest

from tests.faults.disks import ROOT


@pytest.mark.slow
def test_after_random_kills_every_document_is_as_it_was_or_as_it_is_and_both_legs_agree():
    # In a process of its own: a fork of one that has threads, as the suite has by now, may come up locked.
    command = [sys.executable, "-m", "tests.faults.storm", "30", "--seed", "7"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    counts = {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", done.stdout)}
    assert counts["before"] + counts["between"] + counts["after"] == counts["killed"] > 10
    assert counts["before"], "some kills came before a commit"
    assert counts["between"] + counts["after"], "and some after one"
