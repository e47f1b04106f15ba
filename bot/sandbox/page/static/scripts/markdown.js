// Renders Discord's block markdown: code fences, headings, small print, quotes, nested lists and
// paragraphs.
// https://support.discord.com/hc/en-us/articles/210298617

import { h } from "./dom.js";
import { renderInline } from "./markdown-inline.js";

const FENCE = /(?<!\\)```(?:([\w+#.-]{1,20})\n)?([^]+?)```/;
const HEADING = /^(#{1,3}) +(.+?)\s*#*$/;
const SMALL = /^-# +(.+)$/;
const LIST_ITEM = /^( *)([-*]|\d{1,9}\.) +(.*)$/;

/** Markdown as nodes; `context` resolves mentions (see world.js). */
export function renderMarkdown(text, context) {
  const fragment = document.createDocumentFragment();
  // split() with two groups yields text, language, code, text, language, code, …
  const parts = text.split(FENCE);
  for (let index = 0; index < parts.length; index += 3) {
    // The line break around a fence belongs to the fence.
    let prose = parts[index];
    if (index > 0) prose = prose.replace(/^ *\n/, "");
    if (index + 2 < parts.length) prose = prose.replace(/\n *$/, "");
    if (prose !== "") fragment.append(...blocks(prose.split("\n"), context));
    if (index + 2 < parts.length) fragment.append(codeBlock(parts[index + 1], parts[index + 2]));
  }
  return fragment;
}

function codeBlock(language, code) {
  return h(
    "pre",
    { tabindex: "0", "aria-label": language ? `Code, ${language}` : "Code" },
    h("code", null, code.replace(/^\n|\n$/g, "")),
  );
}

function blocks(lines, context) {
  const nodes = [];
  let paragraph = [];
  const flush = () => {
    if (paragraph.length > 0)
      nodes.push(h("div", { class: "paragraph" }, renderInline(paragraph.join("\n"), context)));
    paragraph = [];
  };
  for (let index = 0; index < lines.length;) {
    const [node, used] = block(lines, index, context);
    if (node === null) paragraph.push(lines[index]);
    else {
      flush();
      nodes.push(node);
    }
    index += used;
  }
  flush();
  return nodes;
}

/** The block that starts at this line and how many lines it takes, or [null, 1] for plain text. */
function block(lines, index, context) {
  const line = lines[index];
  const heading = HEADING.exec(line);
  // For screen readers, headings of a message are below the headings of the page.
  if (heading)
    return [
      h(
        "div",
        {
          class: `heading-${heading[1].length}`,
          role: "heading",
          "aria-level": String(heading[1].length + 3),
        },
        renderInline(heading[2], context),
      ),
      1,
    ];
  const small = SMALL.exec(line);
  if (small) return [h("div", { class: "small-print" }, renderInline(small[1], context)), 1];
  const inQuote = { ...context, inQuote: true }; // quotes do not nest
  if (line.startsWith(">>> ") && !context.inQuote) {
    const rest = [line.slice(4), ...lines.slice(index + 1)];
    return [h("blockquote", null, blocks(rest, inQuote)), rest.length];
  }
  if (/^> /.test(line) && !context.inQuote) {
    let end = index;
    while (end < lines.length && /^>(?: |$)/.test(lines[end])) end += 1;
    return [
      h(
        "blockquote",
        null,
        blocks(
          lines.slice(index, end).map((quoted) => quoted.slice(2)),
          inQuote,
        ),
      ),
      end - index,
    ];
  }
  const items = listItems(lines, index);
  if (items.length > 0) return [list(items, context), items.length];
  return [null, 1];
}

/**
 * The items of the list that starts at this line; a bullet of the other kind at the first one's
 * depth starts a new list.
 */
function listItems(lines, index) {
  const items = [];
  for (const line of lines.slice(index)) {
    const item = LIST_ITEM.exec(line);
    if (item === null) break;
    const first = items[0] ?? item;
    if (item[1].length <= first[1].length && isOrdered(item) !== isOrdered(first)) break;
    items.push(item);
  }
  return items;
}

const isOrdered = (item) => item[2].endsWith(".");

/**
 * One list from consecutive items; deeper indented ones become lists inside the item before them.
 */
function list(items, context) {
  const [, indent, bullet] = items[0];
  const ordered = isOrdered(items[0]);
  const element = h(ordered ? "ol" : "ul", {
    start: ordered && bullet !== "1." ? parseInt(bullet, 10) : null,
  });
  for (let index = 0; index < items.length;) {
    let end = index + 1;
    while (end < items.length && items[end][1].length > indent.length) end += 1;
    const nested = items.slice(index + 1, end);
    element.append(
      h(
        "li",
        null,
        renderInline(items[index][3], context),
        nested.length > 0 ? list(nested, context) : null,
      ),
    );
    index = end;
  }
  return element;
}
