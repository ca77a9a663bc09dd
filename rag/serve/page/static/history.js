// What was asked in this browser, kept here alone: shown again without asking, forgotten when told to.

import { $, el, iconButton } from "./dom.js";
import { keep, recall } from "./kept.js";
import { onLanguage, t, when } from "./strings.js";

const MOST = 50;

let past = recall("history", []);
let open = () => {};

export function remember(answer, settings) {
  past = [{ at: Date.now(), answer, settings }, ...past].slice(0, MOST);
  // The browser gives a page some megabytes: where they are used up, the oldest answers go.
  while (!keep("history", past) && past.length > 1) past = past.slice(0, past.length / 2);
  render();
}

function render() {
  $("clear-history").hidden = !past.length;
  if (!past.length) {
    $("past").replaceChildren(el("li", { class: "soft" }, t("emptyHistory")));
    return;
  }
  $("past").replaceChildren(
    ...past.map((one) => {
      const choose = () => {
        $("history").close();
        open(one);
      };
      const forget = () => {
        past = past.filter((other) => other !== one);
        keep("history", past);
        render();
        $("past").querySelector("button")?.focus();
      };
      const { question, answer, abstained } = one.answer;
      return el(
        "li",
        {},
        el(
          "button",
          { type: "button", class: "one", on: { click: choose } },
          el("b", {}, question),
          el("span", { class: "excerpt" }, abstained ? t("withheld") : answer),
          el("time", { datetime: new Date(one.at).toISOString() }, when(one.at)),
        ),
        iconButton("close", t("forget", { question }), forget),
      );
    }),
  );
}

/** `show` shows an answer of the past. */
export function initialise(show) {
  open = show;
  render();
  onLanguage(render);
  $("clear-history").addEventListener("click", () => {
    past = [];
    keep("history", past);
    render();
    $("history").querySelector("[data-close]").focus();
  });
}
