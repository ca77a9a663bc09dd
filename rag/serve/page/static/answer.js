// One answer as it is shown: its sentences with their verdicts, or why it was withheld, and the passages read.

import { el, icon, unbroken } from "./dom.js";
import { show } from "./evidence.js";
import { decimal, known, t } from "./strings.js";

/** The marker the server puts before a sentence's full stop. */
const MARKERS = / ?((?:\[\d+\])+)(?=[.!?;:]?$)/;
const BULLET = /^[-*•] /;

/** The sentences of an answer, so far as they are known. */
export const sentences = (found, citations) =>
  found.flatMap((sentence, n) => {
    const item = BULLET.test(sentence.text);
    const element = sentenceOf(sentence, citations, item);
    return n && !item ? [" ", element] : [element];
  });

function sentenceOf(sentence, citations, item) {
  const cited = MARKERS.exec(sentence.text)?.[1].match(/\d+/g) ?? [];
  const text = sentence.text.replace(MARKERS, "").replace(BULLET, "");
  const last = text.lastIndexOf(" ") + 1; // its last word keeps the verdict with it: a verdict does not begin a line
  const open = (event, focus) => {
    const chosen = evidenceOf(sentence, citations);
    if (chosen) show({ ...chosen, opener: element, focus });
  };
  const element = el(
    "span",
    {
      class: `sentence ${sentence.verdict}${item ? " item" : ""}`,
      role: "button",
      tabindex: 0,
      "aria-pressed": "false",
      title: t("showEvidence"),
      on: {
        // To select text is not to ask for its evidence.
        click: (event) => getSelection().isCollapsed && open(event, event.detail === 0),
        keydown: (event) => {
          if (event.key !== "Enter" && event.key !== " ") return;
          event.preventDefault();
          open(event, true);
        },
      },
    },
    el("span", { class: "said" }, ...unbroken(text.slice(0, last))),
    el(
      "span",
      { class: "end" },
      el("span", { class: "said" }, text.slice(last)),
      cited.length ? el("sup", {}, cited.join(", ")) : null,
      " ",
      el("span", { class: "verdict" }, icon(sentence.verdict), t(sentence.verdict)),
    ),
  );
  return element;
}

/** What to show for a sentence: its evidence, or the passage it cites; null where it rests on nothing. */
export function evidenceOf(sentence, citations) {
  const { evidence } = sentence;
  const n = evidence?.citation ?? sentence.citations[0] ?? citations[0]?.n;
  const passage = citations.find((citation) => citation.n === n);
  if (!passage) return null;
  const finding = { key: sentence.verdict, sentence };
  if (evidence) finding.score = sentence.score;
  return { passage, span: evidence ?? passage, also: sentence.also ?? [], finding };
}

/** The passages, each a button that shows it in its document; nothing where there are none. */
export function passages(citations, title, finding) {
  if (!citations.length) return "";
  return el(
    "section",
    { class: "passages" },
    el("h3", {}, title),
    el("ol", {}, ...citations.map((citation) => el("li", {}, passageOf(citation, finding)))),
  );
}

function passageOf(passage, finding) {
  const place = [passage.source, passage.page ? t("page", { n: passage.page }) : null].filter(Boolean).join(" · ");
  const click = (event) =>
    show({ passage, span: passage, finding: { key: finding }, opener: button, focus: event.detail === 0 });
  const button = el(
    "button",
    { type: "button", class: "passage", "aria-pressed": "false", on: { click } },
    el("span", { class: "n" }, String(passage.n)),
    el(
      "span",
      { class: "where" },
      el("b", {}, ...unbroken(passage.title || passage.source)),
      " ",
      el("span", { class: "place" }, place),
    ),
    el("span", { class: "excerpt" }, passage.text),
  );
  return button;
}

/** Why there is no answer, in the page's language where the page knows the reason. */
export function why({ reason, reason_code: code }) {
  return known(`why_${code}`) ? t(`why_${code}`) : reason;
}

/** The block that says that there is no answer, and why. */
export const withheld = (answer) =>
  el(
    "div",
    { class: "withheld" },
    el("p", { class: "verdict" }, icon("withheld"), t("withheld")),
    el("p", { class: "said", lang: answer.language }, answer.answer),
    answer.reason ? el("p", { class: "soft" }, t("because", { reason: why(answer) })) : null,
  );

/** How much of the answer is backed, in words. */
export function summary(answer) {
  if (answer.abstained) return "";
  const claims = answer.sentences.filter(({ verdict }) => verdict !== "not_a_claim");
  const backed = claims.filter(({ verdict }) => verdict === "supported").length;
  const words = backed === claims.length ? t("allSupported") : t("someSupported", { n: backed, of: claims.length });
  return answer.extractive ? `${words} ${t("extractive")}` : words;
}

/** How long it took. */
export const took = (answer) => t("seconds", { n: decimal(answer.timings_ms.total / 1000, 1) });

/** The answer as plain text, with the passages it cites. */
export function asText(answer) {
  const cited = new Set(answer.sentences.flatMap(({ citations }) => citations));
  const shown = answer.abstained ? answer.closest : answer.citations.filter(({ n }) => cited.has(n));
  const listed = shown.map(({ n, title, source, page, text }) => {
    const place = page ? `${source}, ${t("page", { n: page })}` : source;
    return `[${n}] ${title} (${place}): “${text}”`;
  });
  const reason = answer.abstained && answer.reason ? t("because", { reason: why(answer) }) : null;
  return [answer.question, "", answer.answer, reason, "", ...listed].filter((line) => line !== null).join("\n").trim();
}
