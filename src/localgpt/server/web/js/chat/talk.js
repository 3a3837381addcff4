// One turn, followed until its end: resumed when the connection breaks, since a turn lives on without who asked.
import { api } from "../api.js";
import { patience, sleep, events } from "../sse.js";

/** The turn is not there any more: the server was started anew. What was said stands in the conversation. */
export class Gone extends Error {}

/** Say something; yields the turn's events. */
export function say(body, signal, lost) {
  return follow(["POST", "/api/chat/stream", { ...body, render: true }], { turn: "", after: 0 }, signal, lost);
}

/** Listen to a turn that runs already. */
export function listen(turn, signal, lost) {
  return follow(again(turn, 0), { turn, after: 0 }, signal, lost);
}

const again = (turn, after) => ["GET", `/api/turns/${encodeURIComponent(turn)}/events?after=${after}&render=1`, undefined];

async function* follow(first, at, signal, lost) {
  let asked = first;
  let failed = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      for await (const { id, data } of events(...asked, { signal })) {
        attempt = 0;
        lost(false);
        note(at, id, data);
        yield data;
        if (data.type === "done") return;
        failed ||= data.type === "error";
      }
    } catch (error) {
      if (signal.aborted) throw error;
      if (!at.turn) throw error; // it never began: the words are still the owner's to send
      if (error.status === 404) throw new Gone();
      if (error.status && error.status < 500 && error.status !== 429) throw error;
    }
    if (failed) return;
    if (!at.turn) throw new Gone();
    lost(true);
    await sleep(patience(attempt), signal);
    asked = again(at.turn, at.after);
  }
}

function note(at, id, data) {
  if (data.turn_id) at.turn = data.turn_id;
  const cut = id.lastIndexOf(":");
  if (cut > 0) {
    at.turn = id.slice(0, cut);
    at.after = Number(id.slice(cut + 1)) || at.after;
  }
}

export const stop = (turn) => api.post(`/api/turns/${encodeURIComponent(turn)}/stop`);

/** The id of the turn that runs in a session, or "". */
export async function running(session) {
  const { turns } = await api.get("/api/turns");
  return turns.find((one) => one.session_id === session && !one.done)?.turn_id ?? "";
}
