// Is everything well: the doctor's findings, each with what to do; and what this is.
import { api } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { bytes, count } from "../format.js";
import { language, t } from "../i18n.js";
import { copy } from "../prose.js";
import { sentence } from "../toast.js";

const RANK = { failure: 0, warning: 1, ok: 2 };
const COLOURS = { failure: "bad", warning: "warning", ok: "good" };

export class ChecksPart {
  constructor() {
    this.list = h("ul.checks", { "aria-label": t("checks") });
    this.button = h("button", { type: "button", onclick: () => this.load() }, icon("retry"), t("checks.again"));
    this.head = h("p.grow", { role: "status" });
    this.node = h("div.stack", h("div.row.wrap", this.head, this.button), this.list);
  }

  async load() {
    this.button.disabled = true;
    fill(this.head, h("span.spinner"), " ", t("checks.running"));
    try {
      const { ok, checks } = await api.get("/api/doctor");
      const bad = checks.filter(({ status }) => status !== "ok").length;
      fill(this.head, ok && !bad ? t("checks.well") : t("checks.some", { n: bad }));
      fill(this.list, checks.toSorted((a, b) => RANK[a.status] - RANK[b.status]).map(check));
    } catch (error) {
      fill(this.head, h("span.bad", sentence(error).text));
    }
    this.button.disabled = false;
  }
}

function check({ name, status, detail, fix }) {
  return h("li.check", h("span.badge", { class: COLOURS[status] }, icon(status === "ok" ? "check" : "warn"), h("span.sr", t(`check.${status}`))),
    h("div.grow", h("b", name), h("p.small.quiet", { lang: "en" }, detail), fix && h("p.small.fix", h("span", t("check.fix")), " ", h("span", { lang: "en" }, fix))));
}

export class AboutPart {
  constructor() {
    this.list = h("dl.about.card");
    this.node = h("div.stack", this.list, h("p.small.quiet", t("about.docs"), " ", h("a", { href: "/api/docs", target: "_blank", rel: "noopener" }, "/api/docs")));
  }

  async load() {
    const [status, stats, settings] = await Promise.all(["status", "memory/stats", "settings"].map((name) => api.get(`/api/${name}`).catch(() => null)));
    const rows = [
      status && ["about.version", status.version], status && ["about.model", status.model], status && ["about.uptime", span(status.uptime_seconds)],
      stats && ["about.workspace", path(stats.workspace)], settings && ["about.settings", path(settings.path)],
      stats && ["about.index", t("about.index.text", { notes: count(stats.notes), sessions: count(stats.sessions), passages: count(stats.total_chunks), size: bytes(stats.index_size_kb * 1024) })],
      stats?.model && ["about.embedding", stats.model],
    ];
    fill(this.list, rows.filter(Boolean).map(([key, value]) => [h("dt", t(key)), h("dd", value)]));
    const skipped = stats?.skipped ?? [];
    if (skipped.length) this.list.after(h("details", h("summary", t("about.skipped", { n: skipped.length })), h("ul.small", skipped.map((one) => h("li", h("b", one.path), ` ${one.reason}`)))));
  }
}

function path(text) {
  const button = h("button.link.small", { type: "button", "aria-label": `${t("copy")}: ${text}`, onclick: () => copy(text) }, t("copy"));
  return [h("code", text), " ", button];
}

function span(seconds) {
  const [unit, size] = seconds >= 86400 ? ["day", 86400] : seconds >= 3600 ? ["hour", 3600] : ["minute", 60];
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(Math.floor(seconds / size));
}
