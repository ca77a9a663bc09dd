// The page comes together here: views, drawers, theme and language.

import { ask } from "./api.js";
import * as collection from "./collection.js";
import * as conversation from "./conversation.js";
import * as documents from "./documents.js";
import { $, el } from "./dom.js";
import * as evidence from "./evidence.js";
import * as history from "./history.js";
import { keepWord } from "./kept.js";
import { linked } from "./links.js";
import * as settings from "./settings.js";
import { localise, switchLanguage, t } from "./strings.js";
import * as uploads from "./uploads.js";

/** Show the view that the address names. */
function view() {
  const named = location.hash.startsWith("#/documents") ? "documents" : "ask";
  for (const name of ["ask", "documents"]) $(`view-${name}`).hidden = name !== named;
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === named) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  entitle();
}

/** Go where the address says. */
function route() {
  view();
  if (!$("view-documents").hidden) {
    evidence.close({ refocus: false });
    documents.refresh();
    return;
  }
  const link = linked(location.hash);
  if (link) {
    if (link.collection) pick(link.collection);
    conversation.follow(link);
  }
}

function entitle() {
  document.title = $("view-documents").hidden ? "Lastro" : `${t("documents")} · Lastro`;
}

function drawer(name) {
  const dialog = $(name);
  $(`open-${name}`).addEventListener("click", () => dialog.showModal());
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  });
}

function theme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme ?? (system.matches ? "dark" : "light");
  $("theme").addEventListener("click", () => {
    const next = now() === "dark" ? "light" : "dark";
    // Back to what the system says: then go with it when it changes.
    if ((next === "dark") === system.matches) delete root.dataset.theme;
    else root.dataset.theme = next;
    keepWord("theme", root.dataset.theme ?? null);
  });
}

/** The drawer, with the server's settings; without them it still sets others. */
async function offerSettings() {
  settings.initialise(await ask("/v1/settings").catch(() => ({})));
}

async function offerCollections() {
  let found;
  try {
    found = (await ask("/v1/collections")).collections;
  } catch {
    return; // one collection is all that this key may see
  }
  if (found.length < 2) return;
  const select = $("collection");
  select.replaceChildren(...found.map(({ name }) => el("option", { value: name }, name)));
  select.parentElement.hidden = false;
  select.addEventListener("change", () => {
    collection.choose(select.value);
    conversation.begin();
    if (!$("view-documents").hidden) documents.refresh();
  });
}

/** The collection that a link is about, where there are several. */
function pick(name) {
  const list = $("collection");
  if (![...list.options].some(({ value }) => value === name)) return;
  list.value = name;
  collection.choose(name);
}

async function start() {
  localise();
  view();
  document.documentElement.classList.add("ready");
  theme();
  $("language").addEventListener("click", () => {
    keepWord("language", switchLanguage());
    entitle();
  });
  for (const name of ["history", "settings"]) drawer(name);
  $("new").addEventListener("click", () => {
    location.hash = "#/";
    conversation.begin();
    $("question").focus();
  });
  evidence.initialise();
  conversation.initialise();
  documents.initialise();
  uploads.initialise();
  history.initialise((one) => {
    location.hash = "#/";
    conversation.replay(one);
  });
  addEventListener("hashchange", route);
  await Promise.all([offerSettings(), offerCollections()]);
  conversation.welcome();
  route();
  // On a telephone this would open the keyboard over the page.
  if (matchMedia("(pointer: fine)").matches) $("question").focus({ preventScroll: true });
}

start();
