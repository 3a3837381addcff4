// What went on, the last first: turns, changes with undo, what left the machine.
import { api, query } from "../api.js";
import { append, fill, h, icon } from "../dom.js";
import { bytes, clock, count, exactly, moment, money, tokens, when } from "../format.js";
import { t } from "../i18n.js";
import { noteAddress } from "../router.js";
import { sentence } from "../toast.js";
import { undoStep } from "../undoing.js";
import { choice } from "./chart.js";

const KINDS = ["", "turn", "change", "exit", "undo", "attachment", "noted"];
const ICONS = { turn: "chat", change: "edit", exit: "cloud", undo: "undo", attachment: "clip", answer: "check", condensed: "down", noted: "memory" };
const PAGE = 50;

export class Timeline {
  constructor(kind = "") {
    this.kind = KINDS.includes(kind) ? kind : "";
    this.list = h("div.timeline");
    this.more = h("button", { type: "button", hidden: true, onclick: () => this.load(true) }, t("activity.more"));
    this.node = h("section", { "aria-labelledby": "timeline-title" }, h("div.row.wrap.timeline-head", h("h2.grow", { id: "timeline-title" }, t("activity.what")),
      choice(KINDS, this.kind, "activity", (name) => { this.kind = name; this.load(); })), this.list, h("div.more", this.more));
    this.asked = 0;
  }

  async load(further = false) {
    const turn = (this.asked += 1);
    try {
      const { entries, next } = await api.get(`/api/activity${query({ limit: PAGE, kind: this.kind, before: further ? this.next : "" })}`);
      if (turn !== this.asked) return;
      this.next = next;
      this.more.hidden = !next;
      if (!further) {
        this.list.replaceChildren();
        this.day = null;
      }
      for (const entry of entries) this.put(entry);
      if (!further && !entries.length) fill(this.list, h("p.quiet.none", t("activity.none")));
    } catch (error) {
      if (turn === this.asked) append(this.list, [h("p.notice.error", sentence(error).text)]);
    }
  }

  put(entry) {
    const day = moment(entry.time)?.toDateString();
    if (day !== this.day) {
      this.day = day;
      const today = day === new Date().toDateString();
      this.place = h("ol");
      this.list.append(h("section.day", h("h3", today ? t("activity.today") : when(entry.time)), this.place));
    }
    this.place.append(this.entry(entry));
  }

  entry(one) {
    const { detail: d } = one;
    const step = one.kind === "change" && d.step;
    return h("li.entry", { class: one.kind }, h("time.small.quiet.number", { datetime: one.time, title: exactly(one.time) }, clock(one.time)), icon(ICONS[one.kind] ?? "info"),
      h("div.grow", h("p", told(one)), h("p.small.quiet", below(one))),
      step && h("button.small-button", { type: "button", "aria-label": t("activity.undo.label", { path: d.path }), onclick: async () => (await undoStep(step)) && this.load() }, icon("undo"), t("undo")));
  }
}

const OPS = ["create", "append", "replace", "delete"];

/** An entry as a sentence of the page's language; those that it has no words for are the server's. */
function told({ kind, detail: d, summary }) {
  if (kind === "turn") return t(d.stop === "unfinished" ? "did.begun" : "did.turn", { model: d.model || "?" });
  if (kind === "change" && OPS.includes(d.op)) return [h("a", { href: noteAddress(d.path, d.start || undefined, d.end || undefined) }, d.path), " ", t(`did.${d.op}`)];
  if (kind === "exit") return [h("b", d.host), " ", t("did.exit")];
  if (kind === "undo") return t("did.undo", { n: d.files });
  if (kind === "attachment") return t("did.attachment", { name: d.path.replace(/^[^/]*\//, "") });
  if (kind === "noted") return t("did.noted", { n: d.kept });
  return summary;
}

function below({ kind, detail: d, session }) {
  const chat = session && h("a", { href: `#/chat/${encodeURIComponent(session)}` }, t("activity.chat"));
  const said = {
    turn: () => [t(`purpose.${d.purpose}`) === `purpose.${d.purpose}` ? d.purpose : t(`purpose.${d.purpose}`), d.input_tokens !== undefined && t("did.tokens", { read: tokens(d.input_tokens), written: tokens(d.output_tokens) }), d.cost_usd ? money(d.cost_usd) : "", d.stop && d.stop !== "done" ? t(`did.stop.${d.stop}`) : ""],
    change: () => [t(`who.${d.origin}`), d.lines ? t("did.lines", { n: d.lines }) : ""],
    exit: () => [d.purpose, Number.isFinite(d.bytes_out) ? t("did.bytes", { out: bytes(d.bytes_out), come: bytes(d.bytes_in ?? 0) }) : t("did.unknown"), d.status ? String(d.status) : "", d.error],
    attachment: () => [bytes(d.size), d.media_type],
    condensed: () => [t("did.condensed", { before: count(d.tokens_before), after: count(d.tokens_after) })],
  }[kind]?.() ?? [];
  return [...said, chat].filter(Boolean).map((part, at) => [at ? " · " : "", part]);
}
