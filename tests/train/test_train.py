"""Training on a two-layer encoder built here: every method learns, ships and is served."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from transformers import BertModel

from rag.config import ModelSettings
from rag.errors import InputError, ModelError
from rag.models.adapter import GROUP, merged, packed, unpacked
from rag.models.cross import load_entailer, load_reranker
from rag.models.export import export_cross_encoder
from rag.train.batches import batches, predict
from rag.train.calibration import calibrate, expected_calibration_error, fit_temperature
from rag.train.cli import train as train_command
from rag.train.loop import load_checkpoint, read_log, train
from rag.train.model import CrossEncoder
from rag.train.own import held_out, read_own
from rag.train.pairs import NOT_SUPPORTED, UNLABELLED, Mixture, Pair
from rag.train.publish import publish
from rag.train.recipe import METHODS
from rag.train.run import run
from tests.train.pumps import FAST, accuracy, pairs_of


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


def test_what_an_adapter_says_is_kept_to_while_it_learns_something_else(base, tmp_path):
    """Plain pairs with the labels turned round; beside them the same without labels, on which it is to stay."""
    model = train(base, pairs_of(1500), tmp_path / "first", replace(FAST, learning_rate=1e-3))
    publish(base, model, FAST, Mixture([], [], {}), "first", tmp_path / "adapter")
    turned = [replace(pair, label=1 - pair.label, origin="snli.dev") for pair in pairs_of(300, seed=3)]
    unlabelled = [replace(pair, label=UNLABELLED) for pair in pairs_of(600, seed=4)]
    mixed = [pair for three in zip(turned, unlabelled[::2], unlabelled[1::2], strict=True) for pair in three]
    right = {}
    for keep in (0.0, 5.0):
        recipe = replace(FAST, learning_rate=1e-3, keep=keep)
        start = tmp_path / "adapter"
        trained = train(base, mixed, tmp_path / f"{keep}", recipe, start=start, keep_to=start)
        right[keep] = accuracy(trained, base, pairs_of(100, seed=5))
    assert right[0.0] < 0.2
    assert right[5.0] > 0.8


def test_nothing_is_kept_to_where_there_is_no_adapter(base, tmp_path):
    with pytest.raises(InputError, match="no adapter to keep to"):
        run("entailment", base, tmp_path / "absent.jsonl", tmp_path, replace(FAST, keep=1.0), start=None)


def test_virtual_tokens_are_compared_with_but_not_shipped(base, tmp_path):
    recipe = replace(FAST, method="prompt", prompt_tokens=4)
    model = train(base, pairs_of(40), tmp_path, recipe)
    with pytest.raises(InputError, match="prompt tuning"):
        run("entailment", base, tmp_path / "absent.jsonl", tmp_path / "out", recipe, start=None)
    with pytest.raises(InputError, match="prompt tuning"):
        publish(base, model, recipe, Mixture([], pairs_of(20), {}), "tiny", tmp_path / "adapter")


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


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path):
    path = tmp_path / "pairs.jsonl"
    path.write_text('{"passage": "a\u2028b", "claim": "c", "label": "supported"}\n', encoding="utf-8")
    assert [pair.first for pair in read_own(path, "entailment")] == ["a\u2028b"]


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
