// Tokens or money by day as bars, with the same figures in a table; and by model, conversation and kind of work.
import { api, query } from "../api.js";
import { fill, h, s } from "../dom.js";
import { count, money, percent, tokens } from "../format.js";
import { language, t } from "../i18n.js";
import { sentence } from "../toast.js";

const [HEIGHT, LEFT, BOTTOM, TOP] = [200, 54, 24, 12];
const narrow = matchMedia("(max-width: 720px)");
const MEASURES = { tokens: (row) => row.input_tokens + row.cache_read_tokens + row.cache_write_tokens + row.output_tokens, money: (row) => row.cost_usd };
const SHOWN = { tokens: (value) => tokens(Math.round(value)), money };
const DAYS = [7, 30, 90];
const BY = ["model", "session", "kind"];

export class UsageCard {
  constructor() {
    this.days = 30;
    this.measure = "tokens";
    this.by = "model";
    this.sums = h("div.sums");
    this.drawing = h("div.drawing");
    this.table = h("div.by-table");
    const span = h("select", { "aria-label": t("usage.span"), onchange: () => { this.days = Number(span.value); this.load(); } }, DAYS.map((days) => h("option", { value: days, selected: days === this.days }, t("usage.days", { n: days }))));
    this.node = h("section.card.usage", { "aria-labelledby": "usage-title" },
      h("div.row.wrap", h("h2.grow", { id: "usage-title" }, t("usage")), choice(["tokens", "money"], "tokens", "usage", (name) => { this.measure = name; this.draw(); }), h("div.span", span)),
      this.sums, this.drawing, h("div.row.wrap.by", h("h3.grow", t("usage.where")), choice(BY, "model", "usage.by", (name) => { this.by = name; this.split(); })), this.table);
  }

  async load() {
    try {
      this.usage = await api.get(`/api/usage${query({ by: "day", days: this.days })}`);
      this.draw();
      await this.split();
    } catch (error) {
      fill(this.drawing, h("p.notice.error", sentence(error).text));
    }
  }

  draw() {
    if (!this.usage) return;
    const { total } = this.usage;
    const rows = everyDay(this.usage.rows, this.days);
    fill(this.sums, sum(t("usage.money"), money(total.cost_usd)), sum(t("usage.tokens"), tokens(MEASURES.tokens(total))), sum(t("usage.turns"), count(total.turns)), sum(t("usage.cached"), percent(total.cached)));
    fill(this.drawing, chart(rows, this.measure), total.unpriced > 0 && h("p.small.quiet", t("usage.unpriced", { n: total.unpriced })),
      h("details", h("summary.small", t("usage.table")), table(this.usage.rows.toReversed(), t("usage.day"), (row) => dayName(row.key, "medium"))));
  }

  async split() {
    const { by } = this;
    const { rows } = await api.get(`/api/usage${query({ by, days: this.days })}`);
    if (by !== this.by) return;
    const named = (row) => (by === "session" && row.key ? h("a.cut", { href: `#/chat/${encodeURIComponent(row.key)}` }, row.title || row.key) : by === "kind" ? kind(row.key) : row.title || row.key || "–");
    fill(this.table, rows.length ? table(rows.slice(0, 20), t(`usage.by.${by}`), named, true) : h("p.quiet", t("usage.none")));
  }
}

const kind = (key) => (t(`purpose.${key}`) === `purpose.${key}` ? key : t(`purpose.${key}`));
const sum = (label, value) => h("div.sum", h("span.small.quiet", label), h("b.number", value));

/** Buttons of which one is pressed. */
export function choice(names, first, prefix, chosen) {
  const node = h("div.choice", { role: "group" }, names.map((name) => h("button.chip", { type: "button", "aria-pressed": String(name === first), onclick: (event) => {
    for (const other of node.children) other.setAttribute("aria-pressed", String(other === event.currentTarget));
    chosen(name);
  } }, t(`${prefix}.${name || "all"}`))));
  return node;
}

/** The days from the first to today, those without anything too. */
function everyDay(rows, days) {
  const known = new Map(rows.map((row) => [row.key, row]));
  const nothing = { input_tokens: 0, output_tokens: 0, cache_read_tokens: 0, cache_write_tokens: 0, cost_usd: 0 };
  return Array.from({ length: days }, (_, at) => {
    const date = new Date();
    date.setDate(date.getDate() - (days - 1 - at));
    const key = `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, "0")}-${String(date.getDate()).padStart(2, "0")}`;
    return known.get(key) ?? { ...nothing, key };
  });
}

const dayName = (key, dateStyle) => new Intl.DateTimeFormat(language(), dateStyle ? { dateStyle } : { day: "numeric", month: "short" }).format(new Date(`${key}T12:00`));

/** A round number that is not below `value`. */
export function ceiling(value) {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value * 0.999);
}

function chart(rows, measure) {
  const values = rows.map(MEASURES[measure]);
  const width = narrow.matches ? 340 : 720;
  const top = ceiling(Math.max(...values));
  const show = SHOWN[measure];
  const [step, high] = [(width - LEFT) / rows.length, HEIGHT - BOTTOM - TOP];
  const y = (value) => HEIGHT - BOTTOM - (value / top) * high;
  const lines = [0, 0.5, 1].map((part) => [s("line", { x1: LEFT, x2: width, y1: y(top * part), y2: y(top * part), class: "grid" }), s("text", { x: LEFT - 8, y: y(top * part) + 4, "text-anchor": "end" }, show(top * part))]);
  const bars = rows.map((row, at) => {
    const height = values[at] ? Math.max(2, (values[at] / top) * high) : 0;
    return s("g", {}, s("title", {}, `${dayName(row.key, "medium")}: ${show(values[at])}`), s("rect", { x: LEFT + at * step, y: TOP, width: step, height: high, class: "hover" }),
      height && s("rect", { x: LEFT + at * step + step * 0.15, y: HEIGHT - BOTTOM - height, width: step * 0.7, height, rx: Math.min(3, step * 0.2), class: "bar" }));
  });
  const every = Math.ceil(rows.length / (narrow.matches ? 3 : 6));
  const names = rows.map((row, at) => (rows.length - 1 - at) % every === 0 && s("text", { x: LEFT + (at + 0.5) * step, y: HEIGHT - 6, "text-anchor": at === rows.length - 1 && rows.length > 10 ? "end" : "middle", class: "day" }, dayName(row.key)));
  const most = values.indexOf(Math.max(...values));
  const label = values[most] ? t(`usage.label.${measure}`, { days: rows.length, sum: show(values.reduce((a, b) => a + b, 0)), most: show(values[most]), day: dayName(rows[most].key, "long") }) : t("usage.none");
  return s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart", role: "img", "aria-label": label }, lines, bars, names);
}

function table(rows, first, name, shares = false) {
  const most = Math.max(...rows.map(MEASURES.tokens), 1);
  return h("div.scroll", { tabindex: "0", role: "region", "aria-label": first }, h("table.figures", h("thead", h("tr", [first, t("usage.requests"), t("usage.read"), t("usage.written"), t("usage.money")].map((title) => h("th", { scope: "col" }, title)))),
    h("tbody", rows.map((row) => h("tr", h("th", { scope: "row" }, name(row), shares && h("span.meter", { "aria-hidden": "true" }, h("span", { vars: { "--share": String(MEASURES.tokens(row) / most) } }))),
      [count(row.requests), tokens(MEASURES.tokens(row) - row.output_tokens), tokens(row.output_tokens), money(row.cost_usd)].map((value) => h("td.number", value)))))));
}
