// Background tasks: what was asked for, how far it is, and its result.
import { api, told } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { timeNode } from "../format.js";
import { t } from "../i18n.js";
import { noteAddress } from "../router.js";
import { sentence, toast } from "../toast.js";

const ACTS = { queued: ["pause", "cancel"], running: ["pause", "cancel"], paused: ["resume", "cancel"], waiting: ["cancel"], failed: ["resume"] };
const COLOURS = { done: "good", failed: "bad", waiting: "warning", paused: "warning" };
const SHOWN = 12;

export class TasksCard {
  constructor() {
    this.field = h("textarea", { rows: 2, placeholder: t("task.hint"), "aria-label": t("task.new"), maxlength: 20000,
      onkeydown: (event) => event.key === "Enter" && !event.shiftKey && !event.isComposing && (event.preventDefault(), this.add()) });
    this.list = h("ul.tasks-list", { "aria-label": t("background") });
    this.all = false;
    this.node = h("section.card", { "aria-labelledby": "background-title" }, h("h2", { id: "background-title" }, t("background")),
      h("form.row.task-new", { onsubmit: (event) => { event.preventDefault(); this.add(); } }, h("div.grow", this.field), h("button.primary", { type: "submit" }, t("task.add"))), this.list);
  }

  async load() {
    try {
      const { tasks } = await api.get("/api/tasks");
      const shown = this.all ? tasks : tasks.slice(0, SHOWN);
      fill(this.list, tasks.length ? shown.map((one) => this.task(one)) : h("li.quiet.none", t("task.none")),
        tasks.length > shown.length && h("li", h("button.link", { type: "button", onclick: () => { this.all = true; this.load(); } }, t("task.all", { n: tasks.length }))));
    } catch (error) {
      fill(this.list, h("li.notice.error", sentence(error).text));
    }
  }

  async add() {
    const text = this.field.value.trim();
    if (!text || !(await told(api.post("/api/tasks", { text })))) return;
    this.field.value = "";
    toast.done(t("task.added"));
    this.load();
  }

  task(one) {
    const acts = (ACTS[one.state] ?? []).map((action) => h("button.small-button", { type: "button", "aria-label": `${t(`task.${action}`)}: ${one.title}`, onclick: () => this.act(one, action) }, t(`task.${action}`)));
    return h("li.task", h("div.row", one.state === "running" && h("span.spinner"), h("b.grow.cut", { title: one.text }, one.title), h("span.badge", { class: COLOURS[one.state] ?? "" }, t(`task.is.${one.state}`))),
      one.progress.length > 0 && !one.note && h("p.small.quiet.cut", one.progress.at(-1)), one.error && h("p.small.bad", one.error), one.result && h("p.small.result", one.result),
      h("div.row.wrap.small", h("span.quiet", timeNode(h, one.updated)), one.note && h("a", { href: noteAddress(one.note) }, icon("note"), t("task.result")), one.session && h("a", { href: `#/chat/${encodeURIComponent(one.session)}` }, t("task.session")), acts));
  }

  async act(one, action) {
    if (await told(api.post(`/api/tasks/${encodeURIComponent(one.id)}`, { action }))) this.load();
    this.field.focus();
  }
}
