// The panel beside the answer: the document a sentence rests on, as its page or as its text, the span highlighted.

import { ask, send } from "./api.js";
import { collectionField, inCollection } from "./collection.js";
import { $, announce, el, unbroken } from "./dom.js";
import { length, slicer } from "./offsets.js";
import { known, onLanguage, percent, t } from "./strings.js";

const AROUND = 3000; // characters shown on each side of the span, and with each "show more"
const KEPT = 8; // documents and pages
const PDF = "application/pdf";
const NARROW = matchMedia("(max-width: 63.99rem)");

const documents = new Map();
const pictures = new Map();
let shown = null; // {passage, span, also, finding, opener, document, view, page, window, note}
let turn = 0; // of showing: what a slow request brings for an earlier one is dropped

function remember(cache, key, value) {
  cache.set(key, value);
  if (cache.size > KEPT) {
    const [oldest, old] = cache.entries().next().value;
    cache.delete(oldest);
    if (old?.url) URL.revokeObjectURL(old.url);
  }
  return value;
}

async function documentOf(passage) {
  const key = passage.doc_id;
  if (documents.has(key)) return documents.get(key);
  const path = `/v1/documents/${encodeURIComponent(key)}`;
  const [{ text }, { media_type, language, pages }] = await Promise.all([
    ask(`${path}/text${inCollection()}`, { headers: { Accept: "application/json" } }),
    ask(`${path}/pages${inCollection()}`),
  ]);
  return remember(documents, key, { text, media_type, language, pages });
}

/** Counts what was shown and closed: the same number as before, and nobody has looked meanwhile. */
export const looks = () => turn;

/** Forget what was fetched: the documents may be others now. */
export function forgetFetched() {
  documents.clear();
  for (const { url } of pictures.values()) URL.revokeObjectURL(url);
  pictures.clear();
}

/**
 * Show `span` {start, end, text, page} of `passage` (a citation); `also` are spans it rests on besides.
 * `finding` is {key, score, sentence}: what to say of it. `opener` gets the focus back; `focus` moves it here.
 */
export async function show({ passage, span, also = [], finding, opener = null, focus = false }) {
  select(opener);
  shown = { passage, span, also, finding, opener, document: null, view: null, page: null, window: null, note: null };
  const mine = (turn += 1);
  $("evidence").hidden = false;
  document.body.classList.toggle("evidence-open", true);
  head();
  $("sheet").replaceChildren(el("p", { class: "soft loading" }, t("loadingDocument")));
  if (focus || NARROW.matches) $("evidence-title").focus({ preventScroll: true });
  try {
    const found = await documentOf(passage);
    if (mine !== turn) return;
    shown.document = found;
    shown.window = windowOf(found, span);
    if (slicer(found.text)(span.start, span.end) !== span.text) cutOff("textChanged");
  } catch (problem) {
    if (mine !== turn) return;
    cutOff(problem.status === 404 ? "documentGone" : null, problem.message);
  }
  shown.page = pageOf(shown);
  shown.view = shown.page ? "page" : "text";
  await draw();
}

/** Without the document, what was cited is all there is to show. */
function cutOff(note, message = "") {
  const { passage, span } = shown;
  const text = span.text.length > passage.text.length ? span.text : passage.text;
  const start = text === passage.text ? passage.start : span.start;
  shown.document = { text, offset: start, pages: [], media_type: "" };
  shown.window = { from: 0, to: length(text) };
  shown.note = note ? t(note) : message;
}

function windowOf(document, span) {
  return { from: Math.max(0, span.start - AROUND), to: Math.min(length(document.text), span.end + AROUND) };
}

function pageOf({ document, span, passage }) {
  if (document.media_type !== PDF || !document.pages?.length) return null;
  const page = document.pages.find(({ start, end }) => start <= span.start && span.start < end);
  return page?.number ?? span.page ?? passage.page ?? document.pages[0].number;
}

function head() {
  const { passage, finding } = shown;
  $("evidence-title").replaceChildren(...unbroken(passage.title || passage.source));
  $("evidence-place").textContent = passage.source;
  const place = $("evidence-verdict");
  place.className = `finding ${finding.key}`;
  place.textContent = t(`find${finding.key}`);
  // Rounded down: only what is certain is said to be 100%.
  if (finding.score) place.append(" ", t("sureness", { score: percent(Math.floor(finding.score * 100) / 100) }));
  if (finding.sentence?.reason) place.append(" ", t("checked", { reason: check(finding.sentence) }));
}

/** What the literal check found, in the page's language where the page knows the reason. */
function check({ reason, reason_code: code, reason_about: about = [] }) {
  if (!known(`check_${code}`)) return reason;
  const kind = (word) => (known(`kind_${word.replaceAll(" ", "_")}`) ? t(`kind_${word.replaceAll(" ", "_")}`) : word);
  return t(`check_${code}`, { about: about.map(code === "lacks_kind" ? kind : String).join(", ") });
}

async function draw() {
  const { view, document, page, note } = shown;
  const pages = document.pages ?? [];
  $("tabs").hidden = page === null;
  $("as-page").setAttribute("aria-pressed", view === "page");
  $("as-text").setAttribute("aria-pressed", view === "text");
  $("page-number").parentElement.hidden = view !== "page" || pages.length < 2;
  $("page-number").textContent = page === null ? "" : t("pageOf", { n: page, of: pages.length });
  $("page-back").disabled = page === pages[0]?.number;
  $("page-next").disabled = page === pages.at(-1)?.number;
  say(note);
  if (view === "text") return drawText();
  return drawPage();
}

function say(note) {
  $("evidence-note").hidden = !note;
  $("evidence-note").textContent = note ?? "";
}

async function drawPage() {
  const { passage, span, page } = shown;
  const mine = turn;
  const sheet = $("sheet");
  const skeleton = setTimeout(() => sheet.replaceChildren(el("div", { class: "paper skeleton" })), 80);
  let picture;
  try {
    picture = await pictureOf(passage, span, page);
  } catch (problem) {
    if (mine !== turn || shown.page !== page) return;
    const known = { SourceChanged: "sourceChanged", SourceGone: "sourceGone" };
    shown.note = t(known[problem.title] ?? "pageFailed");
    shown.view = "text";
    shown.page = null; // there is nothing to choose
    await draw();
    return;
  } finally {
    clearTimeout(skeleton);
  }
  if (mine !== turn || shown.page !== page || shown.view !== "page") return;
  const said = span.text.length > 160 ? `${span.text.slice(0, 160)}…` : span.text;
  const alt = picture.boxes.length
    ? t("pageAlt", { n: page, source: passage.source, text: said })
    : t("pageAltPlain", { n: page, source: passage.source });
  const image = el("img", { src: picture.url, alt, width: picture.width, height: picture.height });
  await image.decode();
  if (mine !== turn || shown.page !== page) return;
  sheet.replaceChildren(el("div", { class: "paper" }, image));
  sheet.scrollTop = picture.boxes.length ? picture.boxes[0][1] * image.clientHeight - sheet.clientHeight / 3 : 0;
  const here = shown.document.pages.find(({ number }) => number === page);
  if (!picture.boxes.length && here.start < span.end && span.start < here.end) say(t("noBoxes"));
}

async function pictureOf(passage, span, page) {
  const width = Math.min(2400, Math.round(Math.max(700, $("sheet").clientWidth) * Math.min(2, devicePixelRatio)));
  const query = new URLSearchParams({ start: span.start, end: span.end, width, ...collectionField() });
  const path = `/v1/documents/${encodeURIComponent(passage.doc_id)}/pages/${page}.png?${query}`;
  if (pictures.has(path)) return pictures.get(path);
  const response = await send(path);
  const boxes = (response.headers.get("Lastro-Boxes") ?? "").split(";").filter(Boolean);
  const blob = await response.blob();
  const { width: wide, height } = await createImageBitmap(blob);
  const url = URL.createObjectURL(blob);
  const places = boxes.map((box) => box.split(",").map(Number));
  return remember(pictures, path, { url, width: wide, height, boxes: places });
}

function drawText() {
  const { document, passage, span, also, window } = shown;
  const offset = document.offset ?? 0;
  const slice = slicer(document.text);
  const counted = ({ start, end }) => [start - offset, end - offset];
  const bright = [span, ...also.filter(({ citation }) => citation === passage.n)].map(counted);
  const dim = [counted(passage)];
  const cuts = new Set([window.from, window.to]);
  for (const point of [...bright, ...dim].flat()) if (window.from < point && point < window.to) cuts.add(point);
  const points = [...cuts].sort((a, b) => a - b);
  const within = (spans, point) => spans.some(([start, end]) => start <= point && point < end);
  const pieces = points.slice(0, -1).map((from, n) => {
    const text = slice(from, points[n + 1]);
    if (within(bright, from)) return el("mark", {}, text);
    return within(dim, from) ? el("span", { class: "cited" }, text) : text;
  });
  const whole = length(document.text);
  const body = el("div", { class: "text", lang: document.language || null }, ...pieces);
  const sheet = $("sheet");
  sheet.replaceChildren(
    ...(window.from > 0 ? [moreButton(() => (window.from = Math.max(0, window.from - 4 * AROUND)))] : []),
    body,
    ...(window.to < whole ? [moreButton(() => (window.to = Math.min(whole, window.to + 4 * AROUND)))] : []),
  );
  const mark = sheet.querySelector("mark");
  sheet.scrollTop = 0;
  if (!mark) return;
  const below = mark.getBoundingClientRect().top - sheet.getBoundingClientRect().top;
  sheet.scrollTop = below - sheet.clientHeight / 3;
}

function moreButton(widen) {
  const click = () => {
    const sheet = $("sheet");
    const [height, top] = [sheet.scrollHeight, sheet.scrollTop];
    const above = sheet.querySelector("button") === button && button.nextElementSibling?.matches(".text");
    widen();
    drawText();
    sheet.scrollTop = above ? top + sheet.scrollHeight - height : top;
  };
  const button = el("button", { type: "button", class: "quiet more", on: { click } }, t("more"));
  return button;
}

function select(opener) {
  for (const one of document.querySelectorAll("main [aria-pressed=true]:is(.sentence, .passage)")) {
    one.setAttribute("aria-pressed", "false");
  }
  if (opener?.hasAttribute("aria-pressed")) opener.setAttribute("aria-pressed", "true");
}

/** Close the panel and give the focus back to what opened it. */
export function close({ refocus = true } = {}) {
  if ($("evidence").hidden) return;
  turn += 1;
  const { opener } = shown;
  select(null);
  $("evidence").hidden = true;
  document.body.classList.remove("evidence-open");
  if (refocus) (opener?.isConnected ? opener : $("question")).focus({ preventScroll: true });
}

async function leaf(step) {
  const numbers = shown.document.pages.map(({ number }) => number);
  shown.page = numbers[numbers.indexOf(shown.page) + step] ?? shown.page;
  await draw();
  announce(t("pageOf", { n: shown.page, of: numbers.length }));
}

function choose(view) {
  shown.view = view;
  if (view === "page") shown.page = pageOf(shown);
  return draw();
}

export function initialise() {
  $("evidence-close").addEventListener("click", () => close());
  $("as-page").addEventListener("click", () => choose("page"));
  $("as-text").addEventListener("click", () => choose("text"));
  $("page-back").addEventListener("click", () => leaf(-1));
  $("page-next").addEventListener("click", () => leaf(1));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) close();
  });
  onLanguage(() => {
    if ($("evidence").hidden || !shown.document) return;
    head();
    draw();
  });
}
