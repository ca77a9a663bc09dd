// Files dropped on the page or chosen: sent one after another, each with how far it is and what became of it.

import { Problem, headers, problemOf } from "./api.js";
import { inCollection } from "./collection.js";
import { refresh } from "./documents.js";
import { $, el, icon } from "./dom.js";
import { Events } from "./events.js";
import { refusal } from "./refusals.js";
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
    const [{ outcome, reason, kind }] = files;
    settle(line, outcome, outcome === "refused" ? refusal({ reason, kind }).words : reason);
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

/** What became of `file`. fetch cannot tell how much of a body was sent; XMLHttpRequest can, and it streams too. */
function post(file, line) {
  const form = new FormData();
  form.append("file", file, file.name);
  const request = new XMLHttpRequest();
  request.open("POST", `/v1/documents${inCollection()}`);
  const wanted = headers({ Accept: "text/event-stream" });
  for (const [name, value] of Object.entries(wanted)) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    line.bar.value = loaded / total;
    line.state.textContent = t("sending", { percent: Math.round((100 * loaded) / total) });
  });
  request.upload.addEventListener("load", () => {
    line.bar.removeAttribute("value");
    line.state.textContent = t("ingesting");
  });
  return new Promise((resolve, reject) => {
    const parser = new Events();
    let read = 0;
    const take = () => {
      const text = request.responseText.slice(read);
      read += text.length;
      for (const { event, data } of parser.feed(text)) told(event, JSON.parse(data), line, resolve, reject);
    };
    request.addEventListener("error", () => reject(new Problem({ detail: t("offline") })));
    request.addEventListener("progress", () => request.status < 300 && take());
    request.addEventListener("load", () => {
      if (request.status >= 300) reject(problemOf(request.status, request.statusText, request.responseText));
      else take();
      reject(new Problem({ detail: t("offline") })); // without effect when it is settled
    });
    request.send(form);
  });
}

function told(event, data, { state }, resolve, reject) {
  if (event === "report") resolve(data);
  else if (event === "error") reject(new Problem(data));
  else if (event === "queue") state.textContent = t("queued");
  else if (event === "progress" && known(`stage_${data.stage}`)) state.textContent = t(`stage_${data.stage}`);
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
    $("drop").hidden = depth <= 0;
  });
  addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth = 0;
    $("drop").hidden = true;
    upload([...event.dataTransfer.files]);
  });
}
