// The models that were found: which one answers, and whether it works.
import { api, told } from "../api.js";
import { confirm } from "../dialog.js";
import { fill, h, icon } from "../dom.js";
import { count, money } from "../format.js";
import { language, t } from "../i18n.js";
import { sentence, toast } from "../toast.js";

export class ModelsPart {
  constructor() {
    this.list = h("ul.models", { "aria-label": t("models") });
    this.node = h("div.stack", h("p.quiet", t("models.text")), this.list);
  }

  async load() {
    if (!this.list.childElementCount) fill(this.list, h("li", h("span.spinner"), " ", t("models.looking")));
    try {
      const { current, models } = await api.get("/api/models");
      const known = models.some(({ name }) => name === current) || !current;
      const first = known ? [] : [{ name: current, provider: "", local: true, available: true, answers: true, why: t("models.now"), agreed: true }];
      fill(this.list, [...first, ...models].map((one) => this.model(one, one.name === current)));
    } catch (error) {
      fill(this.list, h("li.notice.error", sentence(error).text));
    }
  }

  model(one, current) {
    const result = h("div.trial", { role: "status" });
    const price = one.usd_per_million_in ? t("models.price", { read: money(one.usd_per_million_in), written: money(one.usd_per_million_out ?? 0) }) : "";
    return h("li.model-row", { class: one.available ? "" : "away" },
      h("div.row.wrap", icon(one.local ? "local" : "cloud"), h("div.grow", h("b", one.name), h("p.small.quiet", [t(one.local ? "model.local" : "model.cloud"), price, one.why].filter(Boolean).join(" · "))),
        current ? h("span.badge.good", icon("check"), t("models.current")) : one.available && h("button", { type: "button", "aria-label": t("models.use.label", { name: one.name }), onclick: () => this.use(one) }, t("models.use")),
        one.available && h("button", { type: "button", "aria-label": t("models.test.label", { name: one.name }), onclick: (event) => this.test(one, result, event.currentTarget) }, t("models.test"))), result);
  }

  async agreed(one, consent) {
    return confirm({ title: t("model.away", { name: one.name }), text: consent || t("model.away.text"), yes: t("model.away.yes") });
  }

  async test(one, place, button, agree = false) {
    button.disabled = true;
    fill(place, h("p.small", h("span.spinner"), " ", t("models.testing")));
    const done = await told(api.post("/api/models/test", { model: one.name, agree }));
    button.disabled = false;
    if (done?.consent && !agree) return (await this.agreed(one, done.consent)) ? this.test(one, place, button, true) : fill(place);
    if (!done) return fill(place);
    const seconds = (value) => new Intl.NumberFormat(language(), { style: "unit", unit: "second", maximumFractionDigits: 1 }).format(value);
    if (done.ok) return fill(place, h("p.small.good", icon("check"), t("models.works", { seconds: seconds(done.seconds), tokens: count(done.output_tokens) })), done.response && h("blockquote.small", done.response));
    return fill(place, h("p.notice.error", h("span", done.error, done.hint && h("span", ` ${done.hint}`))));
  }

  async use(one, agree = false) {
    const done = await told(api.post("/api/models/use", { model: one.name, agree }));
    if (!done) return;
    if (done.consent && !agree) return void ((await this.agreed(one, done.consent)) && this.use(one, true));
    toast.done(t("models.used", { name: one.name }));
    await this.load();
  }
}
