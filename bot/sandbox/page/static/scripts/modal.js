// Modals: forms that the bot opens; submitting one sends the values to the bot.
// https://discord.com/developers/docs/components/reference#text-input

import { submitModal } from "./api.js";
import { label as optionLabel, selectOptions } from "./components.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const TEXT_INPUT = 4;
const PARAGRAPH = 2;

/** Open the modals that the bot sends to this person. */
export function handleModals(world) {
  world.addEventListener("modal", ({ detail }) => {
    const fields = detail.modal.components.map((part) => field(part, world.entityOptions));
    openDialog({
      title: detail.modal.title,
      submitLabel: "Submit",
      content: fields.map(({ element }) => element),
      save: () =>
        submitModal(
          world.person.id,
          detail.interaction_id,
          Object.fromEntries(fields.map(({ name, read }) => [name, read()])),
        ),
    });
  });
}

/** A part of a modal: its element, its custom_id, and a function that reads its value. */
function field(part, entityOptions) {
  const input = part.component ?? part.components[0];
  const control = input.type === TEXT_INPUT ? textInput(input) : select(input, entityOptions);
  const title = part.label ?? input.label;
  const named = [
    title,
    input.required ? h("span", { class: "required", "aria-hidden": "true" }, " *") : null,
    part.description ? h("small", { class: "muted" }, part.description) : null,
  ];
  const element = control.group
    ? h("fieldset", { class: "modal-field" }, h("legend", null, ...named), control.element)
    : h("label", { class: "field-label modal-field" }, ...named, control.element);
  return { element, name: input.custom_id, read: control.read };
}

function textInput(input) {
  const attributes = {
    class: "field",
    name: input.custom_id,
    placeholder: input.placeholder,
    required: input.required,
    minlength: input.min_length,
    maxlength: input.max_length ?? 4000,
    autocomplete: "off",
  };
  const element =
    input.style === PARAGRAPH
      ? h("textarea", { ...attributes, rows: "4" }, input.value ?? "")
      : h("input", { ...attributes, type: "text", value: input.value });
  return { element, read: () => element.value };
}

function select(input, entityOptions) {
  const options = selectOptions(input, entityOptions) ?? [];
  if (input.max_values > 1) return checkboxes(options);
  const chosen = options.find((option) => option.default)?.value ?? "";
  const element = h(
    "select",
    { class: "field", name: input.custom_id, required: input.required },
    h("option", { value: "", selected: chosen === "" }, input.placeholder ?? "Make a selection"),
    options.map((option) =>
      h("option", { value: option.value, selected: option.value === chosen }, optionLabel(option)),
    ),
  );
  return { element, read: () => (element.value === "" ? [] : [element.value]) };
}

function checkboxes(options) {
  const inputs = options.map((option) =>
    h("input", { type: "checkbox", value: option.value, checked: option.default }),
  );
  const element = h(
    "div",
    { class: "select-list" },
    options.map((option, index) => h("label", null, inputs[index], optionLabel(option))),
  );
  const read = () => inputs.filter((box) => box.checked).map((box) => box.value);
  return { element, read, group: true };
}
