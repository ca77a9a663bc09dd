// Server-sent events of a response to POST, which the browser's own EventSource cannot ask for.

/** The events of `stream`, a ReadableStream of bytes: {event, data} with data as text. As the HTML standard says. */
export async function* events(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let event = "message";
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return; // what an unfinished event said is dropped, as the standard says
      rest += value;
      // A lone \r at the end may be the first half of \r\n.
      const lines = rest.split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop();
      for (const line of lines) {
        if (line === "") {
          if (data.length) yield { event, data: data.join("\n") };
          [event, data] = ["message", []];
          continue;
        }
        const [, field, content] = /^([^:]*):? ?(.*)$/.exec(line);
        if (field === "event") event = content;
        else if (field === "data") data.push(content);
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // nobody is left to tell: the connection is closed either way
  }
}
