// Components that lay a message out: https://discord.com/developers/docs/components/reference

import { h } from "./dom.js";
import { renderMarkdown } from "./markdown.js";
import { picture } from "./picture.js";

const SECTION = 9;
const TEXT_DISPLAY = 10;
const THUMBNAIL = 11;
const MEDIA_GALLERY = 12;
const SEPARATOR = 14;
const CONTAINER = 17;

/**
 * One component with those inside, or null if it is of another type. `context` resolves mentions;
 * `drawOther` draws the others: rows of buttons and selects, and buttons beside a text.
 */
export function renderLayout(component, context, drawOther) {
  const draw = (each) => renderLayout(each, context, drawOther) ?? drawOther(each);
  switch (component.type) {
    case CONTAINER:
      return container(component, draw);
    case SECTION:
      return h(
        "div",
        { class: "section" },
        h("div", { class: "section-texts" }, component.components.map(draw)),
        draw(component.accessory),
      );
    case TEXT_DISPLAY:
      return h("div", { class: "text-display markdown" }, renderMarkdown(component.content, context));
    case THUMBNAIL:
      return shown(component, "thumbnail");
    case MEDIA_GALLERY:
      return gallery(component.items);
    case SEPARATOR:
      return h("hr", {
        class: `separator${component.spacing === 2 ? " is-large" : ""}${component.divider ? "" : " is-invisible"}`,
      });
    default:
      return null;
  }
}

function container(component, draw) {
  const element = h("article", { class: "container" }, component.components.map(draw));
  if (Number.isInteger(component.accent_color)) {
    element.classList.add("has-accent");
    const colour = component.accent_color.toString(16).padStart(6, "0");
    element.style.setProperty("--bar", `#${colour}`);
  }
  return element;
}

/** Up to ten pictures: one is large, two share a row, of three the first is larger. */
function gallery(items) {
  return h(
    "div",
    { class: `gallery gallery-${Math.min(items.length, 5)}` },
    items.map((item) => shown(item, "image")),
  );
}

const shown = ({ media, description }, kind) => picture({ ...media, description }, kind);
