// A link to an answer: its name at the server, and, should the server no longer keep it, what was asked and how.
//
// The answer itself is not in the link: one that carried it could be forged, verdicts and all. Decoding is greedy and
// seeded, so that asking again gives the same answer while documents and settings are the same; a digest tells whether
// it did. All of it stands after the #, which browsers send to no server.

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
  if (answer.collection) fields.collection = answer.collection;
  fields.is = digest(answer.answer);
  const url = new URL(location.href);
  url.hash = `/answers/${encodeURIComponent(answer.id)}?${new URLSearchParams(fields)}`;
  return url.href;
}

/** What a link asks for: {id, question, settings, collection, digest}, or null when `hash` is no such link. */
export function linked(hash) {
  const [, id, query] = /^#\/answers\/([\w-]{1,64})\?(.*)$/.exec(hash) ?? [];
  const fields = Object.fromEntries(new URLSearchParams(query));
  if (!id || !fields.q) return null;
  const settings = sound({ ...fields, filter: { languages: fields.languages?.split(",") } });
  const seed = Number(fields.seed);
  if (fields.seed && Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31) settings.seed = seed;
  return { id, question: fields.q.slice(0, 2000), settings, collection: fields.collection, digest: fields.is };
}
