// What this browser keeps: the key, the theme, the language, drafts. Works, forgetfully, where storage is off.
const PREFIX = "localgpt.";
const fallback = new Map();

export function read(name) {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return fallback.get(name) ?? null;
  }
}

export function write(name, value) {
  const empty = value === null || value === undefined || value === "";
  try {
    if (empty) localStorage.removeItem(PREFIX + name);
    else localStorage.setItem(PREFIX + name, value);
  } catch {
    if (empty) fallback.delete(name);
    else fallback.set(name, value);
  }
}
