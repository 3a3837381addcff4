// A note beside the conversation, at the lines that were cited.
import { api, encodedPath } from "../api.js";
import { fill, h, icon, iconButton } from "../dom.js";
import { t } from "../i18n.js";
import { prose, toLines } from "../prose.js";
import { noteAddress } from "../router.js";
import { sentence } from "../toast.js";

export class NotePanel {
  constructor() {
    this.node = h("aside.note-panel", { "aria-label": t("note.panel"), tabindex: "-1", hidden: true });
    this.before = null;
  }

  get open() {
    return !this.node.hidden;
  }

  async show(path, lines) {
    if (!this.open) this.before = document.activeElement;
    const body = h("div.prose.note-body");
    this.node.hidden = false;
    fill(this.node,
      h("header.row", icon("note"), h("h2.grow.cut", { title: path }, path.split("/").at(-1)), iconButton("close", t("close"), () => this.close())),
      h("p.small.quiet.note-where", path, lines ? ` · ${where(lines)}` : "", " · ", h("a", { href: noteAddress(path, lines?.start, lines?.end), data: { whole: "1" } }, t("note.whole"))),
      body);
    this.node.focus();
    try {
      const note = await api.get(`/api/notes/${encodedPath(path)}`);
      if (note.html) prose(body, note.html);
      else fill(body, h("pre", note.text));
      if (lines) toLines(body, lines);
    } catch (error) {
      const { text, hint } = sentence(error);
      fill(body, h("div.empty", icon("warn"), h("p", error.status === 404 ? t("note.gone") : text), hint && h("p.small", hint)));
    }
  }

  close() {
    if (!this.open) return false;
    this.node.hidden = true;
    this.before?.focus?.();
    return true;
  }
}

const where = ({ start, end }) => (end > start ? t("note.lines", { start, end }) : t("note.line", { start }));
