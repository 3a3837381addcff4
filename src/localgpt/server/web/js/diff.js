// Differences: a unified diff of the server for people to read, and two texts line by line.
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { noteAddress } from "./router.js";

const KINDS = { "+": "added", "-": "removed", "@": "place", "\\": "place" };
const MOST = 2000;

/** A unified diff as lines with their sign; the lines of its head are left out. */
export function diffNode(text) {
  const lines = text.replace(/\n$/, "").split("\n").filter((line) => !/^(--- |\+\+\+ )/.test(line));
  const shown = lines.slice(0, MOST).map((line) => row(KINDS[line[0]] ?? "", line));
  return h("pre.diff", { tabindex: "0", role: "region", "aria-label": t("diff") }, shown, lines.length > MOST && row("place", `… ${lines.length - MOST}`));
}

function row(kind, line) {
  if (kind === "place" && line.startsWith("@@")) return h("span.place", /\+(\d+)/.exec(line) ? t("diff.from", { line: /\+(\d+)/.exec(line)[1] }) : line, "\n");
  const tag = { added: "ins", removed: "del" }[kind] ?? "span";
  return h(tag, { class: kind }, line, "\n");
}

/** What several files went through: [{path, diff}]; `linked` leads to each. */
export function filesNode(files, linked = false) {
  return h("div.diffs", files.map(({ path, diff, known = true }) => h("section", h("h3.cut", linked ? h("a", { href: noteAddress(path) }, path) : path), known && diff ? diffNode(diff) : h("p.quiet.small", t(known ? "diff.none" : "diff.unknown")))));
}

/** Which lines of `mine` and of `theirs` the other doesn't have: two sets of line indexes. */
export function unlike(mine, theirs) {
  const [a, b] = [mine.split("\n"), theirs.split("\n")];
  let begin = 0;
  while (begin < a.length && begin < b.length && a[begin] === b[begin]) begin += 1;
  let end = 0;
  while (end < a.length - begin && end < b.length - begin && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [left, right] = [a.slice(begin, a.length - end), b.slice(begin, b.length - end)];
  const all = (lines) => new Set(lines.map((_, at) => at + begin));
  if (left.length * right.length > 4e6) return [all(left), all(right)];
  const longest = table(left, right);
  const [only, other] = [all(left), all(right)];
  for (let x = 0, y = 0; x < left.length && y < right.length; ) {
    if (left[x] === right[y]) { only.delete(begin + x++); other.delete(begin + y++); }
    else if (longest[x + 1][y] >= longest[x][y + 1]) x += 1;
    else y += 1;
  }
  return [only, other];
}

/** How many lines are common from x and y on. */
function table(left, right) {
  const rows = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let x = left.length - 1; x >= 0; x -= 1)
    for (let y = right.length - 1; y >= 0; y -= 1)
      rows[x][y] = left[x] === right[y] ? rows[x + 1][y + 1] + 1 : Math.max(rows[x + 1][y], rows[x][y + 1]);
  return rows;
}
