"""Training on a two-layer encoder built here: every method learns, resumes, stops, ships and is served."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel

from rag.config import ModelSettings
from rag.errors import InputError, ModelError
from rag.models.adapter import GROUP, merged, packed, unpacked
from rag.models.cross import load_entailer, load_reranker
from rag.models.export import export_cross_encoder
from rag.train.batches import batches, predict
from rag.train.calibration import calibrate, expected_calibration_error, fit_temperature
from rag.train.cli import train as train_command
from rag.train.loop import load_checkpoint, read_log, train
from rag.train.model import CrossEncoder, interpolate
from rag.train.own import held_out, read_own
from rag.train.pairs import NOT_SUPPORTED, Mixture, Pair
from rag.train.publish import publish
from rag.train.recipe import METHODS, Recipe
from rag.train.run import run

COLOURS = ("red", "blue", "green", "white", "black", "grey")
WORDS = ["<s>", "<pad>", "</s>", "<unk>", *COLOURS, "the", "pump", "is", "not", "painted", "?", "."]
FAST = Recipe(learning_rate=3e-3, head_learning_rate=3e-3, batch_tokens=128, checkpoint_every=10_000)


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    torch.manual_seed(1)
    folder = tmp_path_factory.mktemp("base")
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=256,
        max_position_embeddings=512,
        type_vocab_size=1,
        pad_token_id=1,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(WORDS)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


def pairs_of(n, task="entailment", seed=0):
    """A pump of one colour; the claim names it, denies it, or the question asks for a colour that stands there."""
    random = np.random.default_rng(seed)
    pairs = []
    for _ in range(n):
        colour, label = random.choice(COLOURS), int(random.integers(2))
        if task == "relevance":
            text = "the pump is " + (colour if label else "painted")
            pairs.append(
                Pair(task, text, "is the pump red ?" if colour == "red" else "is the pump ?", label, "own", "en")
            )
        else:
            pairs.append(
                Pair(task, f"the pump is {colour} .", f"the pump is {'not ' * label}painted", label, "own", "en")
            )
    return pairs


def accuracy(model, base, pairs):
    return float(np.mean(predict(model, base, pairs)[0].argmax(1) == [pair.label for pair in pairs]))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_learns_and_leaves_the_rest_as_it_was(base, tmp_path, method):
    rates = {"full": 1e-3, "lora": 3e-3, "ia3": 1e-2, "prompt": 3e-2}
    recipe = replace(FAST, method=method, learning_rate=rates[method], rank=4, lora_alpha=8, prompt_tokens=4)
    model = train(base, pairs_of(1500), tmp_path, recipe)
    assert accuracy(model, base, pairs_of(100, seed=1)) > 0.95
    before = BertModel.from_pretrained(base, add_pooling_layer=False).embeddings.word_embeddings.weight
    words = next(p for n, p in model.named_parameters() if n.endswith("embeddings.word_embeddings.weight"))
    assert torch.equal(words, before)
    losses = [line["loss"] for line in read_log(tmp_path) if "loss" in line]
    assert losses
    restored, same = load_checkpoint(base, tmp_path / "checkpoint.pt")
    assert same == recipe
    assert np.array_equal(predict(restored, base, pairs_of(20))[0], predict(model, base, pairs_of(20))[0])


@pytest.mark.parametrize("method", ["full", "lora", "ia3"])
def test_what_ships_says_what_was_trained(base, tmp_path, method):
    recipe = replace(FAST, method=method, learning_rate=1e-3 if method == "full" else 1e-2, rank=4, lora_alpha=8)
    model = train(base, pairs_of(800), tmp_path, recipe)
    held = pairs_of(60, seed=2)
    logits = predict(model, base, held)[0]
    publish(base, model, recipe, Mixture([], held, {}), "tiny", tmp_path / "adapter")
    served = tmp_path / "served"
    served.mkdir()
    export_cross_encoder(base, tmp_path / "adapter", served)
    entailer = load_entailer(ModelSettings(entailment=str(served)))
    said = entailer.probabilities([(pair.first, pair.second) for pair in held])
    assert np.mean(said.argmax(1) == logits.argmax(1)) > 0.95
    assert load_reranker(ModelSettings(reranker=str(served))) is entailer  # one session for both roles


def test_of_a_pair_known_not_to_be_supported_it_learns_no_more_than_that(base, tmp_path):
    known = [pair for pair in pairs_of(900) if pair.label == 1]
    unknown = [replace(pair, second="the pump is", label=NOT_SUPPORTED) for pair in pairs_of(300, seed=1)]
    supported = [pair for pair in pairs_of(900, seed=2) if pair.label == 0]
    model = train(base, known + unknown + supported, tmp_path, replace(FAST, learning_rate=1e-3))
    logits = predict(model, base, unknown[:50])[0]
    assert (logits.argmax(1) != 0).all()
    either = torch.tensor(logits).log_softmax(1)[:, 1:].logsumexp(1).exp()
    assert float(either.min()) > 0.9
    assert accuracy(model, base, known[:50] + supported[:50]) > 0.95


def test_a_tenth_of_the_states_is_dropped_and_the_rest_scaled_only_in_training(base):
    model = CrossEncoder(base, FAST)
    dropout = model.trunk.get_submodule("encoder.layer.1.output.dropout")
    ones = torch.ones(400, 500, dtype=torch.bfloat16)
    torch.manual_seed(3)
    dropped = dropout.train()(ones)
    assert float((dropped == 0).float().mean()) == pytest.approx(26 / 256, abs=0.002)
    assert float(dropped.float().mean()) == pytest.approx(1.0, abs=0.005)
    torch.manual_seed(3)
    assert torch.equal(dropout(ones), dropped), "it follows torch's seed"
    assert not torch.equal(dropout(ones), dropped)
    assert torch.equal(dropout.eval()(ones), ones)


def test_a_run_is_not_resumed_on_other_pairs_or_from_another_adapter(base, tmp_path):
    model = train(base, pairs_of(60), tmp_path, FAST)
    train(base, pairs_of(60), tmp_path, FAST)
    with pytest.raises(InputError, match="of other pairs"):
        train(base, [*pairs_of(60), *pairs_of(1, seed=5)], tmp_path, FAST)
    flipped = [replace(pairs_of(60)[0], label=2), *pairs_of(60)[1:]]
    with pytest.raises(InputError, match="of other pairs"):
        train(base, flipped, tmp_path, FAST)
    publish(base, model, FAST, Mixture([], pairs_of(20), {}), "tiny", tmp_path / "adapter")
    with pytest.raises(InputError, match="goes on from another adapter"):
        train(base, pairs_of(60), tmp_path, FAST, start=tmp_path / "adapter")


def test_what_ships_may_be_part_of_what_was_gone_on_from(base, tmp_path):
    before = publish_of(base, tmp_path / "before", pairs_of(200, seed=3))
    models = {share: CrossEncoder(base, FAST, before) for share in (0.25, 1.0)}
    with torch.no_grad():
        for model in models.values():
            for parameter in model.parameters():
                parameter.add_(1.0)
    for share, model in models.items():
        interpolate(model, CrossEncoder(base, FAST, before), share)
    for part, whole in zip(models[0.25].parameters(), models[1.0].parameters(), strict=True):
        assert torch.allclose(part, whole - 0.75, atol=1e-5)
    recipe = replace(FAST, share=0.5)
    for method, start in (("lora", before), ("full", None)):
        with pytest.raises(InputError, match="--share"):
            run("entailment", base, tmp_path / "own.jsonl", tmp_path, replace(recipe, method=method), start=start)


def publish_of(base, out, pairs):
    publish(base, train(base, pairs, out, FAST), FAST, Mixture([], pairs_of(20), {}), "tiny", out / "adapter")
    return out / "adapter"


def test_a_run_that_stopped_gaining_stays_stopped(base, tmp_path):
    recipe = replace(FAST, evaluate_every=2, patience=2, threshold=2.0)
    train(base, pairs_of(600), tmp_path, recipe, dev=pairs_of(30, seed=1))
    steps = read_log(tmp_path)[-1]["step"]
    assert steps == 4, "two evaluations in a row cannot gain 2.0"
    train(base, pairs_of(600), tmp_path, recipe, dev=pairs_of(30, seed=1))
    assert read_log(tmp_path)[-1]["step"] == steps


def test_a_run_too_short_for_the_log_tells_its_loss_once(base, tmp_path):
    train(base, pairs_of(40), tmp_path, FAST)
    assert [line for line in read_log(tmp_path) if "loss" in line][-1]["step"] < 50


def test_virtual_tokens_are_compared_with_but_not_shipped(base, tmp_path):
    recipe = replace(FAST, method="prompt", prompt_tokens=4)
    model = train(base, pairs_of(40), tmp_path, recipe)
    with pytest.raises(InputError, match="prompt tuning"):
        run("entailment", base, tmp_path / "absent.jsonl", tmp_path / "out", recipe, start=None)
    with pytest.raises(InputError, match="prompt tuning"):
        publish(base, model, recipe, Mixture([], pairs_of(20), {}), "tiny", tmp_path / "adapter")


def test_a_run_goes_on_from_an_adapter(base, tmp_path):
    first = train(base, pairs_of(1500), tmp_path / "one", replace(FAST, learning_rate=1e-3))
    publish(base, first, FAST, Mixture([], pairs_of(60, seed=2), {}), "tiny", tmp_path / "adapter")
    going_on = train(base, pairs_of(8), tmp_path / "two", replace(FAST, learning_rate=1e-6), start=tmp_path / "adapter")
    assert accuracy(going_on, base, pairs_of(100, seed=1)) > 0.95


class Stopped(Exception):
    pass


def test_a_stopped_run_resumes_to_the_same_weights(base, tmp_path):
    recipe = replace(FAST, batch_tokens=64, checkpoint_every=50, learning_rate=1e-3)
    pairs = pairs_of(600)
    whole = train(base, pairs, tmp_path / "whole", recipe)

    def stop(line):
        if line.startswith("step 50 "):
            return
        raise Stopped

    with pytest.raises(Stopped):
        train(base, pairs, tmp_path / "cut", recipe, say=stop)
    said = []
    resumed = train(base, pairs, tmp_path / "cut", recipe, say=said.append)
    assert said[0].startswith("resuming at step 50 of")
    for (name, one), (_, other) in zip(whole.named_parameters(), resumed.named_parameters(), strict=True):
        assert torch.equal(one, other), name
    with pytest.raises(InputError, match="learning_rate"):
        train(base, pairs, tmp_path / "cut", replace(recipe, learning_rate=1e-4))


def test_a_run_that_gains_nothing_stops_early(base, tmp_path):
    recipe = replace(FAST, batch_tokens=64, learning_rate=1e-9, head_learning_rate=1e-9, evaluate_every=5, patience=2)
    train(base, pairs_of(2000), tmp_path, recipe, dev=pairs_of(50, seed=3))
    judged = [line for line in read_log(tmp_path) if "accuracy" in line]
    assert [line["step"] for line in judged] == [5, 10, 15]  # the first is the best; two fail to beat it


def test_minutes_bound_a_run(base, tmp_path):
    train(base, pairs_of(4000), tmp_path, replace(FAST, batch_tokens=64, minutes=0.02))
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert 0 < state["position"]["step"] < 800


@given(st.integers(1, 5), st.integers(1, 3), st.floats(1e-4, 10), st.integers(0, 2**31))
def test_four_bits_hold_an_update_to_a_step(rows, groups, scale, seed):
    update = torch.randn(rows, groups * GROUP, generator=torch.Generator().manual_seed(seed)) * scale
    nibbles, steps = packed(update)
    assert nibbles.shape == (rows, groups * GROUP // 2)
    assert nibbles.dtype == torch.uint8
    back = unpacked(nibbles, steps)
    assert float((back - update).square().mean().sqrt()) < 0.16 * float(update.square().mean().sqrt())
    plain = (update.reshape(rows, groups, GROUP).abs().amax(-1, keepdim=True) / 7).expand(-1, -1, GROUP)
    rounded = (update.reshape(plain.shape) / plain).round() * plain
    assert (back - update).square().sum() <= (rounded.reshape(update.shape) - update).square().sum() * 1.01


def test_no_update_is_none():
    nibbles, steps = packed(torch.zeros(2, GROUP))
    assert not unpacked(nibbles, steps).any()


@given(st.lists(st.integers(1, 256), max_size=300), st.integers(256, 2048), st.booleans())
def test_batches_hold_every_pair_once_within_the_budget(lengths, budget, shuffle):
    made = batches(lengths, budget, 0, shuffle=shuffle)
    assert sorted(i for batch in made for i in batch) == list(range(len(lengths)))
    assert all(len(batch) * max(lengths[i] for i in batch) <= budget for batch in made if batch)


def test_a_temperature_makes_confidence_true():
    random = np.random.default_rng(0)
    true = random.normal(size=(4000, 3)).astype(np.float32)
    chances = np.exp(true) / np.exp(true).sum(1, keepdims=True)
    labels = np.array([random.choice(3, p=row) for row in chances])
    boasting = 2.5 * true
    fitted = fit_temperature(boasting, labels)
    assert fitted == pytest.approx(2.5, rel=0.1)
    assert expected_calibration_error(boasting / fitted, labels) < 0.03 < expected_calibration_error(boasting, labels)


def test_a_head_without_held_out_pairs_is_not_calibrated(base, tmp_path):
    model = train(base, pairs_of(20), tmp_path, FAST)
    of = calibrate(model, base, [])
    assert of.temperature == {"classifier": 1.0, "relevance": 1.0}
    assert not of.figures


def test_own_pairs_are_trained_measured_and_served(base, tmp_path):
    data = tmp_path / "mine.jsonl"
    rows = [{"passage": f"{p.first} {n}", "question": p.second, "relevant": bool(p.label)}
            for n, p in enumerate(pairs_of(400, "relevance"))]  # fmt: skip
    data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    out = tmp_path / "out"
    figures = run(
        "reranker", base, data, out, replace(FAST, learning_rate=1e-3, evaluate_every=20), start=None, passes=2
    )
    assert figures.figures["relevance"].accuracy > 0.9
    card = (out / "adapter" / "README.md").read_text(encoding="utf-8")
    assert "| mine.jsonl | en | relevance |" in card
    assert "| relevance | mine.jsonl | en | " in card
    assert "learning_rate" in card
    assert "<svg" in (out / "adapter" / "curves.svg").read_text(encoding="utf-8")
    reranker = load_reranker(ModelSettings(reranker=str(out / "served")))
    red, painted = reranker.relevance("is the pump red ?", ["the pump is red", "the pump is painted"])
    assert red > painted
    with pytest.raises(ModelError, match="trained for relevance"):
        load_entailer(ModelSettings(entailment=str(out / "served")))


@pytest.mark.parametrize(
    ("line", "task"),
    [
        ("{", "entailment"),
        ("[]", "entailment"),
        ('{"passage": "a", "claim": "b", "label": "true"}', "entailment"),
        ('{"passage": "a", "claim": "", "label": "supported"}', "entailment"),
        ('{"passage": "a", "question": "b", "relevant": 1}', "reranker"),
        ('{"passage": "a", "claim": "b", "label": "supported"}', "reranker"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, task):
    good = '{"passage": "a", "claim": "b", "label": "supported", "question": "c", "relevant": true}\n\n'
    path = tmp_path / "pairs.jsonl"
    path.write_text(good + line, encoding="utf-8")
    with pytest.raises(InputError, match=r"pairs\.jsonl, line 3") as error:
        read_own(path, task)
    assert "passage" in (error.value.hint or "")


def test_no_pairs_are_an_error(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(InputError, match="no pairs"):
        read_own(tmp_path / "empty.jsonl", "reranker")
    (tmp_path / "latin.jsonl").write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read"):
        read_own(tmp_path / "latin.jsonl", "reranker")


def test_a_passage_is_on_one_side():
    pairs = [Pair("relevance", f"p{n % 50}", f"q{n}", n % 2, "own", "en") for n in range(500)]
    inside, outside = held_out(pairs)
    assert outside
    assert len(inside) > len(outside)
    assert not {pair.first for pair in inside} & {pair.first for pair in outside}


@pytest.mark.weights
def test_the_command_trains_on_the_real_encoder(weights, tmp_path):
    data = tmp_path / "mine.jsonl"
    facts = [(f"A bomba P-{n} pesa {n} kg.", f"A bomba P-{n} pesa {n + n % 2} kg.", n % 2) for n in range(100, 220)]
    rows = [{"passage": p, "claim": c, "label": ("supported", "contradicted")[wrong]} for p, c, wrong in facts]
    data.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    arguments = ["entailment", "--data", str(data), "--out", str(tmp_path / "out"), "--minutes", "0.2", "--json"]
    done = CliRunner().invoke(train_command, arguments, catch_exceptions=False)
    assert done.exit_code == 0
    said = json.loads(done.stdout)
    assert said["figures"]["classifier"]["pairs"] > 0
    assert (tmp_path / "out" / "adapter" / "adapter.safetensors").stat().st_size < 12e6
    entailer = load_entailer(ModelSettings(entailment=str(tmp_path / "out" / "served")))
    assert entailer.probabilities([("A bomba pesa 3 kg.", "A bomba pesa 3 kg.")]).shape == (1, 3)


def test_adapters_name_their_faults(base, tmp_path):
    model = train(base, pairs_of(20), tmp_path, FAST)
    publish(base, model, FAST, Mixture([], [], {}), "tiny", tmp_path / "adapter")
    path = tmp_path / "adapter" / "config.json"
    config = json.loads(path.read_text())
    path.write_text(json.dumps({**config, "base_sha256": "0" * 64}))
    with pytest.raises(ModelError, match="trained on base"):
        merged(base, tmp_path / "adapter")
