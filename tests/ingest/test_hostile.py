"""Broken and hostile files end as text or as a named refusal; ``python -m tests.ingest.hostile 2000`` asks for more."""

import pytest

from tests.ingest.hostile import MEMORY, SECONDS, assault


@pytest.mark.slow
def test_every_broken_file_is_text_or_a_named_refusal_and_the_sound_ones_are_indexed(tmp_path):
    found = assault(150, 0, tmp_path)
    assert found.lost == []
    assert found.outcomes.keys() <= {"added", "refused"}
    assert found.outcomes["refused"] > 50
    assert "" not in found.reasons
    # The reader's own clock is the limit; this one shares an interpreter with what splits the file before.
    assert found.seconds < 3 * SECONDS, found.slowest
    assert found.memory < MEMORY
