// Building elements. Text goes in as text: there is no way here to turn a string into HTML.

export const $ = (id) => document.getElementById(id);

/** An element with attributes (`on`: its listeners; null and false are left out) and children: nodes or strings. */
export function el(name, { on = {}, ...attributes } = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === false || value === undefined) continue;
    element.setAttribute(key, value === true ? "" : value);
  }
  for (const [type, listener] of Object.entries(on)) element.addEventListener(type, listener);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** `text` as children of an element, in which "P-220" does not break at the end of a line. */
export const unbroken = (text) =>
  text
    .split(/([\p{L}\d]{1,12}(?:-[\p{L}\d]{0,6}\d[\p{L}\d]{0,6}){1,3})/u)
    .map((part, n) => (n % 2 ? el("span", { class: "unbroken" }, part) : part));

/** One of the symbols of index.html; decoration only, so that its meaning must be said in words beside it. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** A button that shows an icon and says `label`. */
export function iconButton(name, label, click, attributes = {}) {
  const named = { type: "button", class: "icon", "aria-label": label, title: label };
  return el("button", { ...named, on: { click }, ...attributes }, icon(name));
}

let announcing = 0;

/** Say `text` to people who listen to the page. Said again when it is the same as before. */
export function announce(text) {
  const place = $("announce");
  place.textContent = "";
  clearTimeout(announcing);
  announcing = setTimeout(() => (place.textContent = text), 60);
}
