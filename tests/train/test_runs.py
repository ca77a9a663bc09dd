"""How a run goes: on from an adapter or a checkpoint, no further than it gains, bounded by the clock."""

from dataclasses import replace

import pytest
import torch
from click.testing import CliRunner

from rag.errors import InputError
from rag.train.cli import train as train_command
from rag.train.loop import read_log, train
from rag.train.model import CrossEncoder, interpolate
from rag.train.own import read_own
from rag.train.pairs import Mixture
from rag.train.publish import publish
from rag.train.run import run
from tests.train.pumps import FAST, accuracy, pairs_of


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
    (line,) = [line for line in read_log(tmp_path) if "loss" in line]
    assert line["step"] < 50


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


def test_no_pairs_are_an_error(tmp_path):
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(InputError, match="no pairs"):
        read_own(tmp_path / "empty.jsonl", "reranker")
    (tmp_path / "latin.jsonl").write_bytes(b"\xff")
    with pytest.raises(InputError, match="cannot be read"):
        read_own(tmp_path / "latin.jsonl", "reranker")


@pytest.mark.parametrize(("more", "said"), [(["--fresh"], "from the encoder"), ([], "holds no adapter")])
def test_what_to_start_from_is_checked_before_anything_is_loaded(tmp_path, more, said):
    (tmp_path / "own.jsonl").write_text("")
    given = ["entailment", "--data", tmp_path / "own.jsonl", "--out", tmp_path / "out", "--start", tmp_path, *more]
    done = CliRunner().invoke(train_command, [str(word) for word in given], standalone_mode=False)
    assert isinstance(done.exception, InputError)
    assert said in done.exception.message
    assert not (tmp_path / "out").exists()
