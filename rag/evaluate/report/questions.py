"""The report's list of questions: one line each to sort and filter, opening to everything that was found and said."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from rag.evaluate.citations import Span, covers, meets
from rag.evaluate.dataset import Question
from rag.evaluate.locate import hit_spans
from rag.evaluate.score import OUTCOMES, Scored

__all__ = ["KINDS", "question_list"]

KINDS = {
    "right": "good",
    "declined": "good",
    "retrieval miss": "bad",
    "ranking miss": "bad",
    "generation": "bad",
    "false abstention": "warn",
    "false support": "bad",
    "unlabelled": "soft",
}
"""The colour of each outcome."""

_VERDICTS = {"supported": "good", "contradicted": "bad", "not_found": "warn", "not_a_claim": "soft"}
_COLUMNS = (
    ("id", "id"),
    ("question", "question"),
    ("outcome", "outcome"),
    ("rank", "found at"),
    ("sure", "confidence"),
)


def question_list(scored: Sequence[Scored]) -> str:
    """The controls, the heads to sort by, and the questions, those that went wrong first."""
    outcomes = [name for name in OUTCOMES if any(one.outcome == name for one in scored)]
    languages = sorted({one.question.language for one in scored})
    ordered = sorted(scored, key=lambda one: KINDS[one.outcome] in {"good", "soft"})
    heads = "".join(f'<button type="button" data-by="{by}">{name}</button>' for by, name in _COLUMNS)
    return (
        '<div class="controls"><input type="search" id="find" placeholder="Find in questions and answers" '
        'aria-label="Find in questions and answers">'
        f"{_select('outcome', 'every outcome', outcomes)}{_select('language', 'both languages', languages)}"
        '<span id="shown" class="note"></span></div>'
        f'<div class="heads">{heads}</div><div id="questions">{"".join(map(_question, ordered))}</div>'
    )


def _select(name: str, every: str, values: Sequence[str]) -> str:
    listed = "".join(f"<option>{escape(value)}</option>" for value in values)
    return f'<select id="{name}" aria-label="{name}"><option value="">{every}</option>{listed}</select>'


def _question(one: Scored) -> str:
    question, sure = one.question, one.confidence
    rank = str(one.rank) if one.rank is not None else "–"
    shown = f"{sure:.2f}" if sure is not None else "–"
    sort = {
        "id": question.id,
        "question": question.question,
        "outcome": one.outcome,
        "rank": f"{one.rank or 999:03d}",
        "sure": f"{-1 if sure is None else sure:.4f}",
    }
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in sort.items())
    return (
        f'<details class="question" data-language="{question.language}"{data}><summary>'
        f'<span class="id">{escape(question.id)}</span>'
        f'<span class="asked" dir="auto">{escape(question.question)}</span>'
        f'<span class="chip {KINDS[one.outcome]}">{one.outcome}</span>'
        f'<span class="figure">{rank}</span><span class="figure">{shown}</span></summary>'
        f'<div class="inside">{_inside(one)}</div></details>'
    )


def _inside(one: Scored) -> str:
    parts = [f'<p class="why {KINDS[one.outcome]}">{OUTCOMES[one.outcome].capitalize()}.</p>']
    if one.unresolved:
        missing = ", ".join(map(escape, one.unresolved))
        parts.append(f'<p class="why bad">The index does not hold the evidence expected in {missing}.</p>')
    parts.append(_part("Expected", _expected(one.question)))
    if one.result.answer is not None:
        parts.append(_part("Answer", _answer(one.result.answer)))
        parts.append(_part("Passages read", _passages(one.result.answer, one.expected)))
    parts.append(_part("Found", _hits(one.result.hits, one.expected)))
    return "".join(parts)


def _part(title: str, body: str) -> str:
    return f"<div class='part'><h4>{title}</h4>{body}</div>" if body else ""


def _expected(question: Question) -> str:
    if question.unanswerable:
        return '<p class="note">To decline: nothing answers it.</p>'
    groups = "; and ".join(" or ".join(f"<b>{escape(form)}</b>" for form in group) for group in question.groups)
    places = "".join(
        f"<li><cite>{escape(target.source)}{f', p. {target.page}' if target.page else ''}</cite>"
        + (f"<q dir='auto'>{escape(' '.join(target.text.split()))}</q>" if target.text else "")
        + "</li>"
        for target in (*question.evidence, *question.also)
    )
    return (f"<p>{groups}</p>" if groups else "") + (f"<ul>{places}</ul>" if places else "")


def _answer(answer: Mapping[str, Any]) -> str:
    if answer["abstained"]:
        reason = f": {escape(answer['reason'])}" if answer["reason"] else ""
        return f'<p class="withheld">withheld{reason}</p>'
    said = []
    for sentence in answer["sentences"]:
        kind, verdict = _VERDICTS[sentence["verdict"]], sentence["verdict"].replace("_", " ")
        backing = [place for place in [sentence["evidence"], *sentence["also"]] if place is not None]
        quoted = "".join(
            f"<cite>[{place['citation']}]</cite><q dir='auto'>{escape(' '.join(place['text'].split()))}</q>"
            for place in backing
        )
        note = quoted or escape(sentence["reason"] or "")
        said.append(
            f'<li class="{kind}"><span dir="auto">{escape(sentence["text"])}</span>'
            f"<small><b>{verdict} {sentence['score']:.2f}</b> {note}</small></li>"
        )
    own = '<p class="note">in the documents\' own words</p>' if answer["extractive"] else ""
    return f'{own}<ul class="said">{"".join(said)}</ul>'


def _passages(answer: Mapping[str, Any], expected: Sequence[Span]) -> str:
    pointed = {n for sentence in answer["sentences"] for n in sentence["citations"]}
    rows = []
    for passage in answer["citations"] or answer["closest"]:
        span = (passage["doc_id"], passage["start"], passage["end"])
        marks = ["expected"] if any(meets(span, place) for place in expected) else []
        marks += ["cited"] if passage["n"] in pointed else []
        chips = "".join(
            f'<span class="chip {"good" if mark == "expected" else "soft"}">{mark}</span>' for mark in marks
        )
        rows.append(
            f"<li><cite>[{passage['n']}] {escape(passage['source'])}{_page(passage['page'])}</cite>{chips}"
            f"<q dir='auto'>{_marked(passage['text'], span, expected)}</q></li>"
        )
    return f"<ul>{''.join(rows)}</ul>" if rows else '<p class="note">none</p>'


def _marked(text: str, at: Span, expected: Sequence[Span]) -> str:
    """``text``, which lies ``at`` its place, with the expected parts of it marked; all of it expected is no mark."""
    doc_id, first, last = at
    inside = sorted((max(a, first) - first, min(b, last) - first) for doc, a, b in expected if doc == doc_id)
    found, done = [], 0
    for start, end in inside:
        begin = max(start, done)
        if begin < end and (begin, end) != (0, last - first):
            found += [escape(_spaced(text[done:begin])), f"<mark>{escape(_spaced(text[begin:end]))}</mark>"]
            done = end
    return "".join([*found, escape(_spaced(text[done:]))]).strip()


def _spaced(text: str) -> str:
    """White space made one space, kept at the ends."""
    return re.sub(r"\s+", " ", text)


def _hits(hits: Sequence[Mapping[str, Any]], expected: Sequence[Span]) -> str:
    rows = []
    for hit in hits:
        good = any(covers(span, place) for span in hit_spans(hit) for place in expected)
        rerank = "–" if hit["rerank"] is None else f"{hit['rerank']:.2f}"
        text = " ".join(hit["text"].split())
        rows.append(
            f"<tr{' class=expected' if good else ''}><td>{hit['rank']}</td>"
            f'<td class="where"><cite>{escape(hit["source"])}{_page(hit["page"])}</cite>'
            f'<span dir="auto" title="{escape(text)}">{escape(text[:160])}{"…" if len(text) > 160 else ""}</span></td>'
            f"<td>{hit['dense']:.3f}</td><td>{hit['sparse']:.1f}</td><td>{hit['fused']:.2f}</td><td>{rerank}</td>"
            f"<td>{hit['score']:.2f}</td></tr>"
        )
    if not rows:
        return '<p class="note">nothing</p>'
    heads = "".join(f"<th>{name}</th>" for name in ("", "passage", "dense", "sparse", "fused", "rerank", "score"))
    body = f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody>"
    return f'<div class="wide"><table class="hits">{body}</table></div>'


def _page(page: int | None) -> str:
    return f", p. {page}" if page else ""
