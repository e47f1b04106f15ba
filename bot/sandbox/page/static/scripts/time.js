// Times in the browser's time zone and language.

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const UNITS = [
  ["year", 365 * DAY],
  ["month", 30 * DAY],
  ["day", DAY],
  ["hour", 60 * MINUTE],
  ["minute", MINUTE],
];

// Discord's timestamp styles:
// https://discord.com/developers/docs/reference#message-formatting-timestamp-styles
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

const format = (date, style) => new Intl.DateTimeFormat(undefined, STYLES[style]).format(date);
const isValid = (date) => !Number.isNaN(date.getTime());

export function relativeTime(date, now = new Date()) {
  const difference = date - now;
  const formatter = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, length] of UNITS) {
    if (Math.abs(difference) >= length) return formatter.format(Math.round(difference / length), unit);
  }
  return formatter.format(Math.round(difference / 1000), "second");
}

/** "Today at 14:05", "Yesterday at 09:00", or the date. */
export function chatTime(date, now = new Date()) {
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const days = Math.ceil((midnight - date) / DAY);
  if (days === 0 && date <= now) return `Today at ${format(date, "t")}`;
  if (days === 1) return `Yesterday at ${format(date, "t")}`;
  return `${format(date, "d")} ${format(date, "t")}`;
}

/** A <time> element; style is one of Discord's letters, or "chat". */
export function timeElement(value, style, className) {
  const date = value instanceof Date ? value : new Date(value);
  const element = document.createElement("time");
  if (className) element.className = className;
  if (!isValid(date)) {
    element.textContent = "Invalid date";
    return element;
  }
  element.dateTime = date.toISOString();
  element.title = format(date, "F");
  if (style === "R") element.dataset.relative = "";
  element.textContent =
    style === "chat"
      ? chatTime(date)
      : style === "R"
        ? relativeTime(date)
        : format(date, STYLES[style] ? style : "f");
  return element;
}

export const dayOf = (date) => format(date, "D");

/** Keep relative times such as "3 minutes ago" up to date. */
export function keepTimesCurrent() {
  setInterval(() => {
    for (const element of document.querySelectorAll("time[data-relative]")) {
      element.textContent = relativeTime(new Date(element.dateTime));
    }
  }, MINUTE / 2);
}
