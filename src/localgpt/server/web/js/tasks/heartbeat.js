// The heartbeat: its file as an editor, what will happen next and why, run now, pause, the last beats.
import { api, told } from "../api.js";
import { dialog } from "../dialog.js";
import { fill, h, icon } from "../dom.js";
import { count, exactly, moment, money, timeNode, tokens } from "../format.js";
import { language, t } from "../i18n.js";
import { Editor } from "../memory/editor.js";
import { sentence, toast } from "../toast.js";

const FILE = "HEARTBEAT.md";
const SHOWN = 20;
const GOOD = new Set(["ok", "sent"]);
const ICONS = { box: "tasks", task: "retry", prose: "note" };

/** "in 20 minutes", "tomorrow at 8:00": when something comes. */
export function soon(value) {
  const date = moment(value);
  if (!date) return "";
  const minutes = Math.round((date - Date.now()) / 60000);
  const relative = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  if (minutes < 1) return t("soon.now");
  if (minutes < 60) return relative.format(minutes, "minute");
  if (minutes < 8 * 60) return relative.format(Math.round(minutes / 60), "hour");
  return new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }).format(date);
}

export class HeartbeatCard {
  constructor() {
    this.state = h("div.beat-state");
    this.editing = h("div.beat-editor");
    this.plan = h("ol.plan", { "aria-label": t("plan") });
    this.acts = h("div.row.wrap.beat-acts");
    this.node = h("section.card.heartbeat", { "aria-labelledby": "heartbeat-title" },
      h("div.row.wrap", h("h2.grow", { id: "heartbeat-title" }, icon("activity"), t("heartbeat")), this.acts), this.state, this.editing, h("h3", t("plan")), this.plan);
    this.log = h("ol.beats", { "aria-label": t("beats") });
    this.past = h("section.card", { "aria-labelledby": "beats-title" }, h("h2", { id: "beats-title" }, t("beats")), this.log);
  }

  async load() {
    const [status, plan, log] = await Promise.all(["status", "plan", `log?limit=${SHOWN}`].map((name) => api.get(`/api/heartbeat/${name}`))).catch((error) => [error]);
    if (status instanceof Error) return void fill(this.state, h("p.notice.error", sentence(status).text));
    this.status = status;
    this.draw(status, plan);
    fill(this.log, log.beats.length ? log.beats.map(beat) : h("li.quiet.none", t("beats.none")));
    return undefined;
  }

  /** The file; kept as it is while it is being written. */
  async file() {
    const error = (failure) => (failure.status === 404 ? { path: FILE, text: "", sha256: null } : Promise.reject(failure));
    const note = await told(api.get(`/api/notes/${FILE}`).catch(error));
    if (!note || this.editor?.dirty) return;
    if (this.editor?.hash === note.sha256 && this.editor) return;
    this.editor?.end();
    this.editor = new Editor(note, { saved: () => { toast.done(t("edit.saved")); this.load(); }, closed: () => {} }, { plain: true });
    this.editor.field.setAttribute("aria-describedby", "heartbeat-hint");
    this.editor.field.placeholder = t("heartbeat.example");
    fill(this.editing, h("p.small.quiet", { id: "heartbeat-hint" }, t("heartbeat.hint")), this.editor.node);
  }

  draw(status, plan) {
    const { enabled, paused } = status;
    const kind = !enabled ? "off" : paused ? "paused" : status.state === "due" ? "due" : "waits";
    fill(this.state, h("p", h("span.badge", { class: { paused: "warning", due: "good", waits: "good" }[kind] }, t(`heartbeat.${kind}`)), " ",
      h("span", kind === "waits" && status.next_at ? t("heartbeat.next", { when: soon(status.next_at) }) : t(`state.${status.state}`) === `state.${status.state}` ? status.text : t(`state.${status.state}`)),
      enabled && h("span.quiet", ` ${t("heartbeat.every", { interval: status.interval })}${status.active_hours ? `, ${status.active_hours}` : ""}${status.model ? ` · ${status.model}` : ""}`)),
    !enabled && h("p.small", h("a", { href: "#/settings/all?q=heartbeat" }, t("heartbeat.enable"))),
    status.problems.map((text) => h("p.notice.warning", icon("warn"), text)), budget(status.budget));
    fill(this.acts, button("play", t("beat.run"), (event) => this.run(event.currentTarget)), button("search", t("beat.dry"), (event) => this.dry(event.currentTarget)),
      enabled && button(paused ? "play" : "pause", t(paused ? "beat.resume" : "beat.pause"), () => this.pause(!paused)));
    fill(this.plan, plan.items.length ? plan.items.map(planned) : h("li.quiet.none", t("plan.none")));
  }

  async pause(paused) {
    if (await told(api.post("/api/heartbeat/pause", { paused }))) await this.load();
    this.acts.querySelector("button:last-child")?.focus();
  }

  async run(button) {
    const beat = await busy(button, told(api.post("/api/heartbeat/run", {})));
    if (!beat) return;
    const text = beat.preview || beat.text || t(`beat.${beat.status}`);
    if (["failed", "timed_out"].includes(beat.status)) toast.error(text);
    else toast[beat.status === "sent" ? "info" : "done"](text, { stay: beat.status === "sent" });
    this.load();
    this.file();
  }

  async dry(button) {
    const beat = await busy(button, told(api.post("/api/heartbeat/run", { dry_run: true })));
    if (!beat) return;
    dialog(t("beat.dry"), (close) => h("div.stack", h("div.row", h("h2.grow", t("beat.would")), h("button.link", { type: "button", onclick: () => close() }, t("close"))),
      beat.would.length ? beat.would.map(would) : h("p", t(`state.${beat.reason}`) === `state.${beat.reason}` ? beat.text : t(`state.${beat.reason}`))), { class: "wide-dialog" });
  }
}

const button = (name, label, onclick) => h("button", { type: "button", onclick }, icon(name), label);

async function busy(button, work) {
  button.disabled = true;
  button.prepend(h("span.spinner"));
  try {
    return await work;
  } finally {
    button.disabled = false;
    button.querySelector(".spinner")?.remove();
  }
}

function budget({ turns, tokens: read, usd }) {
  const amount = (label, { used, limit }, shown) => limit > 0 && h("div.amount", h("span.small", `${label} `, h("span.number.quiet", `${shown(used)} / ${shown(limit)}`)),
    h("div.meter", { role: "meter", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": limit, "aria-valuenow": Math.min(used, limit) }, h("span", { vars: { "--share": String(Math.min(1, used / limit)) } })));
  return h("div.amounts", { title: t("budget.today") }, amount(t("budget.turns"), turns, count), amount(t("budget.tokens"), read, tokens), amount(t("budget.usd"), usd, money));
}

function planned({ name, kind, due, next_at: next, why, watch }) {
  return h("li.planned", { class: due ? "due" : "" }, icon(ICONS[kind] ?? "note"),
    h("div.grow", h("b", name), h("p.small.quiet", { lang: "en" }, why, watch.length > 0 && ` (${watch.join(", ")})`)),
    h("span.small", { class: due ? "badge good" : "quiet", title: next ? exactly(next) : undefined }, due ? t("plan.due") : next ? soon(next) : t("plan.never")));
}

function beat(one) {
  const good = GOOD.has(one.status);
  const runs = one.runs ?? [];
  return h("li", h("details.beat", h("summary", icon("right"), timeNode(h, one.time ?? one.ts), h("span.badge", { class: good ? "good" : "bad" }, t(`beat.${one.status}`)), h("span.grow.cut", one.preview || one.text || "")),
    h("div.stack", runs.map(ran), !runs.length && h("p.small", one.text || one.reason || ""))));
}

function ran(run) {
  const used = run.usage ? [t("context.tokens", { used: tokens(run.usage.input + run.usage.output) }), run.usage.cost_usd ? money(run.usage.cost_usd) : ""].filter(Boolean).join(" · ") : "";
  return h("div.ran", h("b.small", run.name), run.text && h("p.said-small", run.text), run.error && h("p.notice.error", run.error),
    h("p.small.quiet", [run.model, used, run.told?.length ? t("beat.told", { to: run.told.join(", ") }) : ""].filter(Boolean).join(" · "), run.session && [" · ", h("a", { href: `#/chat/${encodeURIComponent(run.session)}` }, t("open"))]));
}

function would({ name, prompt, model, local, to }) {
  return h("section.stack.would", h("h3", name), h("p.small", icon(local ? "local" : "cloud"), ` ${model || t("beat.anymodel")} · ${t(local ? "model.local" : "model.cloud")}`, to.length > 0 && ` · ${t("beat.to", { to: to.join(", ") })}`), h("pre.call", { tabindex: "0" }, prompt));
}
