// What concerns the whole page stands above it: that everything is stopped, and calls that wait for the owner's word in places
// that are not in sight: another chat, a terminal.
import { api, told } from "../api.js";
import { fill, h, icon } from "../dom.js";
import { on } from "../feed.js";
import { when } from "../format.js";
import { t } from "../i18n.js";
import { stylesheet } from "../router.js";
import { toast } from "../toast.js";
import { answered, Card, only, where } from "./card.js";

const place = document.getElementById("bar");
const shown = new Map(); // id: the card in the bar
let open = [];
let frozen = null;
let unfolded = false;
let asked = 0;

/** Look what waits, and draw it; an event of the feed may bring an answer. */
export async function refresh(event) {
  if (event?.choice) answered(event);
  const mine = (asked += 1);
  const [questions, status] = await Promise.all([api.get("/api/approvals").catch(() => null), api.get("/api/status").catch(() => null)]);
  if (mine !== asked) return; // a later look is on its way
  open = questions?.approvals ?? open;
  if (questions) only(new Set(open.map(({ id }) => id)));
  if (status) frozen = status.frozen ?? null;
  await stylesheet("asking");
  draw();
}

const inSight = ({ id }) => [...document.querySelectorAll(".flow .approval")].some((node) => node.dataset.approval === id);

function draw() {
  const elsewhere = open.filter((one) => !inSight(one));
  for (const id of shown.keys()) if (!elsewhere.some((one) => one.id === id)) shown.delete(id);
  if (!elsewhere.length) unfolded = false;
  const before = document.activeElement?.closest("#bar")?.querySelector(":focus")?.dataset.keep;
  fill(place, frozen && stopped(), elsewhere.length > 0 && waiting(elsewhere));
  place.setAttribute("aria-label", t("bar.label"));
  place.hidden = !place.childElementCount;
  if (before) place.querySelector(`[data-keep="${before}"]`)?.focus();
}

function stopped() {
  const since = frozen.since && h("span.small", t("frozen.since", { when: when(frozen.since), where: where(frozen.by) }));
  return h("div.bar-line.stopped", { role: "status" }, icon("pause"), h("span.grow", h("b", t("frozen")), " ", since, frozen.why && h("span.small", `${since ? ": " : ""}${frozen.why}`)),
    h("button", { type: "button", data: { keep: "thaw" }, onclick: thaw }, t("thaw")));
}

async function thaw() {
  if (await told(api.post("/api/thaw"))) toast.done(t("thawed"));
  refresh();
}

function waiting(questions) {
  const [first] = questions;
  const text = questions.length === 1 ? t("bar.one", { tool: first.tool, where: where(first.door) }) : t("bar.more", { n: questions.length });
  const fold = () => { unfolded = !unfolded; draw(); };
  return h("div.bar-part", h("div.bar-line", icon("bell"), h("b.grow", { role: "status" }, text),
    h("button", { type: "button", "aria-expanded": String(unfolded), data: { keep: "fold" }, onclick: fold }, t(unfolded ? "bar.hide" : "bar.show"))),
  unfolded && h("div.bar-cards", questions.map(card)));
}

function card(question) {
  if (!shown.has(question.id)) {
    const made = new Card(question, { live: false });
    if (question.door === "page") made.node.append(h("p.small", h("a", { href: `#/chat/${encodeURIComponent(question.session_id)}` }, t("bar.chat"))));
    shown.set(question.id, made);
  }
  return shown.get(question.id).node;
}

addEventListener("asking", () => refresh());
addEventListener("turned", () => open.length && draw());
on("connection", ({ online }) => online && refresh());
