// The settings: models, keys, search, budgets, every setting there is, the doctor's checks, what this is.
import { api } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { t } from "../i18n.js";
import "../settings/words.js";
import { AboutPart, ChecksPart } from "../settings/checks.js";
import { ModelsPart } from "../settings/models.js";
import { PermissionsPart } from "../settings/permissions.js";
import { SettingRow } from "../settings/row.js";
import { sentence } from "../toast.js";

const PARTS = ["models", "permissions", "keys", "embedding", "budget", "all", "checks", "about"];
const OWN = { models: ModelsPart, permissions: PermissionsPart, checks: ChecksPart, about: AboutPart };
const EXTRA = { models: /^agent\./, permissions: /^security\.(?!mode$)/ };
const CHOSEN = {
  keys: (one) => one.secret,
  embedding: (one) => /^memory\.(embedding|paths|index)|^context\./.test(one.key),
  budget: (one) => /^budget\.|^heartbeat\.day_/.test(one.key),
  all: (one) => !one.secret,
};

const partOf = (route) => (PARTS.includes(route.rest) ? route.rest : "models");

export default {
  title: (route) => `${t(`settings.${partOf(route)}`)} · ${t("settings")}`,
  mount(root, route) {
    const view = new Settings(root);
    view.show(route);
    return { update: (next) => view.show(next), search: () => view.find() };
  },
};

class Settings {
  constructor(root) {
    this.nav = h("nav.settings-nav", { "aria-label": t("settings.parts") });
    this.title = h("h2");
    this.place = h("div.settings-place");
    root.append(h("div.settings-page", h("h1", t("settings")), h("div.settings-columns", this.nav, h("section.settings-main", this.title, this.place))));
  }

  async show(route) {
    const part = partOf(route);
    this.part = part;
    fill(this.nav, PARTS.map((name) => h("a", { href: `#/settings/${name}`, "aria-current": name === part ? "page" : undefined }, t(`settings.${name}`))));
    this.nav.querySelector("[aria-current]").scrollIntoView?.({ block: "nearest", inline: "nearest" });
    this.title.textContent = t(`settings.${part}`);
    const own = OWN[part] && new OWN[part]();
    fill(this.place, own?.node);
    own?.load();
    if (CHOSEN[part] || EXTRA[part]) await this.rows(part, route.query.get("q") ?? "");
  }

  async rows(part, wanted) {
    try {
      const { settings, warnings } = await api.get("/api/settings");
      if (part !== this.part) return;
      const shown = settings.filter(CHOSEN[part] ?? ((one) => EXTRA[part].test(one.key)));
      const text = { keys: "keys.text", embedding: "embedding.text", budget: "budget.text" }[part];
      const sections = h("div.stack", bySection(shown));
      this.place.append(h("div.stack", text && h("p.quiet", t(text)), warnings.map((one) => h("p.notice.warning", icon("warn"), one)), part === "all" && this.filter(sections, wanted), sections));
    } catch (error) {
      this.place.append(h("p.notice.error", sentence(error).text));
    }
  }

  filter(sections, wanted) {
    const none = h("p.quiet", { hidden: true }, t("setting.none"));
    this.field = h("input", { type: "search", value: wanted, placeholder: t("setting.filter"), "aria-label": t("setting.filter"), spellcheck: "false" });
    const apply = () => {
      const words = this.field.value.toLowerCase().split(/\s+/).filter(Boolean);
      for (const row of sections.querySelectorAll(".setting")) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
      for (const card of sections.children) card.hidden = !card.querySelector(".setting:not([hidden])");
      none.hidden = [...sections.children].some((card) => !card.hidden);
    };
    this.field.addEventListener("input", apply);
    apply();
    return [h("div.search-field", icon("search"), this.field), none];
  }

  find() {
    if (this.part === "all") this.field?.focus();
    else location.hash = "#/settings/all";
  }
}

function bySection(settings) {
  const found = new Map();
  for (const one of settings) {
    const section = one.section.split(".")[0];
    found.set(section, [...(found.get(section) ?? []), one]);
  }
  return [...found].map(([section, ones]) => h("section.card.setting-card", { "aria-label": section }, h("h3", section), ones.map((one) => new SettingRow(one).node)));
}
