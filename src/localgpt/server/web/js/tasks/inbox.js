// What waits for the owner: questions with exactly the call that would run, messages, results.
import { api, told } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { timeNode } from "../format.js";
import { t } from "../i18n.js";
import { prose } from "../prose.js";
import { noteAddress } from "../router.js";
import { sentence, toast } from "../toast.js";

const ICONS = { question: "bell", message: "info", result: "check" };

export class InboxCard {
  constructor() {
    this.count = h("span.badge.warning", { hidden: true });
    this.list = h("ul.inbox", { "aria-label": t("inbox") });
    this.node = h("section.card", { "aria-labelledby": "inbox-title" }, h("div.row", h("h2", { id: "inbox-title", tabindex: "-1" }, t("inbox")), this.count), this.list);
  }

  async load() {
    try {
      const { items } = await api.get("/api/inbox");
      if (this.list.contains(document.activeElement) && document.activeElement.matches("textarea")) return; // being replied to
      this.count.hidden = !items.length;
      this.count.textContent = String(items.length);
      fill(this.list, items.length ? items.map((item) => this.item(item)) : h("li.quiet.none", t("inbox.none")));
    } catch (error) {
      fill(this.list, h("li.notice.error", sentence(error).text));
    }
  }

  item(item) {
    const title = `item-${item.id}`;
    const node = h("li.item", { "aria-labelledby": title },
      h("div.row.item-head", icon(ICONS[item.kind] ?? "info"), h("h3.grow", { id: title }, item.title), h("span.small.quiet", timeNode(h, item.time))),
      item.text && prose(h("div.prose.item-text"), item.html), item.call && call(item.call),
      item.note && h("p", h("a", { href: noteAddress(item.note) }, t("task.result"))));
    const acts = h("div.row.wrap.item-acts",
      item.call && h("button.primary", { type: "button", disabled: !item.call.whole, onclick: () => this.answer(item, "allow", "", node) }, t("inbox.allow")),
      h("button", { type: "button", onclick: () => this.answer(item, "dismiss", "", node) }, t(item.call ? "inbox.deny" : "inbox.dismiss")),
      item.session && h("button", { type: "button", onclick: () => this.reply(item, node, acts) }, t("inbox.reply")),
      item.session && h("a.small", { href: `#/chat/${encodeURIComponent(item.session)}` }, t("inbox.session")));
    node.append(acts);
    return node;
  }

  reply(item, node, acts) {
    const field = h("textarea", { rows: 3, "aria-label": t("inbox.reply.to", { title: item.title }), placeholder: t("inbox.reply.hint") });
    const form = h("form.stack", { onsubmit: (event) => { event.preventDefault(); if (field.value.trim()) this.answer(item, "reply", field.value.trim(), node); } }, field,
      h("div.actions", h("button", { type: "button", onclick: () => form.replaceWith(acts) }, t("cancel")), h("button.primary", { type: "submit" }, t("send"))));
    acts.replaceWith(form);
    field.focus();
  }

  async answer(item, answer, text, node) {
    for (const button of node.querySelectorAll("button")) button.disabled = true;
    const done = await told(api.post(`/api/inbox/${encodeURIComponent(item.id)}`, { answer, text }));
    if (done) toast.done(t(`inbox.${done.state}`), { hint: done.outcome?.slice(0, 300) });
    this.list.closest("section").querySelector("h2").focus();
    this.load();
  }
}

/** Exactly what would run: the tool, what it would be given, what that does. */
function call({ tool, arguments: given, effects, origin, whole }) {
  const label = t(`tool.${tool}`);
  return h("div.would-run", h("p.small.quiet", t("inbox.call"), label === `tool.${tool}` ? "" : ` (${label})`),
    h("div.call", { tabindex: "0", role: "group", "aria-label": t("inbox.call") }, h("b", tool),
      h("dl", Object.entries(given).map(([name, value]) => [h("dt", name), h("dd", typeof value === "string" ? value : JSON.stringify(value, null, 1))]))),
    effects.length > 0 && h("p.small", t("inbox.effects"), " ", effects.map(([kind, target]) => `${kind} ${target}`).join(" · ")),
    origin === "foreign" && h("p.notice.warning", icon("warn"), t("inbox.foreign")),
    !whole && h("p.notice.warning", icon("warn"), t("inbox.unwhole")));
}
