// Slash commands: completed while one types, run by the server.
import { api } from "../api.js";
import { fill, h } from "../dom.js";
import { t } from "../i18n.js";

let commands = null;

async function known() {
  commands ??= (await api.get("/api/slash").catch(() => ({ commands: [] }))).commands ?? [];
  return commands;
}

export const run = (line, session) => api.post("/api/slash", { line, session_id: session || undefined });

/** Completion at a text field. Gives keys(event): true if it meant something here. */
export class Completion {
  constructor(field) {
    this.field = field;
    this.at = 0;
    this.hits = [];
    this.node = h("div.completion", { role: "listbox", id: "completion", "aria-label": t("slash.list"), hidden: true });
    this.node.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const row = event.target.closest("[data-at]");
      if (row) { this.at = Number(row.dataset.at); this.take(); }
    });
    field.setAttribute("aria-controls", "completion");
    field.setAttribute("aria-autocomplete", "list");
    field.addEventListener("input", () => this.look());
    field.addEventListener("blur", () => this.close());
  }

  async look() {
    const typed = this.field.value;
    if (!/^\/\S*$/.test(typed)) return this.close();
    const all = await known();
    if (this.field.value !== typed) return undefined;
    this.hits = all.filter(({ name }) => `/${name}`.startsWith(typed.toLowerCase()) && `/${name}` !== typed);
    this.at = 0;
    return this.draw();
  }

  draw() {
    const open = this.hits.length > 0;
    this.node.hidden = !open;
    this.field.setAttribute("aria-activedescendant", open ? `completion-${this.at}` : "");
    fill(this.node, this.hits.map(({ name, usage, summary }, at) =>
      h("div.completion-item", { role: "option", id: `completion-${at}`, "aria-selected": String(at === this.at), data: { at } },
        h("code", usage), h("span.quiet.cut", summary))));
    this.node.children[this.at]?.scrollIntoView({ block: "nearest" });
  }

  close() {
    this.hits = [];
    this.draw();
  }

  take() {
    const { name, usage } = this.hits[this.at];
    this.field.value = `/${name}${usage.includes(" ") ? " " : ""}`;
    this.close();
    this.field.dispatchEvent(new Event("input"));
  }

  keys(event) {
    if (!this.hits.length) return false;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      this.at = (this.at + step + this.hits.length) % this.hits.length;
      this.draw();
    } else if (event.key === "Escape") this.close();
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) this.take();
    else return false;
    event.preventDefault();
    return true;
  }
}
