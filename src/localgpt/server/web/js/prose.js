// Rendered Markdown made alive: copy buttons at code, pictures fetched with the key, line numbers to jump to.
import { request } from "./api.js";
import { h, iconButton, sanitised } from "./dom.js";
import { t } from "./i18n.js";
import { announce } from "./toast.js";

/** Put the server's HTML into a node, with everything that belongs to it. */
export function prose(node, html) {
  node.replaceChildren(sanitised(html));
  for (const pre of node.querySelectorAll("pre")) withCopy(pre);
  for (const picture of node.querySelectorAll("img[data-src]")) show(picture, picture.dataset.src);
  return node;
}

function withCopy(pre) {
  const box = h("div.code");
  pre.replaceWith(box);
  pre.tabIndex = 0;
  const button = iconButton("copy", t("code.copy"), () => copy(pre.textContent, button));
  box.append(pre, button);
}

/** Copy a text; the button shows for a moment that it worked. */
export async function copy(text, button) {
  await navigator.clipboard.writeText(text);
  announce(t("copied"));
  const use = button?.querySelector("use");
  if (!use) return;
  const before = use.getAttribute("href");
  use.setAttribute("href", "#icon-check");
  setTimeout(() => use.setAttribute("href", before), 1400);
}

/** Show a picture of this server in an <img>; only what is a picture, fetched with the key. */
export async function show(picture, address) {
  try {
    const blob = await (await request("GET", address, undefined, { headers: { Accept: "image/*" } })).blob();
    if (!/^image\/(png|jpeg|gif|webp)$/.test(blob.type)) return;
    picture.src = URL.createObjectURL(blob);
    picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
  } catch {
    picture.classList.add("missing");
  }
}

/** Mark the blocks of lines start to end in a rendered text with data-line, and scroll to the first. True if found. */
export function toLines(node, { start, end }) {
  for (const marked of node.querySelectorAll(".cited")) marked.classList.remove("cited");
  const blocks = [...node.querySelectorAll("[data-line]")].map((block) => ({ block, line: Number(block.dataset.line) }));
  const before = blocks.filter(({ line }) => line <= start);
  const inside = blocks.filter(({ line }) => line > start && line <= end);
  const exact = before.filter(({ line }) => line === before.at(-1)?.line).at(-1);
  const cited = [exact, ...inside].filter(Boolean).map(({ block }) => block);
  const inner = cited.filter((block) => !cited.some((other) => other !== block && block.contains(other)));
  for (const block of inner) block.classList.add("cited");
  inner[0]?.scrollIntoView({ block: "center" });
  return inner.length > 0;
}
