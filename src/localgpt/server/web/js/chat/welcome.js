// What stands in a chat that has not begun.
import { h } from "../dom.js";
import { t } from "../i18n.js";

export function welcome(isNew, use) {
  return h("div.welcome",
    h("img", { src: "/ui/icon.svg", alt: "", width: 52, height: 52 }),
    h("h1", t(isNew ? "welcome.new" : "welcome")),
    h("p.quiet", t("welcome.text")),
    h("div.examples", [1, 2, 3].map((n) => h("button.example", { type: "button", onclick: () => use(t(`welcome.${n}`)) }, t(`welcome.${n}`)))));
}
