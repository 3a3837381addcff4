// Putting a change back: what would happen first, then the word of the owner, then the change, which can be put back too.
import { api, told } from "./api.js";
import { filesNode } from "./diff.js";
import { dialog } from "./dialog.js";
import { h } from "./dom.js";
import { t } from "./i18n.js";
import { toast } from "./toast.js";

/** Undo a step after its diff was shown; resolves with what was put back, or undefined. */
export async function undoStep(turn) {
  const would = await told(api.post("/api/undo", { turn, dry_run: true }));
  if (!would || !(await agreed(would))) return undefined;
  return undoNow(turn);
}

/** Undo a step without a question; the toast takes the undoing back. */
export async function undoNow(turn) {
  const done = await told(api.post("/api/undo", { turn }));
  if (!done) return undefined;
  if (!done.id) toast.info(t("undo.nothing"), { hint: reasons(done.kept) });
  else toast.done(t("undo.files", { n: done.files.length, path: done.files[0] ?? "" }), { hint: reasons(done.kept), action: { label: t("redo"), run: redo } });
  return done;
}

async function redo() {
  const done = await told(api.post("/api/redo"));
  if (done) toast.done(t("redone"));
}

const reasons = (kept) => kept.map(({ path, reason }) => `${path}: ${reason}`).join(" · ");

async function agreed(would) {
  const possible = would.files.length > 0;
  const answer = await dialog(t("undo.title"), (close) =>
    h("form", { method: "dialog", onsubmit: (event) => { event.preventDefault(); close("yes"); } },
      h("h2", t("undo.title")),
      possible ? h("p", t("undo.text")) : h("p", t("undo.nothing")),
      would.diff && filesNode(parts(would)),
      would.kept.length > 0 && h("ul.stays", would.kept.map(({ path, reason }) => h("li.notice.warning", h("span", h("b", path), ` ${reason}`)))),
      h("div.actions", h("button", { type: "button", onclick: () => close() }, t("cancel")),
        possible && h("button.primary", { type: "submit", autofocus: true }, t("undo.yes")))), { class: "wide-dialog" });
  return answer === "yes";
}

/** One diff of several files, taken apart at their heads. */
function parts({ diff, files }) {
  const found = diff.split(/^(?=--- )/m).filter((part) => part.trim());
  return found.map((part, at) => ({ path: /^\+\+\+ (?:b\/)?(?!\/dev\/null)(.+)$/m.exec(part)?.[1] ?? /^--- (?:a\/)?(.+)$/m.exec(part)?.[1] ?? files[at] ?? "", diff: part }));
}
