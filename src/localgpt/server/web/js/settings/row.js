// One setting: its name, its sentence, a field that fits its type; saved when it is left, refused with a reason.
import { api } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { announce, sentence } from "../toast.js";

/** The server's sentence, with what stands in backticks as code. */
export const said = (text) => text.split("`").map((part, at) => (at % 2 ? h("code", part) : part));

const asText = (value) => (typeof value === "string" ? value : String(value ?? ""));
const asLines = (value) => (value ?? []).map((one) => (typeof one === "string" ? one : `${one.path}  ${one.pattern}`)).join("\n");
const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);

/** For each type: the field, and what it says as JSON. */
const FIELDS = {
  bool: (one) => h("input", { type: "checkbox", role: "switch", checked: one.value }),
  choice: (one) => h("select", one.choices.map((name) => h("option", { value: name, selected: name === one.value }, name))),
  int: (one) => h("input", { type: "number", step: 1, min: one.least, max: one.most || undefined, value: asText(one.value), inputmode: "numeric" }),
  float: (one) => h("input", { type: "number", step: "any", min: one.least, max: one.most || undefined, value: asText(one.value), inputmode: "decimal" }),
  list: (one) => h("textarea", { rows: Math.max(2, one.value.length + 1), value: asLines(one.value), placeholder: t("setting.lines"), spellcheck: "false" }),
  folders: (one) => h("textarea", { rows: Math.max(2, one.value.length + 1), value: asLines(one.value), placeholder: t("setting.folders"), spellcheck: "false" }),
  text: (one) => h(one.key.endsWith(".prompt") ? "textarea" : "input", { type: "text", value: asText(one.value), placeholder: asText(one.default) || t("setting.empty"), spellcheck: "false", autocomplete: "off" }),
};
const VALUES = {
  bool: (field) => field.checked,
  int: (field) => (field.value === "" ? null : Number(field.value)),
  float: (field) => (field.value === "" ? null : Number(field.value)),
  list: (field) => lines(field.value),
  folders: (field) => lines(field.value).map((line) => { const [path, pattern = "**/*.md"] = line.split(/\s{2,}|\t/); return { path, pattern }; }),
};

export class SettingRow {
  constructor(one) {
    this.one = one;
    this.id = `setting-${one.key.replaceAll(".", "-")}`;
    this.node = h("div.setting", { data: { key: one.key } });
    this.draw();
  }

  draw(failure, typed) {
    const { one, id } = this;
    const own = one.secret ? this.secret(typed) : this.field(failure, typed);
    fill(this.node, h("div.setting-text", h("label", { for: id }, one.key), h("p.small.quiet", { id: `${id}-doc`, lang: "en" }, said(one.doc))), h("div.setting-field", own,
      failure && h("p.small.bad", { id: `${id}-bad`, role: "alert" }, failure.text, failure.hint && h("span.quiet", ` ${failure.hint}`))));
  }

  field(failure, typed) {
    const { one, id } = this;
    const field = (FIELDS[one.type] ?? FIELDS.text)(one);
    if (typed !== undefined && one.type !== "bool") field.value = typed;
    field.id = id;
    field.setAttribute("aria-describedby", `${id}-doc${failure ? ` ${id}-bad` : ""}`);
    if (failure) field.setAttribute("aria-invalid", "true");
    field.addEventListener("change", () => this.save((VALUES[one.type] ?? ((it) => it.value))(field), field.value));
    if (field.localName === "input") field.addEventListener("keydown", (event) => event.key === "Enter" && field.type !== "checkbox" && field.blur());
    this.mark = h("span.saved.small.good", { "aria-hidden": "true" });
    return [h("div.row", h("div.grow", field), this.mark, one.set && h("button.link.small", { type: "button", title: t("setting.default", { value: this.plain(one.default) }), "aria-label": t("setting.reset.label", { key: one.key }), onclick: () => this.save(null) }, t("setting.reset")))];
  }

  plain(value) {
    if (Array.isArray(value)) return asLines(value) || t("setting.empty");
    return asText(value) || t("setting.empty");
  }

  /** A secret can be set, replaced and removed; it never comes back. */
  secret(typed) {
    const { one, id } = this;
    const field = h("input", { type: "password", id, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-doc`, placeholder: t(one.set ? "key.replace" : "key.enter"), value: typed ?? "" });
    const form = h("form.row", { onsubmit: (event) => { event.preventDefault(); if (field.value.trim()) this.save(field.value.trim(), field.value); } }, h("div.grow", field), h("button", { type: "submit" }, t("save")));
    return [h("div.row.key-state", h("span.badge", { class: one.set ? "good" : "" }, one.set && icon("check"), t(one.set ? "key.set" : "key.unset")),
      one.set && h("button.link.small.danger", { type: "button", "aria-label": t("key.remove.label", { key: one.key }), onclick: () => this.save(null) }, t("key.remove"))), form];
  }

  async save(value, typed) {
    const inside = this.node.contains(document.activeElement);
    try {
      this.one = await api.put("/api/settings", { key: this.one.key, value });
      this.draw();
      announce(t("setting.saved", { key: this.one.key }));
      if (this.mark) this.tick();
    } catch (error) {
      this.draw(sentence(error), this.one.secret ? "" : typed);
    }
    if (inside || value === null) this.node.querySelector(`#${CSS.escape(this.id)}`)?.focus({ preventScroll: true });
  }

  tick() {
    fill(this.mark, icon("check"), t("edit.saved"));
    setTimeout(() => this.mark.replaceChildren(), 2500);
  }
}
