// The dialog for simulating failures of Discord and the network.

import { applyFault } from "./api.js";
import { openDialog } from "./dialog.js";
import { h } from "./dom.js";

const CLEAR = "clear";

/** Open the dialog; `onDone(message)` reports the result. */
export function openFaultDialog(world, { onDone }) {
  const apply = async (name) => onDone((await applyFault(world.person.id, name)).message);
  const clear = world.faults.find(({ name }) => name === CLEAR);
  const rows = world.faults
    .filter((fault) => fault !== clear)
    .map((fault) => {
      const row = h(
        "button",
        {
          type: "button",
          class: "fault",
          "aria-label": fault.label,
          "aria-describedby": `fault-${fault.name}`,
        },
        h("strong", null, fault.label),
        h("small", { id: `fault-${fault.name}` }, fault.description),
      );
      row.addEventListener("click", () => dialog.runAndClose(() => apply(fault.name)));
      return h("li", null, row);
    });
  const dialog = openDialog({
    title: "Simulate a failure",
    submitLabel: clear?.label ?? "Clear",
    cancelLabel: "Close",
    isWide: true,
    content: [
      h(
        "p",
        { class: "dialog-about" },
        "Discord and the network sometimes fail. Choose a failure, then drop a story and watch a ",
        "subscribed channel: the bot still posts the story exactly once. Its requests are listed in ",
        "the “Bot requests” panel.",
      ),
      h("ul", { class: "faults", "aria-label": "Failures" }, rows),
    ],
    save: () => apply(CLEAR),
  });
}
