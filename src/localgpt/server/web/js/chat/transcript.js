// The conversation on the screen: the newest messages first, older ones as one scrolls up, and the end kept in sight.
import { api, query, told } from "../api.js";
import { h, icon, perFrame } from "../dom.js";
import { t } from "../i18n.js";
import { exchange, exchanges } from "./message.js";
import { markUndone } from "./undone.js";

const PAGE = 60;
const NEAR = 90; // pixels from the end that still count as being at the end

export class Transcript {
  constructor(acts) {
    this.acts = acts;
    this.log = h("div.log", { role: "log", "aria-label": t("chat.log"), "aria-live": "off", "aria-relevant": "additions" });
    this.older = h("button.link.older", { type: "button", hidden: true, onclick: () => this.showOlder() }, t("chat.older"));
    this.latest = h("button.chip.latest", { type: "button", hidden: true, onclick: () => this.toEnd() }, icon("down"), t("chat.latest"));
    this.scroller = h("div.scroller", { tabindex: "-1" }, h("div.column", this.older, this.log));
    this.node = h("div.transcript", this.scroller, this.latest);
    this.following = true;
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.follow = perFrame(() => this.following && this.jump());
    new ResizeObserver(() => this.follow()).observe(this.log);
    new ResizeObserver(() => this.follow()).observe(this.scroller);
    new IntersectionObserver((seen) => seen[0].isIntersecting && this.showOlder(), { root: this.scroller, rootMargin: "400px" }).observe(this.older);
    this.clear();
  }

  clear() {
    this.asked = null;
    this.session = "";
    this.first = null;
    this.messages = [];
    this.questions = [];
    this.older.hidden = true;
    this.log.replaceChildren();
    this.toEnd();
  }

  /** Read the newest messages of a conversation anew. Throws what the server says. */
  async load(session) {
    const more = Math.max(PAGE, this.session === session ? Math.min(this.messages.length + 4, 4 * PAGE) : 0);
    const asked = (this.asked = {});
    const found = await page(session, more);
    if (asked !== this.asked) return []; // something else is shown by now
    const open = this.session === session ? this.folds().map((fold) => fold.open) : [];
    this.session = session;
    this.take(found);
    this.log.replaceChildren(...this.draw(found.messages));
    for (const node of this.questions) this.ask(node);
    this.folds().forEach((fold, at) => { fold.open = Boolean(open[at]); });
    markUndone(found.messages);
    this.follow();
    return found.messages;
  }

  folds() {
    return [...this.log.querySelectorAll("details")];
  }

  take({ messages, more }) {
    this.messages = messages;
    this.first = messages[0]?.line;
    this.older.hidden = !more;
  }

  draw(messages) {
    return exchanges(messages).flatMap((one) => exchange(one, this.acts));
  }

  async showOlder() {
    if (this.reading || this.older.hidden || this.first === undefined || this.first === null) return;
    this.reading = true;
    const session = this.session;
    const found = await told(page(session, PAGE, this.first));
    this.reading = false;
    if (!found || session !== this.session) return;
    const below = this.scroller.scrollHeight - this.scroller.scrollTop;
    const all = [...found.messages, ...this.messages];
    this.take({ messages: all, more: found.more && found.messages.length > 0 });
    this.log.prepend(...this.draw(found.messages));
    this.scroller.scrollTop = this.scroller.scrollHeight - below;
  }

  /** Show the message that begins at a line of the conversation's file; older ones are read until it is there. */
  async toLine(line) {
    const session = this.session;
    while (session === this.session && !this.older.hidden && this.first > line) {
      const before = this.first;
      await this.showOlder();
      if (this.first === before) break;
    }
    const all = [...this.log.querySelectorAll("[data-line]")].filter((node) => Number(node.dataset.line) <= line);
    const node = all.at(-1);
    if (!node) return;
    this.following = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("found");
  }

  add(...nodes) {
    this.log.append(...nodes);
    this.follow();
  }

  /** What of a turn is not on disk stays: notices below its reply, questions at the call that they were about. */
  keep(nodes) {
    const flow = [...this.log.querySelectorAll(".assistant > .flow")].at(-1);
    const there = new Set([...(flow?.children ?? [])].map((node) => node.textContent));
    const [asked, noted] = [true, false].map((one) => [...nodes].filter((node) => node.matches(".approval") === one));
    flow?.append(...noted.filter((node) => !there.has(node.textContent)));
    for (const node of asked) this.ask(node);
    this.questions.push(...asked);
  }

  ask(node) {
    [...this.log.querySelectorAll(".flow > .tool")].findLast((tool) => tool.dataset.call === node.dataset.call)?.after(node);
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    this.following = scrollHeight - scrollTop - clientHeight < NEAR;
    this.latest.hidden = this.following;
  }

  jump() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  toEnd() {
    this.following = true;
    this.latest.hidden = true;
    this.jump();
  }
}

/** The newest messages before a line. */
function page(session, limit, before) {
  return api.get(`/api/sessions/${encodeURIComponent(session)}/messages${query({ html: 1, limit, before })}`);
}
