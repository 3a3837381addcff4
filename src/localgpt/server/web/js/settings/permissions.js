// What may happen without a question: the mode, and what was allowed for longer than once.
import { api, told } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { timeNode } from "../format.js";
import { add, t } from "../i18n.js";
import { sentence, toast } from "../toast.js";

add({
  en: {
    "settings.permissions": "Permissions", "mode": "How much may happen unasked", "mode.ask": "Ask", "mode.ask.text": "What you said may happen, happens; the rest is asked. Notes can be written, for that can be undone.", "mode.trusted": "Trusted folders", "mode.trusted.text": "In the folders below, files are written and programs run behind walls without a question, as long as nothing foreign was read.",
    "mode.read-only": "Read only", "mode.read-only.text": "It reads and searches. Nothing is written, sent or run.", "mode.plan": "Plan", "mode.plan.text": "It says what it would do, and does nothing of it.", "mode.yolo": "Everything in one folder", "mode.yolo.text": "In the one folder named below nothing is asked, but never after foreign text was read.", "mode.saved": "Mode: {name}",
    "grants": "Allowed for longer", "grants.text": "What you have allowed for a chat or for good. What you take back is asked again.", "grants.none": "Nothing is allowed for longer than once.", "grant.exact": "exactly this call", "grant.session": "in one chat", "grant.always": "for good", "grant.revoke": "Take back", "grant.revoke.label": "Take back: {tool} {target}", "grant.revoked": "It will be asked again.",
  },
  de: {
    "settings.permissions": "Erlaubnisse", "mode": "Wie viel ungefragt geschehen darf", "mode.ask": "Fragen", "mode.ask.text": "Was du gesagt hast, geschieht; alles andere wird gefragt. Notizen dürfen geschrieben werden, denn das lässt sich zurücknehmen.", "mode.trusted": "Vertraute Ordner", "mode.trusted.text": "In den Ordnern unten werden ohne Frage Dateien geschrieben und Programme hinter Mauern ausgeführt, solange nichts Fremdes gelesen wurde.",
    "mode.read-only": "Nur lesen", "mode.read-only.text": "Es liest und sucht. Nichts wird geschrieben, gesendet oder ausgeführt.", "mode.plan": "Planen", "mode.plan.text": "Es sagt, was es tun würde, und tut nichts davon.", "mode.yolo": "Alles in einem Ordner", "mode.yolo.text": "In dem einen Ordner unten wird nichts gefragt, aber nie, nachdem Fremdes gelesen wurde.", "mode.saved": "Modus: {name}",
    "grants": "Länger erlaubt", "grants.text": "Was du für einen Chat oder für immer erlaubt hast. Was du zurücknimmst, wird wieder gefragt.", "grants.none": "Nichts ist länger als einmal erlaubt.", "grant.exact": "genau dieser Aufruf", "grant.session": "in einem Chat", "grant.always": "für immer", "grant.revoke": "Zurücknehmen", "grant.revoke.label": "Zurücknehmen: {tool} {target}", "grant.revoked": "Es wird wieder gefragt.",
  },
});

const MODE = "security.mode";

export class PermissionsPart {
  constructor() {
    this.modes = h("fieldset.modes", h("legend", t("mode")));
    this.list = h("ul.models", { "aria-label": t("grants") });
    this.problems = h("div.stack", { hidden: true });
    this.node = h("div.stack", this.modes, h("div.stack", h("h3", { tabindex: "-1" }, t("grants")), h("p.quiet", t("grants.text")), this.problems, this.list));
  }

  async load() {
    await Promise.all([this.loadModes(), this.loadGrants()]);
  }

  async loadModes() {
    const found = await told(api.get("/api/settings"));
    const mode = found?.settings.find(({ key }) => key === MODE);
    if (mode) fill(this.modes, h("legend", t("mode")), mode.choices.map((name) => this.mode(name, mode.value ?? mode.default)));
  }

  mode(name, now) {
    const input = h("input", { type: "radio", name: "mode", value: name, id: `mode-${name}`, "aria-describedby": `mode-${name}-text`, onchange: () => this.choose(name) });
    input.checked = name === now;
    return h("div.mode", input, h("div", h("label", { for: `mode-${name}` }, t(`mode.${name}`)), h("p.small.quiet", { id: `mode-${name}-text` }, t(`mode.${name}.text`))));
  }

  async choose(name) {
    if (await told(api.put("/api/settings", { key: MODE, value: name }))) toast.done(t("mode.saved", { name: t(`mode.${name}`) }));
    else await this.loadModes();
  }

  async loadGrants() {
    try {
      const { grants, problems } = await api.get("/api/grants");
      this.problems.hidden = !problems.length;
      fill(this.problems, problems.map((one) => h("p.notice.warning", icon("warn"), h("span", { lang: "en" }, one))));
      fill(this.list, grants.length ? grants.map((one) => this.grant(one)) : h("li.quiet", t("grants.none")));
    } catch (error) {
      fill(this.list, h("li.notice.error", sentence(error).text));
    }
  }

  grant(one) {
    const facts = [one.exact && t("grant.exact"), t(one.session ? "grant.session" : "grant.always"), one.why].filter(Boolean).join(" · ");
    return h("li.model-row", h("div.row.wrap", icon("lock"), h("div.grow", h("b", one.tool), " ", h("code", one.target), h("p.small.quiet", facts, one.when && [" · ", timeNode(h, one.when)])),
      h("button", { type: "button", "aria-label": t("grant.revoke.label", one), onclick: () => this.revoke(one) }, t("grant.revoke"))));
  }

  async revoke({ id }) {
    if (!(await told(api.del(`/api/grants/${encodeURIComponent(id)}`)))) return;
    toast.done(t("grant.revoked"));
    await this.loadGrants();
    this.node.querySelector("h3").focus();
  }
}
