// A call that waits for the owner's word: what it does, exactly what would run, why it asks, and the answers. All text of
// others comes in as text. Wherever an answer is given, every card of that question is closed with it.
import { api } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { language, t } from "../i18n.js";
import { stylesheet } from "../router.js";
import { announce, toast } from "../toast.js";
import "./words.js";

const cards = new Map(); // id: the cards that show the question
const HOLD = 500; // milliseconds in which a click was still meant for what stood there before
const FRESH = 3000; // milliseconds in which a list may not have it yet
const REST = 1500; // milliseconds without a key after which nobody is typing
let typed = -Infinity;
let count = 0;

addEventListener("keydown", () => { typed = performance.now(); }, true);

/** A question was answered, here or anywhere. */
export function answered(event) {
  for (const card of cards.get(event.id) ?? []) card.answered(event);
  cards.delete(event.id);
}

/** Cards of questions that nobody waits at any more (the program was started anew) say so. */
export function only(ids) {
  for (const [id, shown] of cards) if (!ids.has(id)) for (const card of shown) card.gone();
}

export const where = (door) => (["page", "terminal", "api", "window", "nobody"].includes(door) ? t(`ask.at.${door}`) : door ? t("ask.at.other", { door }) : "");

/** What a call does, in a line. */
export const does = ({ effects }) => [...new Set(effects.map(effect))].join("; ") || t("ask.unknown");

function effect({ kind, target, loses, walled }) {
  if (kind === "sends" && target === "network") return t("ask.network");
  if (kind === "runs") return t(walled ? "ask.runs.walled" : "ask.runs");
  return t(kind === "writes" && loses ? "ask.replaces" : `ask.${kind}`, { target: target || "…" });
}

export class Card {
  constructor(question, { live = true } = {}) {
    stylesheet("asking");
    this.question = question;
    this.born = performance.now();
    this.build();
    cards.set(question.id, [...(cards.get(question.id) ?? []), this]);
    this.timer = setInterval(() => this.tick(), 1000);
    this.tick();
    if (live) this.tell();
  }

  build() {
    const { id, call, tool, shown, reason, foreign, choices } = this.question;
    const name = `ask-${(count += 1)}`;
    const lines = shown.split("\n").length;
    const label = lines > 12 ? t("ask.lines", { n: lines }) : t("ask.call");
    this.head = h("h2", { id: name, tabindex: "-1" }, t("ask.title"));
    this.left = h("span.small.quiet", { role: "timer" });
    this.acts = h("div.ask-acts", ["once", "session", "always", "no"].filter((choice) => choices.includes(choice)).map((choice) =>
      h("button", { type: "button", class: choice === "once" ? "primary" : "", onclick: () => this.answer(choice) }, t(`ask.${choice}`))),
    h("button", { type: "button", onclick: () => this.word() }, t("ask.word")));
    this.node = h("section.approval", { role: "group", "aria-labelledby": name, data: { approval: id, call } },
      h("div.ask-head", icon("lock"), this.head, this.left),
      h("p.ask-does", h("b", tool), " ", does(this.question)),
      h("p.small.quiet.ask-more", label), h("pre.ask-call", { tabindex: "0", role: "group", "aria-label": label, dir: "ltr" }, shown),
      h("p.small", h("span.quiet", t("ask.why")), " ", h("span", { lang: "en" }, reason)),
      foreign && h("p.notice.warning.ask-more", icon("warn"), t("ask.foreign")), this.acts);
  }

  /** Say that it is there; the focus goes to its heading, where no key answers, if nobody is writing. */
  tell() {
    announce(t("ask.new", { tool: this.question.tool, does: does(this.question) }));
    requestAnimationFrame(() => {
      const at = document.activeElement;
      const writing = performance.now() - typed < REST || (at?.matches?.("input, textarea, select, [contenteditable]") && at.value);
      if (this.node.isConnected && !writing && !document.querySelector("dialog[open], .menu")) this.head.focus({ preventScroll: true });
    });
  }

  tick() {
    if (!this.node.isConnected && performance.now() - this.born > 10000) return clearInterval(this.timer);
    const seconds = Math.round((new Date(this.question.expires) - Date.now()) / 1000);
    this.left.textContent = seconds > 0 ? t("ask.left", { time: span(seconds) }) : t("ask.late");
  }

  word() {
    const field = h("input", { type: "text", maxlength: 4000, "aria-label": t("ask.word.label"), placeholder: t("ask.word.hint") });
    const form = h("form.ask-word", { onsubmit: (event) => { event.preventDefault(); this.answer("no", field.value.trim()); } }, field,
      h("button", { type: "button", onclick: () => { form.replaceWith(this.acts); this.acts.lastChild.focus(); } }, t("cancel")), h("button.primary", { type: "submit" }, t("ask.no")));
    form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      form.querySelector("button").click();
    });
    this.acts.replaceWith(form);
    field.focus();
  }

  async answer(choice, word = "") {
    if (performance.now() - this.born < HOLD) return;
    for (const button of this.node.querySelectorAll("button")) button.disabled = true;
    try {
      answered(await api.post(`/api/approvals/${encodeURIComponent(this.question.id)}`, { choice, word }));
    } catch (error) {
      toast.error(error);
      for (const button of this.node.querySelectorAll("button")) button.disabled = false;
    }
    dispatchEvent(new Event("asking"));
  }

  gone() {
    if (performance.now() - this.born < FRESH || this.node.classList.contains("answered")) return;
    this.close(h("p.ask-said.quiet", icon("info"), h("span", t("ask.gone"), " ", h("a", { href: "#/tasks" }, t("inbox.open")))));
  }

  /** What came of it stands where the buttons were. */
  close(said) {
    clearInterval(this.timer);
    this.left.textContent = "";
    this.node.querySelector("form")?.replaceWith(this.acts);
    fill(this.acts, said);
    this.node.classList.add("answered");
  }

  answered({ choice, word, door }) {
    const inside = this.node.contains(document.activeElement);
    const yes = choice !== "no";
    const said = [t(`ask.is.${choice}`), where(door)].filter(Boolean).join(" · ");
    this.close(h("p.ask-said", { class: yes ? "good" : "bad" }, icon(yes ? "check" : "close"), h("span", said, word && door !== "nobody" ? `: ${word}` : "")));
    if (inside) this.head.focus({ preventScroll: true });
    announce(said);
  }
}

function span(seconds) {
  const [amount, unit] = seconds >= 90 ? [Math.round(seconds / 60), "minute"] : [seconds, "second"];
  return new Intl.NumberFormat(language(), { style: "unit", unit, unitDisplay: "long" }).format(amount);
}
