// Light or dark, and the language: chosen in this browser.
import { LANGUAGES, language, speak, t } from "./i18n.js";
import { menu } from "./menu.js";
import { read, write } from "./store.js";

const system = matchMedia("(prefers-color-scheme: dark)");

export const theme = () => read("theme") ?? "";
export const dark = () => (theme() || (system.matches ? "dark" : "light")) === "dark";

/** Choose a theme: "light", "dark" or "" for the system's. The window hears "themechanged". */
export function paint(name) {
  write("theme", name);
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  dispatchEvent(new Event("themechanged"));
}

system.addEventListener("change", () => dispatchEvent(new Event("themechanged")));

/** The menu to choose from, at the button that was clicked. */
export function look(event) {
  const themes = [["", "theme.system", "settings"], ["light", "theme.light", "sun"], ["dark", "theme.dark", "moon"]];
  menu(event.currentTarget, t("look"), [
    ...themes.map(([name, key, icon]) => ({ label: t(key), icon, checked: theme() === name, run: () => paint(name) })),
    null,
    ...Object.entries(LANGUAGES).map(([name, label]) => ({ label, checked: language() === name, run: () => speak(name) })),
  ]);
}
