// A menu at a button: arrow keys, first letters, Esc; closes when anything else is used.
import { h, icon } from "./dom.js";

let open = null;

/** Open a menu at `anchor`. items: {label, icon, run, note, checked, danger, disabled} or null for a line. */
export function menu(anchor, label, items) {
  if (open?.anchor === anchor) return closeMenu();
  closeMenu();
  const node = h("div.menu", { role: "menu", "aria-label": label }, items.map((item) => (item ? entry(item) : h("hr"))));
  document.getElementById("main").append(node);
  place(node, anchor);
  anchor.setAttribute("aria-expanded", "true");
  open = { anchor, node };
  node.addEventListener("keydown", keys);
  setTimeout(() => document.addEventListener("pointerdown", outside, true));
  addEventListener("resize", closeMenu, { once: true });
  (node.querySelector("[aria-checked=true]") ?? node.querySelector("button"))?.focus();
}

function entry(item) {
  const role = item.checked === undefined ? "menuitem" : "menuitemradio";
  return h("button.menu-item",
    { type: "button", role, tabindex: "-1", disabled: item.disabled, class: item.danger ? "danger" : "",
      "aria-checked": item.checked === undefined ? undefined : String(item.checked),
      onclick: () => { closeMenu(); item.run(); } },
    item.icon && icon(item.icon), h("span.menu-label", item.label), item.note && h("span.menu-note", item.note),
    item.checked && icon("check"));
}

export function closeMenu(refocus = true) {
  if (!open) return;
  const { anchor, node } = open;
  open = null;
  document.removeEventListener("pointerdown", outside, true);
  anchor.setAttribute("aria-expanded", "false");
  const inside = node.contains(document.activeElement);
  node.remove();
  if (refocus && inside) anchor.focus();
}

function outside(event) {
  if (open && !open.node.contains(event.target) && !open.anchor.contains(event.target)) closeMenu(false);
}

function keys(event) {
  const items = [...open.node.querySelectorAll("button:not(:disabled)")];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to !== undefined) items.at(to % items.length)?.focus();
  else if (event.key === "Escape" || event.key === "Tab") closeMenu();
  else if (event.key.length === 1) items.find((item) => item.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
  else return;
  if (event.key !== "Enter" && event.key !== " ") event.preventDefault();
  event.stopPropagation();
}

/** Put a floating node near its anchor, inside the window. */
export function place(node, anchor) {
  const at = anchor.getBoundingClientRect();
  const size = node.getBoundingClientRect();
  const left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8));
  const below = at.bottom + 6 + size.height <= innerHeight - 8;
  const top = below ? at.bottom + 6 : Math.max(8, at.top - size.height - 6);
  node.style.setProperty("left", `${left}px`);
  node.style.setProperty("top", `${top}px`);
}
