"""What a decoder has read once is there for the next process, if it is whole and of the same weights."""

from __future__ import annotations

import os

import pytest

from rag.answer.generate import Decoding
from rag.models.llama import LlamaCpp
from rag.models.prefilled import Prefilled
from tests.faults.disks import read_only
from tests.models.tiny import CONTEXT, tiny_gguf

PREFIX = [{"role": "system", "content": "Use only the passages. " * 8}]
ASKED = [*PREFIX, {"role": "user", "content": "Qual o prazo?"}]


@pytest.fixture(scope="module")
def gguf(tmp_path_factory):
    return tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture
def kept(tmp_path):
    return tmp_path / "prefilled"


def warmed(gguf, kept, **more):
    llama = LlamaCpp(gguf, threads=1, kept=kept, **{"context": CONTEXT, **more})
    computed = []
    one_token = llama._one_token
    llama._one_token = lambda messages: computed.append(messages) or one_token(messages)
    llama.warm(PREFIX)
    return llama, len(computed)


def said(llama):
    return "".join(llama.stream(ASKED, Decoding(max_tokens=24)))


def cached_tokens(llama):
    answer = llama._server.handle_chat_completions({"messages": ASKED, "max_tokens": 1})
    return answer["usage"]["prompt_tokens_details"]["cached_tokens"]


def test_the_second_process_does_not_compute_the_prefix_and_says_the_same(gguf, kept):
    first, computed = warmed(gguf, kept)
    assert computed == 1
    expected = said(first)
    second, computed = warmed(gguf, kept)
    assert computed == 0
    assert cached_tokens(second) >= len(PREFIX[0]["content"]), "the tiny model has a token a character"
    assert said(second) == expected


def test_a_damaged_file_is_not_used_and_takes_its_leave(gguf, kept):
    warmed(gguf, kept)
    [file] = kept.iterdir()
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    llama, computed = warmed(gguf, kept)
    assert computed == 1
    assert [path.name for path in kept.iterdir()] == [file.name], "written again, whole"
    assert said(llama) == said(warmed(gguf, None)[0])


def test_what_the_engine_refuses_is_computed_anew(gguf, kept):
    other = Prefilled(kept, "another engine")
    other.keep(PREFIX, lambda name: bool((kept / name).write_bytes(b"not a KV cache")))
    [file] = kept.iterdir()
    llama = LlamaCpp(gguf, threads=1, context=CONTEXT, kept=kept)
    assert not llama._slot("restore", file.name)
    llama.warm(PREFIX)
    assert cached_tokens(llama) >= len(PREFIX[0]["content"])


def test_other_weights_or_another_context_have_files_of_their_own(gguf, kept, tmp_path):
    warmed(gguf, kept)
    assert warmed(gguf, kept, context=CONTEXT // 2)[1] == 1
    copied = tmp_path / "copy" / gguf.name
    copied.parent.mkdir()
    copied.write_bytes(gguf.read_bytes())
    os.utime(copied, ns=(1, 1))
    assert warmed(copied, kept)[1] == 1
    assert len(list(kept.iterdir())) == 3


def test_only_the_newest_files_are_kept(kept):
    prefilled = Prefilled(kept, "engine")
    for n in range(6):
        prefilled.keep([{"content": str(n)}], lambda name: bool((kept / name).write_bytes(b"x")))
    assert [prefilled.restore([{"content": str(n)}], lambda name: True) for n in range(6)] == [False] * 2 + [True] * 4


def test_where_the_engine_cannot_save_nothing_is_kept(kept):
    prefilled = Prefilled(kept, "engine")
    prefilled.keep(PREFIX, lambda name: False)
    assert list(kept.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_no_failure(tmp_path):
    (tmp_path / "file").write_text("no folder")
    prefilled = Prefilled(tmp_path / "file" / "prefilled", "engine")
    assert not prefilled.restore(PREFIX, lambda name: True)
    prefilled.keep(PREFIX, lambda name: True)


def test_a_cache_that_cannot_be_written_to_is_used(gguf, kept):
    expected = said(warmed(gguf, kept)[0])
    with read_only(kept):
        again, computed = warmed(gguf, kept)
        assert computed == 0
        assert said(again) == expected


def test_a_damaged_file_in_a_cache_that_cannot_be_written_to_is_not_used(gguf, kept):
    warmed(gguf, kept)
    [file] = kept.iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    with read_only(kept):
        assert warmed(gguf, kept)[1] == 1
