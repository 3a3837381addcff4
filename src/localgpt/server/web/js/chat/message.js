// Messages that are on disk: the owner's words, and everything that one turn answered as one block.
import { h, iconButton } from "../dom.js";
import { clock, exactly, moment } from "../format.js";
import { t } from "../i18n.js";
import { copy, prose } from "../prose.js";
import * as pieces from "./pieces.js";

/** Messages as exchanges: [{user: message | null, replies: [messages], results: {id: message}}]. */
export function exchanges(messages) {
  const found = [];
  for (const message of messages) {
    if (message.role === "user") found.push({ user: message, replies: [], results: {} });
    else {
      if (!found.length) found.push({ user: null, replies: [], results: {} });
      const last = found.at(-1);
      if (message.role === "toolResult" || message.role === "tool") last.results[message.tool_call_id] = message;
      else last.replies.push(message);
    }
  }
  return found;
}

/** An exchange as elements. acts: {edit(message), branch(message), retry(message)}. */
export function exchange(one, acts) {
  return [one.user && user(one.user, acts), one.replies.length > 0 && assistant(one, acts)].filter(Boolean);
}

export function user(message, acts) {
  const text = message.content ?? "";
  const node = h("article.message.user", { data: { line: message.line ?? "" }, "aria-label": t("you") },
    h("div.bubble", pieces.attachments(message.attachments), text && h("div.said", text)),
    h("div.acts", stamp(message),
      text && iconButton("copy", t("act.copy"), (event) => copy(text, event.currentTarget)),
      message.line !== undefined && acts && [
        iconButton("edit", t("act.edit"), () => acts.edit(message, node))]));
  return node;
}

function stamp(message) {
  const date = moment(message.timestamp);
  return date && h("time.quiet", { datetime: date.toISOString(), title: exactly(date) }, clock(date));
}

/** An empty place for a reply: the article, and where its pieces go. */
export function reply() {
  const flow = h("div.flow");
  const acts = h("div.acts");
  return { node: h("article.message.assistant", { "aria-label": t("assistant") }, flow, acts), flow, acts };
}

function assistant(one, acts) {
  const { node, flow, acts: bar } = reply();
  for (const message of one.replies) part(flow, message, one.results);
  const last = one.replies.at(-1);
  finish(bar, one.replies.map((message) => message.content ?? "").filter(Boolean).join("\n\n"), one.user, acts, last);
  return node;
}

function part(flow, message, results) {
  if (message.role === "system") {
    const inner = prose(h("div.prose"), message.html ?? "");
    if (!message.html) inner.append(message.content ?? "");
    flow.append(h("details.fold", h("summary", t("chat.compact.summary")), inner));
    return;
  }
  if (message.thinking) flow.append(pieces.thinking(message.thinking).node);
  if (message.html) flow.append(prose(h("div.prose.block"), message.html));
  else if (message.content) flow.append(h("div.prose.plain", message.content));
  for (const call of message.tool_calls ?? []) flow.append(...called(call, results[call.id]));
  const end = pieces.ending(message.stop, message.error);
  if (end) flow.append(end);
  const shown = pieces.sources(message.citations);
  if (shown) flow.append(shown);
}

const DETAILS = ["path", "query", "url", "to", "name", "text"];
const WRITTEN = /(\S+?\.md):(\d+)(?:-(\d+))?/; // what the tools that write notes answer with

function called(call, result) {
  const given = parsed(call.arguments) ?? {};
  const detail = DETAILS.map((name) => given[name]).find((value) => typeof value === "string");
  const shown = pieces.tool({ id: call.id, name: call.name, detail, arguments: given });
  const output = result?.content ?? "";
  shown.end(output, result?.is_error);
  const place = pieces.writes(call.name) && !result?.is_error && WRITTEN.exec(output);
  if (!place) return [shown.node];
  const [, path, start, end] = place;
  return [shown.node, pieces.wrote({ path, start: Number(start), end: Number(end ?? start), text: given.text ?? "", turn_id: result.turn_id })];
}

function parsed(text) {
  try {
    return typeof text === "string" ? JSON.parse(text) : text;
  } catch {
    return text;
  }
}

/** The buttons below a finished reply. */
export function finish(bar, text, question, acts, last) {
  bar.replaceChildren();
  if (text) bar.append(iconButton("copy", t("act.copy"), (event) => copy(text, event.currentTarget)));
  if (question && acts && question.line !== undefined) bar.append(iconButton("retry", t("act.retry"), () => acts.retry(question)));
  if (acts && last?.line !== undefined) bar.append(iconButton("branch", t("act.branch"), () => acts.branch(last)));
  const made = last?.model;
  if (made) bar.append(h("span.quiet.small", made));
}
