// What changes at the server, whoever changed it: keeps several tabs, terminals and the page in step.
import { events, patience, sleep } from "./sse.js";

const target = new EventTarget();
let state = "connecting";

/** Call `run(fields)` for each event of a type: session, note, inbox, heartbeat, task, index, lost (load anew);
 *  or "connection" ({online}).
 *  Gives back a function that ends it. */
export function on(kind, run) {
  const heard = (event) => run(event.detail);
  target.addEventListener(kind, heard);
  return () => target.removeEventListener(kind, heard);
}

export const online = () => state === "online";

function become(next) {
  if (state === next) return;
  const before = state;
  state = next;
  target.dispatchEvent(new CustomEvent("connection", { detail: { online: next === "online", again: before === "offline" } }));
}

/** Listen until the page goes away; connect again by itself. */
export async function listen(signal) {
  let attempt = 0;
  const opened = () => {
    attempt = 0;
    become("online");
  };
  for (; !signal.aborted; attempt += 1) {
    try {
      for await (const { data } of events("GET", "/api/events", undefined, { signal, opened })) {
        target.dispatchEvent(new CustomEvent(data.type, { detail: data }));
      }
    } catch (error) {
      if (signal.aborted || error.status === 401) return;
    }
    become("offline");
    await sleep(patience(attempt), signal).catch(() => {});
  }
}
