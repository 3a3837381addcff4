// The memory: all notes, search over notes and chats, and the note that is open.
import { api } from "../api.js";
import { ask } from "../dialog.js";
import { fill, h, iconButton, settled } from "../dom.js";
import { on } from "../feed.js";
import { count } from "../format.js";
import { t } from "../i18n.js";
import "../memory/words.js";
import { historyNode } from "../memory/history.js";
import { NoteView } from "../memory/note.js";
import { Search } from "../memory/search.js";
import { Tree } from "../memory/tree.js";
import { go, noteAddress } from "../router.js";

let shown = null;

export default {
  title: (route) => (route.view === "note" ? shown?.note.title || route.rest : t("memory")),
  mount(root, route) {
    shown = new Memory(root);
    return shown.begin(route);
  },
};

class Memory {
  constructor(root) {
    this.root = root;
    this.tree = new Tree();
    this.search = new Search((searching) => { this.tree.node.hidden = searching; });
    this.list = settled(() => this.load(), 120);
    this.note = new NoteView(() => this.list());
    this.place = h("div.memory-main", { tabindex: "-1" });
    this.side = h("aside.memory-side", { "aria-label": t("notes") }, h("h1.side-title", t("memory")),
      h("div.row.side-top", h("div.grow", this.search.field), iconButton("plus", t("note.new"), () => this.add(), { class: "framed" })), this.search.node, this.tree.node);
    root.append(this.side, this.place);
  }

  begin(route) {
    const ends = [on("note", ({ path }) => { this.list(); this.note.heard(path); }), on("lost", () => this.again()), on("connection", ({ online, again }) => online && again && this.again())];
    const back = () => { this.list(); this.note.check(); }; // an editor may have been at work meanwhile
    addEventListener("focus", back);
    ends.push(() => removeEventListener("focus", back));
    this.load();
    this.show(route);
    return {
      update: (next) => this.show(next),
      leave: () => this.note.leave(),
      unmount: () => { ends.forEach((end) => end()); this.note.end(); shown = null; },
      search: () => this.search.input.focus(),
      escape: () => this.escape(),
    };
  }

  again() {
    this.list();
    if (this.note.path) this.note.again();
  }

  async load() {
    const found = await api.get("/api/notes").catch(() => null);
    if (found) this.tree.show(found.notes, this.note.path);
  }

  show(route) {
    const open = route.view === "note" && route.rest;
    this.root.classList.toggle("reading", Boolean(open));
    if (!open) return this.welcome();
    if (this.note.editor && this.note.path === route.rest) return undefined; // it is being written: nothing of that is lost
    fill(this.place, this.note.node);
    const done = this.note.open(route.rest, { lines: route.lines, fresh: route.query.has("new") });
    this.tree.show(this.tree.notes, route.rest);
    return void done;
  }

  async welcome() {
    this.note.end();
    Object.assign(this.note, { path: "", note: null });
    this.tree.show(this.tree.notes, "");
    const figures = h("p.quiet");
    fill(this.place, h("div.memory-welcome", h("h1", t("memory.welcome")), figures, h("section.card", h("h2", t("memory.recent")), historyNode("", { limit: 12, undone: () => this.list() }))));
    const stats = await api.get("/api/memory/stats").catch(() => null);
    if (stats) fill(figures, t("memory.welcome.text", { notes: count(stats.notes), passages: count(stats.total_chunks) }), stats.pending ? ` ${t("memory.pending", { n: count(stats.pending) })}` : "");
  }

  async add() {
    const folder = this.note.path.includes("/") && !this.note.path.startsWith("memory/") ? this.note.path.replace(/[^/]*$/, "") : "knowledge/";
    const path = await ask({ title: t("note.new"), label: t("note.path"), value: folder, yes: t("note.new") });
    if (!path || path.endsWith("/")) return;
    go(`${noteAddress(/\.(md|markdown|txt)$/i.test(path) ? path : `${path}.md`)}?new`);
  }

  escape() {
    if (this.search.clear()) return true;
    if (this.note.past?.childElementCount) return this.note.history(), true;
    return false;
  }
}
