// A link to an answer: the question and its settings, after the #, so that not even they are sent before it is asked.
//
// The answer itself is neither in the link nor kept by the server. A link that carried it could be forged, verdicts and
// all; one kept by the server would go on answering from documents that were deleted. Decoding is greedy and seeded, so
// that asking again gives the same answer while documents and settings are the same; a digest tells whether it did.

import { sound } from "./settings.js";

/** FNV-1a, 32 bits, of the text's UTF-16 units: tells whether two answers are the same, protects nothing. */
export function digest(text) {
  let hash = 0x811c9dc5;
  for (let unit = 0; unit < text.length; unit += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(unit), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

/** The link to `answer`, which was asked for with `settings`. */
export function linkTo(answer, settings) {
  const { filter, ...numbers } = settings;
  const fields = { q: answer.standalone_question || answer.question, ...numbers, seed: answer.seed };
  if (filter?.languages) fields.languages = filter.languages.join(",");
  fields.is = digest(answer.answer);
  const url = new URL(location.href);
  url.hash = `/q?${new URLSearchParams(fields)}`;
  return url.href;
}

/** What a link asks: {question, settings, digest}, or null when `hash` is no such link. */
export function linked(hash) {
  if (!hash.startsWith("#/q?")) return null;
  const fields = Object.fromEntries(new URLSearchParams(hash.slice(4)));
  if (!fields.q) return null;
  const settings = sound({ ...fields, filter: { languages: fields.languages?.split(",") } });
  const seed = Number(fields.seed);
  if (fields.seed && Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31) settings.seed = seed;
  return { question: fields.q.slice(0, 2000), settings, digest: fields.is };
}
