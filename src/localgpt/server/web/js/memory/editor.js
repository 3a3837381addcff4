// A note being written: text and preview side by side, saved at the hash it was read at, never over somebody else.
import { api, encodedPath } from "../api.js";
import { unlike } from "../diff.js";
import { confirm } from "../dialog.js";
import { fill, h, icon, settled } from "../dom.js";
import { t } from "../i18n.js";
import { prose } from "../prose.js";
import { announce, toast } from "../toast.js";

export class Editor {
  /** note: {path, text, sha256 (null: new)}; acts: {saved(answer, text), closed()}. `plain`: no preview beside it. */
  constructor(note, acts, { plain = false, label = note.path } = {}) {
    Object.assign(this, { path: note.path, saved: note.text, hash: note.sha256, acts, plain });
    this.field = h("textarea.source", { "aria-label": t("edit.field", { path: label }), value: note.text, spellcheck: "true" });
    this.preview = h("div.prose.preview", { tabindex: "0", role: "region", "aria-label": t("edit.preview") });
    this.state = h("span.small.quiet.state", { role: "status" });
    this.button = h("button.primary", { type: "button", onclick: () => this.save() }, t("save"));
    this.place = h("div.conflict-place");
    this.build();
    this.render = settled(() => this.draw(), 250);
    this.field.addEventListener("input", () => this.typed());
    this.node.addEventListener("keydown", (event) => this.key(event));
    this.unload = (event) => this.dirty && event.preventDefault();
    addEventListener("beforeunload", this.unload);
    this.typed(true);
  }

  build() {
    const tabs = !this.plain && h("div.write-tabs", { role: "group", "aria-label": t("edit.show") }, ["write", "preview"].map((name) =>
      h("button.chip", { type: "button", "aria-pressed": String(name === "write"), onclick: (event) => this.side(event.currentTarget, name) }, t(`edit.${name}`))));
    this.bar = h("div.row.edit-bar", tabs, this.state, h("span.grow"), !this.plain && h("button", { type: "button", onclick: () => this.close() }, t("edit.close")), this.button);
    this.panes = h("div.panes", this.field, !this.plain && this.preview);
    this.node = h("div.editor", { class: this.plain ? "plain" : "" }, this.place, this.panes, this.bar);
  }

  get dirty() {
    return this.field.value !== this.saved;
  }

  side(button, name) {
    for (const other of button.parentElement.children) other.setAttribute("aria-pressed", String(other === button));
    this.node.classList.toggle("previewing", name === "preview");
  }

  typed(first = false) {
    this.state.textContent = this.dirty ? t("edit.unsaved") : "";
    this.button.disabled = !this.dirty && this.hash !== null;
    if (first) this.draw();
    else this.render();
  }

  async draw() {
    if (this.plain) return;
    const answer = await api.post("/api/render", { text: this.field.value, path: this.path }).catch(() => null);
    if (answer) prose(this.preview, answer.html);
  }

  key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
      event.preventDefault();
      this.save();
    }
  }

  /** Save; resolves with whether the text is safe now. */
  async save(hash = this.hash) {
    if (this.busy) return false;
    const text = this.field.value;
    this.busy = true;
    this.state.textContent = t("edit.saving");
    try {
      const answer = await api.put(`/api/notes/${encodedPath(this.path)}`, { text, sha256: hash });
      Object.assign(this, { saved: text, hash: answer.sha256 });
      this.place.replaceChildren();
      this.node.classList.remove("clashing");
      announce(t("edit.saved"));
      this.acts.saved?.(answer, text);
      return true;
    } catch (error) {
      if (error.status === 409 && "current" in (error.body ?? {})) this.conflict(error.body.current);
      else toast.error(error);
      return false;
    } finally {
      this.busy = false;
      this.typed();
    }
  }

  /** Somebody else changed the note: both texts, and who shall have it. */
  conflict(current) {
    const theirs = current?.text ?? "";
    const [own, other] = unlike(this.field.value, theirs);
    this.node.classList.add("clashing");
    fill(this.place, h("section.conflict", { role: "alertdialog", "aria-labelledby": "conflict-title" },
      h("h2", { id: "conflict-title", tabindex: "-1" }, icon("warn"), t("conflict.title")), h("p", t(current ? "conflict.text" : "conflict.gone")),
      h("div.versions", version(t("conflict.mine"), this.field.value, own, "added"), version(t("conflict.theirs"), theirs, other, "removed")),
      h("div.actions",
        h("button", { type: "button", onclick: () => this.take(current) }, t("conflict.take")),
        h("button", { type: "button", onclick: () => this.both(current) }, t("conflict.both")),
        h("button.primary", { type: "button", onclick: () => this.save(current?.sha256 ?? null) }, t("conflict.keep")))));
    this.place.querySelector("h2").focus();
  }

  settle(hash) {
    this.hash = hash;
    this.place.replaceChildren();
    this.node.classList.remove("clashing");
    this.field.focus();
    this.typed();
  }

  take(current) {
    this.saved = this.field.value = current?.text ?? "";
    this.settle(current?.sha256 ?? null);
    if (!current) this.acts.closed?.();
  }

  /** Mine stays in the field, theirs stands beside it: to be put together by hand. */
  both(current) {
    this.saved = current?.text ?? "";
    this.settle(current?.sha256 ?? null);
    fill(this.place, h("section.beside", h("h2", t("conflict.theirs")), h("pre", { tabindex: "0" }, current?.text ?? "")));
  }

  /** May the editor be left? Asks if something would be lost. */
  async leave() {
    if (!this.dirty) return true;
    return confirm({ title: t("edit.leave"), text: t("edit.leave.text"), yes: t("edit.leave.yes"), danger: true });
  }

  async close() {
    if (await this.leave()) this.acts.closed?.();
  }

  end() {
    removeEventListener("beforeunload", this.unload);
  }
}

function version(title, text, marked, kind) {
  const lines = text.split("\n").map((line, at) => (marked.has(at) ? h("mark", { class: kind }, line || " ", "\n") : `${line}\n`));
  return h("section.version", h("h3", title), h("pre", { tabindex: "0", role: "region", "aria-label": title }, lines));
}
