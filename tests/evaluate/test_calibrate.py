"""From answers to a threshold in the index, and a product that holds to it."""

import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from rag.calibration import Calibration, calibrated, read_calibration, write_calibration
from rag.cli import lastro
from rag.config import load_settings
from rag.errors import ConfigError, NoIndex, UsageError
from rag.evaluate.calibrate import curve, fit, outcomes_of
from rag.evaluate.dataset import read_dataset
from rag.evaluate.evaluation import score_all
from rag.evaluate.risk_control import Outcomes
from rag.evaluate.run import answer_all, configuration
from tests.evaluate.product import QUESTIONS, build, product, write_questions

FOUND = Calibration(0.1, 0.9, {"pt": 0.4, "en": 0.6}, True, "q.jsonl", "d" * 64, "c" * 16, 200, 150, 3)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Sixty questions with a right answer and thirty that are answered all the same: (scored, dataset, config)."""
    folder = tmp_path_factory.mktemp("calibrate")
    rows = []
    for i in range(60):
        one = QUESTIONS[i % 2]
        rows.append(one | {"id": f"right {i}", "question": f"{one['question'][:-1]} ({i})?"})
    for i in range(30):
        rows.append({"id": f"wrong {i}", "question": f"A bomba P-300 {i} dura?", "answers": ["nada disso"]})
    dataset = read_dataset(write_questions(folder / "q.jsonl", rows))
    app = product(build(folder / "product"))
    config, results = answer_all(app, dataset, folder / "out")
    return score_all(app, dataset, results), dataset, config


def test_what_is_found_is_written_and_read_back(tmp_path):
    assert read_calibration(tmp_path) is None
    write_calibration(tmp_path, FOUND)
    assert read_calibration(tmp_path) == FOUND
    assert FOUND.coverage == 0.75


@pytest.mark.parametrize("text", ["{", "[]", '{"risk": 0.1}', json.dumps({"confidence": {"pt": 2}})])
def test_a_damaged_calibration_is_named_with_the_remedy(tmp_path, text):
    (tmp_path / "calibration.json").write_text(text)
    with pytest.raises(ConfigError, match=r"calibration\.json is no calibration") as raised:
        read_calibration(tmp_path)
    assert "lastro calibrate" in raised.value.hint


def test_thresholds_of_the_settings_go_before_those_of_the_index(tmp_path):
    assert calibrated(load_settings(), tmp_path).verify.confidence == {}
    write_calibration(tmp_path, FOUND)
    assert calibrated(load_settings(), tmp_path).verify.confidence == {"pt": 0.4, "en": 0.6}
    own = load_settings(verify={"confidence": {"pt": 0.1}})
    assert calibrated(own, tmp_path).verify.confidence == {"pt": 0.1}


def test_an_answer_less_sure_than_its_language_demands_is_withheld_and_its_passages_are_shown(index):
    question = QUESTIONS[0]["question"]
    sure = product(index).ask(question).signals["confidence"]
    assert 0 < sure < 1
    given = product(index, verify={"confidence": {"pt": sure, "en": 1.0}}).ask(question)
    withheld = product(index, verify={"confidence": {"pt": sure + 0.01}}).ask(question)
    assert not given.abstained
    assert withheld.abstained
    assert withheld.reason == "a resposta não é segura o bastante para o risco aceito"
    assert withheld.sentences == ()
    assert "24 meses" in withheld.closest[0].text


def test_a_withheld_answer_sends_no_sentence(index):
    app = product(index, verify={"confidence": {"pt": 1.0}})
    assert [event.kind for event in app.stream(QUESTIONS[0]["question"])][-1] == "answer"
    assert "sentence" not in [event.kind for event in app.stream(QUESTIONS[0]["question"])]


def test_the_curve_ends_where_everything_is_given():
    outcomes = Outcomes(np.array([0.9, 0.8, 0.7, np.nan]), np.array([False, False, True, False]))
    points = curve(outcomes)
    assert [(point.confidence, point.coverage, point.risk) for point in points] == [
        (0.7, 0.75, pytest.approx(1 / 3)), (0.8, 0.5, 0.0), (0.9, 0.25, 0.0)
    ]  # fmt: skip
    assert curve(Outcomes(np.array([np.nan]), np.array([False]))) == []


def test_wrong_answers_are_kept_out_at_the_risk_they_would_break(measured):
    scored, dataset, config = measured
    outcomes = outcomes_of(scored)
    given = ~np.isnan(outcomes.confidence)
    assert outcomes.wrong[given].mean() > 0.2
    found = fit(scored, dataset, config, risk=0.25, certainty=0.8)
    assert found.calibration is not None
    assert found.calibration.configuration == config.digest
    at = outcomes.given(found.calibration.confidence["pt"])
    assert outcomes.wrong[at].mean() <= 0.25
    assert found.languages["pt"] == (int(at.sum()), int(outcomes.wrong[at].sum()))


def test_what_cannot_be_promised_is_not_written(measured):
    scored, dataset, config = measured
    assert fit(scored, dataset, config, risk=0.01, certainty=0.9).calibration is None


def test_a_language_that_cannot_be_bounded_alone_stops_the_promise_for_each(measured, index, tmp_path):
    scored, dataset, config = measured
    english = read_dataset(write_questions(tmp_path / "q.jsonl", [QUESTIONS[2]]))
    app = product(index)
    _, results = answer_all(app, english, tmp_path)
    both = [*scored, *score_all(app, english, results)]
    found = fit(both, dataset, config, risk=0.25, certainty=0.8, by_language=True)
    assert found.tested["pt"].threshold is not None
    assert found.tested["en"].threshold is None
    assert found.calibration is None


def calibrate(*arguments):
    return CliRunner().invoke(lastro, ["calibrate", *map(str, arguments)], standalone_mode=False)


def with_a_decoder(index_dir, settings):
    """The product as its settings have it: the decoder's name is part of what is calibrated."""
    app = product(index_dir)
    if settings.models.generator != "none":
        app.models.__dict__["parts"] = replace(app.parts, names={"generator": "a decoder"})
    return app


@pytest.mark.parametrize("what", ["--show", "--clear"])
def test_a_folder_without_an_index_is_an_error(tmp_path, what):
    assert isinstance(calibrate("--index", tmp_path / "absent", what).exception, NoIndex)


def test_what_the_index_is_calibrated_to_is_shown_as_json(tmp_path, monkeypatch):
    folder = build(tmp_path / "product")
    monkeypatch.setattr("rag.facade.Lastro.open", with_a_decoder)
    assert json.loads(calibrate("--index", folder, "--show", "--json").output) == {"calibration": None, "holds": None}
    write_calibration(folder, FOUND)
    shown = json.loads(calibrate("--index", folder, "--show", "--json").output)
    assert (shown["calibration"]["risk"], shown["holds"]) == (0.1, "no")


def test_whether_it_holds_is_asked_of_the_answers_it_was_calibrated_with(tmp_path, monkeypatch):
    folder = build(tmp_path / "product")
    monkeypatch.setattr("rag.facade.Lastro.open", with_a_decoder)
    digests = [
        configuration(with_a_decoder(folder, load_settings(models={"generator": name}))).digest
        for name in ("none", "embedded")
    ]
    assert digests[0] != digests[1]
    write_calibration(folder, replace(FOUND, configuration=digests[0]))
    assert "with --extractive: it holds of such answers" in calibrate("--index", folder, "--show").output
    write_calibration(folder, replace(FOUND, configuration=digests[1]))
    assert "those it was calibrated with.\n" in calibrate("--index", folder, "--show").output
    assert "if it was calibrated without, ask without" in calibrate(
        "--index", folder, "--show", "--extractive"
    ).output  # fmt: skip


def test_what_p_must_be_and_what_is_counted_is_said(measured, monkeypatch):
    scored, dataset, config = measured
    points = curve(outcomes_of(scored))
    monkeypatch.setattr(
        "rag.evaluate.calibrate_cli._fit", lambda *_, **bound: (fit(scored, dataset, config, **bound), points)
    )
    refused = calibrate("--index", "i", "--dataset", "q", "--risk", "0.01", "--certainty", "0.8")
    assert refused.return_value == 3
    assert "must be at most 0.05, 0.2 shared by 4 starts" in refused.output
    assert "Of all questions, with the fifth of them that chose the thresholds and was not tested:" in refused.output
    bounded = calibrate("--index", "i", "--dataset", "q", "--risk", "0.25", "--certainty", "0.8")
    assert "were wrong, of all questions, tested or not; of it alone nothing is promised" in bounded.output


def test_the_command_names_what_is_missing_and_clears(tmp_path, index, monkeypatch):
    monkeypatch.setattr("rag.facade.Lastro.open", lambda *_: product(index))
    tmp_path = build(tmp_path / "product")
    result = CliRunner().invoke(lastro, ["calibrate", "--index", str(index)], standalone_mode=False)
    assert isinstance(result.exception, UsageError)
    write_calibration(tmp_path, FOUND)
    shown = CliRunner().invoke(lastro, ["calibrate", "--index", str(tmp_path), "--show"], standalone_mode=False)
    assert "At most 10 % of the answers given are wrong, with 90 % certainty" in shown.output
    assert "no longer holds" in shown.output
    CliRunner().invoke(lastro, ["calibrate", "--index", str(tmp_path), "--clear"], standalone_mode=False)
    assert read_calibration(tmp_path) is None


def test_who_asks_an_index_that_changed_since_it_was_calibrated_is_told(tmp_path, monkeypatch):
    folder = build(tmp_path / "product")
    with product(folder).index.pin() as snapshot:
        at = snapshot.generation
    write_calibration(folder, replace(FOUND, generation=at))
    in_force = {"confidence": dict(FOUND.confidence)}
    assert product(folder, verify=in_force).caveat is None
    write_calibration(folder, replace(FOUND, generation=at - 1))
    assert product(folder, verify={"confidence": {"pt": 0.1}}).caveat is None
    monkeypatch.setattr("rag.facade.Lastro.open", lambda *_: product(folder, verify=in_force))
    asked = CliRunner().invoke(lastro, ["ask", QUESTIONS[0]["question"], "--index", str(folder)], standalone_mode=False)
    assert "at most 10 % of the answers given are wrong is no longer promised" in asked.stderr
    assert "lastro calibrate" in asked.stderr
