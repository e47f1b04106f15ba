// Short messages in a corner: results of actions, and errors. Errors stay until they are dismissed.

import { h, icon } from "./dom.js";

const DISPLAY_MILLISECONDS = 6000;

export function toast(message, { failed = false } = {}) {
  const close = h(
    "button",
    { type: "button", class: "icon-button", "aria-label": "Dismiss" },
    icon("close"),
  );
  const note = h(
    "div",
    { class: failed ? "toast is-error" : "toast" },
    icon(failed ? "warning" : "check"),
    h("p", null, message),
    close,
  );
  close.addEventListener("click", () => note.remove());
  const corner = document.getElementById("toasts");
  corner.append(note);
  while (corner.children.length > 3) corner.firstElementChild.remove();
  if (!failed) setTimeout(() => note.remove(), DISPLAY_MILLISECONDS);
}
