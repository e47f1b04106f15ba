// What to do first, for someone who has never seen this page. A step is ticked off when it was
// taken, here or elsewhere on the page. The list goes when all are, or when it is put away, and
// comes back from the top bar.

import { h, icon } from "./dom.js";
import { recall, remember } from "./memory.js";

/** `steps` are [{deed, text, code, after, run}]; the world says what was done: see its `did`. */
export function followFirstSteps(world, steps) {
  const root = document.getElementById("first-steps");
  const toggle = document.getElementById("first-steps-toggle");
  const done = new Set((recall("steps-done") ?? "").split(",").filter(Boolean));
  const show = (wanted) => {
    root.hidden = !wanted;
    toggle.setAttribute("aria-pressed", String(wanted));
    remember("first-steps", wanted ? "shown" : "hidden");
  };
  const items = steps.map(({ deed, text, code, after, run }) => {
    const mark = h("span", { class: "visually-hidden" });
    const button = h(
      "button",
      { type: "button", class: "step", onclick: run },
      h("span", null, text),
      code ? h("code", null, code) : null,
      after ? h("span", null, after) : null,
      mark,
    );
    return { deed, mark, button };
  });
  const tick = () => {
    for (const { deed, mark, button } of items) {
      button.classList.toggle("is-done", done.has(deed));
      mark.textContent = done.has(deed) ? " (done)" : "";
    }
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
      items.map(({ button }) => h("li", null, button)),
    ),
  );
  world.addEventListener("did", ({ detail }) => {
    if (done.has(detail) || !items.some(({ deed }) => deed === detail)) return;
    done.add(detail);
    remember("steps-done", [...done].join(","));
    tick();
    if (items.every(({ deed }) => done.has(deed))) show(false);
  });
  toggle.append(icon("help"));
  toggle.addEventListener("click", () => show(root.hidden));
  tick();
  show(recall("first-steps") !== "hidden");
}
