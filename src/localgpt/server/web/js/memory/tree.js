// All notes: folders that fold, daily notes by month with the newest first, notes with a say marked.
import { arrowKeys, fill, h, icon } from "../dom.js";
import { language, t } from "../i18n.js";
import { noteAddress } from "../router.js";
import { read, write } from "../store.js";

const DAILY = /^memory\/(\d{4})-(\d{2})-(\d{2})(.*)\.md$/;
const FIRST = ["MEMORY.md", "USER.md", "HEARTBEAT.md"];
const FOLD_FROM = 40; // notes; above it, folders begin folded

export class Tree {
  constructor() {
    this.node = h("nav.tree", { "aria-label": t("notes") });
    this.folded = new Map(Object.entries(JSON.parse(read("folds") ?? "{}")));
    this.notes = [];
    arrowKeys(this.node, "summary, a");
    this.node.addEventListener("keydown", (event) => this.sideways(event));
  }

  show(notes, current) {
    this.notes = notes;
    this.current = current;
    const keep = document.activeElement?.closest?.(".tree") ? document.activeElement.dataset.at : null;
    const daily = notes.filter(({ path }) => DAILY.test(path));
    const rest = notes.filter(({ path }) => !DAILY.test(path));
    fill(this.node, notes.length ? h("ul", this.branch(grown(rest), ""), daily.length > 0 && this.days(daily)) : h("p.quiet.small.none", t("notes.none")));
    if (keep) this.node.querySelector(`[data-at="${CSS.escape(keep)}"]`)?.focus();
    this.node.querySelector("[aria-current]")?.scrollIntoView?.({ block: "nearest" });
  }

  branch(folder, prefix) {
    const files = folder.notes.sort(byRank).map((note) => this.leaf(note));
    const folders = [...folder.folders].sort(([a], [b]) => a.localeCompare(b)).map(([name, inner]) => this.fold(`${prefix}${name}/`, name, inner.count, () => this.branch(inner, `${prefix}${name}/`)));
    return [files, folders];
  }

  fold(key, label, count, inner, open = this.notes.length < FOLD_FROM) {
    const holds = this.current?.startsWith(key);
    const shown = holds || (this.folded.has(key) ? !this.folded.get(key) : open);
    const details = h("details", { open: shown, ontoggle: () => this.remember(key, !details.open) },
      h("summary", { data: { at: key } }, icon("right"), h("span.grow.cut", label), h("span.quiet.small.number", count)), h("ul", inner()));
    return h("li", details);
  }

  remember(key, folded) {
    this.folded.set(key, folded);
    write("folds", JSON.stringify(Object.fromEntries([...this.folded].slice(-200))));
  }

  days(daily) {
    const months = new Map();
    for (const note of daily.sort((a, b) => b.path.localeCompare(a.path))) {
      const [, year, month] = DAILY.exec(note.path);
      months.set(`${year}-${month}`, [...(months.get(`${year}-${month}`) ?? []), note]);
    }
    const newest = months.keys().next().value;
    return h("li.daily", h("h3", t("notes.daily")), h("ul", [...months].map(([key, notes]) =>
      this.fold(`days ${key}`, monthName(key), notes.length, () => notes.map((note) => this.leaf(note, dayName(note.path))), key === newest || notes.some(({ path }) => path === this.current)))));
  }

  leaf(note, label = note.title || note.path.split("/").at(-1)) {
    const name = note.path.split("/").at(-1);
    return h("li", h("a", { href: noteAddress(note.path), title: note.path, "aria-current": note.path === this.current ? "page" : undefined, data: { at: note.path } },
      icon(note.protected ? "lock" : "note"), h("span.grow.cut", note.protected ? name.replace(/\.md$/, "") : label), note.protected && h("span.sr", t("note.protected"))));
  }

  /** Left closes a folder (or goes to it), right opens it. */
  sideways(event) {
    const at = event.target.closest("summary, a");
    if (!at || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const own = at.localName === "summary" ? at.parentElement : null;
    event.preventDefault();
    if (event.key === "ArrowRight") return void (own && !own.open ? (own.open = true) : own?.querySelector(":scope > ul a, :scope > ul summary")?.focus());
    if (own?.open) own.open = false;
    else (own?.parentElement ?? at).closest("details")?.querySelector("summary").focus();
  }
}

function grown(notes) {
  const root = { notes: [], folders: new Map(), count: 0 };
  for (const note of notes) {
    let at = root;
    for (const part of note.path.split("/").slice(0, -1)) {
      if (!at.folders.has(part)) at.folders.set(part, { notes: [], folders: new Map(), count: 0 });
      at = at.folders.get(part);
      at.count += 1;
    }
    at.notes.push(note);
  }
  return root;
}

const rank = ({ path, protected: has }) => (has ? FIRST.length - FIRST.indexOf(path) + (FIRST.includes(path) ? 10 : 0) : 0);
const byRank = (a, b) => rank(b) - rank(a) || (a.title || a.path).localeCompare(b.title || b.path);
const monthName = (key) => new Intl.DateTimeFormat(language(), { month: "long", year: "numeric" }).format(new Date(`${key}-15T12:00`));

function dayName(path) {
  const [, year, month, day, more] = DAILY.exec(path);
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return new Intl.DateTimeFormat(language(), { weekday: "short", day: "numeric", month: "short" }).format(date) + more.replaceAll("-", " ");
}
