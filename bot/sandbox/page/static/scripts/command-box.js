// Where commands are typed. One line: the command, a field per option, and a last field that offers
// what may be added. Keys: arrows choose, Tab or Enter take, Enter runs, Escape closes and then
// clears, Backspace in an empty field goes back.

import * as api from "./api.js";
import {
  optionObjects,
  parseTyped,
  typeableCommands,
  localSuggestions,
} from "./command-options.js";
import {
  choiceSuggestions,
  commandSuggestions,
  narrow,
  optionSuggestions,
} from "./command-suggestions.js";
import { comboBox, CommandField } from "./command-field.js";
import { h, icon } from "./dom.js";
import { SuggestionList } from "./suggestion-list.js";

const TYPING_PAUSE = 120; // milliseconds of quiet before the bot is asked to complete
const ASK = "Type / to see the commands";

export class CommandBox {
  #world;
  #leaf = null;
  #fields = [];
  #asked = 0; // number of the latest autocomplete question; older answers are dropped
  #pause = null;

  constructor(root, world) {
    this.#world = world;
    this.list = new SuggestionList();
    this.name = h("span", { class: "command-name", hidden: true });
    this.main = this.#textField({
      id: "command-input",
      class: "command-main",
      "aria-label": "Command",
      placeholder: ASK,
    });
    this.line = h("div", { class: "command-line" }, this.name, this.main);
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
    this.line.addEventListener("click", (event) => {
      if (event.target === this.line) this.main.focus();
    });
    root.append(
      this.list.element,
      h("div", { class: "command-frame" }, this.line, this.send),
      this.hint,
    );
    root.addEventListener("focusout", (event) => {
      if (!root.contains(event.relatedTarget)) this.list.hide();
    });
    this.#updateHint();
  }

  /** Put a command in the box as if it had been typed; false if this person has no such command. */
  fill(path, values = {}) {
    const leaf = this.#leaves().find((other) => other.path === path);
    if (!leaf) return false;
    this.#choose(leaf, new Map(Object.entries(values)));
    return true;
  }

  /** Start a command from anywhere on the page. */
  begin() {
    this.clear();
    this.main.value = "/";
    this.main.focus();
  }

  clear() {
    for (const field of this.#fields) field.element.remove();
    this.#fields = [];
    this.#leaf = null;
    this.name.hidden = true;
    this.main.value = "";
    this.main.placeholder = ASK;
    this.list.hide();
    this.#updateHint();
  }

  #leaves() {
    return typeableCommands(this.#world.commands.filter((command) => this.#world.mayUse(command)));
  }

  #textField(attributes) {
    const input = comboBox(attributes);
    input.addEventListener("input", () => this.#typed(input));
    input.addEventListener("focus", () => this.#suggest(input));
    input.addEventListener("click", () => this.list.isOpen || this.#suggest(input));
    input.addEventListener("keydown", (event) => this.#key(event, input));
    return input;
  }

  #typed(input) {
    const field = this.#fieldOf(input);
    if (field) {
      field.typed();
      const next = this.#remaining().find((other) => input.value.endsWith(` ${other.name}:`));
      if (next) {
        input.value = input.value.slice(0, -next.name.length - 1).trim();
        return this.#addField(next).input.focus();
      }
    } else if (this.#leaf === null) {
      const text = input.value.replace(/^\//, "");
      const leaf = this.#leaves().find((other) => text.startsWith(`${other.path} `));
      if (leaf) return this.#choose(leaf, parseTyped(text.slice(leaf.path.length), leaf.options));
    } else {
      const option = this.#remaining().find((other) => input.value === `${other.name}:`);
      if (option) return this.#addField(option).input.focus();
    }
    return this.#suggest(input);
  }

  #fieldOf(input) {
    return this.#fields.find((field) => field.input === input);
  }

  #remaining() {
    return this.#leaf.options.filter(
      (option) => !this.#fields.some((field) => field.option === option),
    );
  }

  #choose(leaf, values = new Map()) {
    this.clear();
    this.#leaf = leaf;
    this.name.textContent = `/${leaf.path}`;
    this.name.hidden = false;
    for (const option of leaf.options) {
      if (option.required || values.has(option.name))
        this.#addField(option, values.get(option.name) ?? "");
    }
    this.main.placeholder = this.#remaining().length > 0 ? "an option, or Enter" : "Enter runs it";
    this.#focusNext();
  }

  #addField(option, text = "") {
    const field = new CommandField(option, text, (attributes) => this.#textField(attributes));
    this.#fields.push(field);
    this.main.before(field.element);
    this.main.value = "";
    return field;
  }

  #removeField(field) {
    this.#fields = this.#fields.filter((other) => other !== field);
    field.element.remove();
    this.main.focus();
  }

  #focusNext() {
    const empty = this.#fields.find((field) => field.input.value.trim() === "");
    (empty?.input ?? this.main).focus();
    this.#suggest(empty?.input ?? this.main);
  }

  #suggest(input) {
    clearTimeout(this.#pause);
    this.#asked += 1;
    this.#updateHint(this.#fieldOf(input));
    const field = this.#fieldOf(input);
    if (field) this.#suggestValues(field);
    else if (this.#leaf) this.#suggestOptions();
    else this.#suggestCommands();
  }

  #suggestCommands() {
    const typed = this.main.value;
    if (typed === "") return this.list.hide();
    return this.list.show(this.main, {
      ...commandSuggestions(typed, this.#leaves(), typeableCommands(this.#world.commands)),
      preselect: true,
      onPick: ({ leaf }) => this.#choose(leaf),
    });
  }

  #suggestOptions() {
    const typed = this.main.value.trim().toLowerCase();
    this.list.show(this.main, {
      ...optionSuggestions(typed, this.#leaf, this.#remaining()),
      preselect: typed !== "",
      onPick: ({ option }) => this.#addField(option).input.focus(),
    });
  }

  #suggestValues(field) {
    const { option, input } = field;
    const local = localSuggestions(option, this.#world.guild);
    if (local) this.#showValues(field, narrow(local, field.chosen ? "" : input.value));
    else if (option.autocomplete) this.#pause = setTimeout(() => this.#askBot(field), TYPING_PAUSE);
    else this.list.hide();
  }

  async #askBot(field) {
    const question = this.#asked;
    const { person, channelId } = this.#world;
    const options = optionObjects(this.#leaf, this.#values(field));
    try {
      const answer = await api.autocomplete(person.id, channelId, this.#leaf.command.id, options);
      if (question === this.#asked) this.#showValues(field, choiceSuggestions(answer.choices));
    } catch (error) {
      if (question === this.#asked) this.#say(error.message);
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

  /** Option objects for what is filled in; the focused one goes as typed, as autocomplete wants. */
  #values(focused) {
    const values = [];
    for (const field of this.#fields) {
      const { name, type } = field.option;
      const { value, error } = field.read(this.#world.guild);
      if (field === focused) values.push({ name, type, value: field.input.value, focused: true });
      else if (error === undefined) values.push({ name, type, value });
    }
    return values;
  }

  #key(event, input) {
    if (event.isComposing) return;
    const field = this.#fieldOf(input);
    const take = event.key === "Enter" || (event.key === "Tab" && !event.shiftKey);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (this.list.isOpen) this.list.move(event.key === "ArrowDown" ? 1 : -1);
      else this.#suggest(input);
    } else if (take && this.list.hasActive) {
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
      this.#goBack(field);
    }
  }

  #escape() {
    if (this.list.isOpen) return this.list.hide();
    this.clear();
    return this.main.focus();
  }

  #goBack(field) {
    if (field && !field.option.required) return this.#removeField(field);
    const index = field ? this.#fields.indexOf(field) - 1 : this.#fields.length - 1;
    if (index >= 0) return this.#fields[index].input.focus();
    if (this.#leaf === null) return undefined;
    this.clear();
    return this.main.focus();
  }

  async #run() {
    if (this.#leaf === null)
      return this.#say(
        this.main.value.trim() === "" ? ASK : "Only commands work here: type / to see them",
        this.main,
      );
    if (this.main.value.trim() !== "")
      return this.#say(
        `/${this.#leaf.path} knows no option “${this.main.value.trim()}”`,
        this.main,
      );
    for (const field of this.#fields) {
      const { error } = field.read(this.#world.guild);
      if (error !== undefined) return this.#say(error, field.input);
    }
    const leaf = this.#leaf;
    this.send.disabled = true;
    try {
      await api.runCommand(
        this.#world.person.id,
        this.#world.channelId,
        leaf.command.id,
        optionObjects(leaf, this.#values(null)),
      );
      this.clear();
      this.main.focus();
    } catch (error) {
      this.#say(error.message);
    } finally {
      this.send.disabled = false;
    }
    return undefined;
  }

  /** Say why the command can't be run, at the field to blame. */
  #say(message, input) {
    this.list.hide();
    if (input && input !== this.main) input.setAttribute("aria-invalid", "true");
    input?.focus();
    this.list.hide();
    this.hint.textContent = message;
    this.hint.classList.add("is-error");
  }

  #updateHint(field) {
    this.hint.classList.remove("is-error");
    this.hint.textContent = field?.hint ?? this.#leaf?.description ?? "";
  }
}
