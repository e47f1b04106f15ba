// One option of the command being typed: its name, a text field, and its chosen value.

import { readValue, TYPE, typeName } from "./command-options.js";
import { h } from "./dom.js";

const MIN_CHARACTERS = 4;

/** A text field that owns the list of suggestions while it has the focus. */
export function createComboBox(attributes) {
  return h("input", {
    type: "text",
    role: "combobox",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
    "aria-controls": "suggestions",
    "aria-describedby": "command-hint",
    ...attributes,
  });
}

export class CommandField {
  chosen = null; // a suggestion {label, value}; null if the text was typed and has to be parsed

  constructor(option, text, makeInput) {
    this.option = option;
    const id = `option-${option.name}`;
    this.input =
      option.type === TYPE.ATTACHMENT
        ? h("input", { id, type: "file", "aria-describedby": "command-hint" })
        : makeInput({ id, value: text, placeholder: typeName(option) });
    this.element = h(
      "span",
      { class: "command-field" },
      h("label", { for: id }, option.name),
      this.input,
    );
    this.#fit();
  }

  get hint() {
    const { name, required, description } = this.option;
    return `${name}${required ? "" : " (optional)"}: ${description}`;
  }

  typed() {
    this.chosen = null;
    this.#fit();
  }

  choose(suggestion) {
    this.chosen = suggestion;
    this.input.value = suggestion.label;
    this.#fit();
  }

  /** The chosen file, of an option that takes one. */
  get file() {
    return this.input.files?.[0] ?? null;
  }

  /** {value} to send, or {error} with a message. */
  read(guild) {
    if (this.option.type === TYPE.ATTACHMENT)
      return this.file ? { value: "" } : { error: `${this.option.name}: choose a file` };
    return this.chosen ?? readValue(this.option, this.input.value, guild);
  }

  #fit() {
    this.input.size = Math.max(MIN_CHARACTERS, this.input.value.length);
    this.input.removeAttribute("aria-invalid");
  }
}
