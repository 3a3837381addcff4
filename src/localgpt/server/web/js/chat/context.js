// What the model was given and what it cost: a small bar, and the list behind it.
import { h } from "../dom.js";
import { dialog } from "../dialog.js";
import { count, money, percent, tokens } from "../format.js";
import { t } from "../i18n.js";
import { noteAddress } from "../router.js";

const PARTS = ["identity", "skills", "note", "passage", "runtime", "conversation", "schemas"];

export class ContextBar {
  constructor() {
    this.clear();
    this.node = h("button.context-bar", { type: "button", hidden: true, "aria-haspopup": "dialog", onclick: () => this.open() });
  }

  clear() {
    this.context = null;
    this.usage = null;
    if (this.node) this.node.hidden = true;
  }

  take(event) {
    if (event.type === "context") this.context = event;
    else if (event.usage) this.usage = event.usage;
    this.draw();
  }

  draw() {
    const { context, usage } = this;
    const cost = usage?.cost_usd ? money(usage.cost_usd) : "";
    const used = usedOf(context);
    this.node.hidden = !used && !cost;
    const share = context?.window ? used / context.window : 0;
    const text = [share ? percent(share) : used ? t("context.tokens", { used: tokens(used) }) : "", cost].filter(Boolean).join(" · ");
    this.node.replaceChildren(h("span.meter", share ? slices(context) : null), h("span.small.number", text));
    this.node.setAttribute("aria-label", `${t("context")}: ${text}`);
    this.node.title = t("context.title");
  }

  open() {
    const { context, usage } = this;
    return dialog(t("context.title"), (close) => h("div.context-list",
      h("div.row", h("h2.grow", t("context.title")), h("button.link", { type: "button", onclick: () => close() }, t("close"))),
      context && [h("p.number", context.window ? t("context.used", { used: count(usedOf(context)), window: count(context.window) }) : t("context.tokens", { used: count(usedOf(context)) })),
        h("div.meter.large", slices(context)), legend(context), pieces(context, close),
        context.withheld ? h("p.small.warning", t("context.withheld", { n: context.withheld })) : null],
      usage && h("p.small", t("context.cost", { cost: money(usage.cost_usd ?? 0), input: count(usage.input), output: count(usage.output) }),
        usage.cached ? ` · ${t("context.cached", { n: count(usage.cached) })}` : "")), { class: "context-dialog" });
  }
}

const usedOf = (context) => (context ? context.used || sizes(context).reduce((sum, [, size]) => sum + size, 0) : 0);

function sizes(context) {
  const found = Object.fromEntries(PARTS.map((part) => [part, 0]));
  for (const { kind, tokens: size } of context.pieces ?? []) found[kind] = (found[kind] ?? 0) + (size ?? 0);
  found.conversation += context.conversation ?? 0;
  found.schemas += context.schemas ?? 0;
  return Object.entries(found).filter(([, size]) => size > 0);
}

const label = (part) => (["conversation", "schemas"].includes(part) ? t(`context.${part}`) : t(`kind.${part}`));
const colour = (part) => `part-${PARTS.indexOf(part) + 1}`;

function slices(context) {
  const whole = Math.max(context.window || 0, usedOf(context)) || 1;
  return sizes(context).map(([part, size]) => h("span", { class: colour(part), vars: { "--share": String(size / whole) } }));
}

function legend(context) {
  return h("ul.legend", sizes(context).map(([part, size]) =>
    h("li", h("span.swatch", { class: colour(part) }), h("span.grow", label(part)), h("span.number.quiet", count(size)))));
}

function pieces(context, close) {
  const named = (context.pieces ?? []).filter(({ source }) => source);
  if (!named.length) return null;
  return h("ul.piece-list", named.map(({ source, start, end, tokens: size, reason }) =>
    h("li", h("a.grow.cut", { href: noteAddress(source, start, end), title: reason, onclick: () => close() }, source + (start ? `:${start}` : "")), h("span.number.quiet", count(size ?? 0)))));
}
