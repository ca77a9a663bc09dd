// Server-sent events of a response to POST, which the browser's own EventSource cannot ask for.

/** Takes text as it comes and gives the events that are complete. As the HTML standard says. */
export class Events {
  #rest = "";
  #event = "message";
  #data = [];

  /** The events that `text` completes: {event, data}, data as text. */
  *feed(text) {
    this.#rest += text;
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/); // a lone \r at the end may be the first half of \r\n
    this.#rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (this.#data.length) yield { event: this.#event, data: this.#data.join("\n") };
        [this.#event, this.#data] = ["message", []];
        continue;
      }
      const [, field, value] = /^([^:]*):? ?(.*)$/.exec(line);
      if (field === "event") this.#event = value;
      else if (field === "data") this.#data.push(value);
    }
  }
}

/** The events of `stream`, a ReadableStream of bytes. What an unfinished event said is dropped. */
export async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new Events();
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      yield* parser.feed(value);
    }
  } finally {
    reader.cancel().catch(() => {}); // nobody is left to tell: the connection is closed either way
  }
}
