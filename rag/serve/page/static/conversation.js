// The questions asked one after another: the composer, the stream of each answer, and follow-ups.

import { ask, newest, stream } from "./api.js";
import { collectionField, inCollection } from "./collection.js";
import { $, announce, el, icon } from "./dom.js";
import * as evidence from "./evidence.js";
import { remember } from "./history.js";
import { digest } from "./links.js";
import { request } from "./settings.js";
import { number, onLanguage, t, when } from "./strings.js";
import { Turn } from "./turn.js";

let turns = [];
let conversation = null; // the server's name for it, sent with a follow-up
let running = null; // AbortController of the question being answered

/** Ask `question`; the answer streams in. `settings` are the drawer's unless a link brought its own. */
export async function put(question, settings = request(), expected = null) {
  running?.abort();
  const mine = (running = new AbortController());
  if (location.hash.startsWith("#/answers/")) history.replaceState(null, "", "#/"); // it named another answer
  const turn = new Turn(question, settings, (old) => put(old.question, old.settings));
  const looks = evidence.looks();
  append(turn);
  turn.say("searching");
  announce(t("searching"));
  busy(true);
  try {
    const follows = conversation ? { conversation_id: conversation } : {};
    const json = { question, ...settings, ...collectionField(), ...follows };
    let done = false;
    for await (const [kind, data] of stream("/v1/query/stream", { json, signal: mine.signal })) {
      if (turn.take(kind, data)) done = true;
    }
    if (!done) throw new Error(t("offline"));
    settled(turn, expected);
    if (looks === evidence.looks()) turn.openFirst(); // who has opened a passage meanwhile keeps it
  } catch (error) {
    if (error.name === "AbortError") turn.fail(t("stopped"));
    else turn.fail(t("failed", { detail: error.message }));
  } finally {
    if (running === mine) {
      running = null;
      busy(false);
    }
  }
}

function settled(turn, expected) {
  const { answer } = turn;
  conversation = answer.conversation_id ?? null;
  if (expected) {
    turn.note = [digest(answer.answer) === expected ? "sameAnswer" : "otherAnswer"];
    turn.render();
  }
  remember(answer, turn.settings);
}

function append(turn) {
  turns.push(turn);
  $("welcome").hidden = true;
  document.body.classList.add("asked");
  $("turns").append(turn.element);
  $("question").setAttribute("placeholder", t("followUpPlaceholder"));
  turn.element.scrollIntoView({ block: "start" });
}

/** Show the answer a link leads to; ask again where the server keeps it no longer. */
export async function follow({ id, question, settings, digest: expected }) {
  try {
    const wanted = [`/v1/answers/${id}`, `/v1/documents${inCollection()}`];
    const [answer, { generation }] = await Promise.all(wanted.map((path) => ask(path)));
    replay({ answer, settings, note: [answer.index.generation === generation ? "keptSame" : "keptOther"] });
  } catch (problem) {
    if (problem.status !== 404) announce(problem.message);
    begin();
    await put(question, settings, expected);
  }
}

/** Show an answer that was given before, and go on from there. */
export function replay({ at, answer, settings, note = ["fromHistory", { when: when(at) }] }) {
  begin();
  const turn = new Turn(answer.question, settings, (old) => put(old.question, old.settings));
  turn.answer = answer;
  turn.note = note;
  append(turn);
  turn.render();
  conversation = answer.conversation_id ?? null;
  turn.openFirst();
}

/** Start over with an empty page. */
export function begin() {
  running?.abort();
  running = null;
  [turns, conversation] = [[], null];
  evidence.close({ refocus: false });
  $("turns").replaceChildren();
  $("welcome").hidden = false;
  document.body.classList.remove("asked");
  $("question").setAttribute("placeholder", t("questionPlaceholder"));
  busy(false);
  welcome();
}

const holdings = newest(); // the collection may be changed before the one before it has answered

/** What there is to ask about. */
export async function welcome() {
  try {
    const held = await holdings(`/v1/documents${inCollection()}`);
    if (!held) return;
    const { documents } = held;
    const count = documents.length === 1 ? t("oneDocument") : t("manyDocuments", { n: number(documents.length) });
    const some = documents.toSorted((a, b) => b.chunks - a.chunks).slice(0, 4);
    $("holdings").textContent = !documents.length
      ? t("noDocuments")
      : t(documents.length > some.length ? "holds" : "holdsFew", { documents: count });
    $("holds").replaceChildren(...some.map(({ title, source }) => el("li", {}, title || source)));
  } catch (problem) {
    $("holdings").textContent = problem.message;
    $("holds").replaceChildren();
  }
}

function busy(now) {
  const button = $("send");
  const label = t(now ? "stop" : "send");
  button.replaceChildren(icon(now ? "stop" : "send"));
  button.setAttribute("aria-label", label);
  button.title = label;
  button.type = now ? "button" : "submit";
}

export function initialise() {
  const field = $("question");
  const submit = () => {
    const question = field.value.trim();
    if (!question || running) return;
    field.value = "";
    put(question);
  };
  $("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  $("send").addEventListener("click", (event) => {
    if (!running) return;
    event.preventDefault();
    running.abort();
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  onLanguage(() => {
    for (const turn of turns) turn.render();
    busy(running !== null);
    if (turns.length) field.placeholder = t("followUpPlaceholder");
    else welcome();
  });
}
