// Renders Discord's inline markdown as DOM nodes. Rules are tried in order at each special character,
// so an earlier rule wins. Every pattern is sticky and its alternatives start with different
// characters, so that hostile text takes at most quadratic time.

import { externalLink, h, webAddress } from "./dom.js";
import { timeElement } from "./time.js";

const SPECIAL = /[\\`*_~|[<@h]/g;
const MAX_DEPTH = 8;

const wrap = (tag, className) => (match, context, inner) =>
  h(tag, { class: className }, inner(match[1], context));

const RULES = [
  { pattern: /\\([^\p{L}\p{N}\s])/uy, render: (match) => match[1] },
  {
    pattern: /(`{1,2})(?!`)([^]*?[^`])\1(?!`)/y,
    render: (match) => h("code", null, match[2].replace(/^ (.*) $/s, "$1")),
  },
  {
    pattern: /<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y,
    render: (match) => timeElement(new Date(Number(match[1]) * 1000), match[2] ?? "f", "timestamp"),
  },
  {
    pattern: /<@!?(\d{1,20})>/y,
    render: (match, context) => mention("@", context.userName(match[1]) ?? "unknown-user"),
  },
  { pattern: /<@&(\d{1,20})>/y, render: (match, context) => roleMention(context.role(match[1])) },
  {
    pattern: /<#(\d{1,20})>/y,
    render: (match, context) => channelMention(context.channel(match[1])),
  },
  {
    pattern: /<\/([^:<>\n]{1,100}):(\d{1,20})>/y,
    render: (match, context) => commandMention(match[1], context.hasCommand(match[2])),
  },
  { pattern: /<a?(:\w{2,32}:)\d{1,20}>/y, render: (match) => match[1] },
  { pattern: /@(everyone|here)(?!\w)/y, render: (match) => mention("@", match[1]) },
  {
    pattern:
      /\[((?:\\.|[^[\]\\\n]|\[[^[\]\n]*\])+)\]\(<?(https?:\/\/[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*)>?(?:\s+"([^"\n]*)")?\)/y,
    render: maskedLink,
    isLink: true,
  },
  { pattern: /<(https?:\/\/[^\s<>]+)>/y, render: (match) => link(match[1]), isLink: true },
  {
    pattern: /https?:\/\/[^\s<]*[^\s<.,:;"'!?)\]*_~|]/y,
    render: (match) => link(balanced(match[0])),
    length: (match) => balanced(match[0]).length,
    isLink: true,
  },
  { pattern: /\*\*((?:\\[^]|\*(?!\*)|[^*\\])+?\*?)\*\*(?!\*)/y, render: wrap("strong") },
  { pattern: /__((?:\\[^]|_(?!_)|[^_\\])+?)__(?!_)/y, render: wrap("u") },
  { pattern: /\*(?=[^\s*]|\*\*)((?:\\[^]|\*\*|[^*\\])+?)\*(?!\*)/y, render: wrap("em") },
  { pattern: /(?<![\p{L}\p{N}_])_((?:\\[^]|__|[^_\\])+?)_(?![\p{L}\p{N}_])/uy, render: wrap("em") },
  { pattern: /~~((?:\\[^]|~(?!~)|[^~\\])+?)~~/y, render: wrap("s") },
  { pattern: /\|\|((?:\\[^]|\|(?!\|)|[^|\\])+?)\|\|/y, render: spoiler },
];

/**
 * Nodes for one run of text. `context` resolves mentions (see world.js); `links: false` leaves
 * addresses as text.
 */
export function renderInline(text, context, depth = 0) {
  const fragment = document.createDocumentFragment();
  const inner = (part, innerContext) => renderInline(part, innerContext, depth + 1);
  let plain = "";
  let position = 0;
  while (position < text.length) {
    SPECIAL.lastIndex = position;
    const next = depth < MAX_DEPTH ? (SPECIAL.exec(text)?.index ?? text.length) : text.length;
    plain += text.slice(position, next);
    position = next;
    if (position === text.length) break;
    const [node, length] = firstMatch(text, position, context, inner);
    if (node === null || typeof node === "string") {
      plain += node ?? text[position];
    } else {
      fragment.append(plain, node);
      plain = "";
    }
    position += length;
  }
  fragment.append(plain);
  return fragment;
}

function firstMatch(text, position, context, inner) {
  for (const rule of RULES) {
    if (rule.isLink && context.links === false) continue;
    rule.pattern.lastIndex = position;
    const match = rule.pattern.exec(text);
    if (match === null) continue;
    const node = rule.render(match, context, inner);
    if (node !== null) return [node, rule.length?.(match) ?? match[0].length];
  }
  return [null, 1];
}

const link = (address) => externalLink(address, null, address);

/**
 * A bare address keeps a closing bracket only if it contains the opening one, so that in
 * "(see https://a.org/b)" the bracket is not part of the link.
 */
function balanced(address) {
  let open = 0;
  for (let index = 0; index < address.length; index += 1) {
    if (address[index] === "(") open += 1;
    if (address[index] === ")" && (open -= 1) < 0) return address.slice(0, index);
  }
  return address;
}

/**
 * A label that looks like an address could hide the real target; like Discord, show both as text.
 */
function maskedLink(match, context, inner) {
  const [, label, address, title] = match;
  if (webAddress(address) === null || /https?:\/\//i.test(label)) return null;
  return externalLink(
    address,
    { title: title ?? address },
    inner(label, { ...context, links: false }),
  );
}

function spoiler(match, context, inner) {
  const hidden = h("span", { class: "spoiler-text" }, inner(match[1], context));
  const cover = h(
    "span",
    { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler, press to reveal" },
    hidden,
  );
  const reveal = () => {
    cover.replaceWith(h("span", { class: "spoiler is-open" }, ...hidden.childNodes));
  };
  cover.addEventListener("click", reveal);
  cover.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") reveal();
  });
  return cover;
}

const mention = (prefix, name) => h("span", { class: "mention" }, prefix + name);

function roleMention(role) {
  const element = mention("@", role?.name ?? "unknown-role");
  if (role?.color)
    element.style.setProperty("--role", `#${role.color.toString(16).padStart(6, "0")}`);
  return element;
}

/** A registered command can be clicked; see app.js. */
function commandMention(path, isRegistered) {
  if (!isRegistered) return mention("/", path);
  return h("button", { type: "button", class: "mention", "data-command": path }, `/${path}`);
}

function channelMention(channel) {
  if (!channel) return mention("#", "unknown");
  return h("a", { class: "mention", href: channel.href }, channel.name);
}
