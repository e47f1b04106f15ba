// Buttons and selects below a message: https://discord.com/developers/docs/components/reference

import { externalLink, h, icon } from "./dom.js";

const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const SLOWEST = 4000; // milliseconds; an answer is due within 3 s

/** The rows of a message; `use(component, values)` sends the interaction and may reject. */
export function renderComponents(message, { use, people, roles, channels }) {
  const options = { 5: people, 6: roles, 7: [...people, ...roles], 8: channels };
  const draw = (component) => {
    if (component.type === 2) return button(component, use);
    if (component.type === 3) return select(component, component.options ?? [], use);
    if (options[component.type]) return select(component, options[component.type], use);
    return h(
      "p",
      { class: "muted" },
      `A component of type ${component.type}, which this page does not draw.`,
    );
  };
  return (message.components ?? []).map((row) =>
    h("div", { class: "component-row" }, (row.components ?? [row]).map(draw)),
  );
}

const emoji = (value) => (value?.name ? `${value.id ? `:${value.name}:` : value.name} ` : "");

function button(component, use) {
  const style = STYLES[component.style] ?? "secondary";
  const label = [emoji(component.emoji), component.label ?? ""];
  if (style === "link")
    return externalLink(component.url, { class: "button button-link" }, ...label, icon("external"));
  const element = h(
    "button",
    {
      type: "button",
      class: `button button-${style}`,
      disabled: component.disabled,
      "data-control": component.custom_id,
    },
    ...label,
  );
  element.addEventListener("click", () => runBusy(element, () => use(component, [])));
  return element;
}

/**
 * Show that an answer is awaited; the message's update replaces the control, so this ends by
 * itself.
 */
async function runBusy(element, action) {
  if (element.classList.contains("is-busy")) return;
  element.classList.add("is-busy");
  const done = () => element.classList.remove("is-busy");
  const timer = setTimeout(done, SLOWEST);
  try {
    await action();
  } catch {
    clearTimeout(timer); // the caller has told the reader why
    done();
  }
}

function select(component, options, use) {
  const many = (component.max_values ?? 1) > 1;
  return many ? manySelect(component, options, use) : oneSelect(component, options, use);
}

const label = (option) =>
  `${emoji(option.emoji)}${option.label}${option.description ? ` — ${option.description}` : ""}`;

function oneSelect(component, options, use) {
  const chosen = options.find((option) => option.default)?.value ?? "";
  const placeholder = component.placeholder ?? "Make a selection";
  const element = h(
    "select",
    {
      class: "select",
      disabled: component.disabled,
      "data-control": component.custom_id,
      "aria-label": placeholder,
    },
    h("option", { value: "", disabled: true, selected: chosen === "" }, placeholder),
    options.map((option) =>
      h("option", { value: option.value, selected: option.value === chosen }, label(option)),
    ),
  );
  element.addEventListener("change", () => runBusy(element, () => use(component, [element.value])));
  return element;
}

function manySelect(component, options, use) {
  const placeholder = component.placeholder ?? "Make a selection";
  const least = component.min_values ?? 1;
  const boxes = options.map((option) =>
    h("input", { type: "checkbox", value: option.value, checked: option.default }),
  );
  const values = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const apply = h("button", { type: "button", class: "button button-primary" }, "Choose");
  const refresh = () => {
    apply.disabled = values().length < least;
    const full = values().length >= component.max_values;
    for (const box of boxes) box.disabled = full && !box.checked;
  };
  apply.addEventListener("click", () => runBusy(apply, () => use(component, values())));
  const list = h(
    "div",
    { class: "select-list", onchange: refresh },
    options.map((option, index) => h("label", null, boxes[index], label(option))),
  );
  refresh();
  if (component.disabled) return h("div", { class: "select is-disabled" }, placeholder);
  return h(
    "details",
    { class: "select-many" },
    h(
      "summary",
      { class: "select", "data-control": component.custom_id },
      `${placeholder} (${least}–${component.max_values})`,
    ),
    h("div", { class: "select-panel" }, list, apply),
  );
}
