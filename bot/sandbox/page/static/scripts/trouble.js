// What can be made to go wrong, for a reader who wants to see that the bot gets over it.

import { makeTrouble } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const CLEAR = "clear";

/** The dialog for `world`'s admin; `onDone(message)` says what has been done. */
export function openTrouble(world, { onDone }) {
  const make = async (name) => onDone((await makeTrouble(world.person.id, name)).message);
  const clear = world.faults.find(({ name }) => name === CLEAR);
  const rows = world.faults
    .filter((fault) => fault !== clear)
    .map((fault) => {
      const row = h(
        "button",
        {
          type: "button",
          class: "trouble",
          "aria-label": fault.label,
          "aria-describedby": `trouble-${fault.name}`,
        },
        h("strong", null, fault.label),
        h("small", { id: `trouble-${fault.name}` }, fault.description),
      );
      row.addEventListener("click", () => dialog.attempt(() => make(fault.name)));
      return h("li", null, row);
    });
  const dialog = openDialog({
    title: "Make trouble",
    verb: clear?.label ?? "Clear",
    cancelled: "Close",
    wide: true,
    content: [
      h(
        "p",
        { class: "dialog-about" },
        "What Discord or the network does at times, done on purpose. Make one, drop a story, and ",
        "watch: each story is told once all the same. “What the bot did” shows its requests.",
      ),
      h("ul", { class: "troubles", "aria-label": "What can go wrong" }, rows),
    ],
    save: () => make(CLEAR),
  });
}
