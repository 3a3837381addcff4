// Files that go with the next words: by button, drop or paste, with their progress.
import { ApiError, lockedHeaders } from "../api.js";
import { h, icon, iconButton } from "../dom.js";
import { bytes } from "../format.js";
import { t } from "../i18n.js";
import { sentence, toast } from "../toast.js";

export class Uploads {
  constructor() {
    this.all = [];
    this.node = h("ul.chips", { "aria-label": t("attached"), hidden: true });
  }

  add(files) {
    for (const file of files) this.all.push(this.begin(file));
    this.draw();
  }

  begin(file) {
    const one = { name: file.name || `${t("attach.pasted")}.${(file.type.split("/")[1] || "txt").split("+")[0]}`, size: file.size, kept: null };
    one.meter = h("span", { vars: { "--share": "0" } });
    one.stop = new AbortController();
    one.node = h("li.chip.upload", icon("file"), h("span.cut", one.name), h("span.quiet", bytes(file.size)),
      h("span.meter", { role: "progressbar", "aria-label": t("attach.busy", { name: one.name }) }, one.meter),
      iconButton("close", t("attach.remove", { name: one.name }), () => this.remove(one)));
    one.done = send(file, one)
      .then((kept) => { one.kept = kept; one.node.classList.add("ready"); })
      .catch((error) => { if (error.name !== "AbortError") this.failed(one, error); });
    return one;
  }

  failed(one, error) {
    this.remove(one);
    const { text, hint } = sentence(error);
    toast.error(t("attach.failed", { name: one.name }), { hint: [text, hint].filter(Boolean).join(" ") });
  }

  remove(one) {
    one.stop.abort();
    this.all = this.all.filter((other) => other !== one);
    this.draw();
  }

  draw() {
    this.node.replaceChildren(...this.all.map((one) => one.node));
    this.node.hidden = !this.all.length;
  }

  /** Wait for what is on its way; gives what the server keeps, and forgets it here. */
  async take() {
    await Promise.all(this.all.map((one) => one.done));
    const kept = this.all.map((one) => one.kept).filter(Boolean);
    this.all = [];
    this.draw();
    return kept;
  }

  /** Files of an earlier message that shall go along again. */
  put(kept) {
    for (const one of kept ?? []) {
      const again = { name: one.name, kept: one, done: Promise.resolve(), stop: new AbortController() };
      again.node = h("li.chip.upload.ready", icon("file"), h("span.cut", one.name), iconButton("close", t("attach.remove", { name: one.name }), () => this.remove(again)));
      this.all.push(again);
    }
    this.draw();
  }
}

// XMLHttpRequest, since fetch() does not tell how much of a body has been sent.
function send(file, one) {
  return new Promise((resolve, reject) => {
    const wire = new XMLHttpRequest();
    wire.open("POST", `/api/attachments?name=${encodeURIComponent(one.name)}`);
    for (const [name, value] of Object.entries(lockedHeaders())) wire.setRequestHeader(name, value);
    wire.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    wire.responseType = "json";
    wire.upload.onprogress = ({ loaded, total }) => one.meter.style.setProperty("--share", total ? loaded / total : 0);
    wire.onerror = () => reject(new ApiError(0, { code: "unreachable" }));
    wire.onload = () => (wire.status < 300 && wire.response ? resolve(wire.response) : reject(new ApiError(wire.status, wire.response?.error ?? {}, wire.response)));
    one.stop.signal.addEventListener("abort", () => { wire.abort(); reject(new DOMException("removed", "AbortError")); });
    wire.send(file);
  });
}

/** Let files be dropped onto `node` and pasted into `field`. */
export function dropping(node, field, uploads) {
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  const over = (on) => node.classList.toggle("dropping", on);
  node.addEventListener("dragenter", (event) => { if (carries(event)) { depth += 1; over(true); } });
  node.addEventListener("dragleave", (event) => { if (carries(event)) { depth -= 1; over(depth > 0); } });
  node.addEventListener("dragover", (event) => carries(event) && event.preventDefault());
  node.addEventListener("drop", (event) => {
    depth = 0;
    over(false);
    if (!carries(event)) return;
    event.preventDefault();
    uploads.add(event.dataTransfer.files);
    field.focus();
  });
  field.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    uploads.add(files);
  });
}
