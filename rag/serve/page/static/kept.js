// What this browser keeps between visits. A browser that forbids it still shows the page: nothing is kept then.

const PREFIX = "lastro.";

/** What was kept under `name`, or `otherwise` when nothing was, or it is not what we wrote. */
export function recall(name, otherwise) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return otherwise;
  }
}

/** Keep `value`; whether it could be kept. */
export function keep(name, value) {
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Words that early.js reads before anything else runs; kept bare. Null forgets. */
export function keepWord(name, word) {
  try {
    if (word === null) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, word);
  } catch {
    // Nothing is kept in this browser: the choice holds until the page is closed.
  }
}
