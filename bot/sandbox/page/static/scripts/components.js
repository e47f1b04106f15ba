// Buttons and selects below a message: https://discord.com/developers/docs/components/reference

import { renderLayout } from "./containers.js";
import { externalLink, h, icon } from "./dom.js";

const ACTION_ROW = 1;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "link" };
const BUSY_TIMEOUT = 4000; // milliseconds; a response is due within 3 s

/**
 * The components of a message; `onUse(component, values)` sends the interaction and may reject.
 * `context` resolves mentions.
 */
export function renderComponents(message, context, { onUse, entityOptions }) {
  const draw = (component) => {
    if (component.type === 2) return button(component, onUse);
    const options = selectOptions(component, entityOptions);
    if (options) return select(component, options, onUse);
    return h(
      "p",
      { class: "muted" },
      `Unsupported component (type ${component.type})`,
    );
  };
  const drawOther = (each) =>
    each.type === ACTION_ROW
      ? h("div", { class: "component-row" }, each.components.map(draw))
      : draw(each);
  return (message.components ?? []).map(
    (each) => renderLayout(each, context, drawOther) ?? drawOther(each),
  );
}

/**
 * The options of a select, with the chosen ones as defaults; null if the component is not a select.
 * `entityOptions` contains people, roles and channels by the type of the select.
 */
export function selectOptions(component, entityOptions) {
  if (component.type === 3) return component.options ?? [];
  const chosen = new Set((component.default_values ?? []).map(({ id }) => id));
  const kinds = component.channel_types;
  return (
    entityOptions[component.type]
      ?.filter(({ type }) => type === undefined || (kinds ? kinds.includes(type) : type !== 4))
      .map((option) => ({ ...option, default: chosen.has(option.value) })) ?? null
  );
}

const emoji = (value) => (value?.name ? `${value.id ? `:${value.name}:` : value.name} ` : "");

function button(component, onUse) {
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
  element.addEventListener("click", () => showBusyWhile(element, () => onUse(component, [])));
  return element;
}

/**
 * Show that a response is awaited until the message's update replaces the control.
 */
async function showBusyWhile(element, action) {
  if (element.classList.contains("is-busy")) return;
  element.classList.add("is-busy");
  const done = () => element.classList.remove("is-busy");
  const timer = setTimeout(done, BUSY_TIMEOUT);
  try {
    await action();
  } catch {
    clearTimeout(timer); // the caller has shown the error
    done();
  }
}

function select(component, options, onUse) {
  const isMultiple = (component.max_values ?? 1) > 1;
  const render = isMultiple ? multiSelect : singleSelect;
  return render(component, options, onUse);
}

export const label = (option) =>
  `${emoji(option.emoji)}${option.label}${option.description ? ` — ${option.description}` : ""}`;

function singleSelect(component, options, onUse) {
  const chosen = options.find((option) => option.default);
  const placeholder = component.placeholder ?? "Make a selection";
  const element = h(
    "select",
    {
      class: "select",
      disabled: component.disabled,
      "data-control": component.custom_id,
      // As in Discord, where a select has no other name.
      "aria-label": component.placeholder ?? chosen?.label ?? placeholder,
    },
    h(
      "option",
      { value: "", disabled: component.min_values !== 0, selected: chosen === undefined },
      placeholder,
    ),
    options.map((option) =>
      h("option", { value: option.value, selected: option === chosen }, label(option)),
    ),
  );
  element.addEventListener("change", () =>
    showBusyWhile(element, () => onUse(component, element.value === "" ? [] : [element.value])),
  );
  return element;
}

const chosenLabels = (options) =>
  options
    .filter((option) => option.default)
    .map((option) => option.label)
    .join(", ");

function multiSelect(component, options, onUse) {
  const placeholder = component.placeholder ?? "Make a selection";
  const minimum = component.min_values ?? 1;
  const boxes = options.map((option) =>
    h("input", { type: "checkbox", value: option.value, checked: option.default }),
  );
  const values = () => boxes.filter((box) => box.checked).map((box) => box.value);
  const apply = h("button", { type: "button", class: "button button-primary" }, "Apply");
  const refresh = () => {
    apply.disabled = values().length < minimum;
    const full = values().length >= component.max_values;
    for (const box of boxes) box.disabled = full && !box.checked;
  };
  apply.addEventListener("click", () => showBusyWhile(apply, () => onUse(component, values())));
  const list = h(
    "div",
    { class: "select-list", onchange: refresh },
    options.map((option, index) => h("label", null, boxes[index], label(option))),
  );
  refresh();
  if (component.disabled)
    return h("div", { class: "select is-disabled" }, chosenLabels(options) || placeholder);
  // The opened panel may be outside the visible area.
  const ontoggle = ({ target }) => target.open && target.scrollIntoView({ block: "nearest" });
  return h(
    "details",
    { class: "select-many", ontoggle },
    h(
      "summary",
      { class: "select", "data-control": component.custom_id },
      chosenLabels(options) || placeholder,
    ),
    h("div", { class: "select-panel" }, list, apply),
  );
}
