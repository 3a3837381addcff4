// The pieces that a turn is shown as: thinking, tools, what was noted, notices, sources, attachments.
import { api, encodedPath, told } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { bytes } from "../format.js";
import { t } from "../i18n.js";
import { show } from "../prose.js";
import { noteAddress } from "../router.js";
import { toast } from "../toast.js";
import { isUndone, undone } from "./undone.js";

const PICTURE = /^image\/(png|jpeg|gif|webp)$/;
const WRITERS = new Set(["remember", "write_file", "edit_file"]);

export function thinking(text, running = false) {
  const body = h("div.thought", text);
  const summary = h("summary", icon("think"), h("span", t(running ? "thinking" : "thought")));
  const node = h("details.fold.thinking", summary, body);
  return {
    node,
    add(more) { body.append(more); },
    end() { summary.lastChild.textContent = t("thought"); },
  };
}

/** One tool call; `end` says what came of it. */
export function tool({ id, name, detail, arguments: given }) {
  const known = t(`tool.${name}`);
  const state = h("span.tool-state", h("span.spinner"), h("span.sr", t("tool.running")));
  const body = h("div.fold-body");
  const node = h("details.fold.tool", { data: { call: id ?? "" } },
    h("summary", icon("tool"), h("span.tool-name", known === `tool.${name}` ? name : known),
      detail && h("span.tool-detail.cut", detail), state), body);
  const shown = typeof given === "string" ? given : given && Object.keys(given).length ? JSON.stringify(given, null, 2) : "";
  if (shown) body.append(h("p.fold-title", t("tool.arguments")), h("pre", { tabindex: "0" }, shown));
  return {
    node,
    end(output, failed) {
      node.classList.toggle("failed", Boolean(failed));
      fill(state, failed && [icon("warn"), h("span", t("tool.failed"))]);
      body.append(h("p.fold-title", t("tool.output")), h("pre", { tabindex: "0" }, output || t("tool.nothing")));
    },
  };
}

/** One line for a note that was written, with its undo. */
export function wrote({ path, start, end, text, turn_id: turn }) {
  const undo = h("button.link", { type: "button", "aria-label": t("undo.label", { path }), onclick: () => takeBack() }, t("undo"));
  const node = h("div.wrote", { data: { turn: turn ?? "" } }, icon("note"),
    h("span.wrote-text", h("a", { href: noteAddress(path, start, end) }, path), text && h("span.quiet", ` ${oneLine(text)}`)),
    isUndone(turn) ? h("span.quiet", t("undone")) : turn && undo);
  node.classList.toggle("undone", isUndone(turn));
  async function takeBack() {
    undo.disabled = true;
    const done = await told(api.post("/api/undo", { turn }));
    undo.disabled = false;
    if (!done) return;
    if (!done.files.length) return void toast.info(t("undo.kept", { path }), { hint: done.kept.map(({ reason }) => reason).join(" ") });
    undone(turn);
    toast.done(t("undo.done", { path }));
  }
  return node;
}

/** Whether a tool of this name writes notes. */
export const writes = (name) => WRITERS.has(name);

const oneLine = (text) => text.replace(/^\s*[-*]\s+/, "").replace(/\s+/g, " ").trim();

export function notice(text, level = "info") {
  const kind = level === "error" || level === "warning" ? level : "info";
  return h("div.notice", { class: kind }, icon(kind === "info" ? "info" : "warn"), h("span", text));
}

/** Why a turn ended early, or null. */
export function ending(stop, error) {
  if (error) return notice(error, stop === "cancelled" ? "info" : "error");
  if (!stop || stop === "done" || stop === "tools") return null;
  const text = t(`stop.${stop}`);
  return text === `stop.${stop}` ? null : notice(text, stop === "cancelled" ? "info" : "warning");
}

/** Chips that lead to the cited lines. */
export function sources(citations) {
  if (!citations?.length) return null;
  return h("ul.sources", { "aria-label": t("sources") }, citations.map(({ path, start, end, valid }) =>
    h("li", valid === false
      ? h("span.chip.stale", { title: t("source.stale") }, icon("warn"), place(path, start, end), h("span.sr", t("source.stale")))
      : h("a.chip", { href: noteAddress(path, start, end), "aria-label": t("source.open", { path, line: start }) }, icon("note"), place(path, start, end)))));
}

function place(path, start, end) {
  const lines = start ? `:${start}${end && end !== start ? `-${end}` : ""}` : "";
  return h("span.cut", path.split("/").at(-1) + lines);
}

/** What went along with a message: pictures as pictures, the rest by name. */
export function attachments(list) {
  if (!list?.length) return null;
  return h("ul.attached", { "aria-label": t("attached") }, list.map(({ sha256, name, size, media_type: type }) => {
    const address = `/api/attachments/${sha256}/${encodedPath(name ?? "file")}`;
    if (!PICTURE.test(type ?? "")) return h("li.chip", icon("file"), h("span.cut", name), size ? h("span.quiet", bytes(size)) : null);
    const picture = h("img", { alt: name });
    show(picture, address);
    return h("li.picture", picture);
  }));
}
