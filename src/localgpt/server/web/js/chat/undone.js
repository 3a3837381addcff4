// Which of the turns that wrote notes were taken back: here, at a terminal, or in another tab.
import { api } from "../api.js";
import { h } from "../dom.js";
import { t } from "../i18n.js";

const turns = new Set();

export const isUndone = (turn) => turns.has(turn);

/** Show everywhere that what a turn wrote was taken back. */
export function undone(turn) {
  turns.add(turn);
  for (const node of document.querySelectorAll(`.wrote[data-turn="${CSS.escape(turn)}"]`)) {
    node.classList.add("undone");
    node.querySelector(".link")?.replaceWith(h("span.quiet", t("undone")));
  }
}

/** Ask what of these messages' turns was taken back before. */
export async function markUndone(messages) {
  const wrote = new Set(messages.filter(({ role }) => role === "toolResult").map((one) => one.turn_id));
  if (!wrote.size) return;
  const found = await api.get("/api/history?limit=300").catch(() => ({ steps: [] }));
  for (const { id, undone_by: by } of found.steps) if (by && wrote.has(id)) undone(id);
}
