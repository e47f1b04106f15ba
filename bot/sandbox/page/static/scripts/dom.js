// Helpers for building the page. Its content comes from a bot and from untrusted articles, so
// elements are only created with createElement and text nodes; the Content-Security-Policy
// (trusted-types 'none') forbids innerHTML.

const DISCORD_PLACE = /^https:\/\/discord\.com\/channels\/((?:@me|\d{1,20})(?:\/\d{1,20}){0,2})$/;
const SVG = "http://www.w3.org/2000/svg";

/** Create an element: h("a", {class: "x", href, onclick: fn}, "text", child, null). */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat().filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

const keyOf = (element) =>
  element.getAttribute("href") ??
  element.getAttribute("value") ??
  element.getAttribute("aria-label") ??
  element.textContent;

/**
 * Replace the children of an element and keep the focus on the control with the same name.
 */
export function redrawKeepingFocus(root, ...nodes) {
  const key =
    root.contains(document.activeElement) && root !== document.activeElement
      ? keyOf(document.activeElement)
      : null;
  root.replaceChildren(...nodes);
  if (key === null) return;
  [...root.querySelectorAll("a, button, input, select")]
    .find((element) => keyOf(element) === key)
    ?.focus();
}

/** The address if it is safe to link to (http or https), else null. */
export function webAddress(text) {
  if (typeof text !== "string" || !URL.canParse(text)) return null;
  const url = new URL(text);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}

/**
 * A link that leaves the page, or only the children if the address is not safe. Addresses of Discord's
 * channels and messages are those of this page.
 */
export function externalLink(address, attributes, ...children) {
  const [, place] = DISCORD_PLACE.exec(address) ?? [];
  if (place !== undefined) return h("a", { ...attributes, href: `#${place}` }, ...children);
  const href = webAddress(address);
  if (href === null) return h("span", { class: attributes?.class }, ...children);
  return h(
    "a",
    { ...attributes, href, target: "_blank", rel: "noopener noreferrer nofollow" },
    ...children,
  );
}

const ICONS = {
  hash: "M9.5 4 7.5 20M16.5 4l-2 16M4.5 9h16M3.5 15h16",
  megaphone: "M4 10v4h3l8 4.5v-13L7 10H4ZM8 14.5l1.2 5M18.5 9.5a4 4 0 0 1 0 5",
  forum: "M4 5h12v9H9l-4 3.5V14H4ZM19 9h1.5v9H20v2.5L17 18h-6",
  direct: "M4 5h16v11h-9l-5 4v-4H4ZM8 9.5h8M8 12.5h5",
  back: "M14.5 5 8 12l6.5 7",
  archive: "M4 5h16v4H4ZM6 9v10h12V9M10 13h4",
  lock: "M6 11h12v9H6ZM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  thread: "M5 5v6a4 4 0 0 0 4 4h10M15 11l4 4-4 4",
  bolt: "M13.5 3 5.5 13.5h6l-1 7.5 8-10.5h-6Z",
  gear: "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM12 3v3M12 18v3M4.2 7.5l2.6 1.5M17.2 15l2.6 1.5M4.2 16.5 6.8 15M17.2 9l2.6-1.5",
  menu: "M4 7h16M4 12h16M4 17h16",
  activity: "M3 12h4l3-7 4 14 3-7h4",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  warning: "M12 4 2.8 20h18.4ZM12 10v4.5M12 17.2v.3",
  story: "M5 4h11v16H6.5A1.5 1.5 0 0 1 5 18.5ZM16 9h3v9.5a1.5 1.5 0 0 1-3 0M8 8h5M8 12h5M8 16h3",
  external: "M14 4h6v6M20 4l-9 9M18 14v5.5H4.5V6H10",
  file: "M6 3h8l4 4v14H6ZM14 3v4h4M9 13h6M9 17h6",
  bellOff: "M6.5 9.5a5.5 5.5 0 0 1 9-4.2M17.5 10v3l1.5 3.5H8M10 19.5a2 2 0 0 0 4 0M4 4l16 16",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z",
  help: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18ZM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .8-1 1.7M12 16.7v.3",
  send: "M4 12 20 4l-5 16-3.5-6.5ZM11.5 13.5 20 4",
  down: "M6 9l6 6 6-6",
  reply: "M4 14v-2a4 4 0 0 1 4-4h11M15 4l4 4-4 4",
  check: "M5 12.5l4.5 4.5L19 7.5",
};

/** A decorative icon; the text beside it or the button's label states the meaning. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of Object.entries({
    viewBox: "0 0 24 24",
    class: "icon",
    "aria-hidden": "true",
  })) {
    svg.setAttribute(key, value);
  }
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A number in [0, 360) derived from a text: the hue of an avatar or a placeholder picture.
 */
export function hueOf(text) {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + character.codePointAt(0)) % 3600;
  return hash % 360;
}

/** A round placeholder for an avatar: the initials of a name on a colour derived from it. */
export function initials(name, className) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? words[0][0] + words[1][0] : [...name].slice(0, 1).join("");
  const badge = h(
    "span",
    { class: `initials ${className ?? ""}`, "aria-hidden": "true" },
    letters.toUpperCase(),
  );
  badge.style.setProperty("--hue", String(hueOf(name)));
  return badge;
}
