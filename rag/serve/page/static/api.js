// Requests to the service that sent this page.

import { $ } from "./dom.js";
import { events } from "./events.js";
import { t } from "./strings.js";

/** What the service says went wrong: an RFC 9457 problem document. */
export class Problem extends Error {
  constructor({ title = "", status = 0, detail = "" }) {
    super(detail || title || String(status));
    this.title = title;
    this.status = status;
  }
}

const KEY = "lastro.key";
let key = sessionStorage.getItem(KEY);

async function askForKey() {
  const dialog = $("ask-key");
  if (!dialog.open) dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  const given = $("key").value.trim();
  $("key").value = "";
  if (!given) return false;
  key = given;
  sessionStorage.setItem(KEY, key);
  return true;
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
    throw await problemOf(response);
  }
}

async function problemOf(response) {
  const text = await response.text();
  try {
    return new Problem({ status: response.status, ...JSON.parse(text) });
  } catch {
    return new Problem({ status: response.status, title: response.statusText, detail: text.slice(0, 200) });
  }
}

/** The JSON that `path` answers with. */
export const ask = async (path, options) => (await send(path, options)).json();

/** The events that `path` answers with, data parsed. An `error` event is thrown as the Problem it tells of. */
export async function* stream(path, options) {
  const response = await send(path, { method: "POST", ...options });
  for await (const { event, data } of events(response.body)) {
    const value = JSON.parse(data);
    if (event === "error") throw new Problem(value);
    yield [event, value];
  }
}
