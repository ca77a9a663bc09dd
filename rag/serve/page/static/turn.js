// One question and its answer on the page, from the first status line to the last action.

import { asText, evidenceOf, passages, sentences, summary, took, why, withheld } from "./answer.js";
import { ask } from "./api.js";
import { announce, el, icon, iconButton, unbroken } from "./dom.js";
import { show } from "./evidence.js";
import { linkTo } from "./links.js";
import { t } from "./strings.js";

const WIDE = matchMedia("(min-width: 64rem)");
const QUIET_MS = 900; // without a token, the decoder has ended and the sentences are being checked

export class Turn {
  /** `again` asks the same once more. */
  constructor(question, settings, again) {
    Object.assign(this, { question, settings, again, answer: null, citations: [], found: [], note: null });
    this.status = el("p", { class: "status" });
    this.draft = el("p", { class: "draft", "aria-hidden": "true" });
    this.body = el("div", { class: "body" });
    this.below = el("div", { class: "below" });
    this.understood = el("p", { class: "understood", hidden: true });
    this.element = el(
      "li",
      { class: "turn" },
      el("h2", {}, ...unbroken(question)),
      this.understood,
      el("div", { class: "answer" }, this.status, this.draft, this.body),
      this.below,
    );
    this.quiet = 0;
  }

  say(key, values) {
    this.status.replaceChildren(el("span", { class: "pulse", "aria-hidden": "true" }), t(key, values));
    this.status.hidden = false;
  }

  /** Take one event of the stream; true when it was the last. */
  take(kind, data) {
    if (kind === "queue" && data.position) this.say("waiting", { n: data.position });
    else if (kind === "question") this.understand(data);
    else if (kind === "citations") this.read(data);
    else if (kind === "token") this.write(data);
    else if (kind === "retry") this.retract();
    else if (kind === "sentence") this.check(data);
    else if (kind === "answer") this.finish(data);
    return kind === "answer";
  }

  understand({ standalone_question: standalone }) {
    this.understood.hidden = !standalone || standalone === this.question;
    this.understood.replaceChildren(t("understood"), ": ", el("q", {}, standalone ?? ""));
    this.say("searching");
  }

  read(citations) {
    this.citations = citations;
    this.say("reading");
    this.below.replaceChildren(passages(citations, t("passages"), "passage"));
  }

  write({ text }) {
    if (!this.draft.textContent) this.say("writing");
    this.draft.append(text);
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.say("checking"), QUIET_MS);
  }

  retract() {
    clearTimeout(this.quiet);
    this.draft.replaceChildren();
    this.say("retrying");
  }

  check(sentence) {
    clearTimeout(this.quiet);
    this.draft.replaceChildren();
    this.found.push(sentence);
    this.body.replaceChildren(el("p", { class: "sentences" }, ...sentences(this.found, this.citations)));
    this.say("checking");
  }

  finish(answer) {
    clearTimeout(this.quiet);
    this.answer = answer;
    this.render();
    const reason = answer.abstained ? why(answer) : "";
    announce(t("answered", { answer: answer.answer, summary: `${summary(answer)} ${reason}` }));
  }

  /** Show the whole answer, as it is in `this.answer`. Also after the language has changed. */
  render() {
    const { answer } = this;
    if (!answer) return;
    this.status.hidden = true;
    this.draft.replaceChildren();
    const { standalone_question: standalone } = answer;
    this.understood.hidden = !standalone || standalone === answer.question;
    this.understood.replaceChildren(t("understood"), ": ", el("q", {}, standalone ?? ""));
    const citations = answer.abstained ? answer.closest : answer.citations;
    this.body.replaceChildren(
      answer.abstained
        ? withheld(answer)
        : el("p", { class: "sentences", lang: answer.language }, ...sentences(answer.sentences, citations)),
      ...(this.note ? [el("p", { class: "note" }, t(...this.note))] : []),
    );
    this.below.replaceChildren(
      this.actions(),
      passages(citations, ...(answer.abstained ? [t("closest"), "closest"] : [t("passages"), "passage"])),
    );
  }

  actions() {
    const { answer } = this;
    const feedback = answer.id ? this.feedback() : [];
    const link = () => this.copy(linkTo(answer, this.settings), "linked");
    return el(
      "div",
      { class: "actions" },
      el("p", { class: "summary" }, summary(answer)),
      iconButton("copy", t("copy"), () => this.copy(asText(answer), "copied")),
      iconButton("link", t("link"), link),
      iconButton("again", t("again"), () => this.again(this)),
      ...feedback,
      el("span", { class: "took" }, took(answer)),
    );
  }

  async copy(text, done) {
    try {
      await navigator.clipboard.writeText(text);
      this.tell(t(done));
    } catch {
      this.tell(t("notCopied"));
    }
  }

  /** A few words beside the actions, which go by themselves. */
  tell(words) {
    this.element.querySelector(".told")?.remove();
    const told = el("span", { class: "told" }, words);
    this.element.querySelector(".actions").append(told);
    announce(words);
    setTimeout(() => told.remove(), 4000);
  }

  feedback() {
    const send = async (thumbs, comment = "") => {
      try {
        await ask("/v1/feedback", { method: "POST", json: { answer_id: this.answer.id, thumbs, comment } });
        this.tell(t("thanks"));
      } catch (problem) {
        this.tell(problem.message);
      }
    };
    const pressed = (button) => {
      for (const other of [up, down]) other.setAttribute("aria-pressed", String(other === button));
    };
    const up = iconButton("up", t("good"), () => (pressed(up), send("up")), { "aria-pressed": "false" });
    const down = iconButton("down", t("bad"), () => (pressed(down), this.comment((comment) => send("down", comment))), {
      "aria-pressed": "false",
    });
    return [up, down];
  }

  comment(send) {
    this.element.querySelector(".comment")?.remove();
    const input = el("input", { type: "text", maxlength: 2000, placeholder: t("comment"), "aria-label": t("comment") });
    const submit = (event) => {
      event.preventDefault();
      form.remove();
      send(input.value.trim());
    };
    const form = el(
      "form",
      { class: "comment", on: { submit } },
      input,
      el("button", { type: "submit", class: "quiet" }, t("sendComment")),
    );
    this.element.querySelector(".actions").after(form);
    input.focus();
  }

  /** There is no answer: `words` say why. */
  fail(words) {
    clearTimeout(this.quiet);
    this.draft.replaceChildren();
    const click = () => this.again(this);
    const again = el("button", { type: "button", class: "quiet", on: { click } }, t("tryAgain"));
    this.status.hidden = false;
    this.status.replaceChildren(icon("withheld"), words, " ", again);
    announce(words);
  }

  /** On a wide screen the backing of the first sentence is shown without being asked for. */
  openFirst() {
    if (!WIDE.matches) return;
    const { abstained, closest, sentences: all, citations } = this.answer;
    const [passage] = closest;
    if (abstained && passage) {
      show({ passage, span: passage, finding: { key: "closest" }, opener: this.element.querySelector(".passage") });
    }
    const at = all.findIndex(({ evidence }) => evidence);
    if (at >= 0) show({ ...evidenceOf(all[at], citations), opener: this.element.querySelectorAll(".sentence")[at] });
  }
}
