// The server counts characters as Python does, by code point; JavaScript counts UTF-16 units: the "a" of "😀a" is the
// second character of the one, the third of the other.

/** A function (start, end) → text.slice by code points. */
export function slicer(text) {
  if (!/[\ud800-\udfff]/.test(text)) return (start, end) => text.slice(start, end);
  const at = [];
  for (let unit = 0; unit < text.length; unit += text.codePointAt(unit) > 0xffff ? 2 : 1) at.push(unit);
  at.push(text.length);
  const unitOf = (point) => at[Math.min(Math.max(point, 0), at.length - 1)];
  return (start, end) => text.slice(unitOf(start), unitOf(end));
}

/** How many code points `text` has. */
export const length = (text) => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};
