// The settings drawer: what a question is asked with. What is left alone takes the server's settings.

import { $, el } from "./dom.js";
import { keep, recall } from "./kept.js";
import { decimal, onLanguage, t } from "./strings.js";

const FIELDS = [
  { name: "alpha", type: "range", min: 0, max: 1, step: 0.05 },
  { name: "k", type: "number", min: 1, max: 50, step: 1 },
  { name: "temperature", type: "number", min: 0, max: 2, step: 0.1 },
  { name: "max_tokens", type: "number", min: 16, max: 1024, step: 1 },
];
const LANGUAGES = ["pt", "en"];

let defaults = {};
let chosen = recall("settings", {});

/** What to send with a question. */
export const request = () => chosen;

/** Settings from elsewhere (a link), those of them that are settings and in their bounds. */
export function sound(given) {
  const kept = {};
  for (const { name, min, max } of FIELDS) {
    const value = Number(given[name]);
    if (given[name] !== undefined && given[name] !== "" && value >= min && value <= max) kept[name] = value;
  }
  const languages = given.filter?.languages?.filter((code) => LANGUAGES.includes(code));
  if (languages?.length) kept.filter = { languages };
  return kept;
}

function set(name, value) {
  const { [name]: _, ...others } = chosen;
  chosen = value === undefined ? others : { ...others, [name]: value };
  keep("settings", chosen);
}

/** Show the drawer's fields; `ofServer` are the server's settings. */
export function initialise(ofServer) {
  defaults = ofServer;
  chosen = sound(chosen);
  render();
  onLanguage(render);
  $("reset").addEventListener("click", () => {
    chosen = {};
    keep("settings", chosen);
    render();
  });
}

function render() {
  $("settings-form").replaceChildren(...FIELDS.map(field), scope());
}

function field({ name, ...attributes }) {
  const shown = () => (attributes.type === "range" ? decimal(Number(input.value), 2) : "");
  const value = chosen[name] ?? defaults[name]; // after its bounds: a browser rounds it to those it knows
  const input = el("input", { id: `set-${name}`, ...attributes, value, "aria-describedby": `hint-${name}` });
  const output = el("output", { for: `set-${name}` });
  output.textContent = shown();
  input.addEventListener("input", () => {
    output.textContent = shown();
    const sane = input.value !== "" && input.checkValidity();
    set(name, sane && Number(input.value) !== defaults[name] ? Number(input.value) : undefined);
  });
  const between = ["alphaWords", "alphaMeaning"].map((key) => el("span", {}, t(key)));
  const ends = name === "alpha" ? el("p", { class: "ends" }, ...between) : null;
  return el(
    "div",
    { class: "field" },
    el("p", { class: "name" }, el("label", { for: `set-${name}` }, t(name)), output),
    input,
    ends,
    el("p", { class: "soft", id: `hint-${name}` }, t(`${name}Hint`)),
  );
}

function scope() {
  const now = chosen.filter?.languages?.[0] ?? "";
  const select = el(
    "select",
    { id: "set-scope", on: { change: () => set("filter", select.value ? { languages: [select.value] } : undefined) } },
    el("option", { value: "" }, t("scopeAll")),
    ...LANGUAGES.map((code) => el("option", { value: code, selected: code === now }, t(code))),
  );
  const label = el("label", { for: "set-scope" }, t("scope"));
  return el("div", { class: "field" }, el("p", { class: "name" }, label), select);
}
