// The list that opens above the command box: a listbox controlled by the text field that owns it.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/

import { h } from "./dom.js";

export class SuggestionList {
  #items = [];
  #active = -1;
  #owner = null;
  #pick = null;

  constructor() {
    this.title = h("p", { class: "suggestions-title" });
    this.list = h("ul", { id: "suggestions", role: "listbox", "aria-label": "Suggestions" });
    this.note = h("p", { class: "suggestions-note" });
    const keys = h(
      "p",
      { class: "suggestions-keys", "aria-hidden": "true" },
      h("kbd", null, "↑"),
      h("kbd", null, "↓"),
      " choose ",
      h("kbd", null, "Tab"),
      " or ",
      h("kbd", null, "Enter"),
      " accept ",
      h("kbd", null, "Esc"),
      " close",
    );
    this.element = h(
      "div",
      { class: "suggestions", hidden: true },
      this.title,
      this.list,
      this.note,
      keys,
    );
    // Keep the focus in the text field while the mouse chooses.
    this.element.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  get isOpen() {
    return !this.element.hidden;
  }
  get hasActive() {
    return this.isOpen && this.#active >= 0;
  }

  /**
   * Show items [{mark, label, detail, tag, value}] for a text field; `preselect` highlights the
   * first.
   */
  show(owner, { title, items, note = "", preselect, onPick }) {
    this.hideUnlessOf(owner);
    this.#owner = owner;
    this.#items = items;
    this.#pick = onPick;
    this.title.textContent = title;
    this.note.textContent = note;
    this.note.hidden = note === "";
    this.list.replaceChildren(...items.map((item, index) => this.#row(item, index)));
    this.element.hidden = items.length === 0 && note === "";
    owner.setAttribute("aria-expanded", String(this.isOpen));
    this.#activate(preselect && items.length > 0 ? 0 : -1);
  }

  #row(item, index) {
    const row = h(
      "li",
      { id: `suggestion-${index}`, role: "option", "aria-selected": "false" },
      h(
        "span",
        { class: "suggestion-label" },
        item.label,
        item.tag ? h("span", { class: "suggestion-tag" }, item.tag) : null,
      ),
      item.detail ? h("span", { class: "suggestion-detail" }, item.detail) : null,
    );
    row.addEventListener("click", () => this.#pick(this.#items[index]));
    row.addEventListener("pointermove", () => this.#activate(index, false));
    return row;
  }

  #activate(index, scroll = true) {
    if (
      index === this.#active &&
      index >= 0 &&
      this.list.children[index].getAttribute("aria-selected") === "true"
    )
      return;
    this.list.children[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = index;
    const row = this.list.children[index];
    row?.setAttribute("aria-selected", "true");
    if (scroll) row?.scrollIntoView({ block: "nearest" });
    if (row) this.#owner.setAttribute("aria-activedescendant", row.id);
    else this.#owner?.removeAttribute("aria-activedescendant");
  }

  move(step) {
    const count = this.#items.length;
    if (!this.isOpen || count === 0) return;
    const from = this.#active < 0 && step < 0 ? 0 : this.#active;
    this.#activate((from + step + count) % count);
  }

  pickActive() {
    this.#pick(this.#items[this.#active]);
  }

  /** Hide what is shown for another text field. */
  hideUnlessOf(owner) {
    if (this.#owner !== owner) this.hide();
  }

  hide() {
    this.element.hidden = true;
    this.#active = -1;
    this.#owner?.setAttribute("aria-expanded", "false");
    this.#owner?.removeAttribute("aria-activedescendant");
  }
}
