"""Encoders, cross-encoders and generators: tiny models built here, and the prepared weights where marked."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from rag.answer.generate import Decoding
from rag.config import ModelSettings, load_settings
from rag.errors import DiskFull, GeneratorFailed, ModelError, WeightsDamaged, WeightsMissing
from rag.models import load_encoder, load_entailer, load_generator
from rag.models.catalogue import ENCODER_SOURCE, ROLES, SHIPPED, Store
from rag.models.cli import models
from rag.models.export import export_cross_encoder
from rag.models.saturation import REDUCED

HELLO = [{"role": "user", "content": "Conte de um a dez em palavras."}]
WORDS = "a bomba garantia de meses prazo rotor é o query passage : user assistant um dois três . ?".split()


def tokenizer_into(folder: Path, *, chat: bool = False) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: n for n, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    tokenizer = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]",
        eos_token="[SEP]",
    )  # fmt: skip
    if chat:  # a cross-encoder's tokenizer has none: sentence-transformers would render its pairs as messages
        fast.chat_template = "{% for m in messages %}{{ m['role'] }} : {{ m['content'] }} {% endfor %}assistant :"
    fast.save_pretrained(folder)


TINY = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}


@pytest.fixture
def tiny_encoder(tmp_path: Path) -> Path:
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    BertModel(BertConfig(vocab_size=len(WORDS) + 4, pad_token_id=0, **TINY)).save_pretrained(tmp_path)
    tokenizer_into(tmp_path)
    return tmp_path


@pytest.fixture
def tiny_classifier(tmp_path: Path):
    def make(labels: list[str]) -> Path:
        import torch
        from transformers import BertConfig, BertForSequenceClassification

        torch.manual_seed(0)
        names = dict(enumerate(labels))
        config = BertConfig(
            vocab_size=len(WORDS) + 4, pad_token_id=0, id2label=names, label2id={v: k for k, v in names.items()}, **TINY
        )
        BertForSequenceClassification(config).save_pretrained(tmp_path)
        tokenizer_into(tmp_path)
        return tmp_path

    return make


def test_texts_of_any_length_come_back_in_order_whatever_their_batches(tiny_encoder, monkeypatch):
    encoder = load_encoder(ModelSettings(encoder=str(tiny_encoder)))
    texts = ["a bomba " * 9, "a", "garantia de meses", "a bomba", "de " * 30]
    monkeypatch.setattr("rag.models.encoder._BATCH_TOKENS", 12)
    alone = np.vstack([encoder.encode([text], "passage") for text in texts])
    np.testing.assert_allclose(encoder.encode(texts, "passage"), alone, atol=1e-5)


def test_any_local_encoder_works_with_its_prefixes(tiny_encoder):
    settings = ModelSettings(encoder=str(tiny_encoder), encoder_query_prefix="query : ")
    encoder = load_encoder(settings)
    vectors = encoder.encode(["a bomba", "garantia de meses", "a bomba"], "query")
    assert vectors.shape == (3, encoder.dimension) == (3, 16)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-5)
    alone = encoder.encode(["query : a bomba"], "passage")
    np.testing.assert_allclose(vectors[:1], alone, atol=1e-5)
    assert encoder.count_tokens(["a bomba", ""]) == [2, 0]
    assert load_encoder(settings).identity == encoder.identity


def test_an_entailment_models_labels_are_read_by_name(tiny_classifier):
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    folder = tiny_classifier(["contradiction", "neutral", "entailment"])
    probabilities = load_entailer(ModelSettings(entailment=str(folder))).probabilities([("a bomba", "o rotor")])
    inputs = AutoTokenizer.from_pretrained(folder)("a bomba", "o rotor", return_tensors="pt")
    with torch.no_grad():
        logits = AutoModelForSequenceClassification.from_pretrained(folder)(**inputs).logits[0]
    expected = torch.softmax(logits, 0).numpy()[[2, 0, 1]]
    np.testing.assert_allclose(probabilities[0], expected, atol=1e-5)


def test_labels_that_mean_nothing_to_us_are_refused(tiny_classifier):
    entailer = load_entailer(ModelSettings(entailment=str(tiny_classifier(["joy", "anger", "fear"]))))
    with pytest.raises(ModelError, match="none means 'supported'"):
        entailer.probabilities([("a", "o")])


def test_a_transformers_generator_streams_honours_its_limits_and_repeats_itself(tmp_path):
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    config = LlamaConfig(vocab_size=len(WORDS) + 4, pad_token_id=0, eos_token_id=3, num_key_value_heads=2, **TINY)
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    tokenizer_into(tmp_path, chat=True)
    generator = load_generator(ModelSettings(generator=str(tmp_path)))
    assert generator is not None
    said = "".join(generator.stream(HELLO, Decoding(max_tokens=8)))
    assert said == "".join(generator.stream(HELLO, Decoding(max_tokens=8)))
    assert 0 < generator.count_tokens(said) <= 8
    warm = Decoding(max_tokens=8, temperature=1.0, seed=5)
    assert "".join(generator.stream(HELLO, warm)) == "".join(generator.stream(HELLO, warm))
    first = said.split()[0]
    assert first not in "".join(generator.stream(HELLO, Decoding(max_tokens=8, stop=(first,)))).split()


@pytest.mark.parametrize(
    ("load", "field"), [(load_encoder, "encoder"), (load_entailer, "entailment"), (load_generator, "generator")]
)
def test_a_model_that_is_not_there_is_named(load, field, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WeightsMissing, match="nowhere"):
        load(ModelSettings(**{field: str(tmp_path / "nowhere")}))


def test_no_generator_is_none():
    assert load_generator(ModelSettings(generator="none")) is None


def test_a_server_that_is_not_there_is_named():
    generator = load_generator(ModelSettings(generator="http://127.0.0.1:9/v1"))
    with pytest.raises(GeneratorFailed, match="cannot be reached"):
        list(generator.stream(HELLO, Decoding()))


def test_a_damaged_file_is_named_and_a_missing_one_told_apart(tmp_path):
    store = Store(tmp_path)
    store.folder.mkdir()
    (store.folder / "decoder.gguf").write_bytes(b"weights")
    store.record(("decoder.gguf",))
    assert store.state("generator") == "ready"
    (store.folder / "decoder.gguf").write_bytes(b"weighty")
    with pytest.raises(WeightsDamaged, match=r"decoder\.gguf is damaged"):
        store.path("decoder.gguf")
    with pytest.raises(WeightsDamaged, match=r"decoder\.gguf"):
        load_generator(ModelSettings(cache_dir=tmp_path))
    assert store.state("encoder") == "missing"


def test_too_little_disk_is_said_before_anything_is_fetched(tmp_path, monkeypatch):
    from rag.models.prepare import prepare

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(10**9, 10**9, 10**6))
    with pytest.raises(DiskFull, match="GB are needed"):
        prepare(tmp_path, ("generator",))


def test_models_list_names_licence_and_source(monkeypatch, tmp_path):
    monkeypatch.setenv("LASTRO_MODELS__CACHE_DIR", str(tmp_path))
    rows = json.loads(CliRunner().invoke(models, ["list", "--json"]).output)
    assert {row["role"] for row in rows} == set(ROLES)
    assert all(row["licence"] and row["source"] and row["state"] == "missing" for row in rows)
    assert CliRunner().invoke(models, ["verify"], standalone_mode=False).return_value == 6


@pytest.mark.weights
def test_a_vector_does_not_depend_on_the_texts_beside_it(weights):
    encoder = load_encoder(load_settings().models)
    texts = ["prazo", "A garantia da bomba é de vinte e quatro meses contados da nota fiscal.", "The committee met."]
    together = encoder.encode(texts, "passage")
    alone = np.vstack([encoder.encode([text], "passage") for text in texts])
    np.testing.assert_array_equal(together, alone)
    notes = weights.manifest()["notes"]["encoder"]
    assert notes["padded_batch_min_cosine_fp32"] > 0.9999
    assert notes["int8_to_fp32_mean_cosine"] > 0.99
    assert encoder.encode(["x"], "query").shape == (1, 384)
    assert ENCODER_SOURCE.sha256[:16] in encoder.identity


@pytest.mark.weights
def test_the_shipped_adapter_is_fit_for_processors_that_take_seven_bits(weights, tmp_path):
    figures = export_cross_encoder(weights.path("fp32/model.safetensors").parent, SHIPPED, tmp_path, largest=REDUCED)
    assert figures["padded_batch_worst_logit_fp32"] < 1e-3
    assert figures["int8_to_fp32_mean_probability"] < 0.06


@pytest.mark.weights
@pytest.mark.parametrize(
    ("premise", "hypothesis", "label"),
    [
        ("A garantia da bomba é de 24 meses.", "A bomba tem garantia de 24 meses.", 0),
        ("A man is sleeping on the sofa.", "The man is running in the park.", 1),
    ],
)
def test_the_shipped_adapter_judges_plain_pairs_in_both_languages(weights, premise, hypothesis, label):
    entailer = load_entailer(load_settings().models)
    assert int(entailer.probabilities([(premise, hypothesis)])[0].argmax()) == label


@pytest.mark.weights
def test_llama_cpp_in_process_and_behind_its_server(weights):
    import xllamacpp

    generator = load_generator(load_settings().models)
    greedy = Decoding(max_tokens=12)
    said = "".join(generator.stream(HELLO, greedy))
    assert said == "".join(generator.stream(HELLO, greedy))
    sampled = Decoding(max_tokens=12, temperature=1.0, seed=7)
    assert "".join(generator.stream(HELLO, sampled)) == "".join(generator.stream(HELLO, sampled))
    assert "dois" not in "".join(generator.stream(HELLO, Decoding(max_tokens=30, stop=("dois", "Dois"))))
    pieces = generator.stream(HELLO, Decoding(max_tokens=400))
    next(pieces)
    pieces.close()  # the decoder stops, and the next request is served at once
    assert "".join(generator.stream(HELLO, greedy)) == said
    del generator

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights.path("decoder.gguf"))
    parameters.n_ctx, parameters.n_parallel, parameters.verbosity = 512, 1, -1
    parameters.api_keys = ["secret"]
    server = xllamacpp.Server(parameters)
    url = f"{server.listening_address}/v1"
    remote = load_generator(ModelSettings(generator=url, generator_api_key="secret"))
    assert "".join(remote.stream(HELLO, greedy)) == said
    with pytest.raises(GeneratorFailed, match="401"):
        list(load_generator(ModelSettings(generator=url)).stream(HELLO, greedy))
    del server
