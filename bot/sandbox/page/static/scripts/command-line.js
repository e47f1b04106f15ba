// The line of the command box: the chosen command, a field for each option in use, and a last field
// for adding options.

import { parseTyped } from "./command-options.js";
import { CommandField } from "./command-field.js";
import { h } from "./dom.js";

const PLACEHOLDER = "Type / to see the commands";

export class CommandLine {
  leaf = null; // the command being typed, with its path and options
  fields = [];
  #makeInput;

  /** `makeInput(attributes)` creates each text field with its event listeners. */
  constructor(makeInput) {
    this.#makeInput = makeInput;
    this.name = h("span", { class: "command-name", hidden: true });
    this.main = makeInput({
      id: "command-input",
      class: "command-main",
      "aria-label": "Command",
      placeholder: PLACEHOLDER,
    });
    this.element = h("div", { class: "command-line" }, this.name, this.main);
    this.element.addEventListener("click", (event) => {
      if (event.target === this.element) this.main.focus();
    });
  }

  clear() {
    for (const field of this.fields) field.element.remove();
    this.fields = [];
    this.leaf = null;
    this.name.hidden = true;
    this.main.value = "";
    this.main.placeholder = PLACEHOLDER;
  }

  /** Start a command with texts by option name; required options always get a field. */
  choose(leaf, values) {
    this.clear();
    this.leaf = leaf;
    this.name.textContent = `/${leaf.path}`;
    this.name.hidden = false;
    for (const option of leaf.options) {
      if (option.required || values.has(option.name))
        this.add(option, values.get(option.name) ?? "");
    }
    this.main.placeholder = this.remaining.length > 0 ? "Add an option, or press Enter" : "Press Enter to run";
  }

  /** Parse a typed or pasted command line; returns false if there is no such command. */
  chooseTyped(text, leaves) {
    const leaf = leaves.find((other) => text.startsWith(`${other.path} `));
    if (leaf) this.choose(leaf, parseTyped(text.slice(leaf.path.length), leaf.options));
    return leaf !== undefined;
  }

  add(option, text = "") {
    const field = new CommandField(option, text, this.#makeInput);
    this.fields.push(field);
    this.main.before(field.element);
    this.main.value = "";
    return field;
  }

  remove(field) {
    this.fields = this.fields.filter((other) => other !== field);
    field.element.remove();
    this.main.focus();
  }

  fieldOf(input) {
    return this.fields.find((field) => field.input === input);
  }

  /** The options that have no field yet. */
  get remaining() {
    return this.leaf.options.filter(
      (option) => !this.fields.some((field) => field.option === option),
    );
  }

  /** The field to fill in next, or the last one of the line. */
  get nextInput() {
    return this.fields.find((field) => field.input.value.trim() === "")?.input ?? this.main;
  }

  /** The field before this one (undefined: before the last), or null at the beginning. */
  before(field) {
    const index = field ? this.fields.indexOf(field) : this.fields.length;
    return this.fields[index - 1] ?? null;
  }

  /** Why the command can't be run, as {message, input}, or null. */
  problem(guild) {
    const typed = this.main.value.trim();
    if (this.leaf === null) {
      const unknown = `No command ${typed} is available to you. Choose one from the list.`;
      const other = typed.startsWith("/") ? unknown : "Only commands work here. Type / to see them.";
      const message = typed === "" ? PLACEHOLDER : other;
      return { message, input: this.main };
    }
    if (typed !== "") {
      return { message: `/${this.leaf.path} has no option “${typed}”`, input: this.main };
    }
    for (const field of this.fields) {
      const { error } = field.read(guild);
      if (error !== undefined) return { message: error, input: field.input };
    }
    return null;
  }

  /** The fields with a file, which must be uploaded before the command runs. */
  get files() {
    return this.fields.filter((field) => field.file !== null);
  }

  /** The values of the filled fields; the focused one is sent as typed, as autocomplete requires. */
  values(guild, focused = null) {
    const values = [];
    for (const field of this.fields) {
      const { name, type } = field.option;
      const { value, error } = field.read(guild);
      if (field === focused) values.push({ name, type, value: field.input.value, focused: true });
      else if (error === undefined) values.push({ name, type, value });
    }
    return values;
  }
}
