// One conversation: what is said, what is answered, and staying in step with everybody else who is in it.
import { api, told } from "../api.js";
import { h, iconButton } from "../dom.js";
import { on } from "../feed.js";
import { t } from "../i18n.js";
import { go } from "../router.js";
import { announce, sentence, toast } from "../toast.js";
import { prose } from "../prose.js";
import { Live, spoken } from "./live.js";
import { finish, reply, user } from "./message.js";
import { notice } from "./pieces.js";
import * as slash from "./slash.js";
import { Gone, listen, running, say, stop } from "./talk.js";

const address = (session, what) => `/api/sessions/${encodeURIComponent(session)}/${what}`;

export class Conversation {
  /** parts: {transcript, composer, bar, models, changed(), empty()} */
  constructor(parts) {
    Object.assign(this, parts);
    this.session = "";
    this.readings = 0;
    this.running = []; // the turns that are listened to, in order: {turn, listening}
    this.off = [
      on("session", (event) => event.session_id === this.session && this.catchUp()),
      on("lost", () => this.session && this.catchUp()),
      on("connection", ({ online }) => online && this.session && this.catchUp()),
    ];
  }

  end() {
    this.deaf();
    for (const off of this.off) off();
  }

  /** Listen no more; the turns go on without us. */
  deaf() {
    for (const { listening } of this.running) listening.abort();
    this.running = [];
  }

  get turn() {
    return this.running[0]?.turn ?? "";
  }

  /** Show a conversation, or an empty one for "". */
  async open(session, line) {
    this.deaf();
    this.session = session;
    this.bar.clear();
    this.composer.of(session);
    this.composer.busy(false);
    this.transcript.clear();
    if (!session) return;
    await this.reload();
    if (line) await this.transcript.toLine(line);
    await this.attach();
  }

  reload() {
    this.readings += 1;
    this.reading = this.read();
    return this.reading;
  }

  async read() {
    const session = this.session;
    const messages = await this.transcript.load(session);
    if (session !== this.session) return;
    const last = messages.findLast?.((one) => one.role === "assistant");
    if (last?.usage) this.bar.take({ type: "finished", usage: last.usage });
  }

  /** Something changed in this conversation, here or elsewhere. */
  async catchUp() {
    if (this.running.length || this.editing) return;
    this.changedAgain = Boolean(this.catching);
    if (this.catching) return;
    this.catching = true;
    try {
      const { readings } = this;
      if (await this.attach()) return;
      await this.reading?.catch(() => {});
      const before = this.transcript.messages.at(-1);
      const info = await api.get(address(this.session, "messages?limit=1")).catch(() => null);
      const now = info?.messages.at(-1);
      if (now && now.line !== before?.line && readings === this.readings) await this.reload().catch(() => {});
    } finally {
      this.catching = false;
    }
    if (this.changedAgain) await this.catchUp();
  }

  /** Listen to a turn of this conversation that runs already. */
  async attach() {
    const session = this.session;
    const turn = await running(session).catch(() => "");
    if (!turn || session !== this.session || this.running.length) return false;
    await this.reload().catch(() => {});
    if (this.running.length || session !== this.session) return true;
    const last = this.transcript.log.lastElementChild;
    if (last?.classList.contains("assistant")) last.remove();
    this.last = this.run((signal, lost) => listen(turn, signal, lost), turn);
    return true;
  }

  async send(text, attachments = [], model = "") {
    if (!model && /^\/[a-z?]/i.test(text) && !attachments.length) return this.slash(text);
    if (!(await this.models.allowed())) return this.keep(text, attachments);
    if (!this.session && this.running.length) await this.begun;
    const kept = attachments.map(({ sha256 }) => sha256);
    const body = { message: text, session_id: this.session || undefined, model: model || this.models.chosen || undefined, attachments: kept.length ? kept : undefined };
    const mine = user({ content: text, attachments, timestamp: Date.now() });
    if (!this.session) this.transcript.log.replaceChildren();
    this.transcript.add(mine);
    this.transcript.toEnd();
    if (this.running.length) mine.append(h("p.quiet.small.queued", t("queued")));
    this.last = this.run((signal, lost) => say(body, signal, lost), "", { mine, text, attachments, after: this.transcript.messages.at(-1)?.line });
    return this.last;
  }

  /** Follow a turn to its end; several of one conversation stand one after the other. */
  async run(start, turn = "", asked = null) {
    const one = { turn, listening: new AbortController() };
    const { signal } = one.listening;
    if (!this.session) this.begun = new Promise((begin) => { one.begin = begin; });
    const shown = reply();
    const live = new Live(shown.flow);
    live.started = () => asked?.mine.querySelector(".queued")?.remove();
    this.running.push(one);
    this.transcript.add(shown.node);
    this.composer.busy(true);
    announce(t("answering"));
    const lost = (is) => this.lost(shown.node, is);
    try {
      for await (const event of start(signal, lost)) this.take(event, live, one);
      await this.ended(live, shown, one, asked);
    } catch (error) {
      await this.failed(error, { live, shown, asked, one });
    } finally {
      one.begin?.();
    }
  }

  take(event, live, one) {
    if (event.type === "session") {
      one.turn = event.turn_id;
      if (!this.session) {
        this.composer.adopt(event.session_id);
        this.session = event.session_id;
        go(`#/chat/${encodeURIComponent(event.session_id)}`, { replace: true });
        one.begin?.();
      }
    }
    if (event.type === "context" || event.type === "finished") this.bar.take(event);
    live.apply(event);
    this.transcript.follow();
  }

  lost(node, is) {
    const there = node.querySelector(".lost");
    if (is && !there) node.append(h("p.lost.small", h("span.spinner"), t("lost")));
    else if (!is) there?.remove();
  }

  async ended(live, shown, one, asked) {
    live.done();
    if (!this.over(one)) return;
    announce(spoken(live.text));
    finish(shown.acts, live.text, null, null, null);
    if (this.running.length) return; // the next answer is on its way
    await this.reload().catch(() => {}); // what stands on disk has lines to edit and to branch from
    if (asked && !live.text && this.transcript.messages.at(-1)?.line === asked.after) { // nothing was kept: all is frozen, say
      this.transcript.add(shown.node);
      if (!this.composer.field.value) this.keep(asked.text, asked.attachments);
    } else if (!this.unanswered(live, shown)) this.transcript.keep(shown.flow.querySelectorAll(":scope > .notice, :scope > .approval"));
    this.changed();
  }

  /** A turn is over; false if nobody here listens to it any more. */
  over(one) {
    if (!this.running.includes(one)) return false;
    this.running = this.running.filter((other) => other !== one);
    this.composer.busy(this.running.length > 0);
    return true;
  }

  async failed(error, { live, shown, asked, one }) {
    live.done();
    if (error.name === "AbortError" || !this.over(one)) return;
    if (error instanceof Gone) return void (await this.broken(live, shown));
    shown.node.remove();
    asked?.mine.remove();
    if (asked) this.keep(asked.text, asked.attachments);
    if (!this.session) this.empty();
    toast.error(error);
  }

  /** The server was started anew in the middle of a reply: what is on disk counts, and what was seen stays in sight. */
  async broken(live, shown) {
    shown.node.remove();
    await this.reload().catch(() => {});
    live.add(notice(t("stop.interrupted"), "warning"));
    shown.node.querySelector(".lost")?.remove();
    this.unanswered(live, shown);
  }

  /** Where no reply is on disk, what was shown of it stays, with a button to ask again. */
  unanswered(live, shown) {
    const question = this.transcript.messages.at(-1);
    if (question?.role !== "user") return false;
    finish(shown.acts, live.text, question, this.transcript.acts, null);
    this.transcript.add(shown.node);
    return true;
  }

  /** What was not sent goes back to where it was written. */
  keep(text, attachments) {
    this.composer.put(text);
    this.composer.uploads.put(attachments);
  }

  async stop() {
    if (!this.turn) return false;
    announce(t("stopping"));
    await told(stop(this.turn));
    return true;
  }

  // -- what can be done with what was said

  /** Take back what was said from a message on. */
  rewind(message) {
    return api.post(address(this.session, "rewind"), { line: message.line });
  }

  async again(message, text) {
    if (this.running.length) {
      await this.stop();
      await this.last;
    }
    const done = await told(this.rewind(message));
    if (!done) return;
    await this.reload().catch(() => {});
    await this.send(text, message.attachments ?? []);
  }

  retry(message) {
    return this.again(message, message.content ?? "");
  }

  edit(message, node) {
    const field = h("textarea", { "aria-label": t("act.edit"), value: message.content ?? "", rows: Math.min(12, (message.content ?? "").split("\n").length + 1) });
    const before = [...node.children];
    const close = () => {
      this.editing = false;
      node.replaceChildren(...before);
      node.classList.remove("editing");
    };
    const send = () => {
      close();
      if (field.value.trim()) this.again(message, field.value.trim());
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { event.stopPropagation(); close(); }
      else if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); send(); }
    });
    this.editing = true;
    node.classList.add("editing");
    node.replaceChildren(field, h("p.small.quiet", t("edit.note")), h("div.actions",
      h("button", { type: "button", onclick: close }, t("cancel")), h("button.primary", { type: "button", onclick: send }, t("edit.send"))));
    field.focus();
  }

  async branch(message) {
    const made = await told(api.post(address(this.session, "branch"), { line: message.line }));
    if (!made) return;
    toast.done(t("branched"));
    go(`#/chat/${encodeURIComponent(made.session_id)}`);
  }

  // -- slash commands

  async slash(line) {
    let answer;
    try {
      answer = await slash.run(line, this.session);
    } catch (error) {
      this.composer.put(line);
      const { text, hint } = sentence(error);
      this.transcript.add(notice([text, hint].filter(Boolean).join(" "), "error"));
      return;
    }
    if (answer.session_id && answer.session_id !== this.session) go(`#/chat/${encodeURIComponent(answer.session_id)}`);
    else if (this.session && !answer.session_id) go("#/chat");
    else if (this.session && !this.running.length) await this.reload().catch(() => {});
    if (answer.text || answer.html) this.transcript.add(said(line, answer));
    if (answer.send) await this.send(answer.send, [], answer.model);
  }
}

function said(line, { text, html }) {
  const body = html ? prose(h("div.prose"), html) : h("div.prose", h("pre", text));
  const node = h("article.message.slash", { "aria-label": line }, h("div.slash-head", h("code", line), iconButton("close", t("close"), () => node.remove())), body);
  announce(text ?? "");
  return node;
}
