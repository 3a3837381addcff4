// The activity: what was used and what it cost, and what went on.
import { h, settled } from "../dom.js";
import { on } from "../feed.js";
import { t } from "../i18n.js";
import "../activity/words.js";
import { UsageCard } from "../activity/chart.js";
import { Timeline } from "../activity/timeline.js";

export default {
  title: () => t("activity"),
  mount(root, route) {
    const [usage, timeline] = [new UsageCard(), new Timeline(route.query.get("kind") ?? "")];
    root.append(h("div.activity-page", h("h1", t("activity")), usage.node, timeline.node));
    const again = settled(() => {
      if (root.scrollTop < 600) timeline.load();
      usage.load();
    }, 800);
    const ends = [on("note", again), on("session", ({ running }) => running || again()), on("lost", again), on("heartbeat", again)];
    usage.load();
    timeline.load();
    return { update() {}, unmount: () => ends.forEach((end) => end()) };
  },
};
