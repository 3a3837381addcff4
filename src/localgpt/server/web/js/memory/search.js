// Search as you type: passages with the words marked, and why each stands where it stands.
import { api, query } from "../api.js";
import { fill, h, icon, sanitised, settled } from "../dom.js";
import { count } from "../format.js";
import { t } from "../i18n.js";
import { noteAddress } from "../router.js";
import { announce, sentence } from "../toast.js";

const LEAD = 60; // characters before the first word that was found

export class Search {
  /** changed(searching): results are shown, or not any more */
  constructor(changed) {
    this.changed = changed;
    this.input = h("input", { type: "search", placeholder: t("memory.search"), "aria-label": t("memory.search"), autocomplete: "off", spellcheck: "false" });
    this.field = h("div.search-field", icon("search"), this.input);
    this.within = h("div.within", { role: "group", "aria-label": t("memory.in") }, ["all", "notes", "sessions"].map((name) =>
      h("button.chip", { type: "button", "aria-pressed": String(name === "all"), onclick: (event) => this.pick(event.currentTarget, name) }, t(`memory.in.${name}`))));
    this.list = h("ol.hits", { "aria-label": t("memory.results") });
    this.told = h("p.small.quiet.told");
    this.node = h("div.found", { hidden: true }, this.within, this.told, this.list);
    this.where = "all";
    this.asked = 0;
    const ask = settled(() => this.ask(), 150);
    this.input.addEventListener("input", () => (this.input.value.trim() ? ask() : this.clear()));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("keydown", (event) => this.move(event));
  }

  pick(button, name) {
    this.where = name;
    for (const other of this.within.children) other.setAttribute("aria-pressed", String(other === button));
    this.ask();
  }

  key(event) {
    if (event.key === "Escape" && this.clear()) event.preventDefault();
    if (event.key !== "ArrowDown" && event.key !== "Enter") return;
    const first = this.list.querySelector("a");
    if (!first) return;
    event.preventDefault();
    if (event.key === "Enter") first.click();
    else first.focus();
  }

  move(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const links = [...this.list.querySelectorAll("a.hit")];
    const next = links.indexOf(document.activeElement.closest("li")?.querySelector("a.hit")) + step;
    event.preventDefault();
    (links[next] ?? (next < 0 ? this.input : links.at(-1))).focus();
  }

  clear() {
    const had = this.input.value !== "" || !this.node.hidden;
    this.asked += 1;
    this.input.value = "";
    this.node.hidden = true;
    this.changed(false);
    return had;
  }

  async ask() {
    const text = this.input.value.trim();
    if (!text) return;
    const turn = (this.asked += 1);
    try {
      const found = await api.get(`/api/memory/search${query({ q: text, limit: 30, in: this.where, explain: true })}`);
      if (turn === this.asked) this.show(found, text);
    } catch (error) {
      if (turn === this.asked) this.tell(sentence(error).text);
    }
  }

  show({ results, took_ms: took, notices }, asked) {
    const said = results.length ? t("memory.found", { n: results.length, ms: count(Math.max(1, Math.round(took))) }) : t("memory.nothing");
    this.tell([said, ...notices].join(" · "));
    announce(said);
    fill(this.list, results.map((one) => hit(one, asked)));
  }

  tell(text) {
    this.told.textContent = text;
    this.node.hidden = false;
    this.list.replaceChildren();
    this.changed(true);
  }
}

/** What was opened becomes a test case for searching, on the owner's machine only. */
function learn(asked, { file, line_start, line_end }) {
  api.post("/api/memory/opened", { q: asked, file, line_start, line_end }).catch(() => {});
}

function hit(one, asked) {
  const chat = one.file.startsWith("session:");
  const lines = linesOf(one.html);
  const from = telling(lines);
  const at = chat ? one.line_start : one.line_start + from;
  return h("li",
    h("a.hit", { href: noteAddress(one.file, at), onclick: () => learn(asked, one) },
      h("span.hit-head", icon(chat ? "chat" : "note"), h("b.grow.cut", one.title || (chat ? t("chat") : one.heading || one.file)), one.date && h("span.quiet.small.number", one.date)),
      h("span.hit-words", excerpt(lines, from)),
      h("span.quiet.small.cut", chat ? t(one.speaker === "owner" || one.speaker === "user" ? "you" : "assistant") : `${one.file}:${at}${one.heading ? ` · ${one.heading}` : ""}`)),
    one.why.length > 0 && h("details.why", h("summary.small.quiet", t("memory.why")), h("table", h("caption.sr", t("memory.why")), h("tbody", one.why.map(reason)))));
}

function reason({ ranker, detail, value, weight }) {
  return h("tr", h("th", { scope: "row" }, ranker), h("td", detail), h("td.number", figure(value)), h("td.number", weight ? figure(weight) : ""));
}

const figure = (value) => count(Number(value.toFixed(2)));

/** The passage line by line, each with its nodes. */
function linesOf(html) {
  const lines = [[]];
  for (const node of sanitised(html).childNodes) {
    const [first, ...more] = node.nodeType === 3 ? node.data.split("\n") : [node];
    lines.at(-1).push(first);
    lines.push(...more.map((text) => [text]));
  }
  return lines;
}

/** The line that says most of what was looked for: its place in the passage. */
function telling(lines) {
  const said = lines.map((line) => new Set(line.filter((part) => part.localName === "mark").map((mark) => mark.textContent.toLowerCase())).size);
  return Math.max(0, said.indexOf(Math.max(...said)));
}

/** What is shown of a passage: from its telling line on, and of a long line from a little before the first mark. */
function excerpt(lines, from) {
  const [first, ...more] = lines.slice(from, from + 4);
  if (typeof first[0] === "string" && first[0].length > LEAD + 20 && first.length > 1) first[0] = `…${first[0].slice(-LEAD).replace(/^\S*\s/, "")}`;
  return [first, more.map((line) => ["\n", line])];
}
