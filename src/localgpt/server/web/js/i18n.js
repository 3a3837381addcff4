// The page's words in English and German. A view adds its own: add({en: {"tasks.title": "Tasks"}, de: {…}}).
import { write } from "./store.js";

const words = { en: {}, de: {} };

export const LANGUAGES = { en: "English", de: "Deutsch" };
export const language = () => document.documentElement.lang;

Object.assign(words[language()], (await import(`./words/${language()}.js`)).default);

export function add(more) {
  for (const name of Object.keys(LANGUAGES)) Object.assign(words[name], more[name]);
}

/** The words for a key; {name} stands for params.name. With params.n, "key.one" is taken where n is one. */
export function t(key, params = {}) {
  const single = params.n !== undefined && new Intl.PluralRules(language()).select(params.n) === "one" && `${key}.one`;
  const mine = words[language()];
  const text = (single && (mine[single] ?? words.en[single])) || mine[key] || words.en[key] || key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => params[name] ?? whole);
}

/** Change the language for this browser; the page is built anew. */
export function speak(name) {
  write("language", name);
  document.documentElement.lang = name;
  dispatchEvent(new Event("languagechanged"));
}

