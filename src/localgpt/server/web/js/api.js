// The one way to the server: JSON with the key of this origin, errors as sentences, streams that resume.
import { read } from "./store.js";
import { toast } from "./toast.js";

/** What the server refused or could not do: `code`, `message`, `hint`, `status` (0: it wasn't reached), `body`. */
export class ApiError extends Error {
  constructor(status, error, body) {
    super(error.message || error.error || "");
    Object.assign(this, { status, code: error.code || "", hint: error.hint || "", body });
  }
}

const lockedOut = new EventTarget();

/** `run` is called whenever the server says that this browser isn't logged in. */
export function onLockedOut(run) {
  lockedOut.addEventListener("locked", run);
}

/** The headers that say who asks; for requests that are not made here. */
export const lockedHeaders = () => headers();

function headers(more = {}) {
  const key = read("key");
  return key ? { "X-LocalGPT-Key": key, ...more } : more;
}

/** The response itself; throws ApiError. `body` may be a Blob (sent raw) or JSON. */
export async function request(method, path, body, options = {}) {
  const raw = body instanceof Blob;
  const more = { Accept: "application/json", ...(options.headers ?? {}) };
  if (body !== undefined) more["Content-Type"] = raw ? body.type || "application/octet-stream" : "application/json";
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: headers(more),
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
      signal: options.signal,
      credentials: "same-origin",
      cache: "no-store",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, { code: "unreachable" });
  }
  if (!response.ok) throw await failure(response);
  return response;
}

async function failure(response) {
  const body = await response.json().catch(() => ({}));
  const told = typeof body.error === "object" && body.error ? body.error : { message: body.error || body.detail };
  if (typeof told.message !== "string") told.message = "";
  const error = new ApiError(response.status, told, body);
  if (response.status === 401) lockedOut.dispatchEvent(new Event("locked"));
  return error;
}

async function json(method, path, body, options) {
  const response = await request(method, path, body, options);
  return response.status === 204 ? null : response.json();
}

export const api = {
  get: (path, options) => json("GET", path, undefined, options),
  post: (path, body = {}, options = {}) => json("POST", path, body, options),
  put: (path, body, options) => json("PUT", path, body, options),
  del: (path, options) => json("DELETE", path, undefined, options),
};

/** Await `work`; a failure becomes a toast and `undefined`, so that a click handler needs no try. */
export async function told(work) {
  try {
    return await work;
  } catch (error) {
    if (error.name !== "AbortError") toast.error(error);
    return undefined;
  }
}

/** A query string of what is there: query({q: "x", limit: undefined}) is "?q=x". */
export function query(values) {
  const kept = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return kept.length ? `?${new URLSearchParams(kept)}` : "";
}

/** A path of notes in an address: each part encoded, slashes kept. */
export const encodedPath = (path) => path.split("/").map(encodeURIComponent).join("/");
