// Short messages at the edge: what happened, and what to do about it.
import { h, icon, iconButton } from "./dom.js";
import { t } from "./i18n.js";

const LIMIT = 4;

function show(kind, text, { hint, action, stay } = {}) {
  const place = document.getElementById("toasts");
  const node = h(
    "div.toast", { class: kind, role: kind === "error" ? "alert" : undefined },
    icon(kind === "error" ? "warn" : kind === "done" ? "check" : "info"),
    h("div.toast-text", h("p", text), hint && h("p.hint", hint)),
    action && h("button.link", { type: "button", onclick: () => { node.remove(); action.run(); } }, action.label),
    iconButton("close", t("close"), () => node.remove()),
  );
  place.append(node);
  while (place.children.length > LIMIT) place.firstChild.remove();
  if (!stay) setTimeout(() => node.remove(), kind === "error" ? 12000 : 5000);
  return () => node.remove();
}

/** A failure's sentence and its way out, in words for people. */
export function sentence(error) {
  if (error?.status === 0) return { text: t("error.unreachable"), hint: t("error.unreachable.hint") };
  return { text: error?.message || t("error.unknown", { status: error?.status ?? "" }), hint: error?.hint || "" };
}

export const toast = {
  info: (text, options) => show("info", text, options),
  done: (text, options) => show("done", text, options),
  error(error, options) {
    const told = typeof error === "string" ? { text: error } : sentence(error);
    return show("error", told.text, { hint: told.hint, ...options });
  },
};

/** Say something to screen readers only. */
export function announce(text) {
  const node = document.getElementById("announce");
  node.textContent = "";
  requestAnimationFrame(() => { node.textContent = text; });
}
