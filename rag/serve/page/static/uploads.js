// Files dropped on the page or chosen: sent one after another, each with how far it is and what became of it.

import { Problem, headers } from "./api.js";
import { query, refresh } from "./documents.js";
import { $, el, icon } from "./dom.js";
import { known, t } from "./strings.js";

let queue = Promise.resolve();

/** Add `files` to the documents, each when those before it are done. */
export function upload(files) {
  location.hash = "#/documents";
  for (const file of files) {
    const line = lineOf(file);
    $("uploads").append(line.element);
    queue = queue.then(() => one(file, line));
  }
  return queue;
}

function lineOf(file) {
  const bar = el("progress", { max: 1, "aria-label": file.name });
  const state = el("span", { class: "state" });
  const element = el("li", {}, icon("file"), el("b", {}, file.name), state, bar);
  return { element, bar, state };
}

async function one(file, line) {
  try {
    const { files } = await post(file, line);
    const [{ outcome, reason }] = files;
    settle(line, outcome, reason);
  } catch (problem) {
    settle(line, "refused", problem.message);
  }
  await refresh();
}

function settle({ element, bar, state }, outcome, reason) {
  bar.remove();
  element.classList.add(outcome === "refused" ? "refused" : "done");
  element.querySelector("svg").replaceWith(icon(outcome === "refused" ? "contradicted" : "supported"));
  if (outcome === "refused") state.textContent = t("refusedFile", { reason: reason ?? "" });
  else state.textContent = known(outcome) ? t(outcome) : outcome;
  if (outcome !== "refused" && reason) state.append(` (${reason})`);
}

/** fetch cannot tell how much of a body was sent; XMLHttpRequest can. */
function post(file, { bar, state }) {
  const form = new FormData();
  form.append("files", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", `/v1/documents${query()}`);
  for (const [name, value] of Object.entries(headers())) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", ({ loaded, total, lengthComputable }) => {
    if (!lengthComputable) return;
    bar.value = loaded / total;
    state.textContent = t("sending", { percent: Math.round((100 * loaded) / total) });
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value");
    state.textContent = t("ingesting");
  });
  return new Promise((resolve, reject) => {
    request.addEventListener("error", () => reject(new Problem({ detail: t("offline") })));
    request.addEventListener("load", () => {
      let body;
      try {
        body = JSON.parse(request.responseText);
      } catch {
        body = { title: request.statusText };
      }
      if (request.status < 300) resolve(body);
      else reject(new Problem({ status: request.status, ...body }));
    });
    request.send(form);
  });
}

export function initialise() {
  $("files").addEventListener("change", () => {
    upload([...$("files").files]);
    $("files").value = "";
  });
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  let depth = 0; // dragenter and dragleave come for every element that is crossed
  addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth += 1;
    $("drop").hidden = false;
  });
  addEventListener("dragover", (event) => {
    if (carries(event)) event.preventDefault();
  });
  addEventListener("dragleave", (event) => {
    if (!carries(event)) return;
    depth -= 1;
    $("drop").hidden = depth > 0 ? false : true;
  });
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    $("drop").hidden = true;
    upload([...event.dataTransfer.files]);
  });
}
