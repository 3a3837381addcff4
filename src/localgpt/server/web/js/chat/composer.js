// Where one writes: a field that grows, drafts that survive, files, commands, send and stop.
import { h, icon, iconButton } from "../dom.js";
import { t } from "../i18n.js";
import { read, write } from "../store.js";
import { Completion } from "./slash.js";
import { Uploads, dropping } from "./uploads.js";

export class Composer {
  /** acts: send(text, attachments), stop(); extra: elements for the bar below the field */
  constructor(area, acts, extra) {
    this.acts = acts;
    this.key = "";
    this.sending = false;
    this.uploads = new Uploads();
    this.field = h("textarea.words", { rows: 1, placeholder: t("say.hint"), "aria-label": t("say"), enterkeyhint: "send", autocomplete: "off" });
    this.completion = new Completion(this.field);
    this.file = h("input", { type: "file", multiple: true, hidden: true, tabindex: "-1", onchange: () => { this.uploads.add([...this.file.files]); this.file.value = ""; } });
    this.sendButton = h("button.primary.send", { type: "submit", "aria-label": t("send"), title: t("send") }, icon("send"));
    this.stopButton = h("button.send.stop", { type: "button", "aria-label": t("stop"), title: `${t("stop")} (Esc)`, hidden: true, onclick: () => acts.stop() }, icon("stop"));
    this.node = h("form.composer", { onsubmit: (event) => { event.preventDefault(); this.send(); } },
      this.completion.node, this.uploads.node, this.field, this.file,
      h("div.composer-bar",
        iconButton("clip", t("attach"), () => this.file.click()), extra, h("span.grow"), this.stopButton, this.sendButton),
      h("div.drop-hint", { "aria-hidden": "true" }, t("attach.drop")));
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.keys(event));
    dropping(area, this.field, this.uploads);
  }

  /** Whose draft this is: a session's id, or "" for a new one. */
  of(session) {
    this.key = `draft.${session || "new"}`;
    this.field.value = read(this.key) ?? "";
    this.changed();
  }

  /** The new conversation got its id: what is being written belongs to it. */
  adopt(session) {
    write(this.key, "");
    this.key = `draft.${session}`;
    this.changed();
  }

  put(text) {
    this.field.value = text;
    this.changed();
    this.field.focus();
    this.field.setSelectionRange(text.length, text.length);
  }

  changed() {
    write(this.key, this.field.value);
    this.field.style.setProperty("height", "auto");
    this.field.style.setProperty("height", `${this.field.scrollHeight + 2}px`);
  }

  keys(event) {
    if (event.isComposing || this.completion.keys(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      this.send();
    }
  }

  async send() {
    const text = this.field.value.trim();
    if (this.sending || (!text && !this.uploads.all.length)) return;
    this.sending = true;
    try {
      const kept = await this.uploads.take();
      if (!text && !kept.length) return;
      this.field.value = "";
      this.changed();
      this.acts.send(text, kept);
    } finally {
      this.sending = false;
    }
  }

  busy(on) {
    this.stopButton.hidden = !on;
    this.node.classList.toggle("busy", on);
  }
}
