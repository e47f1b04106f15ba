// Where commands are typed. One line: the command, a field per option, and a last field that offers what may be added.
// Keys: arrows choose, Tab or Enter take, Enter runs, Escape closes and then clears, Backspace in an empty field goes back.

import * as api from "./api.js";
import { localSuggestions, matchCommands, narrow, optionObjects, parseTyped, readValue, typeableCommands, typeName } from "./command-options.js";
import { h, icon } from "./dom.js";
import { SuggestionList } from "./suggestion-list.js";

const TYPING_PAUSE = 120; // milliseconds of quiet before the bot is asked to complete
const ASK = "Type / to see the commands";

export class CommandBox {
  #world;
  #leaf = null;
  #fields = []; // {option, element, input, chosen: {label, value} | null}
  #asked = 0; // number of the latest autocomplete question; older answers are dropped
  #pause = null;

  constructor(root, world) {
    this.#world = world;
    this.list = new SuggestionList();
    this.name = h("span", { class: "command-name", hidden: true });
    this.main = this.#textField({ id: "command-input", class: "command-main", "aria-label": "Command", "aria-describedby": "command-hint", placeholder: ASK });
    this.line = h("div", { class: "command-line" }, this.name, this.main);
    this.hint = h("p", { id: "command-hint", class: "command-hint", role: "status" });
    this.send = h("button", { type: "button", class: "send-button", "aria-label": "Run the command", title: "Run the command (Enter)" }, icon("send"));
    this.send.addEventListener("click", () => this.#run());
    this.line.addEventListener("click", (event) => {
      if (event.target === this.line) this.main.focus();
    });
    root.append(this.list.element, h("div", { class: "command-frame" }, this.line, this.send), this.hint);
    root.addEventListener("focusout", (event) => {
      if (!root.contains(event.relatedTarget)) this.list.hide();
    });
    this.#updateHint();
  }

  /** Put a command in the box as if it had been typed, ready to be completed or run; false if this person has no such command. */
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
    const input = h("input", { type: "text", role: "combobox", autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": "suggestions", ...attributes });
    input.addEventListener("input", () => this.#typed(input));
    input.addEventListener("focus", () => this.#suggest(input));
    input.addEventListener("click", () => this.list.isOpen || this.#suggest(input));
    input.addEventListener("keydown", (event) => this.#key(event, input));
    return input;
  }

  #typed(input) {
    const field = this.#fieldOf(input);
    if (field) {
      field.chosen = null;
      input.size = Math.max(4, input.value.length);
      input.removeAttribute("aria-invalid");
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
    return this.#leaf.options.filter((option) => !this.#fields.some((field) => field.option === option));
  }

  #choose(leaf, values = new Map()) {
    this.clear();
    this.#leaf = leaf;
    this.name.textContent = `/${leaf.path}`;
    this.name.hidden = false;
    for (const option of leaf.options) {
      if (option.required || values.has(option.name)) this.#addField(option, values.get(option.name) ?? "");
    }
    this.main.placeholder = this.#remaining().length > 0 ? "an option, or Enter" : "Enter runs it";
    this.#focusNext();
  }

  #addField(option, text = "") {
    const id = `option-${option.name}`;
    const input = this.#textField({ id, value: text, size: Math.max(4, text.length), placeholder: typeName(option), "aria-describedby": "command-hint", inputmode: option.type === 4 ? "numeric" : null });
    const element = h("span", { class: "command-field" }, h("label", { for: id }, option.name), input);
    const field = { option, element, input, chosen: null };
    this.#fields.push(field);
    this.main.before(element);
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
    const all = typeableCommands(this.#world.commands);
    const mine = this.#leaves();
    const found = matchCommands(mine, typed);
    const hidden = all.length - mine.length;
    const needsAdmin = hidden > 0 ? `${hidden} more ${hidden === 1 ? "command is" : "commands are"} for admins: act as one to use them.` : "";
    const none = this.#world.commands.length === 0 ? "The bot has registered no commands yet." : `No command matches “${typed}”. ${needsAdmin}`;
    return this.list.show(this.main, {
      title: "Commands",
      items: found.map((leaf) => ({ label: `/${leaf.path}`, detail: leaf.description, tag: leaf.options.filter((option) => option.required).map((option) => option.name).join(" "), leaf })),
      note: found.length === 0 ? none : needsAdmin,
      preselect: true,
      onPick: ({ leaf }) => this.#choose(leaf),
    });
  }

  #suggestOptions() {
    const typed = this.main.value.trim().toLowerCase();
    const options = this.#remaining().filter((option) => option.name.startsWith(typed));
    this.list.show(this.main, {
      title: `What /${this.#leaf.path} may be told`,
      items: options.map((option) => ({ label: option.name, detail: option.description, option })),
      preselect: typed !== "",
      onPick: ({ option }) => this.#addField(option).input.focus(),
    });
  }

  #suggestValues(field) {
    const { option, input } = field;
    const local = localSuggestions(option, this.#world.guild);
    if (local) return this.#showValues(field, narrow(local, field.chosen ? "" : input.value));
    if (!option.autocomplete) return this.list.hide();
    const question = this.#asked;
    this.#pause = setTimeout(async () => {
      const values = optionObjects(this.#leaf, this.#values(field));
      try {
        const answer = await api.autocomplete(this.#world.person.id, this.#world.channelId, this.#leaf.command.id, values);
        if (question === this.#asked) this.#showValues(field, answer.choices.map((choice) => ({ label: choice.name, detail: "", value: choice.value })));
      } catch (error) {
        if (question === this.#asked) this.#say(error.message);
      }
    }, TYPING_PAUSE);
    return undefined;
  }

  #showValues(field, items) {
    this.list.show(field.input, {
      title: `${field.option.name} — ${field.option.description}`,
      items,
      preselect: true,
      onPick: (chosen) => {
        field.chosen = chosen;
        field.input.value = chosen.label;
        field.input.size = Math.max(4, chosen.label.length);
        field.input.removeAttribute("aria-invalid");
        this.#focusNext();
      },
    });
  }

  /** Option objects for what is filled in so far; the focused one goes as typed, as autocomplete wants it. */
  #values(focused) {
    const values = [];
    for (const field of this.#fields) {
      const { name, type } = field.option;
      const read = field.chosen ?? readValue(field.option, field.input.value, this.#world.guild);
      if (field === focused) values.push({ name, type, value: field.input.value, focused: true });
      else if (read.error === undefined) values.push({ name, type, value: read.value });
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
      if (this.list.isOpen) this.list.hide();
      else this.clear();
      this.main.focus();
      event.stopPropagation();
    } else if (event.key === "Backspace" && input.value === "") {
      event.preventDefault();
      this.#goBack(field);
    }
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
    if (this.#leaf === null) return this.#say(this.main.value.trim() === "" ? ASK : "Only commands work here: type / to see them", this.main);
    if (this.main.value.trim() !== "") return this.#say(`/${this.#leaf.path} knows no option “${this.main.value.trim()}”`, this.main);
    for (const field of this.#fields) {
      const read = field.chosen ?? readValue(field.option, field.input.value, this.#world.guild);
      if (read.error !== undefined) return this.#say(read.error, field.input);
    }
    const leaf = this.#leaf;
    this.send.disabled = true;
    try {
      await api.runCommand(this.#world.person.id, this.#world.channelId, leaf.command.id, optionObjects(leaf, this.#values(null)));
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
    if (field) this.hint.textContent = `${field.option.name}${field.option.required ? "" : " (optional)"}: ${field.option.description}`;
    else this.hint.textContent = this.#leaf ? this.#leaf.description : "";
  }
}
