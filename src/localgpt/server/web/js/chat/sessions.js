// The list of conversations: find, begin, rename, save and delete one.
import { api, query, request, told } from "../api.js";
import { ask, confirm } from "../dialog.js";
import { arrowKeys, fill, h, icon, iconButton, settled } from "../dom.js";
import { on } from "../feed.js";
import { timeNode } from "../format.js";
import { t } from "../i18n.js";
import { menu } from "../menu.js";
import { go } from "../router.js";
import { toast } from "../toast.js";

export class Sessions {
  /** @param chosen the id of the conversation that is shown, as a function; changed() is told of each new list */
  constructor(chosen, changed) {
    this.chosen = chosen;
    this.changed = changed;
    this.all = [];
    this.list = h("ul.list.sessions-list");
    this.field = h("input", { type: "search", placeholder: t("chat.search"), "aria-label": t("chat.search"), oninput: settled(() => this.find()) });
    this.node = h("nav.sessions", { "aria-label": t("chats"), id: "sessions" },
      h("div.sessions-top",
        h("a.button.new", { href: "#/chat" }, icon("plus"), t("chat.new")),
        iconButton("ghost", t("chat.temporary"), () => this.temporary())),
      h("div.search-field", icon("search"), this.field), this.list);
    arrowKeys(this.node, ".sessions-list a");
    this.load = settled(() => this.fetch(), 60);
    this.off = on("session", () => this.load());
    this.offAgain = on("connection", ({ online }) => online && this.load());
    this.fetch();
  }

  end() {
    this.off();
    this.offAgain();
  }

  of(id) {
    return this.all.find((one) => one.session_id === id);
  }

  async fetch() {
    const found = await api.get("/api/sessions").catch(() => null);
    if (!found) return;
    this.all = found.sessions;
    this.draw();
    this.changed();
  }

  draw() {
    if (this.field.value.trim()) return;
    const focused = document.activeElement?.closest?.(".sessions-list a")?.getAttribute("href");
    fill(this.list, this.all.length ? this.all.map((one) => this.line(one)) : h("li.quiet.small.none", t("chat.none")));
    if (focused) this.list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }

  line(one) {
    const title = one.title || t("chat.untitled");
    const shown = one.session_id === this.chosen();
    return h("li.session", { class: one.running ? "running" : "" },
      h("a", { href: `#/chat/${encodeURIComponent(one.session_id)}`, "aria-current": shown ? "page" : undefined },
        h("span.grow.cut", title),
        one.running ? [h("span.pulse"), h("span.sr", t("chat.running"))] : h("span.quiet.small", timeNode(h, one.updated_at ?? one.created_at))),
      iconButton("more", t("chat.menu", { title }), (event) => this.acts(event.currentTarget, one), { "aria-haspopup": "menu" }));
  }

  acts(anchor, one) {
    menu(anchor, one.title || t("chat.untitled"), [
      { label: t("rename"), icon: "edit", run: () => this.rename(one) },
      { label: t("chat.export"), icon: "save", run: () => told(this.export(one)) },
      { label: t("chat.compact"), icon: "retry", run: () => this.compact(one) },
      null,
      { label: t("delete"), icon: "trash", danger: true, run: () => this.remove(one) },
    ]);
  }

  async rename(one) {
    const title = await ask({ title: t("chat.rename"), label: t("chat.name"), value: one.title ?? "", yes: t("save") });
    if (title === null || title === one.title) return;
    await told(api.post(`${address(one)}/title`, { title }));
    this.fetch();
  }

  async export(one) {
    const response = await request("GET", `${address(one)}/export?format=md`, undefined, { headers: { Accept: "*/*" } });
    const link = h("a", { href: URL.createObjectURL(await response.blob()), download: `${(one.title || "chat").replace(/[^\p{L}\p{N} _-]/gu, "")}.md` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async compact(one) {
    const done = await told(api.post(`${address(one)}/compact`));
    if (done) toast.done(t("chat.compacted", { before: done.token_count_before, after: done.token_count_after }));
  }

  async remove(one) {
    const title = one.title || t("chat.untitled");
    const sure = await confirm({ title: t("chat.delete"), text: t("chat.delete.text", { title }), yes: t("delete"), danger: true });
    if (!sure || !(await told(api.del(address(one))))) return;
    toast.done(t("chat.deleted"));
    if (one.session_id === this.chosen()) go("#/chat");
    this.fetch();
  }

  async temporary() {
    const made = await told(api.post("/api/sessions", { temporary: true }));
    if (made) go(`#/chat/${encodeURIComponent(made.session_id)}?temporary=1`);
  }

  async find() {
    const words = this.field.value.trim();
    if (!words) return this.draw();
    const found = await told(api.get(`/api/sessions/search${query({ q: words })}`));
    if (!found || words !== this.field.value.trim()) return undefined;
    const { results: hits } = found;
    return fill(this.list, hits.length ? hits.map((one) => hit(one, words)) : h("li.quiet.small.none", t("chat.search.none")));
  }
}

const address = (one) => `/api/sessions/${encodeURIComponent(one.session_id)}`;

function hit({ session_id: id, title, line_start: line, content }, words) {
  return h("li.session.hit", h("a", { href: `#/chat/${encodeURIComponent(id)}${line ? `?${line}` : ""}` },
    h("span.grow", h("span.hit-title.cut", title || t("chat.untitled")), h("span.hit-text.quiet.small", marked(content, words)))));
}

/** The text from shortly before the first of the words, with all of them marked. */
function marked(text, words) {
  const wanted = words.split(/\s+/).filter(Boolean).map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|");
  const first = text.search(new RegExp(wanted, "i"));
  const shown = first > 50 ? `…${text.slice(text.indexOf(" ", first - 40) + 1)}` : text;
  return shown.slice(0, 300).split(new RegExp(`(${wanted})`, "i")).map((part, at) => (at % 2 ? h("mark", part) : part));
}
