// The chat: conversations on the left, what is said in the middle, a cited note on the right.
import { api } from "../api.js";
import { Composer } from "../chat/composer.js";
import { ContextBar } from "../chat/context.js";
import { Conversation } from "../chat/conversation.js";
import { ModelMenu } from "../chat/models.js";
import { NotePanel } from "../chat/note_panel.js";
import { Sessions } from "../chat/sessions.js";
import { Transcript } from "../chat/transcript.js";
import { welcome } from "../chat/welcome.js";
import { h, icon, iconButton } from "../dom.js";
import { t } from "../i18n.js";
import { closeMenu } from "../menu.js";
import { parse, rename } from "../router.js";
import { sentence } from "../toast.js";

let title = "";

export default {
  title: () => title || t("chat"),
  mount: (root, route) => new Chat(root).begin(route),
};

class Chat {
  constructor(root) {
    const acts = { edit: (...args) => this.talk.edit(...args), branch: (message) => this.talk.branch(message), retry: (message) => this.talk.retry(message) };
    this.root = root;
    this.place = h("div.chat-main");
    this.transcript = new Transcript(acts);
    this.bar = new ContextBar();
    this.models = new ModelMenu(() => this.talk?.session ?? "");
    this.composer = new Composer(this.place, { send: (text, kept) => this.send(text, kept), stop: () => this.talk.stop() }, [this.models.node, this.bar.node]);
    this.talk = new Conversation({ transcript: this.transcript, composer: this.composer, bar: this.bar, models: this.models, changed: () => this.sessions.fetch(), empty: () => this.greet(false) });
    this.sessions = new Sessions(() => this.talk.session, () => this.named());
    this.panel = new NotePanel();
    this.build();
  }

  build() {
    this.heading = h("h1.chat-title.cut", t("chat.new"));
    this.toggle = iconButton("menu", t("chat.list.open"), () => this.drawer(!this.root.classList.contains("listing")), { "aria-controls": "sessions", "aria-expanded": "false", class: "list-toggle" });
    this.flag = h("p.notice.temporary", { hidden: true }, icon("ghost"), t("chat.temporary.on"));
    this.place.append(h("header.chat-head", this.toggle, this.heading, h("a.icon-button.button.new-small", { href: "#/chat", "aria-label": t("chat.new"), title: t("chat.new") }, icon("plus"))),
      this.flag, this.transcript.node, h("div.composer-place", this.composer.node));
    this.root.append(this.sessions.node, h("div.scrim", { onclick: () => this.drawer(false) }), this.place, this.panel.node);
    this.root.addEventListener("click", (event) => this.clicked(event));
  }

  begin(route) {
    this.show(route);
    return {
      update: (next) => this.show(next),
      unmount: () => { this.talk.end(); this.sessions.end(); title = ""; },
      search: () => { this.drawer(true); this.sessions.field.focus(); },
      escape: () => this.escape(),
    };
  }

  async show(route) {
    this.drawer(false);
    const temporary = route.query.has("temporary");
    if (route.rest && route.rest === this.talk.session && !route.lines) return this.named();
    this.flag.hidden = !temporary;
    if (!route.rest) await this.fresh();
    else await this.talk.open(route.rest, route.lines?.start).then(() => this.begun(temporary)).catch((error) => this.missing(error));
    this.named();
    return undefined;
  }

  begun(temporary) {
    if (!this.transcript.log.childElementCount) this.greet(false, temporary);
    if (matchMedia("(hover: hover)").matches) this.composer.field.focus();
  }

  async fresh() {
    await this.talk.open("");
    this.models.show("");
    this.greet(false);
    if (matchMedia("(hover: hover)").matches) this.composer.field.focus();
    const status = await api.get("/api/status").catch(() => null);
    if (status?.is_brand_new && !this.talk.session) this.greet(true);
  }

  greet(isNew) {
    const before = this.transcript.log.querySelector(".welcome");
    if (!before && this.transcript.log.childElementCount) return;
    this.transcript.log.replaceChildren(welcome(isNew, (text) => this.composer.put(text)));
  }

  send(text, kept) {
    this.transcript.log.querySelector(".welcome")?.remove();
    return this.talk.send(text, kept);
  }

  missing(error) {
    this.talk.session = ""; // what is written now begins a new one
    this.composer.of("");
    const { text, hint } = error.status === 404 ? { text: t("chat.missing"), hint: t("chat.missing.hint") } : sentence(error);
    this.transcript.log.replaceChildren(h("div.empty", icon("warn"), h("h2", text), hint && h("p", hint), h("a.button", { href: "#/chat" }, t("chat.new"))));
  }

  /** The list of conversations is new, or another one is shown. */
  named() {
    const one = this.sessions.of(this.talk.session);
    title = this.talk.session ? one?.title || t("chat.untitled") : t("chat.new");
    this.heading.textContent = title;
    if (one?.model) this.models.show(one.model);
    this.sessions.draw();
    rename();
  }

  drawer(open) {
    this.root.classList.toggle("listing", open);
    this.toggle.setAttribute("aria-expanded", String(open));
    this.toggle.setAttribute("aria-label", t(open ? "chat.list.close" : "chat.list.open"));
  }

  /** A link to a note opens it beside the conversation; with a modifier key, or from the panel's own link, in the memory. */
  clicked(event) {
    const link = event.target.closest("a[href^='#/note/']");
    if (!link || link.dataset.whole || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    const route = parse(link.getAttribute("href"));
    if (!route || route.view !== "note") return;
    event.preventDefault();
    this.panel.show(route.rest, route.lines);
  }

  escape() {
    if (this.panel.close()) return true;
    if (this.root.classList.contains("listing")) {
      this.drawer(false);
      this.toggle.focus();
      return true;
    }
    closeMenu();
    if (this.talk.turn) return this.talk.stop(), true;
    return false;
  }
}
