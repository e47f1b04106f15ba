// The box for typing commands, with suggestions above it. Keys: arrows choose, Tab or Enter accept,
// Enter runs, Escape closes and then clears, Backspace in an empty field goes back.

import * as api from "./api.js";
import { createComboBox } from "./command-field.js";
import { CommandLine } from "./command-line.js";
import { optionObjects, flattenCommands, localSuggestions } from "./command-options.js";
import {
  choiceSuggestions,
  commandSuggestions,
  filterSuggestions,
  optionSuggestions,
} from "./command-suggestions.js";
import { h, icon } from "./dom.js";
import { SuggestionList } from "./suggestion-list.js";

const DEBOUNCE_MILLISECONDS = 120; // after the last key, before the bot is asked for choices

export class CommandBox {
  #world;
  #root;
  #requestNumber = 0; // of the latest autocomplete request; older responses are ignored
  #debounceTimer = null;

  constructor(root, world) {
    this.#world = world;
    this.#root = root;
    this.list = new SuggestionList();
    this.line = new CommandLine((attributes) => this.#textField(attributes));
    this.hint = h("p", { id: "command-hint", class: "command-hint", role: "status" });
    this.send = h(
      "button",
      {
        type: "button",
        class: "send-button",
        "aria-label": "Run the command",
        title: "Run the command (Enter)",
      },
      icon("send"),
    );
    this.send.addEventListener("click", () => this.#run());
    root.append(
      this.list.element,
      h("div", { class: "command-frame" }, this.line.element, this.send),
      this.hint,
    );
    root.addEventListener("focusout", (event) => {
      if (!root.contains(event.relatedTarget)) this.list.hide();
    });
    this.#handleFileFields(root);
    world.addEventListener("commands", () => this.#onCommandsChanged());
    this.#updateHint();
  }

  /** Update the open suggestions when the bot registers its commands. */
  #onCommandsChanged() {
    if (this.list.isOpen && this.line.leaf === null) this.#onInput(this.line.main);
  }

  /** A file field has no suggestions; choosing a file moves the focus to the next field. */
  #handleFileFields(root) {
    const isFile = ({ target }) => target.type === "file";
    root.addEventListener("focusin", (event) => {
      if (!isFile(event)) return;
      this.list.hide();
      this.#updateHint(this.line.fieldOf(event.target));
    });
    root.addEventListener("change", (event) => isFile(event) && this.#focusNext());
  }

  /** Whether there is no command box in the open channel, as in a forum. */
  get isHidden() {
    return this.#root.hidden;
  }

  /** Put a command in the box as if it had been typed; false if this person has no such command. */
  fillCommand(path, values = {}) {
    const leaf = this.#leaves().find((other) => other.path === path);
    if (!leaf) return false;
    this.#choose(leaf, new Map(Object.entries(values)));
    return true;
  }

  /** Start a command from anywhere on the page. */
  startCommand() {
    this.clear();
    this.line.main.value = "/";
    this.line.main.focus();
  }

  clear() {
    this.line.clear();
    this.list.hide();
    this.#updateHint();
  }

  #leaves() {
    return flattenCommands(this.#world.commandsHere.filter((command) => this.#world.mayUse(command)));
  }

  #textField(attributes) {
    const input = createComboBox(attributes);
    input.addEventListener("input", () => this.#onInput(input));
    input.addEventListener("focus", () => this.#suggest(input));
    input.addEventListener("click", () => this.list.isOpen || this.#suggest(input));
    input.addEventListener("keydown", (event) => this.#onKeyDown(event, input));
    return input;
  }

  #onInput(input) {
    const { line } = this;
    const field = line.fieldOf(input);
    if (field) {
      field.typed();
      const next = line.remaining.find((other) => input.value.endsWith(` ${other.name}:`));
      if (next) {
        input.value = input.value.slice(0, -next.name.length - 1).trim();
        return line.add(next).input.focus();
      }
    } else if (line.leaf === null) {
      if (this.#chooseTyped(input.value)) {
        this.list.hide();
        return this.#focusNext();
      }
    } else {
      const option = line.remaining.find((other) => input.value === `${other.name}:`);
      if (option) return line.add(option).input.focus();
    }
    return this.#suggest(input);
  }

  #chooseTyped(text) {
    return this.line.chooseTyped(text.replace(/^\//, ""), this.#leaves());
  }

  #choose(leaf, values = new Map()) {
    this.line.choose(leaf, values);
    this.list.hide();
    this.#focusNext();
  }

  #focusNext() {
    const input = this.line.nextInput;
    input.focus();
    this.#suggest(input);
  }

  #suggest(input) {
    clearTimeout(this.#debounceTimer);
    this.#requestNumber += 1;
    const field = this.line.fieldOf(input);
    this.#updateHint(field);
    if (field) this.#suggestValues(field);
    else if (this.line.leaf) this.#suggestOptions();
    else this.#suggestCommands();
  }

  #suggestCommands() {
    const typed = this.line.main.value;
    if (typed === "") return this.list.hide();
    return this.list.show(this.line.main, {
      ...commandSuggestions(typed, this.#leaves(), flattenCommands(this.#world.commandsHere)),
      preselect: true,
      onPick: ({ leaf }) => this.#choose(leaf),
    });
  }

  #suggestOptions() {
    const typed = this.line.main.value.trim().toLowerCase();
    this.list.show(this.line.main, {
      ...optionSuggestions(typed, this.line.leaf, this.line.remaining),
      preselect: typed !== "",
      onPick: ({ option }) => this.line.add(option).input.focus(),
    });
  }

  #suggestValues(field) {
    const { option, input } = field;
    const local = localSuggestions(option, this.#world.guild);
    if (local) this.#showValues(field, filterSuggestions(local, field.chosen ? "" : input.value));
    else if (option.autocomplete) {
      this.list.hideUnlessOf(input);
      this.#debounceTimer = setTimeout(() => this.#fetchChoices(field), DEBOUNCE_MILLISECONDS);
    } else this.list.hide();
  }

  async #fetchChoices(field) {
    const requestNumber = this.#requestNumber;
    const { person, channelId, guild } = this.#world;
    const { leaf } = this.line;
    const options = optionObjects(leaf, this.line.values(guild, field));
    try {
      const answer = await api.autocomplete(person.id, channelId, leaf.command.id, options);
      if (requestNumber === this.#requestNumber)
        this.#showValues(field, choiceSuggestions(answer.choices));
    } catch (error) {
      if (requestNumber === this.#requestNumber) this.#showError(error.message);
    }
  }

  #showValues(field, items) {
    this.list.show(field.input, {
      title: `${field.option.name} — ${field.option.description}`,
      items,
      preselect: true,
      onPick: (chosen) => {
        field.choose(chosen);
        this.#focusNext();
      },
    });
  }

  #onKeyDown(event, input) {
    if (event.isComposing) return;
    const accepts = event.key === "Enter" || (event.key === "Tab" && !event.shiftKey);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.isOpen) this.list.move(event.key === "ArrowDown" ? 1 : -1);
      else this.#suggest(input);
    } else if (accepts && this.list.hasActive) {
      event.preventDefault();
      this.list.pickActive();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#run();
    } else if (event.key === "Escape") {
      event.stopPropagation();
      this.#escape();
    } else if (event.key === "Backspace" && input.value === "") {
      event.preventDefault();
      this.#goBack(this.line.fieldOf(input));
    }
  }

  #escape() {
    if (this.list.isOpen) return this.list.hide();
    this.clear();
    return this.line.main.focus();
  }

  #goBack(field) {
    if (field && !field.option.required) return this.line.remove(field);
    const earlier = this.line.before(field);
    if (earlier) return earlier.input.focus();
    if (this.line.leaf === null) return undefined;
    this.clear();
    return this.line.main.focus();
  }

  async #run() {
    if (this.send.disabled) return undefined; // it is being sent already
    const { person, channelId, guild } = this.#world;
    if (this.line.leaf === null) this.#chooseTyped(`${this.line.main.value.trim()} `);
    const problem = this.line.problem(guild);
    if (problem) return this.#showError(problem.message, problem.input);
    const { leaf } = this.line;
    const values = this.line.values(guild);
    this.send.disabled = true;
    try {
      for (const { option, file } of this.line.files) {
        const value = values.find(({ name }) => name === option.name);
        value.value = await api.uploadFile(person.id, channelId, file);
      }
      const options = optionObjects(leaf, values);
      await api.runCommand(person.id, channelId, leaf.command.id, options);
      this.#world.completeStep(`run ${leaf.path}`);
      if (values.length > 0) this.#world.completeStep(`run ${leaf.path} with options`);
      this.clear();
      this.line.main.focus();
    } catch (error) {
      this.#showError(error.message);
    } finally {
      this.send.disabled = false;
    }
    return undefined;
  }

  /** Show why the command can't run, and focus the field that causes it. */
  #showError(message, input) {
    this.list.hide();
    if (input && input !== this.line.main) input.setAttribute("aria-invalid", "true");
    input?.focus();
    this.list.hide();
    this.hint.textContent = message;
    this.hint.classList.add("is-error");
  }

  #updateHint(field) {
    this.hint.classList.remove("is-error");
    this.hint.textContent = field?.hint ?? this.line.leaf?.description ?? "";
  }
}
