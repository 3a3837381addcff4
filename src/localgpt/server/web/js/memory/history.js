// What became of a note (or of all of them), step by step, each with its diff and a way back.
import { api, query } from "../api.js";
import { filesNode } from "../diff.js";
import { fill, h, icon } from "../dom.js";
import { exactly, timeNode } from "../format.js";
import { t } from "../i18n.js";
import { sentence } from "../toast.js";
import { undoStep } from "../undoing.js";

/** A list of steps that loads itself; `undone` is called after one was put back. */
export function historyNode(path, { limit = 50, undone = () => {} } = {}) {
  const list = h("ol.steps", { "aria-label": t("history") });
  const load = async () => {
    try {
      const { steps } = await api.get(`/api/history${query({ path, limit })}`);
      fill(list, steps.length ? steps.map((one) => step(one, path, () => { load(); undone(); })) : h("li.quiet.none", t("history.none")));
    } catch (error) {
      fill(list, h("li.notice.error", sentence(error).text));
    }
  };
  load();
  return list;
}

function step(one, path, again) {
  const body = h("div.step-body");
  const details = h("details.step", { ontoggle: () => details.open && !body.childElementCount && changes(one.id, path, body) },
    h("summary", icon("right"), timeNode(h, one.time), h("span.grow", who(one), " ", h("span.quiet", what(one, path))), one.undone_by && h("span.badge", t("history.undone"))),
    body);
  const label = t("history.undo.label", { when: exactly(one.time) });
  return h("li", { class: one.undone_by ? "was-undone" : "" }, details,
    !one.undone_by && h("button.small-button", { type: "button", "aria-label": label, onclick: async () => (await undoStep(one.id)) && again() }, icon("undo"), t("undo")));
}

const who = (one) => t(one.undoes.length ? "who.undo" : `who.${one.changes[0]?.origin ?? "system"}`);

function what(one, path) {
  const own = path ? one.changes.filter((change) => change.path === path) : one.changes;
  const named = [...new Set((own.length ? own : one.changes).map((change) => t(`op.${change.op}`)))].join(", ");
  const paths = path ? [] : one.paths.slice(0, 3).map((name, at) => [at ? ", " : " · ", name]);
  return [named, paths, !path && one.paths.length > 3 && ` +${one.paths.length - 3}`];
}

async function changes(id, path, body) {
  fill(body, h("span.spinner"));
  try {
    const { files } = await api.get(`/api/history/${encodeURIComponent(id)}/diff`);
    const own = files.filter((file) => file.path === path);
    fill(body, filesNode(own.length ? own : files, !path));
  } catch (error) {
    fill(body, h("p.notice.error", sentence(error).text));
  }
}
