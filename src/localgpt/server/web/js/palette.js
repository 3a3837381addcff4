// Ctrl+K: go anywhere by typing a few letters of it.
import { api } from "./api.js";
import { dialog } from "./dialog.js";
import { fill, h, icon } from "./dom.js";
import { t } from "./i18n.js";
import { go, noteAddress } from "./router.js";
import { when } from "./format.js";

const SHOWN = 12;

/** Show the palette; what is chosen is gone to. */
export async function palette() {
  if (document.querySelector("dialog[open]")) return;
  const found = { parts: parts(), chats: [], notes: [] };
  const input = h("input.palette-input", {
    type: "text", placeholder: t("palette.hint"), "aria-label": t("palette"), role: "combobox", autocomplete: "off",
    "aria-expanded": "true", "aria-controls": "palette-list", autofocus: true, spellcheck: "false" });
  const list = h("div.palette-list", { id: "palette-list", role: "listbox", "aria-label": t("palette") });
  let hits = [];
  let at = 0;
  const draw = () => {
    hits = matching(found, input.value);
    at = Math.max(0, Math.min(at, hits.length - 1));
    fill(list, hits.length ? hits.map((hit, index) => line(hit, index, index === at)) : h("p.quiet", t("palette.none")));
    input.setAttribute("aria-activedescendant", hits.length ? `palette-${at}` : "");
    list.children[at]?.scrollIntoView?.({ block: "nearest" });
  };
  load(found, draw);
  const chosen = await dialog(t("palette"), (close) => {
    input.addEventListener("input", () => { at = 0; draw(); });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") at += 1;
      else if (event.key === "ArrowUp") at -= 1;
      else if (event.key === "Enter" && hits[at]) return close(hits[at].address);
      else return undefined;
      event.preventDefault();
      return draw();
    });
    list.addEventListener("click", (event) => {
      const row = event.target.closest("[data-address]");
      if (row) close(row.dataset.address);
    });
    draw();
    return [h("div.palette-top", icon("search"), input), list];
  }, { class: "palette" });
  if (chosen) go(chosen);
}

function line(hit, index, selected) {
  return h("div.palette-item", { role: "option", id: `palette-${index}`, "aria-selected": String(selected), data: { address: hit.address } },
    icon(hit.icon), h("span.palette-label", hit.label), h("span.quiet", hit.note));
}

function parts() {
  const names = ["chat", "memory", "tasks", "activity", "settings"];
  return [{ label: t("palette.new"), icon: "plus", address: "#/chat", note: "" },
    ...names.slice(1).map((name) => ({ label: t(name), icon: name, address: `#/${name}`, note: "" }))];
}

async function load(found, draw) {
  const none = () => ({});
  const [chats, notes] = await Promise.all([api.get("/api/sessions").catch(none), api.get("/api/notes").catch(none)]);
  found.chats = (chats.sessions ?? []).map((one) => ({
    label: one.title || t("chat.untitled"), icon: "chat", address: `#/chat/${one.session_id}`, note: when(one.updated_at) }));
  found.notes = (notes.notes ?? []).map((one) => ({
    label: one.title || one.path, icon: "note", address: noteAddress(one.path), note: one.path }));
  draw();
}

function matching(found, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const all = [...found.parts, ...found.chats, ...found.notes];
  return all.filter((one) => words.every((word) => `${one.label} ${one.note}`.toLowerCase().includes(word))).slice(0, SHOWN);
}
