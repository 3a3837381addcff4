// A reply as it grows: takes the events of a turn and shows them in the order in which they come.
import { h } from "../dom.js";
import { t } from "../i18n.js";
import { prose } from "../prose.js";
import * as pieces from "./pieces.js";

export class Live {
  /** @param {HTMLElement} flow where the pieces of the reply go */
  constructor(flow) {
    this.flow = flow;
    this.begin();
  }

  /** Forget what was shown; the events come again from the first. */
  begin() {
    this.flow.replaceChildren();
    this.blocks = new Map();
    this.tools = new Map();
    this.asked = new Map();
    this.text = "";
    this.plain = null;
    this.rendered = false;
    this.thought = null;
    this.wait = h("div.waiting", { "aria-hidden": "true" }, h("span"), h("span"), h("span"));
    this.flow.append(this.wait);
  }

  apply(event) {
    const take = this[`on_${event.type}`];
    if (take) take.call(this, event);
  }

  add(node) {
    this.flow.insertBefore(node, this.wait.isConnected ? this.wait : null);
    return node;
  }

  on_started() {
    this.started?.();
  }

  on_thinking({ delta }) {
    if (!this.thought) {
      this.thought = pieces.thinking("", true);
      this.add(this.thought.node);
    }
    this.thought.add(delta);
  }

  endThought() {
    this.thought?.end();
    this.thought = null;
  }

  on_content({ delta }) {
    this.endThought();
    this.wait.remove();
    this.text += delta;
    if (this.rendered) return; // as HTML, within a moment
    this.plain ??= this.add(h("div.prose.plain"));
    this.plain.append(delta);
  }

  on_html({ block, html }) {
    this.endThought();
    this.wait.remove();
    this.plain?.remove();
    this.plain = null;
    this.rendered = true;
    let node = this.blocks.get(block);
    if (!html) {
      node?.remove();
      this.blocks.delete(block);
      return;
    }
    if (!node) {
      node = this.add(h("div.prose.block"));
      this.blocks.set(block, node);
    }
    prose(node, html);
  }

  on_retracted({ block: first = 0 }) {
    for (const [number, node] of this.blocks) {
      if (number < first) continue;
      node.remove();
      this.blocks.delete(number);
    }
    this.plain?.remove();
    this.plain = null;
    this.thought?.node.remove();
    this.thought = null;
  }

  on_tool_start(event) {
    this.endThought();
    const shown = pieces.tool(event);
    this.tools.set(event.id, shown);
    this.add(shown.node);
    this.flow.append(this.wait);
  }

  on_tool_end({ id, output, is_error: failed }) {
    this.tools.get(id)?.end(output, failed);
  }

  on_approval_request(event) {
    this.endThought();
    const place = this.add(h("div.asked"));
    this.asked.set(event.id, import("../asking/card.js").then((asking) => {
      place.replaceWith(new asking.Card(event).node);
      dispatchEvent(new Event("asking"));
      return asking;
    }));
  }

  on_approval_answer(event) {
    this.asked.get(event.id)?.then((asking) => asking.answered(event));
  }

  on_memory_written(event) {
    this.add(pieces.wrote(event));
  }

  on_notice({ text, level }) {
    this.add(pieces.notice(text, level));
  }

  on_error({ error, hint }) {
    this.done();
    this.add(pieces.notice([error, hint].filter(Boolean).join(" "), "error"));
  }

  on_finished({ response, html, stop, error, citations }) {
    this.done();
    if (!this.blocks.size && (html || response)) {
      this.plain?.remove();
      const node = this.add(h("div.prose.block"));
      if (html) prose(node, html);
      else node.append(response);
    }
    const end = this.flow.querySelector(":scope > .notice.error") ? null : pieces.ending(stop, error);
    if (end) this.add(end);
    const shown = pieces.sources(citations);
    if (shown) this.add(shown);
    this.text = response || this.text;
  }

  /** Nothing more comes. */
  done() {
    this.endThought();
    this.wait.remove();
  }
}

/** What a screen reader is told of a reply. */
export const spoken = (text) => t("answered", { text: text.replace(/[`*_#>|]/g, "").replace(/\s+/g, " ").slice(0, 1500) });
