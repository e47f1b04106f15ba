// What to do first, for someone who has never seen this page. It can be put away, and comes back
// from the top bar.

import { h, icon } from "./dom.js";
import { recall, remember } from "./memory.js";

/** `steps` are [{text, code, after, run}]. */
export function followFirstSteps(steps) {
  const root = document.getElementById("first-steps");
  const toggle = document.getElementById("first-steps-toggle");
  const show = (wanted) => {
    root.hidden = !wanted;
    toggle.setAttribute("aria-pressed", String(wanted));
    remember("first-steps", wanted ? "shown" : "hidden");
  };
  root.append(
    h(
      "div",
      { class: "first-steps-head" },
      h("h2", null, "First steps"),
      h(
        "button",
        {
          type: "button",
          class: "icon-button",
          "aria-label": "Put the first steps away",
          onclick: () => show(false),
        },
        icon("close"),
      ),
    ),
    h(
      "ol",
      null,
      steps.map(({ text, code, after, run }) =>
        h(
          "li",
          null,
          h(
            "button",
            { type: "button", class: "step", onclick: run },
            h("span", null, text),
            code ? h("code", null, code) : null,
            after ? h("span", null, after) : null,
          ),
        ),
      ),
    ),
  );
  toggle.append(icon("help"));
  toggle.addEventListener("click", () => show(root.hidden));
  show(recall("first-steps") !== "hidden");
}
