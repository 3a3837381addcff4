// Addresses: #/chat/SESSION, #/memory, #/note/PATH?START-END (also PATH:START-END), #/tasks, #/activity, #/settings.
//
// The contract of a view (js/views/NAME.js, loaded when first needed together with style/NAME.css):
//
//   import { add, t } from "../i18n.js";              // its own words: add({en: {...}, de: {...}})
//   export default {
//     title: (route) => t("tasks"),                   // the document's title
//     async mount(root, route) {                      // root: an empty <section class="view NAME">
//                                                     //   (it scrolls); return soon, load the rest afterwards
//       ...                                           // fill it; fetch; listen: on("note", …) of feed.js
//       return {
//         update(route) {},                           // the address changed, the view stays (e.g. another note);
//                                                     //   without it the view is mounted anew
//         leave() { return true; },                   // may one go? false (or a promise of it) stays here: unsaved text
//         unmount() {},                               // stop timers and listeners
//         search() {},                                // "/" was pressed: focus the search field
//         escape() { return false; },                 // Esc was pressed: true if it meant something here
//       };                                            // every member is optional
//     },
//   };
//
// route: {view: "note", name: "memory" (the module), rest: "memory/2026-11-23.md", lines: {start, end} | null, query}
// Help at hand: api, told, query, encodedPath (api.js) · h, s, icon, iconButton, sanitised, fill, settled, arrowKeys (dom.js)
// · toast, announce (toast.js) · confirm, ask, dialog (dialog.js) · menu (menu.js) · on (feed.js) · format.js · t (i18n.js)
// Classes at hand: see style/base.css (.card, .empty, .row, .chip, .primary, .field, .tabs, .split …) and tokens.css.
// Links are plain: h("a", {href: "#/tasks"}). Never set style attributes; widths and such go by h(…, {vars: {"--x": "3"}}).
import { fill, h, icon } from "./dom.js";
import { t } from "./i18n.js";

const MODULES = { chat: "chat", memory: "memory", note: "memory", tasks: "tasks", activity: "activity", settings: "settings" };

let current = null; // {route, module, handle, address}
let place = null; // where views are shown
let told = () => {}; // who hears of each change
let turning = Promise.resolve();

/** An address as a route; null if there is nothing at it. */
export function parse(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const [view = "", ...parts] = path.split("/");
  const name = MODULES[view || "chat"];
  if (!name) return null;
  let rest = parts.join("/");
  try { rest = parts.map(decodeURIComponent).join("/"); } catch { /* a stray % stays as it is */ }
  const found = /^(\d+)(?:-(\d+))?$/.exec(query) ?? (view === "note" ? /:(\d+)(?:-(\d+))?$/.exec(rest) : null);
  const lines = found ? { start: Number(found[1]), end: Number(found[2] ?? found[1]) } : null;
  if (found?.index) rest = rest.slice(0, found.index);
  if (view === "note" && rest.startsWith("session:")) return { view: "chat", name: "chat", rest: rest.slice(8), lines, query: new URLSearchParams() };
  return { view: view || "chat", name, rest, lines, query: new URLSearchParams(lines ? "" : query) };
}

/** The address of a note, at its lines if they are given. */
export function noteAddress(path, start, end) {
  const at = start ? `?${start}${end && end !== start ? `-${end}` : ""}` : "";
  return `#/note/${path.split("/").map(encodeURIComponent).join("/")}${at}`;
}

export function go(hash, { replace = false } = {}) {
  if (!replace) location.hash = hash;
  else {
    history.replaceState(null, "", hash);
    turn();
  }
}

/** The view that is shown: its handle's members, for keys. */
export const shown = () => current?.handle ?? {};
export const here = () => current?.route ?? null;

/** Follow the address from now on. */
export function start(root, changed) {
  place = root;
  told = changed;
  addEventListener("hashchange", turn);
  turn();
}

function turn() {
  turning = turning.then(follow).catch(failed);
}

async function follow() {
  const route = parse(location.hash);
  const before = current;
  if (before?.handle?.leave && !same(before.route, route) && (await before.handle.leave(route)) === false) {
    history.replaceState(null, "", before.address);
    return;
  }
  if (route && before?.handle?.update && before.route.name === route.name) {
    Object.assign(before, { route, address: location.hash });
    await before.handle.update(route);
  } else await mount(route, before);
  name(route);
  told(route);
}

const same = (a, b) => b && a.name === b.name && a.rest === b.rest;

async function mount(route, before) {
  before?.handle?.unmount?.();
  current = null;
  if (!route) return void problem(t("error.nowhere"));
  const root = h("section.view", { class: route.name });
  fill(place, root);
  const slow = setTimeout(() => root.append(h("p.empty", t("loading"))), 400);
  try {
    const [module] = await Promise.all([import(`./views/${route.name}.js`), stylesheet(route.name)]);
    clearTimeout(slow);
    root.replaceChildren();
    current = { route, module: module.default, address: location.hash, handle: {} };
    current.handle = (await module.default.mount(root, route)) ?? {};
  } finally {
    clearTimeout(slow);
  }
}

function name(route) {
  const title = route && current?.module?.title?.(route);
  document.title = title ? `${title} · LocalGPT` : "LocalGPT";
}

/** The view's title changed (a chat got its name). */
export const rename = () => name(current?.route);

/** Take a stylesheet in; resolves when it is there. */
export function stylesheet(name) {
  const href = `/ui/style/${name}.css`;
  if (document.querySelector(`link[href="${href}"]`)) return undefined;
  return new Promise((resolve) => {
    const link = h("link", { rel: "stylesheet", href, onload: resolve, onerror: resolve });
    document.head.append(link);
  });
}

function failed(error) {
  console.error(error);
  problem(t("error.view"), t("error.view.hint"));
}

function problem(text, hint) {
  fill(place, h("section.view", h("div.empty", icon("warn"), h("h1", text), hint && h("p", hint), h("p", h("a.button", { href: "#/chat" }, t("chat"))))));
}
