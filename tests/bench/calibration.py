"""Whether calibrated abstention keeps its word on held-out questions: many random splits of finished evaluations.

    python -m tests.bench.calibration RUN… [--risk 0.05 0.1] [--certainty 0.9] [--splits 200]

RUN are `--out` folders of `lastro eval` (or of `tests.bench.evaluation`) over questions with accepted short answers.
First what the settings they were run with amount to: the share wrong of the answers given, and the exact bound above it
(Clopper and Pearson, one-sided; nothing was chosen on these questions). Then the threshold that all questions together
give, as ``lastro calibrate`` would find it. Then each split fits the threshold on half of
the questions and counts wrong answers among those given on the other half. A split that promises nothing gives no
answer and cannot fail. The held-out half is finite, so that its share of wrong answers scatters around the true risk:
exceeding it in more than 1 − certainty of the splits is told beside what that scatter alone explains.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.metrics import roc_auc_score

from rag.evaluate.intervals import clopper_pearson
from rag.evaluate.risk_control import Outcomes, binomial_p, control
from rag.evaluate.summary import read_summary


def outcomes_of(rows: list[dict[str, Any]]) -> Outcomes:
    """As ``rag.evaluate.calibrate.outcomes_of``, from the rows of a summary."""
    judged = [row for row in rows if row["right"] is not None or row["confidence"] is None]
    confidence = [math.nan if row["confidence"] is None else row["confidence"] for row in judged]
    wrong = [
        row["confidence"] is not None and (not row["right"] or row["values"].get("triad.groundedness", 0.0) < 1.0)
        for row in judged
    ]
    return Outcomes(np.array(confidence, np.float64), np.array(wrong, bool))


def as_it_is(name: str, outcomes: Outcomes, certainty: float) -> None:
    given = outcomes.given(0.0)
    count, wrong = int(given.sum()), int(outcomes.wrong[given].sum())
    told = f"{name}: {count} of {len(outcomes)} answered, {wrong} wrong ({wrong / count:.1%}); "
    bound = clopper_pearson(wrong, count, 2 * certainty - 1)[1]
    area = roc_auc_score(~outcomes.wrong[given], outcomes.confidence[given]) if 0 < wrong < count else math.nan
    print(told + f"at most {bound:.1%} with {certainty:.0%} certainty; ROC-AUC of confidence among them {area:.3f}")


def together(name: str, outcomes: Outcomes, risk: float, certainty: float) -> None:
    found = control(outcomes, risk, 1 - certainty)
    told = f"{name}, risk {risk:.0%}, certainty {certainty:.0%}, all {len(outcomes)} questions: "
    if found.threshold is None:
        print(told + "no promise")
        return
    print(told + f"from {found.threshold:.2f} on; {found.given} of {found.tested} tested answered, {found.wrong} wrong")


def repeat(name: str, outcomes: Outcomes, risk: float, certainty: float, splits: int) -> None:
    exceeded, beyond_scatter, coverages, risks = 0, 0, [], []
    for seed in range(splits):
        order = np.random.default_rng(seed).permutation(len(outcomes))
        half = len(order) // 2
        found = control(outcomes.take(order[:half]), risk, 1 - certainty, seed=seed)
        if found.threshold is None:
            continue
        held = outcomes.take(order[half:])
        given = held.given(found.threshold)
        count, wrong = int(given.sum()), int(held.wrong[given].sum())
        coverages.append(count / len(held))
        risks.append(wrong / count if count else 0.0)
        exceeded += risks[-1] > risk
        # Wrong answers so many that a true risk at the bound explains them once in twenty.
        beyond_scatter += count > 0 and 1 - binomial_p(wrong - 1, count, risk) < 0.05
    told = f"{name}, risk {risk:.0%}, certainty {certainty:.0%}, {len(outcomes)} questions: "
    if not coverages:
        print(told + f"none of {splits} splits could promise it")
        return
    print(
        told + f"{len(coverages)} of {splits} splits promise it; held out {np.mean(coverages):.0%} answered, "
        f"{np.mean(risks):.1%} of them wrong; above the bound in {exceeded} ({exceeded / splits:.1%} of all, "
        f"{exceeded / len(coverages):.1%} of those that promise), beyond scatter in {beyond_scatter}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--risk", type=float, nargs="+", default=[0.05, 0.1])
    parser.add_argument("--certainty", type=float, default=0.9)
    parser.add_argument("--splits", type=int, default=200)
    options = parser.parse_args()
    rows = [row for run in options.runs for row in read_summary(run)["questions"]]
    groups = {"both": rows} | {name: [row for row in rows if row["language"] == name] for name in ("pt", "en")}
    for name, part in groups.items():
        if part:
            as_it_is(name, outcomes_of(part), options.certainty)
    for name, part in groups.items():
        for risk in options.risk:
            if part:
                together(name, outcomes_of(part), risk, options.certainty)
                repeat(name, outcomes_of(part), risk, options.certainty, options.splits)


if __name__ == "__main__":
    main()
