// Which model answers in this chat, and whether it is on this machine.
import { api, told } from "../api.js";
import { confirm } from "../dialog.js";
import { h, icon } from "../dom.js";
import { t } from "../i18n.js";
import { menu } from "../menu.js";
import { toast } from "../toast.js";

export class ModelMenu {
  /** session(): the id of the conversation, or "" */
  constructor(session) {
    this.session = session;
    this.found = { current: "", models: [] };
    this.name = "";
    this.chosen = ""; // for a conversation that has not begun
    this.node = h("button.chip.model", { type: "button", "aria-haspopup": "menu", onclick: () => this.open() });
    this.load();
  }

  async load() {
    this.found = (await api.get("/api/models").catch(() => null)) ?? this.found;
    this.draw();
  }

  /** The conversation's own model, or "" for the one that the settings name. */
  show(name) {
    this.name = name || "";
    this.chosen = "";
    this.draw();
  }

  draw() {
    const name = this.name || this.found.current;
    const known = this.found.models.find((one) => one.name === name);
    this.node.hidden = !name;
    this.node.replaceChildren(icon(known && !known.local ? "cloud" : "local"), h("span.cut", name.split("/").at(-1)), icon("down"));
    this.node.setAttribute("aria-label", t("model.pick", { name }));
    this.node.title = known ? t(known.local ? "model.local" : "model.cloud") : name;
  }

  open() {
    const { models, current } = this.found;
    if (!models.length) return toast.info(t("model.none"));
    const now = this.name || current;
    return menu(this.node, t("model"), models.filter((one) => one.available || one.name === now).map((one) => ({
      label: one.name, icon: one.local ? "local" : "cloud", note: t(one.local ? "model.local" : "model.cloud"),
      checked: one.name === now, run: () => this.choose(one) })));
  }

  /** The first use of a model elsewhere: the owner says yes, and the server tries whether it answers. */
  async agree(one) {
    const yes = await confirm({ title: t("model.away", { name: one.name }), text: t("model.away.text"), yes: t("model.away.yes") });
    const tried = yes && (await told(api.post("/api/models/test", { model: one.name, agree: true })));
    if (!tried) return false;
    if (!tried.ok) toast.error(tried.error || tried.consent, { hint: tried.hint });
    else one.agreed = true;
    return tried.ok;
  }

  /** Whether the model that answers here may: one elsewhere has to be agreed to before the first words go there. */
  async allowed() {
    const one = this.found.models.find(({ name }) => name === (this.name || this.found.current));
    return !one || one.local || one.agreed || this.agree(one);
  }

  async choose(one) {
    if (!one.local && !one.agreed && !(await this.agree(one))) return;
    const session = this.session();
    if (session && !(await told(api.post(`/api/sessions/${encodeURIComponent(session)}/model`, { model: one.name })))) return;
    this.show(one.name);
    if (!session) this.chosen = one.name;
    toast.done(t("model.set", { name: one.name }));
  }
}
