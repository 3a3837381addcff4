// Questions that need an answer before anything happens: native dialogs, which keep the focus and know Esc.
import { append, h } from "./dom.js";
import { t } from "./i18n.js";

/** Show a dialog; resolves with the value it is closed with ("" for Esc). `build(close)` gives its content. */
export function dialog(label, build, props = {}) {
  const before = document.activeElement;
  return new Promise((resolve) => {
    const node = h("dialog.dialog", { "aria-label": label, ...props });
    const close = (value = "") => node.close(value);
    append(node, [build(close)]);
    node.addEventListener("click", (event) => event.target === node && close());
    node.addEventListener("close", () => {
      node.remove();
      before?.focus?.();
      resolve(node.returnValue);
    });
    document.body.append(node);
    node.showModal();
  });
}

/** "Do it?": true or false. */
export async function confirm({ title, text, yes, danger = false }) {
  const answer = await dialog(title, (close) =>
    h("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); close("yes"); } },
      h("h2", title), text && h("p", text),
      h("div.actions",
        h("button", { type: "button", onclick: () => close() }, t("cancel")),
        h("button.primary", { type: "submit", class: danger ? "danger" : "", autofocus: true }, yes))), { role: "alertdialog" });
  return answer === "yes";
}

/** One line of text, or null. */
export async function ask({ title, label, value = "", yes }) {
  const input = h("input", { type: "text", value, "aria-label": label ?? title, autofocus: true, maxlength: 200 });
  const answer = await dialog(title, (close) =>
    h("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); close("yes"); } },
      h("h2", title), input,
      h("div.actions",
        h("button", { type: "button", onclick: () => close() }, t("cancel")),
        h("button.primary", { type: "submit" }, yes))));
  return answer === "yes" ? input.value.trim() : null;
}
