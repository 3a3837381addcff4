// The shell: who may come in, the rail with the parts of the page, keys that work everywhere.
import { api, onLockedOut, told } from "./api.js";
import { fill, h, icon, iconButton, loadIcons } from "./dom.js";
import * as feed from "./feed.js";
import { t } from "./i18n.js";
import { dark, look } from "./look.js";
import { closeMenu } from "./menu.js";
import * as router from "./router.js";
import { toast } from "./toast.js";

const PARTS = ["chat", "memory", "tasks", "activity", "settings"];
const rail = document.getElementById("rail");
const main = document.getElementById("main");
let listening = null;
let badge = 0;

const bar = async (event) => (await import("./asking/bar.js")).refresh(event);
const freeze = async () => (await told(api.post("/api/freeze"))) && bar();
const palette = async () => (await import("./palette.js")).palette();

function drawRail() {
  document.getElementById("skip").textContent = t("skip");
  const active = router.here()?.name ?? "chat";
  fill(rail,
    h("a.brand", { href: "#/chat", "aria-label": "LocalGPT" }, h("img", { src: "/ui/icon.svg", alt: "", width: 28, height: 28 })),
    h("nav", { "aria-label": t("nav") }, PARTS.map((name) => part(name, name === active))),
    iconButton("search", `${t("palette")} (Ctrl K)`, palette, { class: "rail-only" }),
    iconButton("freeze", t("freeze"), freeze, { class: "freeze" }),
    iconButton(dark() ? "moon" : "sun", t("look"), look, { "aria-haspopup": "menu", class: "rail-only" }));
}

function part(name, active) {
  const waiting = name === "tasks" && badge > 0;
  return h("a.part", { href: `#/${name}`, "aria-current": active ? "page" : undefined },
    h("span.part-icon", icon(name), waiting && h("span.dot")), h("span.part-name", t(name)),
    waiting && h("span.sr", t("inbox.waiting", { n: badge })));
}

function keys(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette();
    return;
  }
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    const { search } = router.shown();
    if (search) search();
    else palette();
  } else if (event.key === "Escape" && router.shown().escape?.()) event.preventDefault();
}

function locked() {
  listening?.abort();
  listening = null;
  closeMenu(false);
  document.body.classList.add("locked");
  const command = "localgpt open";
  fill(main, h("section.view.locked-view", h("div.gate",
    h("img", { src: "/ui/icon.svg", alt: "", width: 56, height: 56 }), h("h1", t("locked.title")), h("p", t("locked.text")),
    h("pre.command", h("code", command)), h("p.quiet", t("locked.why")))));
}

async function count() {
  const status = await api.get("/api/status").catch(() => null);
  if (!status) return;
  badge = status.inbox ?? 0;
  drawRail();
  if (status.approvals || status.frozen) bar();
}

/** Something that was done unasked has a result or a question. */
function delivered({ title, text }) {
  if (!title && !text) return;
  toast.info(title || text, { hint: title ? text?.slice(0, 300) : "", stay: true, action: { label: t("open"), run: () => router.go("#/tasks") } });
}

async function enter() {
  loadIcons().catch(() => {}); // buttons have labels too
  drawRail();
  const status = await api.get("/api/auth/status").catch((error) => ({ authenticated: error.status === 0 }));
  if (status.authenticated === false) return locked();
  onLockedOut(locked);
  listening = new AbortController();
  feed.listen(listening.signal);
  feed.on("approval", bar);
  feed.on("freeze", bar);
  feed.on("lost", count);
  feed.on("inbox", (event) => { delivered(event); count(); });
  let gone = null;
  feed.on("connection", ({ online, again }) => {
    if (!online) gone ??= toast.info(t("lost"), { stay: true });
    else if (gone) {
      gone();
      gone = null;
      if (again) toast.done(t("found"));
    }
  });
  router.start(main, () => {
    drawRail();
    dispatchEvent(new Event("turned")); // what was in sight may not be any more
  });
  count();
}

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
addEventListener("keydown", keys);
addEventListener("languagechanged", () => location.reload());
addEventListener("themechanged", drawRail);
addEventListener("pagehide", () => listening?.abort());
enter();
