"""Generators on real engines: a tiny GGUF in llama.cpp, its HTTP server, a tiny transformers model, faulty servers."""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answer.generate import Decoding
from rag.config import ModelSettings
from rag.errors import GeneratorFailed, UsageError, WeightsDamaged, WeightsMissing
from rag.models import load_generator
from rag.models.causal import CausalModel
from rag.models.generator import streamed
from rag.models.hosted import OpenAICompatible, chat_request
from rag.models.llama import LlamaCpp
from tests.models.test_models import TINY, WORDS, tokenizer_into
from tests.models.tiny import CONTEXT, tiny_gguf

ASKED = [{"role": "user", "content": "Qual o prazo?"}]
TOO_LONG = [{"role": "user", "content": "x" * (CONTEXT + 1)}]
GREEDY = Decoding(max_tokens=24)
NEVER_TWICE = Decoding(max_tokens=24, frequency_penalty=100.0)


def say(generator, decoding: Decoding = GREEDY, messages=ASKED) -> str:
    return "".join(generator.stream(messages, decoding))


@pytest.fixture(scope="module")
def gguf_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_gguf(tmp_path_factory.mktemp("gguf") / "tiny.gguf")


@pytest.fixture(scope="module")
def llama(gguf_file: Path) -> LlamaCpp:
    return LlamaCpp(gguf_file, threads=1, context=CONTEXT)


@pytest.fixture(scope="module")
def remote(gguf_file: Path) -> Iterator[OpenAICompatible]:
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(gguf_file)
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity = CONTEXT, 1, -1
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    parameters.api_keys = ["secret"]
    server = xllamacpp.Server(parameters)
    yield OpenAICompatible(f"{server.listening_address}/v1", "tiny", "secret", timeout_s=30)
    del server


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory) -> CausalModel:
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("causal")
    torch.manual_seed(0)
    sizes = {"vocab_size": len(WORDS) + 4, "max_position_embeddings": 64, "num_key_value_heads": 2, **TINY}
    model = LlamaForCausalLM(LlamaConfig(pad_token_id=0, eos_token_id=3, **sizes))
    with torch.no_grad():
        model.lm_head.weight[:4] = 0  # the special tokens are never the likeliest: an answer ends at its limit
    model.save_pretrained(folder)
    tokenizer_into(folder, chat=True)
    return CausalModel(str(folder), threads=1)


@pytest.fixture(params=["llama", "remote", "causal"])
def engine(request: pytest.FixtureRequest):
    return request.getfixturevalue(request.param)


def test_greedy_decoding_repeats_itself(engine):
    assert say(engine) == say(engine) != ""


def test_a_seed_reproduces_a_sampled_answer_and_another_seed_gives_another(engine):
    first = Decoding(max_tokens=24, temperature=1.0, seed=1)
    assert say(engine, first) == say(engine, first)
    assert say(engine, first) != say(engine, Decoding(max_tokens=24, temperature=1.0, seed=2))


@pytest.mark.parametrize("narrow", [{"top_k": 1}, {"top_p": 1e-6}])
def test_the_narrowest_sampling_is_greedy(engine, narrow):
    assert say(engine, Decoding(max_tokens=24, temperature=3.0, seed=4, **narrow)) == say(engine)


def test_the_answer_ends_before_its_stop_sequence(engine):
    said = say(engine)
    stop = said[7:10]
    assert say(engine, Decoding(max_tokens=24, stop=("never said", stop))) == said[: said.index(stop)]


def units(engine, text: str) -> list[str]:
    """The tokens of ``text``: letters in the GGUF's vocabulary, words in the other's."""
    return text.split() if isinstance(engine, CausalModel) else list(text)


def test_an_answer_has_as_many_tokens_as_were_allowed(engine):
    for limit in (1, 9):
        assert len(units(engine, say(engine, Decoding(max_tokens=limit)))) == limit


@pytest.mark.parametrize("penalty", [{"frequency_penalty": 100.0}, {"presence_penalty": 100.0}])
def test_a_heavy_penalty_forbids_saying_anything_twice(engine, penalty):
    assert max(Counter(units(engine, say(engine))).values()) > 1, "the plain answer must repeat itself"
    said = units(engine, say(engine, Decoding(max_tokens=12, **penalty)))
    assert len(said) == 12
    assert len(set(said)) == 12


def test_the_repetition_penalty_reaches_the_engine(engine):
    assert say(engine, Decoding(max_tokens=24, repetition_penalty=3.0)) != say(engine)


def test_closing_the_iterator_stops_the_engine_and_frees_it(engine):
    said = say(engine)
    pieces = engine.stream(ASKED, Decoding(max_tokens=30))
    assert said.startswith(next(pieces))
    pieces.close()
    for thread in threading.enumerate():
        if thread.name.startswith("decoder"):
            thread.join(20)
            assert not thread.is_alive()
    assert say(engine) == said


def test_a_prompt_longer_than_the_model_is_refused_with_the_remedy(engine):
    messages = [{"role": "user", "content": "a " * 600}]
    with pytest.raises(GeneratorFailed, match=r"\d\d\d") as refused:
        say(engine, messages=messages)
    assert "answer.prompt_tokens" in str(refused.value) or "400" in str(refused.value)
    assert say(engine) == say(engine)


def test_two_readers_at_once_both_get_the_whole_answer(engine):
    expected = say(engine)
    heard: list[str] = []
    threads = [threading.Thread(target=lambda: heard.append(say(engine))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert heard == [expected] * 3


def test_what_the_working_thread_raises_reaches_the_reader_after_its_pieces():
    def work(put):
        put("one")
        raise KeyError("the engine broke")

    pieces = streamed(work)
    assert next(pieces) == "one"
    with pytest.raises(KeyError, match="the engine broke"):
        next(pieces)


def test_an_abandoned_iterator_neither_blocks_the_collector_nor_keeps_the_engine_running():
    stopped = threading.Event()

    def work(put):
        while not put("piece"):
            pass
        stopped.set()

    pieces = streamed(work)
    next(pieces)
    cycle = [pieces]
    cycle.append(cycle)
    with threading._shutdown_locks_lock:  # where a collection once waited for itself
        del pieces, cycle
        gc.collect()
    assert stopped.wait(20)


def test_a_message_the_template_refuses_raises_and_does_not_hang(llama):
    with pytest.raises(GeneratorFailed, match="content"):
        say(llama, messages=[{"role": "user"}])
    with pytest.raises(GeneratorFailed, match="content"):
        llama.warm([{"role": "user"}])


def test_sampling_at_temperature_one_draws_by_the_models_own_probabilities(llama):
    """No hidden top-k or min-p: 600 first tokens are drawn as ``choice`` says, within four standard errors."""
    drawn = Counter(say(llama, Decoding(max_tokens=1, temperature=1.0, seed=seed)) for seed in range(600))
    options = [token for token, _ in drawn.most_common(5)]
    for probability, option in zip(llama.choice(ASKED, options), options, strict=True):
        error = 4 * (probability * (1 - probability) / 600) ** 0.5
        assert drawn[option] / 600 == pytest.approx(probability, abs=error)
    assert 1 - llama.choice(ASKED, [say(llama)[0]])[0] > 0.01, "the model must not be certain"


def test_the_likeliest_choice_is_the_greedy_token(llama):
    greedy = say(llama, Decoding(max_tokens=1))
    others = [letter for letter in "abcdefg" if letter != greedy]
    probabilities = llama.choice(ASKED, [greedy, *others])
    assert probabilities[0] == max(probabilities)
    assert sum(probabilities) <= 1.0


@pytest.mark.parametrize("options", [["sim", "sempre"], ["sim", ""]])
def test_options_that_begin_alike_are_refused(llama, options):
    with pytest.raises(UsageError, match="told apart"):
        llama.choice(ASKED, options)


def test_tokens_are_counted_by_the_models_own_tokenizer(llama):
    assert llama.count_tokens("prazo de 30 dias") == len("prazo de 30 dias")  # a letter is a token
    assert llama.count_tokens("") == 0


def test_a_warmed_prefix_is_not_computed_again(gguf_file):
    llama = LlamaCpp(gguf_file, threads=1, context=CONTEXT)
    prefix = [{"role": "system", "content": "Use only the passages. " * 8}]
    llama.warm(prefix)
    answer = llama._server.handle_chat_completions({"messages": [*prefix, *ASKED], "max_tokens": 1})
    assert answer["usage"]["prompt_tokens_details"]["cached_tokens"] >= len(prefix[0]["content"])


def test_the_engine_writes_nothing_on_the_terminal(gguf_file, tmp_path, capfd):
    llama = LlamaCpp(gguf_file, threads=1, context=CONTEXT)
    say(llama)
    with pytest.raises(GeneratorFailed):
        say(llama, messages=TOO_LONG)
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(gguf_file.read_bytes()[:50_000])
    with pytest.raises(WeightsDamaged, match=r"torn\.gguf"):
        LlamaCpp(torn, threads=1)
    assert capfd.readouterr() == ("", "")


def test_a_gguf_file_is_loaded_by_its_path_and_a_missing_one_named(gguf_file, tmp_path, llama):
    generator = load_generator(ModelSettings(generator=str(gguf_file), threads=1))
    assert generator is not None
    assert generator.identity == "tiny"
    assert say(generator) == say(llama)
    with pytest.raises(WeightsMissing, match=r"absent\.gguf"):
        load_generator(ModelSettings(generator=str(tmp_path / "absent.gguf")))


def test_a_server_says_what_the_engine_says_in_process(remote, llama):
    assert say(remote) == say(llama)
    assert say(remote, NEVER_TWICE) == say(llama, NEVER_TWICE)


def test_a_wrong_key_is_refused_with_the_servers_own_words(remote):
    stranger = OpenAICompatible(remote._url.removesuffix("/chat/completions"), "tiny", "wrong", timeout_s=30)
    with pytest.raises(GeneratorFailed, match="401: Invalid API Key"):
        say(stranger)


def test_a_neutral_request_holds_only_what_every_server_knows():
    standard = {"messages", "stream", "temperature", "top_p", "max_tokens", "presence_penalty", "frequency_penalty"}
    assert set(chat_request(ASKED, Decoding())) == standard | {"stop", "seed"}
    asked = chat_request(ASKED, Decoding(top_k=40, repetition_penalty=1.1))
    assert asked["top_k"] == 40
    assert asked["repeat_penalty"] == asked["repetition_penalty"] == 1.1
