// Small helpers to build the page. Strings become text; only `sanitised` takes HTML, and only the server's.

/** Build an element: h("button.primary", {onclick, "aria-label": "…"}, "text", child, [more]). Falsy children are left out. */
export function h(what, props, ...children) {
  const [tag, ...classes] = what.split(".");
  const node = document.createElement(tag || "div");
  if (classes.length) node.classList.add(...classes);
  if (props instanceof Node || typeof props !== "object" || Array.isArray(props)) {
    children.unshift(props);
    props = null;
  }
  for (const [name, value] of Object.entries(props ?? {})) set(node, name, value);
  append(node, children);
  return node;
}

function set(node, name, value) {
  if (value === undefined || value === null || value === false) return;
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (name === "class") node.classList.add(...String(value).split(" ").filter(Boolean));
  else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") node[name] = value;
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "vars") for (const [key, to] of Object.entries(value)) node.style.setProperty(key, to);
  else node.setAttribute(name, value === true ? "" : value);
}

export function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false || child === "") continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

/** Replace what is in a node. */
export function fill(node, ...children) {
  node.replaceChildren();
  return append(node, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** Take the icons into the page, once: they are there also when the server is not. */
export async function loadIcons() {
  const text = await (await fetch("/ui/icons.svg")).text();
  const sheet = document.adoptNode(new DOMParser().parseFromString(text, "image/svg+xml").documentElement);
  for (const symbol of sheet.querySelectorAll("symbol")) symbol.id = `icon-${symbol.id}`;
  sheet.setAttribute("aria-hidden", "true");
  sheet.setAttribute("class", "sr");
  document.body.append(sheet);
}

/** A decorative icon of icons.svg. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/** An element of SVG, for drawings: s("rect", {x, y, width, height, class}, …). */
export function s(tag, props = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value);
  }
  return append(node, children);
}

/** A button with an icon and no text: the label is read out and shown as a tooltip. */
export function iconButton(name, label, onclick, props = {}) {
  return h("button.icon-button", { type: "button", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

const TAGS = new Set(
  ("a abbr b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd " +
    "li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot th thead tr u ul var").split(" "),
);
const ATTRIBUTES = new Set(
  "href title class lang dir alt src width height colspan rowspan align start type checked disabled open scope data-line data-path data-start data-end data-src".split(" "),
);

/** The server's sanitised HTML as a fragment. It is looked through once more: what isn't on the list does not come in. */
export function sanitised(html) {
  const parsed = new DOMParser().parseFromString(String(html ?? ""), "text/html");
  for (const node of [...parsed.body.querySelectorAll("*")]) {
    if (!TAGS.has(node.localName)) node.remove();
    else for (const { name } of [...node.attributes]) if (!allowed(node, name)) node.removeAttribute(name);
  }
  const fragment = document.createDocumentFragment();
  fragment.append(...document.adoptNode(parsed.body).childNodes);
  return fragment;
}

function allowed(node, name) {
  if (!ATTRIBUTES.has(name)) return false;
  if (name === "href") return /^(https?:|mailto:|#|\/(?!\/))/i.test(node.getAttribute(name).trim());
  if (name === "src") return /^(\/(?!\/)|data:image\/(png|jpeg|gif|webp);)/i.test(node.getAttribute(name).trim());
  if (name === "type") return node.localName !== "input" || node.getAttribute(name) === "checkbox";
  return true;
}

/** Call `run` at most once per animation frame. */
export function perFrame(run) {
  let asked = 0;
  return () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0;
      run();
    });
  };
}

/** Call `run` when nothing has been asked for `wait` milliseconds. */
export function settled(run, wait = 180) {
  let timer;
  return (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => run(...args), wait);
  };
}

/** Arrow keys, Home and End move the focus among the elements of `selector` in `node`. */
export function arrowKeys(node, selector) {
  node.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity }[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, textarea, select")) return;
    const items = [...node.querySelectorAll(selector)].filter((item) => item.getClientRects().length);
    const at = items.findIndex((item) => item === document.activeElement || item.contains(document.activeElement));
    const next = items[Math.max(0, Math.min(items.length - 1, at + step))];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
}
