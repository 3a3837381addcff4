// Numbers, times and sizes as people of the chosen language write them.
import { language, t } from "./i18n.js";

const number = (value, options) => new Intl.NumberFormat(language(), options).format(value);

export const count = (value) => number(value ?? 0);
export const tokens = (value) => (value >= 10000 ? number(value, { notation: "compact", maximumFractionDigits: 1 }) : number(value ?? 0));
export const percent = (part) => number(part, { style: "percent", maximumFractionDigits: 0 });

export function money(dollars) {
  const digits = dollars >= 1 ? 2 : dollars >= 0.01 ? 3 : 4;
  return number(dollars ?? 0, { style: "currency", currency: "USD", minimumFractionDigits: dollars ? digits : 2, maximumFractionDigits: digits });
}

export function bytes(size) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let at = 0;
  while (size >= 1000 && at < units.length - 1) { size /= 1000; at += 1; }
  return number(size, { style: "unit", unit: units[at], unitDisplay: "short", maximumFractionDigits: at > 1 ? 1 : 0 });
}

export function moment(value) {
  if (value === null || value === undefined || value === "") return null;
  const date = value instanceof Date ? value : new Date(typeof value === "number" && value < 1e11 ? value * 1000 : value);
  return Number.isNaN(date.getTime()) ? null : date;
}

const day = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** "14:05", "yesterday", "Monday", "3 Nov": as short as it is clear. */
export function when(value) {
  const date = moment(value);
  if (!date) return "";
  const days = Math.round((day(new Date()) - day(date)) / 86400000);
  if (days === 0) return clock(date);
  if (days === 1) return t("yesterday");
  const same = date.getFullYear() === new Date().getFullYear();
  const options = days > 1 && days < 7 ? { weekday: "long" } : { day: "numeric", month: "short", year: same ? undefined : "numeric" };
  return new Intl.DateTimeFormat(language(), options).format(date);
}

export const clock = (value) => new Intl.DateTimeFormat(language(), { hour: "numeric", minute: "2-digit" }).format(moment(value) ?? new Date());

/** The whole date and time. */
export function exactly(value) {
  const date = moment(value);
  return date ? new Intl.DateTimeFormat(language(), { dateStyle: "full", timeStyle: "short" }).format(date) : "";
}

/** A <time> element with the short form, and the whole one as its title. */
export function timeNode(h, value) {
  const date = moment(value);
  return date && h("time", { datetime: date.toISOString(), title: exactly(date) }, when(date));
}
