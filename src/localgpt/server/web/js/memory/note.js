// One note: read, written, its links and history; renamed, deleted.
import { api, encodedPath, query, told } from "../api.js";
import { ask } from "../dialog.js";
import { fill, h, icon, iconButton } from "../dom.js";
import { timeNode } from "../format.js";
import { t } from "../i18n.js";
import { menu } from "../menu.js";
import { prose, toLines } from "../prose.js";
import { go, noteAddress, rename } from "../router.js";
import { sentence, toast } from "../toast.js";
import { undoNow } from "../undoing.js";
import { Editor } from "./editor.js";
import { historyNode } from "./history.js";

export class NoteView {
  /** changed(): the list of notes is another now */
  constructor(changed) {
    this.changed = changed;
    this.node = h("div.note-place", { tabindex: "-1" });
    this.note = null;
    this.editor = null;
    this.path = "";
  }

  get title() {
    return this.note?.title || this.path.split("/").at(-1);
  }

  async open(path, { lines = null, fresh = false } = {}) {
    this.end();
    this.path = path;
    this.lines = lines;
    if (path !== this.note?.path) this.note = null;
    try {
      const note = await api.get(`/api/notes/${encodedPath(path)}`);
      if (path !== this.path) return;
      if (note.path !== path && !path.includes(":")) return void go(noteAddress(note.path, lines?.start, lines?.end), { replace: true });
      this.note = note;
      this.read();
      rename();
    } catch (error) {
      if (path === this.path) this.missing(error, fresh);
    }
  }

  missing(error, fresh) {
    this.note = null;
    if (error.status === 404 && fresh) return this.begin();
    const { text, hint } = sentence(error);
    const could = error.status === 404 && !this.path.includes(":");
    fill(this.node, h("div.empty", icon("note"), h("h1", error.status === 404 ? t("note.none") : text), h("p", could ? this.path : hint),
      could && h("button.primary", { type: "button", onclick: () => this.begin() }, t("note.create"))));
    return undefined;
  }

  begin() {
    const path = /\.(md|markdown|txt)$/i.test(this.path) ? this.path : `${this.path}.md`;
    const name = path.split("/").at(-1).replace(/\.\w+$/, "");
    this.path = path;
    this.write({ path, title: name, text: `# ${name.charAt(0).toUpperCase()}${name.slice(1).replaceAll("-", " ")}\n\n`, sha256: null });
  }

  head(mode, ...more) {
    const { note } = this;
    return h("header.note-head",
      h("a.icon-button.button.to-list", { href: "#/memory", "aria-label": t("notes") }, icon("left")),
      h("div.grow", h("h1", note?.title || this.title), h("p.small.quiet.note-where", crumbs(this.path), note?.modified && [" · ", timeNode(h, note.modified)])),
      note?.protected && h("span.badge.warning", { title: t("note.protected") }, icon("lock"), t("note.protected.short")),
      note && !note.writable && h("span.badge", t("note.readonly")), h("div.row.note-acts", more));
  }

  read() {
    const { note } = this;
    const body = h("article.prose.note-text", { "aria-label": note.title });
    if (note.text.trim()) withoutTitle(prose(body, note.html), note.title);
    else fill(body, h("p.quiet", t("note.empty")));
    fill(this.node, this.head("read",
      note.writable && h("button", { type: "button", onclick: () => this.write(note) }, icon("edit"), t("edit")),
      iconButton("history", t("history"), () => this.history(), { "aria-expanded": "false" }),
      note.writable && iconButton("more", t("more"), (event) => this.more(event.currentTarget), { "aria-haspopup": "menu" })),
    body, this.past = h("div.past"), connections(note));
    if (!this.lines || !toLines(body, this.lines)) this.node.parentElement?.scrollTo?.(0, 0);
  }

  history() {
    const button = this.node.querySelector(".note-acts [aria-expanded]");
    const open = button?.getAttribute("aria-expanded") !== "true";
    button?.setAttribute("aria-expanded", String(open));
    if (!open) return this.past.replaceChildren();
    const close = iconButton("close", t("close"), () => this.history());
    fill(this.past, h("section.card", h("div.row", h("h2.grow", { tabindex: "-1" }, t("history")), close), historyNode(this.path, { undone: () => this.again() })));
    this.past.scrollIntoView({ block: "nearest" });
    return this.past.querySelector("h2").focus();
  }

  more(anchor) {
    menu(anchor, t("more"), [
      { label: t("note.move"), icon: "edit", run: () => this.move() },
      { label: t("note.copy"), icon: "link", run: () => navigator.clipboard.writeText(this.path).then(() => toast.done(t("copied"))) },
      null, { label: t("delete"), icon: "trash", danger: true, run: () => this.remove() }]);
  }

  write(note) {
    this.end();
    this.editor = new Editor(note, { saved: (answer, text) => this.wrote(answer, text), closed: () => this.done() });
    this.behind = h("p.notice.warning", { hidden: true }, icon("info"), t("edit.behind"));
    fill(this.node, this.head("edit"), this.behind, this.editor.node);
    this.node.classList.add("writing");
    this.editor.field.focus();
    this.editor.field.setSelectionRange(note.sha256 === null ? note.text.length : 0, note.sha256 === null ? note.text.length : 0);
  }

  wrote(answer, text) {
    this.behind.hidden = true;
    if (this.note) Object.assign(this.note, { text, sha256: answer.sha256 });
    toast.done(t("edit.saved"), { action: { label: t("undo"), run: async () => { await undoNow(answer.turn_id); this.again(); } } });
    this.changed();
    if (location.hash !== noteAddress(this.path)) history.replaceState(null, "", noteAddress(this.path));
  }

  done() {
    this.lines = null;
    this.open(this.path).then(() => this.node.querySelector(".note-acts button")?.focus());
  }

  /** Load it anew, where it is not being written. */
  again() {
    this.changed();
    if (!this.editor) this.reload();
    else this.behind.hidden = false;
  }

  async reload() {
    const open = this.past?.childElementCount > 0;
    const { scrollTop } = this.node.parentElement ?? {};
    const lines = this.lines;
    await this.open(this.path);
    this.lines = lines;
    if (open && this.note) this.history();
    this.node.parentElement?.scrollTo?.(0, scrollTop ?? 0);
  }

  /** The server says that a note changed. */
  heard(path) {
    if (path !== this.path || !path) return;
    this.check();
  }

  /** Is it still what is shown? Otherwise show it anew, or say so where it is being written. */
  async check() {
    const { path, editor, note } = this;
    const hash = editor ? editor.hash : note?.sha256;
    if (!path || path.includes(":") || (!editor && !note)) return;
    const now = await api.get(`/api/notes/${encodedPath(path)}${query({ start: 1, end: 1 })}`).catch((error) => (error.status === 404 ? { sha256: null } : { sha256: hash }));
    if (path !== this.path || editor !== this.editor || editor?.busy || now.sha256 === (editor ? editor.hash : this.note?.sha256)) return;
    if (editor) this.behind.hidden = false;
    else this.reload();
  }

  async move() {
    const to = await ask({ title: t("note.move"), label: t("note.path"), value: this.path, yes: t("rename") });
    if (!to || to === this.path) return;
    const moved = await told(api.post(`/api/notes/${encodedPath(this.path)}/move`, { to, sha256: this.note.sha256 }));
    if (!moved) return;
    toast.done(t("note.moved", { path: moved.path }), { action: { label: t("undo"), run: async () => { if (await undoNow(moved.turn_id)) { this.changed(); go("#/memory"); } } } });
    this.changed();
    go(noteAddress(moved.path), { replace: true });
  }

  async remove() {
    const { path } = this;
    const gone = await told(api.del(`/api/notes/${encodedPath(path)}${query({ sha256: this.note.sha256 })}`));
    if (!gone) return;
    this.path = "";
    this.changed();
    go("#/memory");
    toast.done(t("note.deleted", { path }), { stay: true, action: { label: t("undo"), run: async () => {
      await undoNow(gone.turn_id);
      this.changed();
      go(noteAddress(path));
    } } });
  }

  leave() {
    return this.editor ? this.editor.leave() : true;
  }

  end() {
    this.editor?.end();
    this.editor = null;
    this.node.classList.remove("writing");
  }
}

/** The heading that is the note's title stands above already. */
function withoutTitle(body, title) {
  const first = body.querySelector(":scope > h1");
  if (first?.textContent.trim() === title && !first.previousElementSibling?.matches(":not(.front-matter)")) first.hidden = true;
}

function crumbs(path) {
  return path.split("/").map((part, at, all) => [at ? h("span.slash", " / ") : "", at === all.length - 1 ? h("span", part) : part]);
}

function connections(note) {
  const seen = new Set();
  const links = note.links.filter(({ path, target }) => !seen.has(path ?? target) && seen.add(path ?? target));
  if (!links.length && !note.backlinks.length) return null;
  return h("footer.connections",
    links.length > 0 && h("section", h("h2", t("links")), h("ul", links.map(({ target, path }) =>
      h("li", path ? h("a.chip", { href: noteAddress(path) }, icon("link"), h("span.cut", path)) : h("a.chip.gone", { href: noteAddress(target), title: t("note.none") }, icon("plus"), h("span.cut", target)))))),
    note.backlinks.length > 0 && h("section", h("h2", t("backlinks")), h("ul.backlinks", note.backlinks.map(({ path, line, text }) =>
      h("li", h("a", { href: noteAddress(path, line) }, h("b", path), h("span.quiet", text)))))));
}
