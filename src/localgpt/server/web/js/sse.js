// Server-sent events by fetch(), so that the key travels in a header; each event is one `data:` line of JSON.
import { request } from "./api.js";

/** The events of one response: yields {id, data}; data is parsed JSON. Ends with the stream or `[DONE]`. options.opened() is called when
 *  the server has begun to answer. */
export async function* events(method, path, body, options = {}) {
  const response = await request(method, path, body, { ...options, headers: { Accept: "text/event-stream", ...options.headers } });
  options.opened?.();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      rest = (rest + value).replaceAll("\r\n", "\n");
      const frames = rest.split("\n\n");
      rest = frames.pop();
      for (const frame of frames) {
        const event = parsed(frame);
        if (event === "end") return;
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

function parsed(frame) {
  let id = "";
  const data = [];
  for (const line of frame.split("\n")) {
    if (line.startsWith("data:")) data.push(line.slice(5).trimStart());
    else if (line.startsWith("id:")) id = line.slice(3).trim();
  }
  const text = data.join("\n");
  if (!text) return null;
  return text === "[DONE]" ? "end" : { id, data: JSON.parse(text) };
}

/** Waiting times between attempts: soon at first, then every few seconds. */
export const patience = (attempt) => Math.min(5000, 300 * 2 ** attempt) * (0.8 + Math.random() * 0.4);

export function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
}
