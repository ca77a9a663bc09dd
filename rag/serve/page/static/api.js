// Requests to the service that sent this page.

import { $ } from "./dom.js";
import { events } from "./events.js";
import { known, t } from "./strings.js";

/** What the service says went wrong: an RFC 9457 problem document, in the page's own words where it has any. */
export class Problem extends Error {
  constructor({ title = "", status = 0, detail = "" }) {
    super(known(`problem_${title}`) ? t(`problem_${title}`) : detail || title || String(status));
    this.title = title;
    this.status = status;
  }
}

const KEY = "lastro.key";
let key = sessionStorage.getItem(KEY);

let asking = null; // several requests may want a key at once: they are told of the same one

/** Ask for a key; whether one was given. */
function askForKey() {
  asking ??= new Promise((resolve) => {
    const dialog = $("ask-key");
    const take = () => {
      asking = null;
      const given = $("key").value.trim();
      $("key").value = "";
      if (given) sessionStorage.setItem(KEY, (key = given));
      resolve(given !== "");
    };
    dialog.addEventListener("close", take, { once: true });
    dialog.showModal();
  });
  return asking;
}

/** The headers of every request. */
export const headers = (more = {}) => (key ? { ...more, Authorization: `Bearer ${key}` } : more);

/** The response to a request that went well. Throws Problem; asks for a key where one is wanted. */
export async function send(path, { json, ...options } = {}) {
  const request = { ...options };
  if (json !== undefined) {
    request.body = JSON.stringify(json);
    request.headers = { "Content-Type": "application/json", ...options.headers };
  }
  for (;;) {
    let response;
    try {
      response = await fetch(path, { ...request, headers: headers(request.headers) });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Problem({ title: "Offline", detail: t("offline") });
    }
    if (response.ok) return response;
    if (response.status === 401 && (await askForKey())) continue;
    throw problemOf(response.status, response.statusText, await response.text());
  }
}

/** The problem that a response tells of; one from between us and the server may be no problem document. */
export function problemOf(status, title, text) {
  try {
    return new Problem({ status, ...JSON.parse(text) });
  } catch {
    return new Problem({ status, title, detail: text.slice(0, 200) });
  }
}

/** The JSON that `path` answers with. */
export const ask = async (path, options) => (await send(path, options)).json();

/** A way of asking of which only the newest counts: what an earlier one brings after it, if anything, is null. */
export function newest() {
  let last = null;
  return async (path) => {
    last?.abort();
    const mine = (last = new AbortController());
    try {
      const value = await ask(path, { signal: mine.signal });
      return mine.signal.aborted ? null : value;
    } catch (error) {
      if (mine.signal.aborted) return null;
      throw error;
    }
  };
}

/** The events that `path` answers with, data parsed. An `error` event is thrown as the Problem it tells of. */
export async function* stream(path, options) {
  const response = await send(path, { method: "POST", ...options });
  for await (const { event, data } of events(response.body)) {
    const value = JSON.parse(data);
    if (event === "error") throw new Problem(value);
    yield [event, value];
  }
}
