// The list of first steps for newcomers. A step is checked off when it is done, here or elsewhere on
// the page. The list is hidden when all are done or by its button; a button in the top bar shows it again.

import { h, icon } from "./dom.js";
import { loadPreference, savePreference } from "./preferences.js";

/** `steps` are [{step, orStep, text, code, codeSuffix, run}]; each is done by `step`, or by `orStep`
 * if it has that one; see `completeStep` of the world. */
export function mountFirstSteps(world, steps) {
  const root = document.getElementById("first-steps");
  const toggle = document.getElementById("first-steps-toggle");
  const done = new Set((loadPreference("steps-done") ?? "").split(",").filter(Boolean));
  const show = (isVisible) => {
    root.hidden = !isVisible;
    toggle.setAttribute("aria-pressed", String(isVisible));
    savePreference("first-steps", isVisible ? "shown" : "hidden");
  };
  const items = steps.map(({ step, orStep, text, code, codeSuffix, run }) => {
    const doneLabel = h("span", { class: "visually-hidden" });
    const button = h(
      "button",
      { type: "button", class: "step", onclick: run },
      h("span", null, text),
      code ? h("code", null, code) : null,
      codeSuffix ? h("span", null, codeSuffix) : null,
      doneLabel,
    );
    return { step, orStep, doneLabel, button };
  });
  const tick = () => {
    for (const { step, doneLabel, button } of items) {
      button.classList.toggle("is-done", done.has(step));
      doneLabel.textContent = done.has(step) ? " (done)" : "";
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
          "aria-label": "Hide the first steps",
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
  world.addEventListener("step", ({ detail }) => {
    const item = items.find(({ step, orStep }) => step === detail || orStep === detail);
    if (item === undefined || done.has(item.step)) return;
    done.add(item.step);
    savePreference("steps-done", [...done].join(","));
    tick();
    if (items.every(({ step }) => done.has(step))) show(false);
  });
  toggle.append(icon("help"));
  toggle.addEventListener("click", () => show(root.hidden));
  tick();
  show(loadPreference("first-steps") !== "hidden");
}
