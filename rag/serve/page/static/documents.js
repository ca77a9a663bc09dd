// What is in the folder: the documents that answer, and the files that could not be read.

import { newest, send } from "./api.js";
import { inCollection } from "./collection.js";
import { $, announce, el, icon, iconButton } from "./dom.js";
import { forgetFetched, show } from "./evidence.js";
import { caution, refusal } from "./refusals.js";
import { number, onLanguage, t } from "./strings.js";

const FORMATS = {
  "application/pdf": "PDF",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "Excel",
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": "PowerPoint",
  "application/vnd.oasis.opendocument.text": "ODT",
  "application/vnd.oasis.opendocument.spreadsheet": "ODS",
  "application/vnd.oasis.opendocument.presentation": "ODP",
  "application/epub+zip": "EPUB",
  "application/rtf": "RTF",
  "text/html": "HTML",
  "text/markdown": "Markdown",
  "text/csv": "CSV",
  "application/json": "JSON",
  "image/png": "PNG",
  "image/jpeg": "JPEG",
  "image/tiff": "TIFF",
  "message/rfc822": "e-mail",
  "application/mbox": "mbox",
};

let held = { documents: [], refused: [] };
const holdings = newest(); // of this collection, not of the one that was shown when it was asked for

/** Ask the server what it holds, and show it. */
export async function refresh() {
  try {
    const found = await holdings(`/v1/documents${inCollection()}`);
    if (!found) return;
    held = found;
  } catch (problem) {
    $("documents-count").textContent = problem.message;
    return;
  }
  forgetFetched();
  render();
}

function render() {
  const { documents } = held;
  $("documents-count").textContent =
    documents.length === 1 ? t("oneDocument") : t("manyDocuments", { n: number(documents.length) });
  $("find-row").hidden = documents.length < 8;
  list();
  $("refused").hidden = !held.refused.length;
  $("refusals").replaceChildren(el("ul", { class: "list" }, ...held.refused.map(refused)));
}

function list() {
  const wanted = $("find").value.trim().toLocaleLowerCase();
  const found = held.documents.filter(({ title, source }) => `${title} ${source}`.toLocaleLowerCase().includes(wanted));
  $("documents").replaceChildren(...found.map(row));
  $("documents-none").hidden = found.length > 0;
  $("documents-none").textContent = held.documents.length ? t("noneFound") : t("noDocuments");
}

const format = (type) => FORMATS[type] ?? (type === "text/plain" ? t("plain") : type);

function row(document) {
  const { doc_id, title, source, media_type, pages, chunks, language, warnings } = document;
  const facts = [
    format(media_type),
    t(language),
    pages ? (pages === 1 ? t("onePage") : t("pages", { n: number(pages) })) : null,
    chunks === 1 ? t("oneChunk") : t("chunks", { n: number(chunks) }),
  ].filter(Boolean);
  const span = { start: 0, end: 0, text: "" };
  const passage = { doc_id, title, source, ...span };
  const click = ({ currentTarget: opener, detail }) =>
    show({ passage, span, finding: { key: "browse" }, opener, focus: detail === 0 });
  return el(
    "li",
    { class: "row" },
    icon("file"),
    el(
      "button",
      { type: "button", class: "what", on: { click } },
      el("b", {}, title || source),
      el("span", { class: "place" }, source),
      ...warnings.map(caution).map(({ words, lang }) => el("span", { class: "warning", lang }, words)),
    ),
    el("span", { class: "facts" }, facts.join(" · ")),
    iconButton("trash", t("deleteNamed", { title: title || source }), () => remove(doc_id, title || source)),
  );
}

function refused({ id, source, reason, kind }) {
  const { words, lang } = refusal({ reason, kind });
  const remove_ = id ? iconButton("trash", t("deleteNamed", { title: source }), () => remove(id, source)) : null;
  return el(
    "li",
    { class: "row" },
    icon("withheld"),
    el("div", { class: "what" }, el("b", {}, source), el("span", { class: "warning", lang, title: reason }, words)),
    remove_,
  );
}

async function remove(id, title) {
  const dialog = $("confirm");
  $("confirm-title").textContent = t("confirmDelete");
  $("confirm-text").textContent = t("confirmDeleteText", { title });
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  if (dialog.returnValue !== "yes") return;
  try {
    await send(`/v1/documents/${encodeURIComponent(id)}${inCollection()}`, { method: "DELETE" });
    announce(t("deleted", { title }));
  } catch (problem) {
    announce(problem.message);
    $("documents-count").textContent = problem.message;
    return;
  }
  await refresh();
  $("documents-title").focus();
}

export function initialise() {
  $("find").addEventListener("input", list);
  onLanguage(() => {
    if (!$("view-documents").hidden) render();
  });
}
