"""Thresholds that a run must meet, and JUnit XML that tells a CI whether it did."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from rag.errors import UsageError
from rag.evaluate.measures import MEASURES

__all__ = ["Requirement", "junit_xml", "parse_requirement"]

_OF_THE_SEARCH = ("passage.", "document.")
_SHAPE = re.compile(r"\s*([a-z_.@0-9]+)\s*(>=|<=)\s*([0-9.]+)\s*")


@dataclass(frozen=True, slots=True)
class Requirement:
    """``metric`` must be at least (``>=``) or at most (``<=``) ``bound``."""

    metric: str
    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.metric} {self.sign} {self.bound:g}"

    def failure(self, metrics: Mapping[str, Mapping[str, float]]) -> str | None:
        """Why it is not met, in words; None when it is. A metric that no question allowed is not met."""
        if self.metric not in metrics:
            if "answer.coverage" not in metrics and not self.metric.startswith(_OF_THE_SEARCH):
                return f"{self}: the run measured no answers (--only retrieval)"
            return f"{self}: no question of the data set allows it"
        found = metrics[self.metric]
        value = found["value"]
        if value >= self.bound if self.sign == ">=" else value <= self.bound:
            return None
        return f"{self}: it is {value:.4f} [{found['low']:.4f}, {found['high']:.4f}] over {found['n']} questions"


def parse_requirement(text: str) -> Requirement:
    """``answer.correct>=0.8``. Raises UsageError naming what is wrong with it."""
    match = _SHAPE.fullmatch(text)
    if match is None or match[3].count(".") > 1 or match[3] == ".":
        raise UsageError(
            f"--require: {text!r} is no requirement.", subject="--require", hint="Write it as answer.correct>=0.8."
        )
    if match[1] not in MEASURES:
        raise UsageError(
            f"--require: there is no metric {match[1]!r}.",
            subject="--require",
            hint=f"There are {', '.join(MEASURES)}.",
        )
    return Requirement(match[1], match[2], float(match[3]))


def junit_xml(summary: Mapping[str, Any], requirements: Sequence[Requirement]) -> str:
    """One test case a requirement; without any, one that says the evaluation finished."""
    suite = ElementTree.Element("testsuite", name=f"lastro eval {summary['dataset']['name']}")
    failed = 0
    for requirement in requirements:
        case = ElementTree.SubElement(suite, "testcase", classname="lastro.eval", name=str(requirement))
        failure = requirement.failure(summary["metrics"])
        if failure is not None:
            failed += 1
            ElementTree.SubElement(case, "failure", message=failure)
    if not requirements:
        ElementTree.SubElement(suite, "testcase", classname="lastro.eval", name="the evaluation finished")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(failed))
    root = ElementTree.Element("testsuites")
    root.append(suite)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"
