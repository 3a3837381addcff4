// The tasks: what waits for the owner, the heartbeat, what is done in the background.
import { h, settled } from "../dom.js";
import { on } from "../feed.js";
import { t } from "../i18n.js";
import "../tasks/words.js";
import { TasksCard } from "../tasks/background.js";
import { HeartbeatCard } from "../tasks/heartbeat.js";
import { InboxCard } from "../tasks/inbox.js";

const EVERY = 60000; // milliseconds after which times are told anew

export default {
  title: () => t("tasks"),
  mount(root) {
    const [inbox, heartbeat, tasks] = [new InboxCard(), new HeartbeatCard(), new TasksCard()];
    root.append(h("div.tasks-page", h("h1", t("tasks")), h("div.tasks-columns", h("div.stack", heartbeat.node, heartbeat.past), h("div.stack.tasks-right", inbox.node, tasks.node))));
    const loads = { inbox: settled(() => inbox.load(), 100), heartbeat: settled(() => heartbeat.load(), 100), task: settled(() => tasks.load(), 100) };
    const all = () => { inbox.load(); heartbeat.load(); heartbeat.file(); tasks.load(); };
    const ends = [...Object.entries(loads).map(([kind, load]) => on(kind, load)), on("inbox", loads.task), on("lost", all),
      on("note", ({ path }) => { if (path === "HEARTBEAT.md") { heartbeat.file(); loads.heartbeat(); } }), on("connection", ({ online, again }) => online && again && all())];
    addEventListener("focus", all);
    ends.push(() => removeEventListener("focus", all));
    const timer = setInterval(loads.heartbeat, EVERY);
    all();
    return {
      leave: () => heartbeat.editor?.leave() ?? true,
      unmount: () => { ends.forEach((end) => end()); clearInterval(timer); heartbeat.editor?.end(); },
    };
  },
};
